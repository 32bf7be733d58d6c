"""Cells: what every adapter gives, one row per published figure as printed.

Nothing is renamed and nothing is dropped silently: labels stay in the publisher's words beside their key,
the value stays as printed beside the number, and where there is no number the mark for it becomes a code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import polars as pl
import pyarrow as pa

from sources.text.labels import label_key, tidy_text
from sources.text.numbers import PrintedNumber
from sources.text.units import tidy_unit, unit_key

LABEL = pl.Struct({"dimension": pl.String, "label": pl.String, "code": pl.String, "key": pl.String})
ATTRIBUTE = pl.Struct({"name": pl.String, "text": pl.String})

# Column -> type of a cell set. `cell_index` counts from 0 and is unique in a set; `cell_ref` is the place in
# the file ("Sheet!B7", "row 12 value", "34"); `decimal_text` is exact and keeps printed trailing zeros;
# `missing_code` is null exactly when there is a number.
CELL_SCHEMA: dict[str, pl.DataType] = {
    "cell_set_key": pl.String(),
    "snapshot_sha256": pl.String(),
    "table_title": pl.String(),
    "cell_index": pl.Int64(),
    "cell_ref": pl.String(),
    "labels": pl.List(LABEL),
    "attributes": pl.List(ATTRIBUTE),
    "unit_text": pl.String(),
    "unit_key": pl.String(),
    "period_text": pl.String(),
    "value_text": pl.String(),
    "number": pl.Float64(),
    "decimal_text": pl.String(),
    "missing_code": pl.String(),
    "flags": pl.List(pl.String),
}
_ARROW_LISTS = {
    name: pa.list_(pa.struct([(field.name, pa.string()) for field in struct.fields]))
    for name, struct in (("labels", LABEL), ("attributes", ATTRIBUTE))
}


class ReadingError(Exception):
    """A file cannot be read. `place` is where in it, `mend` what to do about it."""

    def __init__(self, place: str, message: str, mend: str) -> None:
        self.place = place
        self.message = message
        self.mend = mend
        super().__init__(f"{place}: {message}. Mend: {mend}")


@dataclass(frozen=True)
class Label:
    """A publisher's label in one dimension; `code` is the publisher's own code, if it has one."""

    dimension: str
    label: str
    code: str | None = None


@dataclass(frozen=True)
class Cell:
    """One published figure as printed."""

    table_title: str
    cell_ref: str
    labels: tuple[Label, ...]
    value: PrintedNumber
    unit_text: str | None = None
    period_text: str | None = None
    attributes: tuple[tuple[str, str], ...] = ()
    flags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skipped:
    """A part of a file that was not read, and why."""

    name: str
    reason: str


@dataclass(frozen=True)
class AdapterResult:
    """What an adapter found in one file."""

    cells: list[Cell]
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """A file read: `cells` has the columns of CELL_SCHEMA, in the order of the file."""

    cells: pl.DataFrame
    skipped: list[Skipped]


@lru_cache(maxsize=65_536)
def _label_row(label: Label) -> dict[str, str | None]:
    """Return the struct of a label; a table repeats its few labels over many cells."""
    return {
        "dimension": tidy_text(label.dimension),
        "label": tidy_text(label.label),
        "code": label.code,
        "key": label_key(label.label),
    }


_tidy = lru_cache(maxsize=65_536)(tidy_text)
_tidy_unit = lru_cache(maxsize=4096)(tidy_unit)
_unit_key = lru_cache(maxsize=4096)(unit_key)


def _series(name: str, values: list[Any]) -> pl.Series:
    """Return a column; lists of structs go through Arrow, which lays them out many times faster."""
    arrow_type = _ARROW_LISTS.get(name)
    series = pl.Series(name, values if arrow_type is None else pa.array(values, arrow_type))
    return series.cast(CELL_SCHEMA[name])


def cell_frame(cells: Sequence[Cell], cell_set_key: str, snapshot_sha256: str) -> pl.DataFrame:
    """Lay out cells as a frame of CELL_SCHEMA; dimension names, labels and units are tidied, not renamed."""
    columns: dict[str, list[Any]] = {
        "cell_set_key": [cell_set_key] * len(cells),
        "snapshot_sha256": [snapshot_sha256] * len(cells),
        "table_title": [_tidy(cell.table_title) for cell in cells],
        "cell_index": list(range(len(cells))),
        "cell_ref": [cell.cell_ref for cell in cells],
        "labels": [[_label_row(label) for label in cell.labels] for cell in cells],
        "attributes": [[{"name": name, "text": text} for name, text in cell.attributes] for cell in cells],
        "unit_text": [None if cell.unit_text is None else _tidy_unit(cell.unit_text) for cell in cells],
        "unit_key": [None if cell.unit_text is None else _unit_key(cell.unit_text) for cell in cells],
        "period_text": [None if cell.period_text is None else _tidy(cell.period_text) for cell in cells],
        "value_text": [cell.value.text for cell in cells],
        "number": [cell.value.number for cell in cells],
        "decimal_text": [cell.value.decimal_text for cell in cells],
        "missing_code": [cell.value.missing_code for cell in cells],
        "flags": [list(dict.fromkeys((*cell.value.flags, *cell.flags))) for cell in cells],
    }
    return pl.DataFrame([_series(name, columns[name]) for name in CELL_SCHEMA])
