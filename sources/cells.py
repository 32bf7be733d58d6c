"""Cells: what every adapter gives, one row per published figure as printed.

Nothing is renamed and nothing is dropped silently: labels stay in the publisher's words beside their key,
the value stays as printed beside the number, and where there is no number the mark for it becomes a code.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from sources.text.numbers import PrintedNumber

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
    """What an adapter found in one file; an adapter that knows its cells by column gives a `CellTable`."""

    cells: Sequence[Cell]
    skipped: list[Skipped] = field(default_factory=list)


@dataclass(frozen=True)
class Reading:
    """A file read: `cells` has the columns of CELL_SCHEMA, in the order of the file."""

    cells: pl.DataFrame
    skipped: list[Skipped]
