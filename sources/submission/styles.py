"""How the workbooks look: fonts, fills, borders; what may be written in is light yellow."""

import math
from collections.abc import Sequence
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.workbook.protection import WorkbookProtection
from openpyxl.worksheet.worksheet import Worksheet

FONT = "Times New Roman"
INPUT_FILL = PatternFill("solid", fgColor="FFFBE6")
PROBLEM_FILL = PatternFill("solid", fgColor="FFC7CE")
HEADER_FILL = PatternFill("solid", fgColor="D9E2EC")
NO_FILL = PatternFill()
_THIN = Side(style="thin", color="A0A0A0")
BORDER = Border(left=_THIN, right=_THIN, top=_THIN, bottom=_THIN)
_RED = Side(style="medium", color="C00000")
PROBLEM_BORDER = Border(left=_RED, right=_RED, top=_RED, bottom=_RED)
PLAIN = Font(name=FONT, size=11)
SMALL = Font(name=FONT, size=9, color="555555")
BOLD = Font(name=FONT, size=11, bold=True)
TITLE = Font(name=FONT, size=14, bold=True)
LINK = Font(name=FONT, size=11, color="0563C1", underline="single")
WRAP = Alignment(wrap_text=True, vertical="top")
CENTRE = Alignment(wrap_text=True, vertical="center", horizontal="center")
UNLOCKED = Protection(locked=False)
_LINE_POINTS = 14.5
NUMBER_FORMAT, DATE_FORMAT = "#,##0.##########", "dd/mm/yyyy"


def protect(sheet: Worksheet) -> None:
    """Lock a sheet but for its unlocked cells; widths and filters stay free. No password: it is against slips."""
    sheet.protection.sheet = True
    sheet.protection.formatColumns = False
    sheet.protection.formatRows = False
    sheet.protection.autoFilter = False


def structure_protection() -> WorkbookProtection:
    """Sheets cannot be removed, renamed or moved."""
    return WorkbookProtection(lockStructure=True)


def for_printing(sheet: Worksheet, header_row: int | None = None) -> None:
    """Landscape, one page wide, the header on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    if header_row is not None:
        sheet.print_title_rows = f"{header_row}:{header_row}"


def set_text(cell: Any, text: str) -> None:
    """Write text that no program takes for a formula or an error: what people wrote is repeated, never run."""
    cell.value = text
    if text:
        cell.data_type = "s"


def fit_height(sheet: Worksheet, row: int, columns: Sequence[tuple[Any, float]]) -> None:
    """Make a row as high as its longest wrapped text; `columns` are its values with their widths in characters."""
    lines = max((math.ceil(len(str(value or "")) / (width * 1.1)) for value, width in columns), default=1)
    sheet.row_dimensions[row].height = _LINE_POINTS * max(1, lines) + 2
