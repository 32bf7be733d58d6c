"""Numbers as printed: exact decimals, the marks for a missing figure, and qualifiers before a figure."""

import math
import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

DecimalMark = Literal["point", "comma", "either"]

# What a publisher prints where there is no figure -> the code the cell keeps.
MISSING_MARKS: dict[str, str] = {
    "": "blank",
    "-": "dash",
    "–": "dash",
    "—": "dash",
    "−": "dash",
    "--": "dash",
    "---": "dash",
    ".": "dot",
    "..": "dots",
    "...": "dots",
    "....": "dots",
    "…": "dots",
    "……": "dots",
    ":": "not_available",
    "na": "not_available",
    "n/a": "not_available",
    "n.a.": "not_available",
    "n.a": "not_available",
    "nan": "not_available",
    "null": "not_available",
    "none": "not_available",
    "x": "suppressed",
    "c": "suppressed",
    "(c)": "suppressed",
}
# Text that is neither a figure nor a known mark: kept as printed, never guessed at.
UNREADABLE = "unreadable"

_QUALIFIERS = {
    ">": "more_than",
    "≥": "at_least",
    "<": "less_than",
    "≤": "at_most",
    "~": "about",
    "≈": "about",
}
_SPACES = " \u00a0\u2007\u2009\u202f"
# A dash right before a figure is its sign; with a blank between it may be another column's mark.
_SIGNS = "-−–‑－"
# Marks without width, among them those of the direction of writing.
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"))
_FOOTNOTE_MARK = re.compile(r"(?<=\d)\s?(?:\*{1,3}|\(\*{1,3}\))$")
# As programs write large and small numbers; "1E5" alone is as often a code.
_EXPONENT = re.compile(r"(\d)(?:([.,])(\d+))?[eE]([-+]?)(\d{1,2})", re.ASCII)
# Grouped thousands never begin with 0, and no figure with decimals is padded with zeros: "0,123" is a decimal.
_POINT = re.compile(r"\d+|(0|[1-9]\d*|[1-9]\d{0,2}(,\d{3})+)(\.\d+)?", re.ASCII)
_COMMA = re.compile(r"\d+|(0|[1-9]\d*|[1-9]\d{0,2}(\.\d{3})+)(,\d+)?", re.ASCII)
_SPACED = re.compile(rf"[1-9]\d{{0,2}}([{_SPACES}]\d{{3}})+([.,]\d+)?", re.ASCII)
_GROUPED_ONCE = re.compile(r"[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
_LITERAL = re.compile(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d{1,9})?", re.ASCII)
# No statistic lies beyond ten to this power; written out, a hostile exponent would fill the memory.
_LARGEST_POWER = 30


@dataclass(frozen=True)
class PrintedNumber:
    """A figure as printed. `decimal` is exact; when it is None `missing_code` says why there is no figure."""

    text: str
    decimal: Decimal | None
    missing_code: str | None
    flags: tuple[str, ...] = ()

    @property
    def number(self) -> float | None:
        return None if self.decimal is None else float(self.decimal)

    @property
    def decimal_text(self) -> str | None:
        return None if self.decimal is None else canonical_decimal(self.decimal)


def canonical_decimal(value: Decimal) -> str:
    """Write a decimal exactly: a point, no thousand marks, no exponent, printed trailing zeros kept."""
    text = format(value, "f")
    if text.startswith("-") and not value:
        text = text[1:]
    return text


def decimal_of_literal(text: str) -> Decimal | None:
    """Read a number as programs write it (-1.50, 2E+3); None for anything else, and beyond ten to the power of 30."""
    if not _LITERAL.fullmatch(text):
        return None
    value = Decimal(text)
    return value if abs(value.adjusted()) <= _LARGEST_POWER else None


def decimal_of_float(value: float) -> Decimal:
    """Return the shortest decimal that reads back as `value`; a whole number has no decimals."""
    if value.is_integer():
        return Decimal(int(value))
    return Decimal(repr(value))


def _missing(text: str, printed: str) -> PrintedNumber | None:
    code = MISSING_MARKS.get(text.casefold())
    return None if code is None else PrintedNumber(printed, None, code)


def _mark_removed(body: str, decimal_mark: str) -> str:
    thousands = "," if decimal_mark == "." else "."
    return body.replace(thousands, "").replace(decimal_mark, ".")


def _with_exponent(body: str, decimal_mark: DecimalMark) -> str | None:
    """Return "1,5E+05" as a literal; None for what is no such number, has the other decimal mark, or is too large."""
    found = _EXPONENT.fullmatch(body)
    if found is None or not (found[2] or found[4]):
        return None
    if decimal_mark != "either" and found[2] not in (None, "." if decimal_mark == "point" else ","):
        return None
    literal = body.replace(",", ".")
    return None if decimal_of_literal(literal) is None else literal


def _decimal(text: str, decimal_mark: DecimalMark) -> tuple[Decimal | None, tuple[str, ...]]:
    """Read a figure without qualifier; the flag says when the two decimal marks would give two numbers."""
    sign, body = ("-", text[1:]) if text[0] in _SIGNS else ("", text.removeprefix("+"))
    flags: tuple[str, ...] = ()
    plain: str | None = None
    if _SPACED.fullmatch(body):
        # The spaces already part the thousands, so one mark left can only be the decimal mark.
        plain = body.translate(dict.fromkeys(map(ord, _SPACES))).replace(",", ".")
    elif decimal_mark == "either" and _GROUPED_ONCE.fullmatch(body):
        # "1.520": a thousand and a half, or one and a half. Nothing in the text decides.
        flags = ("decimal_mark_unclear",)
    elif decimal_mark != "comma" and _POINT.fullmatch(body):
        plain = _mark_removed(body, ".")
    elif decimal_mark != "point" and _COMMA.fullmatch(body):
        plain = _mark_removed(body, ",")
    else:
        plain = _with_exponent(body, decimal_mark)
    return (None if plain is None else Decimal(sign + plain)), flags


def read_printed_number(text: str, decimal_mark: DecimalMark) -> PrintedNumber:
    """Read a figure as printed.

    `decimal_mark` is what the publisher uses: `point` (1,234.5), `comma` (1.234,5), or `either` where one
    table mixes both; then a text such as "1.520" stays unread with the flag `decimal_mark_unclear`.
    A leading >, <, ~ becomes a flag (`more_than` ...), a star behind it `footnote_mark`, and the figure stays.
    Never raises.
    """
    stripped = text.translate(_INVISIBLE).strip().strip(_SPACES)
    missing = _missing(stripped, text)
    if missing is not None:
        return missing
    flags: tuple[str, ...] = ()
    if stripped[0] in _QUALIFIERS:
        flags = (_QUALIFIERS[stripped[0]],)
        stripped = stripped[1:].strip()
    if not stripped:
        return PrintedNumber(text, None, UNREADABLE, flags)
    figure = _FOOTNOTE_MARK.sub("", stripped)
    decimal, doubts = _decimal(figure, decimal_mark)
    if figure != stripped and (decimal is not None or doubts):
        doubts = (*doubts, "footnote_mark")
    return PrintedNumber(text, decimal, None if decimal is not None else UNREADABLE, flags + doubts)


@lru_cache(maxsize=65_536)
def read_number(value: float | int) -> PrintedNumber:
    """Take a number a file stores as a number; text and decimal are the shortest that read back as it."""
    if isinstance(value, float):
        if not math.isfinite(value):
            return PrintedNumber(repr(value), None, "not_available")
        decimal = decimal_of_float(value)
    else:
        decimal = Decimal(value)
    return PrintedNumber(canonical_decimal(decimal), decimal, None)
