"""A prepared frame: one row per thing checked, with all the evidence a rule needs to judge that row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

EVIDENCE_KEY = "evidence_key"

# What a finding says about where it stands. A frame may leave any of them out; they are then empty.
SUBJECT_COLUMNS = (
    "observation_key",
    "indicator_code",
    "area_id",
    "period_id",
    "breakdown",
    "source_id",
    "subject",
    "vintage_at",
)


@dataclass(frozen=True)
class Frame:
    """Rows to check.

    `rows`: one row per thing checked. `display`: columns that only serve messages (names of indicators, areas
    and sources): a renamed source is no reason to check its figures again, so they are no evidence.
    """

    rows: pl.DataFrame
    display: frozenset[str] = frozenset()

    def with_evidence_key(self) -> pl.DataFrame:
        """The rows with a column `evidence_key`: sha256 of everything in the row that is evidence."""
        names = sorted(name for name in self.rows.columns if name not in self.display)
        keys = [_row_digest(names, row) for row in self.rows.select(names).iter_rows()]
        return self.rows.with_columns(pl.Series(EVIDENCE_KEY, keys, dtype=pl.String))


def _row_digest(names: Iterable[str], row: tuple[Any, ...]) -> str:
    text = json.dumps(
        [list(names), [_plain(value) for value in row]], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: Any) -> Any:
    """A JSON value that is the same on every machine; floats by their shortest exact text."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
