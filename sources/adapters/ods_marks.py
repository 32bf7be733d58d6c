"""The marks of an .ods: one pass over its content while the XML streams past; repeated rows and cells unfold."""

import re
import zipfile
from itertools import product
from typing import Any
from xml.parsers import expat

from sources.adapters.workbook_marks import CellStyle, SheetMarks

_CHUNK = 1 << 20
_ERROR = re.compile(r"#[A-Z][A-Z0-9/]*[!?]?|Err:\d+")
_MONTH_SHOWN = re.compile(r"\d{1,2}\s*[/.-]\s*\d{4}")
_LENGTH = re.compile(r"([\d.]+)(cm|mm|in|pt|pc|px)")
_IN_CENTIMETRES = {"cm": 1.0, "mm": 0.1, "in": 2.54, "pt": 2.54 / 72, "pc": 2.54 / 6, "px": 2.54 / 96}
# One step of indent as spreadsheet programs write it: 10 pt.
_INDENT_CENTIMETRES = 10 * 2.54 / 72


def _indent(length: str) -> int:
    found = _LENGTH.fullmatch(length)
    return round(float(found[1]) * _IN_CENTIMETRES[found[2]] / _INDENT_CENTIMETRES) if found else 0


class _Pass:
    def __init__(self) -> None:
        self.sheets: dict[str, SheetMarks] = {}
        self._marks = SheetMarks()
        self._styles: dict[str, CellStyle] = {}
        self._style = ""
        self._row = self._next_row = self._column = self._next_column = self._defined = 0
        self._cell: dict[str, str] | None = None
        self._text = ""
        self._in_paragraph = 0
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        self.feed = parser.Parse

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name.rpartition(" ")[2]
        own = {key.rpartition(" ")[2]: value for key, value in attributes.items()}
        match tag:
            case "style":
                self._style = own.get("name", "") if own.get("family") == "table-cell" else ""
                if self._style:
                    self._styles[self._style] = self._styles.get(
                        own.get("parent-style-name", ""), CellStyle()
                    )
            case "text-properties" | "paragraph-properties" if self._style:
                self._styled(own)
            case "table":
                self._marks = self.sheets.setdefault(own.get("name", ""), SheetMarks())
                self._next_row = self._defined = 0
            case "table-column":
                last = self._defined + int(own.get("number-columns-repeated", 1))
                if own.get("visibility") in ("collapse", "filter"):
                    self._marks.hidden_columns.update(range(self._defined, last))
                self._defined = last
            case "table-row":
                self._row, self._next_column = self._next_row, 0
                self._next_row = self._row + int(own.get("number-rows-repeated", 1))
                if own.get("visibility") in ("collapse", "filter"):
                    self._marks.hidden_rows.update(range(self._row, self._next_row))
            case "table-cell" | "covered-table-cell":
                self._column = self._next_column
                self._next_column += int(own.get("number-columns-repeated", 1))
                self._cell, self._text = attributes_of_cell(own, attributes), ""
            case "p" if self._cell is not None:
                self._in_paragraph += 1

    def _styled(self, own: dict[str, str]) -> None:
        before = self._styles[self._style]
        bold = own["font-weight"] == "bold" if "font-weight" in own else before.bold
        indent = _indent(own["margin-left"]) if "margin-left" in own else before.indent
        self._styles[self._style] = CellStyle(indent=indent, bold=bold)

    def _characters(self, text: str) -> None:
        if self._in_paragraph:
            self._text += text

    def _end(self, name: str) -> None:
        tag = name.rpartition(" ")[2]
        if tag == "p" and self._in_paragraph:
            self._in_paragraph -= 1
        elif tag == "style":
            self._style = ""
        elif tag in ("table-cell", "covered-table-cell") and self._cell is not None:
            self._end_cell(self._cell)
            self._cell = None

    def _end_cell(self, own: dict[str, str]) -> None:
        kind, formula = own.get("value-type"), own.get("formula")
        if kind is None and formula is None:
            return
        text = self._text.strip()
        style = self._styles.get(own.get("style-name", ""), CellStyle())
        shown = "month" if kind == "date" and _MONTH_SHOWN.fullmatch(text) else None
        looks = CellStyle(kind == "percentage", shown, style.indent, style.bold)
        error = own.get("kind") == "error" or (formula is not None and _ERROR.fullmatch(text) is not None)
        if looks.plain and not error and kind is not None:
            return
        for place in product(range(self._row, self._next_row), range(self._column, self._next_column)):
            self._marks.take(place, looks)
            if error:
                self._marks.errors[place] = text
            elif kind is None:
                self._marks.unsaved[place] = formula or "="


def attributes_of_cell(own: dict[str, str], attributes: dict[str, str]) -> dict[str, str]:
    """Return a cell's attributes; two are called value-type: that of the standard, and LibreOffice's as `kind`."""
    found = dict(own)
    for name, value in attributes.items():
        if name.endswith(" value-type"):
            found["kind" if "calc" in name else "value-type"] = value
    if not any(name.endswith(" value-type") and "calc" not in name for name in attributes):
        found.pop("value-type", None)
    return found


def sheet_marks(archive: zipfile.ZipFile) -> dict[str, SheetMarks]:
    """Return sheet name -> marks of a checked .ods. Raises what its damaged content provokes."""
    found: Any = _Pass()
    with archive.open("content.xml") as stream:
        while chunk := stream.read(_CHUNK):
            found.feed(chunk)
    return dict(found.sheets)
