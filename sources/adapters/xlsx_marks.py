"""The marks of an .xlsx: styles by their parts, and one pass over the XML of each sheet."""

import re
import zipfile
from collections.abc import Callable
from xml.parsers import expat
from xml.sax.saxutils import unescape

from sources.adapters.workbook_marks import BUILT_IN_FORMATS, CellStyle, Place, SheetMarks, style_of

_WORKBOOK, _RELATIONS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_CHUNK = 1 << 20
_A1 = re.compile(rb"([A-Z]{1,3})(\d{1,7})")
_TAG = re.compile(rb"<(/?)(?:\w+:)?(row|col|c|f|v|is)(?=[\s/>])([^<>]*)>([^<]*)")
# The same without what is in the cells, for a sheet without formulas and errors.
_OUTER_TAG = re.compile(rb"<()(?:\w+:)?(row|col|c)(?=[\s/>])([^<>]*)>()")
_FORMULA_OR_ERROR = re.compile(rb"""<(?:\w+:)?f[\s/>]|\bt=["']e["']""")
_HIDDEN = re.compile(rb"\bhidden=")
_ATTRIBUTE = re.compile(rb"""([\w:]+)\s*=\s*["']([^"']*)["']""")
_TRUE = (b"1", b"true")
_MOST_COLUMNS = 16_384


def elements(archive: zipfile.ZipFile, part: str, start: Callable[[str, dict[str, str]], None]) -> None:
    """Call `start` with the local name and attributes of each element of a part, while it streams past."""
    parser = expat.ParserCreate(namespace_separator=" ")

    def local(name: str, attributes: dict[str, str]) -> None:
        start(name.rpartition(" ")[2], {key.rpartition(" ")[2]: value for key, value in attributes.items()})

    parser.StartElementHandler = local
    with archive.open(part) as stream:
        while chunk := stream.read(_CHUNK):
            parser.Parse(chunk)


def _styles(archive: zipfile.ZipFile) -> dict[bytes, CellStyle]:
    """Return the cell styles (the values of `s`) that say something of a cell."""
    formats = dict(BUILT_IN_FORMATS)
    bold: list[bool] = []
    found: list[tuple[int, int, int]] = []
    inside = ""

    def start(tag: str, own: dict[str, str]) -> None:
        nonlocal inside
        if tag in ("fonts", "cellXfs", "cellStyleXfs", "cellStyles", "dxfs"):
            inside = tag
        elif tag == "numFmt" and inside != "dxfs":
            formats[int(own["numFmtId"])] = own["formatCode"]
        elif tag == "font" and inside == "fonts":
            bold.append(False)
        elif tag == "b" and inside == "fonts" and bold:
            bold[-1] = own.get("val", "1") not in ("0", "false")
        elif tag == "xf" and inside == "cellXfs":
            found.append((int(own.get("numFmtId", 0)), int(own.get("fontId", 0)), 0))
        elif tag == "alignment" and inside == "cellXfs" and found:
            found[-1] = (*found[-1][:2], int(own.get("indent", 0)))

    elements(archive, _STYLES, start)
    styles = {
        str(at).encode(): style_of(formats.get(number, ""), indent, font < len(bold) and bold[font])
        for at, (number, font, indent) in enumerate(found)
    }
    return {name: style for name, style in styles.items() if not style.plain}


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

    elements(archive, _WORKBOOK, sheet)
    elements(archive, _RELATIONS, target)
    return {
        name: targets[of].removeprefix("/") if targets[of].startswith("/") else f"xl/{targets[of]}"
        for name, of in names.items()
        if of in targets
    }


def column_number(letters: bytes) -> int:
    """Return the number of a column counted from 1: A is 1, AA is 27."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - ord("A") + 1
    return number


def _text(raw: bytes) -> str:
    return unescape(raw.decode("utf-8", "replace"), {"&quot;": '"', "&apos;": "'"})


class _Pass:
    """One pass over the tags of a sheet."""

    def __init__(self, styles: dict[bytes, CellStyle]) -> None:
        self.marks = SheetMarks()
        self._styles = styles
        self._row = self._column = -1
        self._cell: Place | None = None
        self._type = b""
        self._formula: bytes | None = None
        self._has_value = False

    def read(self, xml: bytes) -> SheetMarks:
        inside = _FORMULA_OR_ERROR.search(xml) is not None
        if not inside and not self._styles and not _HIDDEN.search(xml):
            return self.marks
        for tag in (_TAG if inside else _OUTER_TAG).finditer(xml):
            closes, name, attributes, text = tag.groups()
            if name == b"c":
                if closes:
                    self._end_cell()
                else:
                    self._start_cell(dict(_ATTRIBUTE.findall(attributes)))
            elif closes:
                continue
            elif name == b"v":
                self._value(b"" if attributes.endswith(b"/") else text)
            elif name == b"f":
                self._formula = text
            elif name == b"is":
                self._has_value = True
            else:
                self._start_line(name, dict(_ATTRIBUTE.findall(attributes)))
        return self.marks

    def _start_line(self, name: bytes, own: dict[bytes, bytes]) -> None:
        hidden = own.get(b"hidden") in _TRUE
        if name == b"row":
            self._row = int(own[b"r"]) - 1 if b"r" in own else self._row + 1
            self._column = -1
            if hidden:
                self.marks.hidden_rows.add(self._row)
        elif hidden:
            first, last = int(own.get(b"min", 1)), int(own.get(b"max", 0))
            self.marks.hidden_columns.update(range(first - 1, min(last, _MOST_COLUMNS)))

    def _start_cell(self, own: dict[bytes, bytes]) -> None:
        place = _A1.fullmatch(own.get(b"r", b""))
        if place is not None:
            self._row, self._column = int(place[2]) - 1, column_number(place[1]) - 1
        else:
            self._column += 1
        self._cell = (self._row, self._column)
        self._type, self._formula, self._has_value = own.get(b"t", b""), None, False
        style = self._styles.get(own.get(b"s", b""))
        if style is not None:
            self.marks.take(self._cell, style)

    def _value(self, text: bytes) -> None:
        # The saved value of a formula that gives an empty text is empty, and is a value.
        self._has_value = bool(text) or self._type == b"str"
        if self._type == b"e" and self._cell is not None:
            self.marks.errors[self._cell] = _text(text)

    def _end_cell(self) -> None:
        if self._cell is not None and self._formula is not None and not self._has_value:
            self.marks.unsaved[self._cell] = "=" + _text(self._formula)


def sheet_marks(archive: zipfile.ZipFile) -> dict[str, SheetMarks]:
    """Return sheet name -> marks of a checked .xlsx. Raises what its damaged parts provoke."""
    parts = set(archive.namelist())
    if not {_WORKBOOK, _RELATIONS} <= parts:
        return {}
    styles = _styles(archive) if _STYLES in parts else {}
    return {
        name: _Pass(styles).read(archive.read(part))
        for name, part in _sheet_parts(archive).items()
        if part in parts and part.startswith("xl/worksheets/")
    }
