"""Periods in words: a typed period id of the release becomes what an official would write."""

from __future__ import annotations

import re
from datetime import date

from reports.numbers import format_date
from reports.words import Words

ROMAN = ("I", "II", "III", "IV")
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


def span_years(period_id: str) -> tuple[int, int] | None:
    """First and last year of `2021..2025`; None for every other period."""
    match = re.match(r"^(\d{4})\.\.(\d{4})$", period_id)
    return (int(match.group(1)), int(match.group(2))) if match else None


def period_words(period_id: str | None, words: Words) -> str:
    """A period in words: `2024-H1` -> 6 tháng đầu năm 2024. An id of no known shape is shown as it stands."""
    if not period_id:
        return words("none")
    year = period_id[:4]
    span = span_years(period_id)
    if span:
        return words("period.span", first=span[0], last=span[1])
    if re.fullmatch(r"\d{4}", period_id):
        return words("period.year", year=year)
    if half := re.fullmatch(r"\d{4}-H([12])", period_id):
        return words("period.half_1" if half.group(1) == "1" else "period.half_2", year=year)
    if quarter := re.fullmatch(r"\d{4}-Q([1-4])", period_id):
        number = quarter.group(1)
        return words("period.quarter", year=year, roman=ROMAN[int(number) - 1], number=number)
    if month := re.fullmatch(r"\d{4}-M(\d{2})", period_id):
        return words("period.month", year=year, month=int(month.group(1)))
    if months := re.fullmatch(r"\d{4}-YTD(\d{2})", period_id):
        return words("period.months", year=year, months=int(months.group(1)))
    if day := re.fullmatch(r"(\d{4})-YTD(\d{2})(\d{2})", period_id):
        until = date(int(day.group(1)), int(day.group(2)), int(day.group(3)))
        return words("period.to_day", day=format_date(until))
    if re.fullmatch(r"\d{4}-YTDx", period_id):
        return words("period.to_unstated_day", year=year)
    if school := re.fullmatch(r"SY(\d{4})", period_id):
        return words("period.school_year", first=school.group(1), last=int(school.group(1)) + 1)
    if re.fullmatch(r"D\d{4}-\d{2}-\d{2}", period_id):
        return words("period.day", day=format_date(date.fromisoformat(period_id[1:])))
    return period_id


def sentence_case(text: str) -> str:
    """The text with its first letter raised and the rest untouched."""
    return text[:1].upper() + text[1:]
