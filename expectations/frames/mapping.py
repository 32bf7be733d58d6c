"""Suite `mapping`: is every published cell claimed, does every mapping find cells, and is a table what it was?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from expectations.frame import Frame
from expectations.messages import LANGUAGES
from sources.text.period_words import Language

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


# What a change of structure is, in words; `what`, `was`, `dimension` and `n` are filled in.
_CHANGES: dict[str, dict[Language, str]] = {
    "table_vanished": {"vi": "không còn bảng này", "en": "the table is gone"},
    "table_new": {"vi": "là bảng mới", "en": "the table is new"},
    "table_renamed": {"vi": "đổi tên, trước đây là {was}", "en": "the table was called {was}"},
    "dimension_vanished": {"vi": "không còn chiều {what}", "en": "the dimension {what} is gone"},
    "dimension_new": {"vi": "có thêm chiều {what}", "en": "there is a new dimension {what}"},
    "category_vanished": {
        "vi": "chiều “{dimension}” không còn {n} mục: {what}",
        "en": "{n} categories of “{dimension}” are gone: {what}",
    },
    "category_new": {
        "vi": "chiều “{dimension}” có thêm {n} mục: {what}",
        "en": "“{dimension}” has {n} new categories: {what}",
    },
    "code_changed": {
        "vi": "chiều “{dimension}” đổi mã {n} mục: {what}, trước đây {was}",
        "en": "{n} codes of “{dimension}” changed: {what}, before {was}",
    },
    "period_vanished": {"vi": "không còn {n} kỳ: {what}", "en": "{n} periods are gone: {what}"},
    "unit_vanished": {"vi": "không còn đơn vị tính {what}", "en": "the unit {what} is gone"},
    "unit_new": {"vi": "có thêm đơn vị tính {what}", "en": "there is a new unit {what}"},
    "unit_changed": {
        "vi": "đơn vị tính nay là {what}, trước đây là {was}",
        "en": "the unit is now {what}, before it was {was}",
    },
}


def prepare_drift(changes: pl.DataFrame) -> Frame:
    """One row per table, kind and dimension of what a new snapshot lists otherwise than the one before."""
    rows = [
        {
            **row,
            **{f"change_{language}": _in_words(row, language) for language in LANGUAGES},
            "subject": "/".join(row[name] for name in ("route", "document", "kind")),
        }
        for row in changes.iter_rows(named=True)
    ]
    words = {name: pl.String for name in ("change_vi", "change_en", "subject")}
    frame = pl.DataFrame(rows, schema={**changes.schema, **words}, orient="row")
    return Frame(frame, frozenset({"source_vi", "source_en", "change_vi", "change_en"}))


def _in_words(row: Mapping[str, Any], language: Language) -> str:
    return _CHANGES[row["kind"]][language].format(
        what=row["what"], was=row["was"], dimension=row["dimension"], n=row["n_changes"]
    )
