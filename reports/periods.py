"""Periods in words: a typed period id of the release becomes what an official would write."""

from __future__ import annotations

import re

from reports.words import Words
from sources.text.period_words import period_in_words

YEAR_LIKE = re.compile(r"^(?:SY|D)?(\d{4})(?:-\d{2}-\d{2})?$")


def year_of(period_id: str) -> int | None:
    """The year an annual figure answers for: `2024`, `SY2024` (begins in 2024) and `D2024-12-31` give 2024.

    Part-year periods and spans of years give None: they are no annual figure.
    """
    match = YEAR_LIKE.match(period_id)
    return int(match.group(1)) if match else None


def first_year(period_id: str) -> int | None:
    """The first year named in a period id, for ordering; None when there is none."""
    match = re.search(r"\d{4}", period_id)
    return int(match.group()) if match else None


def is_running_total(period_id: str) -> bool:
    """Whether a period runs from the beginning of a year to a day in it that moves on: `2025-YTD10`."""
    return re.match(r"^\d{4}-YTD", period_id) is not None


def from_its_beginning(period_id: str) -> tuple[int, float] | None:
    """Year and months of a part-year that begins with the year: `2025-YTD10` and `2025-H1` give 2025 and 10 or 6.

    None where the period begins later, is the whole year, or does not say how far it goes.
    """
    if match := re.fullmatch(r"(\d{4})-(H1|Q1|M01|M1)", period_id):
        return int(match.group(1)), {"H": 6.0, "Q": 3.0, "M": 1.0}[match.group(2)[0]]
    match = re.fullmatch(r"(\d{4})-YTD(\d{2})(\d{2})?", period_id)
    if match is None:
        return None
    months = int(match.group(2))
    return int(match.group(1)), months - 1 + int(match.group(3)) / 31 if match.group(3) else float(months)


def span_years(period_id: str) -> tuple[int, int] | None:
    """First and last year of `2021..2025`; None for every other period."""
    match = re.match(r"^(\d{4})\.\.(\d{4})$", period_id)
    return (int(match.group(1)), int(match.group(2))) if match else None


def period_words(period_id: str | None, words: Words) -> str:
    """A period in words: `2024-H1` -> 6 tháng đầu năm 2024. An id of no known shape is shown as it stands."""
    if not period_id:
        return words("none")
    return period_in_words(period_id, words.language)


def place_in_time(period_id: str) -> int | None:
    """A number that is one more for the period that follows: years, school years, quarters, halves, months, and the
    same months of the next year for running totals. None for a span or a running total to a day.
    """
    if match := re.fullmatch(r"(\d{4})-([HQM])(\d+)", period_id):
        return int(match.group(1)) * {"H": 2, "Q": 4, "M": 12}[match.group(2)] + int(match.group(3))
    if match := re.fullmatch(r"(\d{4})-YTD\d{2}", period_id):
        return int(match.group(1))
    return year_of(period_id)


def short_period(period_id: str) -> str:
    """A period in few signs, for an axis: `2024-Q3` -> Q3/2024, `SY2024` -> 2024-2025; else its id."""
    if match := re.fullmatch(r"(\d{4})-([QHM]\d+)", period_id):
        return f"{match.group(2).removeprefix('M')}/{match.group(1)}"
    if match := re.fullmatch(r"SY(\d{4})", period_id):
        return f"{match.group(1)}-{int(match.group(1)) + 1}"
    return period_id


def sentence_case(text: str) -> str:
    """The text with its first letter raised and the rest untouched."""
    return text[:1].upper() + text[1:]
