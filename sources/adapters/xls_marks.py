"""The marks of an .xls: the records of its workbook stream ([MS-XLS]), found in the compound file ([MS-CFB]).

Excel 5 to 2003 (BIFF5 and BIFF8). Values are not read here.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from sources.adapters.workbook_marks import BUILT_IN_FORMATS, CellStyle, SheetMarks, style_of

_FREE = 0xFFFFFFFA  # sector numbers from here on are no sectors
_ERRORS = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?", 0x24: "#NUM!", 0x2A: "#N/A",
}  # fmt: skip
_FORMULA, _BOOLERR, _NUMBERS = 0x0006, 0x0205, 0x00BD
# BLANK, NUMBER, LABEL, RSTRING, LABELSST, RK: a row, a column and a style.
_CELLS = frozenset((0x0201, 0x0203, 0x0204, 0x00D6, 0x00FD, 0x027E, _FORMULA, _BOOLERR))
_BIFF8 = 0x0600
_BOLD_WEIGHT = 600


class BrokenFile(ValueError):
    """The compound file or its records do not hold together."""


def _sectors(data: bytes, numbers: list[int], size: int) -> bytes:
    return b"".join(data[(number + 1) * size : (number + 2) * size] for number in numbers)


def _chain(table: tuple[int, ...], start: int) -> list[int]:
    found: list[int] = []
    while start < _FREE:
        if start >= len(table) or len(found) > len(table):
            raise BrokenFile("a chain of sectors leads nowhere")
        found.append(start)
        start = table[start]
    return found


def _numbers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])


def streams(data: bytes) -> dict[str, bytes]:
    """Return the streams of a compound file by name. Raises BrokenFile."""
    if len(data) < 512:
        raise BrokenFile("the header is cut off")
    size, small = 1 << struct.unpack_from("<H", data, 30)[0], 1 << struct.unpack_from("<H", data, 32)[0]
    if size not in (512, 4096) or small != 64:
        raise BrokenFile("the header names no size of sectors")
    first_directory, _, cutoff, first_small, _, first_more, n_more = struct.unpack_from("<7I", data, 48)
    tables = [number for number in _numbers(data[76:512]) if number < _FREE]
    for _ in range(n_more):
        if first_more >= _FREE:
            break
        more = _numbers(_sectors(data, [first_more], size))
        tables += [number for number in more[:-1] if number < _FREE]
        first_more = more[-1] if more else _FREE
        if len(tables) * size > len(data):
            raise BrokenFile("the table of sectors is larger than the file")
    table = _numbers(_sectors(data, tables, size))
    directory = _sectors(data, _chain(table, first_directory), size)
    entries = []
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        start, n_bytes = struct.unpack_from("<II", directory, at + 116)
        if kind in (2, 5):
            name = directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace")
            entries.append((name, kind, start, n_bytes))
    root = next(((start, n) for _, kind, start, n in entries if kind == 5), (_FREE, 0))
    small_stream = _sectors(data, _chain(table, root[0]), size)
    small_table = _numbers(_sectors(data, _chain(table, first_small), size))
    found = {}
    for name, kind, start, n_bytes in entries:
        if kind == 5 or n_bytes > len(data):
            continue
        if n_bytes >= cutoff:
            found[name] = _sectors(data, _chain(table, start), size)[:n_bytes]
        else:
            pieces = (small_stream[at * small : (at + 1) * small] for at in _chain(small_table, start))
            found[name] = b"".join(pieces)[:n_bytes]
    return found


@dataclass
class XlsMarks:
    """The marks of each sheet in the order of the workbook, and the largest grid that a sheet's cells span."""

    sheets: list[SheetMarks] = field(default_factory=list)
    largest_grid: int = 0


def _records(stream: bytes, at: int = 0) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


class _Globals:
    """Fonts, number formats, styles and the places of the sheets."""

    def __init__(self, stream: bytes) -> None:
        self.version = _BIFF8
        self.sheets: list[int] = []
        bold: list[bool] = []
        formats = dict(BUILT_IN_FORMATS)
        styles: list[tuple[int, int, int]] = []
        for kind, body in _records(stream):
            if kind == 0x000A:
                break
            match kind:
                case 0x0809:
                    self.version = struct.unpack_from("<H", body)[0]
                case 0x0085:
                    self.sheets.append(struct.unpack_from("<I", body)[0])
                case 0x0031:
                    bold.append(struct.unpack_from("<H", body, 6)[0] >= _BOLD_WEIGHT)
                case 0x041E:
                    formats[struct.unpack_from("<H", body)[0]] = self._format(body)
                case 0x00E0:
                    font, number = struct.unpack_from("<HH", body)
                    indent = body[8] & 0x0F if self.version >= _BIFF8 and len(body) > 8 else 0
                    styles.append((font, number, indent))
        # There is no font 4 ([MS-XLS] 2.5.129): the fifth is number 5.
        fonts = {at if at < 4 else at + 1: weight for at, weight in enumerate(bold)}
        self.styles = [
            style_of(formats.get(number, ""), indent, fonts.get(font, False))
            for font, number, indent in styles
        ]

    def _format(self, body: bytes) -> str:
        if self.version < _BIFF8:
            return body[3 : 3 + body[2]].decode("latin-1")
        length, wide = struct.unpack_from("<HB", body, 2)
        if wide & 1:
            return body[5 : 5 + 2 * length].decode("utf-16-le", "replace")
        return body[5 : 5 + length].decode("latin-1")


def _sheet(stream: bytes, at: int, styles: list[CellStyle]) -> tuple[SheetMarks, int]:
    marks = SheetMarks()
    rows = columns = depth = 0

    def cell(row: int, column: int, style: int, filled: bool) -> None:
        nonlocal rows, columns
        if filled:
            rows, columns = max(rows, row + 1), max(columns, column + 1)
        if style < len(styles) and not styles[style].plain:
            marks.take((row, column), styles[style])

    for kind, body in _records(stream, at):
        if kind == 0x0809:
            depth += 1  # a chart in the sheet has records of its own
        elif kind == 0x000A:
            depth -= 1
            if not depth:
                break
        elif depth > 1:
            continue
        elif kind in _CELLS:
            row, column, style = struct.unpack_from("<HHH", body)
            cell(row, column, style, kind != 0x0201)
            if kind == _FORMULA:
                _formula(marks, (row, column), body[6:14])
            elif kind == _BOOLERR and body[7]:
                marks.errors[row, column] = _ERRORS.get(body[6], "#N/A")
        elif kind == _NUMBERS:
            row, column = struct.unpack_from("<HH", body)
            for position in range((len(body) - 6) // 6):
                cell(row, column + position, struct.unpack_from("<H", body, 4 + 6 * position)[0], True)
        elif kind == 0x0208 and len(body) >= 14 and struct.unpack_from("<H", body, 12)[0] & 0x20:
            marks.hidden_rows.add(struct.unpack_from("<H", body)[0])
        elif kind == 0x007D and struct.unpack_from("<H", body, 8)[0] & 1:
            first, last = struct.unpack_from("<HH", body)
            marks.hidden_columns.update(range(first, min(last, 255) + 1))
    return marks, rows * columns


def _formula(marks: SheetMarks, place: tuple[int, int], result: bytes) -> None:
    """Keep a formula whose saved result is an error, or nothing at all."""
    if result[6:8] == b"\xff\xff":
        if result[0] == 2:
            marks.errors[place] = _ERRORS.get(result[2], "#N/A")
        elif result[0] == 3:
            marks.unsaved[place] = "="


def xls_marks(stream: bytes) -> XlsMarks:
    """Return the marks of a workbook stream. Raises BrokenFile."""
    try:
        known = _Globals(stream)
        found = XlsMarks()
        for at in known.sheets:
            marks, grid = _sheet(stream, at, known.styles)
            found.sheets.append(marks)
            found.largest_grid = max(found.largest_grid, grid)
    except (struct.error, IndexError) as error:
        raise BrokenFile(f"a record is cut off ({error})") from error
    return found
