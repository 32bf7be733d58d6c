"""Lines of a PDF page: which words of a line are its label, and which are the figures of a row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import dropwhile, pairwise

from sources.adapters.pdf_words import SAME_EDGE, Word
from sources.text.labels import label_key, tidy_text

_YEAR = re.compile(r"(?:19|20)\d\d")
# What a header prints beside its years.
_OF_YEARS = re.compile(r"năm\b|years?\b|chỉ tiêu|stt\b|tt\b")
_NUMBERING = re.compile(r"\(?\d{1,2}\)?(?:=[\d()+\-−:/*x]+)?")
# Of the letters' size: a figure nearer to the word before it is of the label ("Tháng 1", "15 tuổi"), unless it stands
# where the figures of a column stand.
_NEAR = 0.6
# Points: figures of a column end, begin or are centred so near to one another.
_ALIGNED = 1.0
# Of the letters' size: text parted by more is of two cells.
_APART = 1.5
# Of the letters' size: a figure printed between two lines of its label stands so near to both.
_HALF_LINE = 0.8


@dataclass(frozen=True)
class Line:
    """Words of one height, from left to right; `values` are the figures and marks at the right end."""

    words: tuple[Word, ...]
    values: tuple[Word, ...]
    bottom: float

    @property
    def text(self) -> str:
        return tidy_text(" ".join(word.text for word in self.words))

    @property
    def label(self) -> tuple[Word, ...]:
        return self.words[: len(self.words) - len(self.values)]

    @property
    def size(self) -> float:
        return max(word.size for word in self.words)


def is_year(word: Word) -> bool:
    return _YEAR.fullmatch(word.text) is not None


def phrases_of(
    words: Sequence[Word], gap: float, edges: Sequence[float] = (), ends: Sequence[float] = ()
) -> list[list[Word]]:
    """Part words where the gap is wider than `gap` (of their size), where a column begins, or where one ends."""
    phrases: list[list[Word]] = []
    for word in words:
        begins = any(abs(edge - word.x0) < SAME_EDGE for edge in edges)
        ended = bool(phrases) and any(abs(edge - phrases[-1][-1].x1) < SAME_EDGE for edge in ends)
        if phrases and not begins and not ended and word.x0 - phrases[-1][-1].x1 < gap * word.size:
            phrases[-1].append(word)
        else:
            phrases.append([word])
    return phrases


# --- figures of one line ------------------------------------------------------------------------------------


def _may_go_on(before: Word, word: Word) -> bool:
    near = word.x0 - before.x1 < 0.55 * word.size
    if before.text in "-−":
        return near and re.fullmatch(r"\d[\d.,]*", word.text) is not None
    return (
        near
        and re.fullmatch(r"[-−]?\d{1,3}(?: \d{3})*", before.text) is not None
        and re.fullmatch(r"\d{3}(?:,\d+)?", word.text) is not None
    )


def _right_edges(lines: list[list[Word]]) -> list[float]:
    """Return where figures and marks end that no other figure goes on; years alone are a header over figures."""
    return [
        word.x1
        for line in lines
        if not all(is_year(word) for word in line if word.is_value)
        for word, after in zip(line, [*line[1:], None], strict=True)
        if word.is_value and (after is None or not _may_go_on(word, after))
    ]


def _joined(words: list[Word], right_edges: list[float]) -> list[Word]:
    """Join figures whose thousands, or whose minus sign, are parted by a narrow space: "1 742,4", "- 2,5".

    Where other figures end at the same place, a column ends, and the next figure is of the next column.
    """
    joined: list[Word] = []
    for word in words:
        before = joined[-1] if joined else None
        if (
            before is not None
            and _may_go_on(before, word)
            and not any(abs(edge - before.x1) < SAME_EDGE for edge in right_edges)
            and (before.text not in "-−" or len(joined) < 2 or before.x0 - joined[-2].x1 > _NEAR * word.size)
        ):
            parted = "" if before.text in "-−" else " "
            joined[-1] = replace(word, text=f"{before.text}{parted}{word.text}", x0=before.x0)
        else:
            joined.append(word)
    return joined


def _first_value(words: list[Word]) -> int:
    first = len(words)
    while first and words[first - 1].is_value:
        first -= 1
    if first < len(words) - 1 and is_year(words[first]):
        near = first and words[first].x0 - words[first - 1].x1 < words[first].size
        if near or (not first and not all(is_year(word) for word in words)):
            first += 1  # a row per year: "2010", or "Sơ bộ - Prel. 2011"
    return first


def _is_near(words: Sequence[Word], first: int) -> bool:
    return 0 < first < len(words) and words[first].x0 - words[first - 1].x1 < _NEAR * words[first].size


def _aligned(word: Word, other: Word) -> bool:
    return (
        abs(word.x1 - other.x1) < _ALIGNED
        or abs(word.x0 - other.x0) < _ALIGNED
        or abs(word.middle - other.middle) < _ALIGNED
    )


def read_lines(words: list[list[Word]]) -> list[Line]:
    """Return lines of words with their figures told from their labels."""
    right_edges = _right_edges(words)
    joined = [_joined(line, right_edges) for line in words]
    firsts = [_first_value(line) for line in joined]
    sure = [
        word
        for line, first in zip(joined, firsts, strict=True)
        for word in line[first + _is_near(line, first) :]
    ]
    lines = []
    for line, found in zip(joined, firsts, strict=True):
        first = found
        while _is_near(line, first) and not any(_aligned(line[first], other) for other in sure):
            first += 1
        lines.append(Line(tuple(line), tuple(line[first:]), max(word.bottom for word in line)))
    return _with_figures_between(lines)


def _with_figures_between(lines: list[Line]) -> list[Line]:
    """Put figures that stand at the middle of a label of two lines into one line with both."""
    merged: list[Line] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        above = merged[-1] if merged else None
        below = lines[at + 1] if at + 1 < len(lines) else None
        if (
            line.values == line.words
            and above is not None
            and below is not None
            and not above.values
            and not below.values
            and line.bottom - above.bottom < _HALF_LINE * above.size
            and below.bottom - line.bottom < _HALF_LINE * below.size
            and max(above.words[-1].x1, below.words[-1].x1) < line.words[0].x0
        ):
            merged[-1] = Line((*above.words, *below.words, *line.words), line.values, line.bottom)
            at += 2
        else:
            merged.append(line)
            at += 1
    return merged


# --- rows ---------------------------------------------------------------------------------------------------


def _has_label_and_figures(line: Line) -> bool:
    return 0 < len(line.values) < len(line.words) and any(word.is_figure for word in line.values)


def _years_alone(line: Line) -> bool:
    return all(is_year(word) for word in line.values)


def is_numbering(line: Line) -> bool:
    """Say whether a line numbers the columns: "A 1 2 3", "(1) (2) (3)=(2):(1)"."""
    words = list(dropwhile(lambda word: re.fullmatch(r"[A-ZĐ]|STT|TT", word.text), line.words))
    if len(words) < 2 or not all(_NUMBERING.fullmatch(word.text) for word in words):
        return False
    numbers = [int(re.findall(r"\d+", word.text)[0]) for word in words]
    return numbers[0] in (0, 1, 2) and all(after == before + 1 for before, after in pairwise(numbers))


def rows_in(lines: list[Line]) -> list[int]:
    """Return the places of the rows: lines of a label and of figures.

    Years alone, one after another, are a header above the first row, and figures below it. Figures in words that stand
    over the columns are a header.
    """
    found = [
        at
        for at, line in enumerate(lines)
        if _has_label_and_figures(line) and not _years_alone(line) and not is_numbering(line)
    ]
    if not found:
        return []
    left = sorted(lines[at].words[0].x0 for at in found)[len(found) // 2]
    first = next(at for at in found if lines[at].words[0].x0 < left + 60)
    while first and lines[first - 1].label and _marks_alone(lines[first - 1]):
        first -= 1
    return [
        at
        for at in range(first, len(lines))
        if at in found or (lines[at].label and lines[at].values and not is_header_line(lines[at], left))
    ]


def _marks_alone(line: Line) -> bool:
    """Say whether a line is a row that has marks for all its figures: "Hà Tây - - -"."""
    return len(line.values) > 1 and not is_numbering(line) and not any(word.is_figure for word in line.values)


def is_header_line(line: Line, left: float) -> bool:
    """Say whether a line stands over several columns: years one after another, or words in pieces far apart.

    `left` is where the labels of rows begin, or the first column.
    """
    years = [int(word.text) for word in line.values if is_year(word)]
    if len(years) > 1 and len(years) == len(line.values):
        steps = {after - before for before, after in pairwise(years)}
        named = label_key(tidy_text(" ".join(word.text for word in line.label)))
        return min(steps) > 0 and (not named or _OF_YEARS.match(named) is not None)
    if line.values:
        return False
    pieces = phrases_of(line.words, _APART)
    if any(len(piece) == 1 and piece[0].is_figure and not is_year(piece[0]) for piece in pieces):
        return False  # a row with words in place of a figure
    return sum(piece[0].x0 > left for piece in pieces) > 1
