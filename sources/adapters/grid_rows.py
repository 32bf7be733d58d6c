"""Rows of a table on the way down: their labels and levels, and whether words alone are a heading or a row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from sources.adapters.grid_cells import is_words
from sources.adapters.workbook_file import CellValue
from sources.text.labels import label_key, tidy_text
from sources.text.units import unit_in_brackets

PART_WORDS = re.compile(r"trong đó|chia ra|of which")
_DIVIDES = re.compile(r"trong đó|chia ra|chia theo|phân theo|phân tổ|bao gồm|gồm\b|of which|by\b")
_NUMBERED = re.compile(r"\(?([IVX]+|[A-Z]|\d+(?:\.\d+)*)(?:[.)/]|\s*[-–]|(?=\s))\s*\S")
_VIETNAMESE_SYLLABLE = re.compile(
    r"(?:ngh?|gh|gi|ch|kh|nh|ph|qu|th|tr|[bcdghklmnprstvx])?[aeiouy]{1,3}(?:ch|ng|nh|[cmnpt])?"
)


def is_translation(above: str, label: str) -> bool:
    """Say whether a label in English stands under the same label in Vietnamese."""
    words = [
        word.lower() for word in re.findall(r"\b[A-Z]?[a-z]{3,}|\b[A-Z]{5,}", label)
    ]  # no abbreviations: GRDP
    return (
        not above.isascii()
        and label.isascii()
        and any(not _VIETNAMESE_SYLLABLE.fullmatch(word) for word in words)
    )


Level = tuple[int, int]


@dataclass(frozen=True)
class _Open:
    """A row that rows below may belong to; a heading has no figures of its own."""

    level: Level
    label: str
    is_heading: bool


@dataclass
class RowLevels:
    """Row labels on the way down: the rows above that this row belongs to, by column and indent."""

    open: list[_Open] = field(default_factory=list)
    waiting: _Open | None = None
    # A row of words alone at the level of the rows after it: their section until the next of its kind.
    heading: _Open | None = None

    def label_only(self, level: Level, label: str) -> None:
        if self.waiting is not None and self.waiting.level == level and label[:1].islower():
            label = f"{self.waiting.label} {label}"
        if self.heading is not None and level <= self.heading.level:
            self.heading = None
        self._close(level)
        self.waiting = _Open(level, label, True)
        self.open.append(self.waiting)

    def figures(self, level: Level, label: str) -> tuple[str, tuple[str, ...]]:
        """Return the whole label of a row with figures, and its sections: the nearest, and the heading around it."""
        if self.waiting is not None and self.waiting.level == level:
            if label[:1].islower() or is_translation(self.waiting.label, label):
                # One label over two rows: "Bắc Trung Bộ" / "và duyên hải miền Trung", "Vốn khác" / "Other".
                label = f"{self.waiting.label} {label}"
            else:
                self.heading = self.waiting
        self.waiting = None
        self._close(level)
        if self.heading is not None and level < self.heading.level:
            self.heading = None
        around = [*([self.heading] if self.heading is not None else []), *self.open]
        section = around[-1].label if around else None
        if self.heading is not None and self.heading.level == level:
            section = self.heading.label
        outer = next((one.label for one in reversed(around) if one.is_heading and one.label != section), None)
        self.open.append(_Open(level, label, False))
        return label, tuple(text for text in (section, outer) if text is not None)

    def _close(self, level: Level) -> None:
        while self.open and self.open[-1].level >= level:
            self.open.pop()


def row_label_of(row: list[CellValue], first_column: int) -> tuple[tuple[int, int], str] | None:
    """Return the level (column, indent) and the label of a row: the words nearest to its figures."""
    for column in range(first_column - 1, -1, -1):
        value = row[column]
        if isinstance(value, str) and is_words(value):
            return (column, len(value) - len(value.lstrip())), tidy_text(value)
    return None


@dataclass(frozen=True)
class LabelledRow:
    """A row with a label. `number` is what numbers it, `unit` its unit in a column of units."""

    row: int
    level: Level
    label: str
    has_figures: bool
    number: str = ""
    unit: str | None = None
    bold: bool = False
    spans: bool = False

    @property
    def _numbered(self) -> str:
        """Return what numbers the row, in a cell of its own or before its label."""
        within = _NUMBERED.match(self.label)
        return self.number.strip("().") or (within[1] if within else "")

    @property
    def kind_of_number(self) -> str:
        """Say what numbers the row: roman numbers, letters, digits, or nothing."""
        if re.fullmatch(r"[IVX]+", self._numbered):
            return "roman"
        if re.fullmatch(r"[A-Z]", self._numbered):
            return "letter"
        return "digits" if self._numbered[:1].isdigit() else ""

    @property
    def depth(self) -> int | None:
        """Return how deep digits number the row: 0 for 1, 1 for 1.1."""
        return self._numbered.count(".") if self.kind_of_number == "digits" else None


def continues(above: LabelledRow, here: LabelledRow) -> bool:
    """Say whether a label goes on in the row below it, in the same tongue or in English."""
    return above.level == here.level and (here.label[:1].islower() or is_translation(above.label, here.label))


def translations(rows: Sequence[LabelledRow]) -> dict[int, int]:
    """Return row without figures -> the row with figures above it, whose label it repeats in English."""
    found = {}
    for at in range(1, len(rows)):
        above, here = rows[at - 1], rows[at]
        if above.has_figures and not here.has_figures and is_translation(above.label, here.label):
            before_figures = at + 1 < len(rows) and continues(here, rows[at + 1])
            if not before_figures:
                found[here.row] = above.row
    return found


def headings(rows: Sequence[LabelledRow]) -> set[int]:
    """Return the rows without figures that head others; the rest are rows whose figures are all blank.

    A row is taken for blank unless something says that it heads: words ("Trong đó:"), a label over two rows, rows
    under it that are deeper or repeat those under another such row, a letter or roman number among digits, bold or
    capital letters, a unit of its own in brackets, or no unit where the others have one.
    """
    with_figures = [row for row in rows if row.has_figures]
    found: set[int] = set()
    for at, row in enumerate(rows):
        if row.has_figures:
            continue
        goes_on = at > 0 and rows[at - 1].row in found and continues(rows[at - 1], row)
        if goes_on or _heads(row, rows[at + 1 :], rows[:at], with_figures):
            found.add(row.row)
    return found


def _most(flags: Sequence[bool]) -> bool:
    return bool(flags) and 2 * sum(flags) > len(flags)


def _heads(
    row: LabelledRow,
    after: Sequence[LabelledRow],
    before: Sequence[LabelledRow],
    others: Sequence[LabelledRow],
) -> bool:
    if row.unit is not None or not after:
        return False
    return _says_so(row, after[0]) or _looks_otherwise(row, others) or _repeats_rows(after, before)


def _says_so(row: LabelledRow, below: LabelledRow) -> bool:
    """Say whether the words or the place of a row make it a heading of the row below."""
    key = label_key(row.label)
    return (
        key.endswith(":")
        or _DIVIDES.match(key) is not None
        or row.spans
        or below.level > row.level
        or continues(row, below)
        or (row.depth is not None and below.depth is not None and below.depth > row.depth)
    )


def _looks_otherwise(row: LabelledRow, others: Sequence[LabelledRow]) -> bool:
    """Say whether a row has what most rows of figures have not, or has not what most have."""
    if _most([other.unit is not None for other in others]):
        return True
    if row.kind_of_number:
        return not _most([other.kind_of_number == row.kind_of_number for other in others])
    return any(
        has(row) and not _most([has(other) for other in others])
        for has in (_is_bold, _is_in_capitals, _has_unit_in_brackets)
    )


def _is_bold(row: LabelledRow) -> bool:
    return row.bold


def _is_in_capitals(row: LabelledRow) -> bool:
    # One word of capitals may be an abbreviation: THCS, GRDP.
    return " " in row.label and row.label.isupper()


def _has_unit_in_brackets(row: LabelledRow) -> bool:
    return unit_in_brackets(row.label) is not None


def _repeats_rows(after: Sequence[LabelledRow], before: Sequence[LabelledRow]) -> bool:
    """Say whether a row under this one has a label that a row elsewhere in the table has, too."""
    own: set[str] = set()
    at = 0
    while at < len(after) and after[at].has_figures:
        own.add(label_key(after[at].label))
        at += 1
    elsewhere = {label_key(row.label) for row in (*before, *after[at:]) if row.has_figures}
    return bool(own & elsewhere)
