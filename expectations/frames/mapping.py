"""Suite `mapping`: is every published cell claimed, and does every mapping find cells?"""

from __future__ import annotations

import polars as pl

from expectations.frame import Frame

# The reason of cells that a source record declares to be out of scope.
DECLARED = "IGNORED"


def prepare_cells(unclaimed: pl.DataFrame) -> Frame:
    """One row per document and reason why cells of it were claimed by no mapping, with an example cell."""
    rows = (
        unclaimed.sort(["source_id", "route", "document", "snapshot_sha256", "reason", "cell_ref"])
        .group_by(["source_id", "route", "document", "snapshot_sha256", "reason"], maintain_order=True)
        .agg(
            pl.len().alias("n_cells"),
            pl.col("cell_ref").first().alias("example_cell"),
            pl.col("labels_text").first().alias("example_labels"),
            pl.col("vintage_at").max().alias("vintage_at"),
            pl.col("source_vi").first().alias("source_vi"),
            pl.col("source_en").first().alias("source_en"),
        )
        .with_columns(pl.format("{}/{}/{}", "route", "document", "reason").alias("subject"))
    )
    return Frame(rows, frozenset({"source_vi", "source_en"}))


def prepare_series(series: pl.DataFrame) -> Frame:
    """One row per series of a mapping whose route has been read, with the number of cells it found."""
    rows = (
        series.filter(pl.col("n_documents") > 0)
        .sort(["source_id", "route", "series_id"])
        .with_columns(pl.format("{}/{}", "route", "series_id").alias("subject"))
    )
    return Frame(rows, frozenset({"source_vi", "source_en", "indicator_vi", "indicator_en", "conditions"}))
