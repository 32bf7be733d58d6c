"""Sentences of findings: the rule's template with the row's words and numbers put in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from string import Formatter
from typing import Any

from sources.text.period_words import Language, period_in_words

LANGUAGES: tuple[Language, ...] = ("vi", "en")

NO_VALUE = "–"
_SEPARATORS: dict[Language, tuple[str, str]] = {"vi": (".", ","), "en": (",", ".")}
_DECIMALS = 4
# Codes that stand in messages, in words. A code without an entry is shown as it is.
CODES: dict[str, dict[Language, str]] = {
    "estimate": {"vi": "ước tính", "en": "estimate"},
    "preliminary": {"vi": "sơ bộ", "en": "preliminary"},
    "official": {"vi": "chính thức", "en": "official"},
    "not_stated": {"vi": "không ghi rõ", "en": "not stated"},
    "neither": {"vi": "không có số, không có mã vắng", "en": "neither a number nor a code for its absence"},
    "both": {"vi": "vừa có số vừa có mã vắng", "en": "both a number and a code for its absence"},
    "not_finite": {"vi": "không phải số hữu hạn", "en": "not a finite number"},
    "NO_SERIES": {"vi": "không thuộc chuỗi nào", "en": "of no series"},
    "NO_AREA": {"vi": "không rõ địa bàn", "en": "of no known area"},
    "NO_PERIOD": {"vi": "không rõ kỳ", "en": "of no known period"},
    "UNIT_MISMATCH": {"vi": "khác đơn vị", "en": "in another unit"},
    "NUMBER_TOO_LARGE": {"vi": "số quá lớn", "en": "too large a number"},
    "DUPLICATE": {"vi": "trùng nhưng khác số", "en": "given twice with different figures"},
    "unknown": {"vi": "không có trong hợp đồng bản công bố", "en": "not a release table"},
    "not_listed": {"vi": "không có trong manifest", "en": "not listed in the manifest"},
    "no_file": {"vi": "không có tệp", "en": "without its file"},
    "no_observation": {"vi": "không có giá trị quan sát", "en": "its observation is not there"},
    "no_assessment": {"vi": "không có đánh giá", "en": "its assessment is not there"},
    "no_snapshot": {"vi": "không có bản chụp", "en": "its observation names no snapshot"},
    "no_component": {"vi": "số tính toán không có thành phần", "en": "it was worked out from nothing"},
    "component_missing": {"vi": "thiếu thành phần", "en": "a component is not there"},
    "no_cell": {"vi": "không có ô số liệu", "en": "its observation names no cell"},
}


def render(template: str, row: Mapping[str, Any], language: Language) -> str:
    """Fill a template. `{name}` takes the row's `name_vi` or `name_en` where there is one, else its `name`;
    a name that ends with `period_id` is said in words.

    Raises KeyError for a name the row does not have.
    """
    parts: list[str] = []
    for text, name, _, _ in Formatter().parse(template):
        parts.append(text)
        if name:
            localised = f"{name}_{language}"
            value = row[localised] if localised in row else row[name]
            if value is not None and name.endswith("period_id"):
                value = period_in_words(str(value), language)
            parts.append(as_text(value, language))
    return "".join(parts)


def periods_in_words(period_ids: Iterable[str], language: Language) -> dict[str, str]:
    """The words of each period id."""
    return {period_id: period_in_words(period_id, language) for period_id in set(period_ids)}


def as_text(value: Any, language: Language) -> str:
    """A value as a reader of the language writes it: 1.234,5 or 1,234.5; dd/mm/yyyy; nothing as a dash."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return NO_VALUE
    if isinstance(value, datetime | date):
        return f"{value.day:02d}/{value.month:02d}/{value.year:04d}"
    if isinstance(value, int | float) and not isinstance(value, bool):
        return _number(float(value), language)
    text = str(value)
    return CODES[text][language] if text in CODES else text


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
