"""Opening a workbook safely: what is too large when unpacked is refused before anything unpacks it."""

import io
import re
import zipfile
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import python_calamine as calamine

from sources.cells import ReadingError
from sources.content import is_html

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
    """

    name: str
    visible: bool
    rows: list[list[CellValue]]
    merged: list[tuple[int, int, int, int]]


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
                if entry.filename.startswith("xl/worksheets/") and entry.filename.endswith(".xml"):
                    cells = _largest_grid(archive, entry)
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


def open_workbook(data: bytes) -> list[Sheet]:
    """Read all worksheets of an .xlsx or .xls file. Raises ReadingError for anything else or damaged."""
    if is_html(data):
        raise ReadingError(
            "the whole file", "the file is a web page (HTML), not a workbook", "fetch the workbook itself"
        )
    if data.startswith(_ZIP_START):
        _check_archive(data)
    elif not data.startswith(_OLE_START):
        raise ReadingError(
            "the whole file", "this is neither .xlsx nor .xls", "give a workbook in one of these formats"
        )
    try:
        workbook = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
        worksheets = [m for m in workbook.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
        return [_sheet(workbook, metadata) for metadata in worksheets]
    except calamine.PasswordError as error:
        raise ReadingError(
            "the whole file", "the workbook asks for a password", "save it without one"
        ) from error
    except (calamine.CalamineError, OSError, ValueError) as error:
        raise _broken(error) from error
