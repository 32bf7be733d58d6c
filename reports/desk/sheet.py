"""The place of a figure in its file: the cells around it, as the adapter read them.

Cells are files of the warehouse that are written once per key and never changed, so a page may read them; the database
file beside them is never opened. After the warehouse was deleted they are missing until the next run, and the page says
so.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl

from reports.release_data import Release, Row
from sources.read_vintage import cells_file
from sources.reading import cell_set_key
from sources.record import SourceRecord
from sources.registry import load_records
from store.settings import Settings

# The releases' own copy of the source records: what the cells were read with.
RECORDS_DIR = "records"
ROWS_AROUND, COLUMNS_AROUND = 4, 3
SPREADSHEET = re.compile(r"(?P<sheet>.*)!(?P<column>[A-Z]{1,3})(?P<row>\d+)")
PDF_TABLE = re.compile(r"p(?P<sheet>\d+):r(?P<row>\d+)c(?P<column>\d+)")


@dataclass(frozen=True)
class Sheet:
    """A part of a file: column heads, and rows of a head and cells; None where the file has no figure there.

    `marked` is the place of the figure, row and column; the cells of a list stand in one row each.
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[tuple[str, Sequence[str | None]]]
    marked: tuple[int, int]


def sheet_around(settings: Settings, release: Release, figure: Row) -> Sheet | None:
    """The cells around a figure; None where it has no cell (it was worked out) or its file was not read again yet."""
    if not figure.get("snapshot_sha256") or not figure.get("cell_ref"):
        return None
    path = _cells_path(settings, release, figure)
    if path is None or not path.is_file():
        return None
    return around(_cells(str(path)), str(figure["cell_ref"]), figure.get("table_title"))


def _cells_path(settings: Settings, release: Release, figure: Row) -> Path | None:
    record = _records(str(release.directory / RECORDS_DIR)).get(str(figure["source_id"]))
    if record is None or figure.get("route") is None:
        return None
    try:
        reading = record.route(figure["route"]).reading
    except KeyError:
        return None
    return cells_file(settings, cell_set_key(reading, str(figure["snapshot_sha256"])))


@lru_cache(maxsize=8)
def _records(folder: str) -> Mapping[str, SourceRecord]:
    return load_records(Path(folder)).records


@lru_cache(maxsize=16)
def _cells(path: str) -> pl.DataFrame:
    return pl.read_parquet(
        path, columns=["table_title", "cell_index", "cell_ref", "labels", "unit_text", "value_text"]
    )


def around(cells: pl.DataFrame, cell_ref: str, table_title: str | None) -> Sheet | None:
    """The neighbourhood of a cell: a grid where places are rows and columns, else the lines before and after."""
    own = cells.filter(pl.col("cell_ref") == cell_ref)
    if table_title is not None and own.height > 1:
        own = own.filter(pl.col("table_title") == table_title)
    if not own.height:
        return None
    cell = own.row(0, named=True)
    for shape in (SPREADSHEET, PDF_TABLE):
        if place := shape.fullmatch(cell_ref):
            return _grid(cells, shape, place, str(cell["table_title"]))
    return _lines(cells.filter(pl.col("table_title") == cell["table_title"]), cell)


def column_number(column: str) -> int:
    """The number of a column: A -> 1, AA -> 27; of one that is a number already that number."""
    if column.isdigit():
        return int(column)
    number = 0
    for letter in column:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def column_letters(number: int) -> str:
    """The letters of a column: 1 -> A, 27 -> AA."""
    letters = ""
    while number > 0:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _grid(cells: pl.DataFrame, shape: re.Pattern[str], place: re.Match[str], title: str) -> Sheet:
    row, column = int(place["row"]), column_number(place["column"])
    found: dict[tuple[int, int], str] = {}
    labels: dict[int, str] = {}
    for ref, text, of_cell in cells.select("cell_ref", "value_text", "labels").iter_rows():
        at = shape.fullmatch(ref)
        if at is None or at["sheet"] != place["sheet"]:
            continue
        where = int(at["row"]), column_number(at["column"])
        if abs(where[0] - row) <= ROWS_AROUND and abs(where[1] - column) <= COLUMNS_AROUND:
            found[where] = text
            labels[where[0]] = ", ".join(_row_labels(of_cell))
    rows = range(min(at[0] for at in found), max(at[0] for at in found) + 1)
    columns = range(min(at[1] for at in found), max(at[1] for at in found) + 1)
    named = shape is SPREADSHEET
    return Sheet(
        f"{title} · {place['sheet']}",
        [column_letters(one) if named else str(one) for one in columns],
        [
            (
                f"{one} · {labels[one]}" if labels.get(one) else str(one),
                [found.get((one, across)) for across in columns],
            )
            for one in rows
        ],
        (row - rows.start, column - columns.start),
    )


def _row_labels(labels: Sequence[Mapping[str, Any]] | None) -> list[str]:
    return [str(label["label"]) for label in labels or [] if label["dimension"] != "period"][:1]


def _lines(cells: pl.DataFrame, cell: Mapping[str, Any]) -> Sheet:
    """The figures that stand before and after in the file, with the labels the publisher gave each."""
    ordered = cells.sort("cell_index")
    place = int(ordered["cell_index"].search_sorted(cell["cell_index"]))
    first = max(0, place - ROWS_AROUND)
    part = ordered.slice(first, ROWS_AROUND + 1 + (place - first))
    dimensions: list[str] = []
    for labels in part["labels"]:
        dimensions += [one["dimension"] for one in labels if one["dimension"] not in dimensions]
    rows = []
    for ref, labels, unit, text in part.select("cell_ref", "labels", "unit_text", "value_text").iter_rows():
        by_dimension = {one["dimension"]: one["label"] for one in labels}
        rows.append((str(ref), [*(by_dimension.get(name) for name in dimensions), unit, text]))
    return Sheet(
        str(cell["table_title"]), [*dimensions, "unit", "value"], rows, (place - first, len(dimensions) + 1)
    )
