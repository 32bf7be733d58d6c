"""Cells by column: what repeats is kept once, with its place for each cell.

A table repeats a few labels, periods and units over all its cells, so an adapter that knows them by column hands over
their distinct values and, for each cell, which of them it has; the frame of CELL_SCHEMA is laid out from that in
parts, and no object is made for a cell unless someone looks at it.
"""

import math
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from sources.cells import ATTRIBUTE, CELL_SCHEMA, LABEL, Cell, Label
from sources.figures import Figures, figures_of
from sources.text.labels import label_key, tidy_text
from sources.text.numbers import PrintedNumber
from sources.text.units import tidy_unit, unit_key

Places = npt.NDArray[np.int32]
T = TypeVar("T")
U = TypeVar("U")
T_co = TypeVar("T_co", covariant=True)
H = TypeVar("H", bound=Hashable)

# A frame of so many cells takes some 100 MB.
_CELLS_AT_ONCE = 250_000


@dataclass(frozen=True)
class Repeated(Generic[T_co]):
    """A column as its different values, and for each cell the place of its own among them."""

    values: Sequence[T_co]
    places: Places

    def part(self, start: int, stop: int) -> "Repeated[T_co]":
        return Repeated(self.values, self.places[start:stop])

    def of(self, cell: int) -> T_co:
        return self.values[int(self.places[cell])]


def constant(value: T, n_cells: int) -> Repeated[T]:
    """Return a column of one value."""
    return Repeated([value], np.broadcast_to(np.int32(0), (n_cells,)))


def coded(items: Iterable[H]) -> Repeated[H]:
    """Return a column of values given one by one."""
    listed = list(items)
    found = {item: place for place, item in enumerate(dict.fromkeys(listed))}
    places = np.fromiter(map(found.__getitem__, listed), np.int32, len(listed))
    return Repeated(list(found), places)


def each(column: Repeated[T], times: int) -> Repeated[T]:
    """Return a column of rows as one of cells, where every row has so many."""
    return Repeated(column.values, np.repeat(column.places, times))


def in_turn(values: Sequence[T], times: int) -> Repeated[T]:
    """Return these values, one cell each, so many times over."""
    return Repeated(values, np.tile(np.arange(len(values), dtype=np.int32), times))


def changed(column: Repeated[T], change: Callable[[T], U]) -> Repeated[U]:
    """Return a column with another value for each of its values."""
    return Repeated([change(value) for value in column.values], column.places)


def side_by_side(rows: Repeated[tuple[T, ...]]) -> tuple[Repeated[T | None], ...]:
    """Return a column of tuples as one column for each place in them; None where a tuple is shorter."""
    width = max(map(len, rows.values), default=0)
    return tuple(
        Repeated([row[place] if place < len(row) else None for row in rows.values], rows.places)
        for place in range(width)
    )


def cube(sizes: Sequence[int]) -> list[Places]:
    """Return, for each dimension of a cube of these sizes, the place of every cell in it; the last runs fastest."""
    before, after = 1, math.prod(sizes)
    found = []
    for size in sizes:
        after = after // size if size else 0
        found.append(np.tile(np.repeat(np.arange(size, dtype=np.int32), after), before))
        before *= size
    return found


def marked(column: Repeated[T], matters: Callable[[T], bool]) -> Places:
    """Return a column's places with all values that do not matter as one: 0, and the others from 1."""
    places = [place if matters(value) else 0 for place, value in enumerate(column.values, 1)]
    return np.array(places, np.int32)[column.places]


def _found(places: Places) -> tuple[npt.NDArray[np.int64], Places]:
    """Return the numbers that occur, sorted, and the place of each cell's own among them."""
    occurs = np.zeros(int(places.max(initial=-1)) + 1, bool)
    occurs[places] = True
    return np.flatnonzero(occurs), (np.cumsum(occurs, dtype=np.int32) - np.int32(1))[places]


def alike(n_cells: int, columns: Iterable[Places], value_of: Callable[[int], T]) -> Repeated[T]:
    """Return a column whose value follows from what the cell has in some other columns.

    It is worked out, from the number of a cell, once for each combination that occurs.
    """
    places: Places = np.broadcast_to(np.int32(0), (n_cells,))
    n_found = min(n_cells, 1)
    for column in columns:
        size = int(column.max(initial=0)) + 1
        if size > 1:
            key = places.astype(np.int64) * size + column
            # A table of all combinations where it is small, else the sorted keys.
            if n_found * size <= 4 * n_cells + 1000:
                used, places = _found(key)
            else:
                used, inverse = np.unique(key, return_inverse=True)
                places = inverse.astype(np.int32)
            n_found = len(used)
    first = np.empty(n_found, np.int64)
    first[places[::-1]] = np.arange(n_cells - 1, -1, -1)
    return Repeated([value_of(int(cell)) for cell in first], places)


@dataclass(frozen=True, eq=False)
class CellTable(Sequence[Cell]):
    """The cells of one file by column, in its order; as a sequence it gives them one by one.

    `labels` and `attributes` are columns side by side; where a cell has none in a column, its value there is None.
    """

    titles: Repeated[str]
    refs: pl.Series
    labels: Sequence[Repeated[Label | None]]
    figures: Figures
    units: Repeated[str | None]
    periods: Repeated[str | None]
    attributes: Sequence[Repeated[tuple[str, str] | None]] = ()

    def __len__(self) -> int:
        return len(self.refs)

    @overload
    def __getitem__(self, at: int) -> Cell: ...
    @overload
    def __getitem__(self, at: slice) -> list[Cell]: ...
    def __getitem__(self, at: int | slice) -> Cell | list[Cell]:
        if isinstance(at, slice):
            return list(self._cells(range(len(self))[at]))
        return next(self._cells([range(len(self))[at]]))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    __hash__ = None  # type: ignore[assignment]

    def __iter__(self) -> Iterator[Cell]:
        return self._cells(range(len(self)))

    def _cells(self, numbers: Sequence[int]) -> Iterator[Cell]:
        wanted = np.asarray(numbers, np.int64)
        figures = self.figures
        texts = [
            column.gather(wanted).to_list() for column in (self.refs, figures.text, figures.decimal_text)
        ]
        for number, ref, text, decimal_text in zip(numbers, *texts, strict=True):
            missing_code, flags = figures.outcomes[figures.places[number]]
            decimal = None if decimal_text is None else Decimal(decimal_text)
            yield Cell(
                table_title=self.titles.of(number),
                cell_ref=ref,
                labels=tuple(label for column in self.labels if (label := column.of(number)) is not None),
                value=PrintedNumber(text, decimal, missing_code, flags),
                unit_text=self.units.of(number),
                period_text=self.periods.of(number),
                attributes=tuple(
                    pair for column in self.attributes if (pair := column.of(number)) is not None
                ),
            )


def table_of(cells: Sequence[Cell]) -> CellTable:
    """Lay cells given one by one out by column."""
    figures = figures_of(
        [cell.value for cell in cells],
        [tuple(dict.fromkeys((*cell.value.flags, *cell.flags))) for cell in cells],
    )
    return CellTable(
        titles=coded(cell.table_title for cell in cells),
        refs=pl.Series([cell.cell_ref for cell in cells], dtype=pl.String),
        labels=_by_place([cell.labels for cell in cells]),
        figures=figures,
        units=coded(cell.unit_text for cell in cells),
        periods=coded(cell.period_text for cell in cells),
        attributes=_by_place([cell.attributes for cell in cells]),
    )


def _by_place(rows: Sequence[tuple[H, ...]]) -> list[Repeated[H | None]]:
    """Return tuples, one for each cell, as one column for each place in them."""
    return [
        coded(row[place] if place < len(row) else None for row in rows)
        for place in range(max(map(len, rows), default=0))
    ]


def one_after_another(tables: Sequence[CellTable]) -> Sequence[Cell]:
    """Return the cells of several tables as those of one."""
    if len(tables) < 2:
        return tables[0] if tables else []
    sizes = [len(table) for table in tables]
    return CellTable(
        titles=_appended([table.titles for table in tables]),
        refs=pl.concat([table.refs for table in tables]),
        labels=_columns_appended([table.labels for table in tables], sizes),
        figures=Figures.appended([table.figures for table in tables]),
        units=_appended([table.units for table in tables]),
        periods=_appended([table.periods for table in tables]),
        attributes=_columns_appended([table.attributes for table in tables], sizes),
    )


def _appended(columns: Sequence[Repeated[T]]) -> Repeated[T]:
    values: list[T] = []
    places = []
    for column in columns:
        places.append(column.places + np.int32(len(values)))
        values += column.values
    return Repeated(values, np.concatenate(places))


def _columns_appended(
    tables: Sequence[Sequence[Repeated[T | None]]], sizes: Sequence[int]
) -> list[Repeated[T | None]]:
    return [
        _appended(
            [
                table[place] if place < len(table) else constant(None, size)
                for table, size in zip(tables, sizes, strict=True)
            ]
        )
        for place in range(max(map(len, tables)))
    ]


# --- the frame --------------------------------------------------------------------------------------------------

_label_key = lru_cache(maxsize=65_536)(label_key)
_tidy = lru_cache(maxsize=65_536)(tidy_text)
_FIELDS: dict[str, Callable[[Any], Sequence[str | None]]] = {
    "labels": lambda label: (_tidy(label.dimension), _tidy(label.label), label.code, _label_key(label.label)),
    "attributes": lambda pair: pair,
}
_STRUCTS = {"labels": LABEL, "attributes": ATTRIBUTE}


def _texts(column: Repeated[T], text_of: Callable[[T], str | None]) -> pl.Series:
    """Return a column of texts, each worked out once."""
    if len(column.values) > len(column.places):
        # A part of a table need not have all its values.
        used, places = _found(column.places)
        column = Repeated([column.values[place] for place in used], places)
    return pl.Series([text_of(value) for value in column.values], dtype=pl.String).gather(column.places)


def _lists(name: str, columns: Sequence[Repeated[Any]], n_cells: int) -> pl.Series:
    """Return a column of lists of structs, one item for each of `columns` in which the cell has a value."""
    fields = _FIELDS[name]
    rows: list[Sequence[str | None]] = []
    matrix = np.empty((n_cells, len(columns)), np.int32)
    for place, column in enumerate(columns):
        used, inverse = _found(column.places)
        numbers = np.empty(len(used), np.int32)
        for number, value_at in enumerate(used):
            value = column.values[value_at]
            numbers[number] = -1 if value is None else len(rows)
            if value is not None:
                rows.append(fields(value))
        matrix[:, place] = numbers[inverse]
    struct = _STRUCTS[name]
    known = pl.DataFrame(rows, {field.name: pl.String for field in struct.fields}, orient="row").to_struct()
    present = matrix >= 0
    items = known.gather(matrix[present]).to_arrow(compat_level=pl.CompatLevel.newest())
    ends = np.concatenate((np.zeros(1, np.int64), present.sum(axis=1).cumsum()))
    return pl.Series(pa.LargeListArray.from_arrays(pa.array(ends), items), dtype=CELL_SCHEMA[name])


def _frame(table: CellTable, start: int, stop: int, cell_set_key: str, snapshot_sha256: str) -> pl.DataFrame:
    n_cells = stop - start
    figures = table.figures.part(start, stop)
    units = table.units.part(start, stop)
    columns: dict[str, pl.Series] = {
        "cell_set_key": pl.Series([cell_set_key], dtype=pl.String).new_from_index(0, n_cells),
        "snapshot_sha256": pl.Series([snapshot_sha256], dtype=pl.String).new_from_index(0, n_cells),
        "table_title": _texts(table.titles.part(start, stop), _tidy),
        "cell_index": pl.int_range(start, stop, dtype=pl.Int64, eager=True),
        "cell_ref": table.refs[start:stop],
        "labels": _lists("labels", [column.part(start, stop) for column in table.labels], n_cells),
        "attributes": _lists("attributes", [c.part(start, stop) for c in table.attributes], n_cells),
        "unit_text": _texts(units, lambda text: None if text is None else tidy_unit(text)),
        "unit_key": _texts(units, lambda text: None if text is None else unit_key(text)),
        "period_text": _texts(
            table.periods.part(start, stop), lambda text: None if text is None else _tidy(text)
        ),
        "value_text": figures.text,
        "number": figures.number,
        "decimal_text": figures.decimal_text,
        "missing_code": _texts(Repeated(figures.outcomes, figures.places), lambda outcome: outcome[0]),
        "flags": pl.Series([list(flags) for _, flags in figures.outcomes], dtype=CELL_SCHEMA["flags"]).gather(
            figures.places
        ),
    }
    return pl.DataFrame({name: columns[name] for name in CELL_SCHEMA})


def cell_frames(
    cells: Sequence[Cell], cell_set_key: str, snapshot_sha256: str, at_once: int = _CELLS_AT_ONCE
) -> Iterator[pl.DataFrame]:
    """Lay out cells as frames of CELL_SCHEMA, of so many cells at once; of none as one empty frame.

    Dimension names, labels and units are tidied, not renamed.
    """
    table = cells if isinstance(cells, CellTable) else table_of(cells)
    for start in range(0, max(len(table), 1), at_once):
        yield _frame(table, start, min(start + at_once, len(table)), cell_set_key, snapshot_sha256)


def cell_frame(cells: Sequence[Cell], cell_set_key: str, snapshot_sha256: str) -> pl.DataFrame:
    """Lay out cells as one frame of CELL_SCHEMA."""
    return pl.concat(cell_frames(cells, cell_set_key, snapshot_sha256), rechunk=False)
