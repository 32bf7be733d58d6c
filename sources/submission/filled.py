"""Reading a workbook that someone filled in: found by its stamp and its headers, never by position.

What was changed of the structure (a sheet renamed, a column inserted) becomes a problem at its cell; everything that
can still be read is read, so that all problems come back at once. `changes` looks for what else was changed.
"""

import io
import warnings
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sources.adapters.workbook_file import open_workbook
from sources.cells import ReadingError
from sources.submission.changes import Table, changes
from sources.submission.grid import FilledCell, FilledRow, comment_of
from sources.submission.layout import (
    ENTRY,
    FIELDS,
    FIGURES,
    INSTRUCTIONS,
    LAYOUT,
    LAYOUTS,
    MACHINE_SHEET,
    MILESTONES,
    PROBLEM_SHEET,
    Column,
    Stamp,
    StructureRow,
    is_whole,
    read_row,
    read_stamp,
)
from sources.submission.problems import CellProblem, problem
from sources.text.labels import label_key

# A template is thousands of times smaller; beyond this a sheet is not one of ours.
MOST_BYTES = 20_000_000
_MOST_ROWS, _MOST_COLUMNS = 5_000, 200
_ZIP_START, _OLE_START = b"PK", b"\xd0\xcf\x11\xe0"
# The stream that holds a workbook with a password, and the type that an .ods names first.
_ENCRYPTED, _ODS = "EncryptedPackage".encode("utf-16-le"), b"application/vnd.oasis.opendocument.spreadsheet"
# The share of headers by which a row is known as the header.
_HEADER_SHARE = 0.5
# Sheets of a template, or of a returned copy, that nothing is read from.
_BESIDE = {INSTRUCTIONS, "Mã chỉ tiêu", MACHINE_SHEET, PROBLEM_SHEET}
_SHEETS = {"department": (FIGURES, MILESTONES), "entry": (ENTRY,)}


class NotAWorkbook(Exception):
    """The bytes cannot be opened as a workbook; the message says why, `code` is the problem for the sender."""

    def __init__(self, message: str, code: str = "not_a_workbook") -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Filled:
    """A filled workbook: `rows` and `fields` by sheet; `problems` are those of its structure."""

    stamp: Stamp | None
    structure: list[StructureRow] = field(default_factory=list)
    rows: dict[str, list[FilledRow]] = field(default_factory=dict)
    fields: dict[str, dict[str, FilledCell]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)


@dataclass(frozen=True)
class Book:
    """A workbook opened twice: with the values of formulas, and with the formulas themselves."""

    values: Workbook
    formulas: Workbook

    def cell(self, sheet: str, row: int, column: int) -> FilledCell:
        value, formula = self.values[sheet].cell(row, column), self.formulas[sheet].cell(row, column)
        return FilledCell(
            sheet,
            value.coordinate,
            value.value,
            is_formula=formula.data_type == "f",
            is_error=value.data_type == "e",
            number_format=value.number_format or "General",
            comment=comment_of(value),
        )


def load(data: bytes, values: bool = False) -> Workbook:
    """Open an .xlsx; what is too large when unpacked is refused before. Raises NotAWorkbook."""
    if len(data) > MOST_BYTES:
        raise NotAWorkbook(f"the file has {len(data)} bytes, more than {MOST_BYTES}", "too_large")
    if data.startswith(_OLE_START):
        if _ENCRYPTED in data:
            raise NotAWorkbook("the workbook is protected by a password", "has_password")
        raise NotAWorkbook("the file is an old .xls workbook", "other_format")
    if data.startswith(_ZIP_START) and _ODS in data[:200]:
        raise NotAWorkbook("the file is an .ods workbook", "other_format")
    try:
        open_workbook(data)
    except ReadingError as error:
        raise NotAWorkbook(error.message) from error
    if not data.startswith(_ZIP_START):
        raise NotAWorkbook("the file is no .xlsx workbook", "other_format")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(data), data_only=values)
    except Exception as error:  # openpyxl raises whatever a damaged part of the archive provokes
        raise NotAWorkbook(f"{type(error).__name__}: {error}") from error


def read_filled(data: bytes, layouts: Collection[str] = (LAYOUT,)) -> Filled:
    """Read a filled workbook. Raises NotAWorkbook when it cannot be opened.

    A workbook of a layout outside `layouts`, keys of `LAYOUTS`, has the problem `other_version` and nothing else. What
    arrives is held to the present layout; what was accepted before may have any.
    """
    book = Book(load(data, values=True), load(data))
    stamp, structure, problems = _stamp(book, layouts)
    if stamp is None or problems:
        return Filled(stamp, problems=problems)
    filled = Filled(stamp, structure, problems=problems)
    columns = LAYOUTS[stamp.layout]
    found = _sheets(book, stamp.kind, columns)
    for sheet in book.values.worksheets:
        if sheet.title in found.values() or sheet.title in _BESIDE:
            continue
        if any(value is not None for row in sheet.iter_rows(values_only=True) for value in row):
            filled.problems.append(problem("sheet_added", sheet.title, "A1", sheet.title))
    for title in _SHEETS[stamp.kind]:
        _read_sheet(book, title, found.get(title), filled, columns[title])
    return filled


def _sheets(book: Book, kind: str, columns: Mapping[str, Sequence[Column]]) -> dict[str, str]:
    """Find the sheets of the template: title -> title in the file, where a renamed one is known by its headers."""
    keys = {label_key(sheet.title): sheet.title for sheet in book.values.worksheets}
    found = {title: keys[label_key(title)] for title in _SHEETS[kind] if label_key(title) in keys}
    others = [sheet for sheet in book.values.worksheets if sheet.title not in {*found.values(), *_BESIDE}]
    for title in _SHEETS[kind]:
        alike = [sheet.title for sheet in others if _header(sheet, columns[title]) is not None]
        if title not in found and len(alike) == 1:
            found[title] = alike[0]
    return found


def _stamp(
    book: Book, layouts: Collection[str]
) -> tuple[Stamp | None, list[StructureRow], list[CellProblem]]:
    if MACHINE_SHEET not in book.values.sheetnames:
        return None, [], [problem("no_stamp")]
    sheet = book.values[MACHINE_SHEET]
    stamp = read_stamp(str(sheet["A1"].value or ""))
    if stamp is None:
        return None, [], [problem("stamp_damaged")]
    if stamp.layout not in layouts:
        return None, [], [problem("other_version", detail=f"mẫu {stamp.layout}, nay là {LAYOUT}")]
    rows = [
        read_row(cells)
        for cells in sheet.iter_rows(min_row=2, max_row=_MOST_ROWS, max_col=3, values_only=True)
        if any(cells)
    ]
    structure = [row for row in rows if row is not None]
    if len(structure) < len(rows) or not is_whole(stamp, structure):
        return stamp, structure, [problem("stamp_damaged")]
    return stamp, structure, []


def _read_sheet(book: Book, title: str, actual: str | None, filled: Filled, wanted: Sequence[Column]) -> None:
    """Read the sheet that the template calls `title` and the file `actual`; `wanted` are its columns."""
    filled.rows[title], filled.fields[title] = [], {}
    if actual is None:
        filled.problems.append(problem("sheet_missing", found=title))
        return
    if label_key(actual) != label_key(title):
        filled.problems.append(problem("sheet_renamed", actual, "A1", actual, expected=title))
    sheet = book.values[actual]
    filled.fields[title] = _read_fields(book, sheet, title)
    header = _header(sheet, wanted)
    if header is None:
        filled.problems.append(problem("column_missing", actual, "A1", column=wanted[0].header))
        return
    columns, problems = _columns(sheet, header, wanted)
    filled.problems.extend(problems)
    if "code" in columns:
        filled.rows[title] = _rows(book, sheet, header, columns, wanted)
    assert filled.stamp is not None
    rows = [row for row in filled.structure if row.sheet == title]
    table = Table(sheet, title, header, columns, filled.rows[title], filled.fields[title])
    filled.problems.extend(changes(table, filled.stamp, rows))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _read_fields(book: Book, sheet: Worksheet, title: str) -> dict[str, FilledCell]:
    """Return the cells right of their labels above the table."""
    labels = {label_key(label): key for key, label in FIELDS[title].items()}
    found = {}
    if labels:
        for row in sheet.iter_rows(max_row=30, max_col=20):
            for cell in row:
                key = labels.get(label_key(_text(cell.value)))
                if key is not None:
                    found[key] = book.cell(sheet.title, cell.row, cell.column + 1)
    return found


def _header(sheet: Worksheet, columns: Sequence[Column]) -> int | None:
    wanted = {label_key(column.header) for column in columns}
    for row in sheet.iter_rows(max_row=60, max_col=_MOST_COLUMNS):
        found = {label_key(_text(cell.value)) for cell in row} & wanted
        if len(found) >= len(wanted) * _HEADER_SHARE:
            return int(row[0].row)
    return None


def _columns(
    sheet: Worksheet, header: int, columns: Sequence[Column]
) -> tuple[dict[str, int], list[CellProblem]]:
    """Find each column by its header: key -> number; and what is missing, inserted or moved."""
    keys = {label_key(column.header): column.key for column in columns}
    positions: dict[str, int] = {}
    last = min(sheet.max_column, _MOST_COLUMNS)
    for position in range(1, last + 1):
        key = keys.get(label_key(_text(sheet.cell(header, position).value)))
        if key is not None:
            positions.setdefault(key, position)
    problems = []
    is_shifted = sum(bool(_text(cell.value)) for cell in sheet[header]) != len(columns)
    for number, column in enumerate(columns, start=1):
        if column.key in positions:
            continue
        if is_shifted or number in positions.values():
            problems.append(problem("column_missing", sheet.title, f"A{header}", column=column.header))
            continue
        # As many headers as the template has, and none of the others is here: the words alone were changed.
        positions[column.key] = number
        cell = sheet.cell(header, number)
        words = {"expected": column.header}
        problems.append(problem("header_changed", sheet.title, cell.coordinate, cell.value, **words))
    inner = range(min(positions.values()), max(positions.values()) + 1)
    for position in inner:
        if position not in positions.values():
            letter = get_column_letter(position)
            found = sheet.cell(header, position).value
            problems.append(
                problem("column_inserted", sheet.title, f"{letter}{header}", found, letter=letter)
            )
    order = sorted(positions, key=lambda key: positions[key])
    if order != [column.key for column in columns if column.key in positions]:
        problems.append(problem("column_moved", sheet.title, f"A{header}"))
    return positions, problems


def _rows(
    book: Book, sheet: Worksheet, header: int, columns: dict[str, int], layout: Sequence[Column]
) -> list[FilledRow]:
    """Return the rows that have a code or anything written into an input cell."""
    found: list[FilledRow] = []
    for number in range(header + 1, min(sheet.max_row, header + _MOST_ROWS) + 1):
        cells = {
            column.key: book.cell(sheet.title, number, columns[column.key])
            if column.key in columns
            else FilledCell(sheet.title, f"A{number}")
            for column in layout
        }
        row = FilledRow(number, cells["code"].text, cells)
        if row.code or row.is_filled(layout):
            found.append(row)
    return found
