"""Reading a workbook that someone filled in: found by its stamp and its headers, never by position.

What was changed of the structure (a row deleted, a column inserted, a locked cell rewritten) becomes a problem at
its cell; everything that can still be read is read, so that all problems come back at once.
"""

import io
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sources.adapters.workbook_file import open_workbook
from sources.cells import ReadingError
from sources.submission.layout import (
    COLUMNS,
    ENTRY,
    FIELDS,
    FIGURES,
    INSTRUCTIONS,
    LAYOUT,
    MACHINE_SHEET,
    MILESTONES,
    PROBLEM_SHEET,
    Column,
    Stamp,
    StructureRow,
    read_stamp,
    structure_digest,
)
from sources.submission.problems import CellProblem, problem
from sources.text.labels import label_key

# A template is thousands of times smaller; beyond this a sheet is not one of ours.
MOST_BYTES = 20_000_000
_MOST_ROWS, _MOST_COLUMNS = 5_000, 200
_ZIP_START = b"PK"
# The share of headers by which a row is known as the header.
_HEADER_SHARE = 0.5
# Sheets of a template, or of a returned copy, that nothing is read from.
_BESIDE = {INSTRUCTIONS, "Mã chỉ tiêu", MACHINE_SHEET, PROBLEM_SHEET}
_SHEETS = {"department": (FIGURES, MILESTONES), "entry": (ENTRY,)}


class NotAWorkbook(Exception):
    """The bytes cannot be opened as a workbook; the message says why, in English."""


@dataclass(frozen=True)
class FilledCell:
    """A cell as it is stored: its value, whether a formula gave it, whether that failed, its number format."""

    sheet: str
    ref: str
    value: Any = None
    is_formula: bool = False
    is_error: bool = False
    number_format: str = "General"

    @property
    def is_empty(self) -> bool:
        return not self.is_formula and (self.value is None or str(self.value).strip() == "")

    @property
    def text(self) -> str:
        """The value as tidy text; empty when there is none."""
        return "" if self.value is None else " ".join(str(self.value).split())

    def problem(self, code: str, **words: Any) -> CellProblem:
        """Return a problem at this cell."""
        found = words.pop("found", self.value)
        return problem(code, self.sheet, self.ref, found, **words)


@dataclass(frozen=True)
class FilledRow:
    """A row of a table: its number in the sheet, its code, and its cells by column key."""

    number: int
    code: str
    cells: dict[str, FilledCell]

    def __getitem__(self, key: str) -> FilledCell:
        return self.cells[key]

    def is_filled(self, columns: Sequence[Column]) -> bool:
        """Whether anything was written into an input cell."""
        return any(not self.cells[column.key].is_empty for column in columns if column.is_input)


@dataclass(frozen=True)
class Filled:
    """A filled workbook: `rows` and `fields` by sheet; `problems` are those of its structure."""

    stamp: Stamp | None
    structure: list[StructureRow] = field(default_factory=list)
    rows: dict[str, list[FilledRow]] = field(default_factory=dict)
    fields: dict[str, dict[str, FilledCell]] = field(default_factory=dict)
    problems: list[CellProblem] = field(default_factory=list)


@dataclass(frozen=True)
class _Book:
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
        )


def load(data: bytes, values: bool = False) -> Workbook:
    """Open an .xlsx; what is too large when unpacked is refused before. Raises NotAWorkbook."""
    if len(data) > MOST_BYTES:
        raise NotAWorkbook(f"the file has {len(data)} bytes, more than {MOST_BYTES}")
    try:
        open_workbook(data)
    except ReadingError as error:
        raise NotAWorkbook(error.message) from error
    if not data.startswith(_ZIP_START):
        raise NotAWorkbook("the file is an old .xls workbook")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return load_workbook(io.BytesIO(data), data_only=values)
    except Exception as error:  # openpyxl raises whatever a damaged part of the archive provokes
        raise NotAWorkbook(f"{type(error).__name__}: {error}") from error


def read_filled(data: bytes) -> Filled:
    """Read a filled workbook. Raises NotAWorkbook when it cannot be opened."""
    book = _Book(load(data, values=True), load(data))
    stamp, structure, problems = _stamp(book)
    if stamp is None:
        return Filled(None, problems=problems)
    filled = Filled(stamp, structure, problems=problems)
    known = {*_SHEETS[stamp.kind], *_BESIDE}
    for sheet in book.values.worksheets:
        if sheet.title not in known and any(sheet.iter_rows(values_only=True)):
            filled.problems.append(problem("sheet_added", sheet.title, "A1", sheet.title))
    for title in _SHEETS[stamp.kind]:
        _read_sheet(book, title, filled)
    return filled


def _stamp(book: _Book) -> tuple[Stamp | None, list[StructureRow], list[CellProblem]]:
    if MACHINE_SHEET not in book.values.sheetnames:
        return None, [], [problem("no_stamp")]
    sheet = book.values[MACHINE_SHEET]
    stamp = read_stamp(str(sheet["A1"].value or ""))
    if stamp is None:
        return None, [], [problem("stamp_damaged")]
    structure = [
        StructureRow(*(str(value or "") for value in row))
        for row in sheet.iter_rows(min_row=2, max_row=_MOST_ROWS, max_col=3, values_only=True)
        if row[0]
    ]
    if stamp.layout != LAYOUT:
        return None, [], [problem("other_version", detail=f"mẫu {stamp.layout}, nay là {LAYOUT}")]
    if structure_digest(stamp.kind, structure) != stamp.structure_digest:
        return stamp, structure, [problem("stamp_damaged")]
    return stamp, structure, []


def _read_sheet(book: _Book, title: str, filled: Filled) -> None:
    wanted = [row for row in filled.structure if row.sheet == title]
    if title not in book.values.sheetnames:
        filled.problems.append(problem("sheet_missing", found=title))
        filled.rows[title], filled.fields[title] = [], {}
        return
    sheet = book.values[title]
    filled.fields[title] = _read_fields(book, sheet)
    header = _header(sheet, COLUMNS[title])
    if header is None:
        filled.problems.append(problem("column_missing", title, "A1", column=COLUMNS[title][0].header))
        filled.rows[title] = []
        return
    columns, problems = _columns(sheet, header, COLUMNS[title])
    filled.problems.extend(problems)
    rows, problems = _rows(book, sheet, header, columns) if "code" in columns else ([], [])
    filled.problems.extend(problems)
    filled.rows[title] = rows
    if filled.stamp is not None and filled.stamp.kind == "department" and "code" in columns:
        filled.problems.extend(_structure_problems(title, header, columns["code"], rows, wanted))


def _text(value: Any) -> str:
    return "" if value is None else str(value)


def _read_fields(book: _Book, sheet: Worksheet) -> dict[str, FilledCell]:
    """Return the cells right of their labels above the table."""
    labels = {label_key(label): key for key, label in FIELDS[sheet.title].items()}
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
    problems = [
        problem("column_missing", sheet.title, f"A{header}", column=column.header)
        for column in columns
        if column.key not in positions
    ]
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
    book: _Book, sheet: Worksheet, header: int, columns: dict[str, int]
) -> tuple[list[FilledRow], list[CellProblem]]:
    """Return the rows that have a code or anything written into an input cell, and a problem for a hidden one."""
    layout = COLUMNS[sheet.title]
    found: list[FilledRow] = []
    problems: list[CellProblem] = []
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
            if row.code and sheet.row_dimensions[number].hidden:
                problems.append(row["code"].problem("row_hidden"))
    return found, problems


def _structure_problems(
    title: str, header: int, code_column: int, rows: Sequence[FilledRow], wanted: Sequence[StructureRow]
) -> Iterator[CellProblem]:
    """Compare the rows with those the template was made with."""
    texts = {row.code: row for row in wanted}
    first: dict[str, int] = {}
    for row in rows:
        cell = row["code"]
        if row.code not in texts:
            yield cell.problem("row_unknown", found=row.code)
        elif row.code in first:
            yield cell.problem("row_repeated", found=row.code, key=row.code, row=first[row.code])
        else:
            yield from _locked_problems(title, row, texts[row.code].text)
        first.setdefault(row.code, row.number)
    above = header
    for one in wanted:
        if one.code in first:
            above = first[one.code]
            continue
        place = f"{get_column_letter(code_column)}{above}"
        yield problem("row_deleted", title, place, one.code, key=one.code, name=one.text.split("|")[0])


# The locked cells whose words the template keeps, in the order in which `StructureRow.text` joins them.
_LOCKED = {FIGURES: ("name", "unit", "period"), MILESTONES: ("name",)}


def _locked_problems(title: str, row: FilledRow, text: str) -> Iterator[CellProblem]:
    for key, expected in zip(_LOCKED[title], text.split("|"), strict=False):
        cell = row[key]
        if label_key(cell.text) != label_key(expected):
            code = "wrong_period" if key == "period" else "row_changed"
            yield cell.problem(code, expected=expected)
