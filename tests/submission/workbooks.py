"""Department workbooks filled in by tests: every value is made up, and each mistake is one that people make."""

import io
from collections.abc import Callable
from datetime import date
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from sources.submission.layout import (
    COLUMNS,
    FIGURES,
    MACHINE_SHEET,
    MILESTONES,
    content_digest,
    read_row,
    read_stamp,
    structure_digest,
)
from sources.text.labels import label_key

Edit = Callable[[Workbook], None]


def edited(data: bytes, *edits: Edit) -> bytes:
    """Return a workbook changed as a person would change it."""
    book = load_workbook(io.BytesIO(data))
    for edit in edits:
        edit(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def place(sheet: Worksheet, code: str | int, key: str) -> Any:
    """Return the cell of a row (its code, or its number below the header) in a column."""
    headers = {label_key(column.header): column.key for column in COLUMNS[sheet.title]}
    header = next(row for row in sheet.iter_rows() if label_key(str(row[0].value)) == "stt")
    columns = {headers.get(label_key(str(cell.value))): cell.column for cell in header}
    if isinstance(code, int):
        return sheet.cell(header[0].row + code, columns[key])
    column = columns["code"]
    row = next(row for row in range(1, sheet.max_row + 1) if sheet.cell(row, column).value == code)
    return sheet.cell(row, columns[key])


def figure(code: str, value: Any, maturity: str | None = "Sơ bộ", note: str | None = None) -> Edit:
    """Fill in a figure."""

    def edit(book: Workbook) -> None:
        for key, content in (("value", value), ("maturity", maturity), ("note", note)):
            place(book[FIGURES], code, key).value = content

    return edit


def milestone(code: str, state: str, **cells: Any) -> Edit:
    """Fill in a report on a milestone."""

    def edit(book: Workbook) -> None:
        for key, content in {"state": state, "as_of": date(2026, 1, 15), **cells}.items():
            place(book[MILESTONES], code, key).value = content

    return edit


def letter(number: str, day: date) -> Edit:
    """Fill in the covering letter."""

    def edit(book: Workbook) -> None:
        book[MILESTONES]["D3"], book[MILESTONES]["D4"] = number, day

    return edit


def rewritten(sheet: str, code: str, key: str, content: Any) -> Edit:
    """Write over a cell."""

    def edit(book: Workbook) -> None:
        place(book[sheet], code, key).value = content

    return edit


def row_deleted(sheet: str, code: str) -> Edit:
    def edit(book: Workbook) -> None:
        row, rows = place(book[sheet], code, "code").row, book[sheet].row_dimensions
        book[sheet].delete_rows(row)
        # The library leaves the heights where they were.
        for number in range(row, book[sheet].max_row + 1):
            rows[number].height = rows[number + 1].height

    return edit


def row_copied(sheet: str, code: str) -> Edit:
    """Copy a row below the table."""

    def edit(book: Workbook) -> None:
        row = place(book[sheet], code, "code").row
        book[sheet].append([cell.value for cell in book[sheet][row]])

    return edit


def column_inserted(sheet: str, before: int) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet].insert_cols(before)

    return edit


def column_deleted(sheet: str, column: int) -> Edit:
    def edit(book: Workbook) -> None:
        book[sheet].delete_cols(column)

    return edit


def sheet_deleted(sheet: str) -> Edit:
    def edit(book: Workbook) -> None:
        book.remove(book[sheet])

    return edit


def stamp_changed(before: str, after: str) -> Edit:
    def edit(book: Workbook) -> None:
        cell = book[MACHINE_SHEET]["A1"]
        assert before in cell.value
        cell.value = cell.value.replace(before, after)

    return edit


def restamped(layout: str) -> Edit:
    """Make a template one of another layout, as the program that had that layout would have made it."""

    def edit(book: Workbook) -> None:
        machine = book[MACHINE_SHEET]
        old = read_stamp(str(machine["A1"].value))
        rows = [read_row(cells) for cells in machine.iter_rows(min_row=2, max_col=3, values_only=True)]
        assert old is not None
        whole = [row for row in rows if row is not None]
        digest = structure_digest(old.kind, whole, layout)
        stamp = old.model_copy(update={"layout": layout, "structure_digest": digest})
        stamp = stamp.model_copy(update={"content_digest": content_digest(stamp, whole)})
        machine["A1"].value = stamp.model_dump_json()
        for title in (FIGURES, MILESTONES):
            assert book[title]["A2"].value == old.in_words()
            book[title]["A2"].value = stamp.in_words()

    return edit


def ten_mistakes() -> list[Edit]:
    """Ten different mistakes in the workbook of the Department of Agriculture and Environment for 2025."""
    return [
        figure("COMMUNES_NEW_RURAL", 15000),
        figure("FOREST_COVER", 58.2, maturity=None),
        figure("WATER_RURAL", "khoảng 58"),
        figure("WASTE_HAZARDOUS_TREATED", 120),
        figure("WASTEWATER_TREATED_REUSED", "#DIV/0!"),
        rewritten(FIGURES, "WASTE_SOLID_RECYCLED", "period", "Năm 2024"),
        row_deleted(FIGURES, "SPECIES_HABITAT_RESERVES"),
        figure("LAND_UNUSED", "1.520"),
        milestone("MS_PROGRAMME_AGRICULTURE", "Đang thực hiện", as_of=date(2025, 6, 30), note="Số liệu thử"),
        milestone("MS_SPECIALISED_FARMING_AREAS", "Hoàn thành", note="Số liệu thử"),
    ]
