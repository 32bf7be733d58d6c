"""The editions of the report: which period each is about, told from the cut-off.

A period is reported on once it is closed. Half-year reports close on 14 June, annual ones on 14 December (decree
09/2019/NĐ-CP, article 12); the five-year report closes with the last annual one of its span, counted from the first
year of the plan.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, get_args

from reports.words import Words

EditionName = Literal["annual", "half-year", "five-year"]
EDITIONS: tuple[EditionName, ...] = get_args(EditionName)
_SPAN = 5


@dataclass(frozen=True)
class Edition:
    """An edition of one period: its name, first and last year (the same but for five years), and the day it closed."""

    name: EditionName
    first_year: int
    last_year: int
    closed: date

    @property
    def compared_periods(self) -> tuple[str, ...]:
        """The periods its tables set side by side: this one and the one before, or every year of the five."""
        if self.name == "half-year":
            return tuple(f"{year}-H1" for year in (self.last_year - 1, self.last_year))
        if self.name == "annual":
            return str(self.last_year - 1), str(self.last_year)
        return tuple(str(year) for year in range(self.first_year, self.last_year + 1))

    @property
    def is_short(self) -> bool:
        """Whether the notes on every target are left out: twice a year nobody reads them anew."""
        return self.name == "half-year"

    def period(self, words: Words) -> str:
        """The period in words: 6 tháng đầu năm 2026."""
        return words(
            f"paper.edition.{self.name.replace('-', '_')}", first=self.first_year, year=self.last_year
        )


def edition_of(name: EditionName, cut_off: date, plan_starts: int) -> Edition | None:
    """The latest closed period of an edition at the cut-off; None while the plan has not run for as long.

    `plan_starts` is the first year of the plan.
    """
    if name == "half-year":
        year = _closed_year(cut_off, 6)
        return Edition(name, year, year, date(year, 6, 14)) if year >= plan_starts else None
    year = _closed_year(cut_off, 12)
    if name == "five-year":
        year -= (year - plan_starts + 1) % _SPAN
        first = year - _SPAN + 1
        return Edition(name, first, year, date(year, 12, 14)) if first >= plan_starts else None
    return Edition(name, year, year, date(year, 12, 14)) if year >= plan_starts else None


def editions_at(cut_off: date, plan_starts: int) -> list[Edition]:
    """Every edition that can be written at the cut-off, the one closed last first; of two the longer."""
    known = [edition_of(name, cut_off, plan_starts) for name in EDITIONS]
    return sorted(
        (edition for edition in known if edition is not None),
        key=lambda edition: (-edition.closed.toordinal(), edition.first_year),
    )


def _closed_year(cut_off: date, month: int) -> int:
    return cut_off.year if cut_off >= date(cut_off.year, month, 14) else cut_off.year - 1
