"""What a workbook says of its cells beside their values: formats, indents, errors, formulas without a value.

The reader of values (calamine) gives none of this. Places are (row, column), both from 0.
"""

import re
from dataclasses import dataclass, field

Place = tuple[int, int]

# What a number format shows as it stands, or takes as a space: quoted text, an escaped sign, a colour, a locale.
_NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
# The built-in formats 0%, 0.00% and mmm-yy (ECMA-376 part 1, 18.8.30; [MS-XLS] 2.4.126): not written in the file.
BUILT_IN_FORMATS = {9: "0%", 10: "0.00%", 17: "mmm-yy"}
_WHOLE_DAY = re.compile(r"(\d{4})-(\d\d)-\d\d(?:T00:00:00)?")


@dataclass(frozen=True)
class CellStyle:
    """How cells of one style look; `shown` is what a date shows: `month`, `year`, or None for all of it."""

    percent: bool = False
    shown: str | None = None
    indent: int = 0
    bold: bool = False

    @property
    def plain(self) -> bool:
        return self == _PLAIN


_PLAIN = CellStyle()


@dataclass
class SheetMarks:
    """The marks of one sheet. `unsaved` are formulas without a value, with the formula where the file tells it."""

    percent: set[Place] = field(default_factory=set)
    dates: dict[Place, str] = field(default_factory=dict)
    indents: dict[Place, int] = field(default_factory=dict)
    bold: set[Place] = field(default_factory=set)
    errors: dict[Place, str] = field(default_factory=dict)
    unsaved: dict[Place, str] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)

    def take(self, place: Place, style: CellStyle) -> None:
        """Keep what a style says of a cell."""
        if style.percent:
            self.percent.add(place)
        if style.shown is not None:
            self.dates[place] = style.shown
        if style.indent:
            self.indents[place] = style.indent
        if style.bold:
            self.bold.add(place)


def style_of(number_format: str, indent: int, bold: bool) -> CellStyle:
    """Return the style that a number format, an indent and a font make."""
    signs = _NOT_FORMAT.sub("", number_format)
    return CellStyle("%" in signs, _shown(signs), indent, bold)


def _shown(signs: str) -> str | None:
    """Say what of a date a format shows, where it shows a year and no day."""
    letters = {letter for letter in signs.lower() if letter.isalpha()}
    if "y" not in letters or not letters <= {"m", "y"}:
        return None
    return "month" if "m" in letters else "year"


def date_text(value: str, shown: str) -> str:
    """Return a date as its cell shows it: "2024-05-01" is 05/2024 where the format shows month and year."""
    day = _WHOLE_DAY.fullmatch(value)
    if day is None:
        return value
    return day[1] if shown == "year" else f"{day[2]}/{day[1]}"
