"""Workbooks made in tests: .xlsx by openpyxl, .ods by hand (a zip with one XML of tables)."""

import io
import zipfile
from collections.abc import Sequence
from xml.sax.saxutils import escape

import openpyxl

from sources.adapters.workbook_file import Percent

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
