"""The answers to what was sent in: a copy with every problem marked at its cell, or a list of what was accepted."""

import io
from collections.abc import Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.cell_range import CellRange
from openpyxl.worksheet.worksheet import Worksheet

from sources.submission import styles
from sources.submission.filled import load
from sources.submission.grid import MARK, comment_of
from sources.submission.layout import PROBLEM_SHEET
from sources.submission.problems import CellProblem

_AUTHOR = "Kho số liệu quy hoạch"
_COLUMNS = (("STT", 5), ("Trang", 11), ("Ô", 6), ("Đã ghi", 22), ("Lỗi", 50), ("Cách sửa", 50))
_COMMENT_WIDTH, _COMMENT_LINE = 360, 18


def marked_copy(data: bytes, heading: str, problems: Sequence[CellProblem]) -> bytes:
    """Return the workbook with each problem filled red and commented at its cell, and a sheet that lists them.

    Marks of an earlier return are taken off first. What is no workbook gives a workbook with the list alone.
    """
    try:
        return _marked(load(data), heading, problems)
    except Exception:  # what cannot be opened, or not saved again, is answered without a copy
        book = Workbook()
        book.remove(book.active)
        return _marked(book, heading, problems)


def _marked(book: Workbook, heading: str, problems: Sequence[CellProblem]) -> bytes:
    if PROBLEM_SHEET in book.sheetnames:
        book.remove(book[PROBLEM_SHEET])
    for sheet in book.worksheets:
        _clear(sheet)
    by_cell: dict[tuple[str, str], list[CellProblem]] = {}
    for one in problems:
        if one.sheet in book.sheetnames and one.cell:
            place = _shown_place(book[one.sheet], one.cell)
            by_cell.setdefault((one.sheet, place), []).append(one)
    for (title, ref), found in by_cell.items():
        _mark(book[title][ref], found)
    _write_list(book.create_sheet(PROBLEM_SHEET, 0), heading, problems, set(book.sheetnames))
    book.active = 0
    for sheet in book.worksheets:
        sheet.sheet_view.tabSelected = sheet.title == PROBLEM_SHEET
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _clear(sheet: Worksheet) -> None:
    for row in sheet.iter_rows():
        for cell in row:
            # By its words: a program that saves the workbook again may write another author.
            if cell.comment is not None and not comment_of(cell):
                cell.comment = None
                cell.fill = styles.NO_FILL if cell.protection.locked else styles.INPUT_FILL
                cell.border = styles.BORDER


def _shown_place(sheet: Worksheet, ref: str) -> str:
    """The place itself, or the first of the merged area that hides it."""
    place = CellRange(ref)
    for area in sheet.merged_cells.ranges:
        if area.issuperset(place):
            return f"{get_column_letter(area.min_col)}{area.min_row}"
    return ref


def _mark(cell: Any, problems: Sequence[CellProblem]) -> None:
    text = "\n".join(f"{MARK}{one.message_vi}\nCÁCH SỬA: {one.mend_vi}" for one in problems)
    lines = sum(len(line) // 48 + 1 for line in text.splitlines())
    if comment_of(cell):
        text += f"\nChú thích cũ của ô: {comment_of(cell)}"
    cell.comment = Comment(text, _AUTHOR, height=lines * _COMMENT_LINE + 10, width=_COMMENT_WIDTH)
    cell.fill, cell.border = styles.PROBLEM_FILL, styles.PROBLEM_BORDER


def _write_list(sheet: Worksheet, heading: str, problems: Sequence[CellProblem], sheets: set[str]) -> None:
    sheet["A1"] = heading
    sheet["A1"].font = styles.TITLE
    sheet["A2"] = f"Có {len(problems)} lỗi. Sửa ngay trên tệp này (các ô tô đỏ) rồi nộp lại."
    sheet["A2"].font = styles.PLAIN
    _write_table(
        sheet,
        4,
        _COLUMNS,
        [
            (number, one.sheet, one.cell or "cả tệp", one.found, one.message_vi, one.mend_vi)
            for number, one in enumerate(problems, start=1)
        ],
    )
    for row, one in enumerate(problems, start=5):
        if one.sheet in sheets and one.cell:
            cell = sheet.cell(row, 3)
            cell.hyperlink = f"#{quote_sheetname(one.sheet)}!{one.cell}"
            cell.font = styles.LINK
    styles.protect(sheet)
    styles.for_printing(sheet, 4)


def _write_table(
    sheet: Worksheet, header: int, columns: Sequence[tuple[str, float]], rows: Sequence[Sequence[Any]]
) -> None:
    for position, (name, width) in enumerate(columns, start=1):
        cell = sheet.cell(header, position, name)
        cell.font, cell.fill = styles.BOLD, styles.HEADER_FILL
        cell.alignment, cell.border = styles.CENTRE, styles.BORDER
        sheet.column_dimensions[cell.column_letter].width = width
    for number, row in enumerate(rows, start=header + 1):
        for position, value in enumerate(row, start=1):
            cell = sheet.cell(number, position)
            if isinstance(value, str):
                styles.set_text(cell, value)
            else:
                cell.value = value
            cell.font, cell.alignment, cell.border = styles.PLAIN, styles.WRAP, styles.BORDER
        styles.fit_height(sheet, number, list(zip(row, (width for _, width in columns), strict=True)))


def receipt(heading: str, lines: Sequence[str], accepted: Sequence[dict[str, Any]]) -> bytes:
    """Return the receipt of an accepted workbook: what it was, and the values taken over."""
    book = Workbook()
    sheet = book.active
    sheet.title = "Biên nhận"
    sheet["A1"] = heading
    sheet["A1"].font = styles.TITLE
    for number, line in enumerate(lines, start=2):
        sheet.cell(number, 1, line).font = styles.PLAIN
    columns = (("STT", 5), ("Ô", 20), ("Mã", 34), ("Kỳ", 16), ("Giá trị, tình trạng", 20), ("Ghi thêm", 60))
    rows = [
        (number, row["cell"], row["code"], row["period"], row["value"], row["detail"])
        for number, row in enumerate(accepted, start=1)
    ]
    _write_table(sheet, len(lines) + 3, columns, rows)
    styles.for_printing(sheet)
    return _saved(book)
