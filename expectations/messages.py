"""Sentences of findings: the rule's template with the row's words and numbers put in."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, datetime
from string import Formatter
from typing import Any, Literal

Language = Literal["vi", "en"]

NO_VALUE = "–"
_SEPARATORS: dict[Language, tuple[str, str]] = {"vi": (".", ","), "en": (",", ".")}
_DECIMALS = 4


def render(template: str, row: Mapping[str, Any], language: Language) -> str:
    """Fill a template. `{name}` takes the row's `name_vi` or `name_en` where there is one, else its `name`.

    Raises KeyError for a name the row does not have.
    """
    parts: list[str] = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(text)
        if name:
            localised = f"{name}_{language}"
            parts.append(as_text(row[localised] if localised in row else row[name], language))
    return "".join(parts)


def as_text(value: Any, language: Language) -> str:
    """A value as a reader of the language writes it: 1.234,5 or 1,234.5; dd/mm/yyyy; nothing as a dash."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NO_VALUE
    if isinstance(value, datetime | date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(float(value), language)
    return str(value)


def _number(value: float, language: Language) -> str:
    group, mark = _SEPARATORS[language]
    # Small figures keep four significant digits: 0.00042 must not read as 0.
    decimals = (
        _DECIMALS if abs(value) >= 1 or value == 0 else _DECIMALS - math.floor(math.log10(abs(value))) - 1
    )
    whole, _, fraction = f"{abs(value):.{decimals}f}".partition(".")
    fraction = fraction.rstrip("0")
    sign = "-" if value < 0 else ""
    grouped = f"{int(whole):,}".replace(",", group)
    return f"{sign}{grouped}{mark}{fraction}" if fraction else f"{sign}{grouped}"
