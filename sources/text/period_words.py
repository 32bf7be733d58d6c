"""Periods in words: a typed period id becomes what an official would write, in both languages."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Literal

Language = Literal["vi", "en"]

_ROMAN = ("I", "II", "III", "IV")
_DAY_PARTS = ("of_year", "of_month", "day")
# Shape of the id: Vietnamese, English.
_SHAPES: Mapping[str, tuple[str, str]] = {
    r"(?P<year>\d{4})": ("năm {year}", "{year}"),
    r"(?P<year>\d{4})-H1": ("6 tháng đầu năm {year}", "first half of {year}"),
    r"(?P<year>\d{4})-H2": ("6 tháng cuối năm {year}", "second half of {year}"),
    r"(?P<year>\d{4})-Q(?P<quarter>[1-4])": ("quý {roman} năm {year}", "quarter {quarter} of {year}"),
    r"(?P<year>\d{4})-M(?P<month>\d{2})": ("tháng {month} năm {year}", "month {month} of {year}"),
    r"(?P<year>\d{4})-YTD(?P<months>\d{2})": (
        "{months} tháng đầu năm {year}",
        "first {months} months of {year}",
    ),
    r"(?P<of_year>\d{4})-YTD(?P<of_month>\d{2})(?P<day>\d{2})": (
        "từ đầu năm đến {day}",
        "from 1 January to {day}",
    ),
    r"(?P<year>\d{4})-YTDx": ("từ đầu năm {year}, không ghi đến ngày nào", "{year} to a day not stated"),
    r"SY(?P<school>\d{4})": ("năm học {school}–{next}", "school year {school}–{next}"),
    r"D(?P<of_year>\d{4})-(?P<of_month>\d{2})-(?P<day>\d{2})": ("ngày {day}", "{day}"),
    r"(?P<first>\d{4})\.\.(?P<last>\d{4})": ("giai đoạn {first}–{last}", "{first}–{last}"),
}


def period_in_words(period_id: str, language: Language) -> str:
    """A period in words: `2024-H1` -> 6 tháng đầu năm 2024. An id of no known shape is shown as it stands."""
    for shape, texts in _SHAPES.items():
        if match := re.fullmatch(shape, period_id):
            return texts[0 if language == "vi" else 1].format(**_values(match))
    return period_id


def _values(match: re.Match[str]) -> dict[str, object]:
    """What the words of a period are filled with, from the parts of its id."""
    parts: dict[str, str] = match.groupdict()
    values: dict[str, object] = {name: int(text) for name, text in parts.items() if name not in _DAY_PARTS}
    if "quarter" in parts:
        values["roman"] = _ROMAN[int(parts["quarter"]) - 1]
    if "school" in parts:
        values["next"] = int(parts["school"]) + 1
    if "day" in parts:
        values["day"] = date(*(int(parts[name]) for name in _DAY_PARTS)).strftime("%d/%m/%Y")
    return values
