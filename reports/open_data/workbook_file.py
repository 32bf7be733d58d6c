"""An .xlsx file written row by row: typed cells, no formula and no link, the same bytes for the same content.

A text never becomes a formula: it is made plain (`plain_text`) and written as a text. Signs that XML does not know are
replaced, and a text longer than a cell may hold is cut with a note.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from os import PathLike
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from openpyxl.writer.excel import ExcelWriter

from reports.open_data.plain_text import made_plain
from store.xml_letters import NOT_IN_XML

# A sheet of the format has 1,048,576 rows; one of them is the header.
MOST_ROWS = 1_048_575
MOST_CHARACTERS = 32_767
CUT = " […]"
DAY_FORMAT = "dd/mm/yyyy"
_HEADER_FONT, _HEADER_FILL = Font(bold=True), PatternFill("solid", fgColor="FFE6EBF1")
_HEADER_ALIGNMENT = Alignment(wrap_text=True, vertical="top")
_CORE = "docProps/core.xml"
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*(</dcterms:modified>)")

Value = str | int | float | Decimal | bool | date | datetime | None


@dataclass(frozen=True)
class SheetColumn:
    """A column of a sheet: Vietnamese heading, English under it, width in letters."""

    vi: str
    en: str
    width: int = 16

    @property
    def header(self) -> str:
        """Both headings as the first row has them."""
        return f"{self.vi}\n{self.en}"


@dataclass(frozen=True)
class Number:
    """A number with the decimals it is shown with; None shows those it has."""

    value: Decimal | float | int
    decimals: int | None = None


def cell_text(text: str) -> str:
    """A text as a cell holds it."""
    plain = NOT_IN_XML.sub("\ufffd", made_plain(text))
    return plain if len(plain) <= MOST_CHARACTERS else plain[: MOST_CHARACTERS - len(CUT)] + CUT


def number_format(decimals: int | None) -> str:
    """How a number is shown: grouped by thousands, with its decimals."""
    if decimals is None:
        return "General"
    return f"#,##0.{'0' * decimals}" if decimals > 0 else "#,##0"


class WorkbookFile:
    """Sheets written one after the other into one file. `instant`: the only time the file carries."""

    def __init__(self, title: str, subject: str, author: str, instant: datetime) -> None:
        self._workbook = Workbook(write_only=True)
        properties = self._workbook.properties
        properties.title, properties.subject, properties.creator = title, subject, author
        properties.created = properties.modified = self._instant = instant

    def table(
        self,
        title: str,
        columns: Sequence[SheetColumn],
        rows: Iterable[Sequence[Value | Number]],
        n_rows: int,
    ) -> None:
        """A sheet with a frozen, filtered header. `n_rows`: how many rows come; ValueError for more than it holds."""
        if n_rows > MOST_ROWS:
            raise ValueError(f"a sheet holds {MOST_ROWS} rows, not {n_rows}: give it fewer")
        sheet = self._sheet(title, [column.width for column in columns])
        sheet.freeze_panes = "B2"
        sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{n_rows + 1}"
        sheet.print_title_rows = "1:1"
        sheet.append([self._header(sheet, column.header) for column in columns])
        for row in rows:
            sheet.append([_cell(sheet, value) for value in row])

    def lines(self, title: str, lines: Sequence[Sequence[str]], widths: Sequence[int]) -> None:
        """A sheet of texts that wrap, the first of each line bold."""
        sheet = self._sheet(title, widths)
        for line in lines:
            cells = []
            for place, text in enumerate(line):
                cell = WriteOnlyCell(sheet, cell_text(text))
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=True, vertical="top")
                if place == 0:
                    cell.font = _HEADER_FONT
                cells.append(cell)
            sheet.append(cells)

    def save(self, path: Path) -> None:
        """Write the file; every entry of the archive has the workbook's own time."""
        with _DatedZip(path, self._instant) as archive:
            ExcelWriter(self._workbook, archive).save()

    def _sheet(self, title: str, widths: Sequence[int]) -> WriteOnlyWorksheet:
        sheet = self._workbook.create_sheet(title)
        for place, width in enumerate(widths, start=1):
            sheet.column_dimensions[get_column_letter(place)].width = width
        sheet.page_setup.orientation = "landscape"
        sheet.page_setup.fitToHeight = 0
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
        return sheet

    def _header(self, sheet: WriteOnlyWorksheet, text: str) -> WriteOnlyCell:
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        cell.font, cell.fill, cell.alignment = _HEADER_FONT, _HEADER_FILL, _HEADER_ALIGNMENT
        return cell


def _cell(sheet: WriteOnlyWorksheet, value: Value | Number) -> WriteOnlyCell | Value:
    if isinstance(value, str):
        text = cell_text(value)
        if not text.startswith("'"):
            return text
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        return cell
    if isinstance(value, Number):
        cell = WriteOnlyCell(sheet, float(value.value))
        cell.number_format = number_format(value.decimals)
        return cell
    if isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = DAY_FORMAT
        return cell
    return value


class _DatedZip(ZipFile):
    """An archive whose entries all have one time, and whose document says it was changed at that time."""

    def __init__(self, path: Path, instant: datetime) -> None:
        super().__init__(path, "w", ZIP_DEFLATED, allowZip64=True)
        self._instant = instant

    def _entry(self, name: str) -> ZipInfo:
        moment = self._instant
        entry = ZipInfo(
            name, (moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second)
        )
        entry.compress_type = ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        return entry

    def writestr(  # type: ignore[override]
        self, zinfo_or_arcname: str, data: bytes | str, *_: object
    ) -> None:
        content = data.encode("utf-8") if isinstance(data, str) else data
        if zinfo_or_arcname == _CORE:
            moment = self._instant.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
            content = _MODIFIED.sub(rb"\g<1>" + moment + rb"\g<2>", content)
        super().writestr(self._entry(zinfo_or_arcname), content)

    def write(  # type: ignore[override]
        self, filename: str | PathLike[str], arcname: str, *_: object
    ) -> None:
        with open(filename, "rb") as source, self.open(self._entry(arcname), "w", force_zip64=True) as target:
            shutil.copyfileobj(source, target)


@contextmanager
def workbook_file(
    path: Path, title: str, subject: str, author: str, instant: datetime
) -> Iterator[WorkbookFile]:
    """A workbook that is saved at the end; a file half written is never left."""
    path.parent.mkdir(parents=True, exist_ok=True)
    workbook = WorkbookFile(title, subject, author, instant)
    yield workbook
    workbook.save(path)
