"""Labels of the rows of a table on a page: labels of several lines, headings, units in a column of their own."""

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from sources.adapters.pdf_lines import Line, phrases_of
from sources.adapters.pdf_words import Word
from sources.text.labels import label_key, tidy_text
from sources.text.units import looks_like_unit

# Points: a line of a label begins so near to the label's left edge.
_FLUSH = 4.0
# A gap is wider than another if it is so many times as wide; and lines of one label stand no further apart than this.
_WIDER = 1.12
_OF_ONE_LABEL = 1.15
# Of the letters' size: a unit in a column of its own stands so far from its label.
_APART = 1.2
_MOST_ROWS = 0.6
# Of the letters' size: lines of one label below one another.
_LINES_APART = 1.5
_HEADING = re.compile(r"trong đó|of which|chia theo|phân theo|chia ra|by [a-z]+$")


@dataclass(frozen=True)
class Row:
    """A row as printed: its label, the heading or the row above that it is under, its own unit, its figures."""

    label: str
    section: str | None
    values: tuple[Word, ...]
    x0: float
    unit: str | None = None


def _is_heading(line: Line) -> bool:
    return line.text.endswith(":") or _HEADING.match(label_key(line.text)) is not None


def _is_flush(line: Line, other: Line) -> bool:
    return abs(line.words[0].x0 - other.words[0].x0) <= _FLUSH


def _goes_on(text: str) -> bool:
    """Say whether a text can only go on with the line above it: it begins with a small letter or a closing mark."""
    first = text.lstrip()[:1]
    return first.islower() or first in ")-–,"


def _break_at(
    waiting: Sequence[Line], above: Line | None, below: Line, spacing: float, usual: str
) -> tuple[int, int]:
    """Return how many of the waiting lines go on the row above, and from which on they begin the row below.

    The widest gap parts two rows. Where no gap is wider, a line is of the row that such lines usually are of in this
    table (`usual`), or of neither.
    """
    if above is None:
        start = len(waiting)
        while (
            start
            and _is_flush(waiting[start - 1], below)
            and not _is_heading(waiting[start - 1])
            and (waiting[start] if start < len(waiting) else below).bottom - waiting[start - 1].bottom
            <= _OF_ONE_LABEL * spacing
        ):
            start -= 1
        return 0, start
    chain = [above, *waiting, below]
    gaps = [after.bottom - before.bottom for before, after in pairwise(chain)]
    narrow = min(gaps)

    def is_of_one(at: int) -> bool:
        """Say whether two lines of the chain are of one label."""
        gap, line, after = gaps[at], chain[at], chain[at + 1]
        if gap > _OF_ONE_LABEL * spacing or _is_heading(after if at + 1 <= len(waiting) else line):
            return False
        if at < len(waiting) and _is_heading(line) and line is not above:
            return False
        clear = gap * _WIDER < max(gaps)
        is_usual = usual == ("below" if at else "above") and len(waiting) == 1
        return (clear and gap <= narrow * _WIDER) or (not clear and (is_usual or _goes_on(after.text)))

    n_above = 0
    while n_above < len(waiting) and is_of_one(n_above) and _of_label(waiting[n_above], above):
        n_above += 1
    start = len(waiting)
    while start > n_above and is_of_one(start) and _is_flush(waiting[start - 1], below):
        start -= 1
    return n_above, start


def _of_label(line: Line, row: Line) -> bool:
    """Say whether a line below a row may be of its label: it begins there or a little further in."""
    return -_FLUSH <= line.words[0].x0 - row.words[0].x0 <= 2 * row.size


def rows_of(lines: Sequence[Line], places: set[int], after: Sequence[Line]) -> list[Row]:
    """Return the rows among lines, the places of whose figures are given; `after` are the lines below the last row.

    Words flush with the next label but apart from it are a row without figures; elsewhere they are a heading for
    the rows below.
    """
    spacing = _spacing(lines, places)
    rows: list[Row] = []
    waiting: list[Line] = []
    above: Line | None = None
    section: str | None = None
    usual = _usual(lines, places, after)
    is_usual = usual == "above"
    for at, line in enumerate(lines):
        if at not in places:
            waiting.append(line)
            continue
        n_above, start = _break_at(waiting, above, line, spacing, usual)
        if n_above:
            rows[-1] = _longer(rows[-1], waiting[:n_above])
            is_usual = True
        for heading in waiting[n_above:start]:
            if _is_flush(heading, line):
                rows.append(Row(heading.text, section, (), heading.words[0].x0))
            else:
                section = heading.text
        rows.append(_row(line, waiting[start:], section))
        waiting, above = [], line
    if above is not None:
        rows[-1] = _longer(rows[-1], _lines_after(above, after, is_usual))
    return _under_rows(rows)


def _usual(lines: Sequence[Line], places: set[int], after: Sequence[Line]) -> str:
    """Return of which row, `above` or `below`, single lines between rows are where most rows have one: by the ends.

    A line before the first row is of a row below it, a line after the last of a row above it; "" where neither says.
    """
    rows = sorted(places)
    single = sum(after_it - before == 2 for before, after_it in pairwise(rows))
    if 2 * single <= len(rows) - 1:
        return ""
    step = _LINES_APART * lines[rows[-1]].size
    ends = bool(after) and after[0].bottom - lines[rows[-1]].bottom < step and not after[0].values
    begins = rows[0] == 1
    return {(True, False): "below", (False, True): "above"}.get((begins, ends), "")


def _spacing(lines: Sequence[Line], places: set[int]) -> float:
    steps = [after.bottom - before.bottom for before, after in pairwise(lines)]
    return statistics.median(steps or [12.0])


def _lines_after(last: Line, after: Sequence[Line], is_usual: bool) -> list[Line]:
    """Return the lines below the last row that go on its label: they cannot begin one, or other labels go on so."""
    found: list[Line] = []
    before = last
    for line in after:
        is_near = line.bottom - before.bottom < _LINES_APART * last.size
        goes_on = _goes_on(line.text) or is_usual
        if not (is_near and goes_on and _of_label(line, last)) or line.words[-1].is_value:
            break
        found.append(line)
        before = line
    return found


def _row(line: Line, above: Sequence[Line], section: str | None) -> Row:
    label = tidy_text(" ".join([*(part.text for part in above), *(word.text for word in line.label)]))
    return Row(label, section, line.values, line.words[0].x0)


def _longer(row: Row, lines: Sequence[Line]) -> Row:
    return replace(row, label=tidy_text(" ".join([row.label, *(line.text for line in lines)])))


def _under_rows(rows: list[Row]) -> list[Row]:
    """Give rows of one label the row above them that begins further left: "Nam" under each district."""
    times = Counter((row.label, row.section) for row in rows)
    named = []
    for at, row in enumerate(rows):
        parent = next((over for over in reversed(rows[:at]) if over.x0 < row.x0 - _FLUSH), None)
        if times[row.label, row.section] > 1 and parent is not None and row.section is None:
            named.append(replace(row, section=parent.label))
        else:
            named.append(row)
    return named


# --- units in a column --------------------------------------------------------------------------------------


def unit_column(rows: Sequence[Line]) -> dict[Line, str]:
    """Return the unit of each row whose label ends, far from the rest, with one; empty unless most rows have one."""
    units: dict[Line, str] = {}
    others = 0
    for row in rows:
        pieces = phrases_of(row.label, _APART)
        text = tidy_text(" ".join(word.text for word in pieces[-1]))
        if len(pieces) > 1 and looks_like_unit(text):
            units[row] = text
        else:
            others += len(pieces) > 1
    return units if len(units) >= _MOST_ROWS * len(rows) and not others else {}


def without_unit(row: Line) -> Line:
    """Return a row without the last piece of its label."""
    last = len(phrases_of(row.label, _APART)[-1])
    words = row.label
    return replace(row, words=(*words[: len(words) - last], *row.values))
