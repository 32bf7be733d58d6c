"""The workings of an assessment, each with its label and in a unit of its own: not everything that is worked out of an
indicator is measured as the indicator is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

from reports.numbers import format_number, to_decimal
from reports.periods import period_words
from reports.statements import by_end, measured, unit_of_change
from reports.target_facts import TargetFacts, period_list
from reports.words import Words

# as_figure: as the figures are printed; as_promise: as the promise is; change: the difference of two values of the
# promise; growth_a_year: per cent a year, whatever grows; part: a part of a whole, printed in per cent; ratio: of two
# numbers of one kind, which has no unit.
UnitKind = Literal["as_figure", "as_promise", "change", "growth_a_year", "part", "ratio"]
UNIT_KINDS: Mapping[str, UnitKind] = {
    "base_value": "as_figure",
    "gap": "change",
    "required_per_year": "change",
    "path_value": "as_promise",
    # Of growth and of yearly change, both promised as so much a year.
    "average_to_date": "as_promise",
    "published_average": "growth_a_year",
    "required_growth": "growth_a_year",
    "required_growth_from_published": "growth_a_year",
    "share_of_way": "part",
    "pace": "ratio",
}
# Numbers that are taken of one end where a range is promised.
_OF_ONE_END = frozenset(
    {"gap", "required_per_year", "path_value", "required_growth", "required_growth_from_published"}
)
_RATIO_DECIMALS = 3
_PART_DECIMALS = 1


def workings(facts: TargetFacts, words: Words) -> list[tuple[str, str]]:
    """Every stored input and intermediate value of a target's assessment: label and value, in order."""
    row = facts.assessment
    named = {
        "method": " ".join(str(row[name]) for name in ("method", "method_version") if row.get(name)),
        "n_points": format_number(row.get("n_points"), words.language),
        "base_period_id": period_words(row.get("base_period_id"), words),
        **{
            name: ", ".join(period_list(row.get(name))) or words("none")
            for name in ("periods_present", "periods_missing")
        },
        **{name: _value(name, facts, words) for name in UNIT_KINDS},
    }
    if row.get("band_margin_of") == "pace":
        named["margin_of_pace"] = format_number(row.get("margin_to_band"), words.language, _RATIO_DECIMALS)
    return [(_label(name, facts, words), value) for name, value in named.items()]


def unit_of_working(name: str, facts: TargetFacts) -> str | None:
    """The unit that a working of UNIT_KINDS is printed with; None for a ratio and where the release states none."""
    unit = facts.assessment.get("unit")
    return {
        "as_figure": facts.assessment.get("actual_unit"),
        "as_promise": unit,
        "change": unit_of_change(facts, unit),
        "growth_a_year": "percent_per_year",
        "part": "percent",
        "ratio": None,
    }[UNIT_KINDS[name]]


def _value(name: str, facts: TargetFacts, words: Words) -> str:
    number = to_decimal(facts.assessment.get(name))
    if number is None:
        return words("none")
    kind, unit = UNIT_KINDS[name], unit_of_working(name, facts)
    if kind == "ratio":
        return format_number(number, words.language, _RATIO_DECIMALS)
    if kind == "part":
        return measured(number * 100, unit, facts, words, _PART_DECIMALS)
    value = measured(number, unit, facts, words)
    return by_end(value, facts, words) if name in _OF_ONE_END else value


def _label(name: str, facts: TargetFacts, words: Words) -> str:
    """What a working is called: a mean by how it was taken."""
    if name != "average_to_date":
        return words(f"working.{name}")
    how = "geometric" if facts.average else "arithmetic"
    if facts.assessment.get("note") == "published_average_used":
        how = "published"
    return words(f"working.{name}_{how}")
