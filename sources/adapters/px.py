"""PX files, as PC-Axis and PX-Web write them.

Statements `KEYWORD[language]("key", ...)=value;` in any order, then `DATA=`. Accepted as found in the wild: texts
broken over lines, `;;`, no closing `;`, odd line ends, rows with KEYS (rows left out are zeros, and flagged), and files
that are UTF-8 although their CODEPAGE says otherwise. Values are those of the file; a data symbol keeps its mark
and, as an attribute, the meaning that the file gives it.
"""

import codecs
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

import polars as pl

from sources.adapters.csv_table import decimal_marks_shown
from sources.cell_table import (
    CellTable,
    Places,
    Repeated,
    alike,
    changed,
    constant,
    cube,
    marked,
    side_by_side,
)
from sources.cells import AdapterResult, Label, ReadingError
from sources.content import is_html
from sources.figures import read_figures
from sources.record import PxReading
from sources.text.numbers import (
    MISSING_MARKS,
    UNREADABLE,
    PrintedNumber,
    canonical_decimal,
    decimal_of_literal,
)

VERSION = "2"
MOST_CELLS = 5_000_000

_HEAD = re.compile(
    r"\s*(?P<keyword>[A-Za-z][A-Za-z0-9-]*)\s*(?:\[(?P<language>[^\]]*)\])?\s*"
    r"(?:\((?P<keys>(?:\"[^\"]*\"|[^\")])*)\))?\s*="
)
_TEXT = re.compile(r'"([^"]*)"')
# A text, or anything else up to the end of the statement.
_PIECE = re.compile(r'"[^"]*"|;|[^";]+')
_DATUM = re.compile(r'"[^"]*"|[^\s";,]+')
_SPACED_DATUM = re.compile(r'"[^"]*"|[^\s"]+')
_MARKED_DATUM = re.compile(r'(?:"[^"]*"|[^",;\t])+')
# A comma or semicolon beside white space parts data; between two digits it may be a decimal mark.
_MARK_AT_AN_END = re.compile(r"[,;]\s|\s[,;]")
_DECIMAL_COMMA = re.compile(r"[-+]?\d+,\d+", re.ASCII)
_TIME_LIST = re.compile(r"TLIST\(\s*[A-Z]\d+\s*(?:,\s*\"([^\"]*)\"\s*-\s*\"([^\"]*)\")?\s*\)", re.IGNORECASE)
# What stands for a figure that is not there -> (our code, the keyword that says what it means).
_SYMBOLS = {
    "-": ("dash", "DATASYMBOLNIL"),
    ".": ("dot", "DATASYMBOL1"),
    "..": ("dots", "DATASYMBOL2"),
    "...": ("dots", "DATASYMBOL3"),
    "....": ("dots", "DATASYMBOL4"),
    ".....": ("dots", "DATASYMBOL5"),
    "......": ("dots", "DATASYMBOL6"),
    ".......": ("dots", "DATASYMBOLSUM"),
    "": ("blank", ""),
}
# Stands for a row that KEYS leaves out; every quote of a datum is closed.
_LEFT_OUT = '"'
_SYMBOL_LIKE = r'^"?[\s.\-]*"?$'
_EVERY_VALUE = "*"
# Where Windows has its letters, the code pages of DOS have lines and boxes.
_LETTERS_OF_WINDOWS = re.compile(rb"[\xc0-\xdf\xe0\xe2-\xff]")
_NAMED_ONCE = ("STUB", "HEADING", "VALUES", "CODES")
_NOTES = ("NOTEX", "NOTE")
_VALUE_NOTES = ("VALUENOTEX", "VALUENOTE")
_CELL_NOTES = ("CELLNOTEX", "CELLNOTE")
_TABLE_ATTRIBUTES = {
    "SOURCE": "source", "LAST-UPDATED": "updated", "REFPERIOD": "reference_period", "BASEPERIOD": "base_period",
    "STOCKFA": "stock_flow_average", "CFPRICES": "price_basis", "DAYADJ": "day_adjusted",
    "SEASADJ": "seasonally_adjusted", "MATRIX": "matrix", "TABLEID": "table_id",
}  # fmt: skip

Statements = Mapping[tuple[str, str | None], Mapping[tuple[str, ...], str]]


def _codec(name: str) -> str | None:
    try:
        return codecs.lookup(name.strip().replace(" ", "-")).name
    except LookupError:
        return None


def _decoded(data: bytes) -> str:
    """Decode by the byte order mark, else as UTF-8 where the bytes are that, else by CODEPAGE."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace").rstrip("\0\x1a \t\r\n")
    data = data.rstrip(b"\0\x1a \t\r\n")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        declared = re.search(rb'CODEPAGE\s*=\s*"([^"]*)"', data[:20_000])
        name = _codec(declared.group(1).decode("ascii", "replace")) if declared else None
        if declared is None and b"CHARSET" not in data[:20_000] and not _LETTERS_OF_WINDOWS.search(data):
            name = "cp850"  # without CHARSET="ANSI" the text is that of DOS
        return data.decode("cp1252" if name is None or name in ("utf-8", "ascii") else name, errors="replace")


def _statement_end(text: str, start: int) -> tuple[str, int]:
    """Return the value that begins at `start` and the place after its `;` (which may be missing)."""
    parts = []
    position = start
    while position < len(text):
        piece = _PIECE.match(text, position)
        if piece is None:  # a quote that nothing closes
            raise ReadingError(
                f"line {text.count(chr(10), 0, position) + 1}", "a text that begins here is never closed",
                "fetch the file again",
            )  # fmt: skip
        position = piece.end()
        if piece.group() == ";":
            break
        parts.append(piece.group())
    return "".join(parts), position


def _parse(text: str) -> tuple[dict[tuple[str, str | None], dict[tuple[str, ...], str]], str]:
    """Split a file into its statements, (keyword, language) -> keys -> value, and the text after DATA=."""
    statements: dict[tuple[str, str | None], dict[tuple[str, ...], str]] = {}
    position = 0
    while position < len(text):
        if text[position] in "; \t\r\n\0":
            position += 1
            continue
        head = _HEAD.match(text, position)
        if head is None:
            line = text.count("\n", 0, position) + 1
            raise ReadingError(
                f"line {line}", "no PX statement (KEYWORD=value;) begins here", "fetch the file again"
            )
        keyword = head["keyword"].upper()
        if keyword == "DATA":
            return statements, text[head.end() :]
        keys = tuple(part.strip().strip('"') for part in _split_keys(head["keys"])) if head["keys"] else ()
        value, position = _statement_end(text, head.end())
        known = statements.setdefault((keyword, head["language"]), {})
        if keyword in _NAMED_ONCE and known.get(keys, value.strip()) != value.strip():
            name = keyword + (f'("{keys[0]}")' if keys else "")
            raise ReadingError(name, "it stands twice, with two contents", "fetch the file again")
        known[keys] = value.strip()
    raise ReadingError(
        "the whole file", "there is no DATA= in the file", "fetch the table, not its description"
    )


def _split_keys(keys: str) -> list[str]:
    return [part for part in re.findall(r'"[^"]*"|[^,"]+', keys) if part.strip()]


def _texts(value: str) -> list[str]:
    """Return the texts of a list; texts with only white space between them are one text."""
    items: list[str] = []
    joined = False
    position = 0
    for match in _TEXT.finditer(value):
        between = value[position : match.start()]
        joined = bool(items) and "," not in between
        if joined:
            items[-1] += match.group(1)
        else:
            items.append(match.group(1))
        position = match.end()
    return items


def _one_text(value: str) -> str:
    return "".join(_texts(value)) if '"' in value else value.strip()


@dataclass(frozen=True)
class _File:
    """The statements in one language, falling back to the file's own."""

    statements: Statements
    language: str | None

    def of(self, keyword: str) -> dict[tuple[str, ...], str]:
        own = self.statements.get((keyword, None), {})
        return {**own, **self.statements.get((keyword, self.language), {})}

    def text(self, keyword: str, *keys: str) -> str | None:
        value = self.of(keyword).get(keys)
        return None if value is None else _one_text(value)

    def texts(self, keyword: str, *keys: str) -> list[str]:
        value = self.of(keyword).get(keys)
        return [] if value is None else _texts(value)


@dataclass(frozen=True)
class _Dimension:
    name: str
    labels: list[Label]
    periods: list[str] = field(default_factory=list)


def _language(statements: Statements, wanted: str | None) -> str | None:
    own = _one_text(statements.get(("LANGUAGE", None), {}).get((), ""))
    offered = _texts(statements.get(("LANGUAGES", None), {}).get((), "")) or [own]
    if wanted is None or wanted == own:
        return own or None
    if wanted not in offered:
        message = f"the file has no language '{wanted}', only {', '.join(offered)}"
        raise ReadingError("LANGUAGES", message, "correct 'language' in the record")
    return wanted


def _time_list(value: str, n_values: int) -> list[str]:
    """Return the periods of a TIMEVAL: a list after TLIST, or the two ends of a span of years inside it."""
    found = _TIME_LIST.search(value)
    if found and found.group(1) and found.group(1).isdigit() and found.group(2).isdigit():
        periods = [str(year) for year in range(int(found.group(1)), int(found.group(2)) + 1)]
    else:
        periods = _texts(value[found.end() :] if found else value)
    return periods if len(periods) == n_values else []


def _dimensions(file: _File) -> list[_Dimension]:
    names = [name for name in (*file.texts("STUB"), *file.texts("HEADING")) if name]
    if not names:
        raise ReadingError("STUB, HEADING", "the file names no dimension", "fetch the file again")
    dimensions = []
    for name in names:
        values, codes = file.texts("VALUES", name), file.texts("CODES", name)
        if not values and codes:
            values = codes
        if not values:
            raise ReadingError(f'VALUES("{name}")', "the dimension has no values", "fetch the file again")
        if codes and len(codes) != len(values):
            message = f"{len(codes)} codes for {len(values)} values"
            raise ReadingError(f'CODES("{name}")', message, "fetch the file again")
        known: Sequence[str | None] = codes or [None] * len(values)
        labels = [Label(name, value, code) for value, code in zip(values, known, strict=True)]
        dimensions.append(
            _Dimension(name, labels, _time_list(file.of("TIMEVAL").get((name,), ""), len(values)))
        )
    return dimensions


def _period_dimension(file: _File, dimensions: Sequence[_Dimension], wanted: str | None) -> str | None:
    if wanted is not None:
        return wanted
    for dimension in dimensions:
        kind = file.text("VARIABLE-TYPE", dimension.name) or file.text("VARIABLETYPE", dimension.name) or ""
        if (dimension.name,) in file.of("TIMEVAL") or kind.casefold() == "time":
            return dimension.name
    return None


def _keyed_rows(file: _File, dimensions: Sequence[_Dimension], data: list[str]) -> list[str | None]:
    """Put rows that begin with their keys in the order of the dimensions; None where a row was left out."""
    keyed = [d for d in dimensions if (d.name,) in file.of("KEYS")]
    if not keyed or keyed != dimensions[: len(keyed)]:
        names = ", ".join(f"'{name}'" for keys in file.of("KEYS") for name in keys)
        message = f"the keys are of {names}, and these are not the first dimensions"
        raise ReadingError("KEYS", message, "save the table without keys")
    by_code = {d.name: (file.text("KEYS", d.name) or "").upper() == "CODES" for d in keyed}
    places = [
        {(label.code if by_code[d.name] else label.label): place for place, label in enumerate(d.labels)}
        for d in keyed
    ]
    width = math.prod(len(d.labels) for d in dimensions[len(keyed) :])
    rows = [data[start : start + len(keyed) + width] for start in range(0, len(data), len(keyed) + width)]
    dense: list[str | None] = [None] * math.prod(len(d.labels) for d in dimensions)
    seen: set[int] = set()
    for number, row in enumerate(rows, 1):
        where = 0
        for key, d, place in zip(row, keyed, places, strict=False):
            if key.strip('"') not in place:
                message = (
                    f"key {key} is not among the {'codes' if by_code[d.name] else 'values'} of '{d.name}'"
                )
                raise ReadingError(f"DATA row {number}", message, "fetch the file again")
            where = where * len(d.labels) + place[key.strip('"')]
        if len(row) != len(keyed) + width:
            message = f"{len(row) - len(keyed)} values, the heading needs {width}"
            raise ReadingError(f"DATA row {number}", message, "fetch the file again")
        if where in seen:
            keys = ", ".join(row[: len(keyed)])
            raise ReadingError(f"DATA row {number}", f"the keys {keys} stand twice", "fetch the file again")
        seen.add(where)
        dense[where * width : (where + 1) * width] = row[len(keyed) :]
    return dense


def _apart(body: str, n_cells: int) -> list[str]:
    """Return the data of a file that writes more than blanks: decimal commas, or marks between the data.

    A comma parts two data only where the blanks alone do not give the number of cells and no blank parts any.
    """
    by_blanks = _SPACED_DATUM.findall(body)
    if len(by_blanks) == n_cells and not any(datum[0] in ",;" or datum[-1] in ",;" for datum in by_blanks):
        return by_blanks
    by_marks = [
        datum.strip() for line in body.splitlines() for datum in _MARKED_DATUM.findall(line) if datum.strip()
    ]
    if any(not datum.startswith('"') and len(datum.split()) != 1 for datum in by_marks):
        return by_blanks
    return by_marks


def _data(file: _File, dimensions: Sequence[_Dimension], text: str) -> Sequence[str | None]:
    n_cells = math.prod(len(dimension.labels) for dimension in dimensions)
    if n_cells > MOST_CELLS:
        raise ReadingError("VALUES", f"{n_cells} cells are more than {MOST_CELLS}", "narrow the query")
    body = text.rstrip("\0\x1a \t\r\n;")
    data = body.split() if '"' not in body else _DATUM.findall(body)
    if file.of("KEYS"):
        return _keyed_rows(file, dimensions, data)
    if len(data) != n_cells or (body.find('"') >= 0 and "," in body) or _MARK_AT_AN_END.search(body):
        data = _apart(body, n_cells)
    if len(data) != n_cells:
        message = f"{len(data)} values, the sizes of the dimensions need {n_cells}"
        raise ReadingError("DATA", message, "fetch the file again")
    return data if "," not in body else _with_points(data)


def _with_points(data: list[str]) -> list[str]:
    """Return data with decimal commas as the format writes them. Raises ReadingError where some have points too."""
    commas = [datum for datum in data if not datum.startswith('"') and "," in datum]
    if "comma" not in decimal_marks_shown(commas):
        return data
    point = next((datum for datum in data if "." in datum.strip(".") and not datum.startswith('"')), None)
    if point is not None:
        message = f"some figures have a decimal comma ({commas[0]}) and some a point ({point})"
        raise ReadingError("DATA", message, "write all figures with a point")
    return [datum.replace(",", ".") if _DECIMAL_COMMA.fullmatch(datum) else datum for datum in data]


def _printed(datum: str, file: _File) -> PrintedNumber:
    if datum == _LEFT_OUT:
        # By the format's rule a row that KEYS leaves out holds zeros only; the flag says that none was printed.
        return PrintedNumber("", Decimal(0), None, ("row_left_out",))
    quoted = datum.startswith('"')
    text = datum.strip('"')
    if not quoted:
        value = decimal_of_literal(text)
        if value is not None:
            return PrintedNumber(canonical_decimal(value), value, None)
    code, _ = _SYMBOLS.get(text.strip(), (None, ""))
    if code is None:
        # A file may write the meaning itself where its symbol would stand.
        meanings = {file.text(name): known for known, name in _SYMBOLS.values() if name}
        code = meanings.get(text) or MISSING_MARKS.get(text.strip().casefold(), UNREADABLE)
    return PrintedNumber(text, None, code)


def _status(datum: str, file: _File) -> str | None:
    """Return what the file says that a data symbol means."""
    keyword = _SYMBOLS.get(datum.strip('"').strip(), ("", ""))[1] if datum != _LEFT_OUT else ""
    return (file.text(keyword) or None) if keyword else None


def _statuses(data: pl.Series, file: _File) -> Repeated[str | None]:
    if not any(file.of(keyword) for _, keyword in _SYMBOLS.values()):
        return constant(None, len(data))
    symbols = data.filter(data.str.contains(_SYMBOL_LIKE)).unique(maintain_order=True)
    places = data.replace_strict(symbols, range(1, len(symbols) + 1), default=0, return_dtype=pl.Int32)
    return Repeated([None, *(_status(symbol, file) for symbol in symbols)], places.to_numpy())


@dataclass(frozen=True)
class _Notes:
    """The notes of a table, of its values, and of single cells."""

    table: tuple[tuple[str, str], ...]
    values: Mapping[tuple[str, str], tuple[tuple[str, str], ...]]
    cells: Sequence[tuple[tuple[str, ...], str]]

    def of(self, labels: Sequence[Label]) -> tuple[tuple[str, str], ...]:
        found = [note for label in labels for note in self.values.get((label.dimension, label.label), ())]
        for keys, text in self.cells:
            if all(
                key in (_EVERY_VALUE, label.label, label.code)
                for key, label in zip(keys, labels, strict=False)
            ):
                found.append(("note_cell", text))
        return (*self.table, *found)


def _notes(file: _File) -> _Notes:
    table: list[tuple[str, str]] = []
    for keyword in _NOTES:
        for keys, value in file.of(keyword).items():
            table.append((f"note {keys[0]}" if keys else "note", _one_text(value)))
    values: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {}
    for keyword in _VALUE_NOTES:
        for keys, value in file.of(keyword).items():
            if len(keys) == 2:
                values[keys] = (*values.get(keys, ()), (f"note {keys[0]}", _one_text(value)))
    cells = [(keys, _one_text(value)) for keyword in _CELL_NOTES for keys, value in file.of(keyword).items()]
    return _Notes(tuple(table), values, cells)


def _unit(file: _File, labels: Sequence[Label]) -> str | None:
    content = file.text("CONTVARIABLE")
    for label in labels:
        if label.dimension == content:
            own = file.text("UNITS", label.label)
            if own is not None:
                return own
    return file.text("UNITS")


def _value_attributes(file: _File, labels: Sequence[Label]) -> tuple[tuple[str, str], ...]:
    content = file.text("CONTVARIABLE")
    keys = next(((label.label,) for label in labels if label.dimension == content), ())
    found = []
    for keyword, name in _TABLE_ATTRIBUTES.items():
        text = (file.text(keyword, *keys) if keys else None) or file.text(keyword)
        if text:
            found.append((name, text))
    precisions = file.of("PRECISION")
    for label in labels:
        precision = precisions.get((label.dimension, label.label))
        if precision:
            found.append(("precision", precision))
    return tuple(found)


def _table(file: _File, data: str, wanted_period: str | None) -> CellTable:
    dimensions = _dimensions(file)
    values = pl.Series(_data(file, dimensions, data), dtype=pl.String).fill_null(_LEFT_OUT)
    n_cells = len(values)
    time = _period_dimension(file, dimensions, wanted_period)
    title = (
        file.text("TITLE") or file.text("DESCRIPTION") or file.text("CONTENTS") or file.text("MATRIX") or ""
    )
    notes = _notes(file)
    periods = {
        (d.name, label.label): period
        for d in dimensions
        for label, period in zip(d.labels, d.periods, strict=False)
    }
    hierarchies = tuple(
        ("hierarchy " + keys[0], value.replace("\n", " ").replace("\r", ""))
        for keys, value in file.of("HIERARCHIES").items()
        if keys
    )
    content = file.text("CONTVARIABLE")
    precisions = file.of("PRECISION")
    places = cube([len(dimension.labels) for dimension in dimensions])
    labels = [Repeated(dimension.labels, place) for dimension, place in zip(dimensions, places, strict=True)]
    period = next((column for d, column in zip(dimensions, labels, strict=True) if d.name == time), None)
    statuses = _statuses(values, file)

    def labels_of(cell: int) -> list[Label]:
        return [column.of(cell) for column in labels]

    def attributes_of(cell: int) -> tuple[tuple[str, str], ...]:
        own = labels_of(cell)
        # Unit and table attributes hang on the content and on values with a precision.
        deciding = [
            label
            for label in own
            if label.dimension == content or (label.dimension, label.label) in precisions
        ]
        time_value = None
        if period is not None:
            time_value = periods.get((period.of(cell).dimension, period.of(cell).label))
        status = statuses.of(cell)
        return (
            *_value_attributes(file, deciding),
            *((("time_value", time_value),) if time_value else ()),
            *((("status", status),) if status else ()),
            *notes.of(own),
            *hierarchies,
        )

    def decides(place: int, label: Label) -> bool:
        """Say whether the attributes of a cell may hang on this label of the dimension at `place`."""
        named = (label.dimension, label.label)
        return (
            label.dimension == content
            or named in precisions
            or (label.dimension == time and named in periods)
            or named in notes.values
            or any(keys[place] in (label.label, label.code) for keys, _ in notes.cells if place < len(keys))
        )

    deciding: list[Places] = [
        marked(column, lambda label, place=place: decides(place, label))  # type: ignore[misc]
        for place, column in enumerate(labels)
    ]
    units = alike(
        n_cells,
        [column.places for d, column in zip(dimensions, labels, strict=True) if d.name == content],
        lambda cell: _unit(file, labels_of(cell)),
    )
    return CellTable(
        titles=constant(title, n_cells),
        refs=pl.int_range(n_cells, eager=True).cast(pl.String),
        labels=labels,
        figures=read_figures(values, "point", lambda datum: _printed(datum, file), texts_are_canonical=True),
        units=units,
        periods=constant(None, n_cells) if period is None else changed(period, lambda label: label.label),
        attributes=side_by_side(alike(n_cells, [*deciding, statuses.places], attributes_of)),
    )


def read(data: bytes, options: PxReading) -> AdapterResult:
    """Read a PX file into cells in the order of its data, in the file's language or in `options.language`.

    Raises ReadingError, naming statement or line, for anything that is not a whole PX file.
    """
    if is_html(data) and b"DATA=" not in data:
        raise ReadingError(
            "the whole file",
            "the answer is a web page (HTML), not PX",
            "open the address in a browser to see why",
        )
    statements, body = _parse(_decoded(data))
    file = _File(statements, _language(statements, options.language))
    return AdapterResult(_table(file, body, options.period_dimension))
