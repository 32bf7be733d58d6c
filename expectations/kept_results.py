"""Results of checks kept by their id, so that what has not changed is not checked again.

`warehouse/checks/<suite>.parquet`: result_id, rule_id, rule_version, outcome (passed or failed). What could
not be checked is not kept: it is tried again. The store is a cache; a file that cannot be read is as good as
none.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from store.files import write_durably

SCHEMA = {"result_id": pl.String, "rule_id": pl.String, "rule_version": pl.Int64, "outcome": pl.String}


def read_results(directory: Path, suite: str) -> dict[str, str]:
    """Outcome by result id; empty when nothing usable is kept."""
    path = directory / f"{suite}.parquet"
    try:
        kept = pl.read_parquet(path, columns=["result_id", "outcome"])
    except (FileNotFoundError, pl.exceptions.PolarsError, OSError):
        return {}
    return dict(zip(kept["result_id"].to_list(), kept["outcome"].to_list(), strict=True))


def keep_results(directory: Path, suite: str, results: Iterable[Mapping[str, str | int]]) -> None:
    """Add results to those kept; the file appears whole or not at all."""
    path = directory / f"{suite}.parquet"
    new = pl.DataFrame(list(results), schema=SCHEMA)
    try:
        kept = pl.read_parquet(path).select(list(SCHEMA))
    except (FileNotFoundError, pl.exceptions.PolarsError, OSError):
        kept = pl.DataFrame(schema=SCHEMA)
    joined = pl.concat([kept, new]).unique(subset=["result_id"], keep="last").sort("result_id")
    write_parquet(path, joined)


def write_parquet(path: Path, rows: pl.DataFrame) -> None:
    """Write a Parquet file that appears whole or not at all."""
    buffer = io.BytesIO()
    rows.write_parquet(buffer, compression="zstd", statistics=False)
    write_durably(path, buffer.getvalue())
