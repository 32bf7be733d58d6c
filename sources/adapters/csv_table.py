"""Rows and columns of text with one head row: any CSV, and the result sets that SQL sources keep.

Each figure column of each row is one cell. Its labels are the row's label columns under their head names, and the
figure column's own head under `columns`. Which columns hold figures a record says; `guess` is for looking at a file
without one and is never used for a source.
"""

import csv
import io
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import polars as pl

from sources.adapters.json_stat import MOST_CELLS
from sources.cell_table import CellTable, Repeated, alike, changed, coded, constant, each, in_turn
from sources.cells import AdapterResult, Label, ReadingError, Skipped
from sources.content import is_html
from sources.figures import read_figures
from sources.record import CsvTableReading
from sources.text.labels import label_key, tidy_text
from sources.text.numbers import UNREADABLE, DecimalMark, PrintedNumber, read_printed_number
from sources.text.tcvn3 import EncodingError, in_unicode
from sources.text.units import looks_like_unit, unit_in_brackets

VERSION = "2"

_SEPARATORS = ";\t,|"
# What only one decimal mark explains: decimals that are no group of three, or that follow groups, a lone 0
# or four digits and more without groups.
_PROOF = (
    r"[-−+]?(?:\d*{0}(?:\d{{1,2}}|\d{{4,}})|(?:0|\d{{4,}}){0}\d+"
    r"|[1-9]\d{{0,2}}(?:[{1} \u00a0\u2009\u202f]\d{{3}})+{0}\d+|[1-9]\d{{0,2}}(?:{1}\d{{3}}){{2,}})"
)
_POINT_ONLY = re.compile(_PROOF.format(r"\.", ","), re.ASCII)
_COMMA_ONLY = re.compile(_PROOF.format(",", r"\."), re.ASCII)
_YEAR = re.compile(r"(?:1[89]|20|21)\d{2}", re.ASCII)
_LEADING_ZERO = re.compile(r"0\d+", re.ASCII)
_NAMES_A_LABEL = re.compile(r"(?:^|[\W_])(?:code|codes|id|mã|ma|stt|tt|row|col)(?:$|[\W_])")
# Words that make a column one of labels when they are its whole name: "Năm", but not "Năm 2024".
_NAMES_A_TIME = re.compile(
    r"year|năm|month|tháng|thang|quarter|quý|quy|week|tuần|period|kỳ|ky|date|ngày|ngay|age|tuổi|tuoi"
)
_NAMES_A_UNIT = re.compile(r"đvt|đơn vị(?: tính)?|dvt|don vi(?: tinh)?|don_vi(?:_tinh)?|unit|unit of measure")
_SEPARATOR_LINE = re.compile(r"\ufeff?\"?sep=(.)\"?\r?\n", re.IGNORECASE)
_LINES_LOOKED_AT = 500


def _agreement(lines: Sequence[str], mark: str) -> tuple[int, int]:
    """Return how many lines a separator gives the same number of fields, and the most fields of a line."""
    if not any(mark in line for line in lines):
        return 0, 0
    widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
    return max(widths.values(), default=0), max(widths, default=0)


def separator_of(lines: Sequence[str]) -> str | None:
    """Return the separator that gives most lines the same number of fields; None where no line has two."""
    found = {mark: _agreement(lines, mark) for mark in _SEPARATORS}
    best = max(found, key=lambda mark: found[mark])
    return best if found[best][0] else None


def without_separator_line(text: str) -> str:
    """Return a text without the line "sep=;" by which some programs tell Excel the separator."""
    return _SEPARATOR_LINE.sub("", text, count=1) if _SEPARATOR_LINE.match(text) else text


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


def _taken_from_under(rows: list[tuple[int, list[str]]], head: Sequence[str]) -> list[Skipped]:
    """Take the lines of text under a table, such as its source, out of its rows; a text over lines is none."""
    notes = []
    while rows and len(rows[-1][1]) == 1 < len(head) and "\n" not in rows[-1][1][0]:
        number, (text,) = rows.pop()
        notes.append(Skipped(f"line {number}", f"no row of figures: {tidy_text(text)}"))
    return notes[::-1]


def _layout(data: bytes, encoding: str, separator: str | None) -> _Table:
    if is_html(data):
        raise ReadingError(
            "the whole file", "the answer is a web page (HTML), not CSV", "open the address in a browser to see why"
        )  # fmt: skip
    try:
        # Stripped after decoding: in UTF-16 a NUL byte is half a character.
        text = data.decode("utf-8-sig" if encoding == "utf-8" else encoding).rstrip("\0")
        text = in_unicode(without_separator_line(text))
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"byte {error.start}", f"the file is not {encoding}", "state the file's 'encoding' in the record"
        ) from error
    except EncodingError as error:
        raise ReadingError("the whole file", str(error), "save it as Unicode (UTF-8)") from error
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
    skipped += _taken_from_under(rows, head)
    wrong = [number for number in wrong if rows and number <= rows[-1][0]]
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


def read_percentage(text: str, mark: DecimalMark) -> PrintedNumber:
    """Read a figure with or without a percent sign behind it; the text stays as printed."""
    return replace(read_printed_number(text.strip().removesuffix("%"), mark), text=text)


def percent_columns(columns: Mapping[str, Sequence[str]]) -> set[str]:
    """Return the columns whose figures all have a percent sign; none where one has it on some figures only.

    Then nothing says what the figures without it are.
    """
    found = set()
    for name, texts in columns.items():
        figures = [text for text in texts if any(letter.isdigit() for letter in text)]
        signs = [text.strip().endswith("%") for text in figures]
        if any(signs) and not all(signs):
            return set()
        if any(signs):
            found.add(name)
    return found


def _is_number(text: str, mark: DecimalMark) -> bool:
    """Say whether a text is a number, though its mark may leave open which."""
    printed = read_percentage(text, mark)
    return printed.decimal is not None or "decimal_mark_unclear" in printed.flags


def holds_figures(name: str, texts: Sequence[str], mark: DecimalMark) -> bool:
    """Say whether a column holds figures: numbers that are neither years nor codes, with few words among them."""
    filled = [text.strip() for text in texts if text.strip()]
    numbers = [text for text in filled if _is_number(text, mark)]
    key = label_key(name)
    if not numbers or _NAMES_A_LABEL.search(key) or _NAMES_A_TIME.fullmatch(key):
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
        if len(shown) == 2:
            break
    return shown


def decimal_mark_of(texts: Iterable[str]) -> DecimalMark:
    """Return the decimal mark that the figures of a file show; `either` where they show none or both."""
    shown = decimal_marks_shown(texts)
    return shown.pop() if len(shown) == 1 else "either"


def mark_to_read_with(stated: DecimalMark, texts: pl.Series) -> DecimalMark:
    """Return the mark that a record states, or `either` where the file's own figures prove another one.

    Then a figure that both marks would read stays unread, as the file does not keep to what the record says.
    """
    if stated == "either":
        return stated
    # Only a text with the other mark, or with two of the stated one, can prove the other.
    doubtful = texts.filter(texts.str.contains(r",|\..*\." if stated == "point" else r"\.|,.*,"))
    return stated if decimal_marks_shown(doubtful.unique()) <= {stated} else "either"


def unit_column_of(columns: Mapping[str, Sequence[str]]) -> str | None:
    """Return the column that holds units: it is called so, and holds some; "Đơn vị" may also name offices."""
    for name, texts in columns.items():
        filled = {text for text in texts if text.strip()}
        if (
            _NAMES_A_UNIT.fullmatch(label_key(name))
            and filled
            and sum(map(looks_like_unit, filled)) * 2 > len(filled)
        ):
            return name
    return None


def guess(data: bytes) -> CsvTableReading:
    """Return a reading section that fits a file as far as the file shows it. Raises ReadingError."""
    encoding = encoding_of(data)
    table = _layout(data, encoding, None)
    columns = {name: [row[place] for _, row in table.rows] for place, name in enumerate(table.head)}
    figures = [name for name, texts in columns.items() if holds_figures(name, texts, "either")]
    mark = decimal_mark_of([text.strip().removesuffix("%") for name in figures for text in columns[name]])
    if not figures:
        raise ReadingError(
            "line 1", f"no column holds figures, only labels: {', '.join(table.head)}",
            "give the table with the figures",
        )  # fmt: skip
    headless = next((name for name in figures if decimal_marks_shown([name])), None)
    if headless is not None:
        message = f"the first row is no head: '{headless}' is a figure"
        raise ReadingError("line 1", message, "put a row with the names of the columns on top")
    return CsvTableReading(
        adapter="csv_table",
        figures=figures,
        unit_column=unit_column_of(columns),
        decimal_mark=mark,
        encoding=encoding,  # type: ignore[arg-type]
    )


def row_and_column(lines: Sequence[int], columns: Sequence[int]) -> pl.Series:
    """Return the places of cells, row by row: "r12c3" for line 12 and the column at 2."""
    line = pl.Series("line", np.repeat(np.array(lines, np.int64), len(columns)))
    column = pl.Series("column", np.tile(np.array(columns, np.int64) + 1, len(lines)))
    return pl.select(pl.format("r{}c{}", line, column)).to_series()


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
    places = [place_of[name] for name in figures]
    n_rows, n_cells = len(table.rows), len(table.rows) * len(figures)
    texts = pl.Series([row[place] for _, row in table.rows for place in places], dtype=pl.String)
    mark = mark_to_read_with(options.decimal_mark, texts.str.strip_chars_end().str.strip_suffix("%"))
    percent = (
        percent_columns({name: [row[place_of[name]] for _, row in table.rows] for name in figures})
        if texts.str.contains("%", literal=True).any()
        else set()
    )
    heads = in_turn(figures, n_rows)
    head_units = {name: unit_in_brackets(name) or ("%" if name in percent else None) for name in figures}

    def by_row(name: str) -> Repeated[str]:
        place = place_of[name]
        return each(coded(row[place] for _, row in table.rows), len(figures))

    period = None if options.period_column is None else tidy_text(options.period_column)
    row_units = constant("", n_cells) if unit_column is None else by_row(unit_column)
    no_period: Repeated[str | None] = constant(None, n_cells)
    cells = CellTable(
        titles=constant(options.title or "", n_cells),
        refs=row_and_column([line for line, _ in table.rows], places),
        labels=[
            *(changed(by_row(name), partial(Label, name)) for name in labels),
            changed(heads, partial(Label, column_dimension)),
        ],
        figures=read_figures(texts, mark, partial(read_percentage, mark=mark) if percent else None),
        units=alike(
            n_cells,
            [row_units.places, heads.places],
            lambda cell: row_units.of(cell).strip() or head_units[heads.of(cell)],
        ),
        periods=by_row(period) if period is not None and period in place_of else no_period,
    )
    unread = [name for name in table.head if name not in (*labels, *figures, unit_column)]
    skipped = [Skipped(f"column {name}", "the record does not ask for it") for name in unread]
    return AdapterResult(cells, table.skipped + skipped)
