"""What a target has to reach in each coming year, in words and as a table; the numbers are those of `needed_levels`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal, get_args

from reports.numbers import decimals_of, format_date, format_number
from reports.periods import from_its_beginning, is_running_total, period_words
from reports.sparkline import AMOUNT_FORMS
from reports.statements import (
    COMPUTED_DECIMALS,
    figure_beside_promise,
    goal_words,
    measured,
    reason_codes,
    unit_of_change,
    unit_symbol,
)
from reports.target_facts import Need, TargetFacts
from reports.words import NOT_PUBLIC, Words

YearState = Literal["past", "past_unused", "current", "ahead"]
YEAR_STATES: tuple[YearState, ...] = get_args(YearState)
# Digits behind which a computed level is taken for whole.
_WHOLE = 6


@dataclass(frozen=True)
class NeededYear:
    """One coming year: how it stands at the cut-off of the release, and the level for each end that is asked about."""

    year: int
    state: YearState
    values: tuple[str, ...]


@dataclass(frozen=True)
class NeededTable:
    """The coming years of a target. `heads` name the values of a year; `said` tells how they were worked out."""

    caption: str
    heads: tuple[str, ...]
    years: tuple[NeededYear, ...]
    said: tuple[str, ...]


def needed_table(facts: TargetFacts, cut_off: date, words: Words) -> NeededTable | str:
    """The levels of the coming years at the needed pace, or the sentence that says why there are none."""
    asking = [need for need in facts.needs if need.years]
    if not asking:
        return _refused(facts, words)
    places = _decimals([value for need in asking for _, value in need.years])
    levels = [{year: format_number(value, words.language, places) for year, value in n.years} for n in asking]
    years = tuple(
        NeededYear(
            year,
            year_state(facts, year, cut_off),
            tuple(of_end.get(year, words("none")) for of_end in levels),
        )
        for year in sorted({year for of_end in levels for year in of_end})
    )
    said = [_how(facts, asking, words), words("need.worked_out")]
    if years[0].state in ("past", "past_unused") and facts.shown is not None:
        said.insert(1, words("need.passed", period=period_words(facts.shown.period_id, words)))
    if part_year := part_year_sentence(facts, years, words):
        said.append(part_year)
    return NeededTable(
        words("need.caption", last=years[-1].year),
        tuple(_head(need, facts, words) for need in asking),
        years,
        tuple(said),
    )


def year_state(facts: TargetFacts, year: int, cut_off: date) -> YearState:
    """How a year of which a level is asked stands at the cut-off."""
    if year > cut_off.year:
        return "ahead"
    if year == cut_off.year:
        return "current"
    known = any(point.year == year for point in facts.points)
    return "past_unused" if known or year in facts.closed_years else "past"


def part_year_sentence(facts: TargetFacts, years: Sequence[NeededYear], words: Words) -> str | None:
    """What the year so far has brought where the table asks for the level of a year that has a figure of its first
    months only; the latest such year, the longest part of it. None without one.

    It is held against the level of the whole year only where that is past already: of an amount that adds up over the
    year, more is better, and all ends of a range are passed.
    """
    shown = facts.shown
    asked = {one.year for one in years if one.state in ("past", "current")}
    parts = [
        (year, months, point)
        for point in facts.other_points
        if (part := from_its_beginning(point.period_id)) is not None
        for year, months in (part,)
        if year in asked
    ]
    levels = [dict(need.years) for need in facts.needs if need.years and need.kind == "level"]
    if shown is None or not parts or not levels:
        return None
    year, _, point = max(parts, key=lambda part: part[:2])
    goals = [of_end[year] for of_end in levels if year in of_end]
    value = facts.in_unit(point.value, point.row.get("unit"), next(n.unit for n in facts.needs if n.years))
    is_past = (
        value is not None
        and bool(goals)
        and _adds_up(facts)
        and facts.indicator.get("direction") == "increase"
        # What lies under or near the number printed is not known to be past anything.
        and point.qualifier in (None, "more_than", "over")
        and value > max(goals)
    )
    return words(
        "need.part_year_past" if is_past else "need.part_year",
        part=period_words(point.period_id, words),
        value=figure_beside_promise(point, facts, words),
        year=year,
        basis=period_words(shown.period_id, words),
    )


def _adds_up(facts: TargetFacts) -> bool:
    """Whether the months of a year add up to the year: an amount that is counted over time. A stock has no running
    total, and what is told for each person or hectare adds up to nothing.
    """
    unit = facts.units.get(str(facts.indicator.get("unit")), {})
    has_running_total = any(is_running_total(point.period_id) for point in facts.other_points)
    is_shared_out = "_per_" in str(unit.get("dimension") or "") or str(unit.get("dimension")).startswith(
        "per_"
    )
    return has_running_total and facts.indicator.get("form") in AMOUNT_FORMS and not is_shared_out


def range_sentence(facts: TargetFacts, words: Words) -> str | None:
    """Which end of a promised range is judged; None where one value is promised or nothing is judged yet."""
    ends = sorted((n for n in facts.needs if n.bound != "only"), key=lambda need: not need.is_assessed)
    if len(ends) < 2:
        return None
    assessed, other = (goal_words(need, facts, words) for need in ends)
    return words("need.range", assessed=assessed, other=other)


def _head(need: Need, facts: TargetFacts, words: Words) -> str:
    if need.bound == "only":
        return words(f"need.{need.kind}", unit=unit_symbol(facts, need.unit, words))
    # The goal names the unit, which is that of the levels too.
    return words("need.to", end=goal_words(need, facts, words))


def _decimals(values: Sequence[Decimal]) -> int:
    """The same decimals for all levels: none where they are whole numbers."""
    return min(COMPUTED_DECIMALS, max(decimals_of(round(value, _WHOLE)) for value in values))


def _how(facts: TargetFacts, asking: Sequence[Need], words: Words) -> str:
    first = asking[0]
    ends = {"first": first.years[0][0], "last": first.years[-1][0]}
    if first.kind == "amount":
        row = facts.assessment
        if row.get("required_growth") is None and row.get("required_growth_from_published") is not None:
            period = period_words(str(row.get("published_average_period_id") or ""), words)
            return words("need_how.amount_published", period=period, **ends)
        return words("need_how.amount", **ends)
    shown = facts.shown
    begun = {
        "value": figure_beside_promise(shown, facts, words) if shown else words("none"),
        "period": period_words(shown.period_id, words) if shown else words("none"),
    }
    is_structure = facts.target["target_type"] == "structure"
    unit = unit_of_change(facts, first.unit)

    def change(need: Need) -> str | None:
        value = need.per_year
        # Parts of a structure shift together; which of them rise is told by their levels.
        said = None if value is None else measured(abs(value), unit, facts, words)
        return said if said is None or is_structure else words(_side(value), value=said)

    def growth(need: Need) -> str | None:
        value = need.growth
        if value is None:
            return None
        return words(_side(value), value=measured(abs(value), "percent", facts, words, COMPUTED_DECIMALS))

    shape = "structure" if is_structure else str(first.shape)
    if shape == "compound" and first.growth is None:
        shape = "linear"
    return words(
        f"need_how.{shape}",
        change=_for_each(asking, change, words),
        growth=_for_each(asking, growth, words),
        last=ends["last"],
        **begun,
    )


def _side(value: Decimal | None) -> str:
    return "need.less" if value is not None and value < 0 else "need.more"


def _for_each(asking: Sequence[Need], said: Callable[[Need], str | None], words: Words) -> str:
    """What is said of each end, with the end's name where there are two."""
    parts = []
    for need in asking:
        text = said(need) or words("none")
        end = words.of("need_end_short", need.bound)
        parts.append(text if need.bound == "only" else words("need.short", value=text, end=end))
    return words("need.between").join(parts)


def _refused(facts: TargetFacts, words: Words) -> str:
    row, codes = facts.assessment, reason_codes(facts)
    kind = str(facts.target["target_type"])
    level = str(row.get("level_state") or "not_assessed")
    refused = "not_shipped"
    if NOT_PUBLIC in codes or facts.closed_years:
        refused = "not_public"
    elif "TARGET_YEAR_OVER" in codes or row.get("level_final"):
        refused = "over"
    elif facts.target.get("trajectory") == "stepwise":
        refused = "stepwise"
    elif _is_kept(facts):
        refused = "keep"
    elif level not in ("not_assessed", "not_reached", "lost"):
        refused = "reached"
    elif "NOT_DUE" in codes and kind in ("average_growth", "annual_change"):
        refused = "not_begun"
    elif codes and not _is_stated(facts):
        code = codes[0]
        said = {"reason": words.of("reason", code).lower(), "meaning": words.of("reason_meaning", code)}
        return words("need_refused.reason", **said)
    return words(f"need_refused.{refused}")


def _is_kept(facts: TargetFacts) -> bool:
    """Whether the promise is to stay: inside a band, above a floor or below a ceiling."""
    kind = str(facts.target["target_type"])
    if kind in ("floor", "ceiling"):
        return facts.target.get("trajectory") is None
    return kind == "hold" or facts.target.get("range_kind") == "tolerance"


def _is_stated(facts: TargetFacts) -> bool:
    names = ("required_per_year", "required_growth", "required_growth_from_published")
    return any(facts.assessment.get(name) is not None for name in names)


def status_head(cut_off: date, words: Words) -> str:
    """The head of the column that says how the years stand."""
    return words("need.status", day=format_date(cut_off))
