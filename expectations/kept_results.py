"""Results of checks kept by what they were worked out from, so that what has not changed is not checked again.

`warehouse/checks/<frame>.parquet`: one row per evidence key, and for each rule that looked at it a column named by
the rule's `identity` with true (passed), false (failed) or null (not asked, or it could not be checked and is
tried again). The store is a cache; a file that cannot be read is as good as none.
"""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import polars as pl

from expectations.frame import EVIDENCE_KEY
from store.files import write_durably


def read_results(directory: Path, frame: str, identities: Sequence[str]) -> pl.DataFrame:
    """One row per evidence key, a column for each identity; empty when nothing usable is kept."""
    path = directory / f"{frame}.parquet"
    try:
        kept = pl.read_parquet(path)
        return kept.select(
            EVIDENCE_KEY,
            *[
                pl.col(name) if name in kept.columns else pl.lit(None, dtype=pl.Boolean).alias(name)
                for name in identities
            ],
        )
    except (FileNotFoundError, pl.exceptions.PolarsError, OSError):
        return pl.DataFrame(schema={EVIDENCE_KEY: pl.String, **dict.fromkeys(identities, pl.Boolean)})


def keep_results(directory: Path, frame: str, kept: pl.DataFrame, results: pl.DataFrame) -> None:
    """Put the results on the rows of this run in place of those kept on them; the file appears whole or not at all.

    Both have the columns of `read_results`. What was kept on other rows stays.
    """
    others = kept.join(results.select(EVIDENCE_KEY), on=EVIDENCE_KEY, how="anti")
    joined = pl.concat([others, results.select(kept.columns)]).sort(EVIDENCE_KEY)
    write_parquet(directory / f"{frame}.parquet", joined)


def read_kept(path: Path | None, schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    """What was kept in a file of just these columns; empty when nothing usable is kept."""
    if path is not None:
        with suppress(FileNotFoundError, pl.exceptions.PolarsError, OSError):
            kept = pl.read_parquet(path)
            if kept.schema == pl.Schema(schema):
                return kept
    return pl.DataFrame(schema=schema)


def write_parquet(path: Path, rows: pl.DataFrame) -> None:
    """Write a Parquet file that appears whole or not at all."""
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", statistics=False)
    write_durably(path, buffer.getvalue())
