"""Rows and columns of text with one head row: any CSV, and the result sets that SQL sources keep.

Each figure column of each row is one cell. Its labels are the row's label columns under their head names, and the
figure column's own head under `columns`. Which columns hold figures a record says; `guess` is for looking at a file
without one and is never used for a source.
"""

import csv
import io
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sources.adapters.json_stat import MOST_CELLS
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.content import is_html
from sources.record import CsvTableReading
from sources.text.labels import label_key, tidy_text
from sources.text.numbers import UNREADABLE, DecimalMark, read_printed_number
from sources.text.units import unit_in_brackets

VERSION = "1"

_SEPARATORS = ";\t,|"
# What only one decimal mark explains: decimals that are no group of three, or that follow groups or a lone 0.
_PROOF = (
    r"[-−+]?(?:\d*{0}(?:\d{{1,2}}|\d{{4,}})|0{0}\d+|[1-9]\d{{0,2}}(?:[{1} \u00a0\u2009\u202f]\d{{3}})+{0}\d+"
    r"|[1-9]\d{{0,2}}(?:{1}\d{{3}}){{2,}})"
)
_POINT_ONLY = re.compile(_PROOF.format(r"\.", ","), re.ASCII)
_COMMA_ONLY = re.compile(_PROOF.format(",", r"\."), re.ASCII)
_YEAR = re.compile(r"(?:1[89]|20|21)\d{2}", re.ASCII)
_LEADING_ZERO = re.compile(r"0\d+", re.ASCII)
_NAMES_A_LABEL = re.compile(
    r"(?:^|[\W_])(?:code|codes|id|mã|ma|stt|tt|year|năm|period|kỳ|date|ngày|row|col)(?:$|[\W_])"
)
_LINES_LOOKED_AT = 500


def separator_of(lines: Sequence[str]) -> str | None:
    """Return the separator that gives most lines the same number of fields; None where no line has two."""

    def agreement(mark: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1]
        return max((widths.count(width) for width in set(widths)), default=0), max(widths, default=0)

    best = max(_SEPARATORS, key=agreement)
    return best if agreement(best)[0] else None


def encoding_of(data: bytes) -> str:
    """Return the encoding of a text: by its byte order mark, UTF-8 where it is that, else a Windows code page.

    1258 (Vietnamese) is taken where it yields letters that no other language has, else 1252.
    """
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        vietnamese = unicodedata.normalize("NFC", data.decode("cp1258", errors="ignore"))
        return "cp1258" if sum("ạ" <= letter <= "ỹ" for letter in vietnamese) > 1 else "cp1252"
    return "utf-8"


@dataclass(frozen=True)
class _Table:
    """A file laid out: the head, and each row with its line number; all rows are as wide as the head."""

    head: list[str]
    rows: list[tuple[int, list[str]]]
    skipped: list[Skipped]


def _layout(data: bytes, encoding: str, separator: str | None) -> _Table:
    if is_html(data):
        raise ReadingError(
            "the whole file", "the answer is a web page (HTML), not CSV", "open the address in a browser to see why"
        )  # fmt: skip
    try:
        # Stripped after decoding: in UTF-16 a NUL byte is half a character.
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding).rstrip("\0")
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"byte {error.start}", f"the file is not {encoding}", "state the file's 'encoding' in the record"
        ) from error
    mark = separator or separator_of(text.splitlines()[:_LINES_LOOKED_AT])
    if mark is None:
        raise ReadingError("the whole file", "no row has more than one column", "state the 'separator'")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=mark)
    head: list[str] = []
    rows: list[tuple[int, list[str]]] = []
    skipped: list[Skipped] = []
    wrong: list[int] = []
    line = 1
    try:
        for fields in reader:
            if not head:
                head = [tidy_text(name) for name in fields] if len(fields) > 1 else []
            elif tidy_text(fields[0] if fields else "") == head[0] and [tidy_text(f) for f in fields] == head:
                skipped.append(Skipped(f"line {line}", "the head once more"))
            elif any(field.strip() for field in fields):
                while len(fields) > len(head) and not fields[-1].strip():
                    fields.pop()
                if len(fields) != len(head):
                    wrong.append(line)
                rows.append((line, fields))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReadingError(f"line {line}", f"the CSV is broken ({error})", "close the quotes") from error
    if wrong:
        raise ReadingError(
            f"line {wrong[0]}", f"{len(wrong)} rows have not the {len(head)} columns of the head",
            "put fields that hold the separator in double quotes",
        )  # fmt: skip
    return _Table(_named_apart(head), rows, skipped)


def _named_apart(head: Sequence[str]) -> list[str]:
    """Give each column a name of its own; a repeated one gets its number, an empty one its place."""
    names: list[str] = []
    for place, printed in enumerate(head, 1):
        name = printed or f"column {place}"
        number = 2
        while name in names:
            name = f"{printed} ({number})"
            number += 1
        names.append(name)
    return names


def _is_number(text: str, mark: DecimalMark) -> bool:
    """Say whether a text is a number, though its mark may leave open which."""
    printed = read_printed_number(text, mark)
    return printed.decimal is not None or "decimal_mark_unclear" in printed.flags


def holds_figures(name: str, texts: Sequence[str], mark: DecimalMark) -> bool:
    """Say whether a column holds figures: numbers that are neither years nor codes, with few words among them."""
    filled = [text.strip() for text in texts if text.strip()]
    numbers = [text for text in filled if _is_number(text, mark)]
    if not numbers or _NAMES_A_LABEL.search(label_key(name)):
        return False
    if all(_YEAR.fullmatch(text) for text in numbers) or any(_LEADING_ZERO.fullmatch(t) for t in numbers):
        return False
    marks = [
        text for text in filled if read_printed_number(text, mark).missing_code not in (None, UNREADABLE)
    ]
    return len(numbers) + len(marks) >= 0.8 * len(filled)


def decimal_marks_shown(texts: Iterable[str]) -> set[DecimalMark]:
    """Return the decimal marks that the figures of a file prove: 12,34 and 1 234,5 and 0,123 prove a comma."""
    shown: set[DecimalMark] = set()
    for text in texts:
        if _POINT_ONLY.fullmatch(text.strip()):
            shown.add("point")
        elif _COMMA_ONLY.fullmatch(text.strip()):
            shown.add("comma")
    return shown


def decimal_mark_of(texts: Iterable[str]) -> DecimalMark:
    """Return the decimal mark that the figures of a file show; `either` where they show none or both."""
    shown = decimal_marks_shown(texts)
    return shown.pop() if len(shown) == 1 else "either"


def mark_to_read_with(stated: DecimalMark, texts: Iterable[str]) -> DecimalMark:
    """Return the mark that a record states, or `either` where the file's own figures prove another one.

    Then a figure that both marks would read stays unread, as the file does not keep to what the record says.
    """
    return stated if stated == "either" or decimal_marks_shown(texts) <= {stated} else "either"


def guess(data: bytes) -> CsvTableReading:
    """Return a reading section that fits a file as far as the file shows it. Raises ReadingError."""
    encoding = encoding_of(data)
    table = _layout(data, encoding, None)
    columns = {name: [row[place] for _, row in table.rows] for place, name in enumerate(table.head)}
    figures = [name for name, texts in columns.items() if holds_figures(name, texts, "either")]
    mark = decimal_mark_of([text for name in figures for text in columns[name]])
    if not figures:
        raise ReadingError(
            "line 1", f"no column holds figures, only labels: {', '.join(table.head)}",
            "give the table with the figures",
        )  # fmt: skip
    return CsvTableReading(
        adapter="csv_table",
        figures=figures,
        decimal_mark=mark,
        encoding=encoding,  # type: ignore[arg-type]
    )


def read(data: bytes, options: CsvTableReading) -> AdapterResult:
    """Read rows into cells, one per figure column, row by row. Raises ReadingError."""
    table = _layout(data, options.encoding, options.separator)
    place_of = {name: place for place, name in enumerate(table.head)}
    wanted = [
        *options.figures,
        *(options.labels or []),
        *([options.unit_column] if options.unit_column else []),
    ]
    missing = [name for name in wanted if tidy_text(name) not in place_of]
    if missing:
        message = f"no column {', '.join(repr(name) for name in missing)}, only {', '.join(table.head)}"
        raise ReadingError("line 1", message, "correct the column names in the record")
    figures = [tidy_text(name) for name in options.figures]
    unit_column = None if options.unit_column is None else tidy_text(options.unit_column)
    labels = (
        [name for name in table.head if name not in figures and name != unit_column]
        if options.labels is None
        else [tidy_text(name) for name in options.labels]
    )
    if len(table.rows) * len(figures) > MOST_CELLS:
        message = f"{len(table.rows) * len(figures)} cells are more than {MOST_CELLS}"
        raise ReadingError("the whole file", message, "narrow the query")
    column_dimension = options.columns
    while column_dimension in labels:
        column_dimension += " (head)"
    mark = mark_to_read_with(
        options.decimal_mark, (row[place_of[name]] for _, row in table.rows for name in figures)
    )
    heads = [(place_of[name], Label(column_dimension, name), unit_in_brackets(name)) for name in figures]
    period = None if options.period_column is None else tidy_text(options.period_column)
    cells: list[Cell] = []
    for line, row in table.rows:
        own = tuple(Label(name, row[place_of[name]]) for name in labels)
        unit = row[place_of[unit_column]].strip() if unit_column else None
        period_text = row[place_of[period]] if period in place_of else None
        for place, head, head_unit in heads:
            cells.append(
                Cell(
                    table_title=options.title or "",
                    cell_ref=f"r{line}c{place + 1}",
                    labels=(*own, head),
                    value=read_printed_number(row[place], mark),
                    unit_text=unit or head_unit,
                    period_text=period_text,
                )
            )
    unread = [name for name in table.head if name not in (*labels, *figures, unit_column)]
    skipped = [Skipped(f"column {name}", "the record does not ask for it") for name in unread]
    return AdapterResult(cells, table.skipped + skipped)
