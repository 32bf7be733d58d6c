"""CSV exports of PX-Web: a title, an empty line, a head, and rows of labels and figures.

The separator is the one the head uses (`;`, `,`, tab or `|`). Label columns are the leading columns of the head; the
other heads are values of one dimension more (a period, mostly), or of several joined by spaces, as exported.
"""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass

from sources.adapters.csv_table import mark_to_read_with
from sources.cells import AdapterResult, Cell, Label, ReadingError, Skipped
from sources.content import is_html
from sources.record import PxWebCsvReading
from sources.text.numbers import UNREADABLE, DecimalMark, read_printed_number
from sources.text.units import unit_in_brackets

VERSION = "1"

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# A year with the words for its maturity; two dimensions may share one head ("Rural Prel. 2016").
_PERIOD = re.compile(
    r"(?:(?:prel|pre|est|sơ bộ|ước tính|ước)\b\.?\s*)?(?<!\d)(?:19|20)\d{2}(?!\d)", re.IGNORECASE
)
_BY = re.compile(r"\s(?:by|chia theo|phân theo)\s", re.IGNORECASE)


def _text(data: bytes, encoding: str) -> str:
    if is_html(data):
        raise ReadingError(
            "the whole file", "the answer is a web page (HTML), not CSV", "open the address in a browser to see why"
        )  # fmt: skip
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding = "utf-16"
    try:
        # Stripped after decoding: in UTF-16 a NUL byte is half a character.
        return data.decode("utf-8-sig" if encoding == "utf-8" else encoding).rstrip("\0")
    except UnicodeDecodeError as error:
        raise ReadingError(
            f"byte {error.start}", f"the file is not {encoding}", "state the file's 'encoding' in the record"
        ) from error


def _separator(lines: Sequence[str]) -> str:
    """Return the separator: of `;`, tab, `,` and `|` the one that gives most lines the same number of fields."""

    def agreement(mark: str) -> tuple[int, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=mark) if len(row) > 1]
        return (max((widths.count(width) for width in set(widths)), default=0), max(widths, default=0))

    return max(";\t,|", key=agreement)


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


def _label_columns(head: Sequence[str], rows: Sequence[Sequence[str]], mark: DecimalMark) -> int:
    """Return the number of leading columns that hold words in some row; the first also where its head is no year.

    Ages and codes are digits too, but stand first, under a word.
    """
    count = 0
    for column, name in enumerate(head):
        if _YEAR.search(name) and count:
            break
        filled = [row[column] for row in rows if len(row) > column and row[column].strip()]
        if filled and all(_is_figure(text, mark) for text in filled) and (count or _YEAR.search(name)):
            break
        count += 1
    return count


def read(data: bytes, options: PxWebCsvReading) -> AdapterResult:
    """Read a PX-Web CSV export into cells, row by row. Raises ReadingError."""
    lines = _text(data, options.encoding).splitlines()
    separator = _separator(lines)
    table = [(number, row) for number, row in enumerate(csv.reader(lines, delimiter=separator), 1)]
    title_lines = [row[0].strip() for _, row in table[:1] if len([f for f in row if f.strip()]) == 1]
    start = next((place for place, (_, row) in enumerate(table) if len(row) > 1), None)
    if start is None:
        raise ReadingError(
            "the whole file",
            "there is no row with more than one column",
            "export the table as CSV with headings",
        )
    head = [name.strip() for name in table[start][1]]
    body, notes = [], []
    for number, row in table[start + 1 :]:
        if [name.strip() for name in row] == head:
            notes.append((number, "the head once more"))
        elif len(row) > 1:
            body.append((number, row))
        elif row and row[0].strip():
            notes.append((number, row[0].strip()))
    wrong = [number for number, row in body if len(row) != len(head)]
    if wrong:
        raise ReadingError(
            f"line {wrong[0]}", f"{len(wrong)} rows have not the {len(head)} columns of the head",
            "export the table again",
        )  # fmt: skip
    n_labels = options.label_columns or _label_columns(head, [row for _, row in body], options.decimal_mark)
    if not 0 < n_labels < len(head):
        raise ReadingError(
            f"line {table[start][0]}", "no column of figures beside the labels",
            "state 'label_columns' in the record",
        )  # fmt: skip
    _refuse_second_head(head, body, n_labels, options.decimal_mark)
    title = title_lines[0] if title_lines else ""
    mark = mark_to_read_with(options.decimal_mark, (text for _, row in body for text in row[n_labels:]))
    column_dimension = options.columns or _column_dimension(title, head[:n_labels])
    layout = _Layout(title, head, n_labels, column_dimension, mark)
    cells = [
        _cell(layout, number, row, column) for number, row in body for column in range(n_labels, len(head))
    ]
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


@dataclass(frozen=True)
class _Layout:
    title: str
    head: list[str]
    n_labels: int
    column_dimension: str
    decimal_mark: DecimalMark


def _cell(layout: _Layout, number: int, row: Sequence[str], column: int) -> Cell:
    head = layout.head
    period = _PERIOD.search(head[column])
    return Cell(
        table_title=layout.title,
        cell_ref=f"r{number}c{column + 1}",
        labels=(
            *(Label(head[place], row[place]) for place in range(layout.n_labels)),
            Label(layout.column_dimension, head[column]),
        ),
        value=read_printed_number(row[column], layout.decimal_mark),
        unit_text=unit_in_brackets(head[column]) or unit_in_brackets(layout.title),
        period_text=period.group() if period else None,
    )
