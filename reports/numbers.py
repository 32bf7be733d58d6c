"""Numbers and dates as a reader of one language writes them; text only, nothing is computed here.

Vietnamese groups with a point and marks decimals with a comma (1.234,5); English the other way round
(1,234.5). Dates are dd/mm/yyyy in both. A figure keeps the decimals its publisher printed.
"""

from __future__ import annotations

from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal

Language = Literal["vi", "en"]

NO_VALUE = "–"
MINUS = "−"
NO_BREAK_SPACE = "\u00a0"
SEPARATORS: dict[Language, tuple[str, str]] = {"vi": (".", ","), "en": (",", ".")}


def to_decimal(value: Decimal | float | int | str | None) -> Decimal | None:
    """The value as an exact decimal; a float by its shortest text, so 6.74 stays 6.74. None stays None."""
    if value is None:
        return None
    return value if isinstance(value, Decimal) else Decimal(str(value))


def decimals_of(value: Decimal) -> int:
    """How many decimals a value needs when trailing zeros are dropped: 60.000 -> 0, 12.50 -> 1."""
    exponent = value.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        raise ValueError(f"{value} is not a finite number: give a number that can be printed")
    return max(0, -exponent)


def format_number(
    value: Decimal | float | int | str | None, language: Language, decimals: int | None = None
) -> str:
    """A number in the language's writing.

    `decimals` are the publisher's; without them the value is printed with those it has. Halves round away
    from zero, as printed statistics do. None gives a dash, never a zero.
    """
    number = to_decimal(value)
    if number is None:
        return NO_VALUE
    places = decimals_of(number) if decimals is None else decimals
    rounded = number.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    group, mark = SEPARATORS[language]
    whole, _, fraction = f"{abs(rounded):f}".partition(".")
    grouped = f"{int(whole):,}".replace(",", group)
    sign = MINUS if rounded < 0 else ""
    return f"{sign}{grouped}{mark}{fraction}" if fraction else f"{sign}{grouped}"


def parse_number(text: str, language: Language) -> Decimal:
    """The number behind a text made by `format_number`. ValueError when the text is no number."""
    group, mark = SEPARATORS[language]
    try:
        return Decimal(text.replace(group, "").replace(mark, ".").replace(MINUS, "-"))
    except ArithmeticError as error:
        raise ValueError(f"{text!r} is not a number in the writing of language {language!r}") from error


def with_unit(number_text: str, symbol: str | None) -> str:
    """A formatted number with its unit: % stands against the number, words after a space."""
    if not symbol or number_text == NO_VALUE:
        return number_text
    return f"{number_text}{'' if symbol.startswith('%') else NO_BREAK_SPACE}{symbol}"


def format_date(day: date | None) -> str:
    """dd/mm/yyyy; None gives a dash."""
    return NO_VALUE if day is None else f"{day.day:02d}/{day.month:02d}/{day.year:04d}"
