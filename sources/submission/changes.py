"""What a person changed of a template besides filling in its input cells; each change is a problem at its cell."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from sources.submission.grid import FilledCell, FilledRow, comment_of
from sources.submission.layout import ASKED, COLUMNS, FIELDS, SHOWN, TITLES, Stamp, StructureRow
from sources.submission.problems import CellProblem, problem, shown
from sources.text.labels import label_key
from sources.text.numbers import read_printed_number

# What is said of a changed cell; a column without an entry is said to differ from the template.
_CHANGED = {"period": "wrong_period", "last": "last_changed", "definition": "definition_changed"}
_TITLE_ROWS, _TITLE_COLUMNS = 6, 6


@dataclass(frozen=True)
class Table:
    """A sheet of a filled workbook: `title` as the template calls it, the header's row, columns by key."""

    sheet: Worksheet
    title: str
    header: int
    columns: dict[str, int]
    rows: list[FilledRow]
    fields: dict[str, FilledCell]

    @property
    def name(self) -> str:
        """The title of the sheet in the file."""
        return str(self.sheet.title)


def changes(table: Table, stamp: Stamp, wanted: Sequence[StructureRow]) -> Iterator[CellProblem]:
    """Compare a sheet with the rows and words that the template was made with."""
    yield from _title_changes(table, stamp)
    if stamp.kind == "department" and "code" in table.columns:
        yield from _row_changes(table, wanted)
    yield from _merged(table)
    yield from _comments(table)
    yield from _outside(table)


def _words(value: Any) -> str:
    """A locked cell as the template would print it, also after a program has made a number of its text."""
    return " ".join(shown(value).split())


def _is_same(one: str, other: str) -> bool:
    return label_key(one) == label_key(other)


def _said(words: str) -> str:
    return f"ghi '{words}'" if words else "để trống"


def _title_changes(table: Table, stamp: Stamp) -> Iterator[CellProblem]:
    top = [
        cell
        for row in table.sheet.iter_rows(max_row=min(_TITLE_ROWS, table.header - 1), max_col=_TITLE_COLUMNS)
        for cell in row
    ]
    texts = {label_key(_words(cell.value)) for cell in top}
    places = {"A1": TITLES[table.title] + stamp.heading, "A2": stamp.in_words()}
    places |= {f"C{row}": label for row, label in enumerate(FIELDS[table.title].values(), start=3)}
    for ref, expected in places.items():
        if label_key(expected) not in texts:
            found = _words(table.sheet[ref].value)
            words = {"expected": _said(expected), "instead": _said(found)}
            yield problem("locked_changed", table.name, ref, found, **words)


def _row_changes(table: Table, wanted: Sequence[StructureRow]) -> Iterator[CellProblem]:
    expected = {row.code: row for row in wanted}
    first: dict[str, int] = {}
    for row in table.rows:
        if row.code in expected:
            first.setdefault(row.code, row.number)
    recoded = _recoded(table, wanted, first)
    for row in table.rows:
        cell = row["code"]
        if row.number in recoded:
            code = recoded[row.number]
            yield cell.problem("locked_changed", expected=_said(code), instead=_said(row.code))
            first[code] = row.number
        elif row.code not in expected:
            yield cell.problem("row_unknown", found=row.code, instead=_said(row.code))
        elif first[row.code] != row.number:
            yield cell.problem("row_repeated", found=row.code, key=row.code, row=first[row.code])
        else:
            yield from _locked_changes(table, row, expected[row.code])
        if table.sheet.row_dimensions[row.number].hidden:
            yield cell.problem("row_hidden")
    yield from _deleted(table, wanted, first)


def _recoded(table: Table, wanted: Sequence[StructureRow], first: dict[str, int]) -> dict[int, str]:
    """Rows that are still the template's by their name and lost their code: row number -> code."""
    missing = [row for row in wanted if row.code not in first]
    codes = {row.code for row in wanted}
    found: dict[int, str] = {}
    for row in table.rows:
        if row.code in codes:
            continue
        for one in missing:
            if one.code not in found.values() and _is_same(row["name"].text, one.asked[0]):
                found[row.number] = one.code
                break
    return found


def _deleted(table: Table, wanted: Sequence[StructureRow], first: dict[str, int]) -> Iterator[CellProblem]:
    above = table.header
    letter = get_column_letter(table.columns["code"])
    for one in wanted:
        if one.code in first:
            above = first[one.code]
            continue
        words = {"key": one.code, "name": one.asked[0]}
        yield problem("row_deleted", table.name, f"{letter}{above}", one.code, **words)


def _locked_changes(table: Table, row: FilledRow, wanted: StructureRow) -> Iterator[CellProblem]:
    locked = wanted.words()
    headers = {column.key: column.header for column in COLUMNS[table.title]}
    for key in (*ASKED[table.title], *SHOWN[table.title]):
        if key not in table.columns:
            continue  # said once of the column
        cell, expected = row[key], locked[key]
        found = _words(cell.value)
        if not _is_same(found, expected):
            code = _CHANGED.get(key, "locked_changed")
            words = {"expected": _said(expected), "instead": _said(found), "column": headers[key]}
            yield cell.problem(code, found=found, **words)


def _merged(table: Table) -> Iterator[CellProblem]:
    for area in table.sheet.merged_cells.ranges:
        if area.max_row >= table.header:
            first = f"{get_column_letter(area.min_col)}{area.min_row}"
            yield problem("cells_merged", table.name, first, area.coord, area=area.coord)


def _comments(table: Table) -> Iterator[CellProblem]:
    for cell in _stored(table.sheet):
        if cell.comment is not None and (text := comment_of(cell)):
            yield problem("comment_unread", table.name, cell.coordinate, text)


def _outside(table: Table) -> Iterator[CellProblem]:
    """What nobody reads: right of the table anything, above and below it what is a number."""
    inside = {table.header, *(row.number for row in table.rows)}
    fields = {cell.ref for cell in table.fields.values()}
    last, counter = max(table.columns.values()), table.columns.get("number")
    for cell in _stored(table.sheet):
        if cell.value is None or not str(cell.value).strip() or cell.coordinate in fields:
            continue
        is_beside = cell.row in inside and cell.column > last
        if is_beside or (cell.row not in inside and cell.column != counter and _is_number(cell.value)):
            yield problem("outside_table", table.name, cell.coordinate, cell.value)


def _is_number(value: Any) -> bool:
    if isinstance(value, bool | date):
        return False
    return isinstance(value, int | float) or read_printed_number(str(value), "either").decimal is not None


def _stored(sheet: Worksheet) -> list[Any]:
    """The cells that the file has, by row; a sheet spans many more, and asking for them makes them."""
    return [sheet._cells[place] for place in sorted(sheet._cells)]
