"""What if: a target judged as if each remaining year brought so much, by the formulas that its release ships.

The supposed years are put behind the figures of the target's own case and the whole is judged as on the day after the
target year. Nothing of it is stored, and no formula lives here: only how a figure is carried from year to year.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, ROUND_UP, Decimal, InvalidOperation, localcontext
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, get_args

import duckdb

from reports.numbers import SEPARATORS, Language, to_decimal
from reports.release_data import Release, Row
from reports.supposed_figures import supposed_figure
from reports.target_facts import Need, TargetFacts
from store.formulas import CASE_SERIES, CASES, formulas_of_release, plan_cases, run_models
from store.manifest import ReleaseError

# change: each year adds so much, in the unit of the figures. growth: each year grows by so many per cent. amount: each
# year brings this amount.
Way = Literal["change", "growth", "amount"]
WAYS: tuple[Way, ...] = get_args(Way)
# Why nothing can be supposed of a target.
Refusal = Literal["not_shipped", "not_public", "over", "no_start", "structure"]
REFUSALS: tuple[Refusal, ...] = get_args(Refusal)

LARGEST = Decimal(10) ** 12
MOST_YEARS = 50
_ASSESSMENT = ("assess", "asm_assessment")
# Digits after the point in the decimals of the warehouse.
_STEP = Decimal("1e-15")
_CENT = Decimal("0.01")


@dataclass(frozen=True)
class Start:
    """Where supposing begins: the last figure, if there is one, and the years that remain; in `unit`.

    `averaged`: the span whose missing years are carried by the average published for it; None where none is missing.
    """

    value: Decimal | None
    unit: str
    first: int
    last: int
    ways: tuple[Way, ...]
    averaged: tuple[int, int] | None = None


@dataclass(frozen=True)
class Supposition:
    """The supposed years with their values, and what the formulas say of the target then."""

    way: Way
    by: Decimal
    years: Sequence[tuple[int, Decimal]]
    unit: str
    assessment: Row


def start_of(release: Release, facts: TargetFacts) -> Start | Refusal:
    """Where supposing may begin for a target, or why it may not."""
    if facts.closed_years or facts.assessment.get("reason_code") == "NOT_PUBLIC":
        return "not_public"
    found = _case(release, facts)
    if found is None:
        return "not_shipped"
    case, series = found
    annual, end = _annual(series), int(case.get("period_end") or 0)
    latest = max(annual, default=0)
    first = latest + 1 if _carries(case) else _first_amount(case, latest)
    refused: Refusal | None = None
    if case["target_type"] == "structure":
        refused = "structure"
    elif end <= int(case["last_complete_year"]) or not first <= end:
        refused = "over"
    elif (_carries(case) and not annual) or end > first + MOST_YEARS:
        refused = "no_start"
    if refused is not None:
        return refused
    value = Decimal(str(annual[latest]["value"])) if annual else None
    averaged = _averaged(case, series, first)
    return Start(value, str(case["unit_of_figures"]), first, end, _ways(case), averaged)


def _first_amount(case: Row, latest: int) -> int:
    """The first year whose amount or rate is supposed: none of the span before it is still to come."""
    return max(int(case["last_complete_year"]) + 1, int(case.get("period_start") or 0), latest + 1)


def suppose(release: Release, facts: TargetFacts, start: Start, way: Way, by: Decimal) -> Supposition | None:
    """The target with `by` supposed for each remaining year; None when that leaves the range of figures."""
    of = (str(release.directory), release.release_id, str(facts.assessment["assessment_key"]))
    return _supposed(of, start, way, by)


@dataclass(frozen=True)
class Enough:
    """What the release says each remaining year has to bring.

    `stated` is the number it states; `by` the same to two decimals, rather too much than too little, so that supposing
    it meets the target. `end`: the end of a promised range that it is enough for, None where one value is promised.
    """

    stated: Decimal
    by: Decimal
    end: Need | None = None

    @property
    def is_rounded_up(self) -> bool:
        """Whether readers see another number than the one stated, which is shown to two decimals as well."""
        return self.by != self.stated.quantize(_CENT, rounding=ROUND_HALF_UP)


def needed(facts: TargetFacts, way: Way) -> list[Enough]:
    """What the remaining years need, for each end of a promised range; [] where the release states nothing."""
    row = facts.assessment
    is_growth = way == "growth" or facts.average
    if is_growth:
        own = row.get("required_growth")
        own = row.get("required_growth_from_published") if own is None else own
    else:
        own = row.get("required_per_year")
    ends = [
        (need.growth if is_growth else need.per_year, need) for need in facts.needs if need.bound != "only"
    ]
    every: list[tuple[Decimal | None, Need | None]] = [*ends] if ends else [(to_decimal(own), None)]
    return [
        Enough(stated, stated.quantize(_CENT, rounding=ROUND_UP), end)
        for stated, end in every
        if stated is not None
    ]


def is_ambiguous(text: str, language: Language) -> bool:
    """Whether a number has the language's thousands mark before exactly three digits, as every page writes thousands:
    1.000 in Vietnamese, 1,000 in English. `read_by` would take it for decimals.
    """
    group, _ = SEPARATORS[language]
    return re.search(rf"{re.escape(group)}\d{{3}}(?!\d)", text) is not None


def read_by(text: str, way: Way) -> Decimal | None:
    """The number somebody wrote, with a comma or a point before the decimals; None for what is no usable number."""
    try:
        number = Decimal(text.strip().replace("−", "-").replace(",", "."))
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= LARGEST:
        return None
    return None if way == "growth" and not -100 < number <= 1000 else number


@lru_cache(maxsize=256)
def _supposed(of: tuple[str, str, str], start: Start, way: Way, by: Decimal) -> Supposition | None:
    directory, release_id, key = of
    found = _cases(directory, release_id)[key]
    case, series = dict(found[0]), [dict(row) for row in found[1]]
    years = _years(start, way, by)
    if years is None:
        return None
    if start.averaged:
        series = _with_average(key, series, *start.averaged)
    case |= {
        "cut_off": date(start.last + 1, 1, 1).isoformat(),
        "last_complete_year": start.last,
    }
    supposed = {year for year, _ in years}
    series = [row for row in series if not (row["role"] == "annual" and int(row["year"]) in supposed)]
    series += [supposed_figure(key, year, value, start.unit) for year, value in years]
    try:
        formulas = formulas_of_release(Path(directory))
        answers = run_models(formulas, {CASES: [case], CASE_SERIES: series}, [_ASSESSMENT])
    except (ReleaseError, duckdb.Error):
        return None
    rows = answers[_ASSESSMENT]
    return Supposition(way, by, years, start.unit, rows[0]) if rows else None


def _years(start: Start, way: Way, by: Decimal) -> list[tuple[int, Decimal]] | None:
    """Each remaining year with its value; None once a value leaves the range of figures."""
    value, years = start.value or Decimal(0), []
    with localcontext(prec=38):
        for year in range(start.first, start.last + 1):
            if way == "change":
                value += by
            elif way == "growth":
                value *= 1 + by / 100
            else:
                value = by
            # Told year by year: what grows further has more digits than can be kept.
            if abs(value) >= LARGEST * 1000:
                return None
            years.append((year, value.quantize(_STEP)))
    return years


def _with_average(key: str, series: list[dict[str, Any]], first: int, last: int) -> list[dict[str, Any]]:
    """The years of a span carried by the average published for it: a chain of it comes to the same."""
    published = next(row for row in series if _is_average(row, first, last))
    kept = [row for row in series if not (row["role"] == "annual" and first <= int(row["year"]) <= last)]
    value, unit = Decimal(str(published["value"])), str(published["unit"])
    return kept + [supposed_figure(key, year, value, unit) for year in range(first, last + 1)]


def _is_average(row: dict[str, Any], first: int, last: int) -> bool:
    return row["role"] == "published_average" and int(row["year"]) == first and int(row["last_year"]) == last


def _averaged(case: Row, series: Sequence[Row], first: int) -> tuple[int, int] | None:
    """The span of the published average that stands for missing years, where the rates have any before `first`."""
    begin = case.get("period_start")
    if case["target_type"] != "average_growth" or case.get("works_from_level") or begin is None:
        return None
    annual = _annual(series)
    if all(year in annual for year in range(int(begin), first)):
        return None
    ends = [
        int(row["last_year"])
        for row in series
        if row["role"] == "published_average"
        and int(row["year"]) == int(begin)
        and int(row["last_year"]) < first
    ]
    return (int(begin), max(ends)) if ends else None


def _annual(series: Sequence[Row]) -> dict[int, Row]:
    return {int(row["year"]): row for row in series if row["role"] == "annual"}


def _carries(case: Row) -> bool:
    """Whether a year's figure is made from the year before it."""
    return "amount" not in _ways(case)


def _ways(case: Row) -> tuple[Way, ...]:
    kind = str(case["target_type"])
    if kind == "average_growth":
        return ("growth",) if case.get("works_from_level") else ("amount",)
    if kind == "annual_change":
        return ("change",) if case.get("works_from_level") else ("amount",)
    if kind == "cumulative":
        return ("change",) if case.get("is_running_total") else ("amount",)
    return ("change", "growth")


def _case(release: Release, facts: TargetFacts) -> tuple[Row, list[Row]] | None:
    key = facts.assessment.get("assessment_key")
    return _cases(str(release.directory), release.release_id).get(str(key))


@lru_cache(maxsize=8)
def _cases(directory: str, release_id: str) -> dict[str, tuple[Row, list[Row]]]:
    shipped = plan_cases(Path(directory))
    if shipped is None:
        return {}
    cases: dict[str, tuple[Row, list[Row]]] = {
        str(row["assessment_key"]): (row, []) for row in shipped[CASES]
    }
    for row in shipped[CASE_SERIES]:
        cases[str(row["assessment_key"])][1].append(row)
    return cases
