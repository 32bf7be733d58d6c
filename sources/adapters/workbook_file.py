"""Opening a workbook (.xlsx, .xls, .ods) safely: what is too large when unpacked is refused, not unpacked."""

import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.parsers import expat

import python_calamine as calamine

from sources.cells import ReadingError
from sources.content import is_html
from sources.text.tcvn3 import Decoder, EncodingError

CellValue = str | float | None
MOST_UNPACKED_BYTES = 200_000_000
MOST_GRID_CELLS = 5_000_000
_CHUNK = 1 << 20
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ZIP_START, _OLE_START = b"PK", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True)
class Sheet:
    """A sheet as a grid from A1: text, numbers, or None for an empty cell.

    `merged` holds (first row, first column, last row, last column), from 0, all within the grid.
    Text is Unicode: `doubts` names the cells (row, column, from 0) with words that may be TCVN3 or Unicode and
    stayed as they were; `refused` says why the text of the sheet cannot be read at all.
    """

    name: str
    visible: bool
    rows: list[list[CellValue]]
    merged: list[tuple[int, int, int, int]]
    doubts: tuple[tuple[int, int, str], ...] = ()
    refused: str | None = None


def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _largest_grid(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    """Return the size of the grid that spans a sheet's cell references; a reader would allocate it all."""
    rows = columns = unpacked = 0
    tail = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            unpacked += len(chunk)
            text = tail + chunk
            for letters, number in _REFERENCE.findall(text):
                rows, columns = max(rows, int(number)), max(columns, _column_number(letters))
            tail = text[-24:]
    return rows * columns


class _OdsGrid:
    """Counts the grid of each table of an .ods while its XML streams past: repeated rows and cells unfold."""

    def __init__(self) -> None:
        self.largest = 0
        self._rows = self._last_row = self._columns = 0
        self._repeat = self._column = self._last_column = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk)

    def _doctype(self, *declaration: object) -> None:
        raise ReadingError(
            "content.xml",
            "the XML declares a document type",
            "check where the file comes from; it is not opened",
        )

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        own = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        if tag == "table":
            self._rows = self._last_row = self._columns = 0
        elif tag == "table-row":
            self._repeat, self._column, self._last_column = int(own.get("number-rows-repeated", 1)), 0, 0
        elif tag in ("table-cell", "covered-table-cell"):
            self._column += int(own.get("number-columns-repeated", 1))
            if "value-type" in own or "formula" in own:
                self._last_column = self._column

    def _end(self, name: str) -> None:
        if name.rpartition(" ")[2] == "table-row":
            self._rows += self._repeat
            if self._last_column:
                self._last_row, self._columns = self._rows, max(self._columns, self._last_column)
                self.largest = max(self.largest, self._last_row * self._columns)


def _largest_ods_grid(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> int:
    grid = _OdsGrid()
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            try:
                grid.feed(chunk)
            except (expat.ExpatError, ValueError) as error:
                raise _broken(error) from error
            if grid.largest > MOST_GRID_CELLS:
                break
    return grid.largest


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_UNPACKED_BYTES:
                raise ReadingError(
                    "the whole file",
                    f"the workbook unpacks to {unpacked} bytes, more than {MOST_UNPACKED_BYTES}",
                    "check where the file comes from; it is not opened",
                )
            for entry in archive.infolist():
                cells = 0
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    cells = _largest_grid(archive, entry)
                elif entry.filename == "content.xml":
                    cells = _largest_ods_grid(archive, entry)
                if cells > MOST_GRID_CELLS:
                    raise ReadingError(
                        entry.filename,
                        f"its cells span a grid of {cells}, more than {MOST_GRID_CELLS}",
                        "delete stray cells far from the table, or check where the file comes from",
                    )
    # zipfile raises NotImplementedError for a compression it does not know, RuntimeError for an encrypted entry.
    except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError) as error:
        raise _broken(error) from error


def _broken(error: Exception) -> ReadingError:
    return ReadingError(
        "the whole file", f"the workbook is truncated or damaged ({error})", "fetch or copy the file again"
    )


def _value(value: Any) -> CellValue:
    match value:
        case None | "":
            return None
        case bool():
            return str(value).lower()
        case int() | float():
            return float(value)
        case datetime() | date() | time():
            return value.isoformat()
        case timedelta():
            return str(value)
    return str(value)


def _sheet(workbook: calamine.CalamineWorkbook, metadata: calamine.SheetMetadata) -> Sheet:
    sheet = workbook.get_sheet_by_name(metadata.name)
    rows = [[_value(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    n_rows, n_columns = len(rows), len(rows[0]) if rows else 0
    merged = [
        (top, left, min(bottom, n_rows - 1), min(right, n_columns - 1))
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or []
        if top < n_rows and left < n_columns
    ]
    visible = metadata.visible == calamine.SheetVisibleEnum.Visible
    return Sheet(metadata.name, visible, rows, merged)


def _texts(sheet: Sheet) -> Iterator[str]:
    return (value for row in sheet.rows for value in row if isinstance(value, str) and not value.isascii())


def _in_unicode(sheet: Sheet, words_elsewhere: list[str]) -> Sheet:
    """Return the sheet with the text of old fonts decoded; calamine gives no fonts, so the words decide."""
    try:
        decoder = Decoder(_texts(sheet), words_elsewhere)
    except EncodingError as error:
        return replace(sheet, refused=str(error))
    doubts = []
    rows: list[list[CellValue]] = []
    for at, row in enumerate(sheet.rows):
        rows.append(list(row))
        for column, value in enumerate(row):
            if isinstance(value, str) and not value.isascii():
                decoded = decoder.decode(value)
                rows[at][column] = decoded.text
                doubts += [(at, column, word) for word in decoded.doubts]
    return replace(sheet, rows=rows, doubts=tuple(doubts))


def open_workbook(data: bytes) -> list[Sheet]:
    """Read all worksheets of an .xlsx, .xls or .ods file. Raises ReadingError for anything else or damaged."""
    if is_html(data):
        raise ReadingError(
            "the whole file", "the file is a web page (HTML), not a workbook", "fetch the workbook itself"
        )
    if data.startswith(_ZIP_START):
        _check_archive(data)
    elif not data.startswith(_OLE_START):
        raise ReadingError(
            "the whole file",
            "this is neither .xlsx nor .xls nor .ods",
            "give a workbook in one of these formats",
        )
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        worksheets = [m for m in workbook.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
        sheets = [_sheet(workbook, metadata) for metadata in worksheets]
    except calamine.PasswordError as error:
        raise ReadingError(
            "the whole file", "the workbook asks for a password", "save it without one"
        ) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _broken(error) from error
    every_text = list({text for sheet in sheets for text in _texts(sheet)})
    return [_in_unicode(sheet, every_text) for sheet in sheets]
