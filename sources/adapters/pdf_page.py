"""The tables of one PDF page: rows of figures, the header above them, the title and the unit above that.

A page is skipped, with the reason, where it does not tell which figure is whose; nothing is given to a column or to a
row by guessing.
"""

import re
import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from sources.adapters.pdf_headers import (
    Column,
    UnclearHeaderError,
    anchors_of,
    columns_of,
    headers_of,
    with_left_figures,
    without_chance,
)
from sources.adapters.pdf_labels import rows_of, unit_column, without_unit
from sources.adapters.pdf_lines import (
    Line,
    is_header_line,
    is_numbering,
    is_year,
    phrases_of,
    read_lines,
    rows_in,
)
from sources.adapters.pdf_words import SAME_EDGE, UnclearPageError, Word, page_words
from sources.cells import Skipped
from sources.text.labels import label_key, tidy_text
from sources.text.tcvn3 import EncodingError
from sources.text.units import looks_like_unit

# Points: letters so much larger than those of the figures are a title.
_LARGER = 0.8
# Of the letters' size: words of a title stand no further apart.
_OF_A_TITLE = 0.8
# Of the letters' size: figures so far from the words beside them are of a cell of their own.
_APART = 1.5
# Points: figures of a table that goes on over the page stand where they stood.
_SAME_PLACE = 2.0
_SECOND_UNIT = re.compile(r"\s+[-–]\s+(?:unit\s*:)?.*", re.IGNORECASE)
_UNIT = re.compile(r"(?:đơn vị tính|đơn vị|đvt|unit)\s*(?:[-–]\s*unit\s*)?:", re.IGNORECASE)
_NUMBERED = re.compile(r"(?:(?:bảng|biểu|table)\s+)?\d{1,3}(?:\.\d{1,3})*[.:]?\s+\S", re.IGNORECASE)
_NOTE = re.compile(r"ghi chú|nguồn|note|source|\(?[*\d]\)|[¹²³]")
_BROKEN_OFF = re.compile(r"[-−]?\d[\d.,]*[.,]|[.,]")
_RUN_TOGETHER = re.compile(r"[^\W\d_]-?\d[\d.,]*$")


@dataclass(frozen=True)
class TableRow:
    """A row of a table: a figure or None for each column; `unit` where the row prints its own."""

    number: int
    label: str
    section: str | None
    unit: str | None
    words: list[Word | None]


@dataclass(frozen=True)
class PageTable:
    """A table of one page; `columns` are the stretches in which its figures stand, in points from the left."""

    page: int
    title: str
    unit: str | None
    headers: list[str]
    columns: list[Column]
    rows: list[TableRow]


class _DoubtError(ValueError):
    """What is not certain about a table; the message says it."""


def page_tables(page: Any, number: int) -> list[PageTable | Skipped]:
    """Return the tables of a page from the top, and what was skipped of it and why."""
    try:
        lines = _without_page_number(read_lines(page_words(page)))
        if not lines:
            return [Skipped(f"p{number}", "no text on this page: a scan or a picture")]
        return list(_tables(lines, number))
    except (EncodingError, UnclearPageError, UnclearHeaderError, _DoubtError) as error:
        return [Skipped(f"p{number}", str(error))]


def _tables(lines: list[Line], number: int) -> Iterator[PageTable | Skipped]:
    rows = rows_in(lines)
    if len(rows) < 2:
        beside = sum(_has_figures_inside(line) for line in lines)
        yield Skipped(
            f"p{number}",
            "words stand at the right of the figures: a second table or a second language beside the first"
            if beside > 1
            else "no table: fewer than two lines with words and figures",
        )
        return
    _refuse_figures_in_labels(lines, rows)
    n_rows, head = 0, 0
    groups = _groups(lines, rows)
    for at, group in enumerate(groups):
        end = groups[at + 1][0] if at + 1 < len(groups) else len(lines)
        table = _table(lines[:end], head, group, number, n_rows)
        lost = [line.text for line in _without_labels(lines[group[0] : group[-1] + 1])]
        if lost:
            yield Skipped(f"p{number}", f"figures in a row without a label: '{'; '.join(lost[:3])}'")
        n_rows += len(table.rows)
        head = group[-1] + 1
        yield table


def _without_labels(lines: Sequence[Line]) -> list[Line]:
    return [line for line in lines if line.values == line.words and not is_numbering(line)]


def _without_page_number(lines: list[Line]) -> list[Line]:
    """Leave out the running title with the page number: one whole number, far from the lines beside it."""
    if len(lines) < 4:
        return lines
    gaps = [after.bottom - before.bottom for before, after in pairwise(lines)]
    usual = statistics.median(gaps)
    for at, gap in ((len(lines) - 1, gaps[-1]), (0, gaps[0])):
        numbers = [word for word in lines[at].words if re.fullmatch(r"\d{1,4}", word.text)]
        if (
            len(numbers) == 1
            and gap > 1.8 * usual
            and lines[at].words.index(numbers[0]) in (0, len(lines[at].words) - 1)
        ):
            return _without_page_number(lines[:at] + lines[at + 1 :])
    return lines


# --- rows and columns ---------------------------------------------------------------------------------------


def _has_figures_inside(line: Line) -> bool:
    """Say whether figures stand among the words of a label, far from those before and after them."""
    pieces = phrases_of(line.label, _APART)
    return any(piece[0].is_figure and len(piece) == 1 for piece in pieces[1:-1])


def _refuse_figures_in_labels(lines: Sequence[Line], rows: Sequence[int]) -> None:
    beside = next((lines[at] for at in rows if _has_figures_inside(lines[at])), None)
    if beside is not None:
        raise _DoubtError(
            f"'{beside.text[:60]}' has figures among its words: a second table beside it, or words for a figure"
        )
    for at in rows:
        for word, after in pairwise(lines[at].words):
            if (
                _BROKEN_OFF.fullmatch(word.text)
                and after.text[0].isdigit()
                and after.x0 - word.x1 < after.size
            ):
                raise _DoubtError(
                    f"'{word.text}' and '{after.text}' may be one figure: its letters stand apart"
                )
    near = [lines[at].label for at in rows if lines[at].label[-1].is_figure and len(lines[at].label) > 1]
    for label, other in pairwise(near):
        same_end = abs(label[-1].x1 - other[-1].x1) < SAME_EDGE
        if same_end and abs(label[-2].x1 - other[-2].x1) > _SAME_PLACE:
            shown = " ".join(word.text for word in label)
            raise _DoubtError(f"'{shown}' may end with a figure: the columns stand too close to the labels")


def _groups(lines: Sequence[Line], rows: Sequence[int]) -> list[list[int]]:
    """Part the rows of a page into tables: a header or a title between two rows begins another table."""
    left = min(word.x0 for at in rows for word in lines[at].values)
    size = statistics.median(word.size for at in rows for word in lines[at].words)
    groups = [[rows[0]]]
    for before, at in pairwise(rows):
        between = lines[before + 1 : at]
        is_new = any(
            is_header_line(line, left - _APART * line.size)
            or (len(line.words) > 1 and all(word.size > size + _LARGER for word in line.words))
            or _UNIT.match(line.text)
            for line in between
        )
        groups.append([at]) if is_new else groups[-1].append(at)
    return groups


def _placed(values: Sequence[Word], columns: Sequence[Column]) -> list[Word | None]:
    placed: list[Word | None] = [None] * len(columns)
    for word in values:
        for at, (left, right) in enumerate(columns):
            if left <= word.middle <= right:
                placed[at] = word
    return placed


def _refuse_misplaced(rows: Sequence[Line], columns: Sequence[Column]) -> None:
    for row in rows:
        placed = _placed(row.values, columns)
        name = row.words[0].text
        if sum(word is not None for word in placed) != len(row.values):
            raise _DoubtError(
                f"the row '{name} ...' has {len(row.values)} figures that do not fit {len(columns)} columns"
            )
        label = row.label[-1]
        if placed[0] is None and _RUN_TOGETHER.search(label.text):
            raise _DoubtError(
                f"'{label.text}' is a label run together with a figure: the columns stand too close"
            )


def _refuse_words_for_figures(body: Sequence[Line], columns: Sequence[Column], with_unit: set[Line]) -> None:
    """Refuse a row that has words where its figures should stand: its other figures would be lost or moved."""
    for line in body:
        pieces = phrases_of(line.label, _APART)
        if line.values and line.label:
            is_word = len(pieces) > 1 and line not in with_unit and pieces[-1][-1].x1 > columns[0][0]
        else:
            is_word = any(
                len(piece) == 1 and piece[0].is_figure and not is_year(piece[0]) for piece in pieces[1:]
            )
        if is_word:
            raise _DoubtError(f"'{line.text[:60]}' has words in place of a figure")


def _without_last_number(lines: Sequence[Line], group: list[int]) -> list[int]:
    """Leave out a running title close below the table: its page number stands where no column's figures stand."""
    rows, last = [lines[at] for at in group[:-1]], lines[group[-1]]
    number = last.values[0]
    if len(rows) < 2 or len(last.values) > 1 or not re.fullmatch(r"\d{1,4}", number.text):
        return group
    columns = columns_of(rows)
    over = [word for row in rows for word in row.values if word.x0 < number.x1 and number.x0 < word.x1]
    stands_there = any(
        abs(number.x1 - word.x1) < _SAME_PLACE
        or abs(number.x0 - word.x0) < _SAME_PLACE
        or abs(number.middle - word.middle) < _SAME_PLACE
        for word in over
    )
    return group if len(columns) < 2 or stands_there else group[:-1]


# --- one table ----------------------------------------------------------------------------------------------


def _table(lines: Sequence[Line], head: int, group: list[int], number: int, n_before: int) -> PageTable:
    """Read the table whose rows are at the places of `group`; its header and title begin at `head` or after."""
    group = _without_last_number(lines, group)
    figures = [lines[at] for at in group]
    columns = columns_of(figures)
    size = statistics.median(word.size for row in figures for word in row.words)
    first = _first_of_label(lines, head, group[0], columns[0][0], size)
    title, above = _title(lines[head:first], size, columns[0][0])
    above = [line for line in above if not is_numbering(line)]
    unit, above = _unit(above, columns)
    anchors = anchors_of(above, figures)
    columns = with_left_figures(columns, anchors, figures)
    anchors = without_chance(anchors, columns)
    _refuse_misplaced(figures, columns)
    units = unit_column(figures)
    _refuse_words_for_figures(lines[first : group[-1] + 1], columns, set(units))
    _refuse_years_twice(above, columns[0][0])
    headers = headers_of(above, columns, anchors, figures)
    shared = next((header for header, times in Counter(headers).items() if header and times > 1), None)
    if shared is not None:
        raise _DoubtError(f"two columns have one header between them: '{shared}'")
    body = [without_unit(line) if line in units else line for line in lines[first : group[-1] + 1]]
    of_values = {lines[at].values: units.get(lines[at]) for at in group}
    rows = [
        TableRow(
            n_before + at, row.label, row.section, of_values.get(row.values), _placed(row.values, columns)
        )
        for at, row in enumerate(
            rows_of(body, {at - first for at in group}, _after(lines, group[-1], columns[0][0])), start=1
        )
    ]
    return PageTable(number, title, unit, headers, list(columns), rows)


def _after(lines: Sequence[Line], last: int, first_column: float) -> list[Line]:
    """Return the lines below the last row that may go on its label: notes and what is wider are none."""
    after: list[Line] = []
    for line in lines[last + 1 :]:
        if _NOTE.match(label_key(line.text)) or line.words[-1].x1 > first_column:
            break
        after.append(line)
    return after


def _first_of_label(lines: Sequence[Line], head: int, first: int, first_column: float, size: float) -> int:
    """Return where the label of the first row begins: words left of all columns above it are its first lines."""
    while (
        first > head
        and lines[first - 1].words[-1].x1 < first_column
        and abs(lines[first - 1].words[0].x0 - lines[first].words[0].x0) <= 4
        and lines[first - 1].words[0].size <= size + _LARGER
        and not _NUMBERED.match(lines[first - 1].text)
        and not _UNIT.match(lines[first - 1].text)
    ):
        first -= 1
    return first


def _refuse_years_twice(above: Sequence[Line], first_column: float) -> None:
    """Refuse a line of years above the figures that may be the first row: there is another header above it."""
    heads = 0
    for line in above:
        is_head = is_header_line(line, first_column - _APART * line.size)
        if len(line.values) > 1 and all(is_year(word) for word in line.values):
            if heads and (line.label or is_head):
                raise _DoubtError(f"'{line.text}' above the figures may be a row or a line of years")
            heads += 1
        else:
            heads += is_head


def _plain_title(lines: Sequence[Line], first_column: float) -> tuple[str, list[Line]]:
    """Return the title where no words are larger: lines of one piece over the labels, from a numbered one on."""
    heading = next((at for at, line in enumerate(lines) if is_header_line(line, first_column)), len(lines))
    numbered = [at for at, line in enumerate(lines[:heading]) if _NUMBERED.match(line.text)]
    start = numbered[-1] if numbered else 0
    end = start
    while end < heading and _is_title(lines[end], first_column):
        end += 1
        if end < len(lines) and lines[end].bottom - lines[end - 1].bottom > 2.2 * lines[end].size:
            break
    if end == start:
        return "", list(lines)
    return tidy_text(" ".join(line.text for line in lines[start:end])), list(lines[end:])


def _is_title(line: Line, first_column: float) -> bool:
    words = line.words[1:] if line.words[0].text.isdigit() else line.words
    is_unit = _UNIT.match(line.text) or (
        looks_like_unit(line.text) and line.words[0].x0 > first_column - 2 * line.size
    )
    return (
        len(words) > 0
        and not is_unit
        and len(phrases_of(words, _OF_A_TITLE)) == 1
        and words[0].x0 < first_column - 2 * words[0].size
    )


def _title(lines: Sequence[Line], size: float, first_column: float) -> tuple[str, list[Line]]:
    """Return the title, the larger words above a table, and the lines left for unit and header."""
    large = [
        []
        if is_header_line(line, first_column - _APART * line.size) or line.words[0].x0 > first_column
        else [word for word in line.words if word.size > size + _LARGER]
        for line in lines
    ]
    words = [word for line in large for word in line]
    if not any(not word.text.isdigit() for word in words):
        return _plain_title(lines, first_column)
    left = min((word.x0 for word in words if not word.text.isdigit()), default=0.0)
    numbers = [word.text for word in words if word.text.isdigit() and word.x1 < left]
    texts = [word.text for word in words if not (word.text.isdigit() and word.x1 < left)]
    begins = next(at for at, found in enumerate(large) if found)
    rest = []
    for line, found in zip(lines[begins:], large[begins:], strict=True):
        kept = tuple(word for word in line.words if word not in found)
        if kept:
            rest.append(replace(line, words=kept, values=line.values if not found else ()))
    return tidy_text(" ".join([*numbers, *texts])), rest


def _unit(lines: list[Line], columns: Sequence[Column]) -> tuple[str | None, list[Line]]:
    """Return the unit that stands for the whole table, and the lines left for the header.

    It says that it is one, or stands alone: first of all over the columns, or last over more than one column.
    """
    for at, line in enumerate(lines):
        says_so = _UNIT.match(line.text)
        text = line.text[says_so.end() :] if says_so else line.text
        text = text.strip("() ") if re.fullmatch(r"\s*\([^()]*\)\s*", text) else text
        over = sum(line.words[0].x0 < right and line.words[-1].x1 > left for left, right in columns)
        place = (at == 0 and line.words[-1].x1 > columns[0][0]) or (at == len(lines) - 1 and over > 1)
        if says_so or (place and looks_like_unit(text)):
            return _SECOND_UNIT.sub("", text).strip(), lines[:at] + lines[at + 1 :]
    return None, lines
