"""A prepared frame: one row per thing checked, with all the evidence a rule needs to judge that row."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl

EVIDENCE_KEY = "evidence_key"
# Rows whose texts are held at once; a hash is all that stays of them.
_ROWS_AT_ONCE = 100_000
# What JSON writes otherwise than it stands.
_ESCAPED = r'["\\\x00-\x1f]'

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
        start = json.dumps(names, ensure_ascii=False, separators=(",", ":"))
        keys: list[str] = []
        for part in self.rows.select(names).iter_slices(_ROWS_AT_ONCE):
            texts = pl.DataFrame([_json_texts(part[name]).alias(name) for name in names])
            rows = texts.select(pl.concat_str(names, separator=",").alias("row"))["row"]
            keys += [hashlib.sha256(f"[{start},[{row}]]".encode()).hexdigest() for row in rows]
        return self.rows.with_columns(pl.Series(EVIDENCE_KEY, keys, dtype=pl.String))


def _json_texts(values: pl.Series) -> pl.Series:
    """The JSON text of each value, the same on every machine, never null."""
    if values.dtype == pl.String:
        if values.str.contains(_ESCAPED).any():
            texts = pl.Series([None if value is None else _json(value) for value in values], dtype=pl.String)
        else:
            texts = values.to_frame("value").select(pl.format('"{}"', "value"))["value"]
    elif values.dtype == pl.Boolean or values.dtype.is_integer():
        texts = values.cast(pl.String)
    elif values.dtype.is_temporal():
        # A frame holds few different times.
        unique = values.drop_nulls().unique()
        words = pl.Series([_json(value.isoformat()) for value in unique], dtype=pl.String)
        texts = values.replace_strict(unique, words, return_dtype=pl.String)
    elif values.dtype == pl.Float64:
        texts = pl.Series(
            [None if value is None else f'"{value!r}"' for value in values.to_list()], dtype=pl.String
        )
    else:
        texts = pl.Series(
            [None if value is None else _json(_plain(value)) for value in values], dtype=pl.String
        )
    return texts.fill_null("null")


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    """A JSON value that is the same on every machine; floats by their shortest exact text."""
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value.normalize())
    if isinstance(value, list | tuple | pl.Series):
        return [_plain(item) for item in value]
    return value
