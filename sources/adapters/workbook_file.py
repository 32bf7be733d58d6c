"""Opening a workbook (.xlsx, .xls, .ods) safely: what is too large when unpacked is refused, not unpacked."""

import io
import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import product
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import unescape

import python_calamine as calamine

from sources.cells import ReadingError
from sources.content import is_html
from sources.text.tcvn3 import Decoder, EncodingError

CellValue = str | float | None
MOST_UNPACKED_BYTES = 200_000_000
MOST_GRID_CELLS = 5_000_000
_CHUNK = 1 << 20
_A1 = re.compile(r"([A-Z]{1,3})(\d{1,7})", re.ASCII)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
# The built-in formats 0% and 0.00% (ECMA-376 part 1, 18.8.30); other percent formats are written in the workbook.
_PERCENT_FORMATS = {9, 10}
# What a number format shows as it stands, or takes as a space: quoted text, an escaped sign, a colour, a locale.
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_CELL = re.compile(
    rb'<c\b(?P<attributes>[^>]*?\br="(?P<letters>[A-Z]{1,3})(?P<row>\d{1,7})"[^>]*?)(?:/>|>(?P<body>.*?)</c>)',
    re.DOTALL,
)
_CELL_VALUE = re.compile(rb"<v[^>]*>([^<]+)</v>|<is>")
_SHEET_ENTRY = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_ZIP_START, _OLE_START = b"PK", b"\xd0\xcf\x11\xe0"


class Percent(float):
    """A number whose cell has a percent format: 0.125 is shown as 12.5%."""


@dataclass(frozen=True)
class Sheet:
    """A sheet as a grid from A1: text, numbers (`Percent` where the format is one), or None for an empty cell.

    `merged` holds (first row, first column, last row, last column), from 0, all within the grid.
    Text is Unicode: `doubts` names the cells (row, column, from 0) with words that may be TCVN3 or Unicode and
    stayed as they were; `refused` says why the text of the sheet cannot be read at all; `unsaved` are the
    formulas of an .xlsx (row, column, from 0) whose value was never saved.
    """

    name: str
    visible: bool
    rows: list[list[CellValue]]
    merged: list[tuple[int, int, int, int]]
    doubts: tuple[tuple[int, int, str], ...] = ()
    refused: str | None = None
    unsaved: tuple[tuple[int, int], ...] = ()


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


def _refuse_doctype(part: str, *declaration: object) -> None:
    raise ReadingError(
        part, "the XML declares a document type", "check where the file comes from; it is not opened"
    )


class _OdsGrid:
    """Counts the grid of each table of an .ods while its XML streams past: repeated rows and cells unfold."""

    def __init__(self) -> None:
        self.largest = 0
        self._rows = self._last_row = self._columns = 0
        self._repeat = self._column = self._last_column = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = partial(_refuse_doctype, "content.xml")

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


# --- percent formats, which calamine does not give ----------------------------------------------------------


def _elements(archive: zipfile.ZipFile, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Call `start` with the local name and attributes of each element of a part, while it streams past.

    Nothing in the XML of a workbook declares a document type: declared entities may unfold without end.
    """
    parser = expat.ParserCreate(namespace_separator=" ")

    def local(name: str, attributes: dict[str, str]) -> None:
        start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    parser.StartElementHandler = local
    parser.StartDoctypeDeclHandler = partial(_refuse_doctype, part)
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)


def _is_percent(number_format: str) -> bool:
    return "%" in _NOT_FORMAT.sub("", number_format)


def _percent_styles(archive: zipfile.ZipFile) -> set[str]:
    """Return the cell styles (the values of `s`) of an .xlsx whose number format is a percentage."""
    formats = set(_PERCENT_FORMATS)
    styles: list[int] = []
    inside = ""

    def start(tag: str, own: dict[str, str]) -> None:
        nonlocal inside
        if tag in ("cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag
        elif tag == "numFmt" and inside != "dxfs":
            (formats.add if _is_percent(own["formatCode"]) else formats.discard)(int(own["numFmtId"]))
        elif tag == "xf" and inside == "cellXfs":
            styles.append(int(own.get("numFmtId", 0)))

    _elements(archive, "xl/styles.xml", start)
    return {str(at) for at, number_format in enumerate(styles) if number_format in formats}


def _sheet_parts(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name -> part of an .xlsx."""
    names: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(tag: str, own: dict[str, str]) -> None:
        if tag == "sheet":
            names[own["name"]] = own["id"]

    def target(tag: str, own: dict[str, str]) -> None:
        if tag == "Relationship":
            targets[own["Id"]] = own["Target"]

    _elements(archive, "xl/workbook.xml", sheet)
    _elements(archive, "xl/_rels/workbook.xml.rels", target)
    return {
        name: targets[of].removeprefix("/") if targets[of].startswith("/") else f"xl/{targets[of]}"
        for name, of in names.items()
        if of in targets
    }


def _xlsx_percent_cells(archive: zipfile.ZipFile, part: str, styles: set[str]) -> set[tuple[int, int]]:
    """Return the cells (row, column, from 0) of a sheet with one of these styles."""
    found: set[tuple[int, int]] = set()
    row = column = -1

    def start(tag: str, own: dict[str, str]) -> None:
        nonlocal row, column
        if tag == "row":
            row, column = int(own["r"]) - 1 if "r" in own else row + 1, -1
        elif tag == "c":
            place = _A1.fullmatch(own.get("r", ""))
            column = _column_number(place[1].encode()) - 1 if place else column + 1
            if own.get("s") in styles:
                found.add((int(place[2]) - 1 if place else row, column))

    _elements(archive, part, start)
    return found


def _ods_percent_cells(archive: zipfile.ZipFile) -> dict[str, set[tuple[int, int]]]:
    """Return sheet name -> cells (row, column, from 0) that hold a percentage; repeated ones unfold."""
    found: dict[str, set[tuple[int, int]]] = {}
    sheet = ""
    row = next_row = column = 0

    def start(tag: str, own: dict[str, str]) -> None:
        nonlocal sheet, row, next_row, column
        if tag == "table":
            sheet, next_row = own.get("name", ""), 0
        elif tag == "table-row":
            row, column = next_row, 0
            next_row = row + int(own.get("number-rows-repeated", 1))
        elif tag in ("table-cell", "covered-table-cell"):
            next_column = column + int(own.get("number-columns-repeated", 1))
            if own.get("value-type") == "percentage":
                places = product(range(row, next_row), range(column, next_column))
                found.setdefault(sheet, set()).update(places)
            column = next_column

    _elements(archive, "content.xml", start)
    return found


def _percent_cells(data: bytes) -> dict[str, set[tuple[int, int]]]:
    """Return sheet name -> cells with a percent format of a checked .xlsx or .ods. Raises ReadingError."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = set(archive.namelist())
        try:
            if "content.xml" in parts:
                return _ods_percent_cells(archive)
            if not {"xl/styles.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= parts:
                return {}
            styles = _percent_styles(archive)
            if not styles:
                return {}
            return {
                name: _xlsx_percent_cells(archive, part, styles)
                for name, part in _sheet_parts(archive).items()
                if part in parts and part.startswith("xl/worksheets/")
            }
        except (expat.ExpatError, KeyError, ValueError, zipfile.BadZipFile, EOFError) as error:
            raise _broken(error) from error


def _with_percent(sheet: Sheet, cells: set[tuple[int, int]]) -> Sheet:
    for row, column in cells:
        if row < len(sheet.rows) and column < len(sheet.rows[row]):
            value = sheet.rows[row][column]
            if isinstance(value, float):
                sheet.rows[row][column] = Percent(value)
    return sheet


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


def _attribute(tag: bytes, name: bytes) -> str:
    found = re.search(rb"\b" + name + rb'="([^"]*)"', tag)
    return unescape(found[1].decode("utf-8", "replace"), {"&quot;": '"', "&apos;": "'"}) if found else ""


def _sheet_entries(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return sheet name -> entry of the archive, of an .xlsx; empty for anything else."""
    names = set(archive.namelist())
    if not {"xl/workbook.xml", "xl/_rels/workbook.xml.rels"} <= names:
        return {}
    relations = _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {_attribute(tag, b"Id"): _attribute(tag, b"Target") for tag in relations}
    entries = {}
    for tag in _SHEET_ENTRY.findall(archive.read("xl/workbook.xml")):
        target = targets.get(_attribute(tag, b"r:id"), "")
        entry = target.removeprefix("/") if target.startswith("/") else f"xl/{target}"
        if entry in names:
            entries[_attribute(tag, b"name")] = entry
    return entries


def _with_errors(sheet: Sheet, xml: bytes) -> Sheet:
    """Return the sheet with the text of cells that hold an error ("#DIV/0!"), which calamine leaves empty."""
    if b't="e"' not in xml and b"<f" not in xml:
        return sheet
    rows = [list(row) for row in sheet.rows]
    unsaved = []
    for cell in _CELL.finditer(xml):
        at, column, body = int(cell["row"]) - 1, _column_number(cell["letters"]) - 1, cell["body"] or b""
        if at >= len(rows) or column >= len(rows[at]) or rows[at][column] is not None:
            continue
        value = _CELL_VALUE.search(body)
        if value is None and b"<f" in body:
            unsaved.append((at, column))
        elif value is not None and value[1] and b't="e"' in cell["attributes"]:
            rows[at][column] = value[1].decode("utf-8", "replace")
    return replace(sheet, rows=rows, unsaved=tuple(unsaved))


def _errors_read(data: bytes, sheets: list[Sheet]) -> list[Sheet]:
    if not data.startswith(_ZIP_START):
        return sheets
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = _sheet_entries(archive)
        return [
            _with_errors(sheet, archive.read(entries[sheet.name])) if sheet.name in entries else sheet
            for sheet in sheets
        ]


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
        percent = _percent_cells(data) if data.startswith(_ZIP_START) else {}
        sheets = [
            _with_percent(_sheet(workbook, metadata), percent.get(metadata.name, set()))
            for metadata in worksheets
        ]
        sheets = _errors_read(data, sheets)
    except calamine.PasswordError as error:
        raise ReadingError(
            "the whole file", "the workbook asks for a password", "save it without one"
        ) from error
    except (calamine.CalamineError, zipfile.BadZipFile, OSError, ValueError) as error:
        raise _broken(error) from error
    every_text = list({text for sheet in sheets for text in _texts(sheet)})
    return [_in_unicode(sheet, every_text) for sheet in sheets]
