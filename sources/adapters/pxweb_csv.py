"""CSV exports of PX-Web: a title, an empty line, a head, and rows of labels and figures.

The separator is the one the head uses (`;`, `,`, tab or `|`). Label columns are the leading columns of the head; the
other heads are values of one dimension more (a period, mostly), or of several joined by spaces, as exported.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from functools import partial

import polars as pl

from sources.adapters.csv_table import mark_to_read_with, row_and_column, without_separator_line
from sources.cell_table import CellTable, changed, coded, constant, each, in_turn
from sources.cells import AdapterResult, Label, ReadingError, Skipped
from sources.content import is_html
from sources.figures import read_figures
from sources.record import PxWebCsvReading
from sources.text.labels import label_key, tidy_text
from sources.text.numbers import UNREADABLE, DecimalMark, read_printed_number
from sources.text.tcvn3 import EncodingError, in_unicode
from sources.text.units import looks_like_unit, unit_in_brackets

VERSION = "2"

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# A year with the words for its maturity; two dimensions may share one head ("Rural Prel. 2016").
_PERIOD = re.compile(
    r"(?:(?:prel|pre|est|sơ bộ|ước tính|ước)\b\.?\s*)?(?<!\d)(?:19|20)\d{2}(?!\d)", re.IGNORECASE
)
_BY = re.compile(r"\s(?:by|chia theo|phân theo)\s", re.IGNORECASE)
_WORD_OR_YEAR = re.compile(r"(?=.*\w)(?:(?:19|20)\d\d|\D*)")


def _text(data: bytes, encoding: str) -> str:
    if is_html(data):
        raise ReadingError(
            "the whole file", "the answer is a web page (HTML), not CSV", "open the address in a browser to see why"
        )  # fmt: skip
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        # Stripped after decoding: in UTF-16 a NUL byte is half a character.
        return in_unicode(data.decode("utf-8-sig" if encoding == "utf-8" else encoding).rstrip("\0"))
    except EncodingError as error:
        raise ReadingError("the whole file", str(error), "save it as Unicode (UTF-8)") from error
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"byte {error.start}", f"the file is not {encoding}", "state the file's 'encoding' in the record"
        ) from error


def _separator(lines: Sequence[str]) -> str:
    """Return the separator: of `;`, tab, `,` and `|` the one that gives most lines the same number of fields."""

    def agreement(mark: str) -> tuple[int, int]:
        if not any(mark in line for line in lines):
            return 0, 0
        widths = Counter(len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1)
        return max(widths.values(), default=0), max(widths, default=0)

    return max(";\t,|", key=agreement)


def _rows(text: str, separator: str) -> list[tuple[int, list[str]]]:
    """Return the rows, each with the line it begins in; a quoted text may go on over lines."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    rows, line = [], 1
    try:
        for row in reader:
            rows.append((line, row))
            line = reader.line_num + 1
    except csv.Error as error:
        raise ReadingError(f"line {line}", f"the CSV is broken ({error})", "close the quotes") from error
    return rows


def _is_figure(text: str, mark: DecimalMark) -> bool:
    printed = read_printed_number(text, mark)
    return printed.missing_code != UNREADABLE or "decimal_mark_unclear" in printed.flags


def _refuse_second_head(
    head: Sequence[str], body: Sequence[tuple[int, list[str]]], n_labels: int, mark: DecimalMark
) -> None:
    """Refuse an export with two heading rows: a head with gaps, or words alone where the first figures should be."""
    gaps = [place for place in range(n_labels, len(head)) if not head[place]]
    if not body:
        return
    number, first = body[0]
    words = [text for text in first[n_labels:] if text.strip()]
    if any(row[place].strip() for _, row in body for place in gaps) or (
        len(body) > 1 and words and not any(_is_figure(text, mark) for text in words)
    ):
        raise ReadingError(
            f"line {number}", "a second row of headings stands under the head",
            "export the table with one heading row, or as PX or JSON-stat",
        )  # fmt: skip


def _label_columns(
    head: Sequence[str], rows: Sequence[Sequence[str]], mark: DecimalMark, title_lines: Sequence[str]
) -> int:
    """Return the number of leading columns that hold words in some row; the first also where its head is no year.

    Ages and codes are digits too, but stand first, under a word. Columns of years or whole numbers are labels too
    where the title names them as a dimension, or where rows would else have the same labels.
    """
    count = _columns_of_words(head, rows, mark)
    named = _named_dimensions(title_lines)
    while count < len(head) - 1 and label_key(head[count]) in named:
        count += 1
    more = count
    while more < len(head) - 1 and not _YEAR.search(head[more]) and not _differ(rows, more):
        if not all(row[more].strip().isdigit() for row in rows if len(row) > more):
            return count
        more += 1
    return more if _differ(rows, more) else count


def _differ(rows: Sequence[Sequence[str]], n_labels: int) -> bool:
    """Say whether no two rows have the same labels."""
    return len({tuple(row[:n_labels]) for row in rows}) == len(rows)


def _named_dimensions(title_lines: Sequence[str]) -> set[str]:
    parts = _BY.split(title_lines[0]) if title_lines else []
    return (
        {label_key(name) for name in re.split(r"\s(?:and|và)\s|,\s*", parts[-1])} if len(parts) > 1 else set()
    )


def _columns_of_words(head: Sequence[str], rows: Sequence[Sequence[str]], mark: DecimalMark) -> int:
    count = 0
    for column, name in enumerate(head):
        if _YEAR.search(name) and count:
            break
        filled = {row[column] for row in rows if len(row) > column and row[column].strip()}
        if filled and all(_is_figure(text, mark) for text in filled) and (count or _YEAR.search(name)):
            break
        count += 1
    return count


_Row = tuple[int, list[str]]
_Notes = list[tuple[int, str]]


def _above_the_head(table: Sequence[_Row]) -> tuple[str | None, _Notes]:
    """Return the unit that a line between title and head states, and the other lines there."""
    lines = [(number, row[0].strip()) for number, row in table if row and row[0].strip()]
    units = [text for _, text in lines if looks_like_unit(text)]
    return (units[0] if units else None), [(number, text) for number, text in lines if text not in units]


def _body(table: Sequence[_Row], head: Sequence[str]) -> tuple[list[_Row], _Notes]:
    """Return the rows under the head, and the lines among them that are none. Raises ReadingError for a second head."""
    body: list[_Row] = []
    notes: _Notes = []
    wide = [number for number, row in table if len(row) > 1]
    gap = False
    for number, row in table:
        if row and tidy_text(row[0]) == head[0] and [tidy_text(name) for name in row] == head:
            notes.append((number, "the head once more"))
        elif len(row) < 2:
            gap = gap or bool(body)
            if row and row[0].strip():
                notes.append((number, row[0].strip()))
        elif gap and all(_WORD_OR_YEAR.fullmatch(field.strip()) for field in row[1:]):
            if number != wide[-1]:
                raise ReadingError(
                    f"line {number}", "a second head stands under the first table", "give each table a file of its own"
                )  # fmt: skip
            notes.append((number, ", ".join(row)))
        else:
            gap = False
            body.append((number, row))
    return body, notes


def read(data: bytes, options: PxWebCsvReading) -> AdapterResult:
    """Read a PX-Web CSV export into cells, row by row. Raises ReadingError."""
    text = without_separator_line(_text(data, options.encoding))
    table = _rows(text, _separator(text.splitlines()))
    title_lines = [tidy_text(row[0]) for _, row in table[:1] if len([f for f in row if f.strip()]) == 1]
    start = next((place for place, (_, row) in enumerate(table) if len(row) > 1), None)
    if start is None:
        raise ReadingError(
            "the whole file",
            "there is no row with more than one column",
            "export the table as CSV with headings",
        )
    head = [tidy_text(name) for name in table[start][1]]
    if not head[-1] and not any(row[len(head) - 1 :] != [""] for _, row in table[start:] if len(row) > 1):
        # Every line ends in a separator.
        table = [(number, row[:-1] if len(row) > 1 else row) for number, row in table]
        head.pop()
    unit, notes = _above_the_head(table[1:start])
    body, under = _body(table[start + 1 :], head)
    notes += under
    wrong = [number for number, row in body if len(row) != len(head)]
    if wrong:
        raise ReadingError(
            f"line {wrong[0]}", f"{len(wrong)} rows have not the {len(head)} columns of the head",
            "export the table again",
        )  # fmt: skip
    n_labels = options.label_columns or _label_columns(
        head, [row for _, row in body], options.decimal_mark, title_lines
    )
    if not 0 < n_labels < len(head):
        raise ReadingError(
            f"line {table[start][0]}", "no column of figures beside the labels",
            "state 'label_columns' in the record",
        )  # fmt: skip
    _refuse_second_head(head, body, n_labels, options.decimal_mark)
    title = title_lines[0] if title_lines else ""
    column_dimension = options.columns or _column_dimension(title, head[:n_labels])
    n_rows, columns = len(body), range(n_labels, len(head))
    n_cells = n_rows * len(columns)
    texts = pl.Series([text for _, row in body for text in row[n_labels:]], dtype=pl.String)
    heads = in_turn(head[n_labels:], n_rows)
    title_unit = unit_in_brackets(title) or unit
    cells = CellTable(
        titles=constant(title, n_cells),
        refs=row_and_column([number for number, _ in body], columns),
        labels=[
            *(
                changed(each(coded(row[place] for _, row in body), len(columns)), partial(Label, head[place]))
                for place in range(n_labels)
            ),
            changed(heads, partial(Label, column_dimension)),
        ],
        figures=read_figures(texts, mark_to_read_with(options.decimal_mark, texts)),
        units=changed(heads, lambda name: unit_in_brackets(name) or title_unit),
        periods=changed(heads, _period),
    )
    return AdapterResult(
        cells, [Skipped(f"line {number}", f"no row of figures: {text}") for number, text in notes]
    )


def _column_dimension(title: str, named: Sequence[str]) -> str:
    """Return the name that the title gives the last dimension (`... by A, B and C`), if it can be told."""
    parts = _BY.split(title)
    if len(parts) > 1:
        last = re.split(r"\s(?:and|và)\s|,\s*", parts[-1].strip())[-1].strip()
        if last and last not in named:
            return last
    return "column"


def _period(head: str) -> str | None:
    found = _PERIOD.search(head)
    return found.group() if found else None
