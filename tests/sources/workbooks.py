"""Workbooks made in tests: .xlsx by openpyxl, .ods by hand (a zip with one XML of tables), .xls record by record."""

import io
import struct
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

import openpyxl

from sources.adapters.workbook_file import NoFigure, Percent

Rows = Sequence[Sequence[object]]


def xlsx(sheets: dict[str, Rows], hidden: Sequence[str] = (), merged: Sequence[str] = ()) -> bytes:
    """Return an .xlsx; `merged` are ranges of the first sheet. A `Percent` has a percent format."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
            for cell in sheet[sheet.max_row] if row else ():
                if cell.column <= len(row) and isinstance(row[cell.column - 1], Percent):
                    cell.number_format = "0.0%"
        sheet.sheet_state = "hidden" if name in hidden else "visible"
    for cells in merged:
        book.worksheets[0].merge_cells(cells)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


_ODS_NAMES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in (("office", "office"), ("table", "table"), ("text", "text"), ("style", "style"))
)


def _ods_cell(value: object) -> str:
    if value is None:
        return "<table:table-cell/>"
    number = "percentage" if isinstance(value, Percent) else "float"
    kind = f'"{number}" office:value="{value}"' if isinstance(value, int | float) else '"string"'
    text = f"<text:p>{escape(str(value))}</text:p>"
    return f"<table:table-cell office:value-type={kind}>{text}</table:table-cell>"


def ods(sheets: dict[str, Rows], hidden: Sequence[str] = (), more: str = "") -> bytes:
    """Return an .ods; `more` is XML put at the end of the first sheet."""
    tables = ""
    for number, (name, rows) in enumerate(sheets.items()):
        body = "".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows)
        style = "hidden" if name in hidden else "shown"
        body += "" if number else more
        tables += f'<table:table table:name="{escape(name)}" table:style-name="{style}">{body}</table:table>'
    styles = "".join(
        f'<style:style style:name="{name}" style:family="table">'
        f'<style:table-properties table:display="{shown}"/></style:style>'
        for name, shown in (("shown", "true"), ("hidden", "false"))
    )
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?><office:document-content {_ODS_NAMES} office:version="1.2">'
        f"<office:automatic-styles>{styles}</office:automatic-styles>"
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/" '
        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
        '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/></manifest:manifest>'
    )
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet", zipfile.ZIP_STORED)
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return buffer.getvalue()


# --- .xls: BIFF8 records in a compound file, only what the tests need ---------------------------------------

_SECTOR = 512
_PLAIN, _PERCENT, _INDENTED = 0, 1, 2


def compound(streams: dict[str, bytes]) -> bytes:
    """Return a compound file ([MS-CFB]) with these streams."""
    body = b""
    table: list[int] = []

    def add(content: bytes) -> int:
        nonlocal body
        first, n = len(table), -(-len(content) // _SECTOR)
        table.extend([first + at + 1 for at in range(n - 1)] + [0xFFFFFFFE])
        body += content.ljust(n * _SECTOR, b"\0")
        return first

    entries = [("Root Entry", 5, 0xFFFFFFFE, 0)]
    for name, content in streams.items():
        padded = content.ljust(4096, b"\0")  # below that a stream is stored in another way
        entries.append((name, 2, add(padded), len(padded)))
    directory = b""
    for at, (name, kind, start, size) in enumerate(entries):
        wide = name.encode("utf-16-le") + b"\0\0"
        sibling = at + 1 if 0 < at < len(entries) - 1 else 0xFFFFFFFF
        links = struct.pack("<III", 0xFFFFFFFF, sibling, 1 if at == 0 else 0xFFFFFFFF)
        directory += wide.ljust(64, b"\0") + struct.pack("<HBB", len(wide), kind, 1) + links + b"\0" * 36
        directory += struct.pack("<III", start, size, 0)
    first_directory = add(directory)
    table.append(0xFFFFFFFD)
    body += struct.pack(f"<{len(table)}I", *table).ljust(_SECTOR, b"\xff")
    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 16 + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6)
    head += b"\0" * 6 + struct.pack("<9I", 0, 1, first_directory, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    return head + struct.pack("<I", len(table) - 1).ljust(436, b"\xff") + body


def _record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def _xls_cell(row: int, column: int, value: object) -> bytes:
    place = struct.pack("<HH", row, column)
    match value:
        case NoFigure(missing_code="formula_error"):
            return _record(0x0205, place + struct.pack("<HBB", _PLAIN, 0x07, 1))
        case NoFigure():
            return _record(
                0x0006, place + struct.pack("<H8sHIH", _PLAIN, b"\3" + b"\0" * 5 + b"\xff\xff", 0, 0, 0)
            )
        case Percent():
            return _record(0x0203, place + struct.pack("<Hd", _PERCENT, value))
        case int() | float():
            return _record(0x0203, place + struct.pack("<Hd", _PLAIN, value))
        case str():
            style = _INDENTED if value.startswith(" ") else _PLAIN
            text = value.strip()
            head = struct.pack("<HHB", style, len(text), 1)
            return _record(0x0204, place + head + text.encode("utf-16-le"))
    return b""


def xls(rows: Rows, hidden_rows: Sequence[int] = ()) -> bytes:
    """Return an .xls of one sheet "s". A text with a leading space is indented by one step of alignment.

    A `NoFigure` is the error #DIV/0!, or a formula without a value; `hidden_rows` count from 0.
    """
    styles = [(0, 0), (9, 0), (0, 1)]
    book = _record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 0))
    book += _record(0x0031, struct.pack("<HHHHHBBBB", 200, 0, 0, 400, 0, 0, 0, 0, 0) + b"\5\0Arial")
    for number_format, indent in styles:
        book += _record(0x00E0, struct.pack("<HHHBBB", 0, number_format, 0, 0, 0, indent).ljust(20, b"\0"))
    sheet = _record(0x0809, struct.pack("<HHHHII", 0x0600, 0x10, 0, 0, 0, 0))
    width = max(len(row) for row in rows)
    sheet += _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, width, 0))
    for at in hidden_rows:
        sheet += _record(0x0208, struct.pack("<HHHHHHI", at, 0, width, 255, 0, 0, 0x20))
    for at, row in enumerate(rows):
        sheet += b"".join(_xls_cell(at, column, value) for column, value in enumerate(row))
    sheet += _record(0x000A, b"")
    entry = b"\0\0" + struct.pack("<BB", 1, 0) + b"s"  # visible, a worksheet, one letter of Latin-1
    at = len(book) + 4 + 4 + len(entry) + 4
    book += _record(0x0085, struct.pack("<I", at) + entry) + _record(0x000A, b"")
    return compound({"Workbook": book + sheet})
