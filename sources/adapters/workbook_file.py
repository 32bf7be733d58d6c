"""Opening a workbook (.xlsx, .xls, .ods) safely: what is too large when unpacked is refused, not unpacked."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, TypeGuard
from xml.parsers import expat

import python_calamine as calamine

from sources.adapters import ods_marks, xls_marks, xlsx_marks
from sources.adapters.archive_names import refuse_unsafe_names
from sources.adapters.workbook_marks import SheetMarks, date_text
from sources.adapters.xlsx_marks import column_number
from sources.cells import ReadingError
from sources.content import is_html
from sources.text.tcvn3 import Decoder, EncodingError

CellValue = str | float | None
MOST_UNPACKED_BYTES = 200_000_000
MOST_GRID_CELLS = 5_000_000
_CHUNK = 1 << 20
_REFERENCE = re.compile(rb"""\br=["']([A-Z]{1,3})(\d{1,7})["']""")
_NOT_UTF_8 = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<", b"\0\0")
# An indent by the cell's alignment, in spaces: a step is about as wide as three of them.
_SPACES_OF_AN_INDENT = 3
_ZIP_START, _OLE_START = b"PK", b"\xd0\xcf\x11\xe0"


class Percent(float):
    """A number whose cell has a percent format: 0.125 is shown as 12.5%."""


class NoFigure(str):
    """The text of a cell in which a formula gave no figure: an error ("#DIV/0!"), or the formula itself."""

    missing_code: str

    def __new__(cls, text: str, missing_code: str) -> "NoFigure":
        made = super().__new__(cls, text)
        made.missing_code = missing_code
        return made


class Word(str):
    """A text that is a word where it stands, although elsewhere it marks a missing figure: "C" among A, B, D."""

    __slots__ = ()


@dataclass(frozen=True)
class Sheet:
    """A sheet as a grid from A1: text, numbers (`Percent` where the format is one), or None for an empty cell.

    `merged` holds (first row, first column, last row, last column), from 0, all within the grid.
    Text is Unicode: `doubts` names the cells (row, column, from 0) with words that may be TCVN3 or Unicode and
    stayed as they were; `refused` says why the text of the sheet cannot be read at all; `unsaved` are the
    formulas (row, column, from 0) without a saved value. An indent of a cell is written as leading spaces.
    `bold`, `hidden_rows` and `hidden_columns` are as in the file; `places` are the columns' numbers in the file,
    where they were moved.
    """

    name: str
    visible: bool
    rows: list[list[CellValue]]
    merged: list[tuple[int, int, int, int]]
    doubts: tuple[tuple[int, int, str], ...] = ()
    refused: str | None = None
    unsaved: tuple[tuple[int, int], ...] = ()
    bold: frozenset[tuple[int, int]] = frozenset()
    hidden_rows: frozenset[int] = frozenset()
    hidden_columns: frozenset[int] = frozenset()
    places: tuple[int, ...] | None = None

    def letters(self, column: int) -> str:
        """Return the letters of a column in the file; `places` says where each stands that was moved here."""
        return column_letters(column if self.places is None else self.places[column])


@lru_cache(maxsize=1024)
def column_letters(column: int) -> str:
    """Return the letters of a column counted from 0: 0 is A, 26 is AA."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


class _XlsxGrid:
    """Counts the grid that spans a sheet's cell references; a reader would allocate it all."""

    def __init__(self) -> None:
        self._rows = self._columns = 0
        self._tail = b""

    @property
    def largest(self) -> int:
        return self._rows * self._columns

    def feed(self, chunk: bytes) -> None:
        text = self._tail + chunk
        for letters, number in _REFERENCE.findall(text):
            self._rows = max(self._rows, int(number))
            self._columns = max(self._columns, column_number(letters))
        self._tail = text[-24:]


class _NoGrid:
    """A part without cells."""

    largest = 0

    def feed(self, chunk: bytes) -> None:
        """Nothing to count."""


class _OdsGrid:
    """Counts the grid of each table of an .ods while its XML streams past: repeated rows and cells unfold."""

    def __init__(self) -> None:
        self.largest = 0
        self._rows = self._last_row = self._columns = 0
        self._repeat = self._column = self._last_column = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def feed(self, chunk: bytes) -> None:
        self._parser.Parse(chunk)

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


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Refuse a part of XML that declares a document type, whose entities could unfold without end, or a vast grid."""
    grid: _XlsxGrid | _OdsGrid | _NoGrid = _NoGrid()
    if entry.filename.startswith("xl/worksheets/"):
        grid = _XlsxGrid()
    elif entry.filename == "content.xml":
        grid = _OdsGrid()
    tail = b""
    with archive.open(entry) as stream:
        while chunk := stream.read(_CHUNK):
            text = tail + chunk
            if not tail and text.startswith(_NOT_UTF_8):
                raise ReadingError(entry.filename, "its XML is not UTF-8", "save the workbook again")
            if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                raise ReadingError(
                    entry.filename,
                    "the XML declares a document type or entities, as no workbook does",
                    "check where the file comes from; it is not opened",
                )
            grid.feed(chunk)
            if grid.largest > MOST_GRID_CELLS:
                raise _too_wide(entry.filename, grid.largest)
            tail = text[-16:]


def _check_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            refuse_unsafe_names(archive)
            unpacked = sum(entry.file_size for entry in archive.infolist())
            if unpacked > MOST_UNPACKED_BYTES:
                raise ReadingError(
                    "the whole file",
                    f"the workbook unpacks to {unpacked} bytes, more than {MOST_UNPACKED_BYTES}",
                    "check where the file comes from; it is not opened",
                )
            names = set(archive.namelist())
            if "xl/workbook.bin" in names:
                raise ReadingError("the whole file", "this is a binary workbook (.xlsb)", "save it as .xlsx")
            if b"manifest:encryption-data" in (
                archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
            ):
                raise _locked()
            for entry in archive.infolist():
                if entry.filename.endswith((".xml", ".rels", ".vml")):
                    _check_part(archive, entry)
    # zipfile raises NotImplementedError for a compression it does not know, RuntimeError for an encrypted entry.
    except (
        zipfile.BadZipFile, zlib.error, expat.ExpatError, EOFError, OSError, NotImplementedError, RuntimeError,
        ValueError,
    ) as error:  # fmt: skip
        raise _broken(error) from error


def _broken(error: Exception) -> ReadingError:
    return ReadingError(
        "the whole file", f"the workbook is truncated or damaged ({error})", "fetch or copy the file again"
    )


def _locked() -> ReadingError:
    return ReadingError("the whole file", "the workbook asks for a password", "save it without one")


def _too_wide(part: str, cells: int) -> ReadingError:
    return ReadingError(
        part,
        f"its cells span a grid of {cells}, more than {MOST_GRID_CELLS}",
        "delete stray cells far from the table, or check where the file comes from",
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


def _marked(sheet: Sheet, marks: SheetMarks) -> Sheet:
    """Return the sheet with what its marks say of its cells, in the cells where that changes what is read."""
    rows = sheet.rows
    for row, column in (*marks.errors, *marks.unsaved):
        _reach(rows, row, column)
    for (row, column), error in marks.errors.items():
        rows[row][column] = NoFigure(error, "formula_error")
    unsaved = [place for place in marks.unsaved if rows[place[0]][place[1]] is None]
    for row, column in unsaved:
        rows[row][column] = NoFigure(marks.unsaved[row, column], "formula_without_value")
    for row, column in marks.percent:
        if isinstance(value := _at(rows, row, column), float):
            rows[row][column] = Percent(value)
    for (row, column), shown in marks.dates.items():
        if isinstance(value := _at(rows, row, column), str):
            rows[row][column] = date_text(value, shown)
    for (row, column), indent in marks.indents.items():
        if isinstance(value := _at(rows, row, column), str) and not isinstance(value, NoFigure):
            rows[row][column] = " " * (_SPACES_OF_AN_INDENT * indent) + value
    return replace(
        sheet,
        unsaved=tuple(sorted(unsaved)),
        bold=frozenset(marks.bold),
        hidden_rows=frozenset(marks.hidden_rows),
        hidden_columns=frozenset(marks.hidden_columns),
    )


def _at(rows: list[list[CellValue]], row: int, column: int) -> CellValue:
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else None


def _reach(rows: list[list[CellValue]], row: int, column: int) -> None:
    """Widen the grid to a cell; the reader of values ends it where the values end."""
    width = max(len(rows[0]) if rows else 0, column + 1)
    if max(len(rows), row + 1) * width > MOST_GRID_CELLS:
        raise _too_wide("the sheet", max(len(rows), row + 1) * width)
    rows.extend([] for _ in range(row + 1 - len(rows)))
    if len(rows[0]) < width or not rows[row]:
        for values in rows:
            values.extend([None] * (width - len(values)))


def _archive_marks(data: bytes) -> dict[str, SheetMarks]:
    """Return sheet name -> marks of a checked .xlsx or .ods. Raises ReadingError."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        try:
            is_ods = "content.xml" in archive.namelist()
            return ods_marks.sheet_marks(archive) if is_ods else xlsx_marks.sheet_marks(archive)
        except (expat.ExpatError, KeyError, ValueError, zipfile.BadZipFile, EOFError, zlib.error) as error:
            raise _broken(error) from error


def _compound_marks(data: bytes) -> list[SheetMarks]:
    """Return the marks of each sheet of an .xls, in order. Raises ReadingError."""
    try:
        streams = xls_marks.streams(data)
        if "EncryptedPackage" in streams:
            raise _locked()
        stream = streams.get("Workbook") or streams.get("Book")
        if stream is None:
            what = "a text document" if "WordDocument" in streams else "no workbook"
            message = f"the file is {what} of an old Office program"
            raise ReadingError("the whole file", message, "give the workbook with the figures")
        found = xls_marks.xls_marks(stream)
    except xls_marks.BrokenFile as error:
        raise _broken(error) from error
    if found.largest_grid > MOST_GRID_CELLS:
        raise _too_wide("a sheet", found.largest_grid)
    return found.sheets


def _may_be_old(value: CellValue) -> TypeGuard[str]:
    return isinstance(value, str) and not isinstance(value, NoFigure) and not value.isascii()


def _texts(sheet: Sheet) -> Iterator[str]:
    return (value for row in sheet.rows for value in row if _may_be_old(value))


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
            if _may_be_old(value):
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
    is_archive = data.startswith(_ZIP_START)
    try:
        by_name = _archive_marks(data) if is_archive else {}
        by_position = [] if is_archive else _compound_marks(data)
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = []
        for at, metadata in enumerate(workbook.sheets_metadata):
            if metadata.typ == calamine.SheetTypeEnum.WorkSheet:
                marks = by_position[at] if at < len(by_position) else by_name.get(metadata.name)
                sheets.append(_marked(_sheet(workbook, metadata), marks or SheetMarks()))
    except calamine.PasswordError as error:
        raise _locked() from error
    except (calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise _broken(error) from error
    every_text = list({text for sheet in sheets for text in _texts(sheet)})
    return [_in_unicode(sheet, every_text) for sheet in sheets]
