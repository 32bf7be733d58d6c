"""Headers of a table on a page: which words above the figures stand over which column of them.

Columns are stretches of figures. A header is printed in the middle of a cell, at its left or at its right, and the
figures need not stand where it does: so cells are tried as they lie about figures in their middle and as they lie about
figures at their right, and where both ways fit but differ, neither is chosen.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sources.adapters.pdf_lines import Line, phrases_of
from sources.adapters.pdf_words import SAME_EDGE, Word
from sources.text.labels import tidy_text

Column = tuple[float, float]

_A_COLUMN = 2
# Of the letters' size: words of a header parted by more are of two headers.
_GAP = 0.4
# Points: a phrase stands about the middle of its columns so exactly.
_CENTRED = 8.0


class UnclearHeaderError(ValueError):
    """The words above the figures may be given to columns in more than one way."""


def columns_of(rows: Sequence[Line]) -> list[Column]:
    """Return the columns as stretches from left to right: figures over one another are of one column."""
    columns: list[Column] = []
    for x0, x1 in sorted((word.x0, word.x1) for row in rows for word in row.values):
        if columns and x0 < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], x1))
        else:
            columns.append((x0, x1))
    return columns


def anchors_of(header: Sequence[Line], rows: Sequence[Line]) -> list[float]:
    """Return the left edges at which words of a header begin, one over another or over figures aligned left."""
    figures = {(word.x0, round(word.x1)) for row in rows for word in row.values}
    begins = [phrase[0].x0 for line in header for phrase in phrases_of(line.words, _GAP)]
    words = [word.x0 for line in header for word in line.words]

    anchors: list[float] = []
    for edge in sorted(words):
        is_new = not anchors or edge - anchors[-1] > 2 * SAME_EDGE
        # Figures that begin at one place and end at several are aligned left.
        ends = {x1 for x0, x1 in figures if abs(edge - x0) < SAME_EDGE}
        n_phrases = sum(abs(edge - other) < SAME_EDGE for other in begins)
        if is_new and max(len(ends), n_phrases) >= _A_COLUMN:
            anchors.append(edge)
    return anchors


def _between(anchors: Sequence[float], before: Column, column: Column) -> float | None:
    """Return the anchor at which a column begins, between the one before and its own figures."""
    fits = (x for x in anchors if before[1] - SAME_EDGE <= x <= column[0] + SAME_EDGE)
    return next(fits, None)


def with_left_figures(
    columns: Sequence[Column], anchors: Sequence[float], rows: Sequence[Line]
) -> list[Column]:
    """Join two stretches that are one column: figures aligned left (text, marks) beside figures aligned right.

    The header begins at the left one and none begins between; and no row has figures in both.
    """
    joined: list[Column] = []
    for left, right in columns:
        before = joined[-1] if joined else None
        if (
            before is not None
            and any(abs(edge - before[0]) < SAME_EDGE for edge in anchors)
            and not any(before[0] + SAME_EDGE <= edge < right for edge in anchors)
            and not any(
                any(before[0] <= word.middle <= before[1] for word in row.values)
                and any(left <= word.middle <= right for word in row.values)
                for row in rows
            )
        ):
            joined[-1] = (before[0], right)
        else:
            joined.append((left, right))
    return joined


def without_chance(anchors: Sequence[float], columns: Sequence[Column]) -> list[float]:
    """Return the anchors if each column begins at one: else the header is not aligned left, and they are chance."""
    by_chance = any(_between(anchors, before, column) is None for before, column in pairwise(columns))
    return [] if by_chance else list(anchors)


# --- words to columns ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Way:
    """One way of cutting the header into cells: where each ends, and about which middles headers stand."""

    cells: list[Column]
    about: Sequence[Column]
    # What ends left of this and begins over the labels is the header of the labels.
    first: float


@dataclass(frozen=True)
class _Given:
    """Headers as one way gives them, and whether the way fits: no column without one, none with two side by side,
    and what stands over several columns stands in their middle and above their own headers.
    """

    headers: list[str]
    fits: bool


def _slot_of(middle: float, slots: Sequence[Column]) -> int:
    return next((at for at, (_, right) in enumerate(slots) if middle < right), len(slots) - 1)


def _columns_under(phrase: list[Word], way: _Way, free: set[int]) -> tuple[range, bool]:
    """Return the columns under a phrase of a header, and whether that is sure: one, or those about whose middle it is.

    A phrase may stand over more columns than it touches ("Trong đó - Of which"), if no other stands there (`free`).
    """
    x0, x1 = phrase[0].x0, phrase[-1].x1
    least = max(3.0, 0.2 * (x1 - x0))
    touched = [at for at, (left, right) in enumerate(way.cells) if min(x1, right) - max(x0, left) > least]
    if len(touched) < 2:
        return (range(touched[0], touched[0] + 1) if touched else range(0)), True
    ranges = [
        range(first, last + 1)
        for first in range(touched[-1] + 1)
        for last in range(max(first, touched[0]), len(way.about))
        if set(range(first, last + 1)) <= free
    ]

    def off(span: range) -> float:
        return abs((way.about[span[0]][0] + way.about[span[-1]][1]) / 2 - (x0 + x1) / 2)

    centred = [span for span in ranges if off(span) < _CENTRED]
    return (max(centred, key=len), True) if centred else (range(touched[0], touched[-1] + 1), False)


def _given(lines: Sequence[Line], way: _Way, anchors: Sequence[float], ends: Sequence[float]) -> _Given:
    parts: list[list[str]] = [[] for _ in way.cells]
    alone: list[list[Column]] = [[] for _ in way.cells]
    fits = True
    for line in lines:
        phrases = [
            phrase
            for phrase in phrases_of(line.words, _GAP, anchors, ends)
            if phrase[-1].x1 > way.first or phrase[0].x0 > way.cells[0][0]
        ]
        places = [_slot_of((phrase[0].x0 + phrase[-1].x1) / 2, way.cells) for phrase in phrases]
        for phrase, place in zip(phrases, places, strict=True):
            free = set(range(len(way.cells))) - {other for other in places if other != place}
            under, is_sure = _columns_under(phrase, way, free)
            for column in under:
                parts[column].append(" ".join(word.text for word in phrase))
            if len(under) == 1:
                alone[under[0]].append((phrase[0].x0, phrase[-1].x1))
            fits = fits and is_sure and (len(under) == 1 or not any(alone[column] for column in under))
    headers = [tidy_text(" ".join(part)) for part in parts]
    return _Given(headers, fits and all(headers) and not any(map(_side_by_side, alone)))


def _side_by_side(phrases: list[Column]) -> bool:
    """Say whether phrases of one column stand beside one another, as those of two columns do."""
    return any(left[1] < right[0] for left, right in pairwise(sorted(phrases)))


def _right_ends(rows: Sequence[Line], columns: Sequence[Column]) -> list[float] | None:
    """Return where the figures of each column end, if they are aligned at the right."""
    ends = []
    for left, right in columns:
        words = [word for row in rows for word in row.values if left <= word.middle <= right]
        at_end = sum(abs(word.x1 - right) < 2 * SAME_EDGE for word in words)
        if at_end < 0.8 * len(words):
            return None
        ends.append(right)
    return ends


def headers_of(
    lines: Sequence[Line], columns: Sequence[Column], anchors: Sequence[float], rows: Sequence[Line]
) -> list[str]:
    """Return the stacked header of each column. Raises UnclearHeaderError."""
    centres = [(left + right) / 2 for left, right in columns]
    halfway = [(left + right) / 2 for left, right in pairwise(centres)]
    labels = max((word.x1 for row in rows for word in row.label), default=0.0)
    first = columns[0][0] - (halfway[0] - columns[0][1]) if halfway else min(labels, columns[0][0])
    for at, (before, after) in enumerate(pairwise(columns)):
        anchor = _between(anchors, before, after)
        halfway[at] = halfway[at] if anchor is None else anchor - SAME_EDGE
    left = min(labels, first)
    way = _Way(list(pairwise([left, *halfway, columns[-1][1] + 40])), columns, first)
    right_ends = _right_ends(rows, columns)
    ends = _ends_of_headers(lines, right_ends)
    cut = [way]
    if right_ends is not None and not anchors and len(columns) > 1:
        width = min(after - before for before, after in pairwise(right_ends))
        first = min(columns[0][0] - 4, right_ends[0] - width)
        edges = [first, *(end + 1 for end in right_ends)]
        about = list(pairwise(edges))
        cells = [(min(labels, first), edges[1]), *about[1:]]
        cut.append(_Way([*cells[:-1], (cells[-1][0], edges[-1] + 40)], about, first))
    ways = [_given(lines, one, anchors, ends) for one in cut]
    repeated = _with_groups(lines, columns, [(one, anchors, ends) for one in cut])
    if repeated is not None:
        return repeated
    fitting = [given.headers for given in ways if given.fits]
    if not fitting:
        if any(ways[0].headers) and len(ways) > 1 and ways[0].headers != ways[1].headers:
            raise UnclearHeaderError("the words above the figures do not tell which column is which")
        if any(ways[0].headers) and not all(ways[0].headers):
            nameless = ways[0].headers.index("") + 1
            raise UnclearHeaderError(f"the figures of column {nameless} stand under no header")
        return ways[0].headers
    if any(other != fitting[0] for other in fitting):
        raise UnclearHeaderError("the words above the figures may belong to either of two columns")
    return fitting[0]


def _with_groups(
    lines: Sequence[Line],
    columns: Sequence[Column],
    cuts: Sequence[tuple[_Way, Sequence[float], Sequence[float]]],
) -> list[str] | None:
    """Return headers that come again under each phrase of one line ("Total", "Male" under each year), or None."""
    for line in lines:
        groups = phrases_of(line.words, _GAP)
        size = len(columns) // len(groups)
        if len(groups) < 2 or size < 2 or size * len(groups) != len(columns):
            continue
        spans = [
            (columns[at * size - 1][1] if at else 0.0, columns[(at + 1) * size - 1][1])
            for at in range(len(groups))
        ]
        middles = [(group[0].x0 + group[-1].x1) / 2 for group in groups]
        others = [other for other in lines if other is not line]
        for way, anchors, ends in cuts:
            given = _given(others, way, anchors, ends)
            once = given.headers[:size]
            if (
                given.fits
                and len(set(once)) == size
                and given.headers == once * len(groups)
                and all(left < middle < right for (left, right), middle in zip(spans, middles, strict=True))
            ):
                texts = [" ".join(word.text for word in group) for group in groups]
                return [tidy_text(f"{texts[at // size]} {header}") for at, header in enumerate(given.headers)]
    return None


def _ends_of_headers(lines: Sequence[Line], right_ends: list[float] | None) -> list[float]:
    """Return where figures and headers end alike: there a header ends, however near the next one is."""
    words = [word.x1 for line in lines for word in line.words]
    alike = [end for end in right_ends or [] if any(abs(end - x1) < SAME_EDGE for x1 in words)]
    return alike if len(alike) >= _A_COLUMN and 2 * len(alike) >= len(right_ends or []) else []
