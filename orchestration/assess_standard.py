"""What our own method asks of a case, laid out as rows of asm_case and asm_case_series.

A case is a target with its reading, the figures by year and the day up to which things are known. What the plan's
tables would look up is what the case says: the figures are comparable, in the target's unit, and were never revised.
"""

from datetime import date
from decimal import Decimal

from orchestration.assess_fields import Case, Fields, shown

_TYPES = ("level", "interval", "hold", "floor", "ceiling", "average_growth", "annual_change", "cumulative",
          "structure", "count", "area", "capacity", "rank")  # fmt: skip
_COMPARATORS = (
    "eq",
    "ge",
    "gt",
    "le",
    "lt",
    "approx",
    "between",
    "approx_between",
    "approx_gt",
    "hold_approx",
)
_TRAJECTORIES = ("linear", "compound", "logit", "stepwise")
_RANGE_KINDS = ("ambition", "tolerance")
_FORMS = ("level", "growth_rate", "change")
_MATURITY_RANKS = {"official": 3, "preliminary": 2, "estimate": 1, "not_stated": 0}
# How the figures of a type are usually published, where the case does not say.
_FORM_OF_TYPE = {"average_growth": "growth_rate", "annual_change": "change"}

STANDARD_ANSWER = (
    "level_state", "level_final", "pace_state", "confidence", "reason_code", "pace_reason_code", "bucket",
    "actual_value", "actual_period_id", "base_value", "n_points", "periods_missing", "path_value", "gap",
    "share_of_way", "pace", "average_to_date", "total_to_date", "required_per_year", "required_growth",
    "best_year_change", "best_year_growth", "level_shortfall", "structure_distance", "structure_base_distance",
    "interim_state", "projected_value", "projected_low", "projected_high", "projection_note", "margin_to_band",
    "band_margin_of", "is_revision_sensitive", "drift_per_year", "published_average", "published_average_period_id",
    "aspiration", "note",
)  # fmt: skip


def read_standard(fields: Fields, case: Case) -> None:
    """A target, our reading of it, and figures by year."""
    target_type = fields.choice("target_type", _TYPES, required=True)
    form = fields.choice("form", _FORMS) or _FORM_OF_TYPE.get(target_type or "", "level")
    cut_off = _day(fields, "cut_off")
    sense = _sense(fields, target_type)
    low, high = fields.number("value_low"), fields.number("value_high")
    if not fields.has("value_low") and not fields.has("value_high"):
        fields.refuse(
            "MISSING_FIELD", "`value_low` and `value_high` are missing; give the figure of the target"
        )
    if low is not None and high is not None and low > high:
        fields.refuse("IMPOSSIBLE_VALUE", f"`value_low` {low:g} is above `value_high` {high:g}")
    comparator = fields.choice("comparator", _COMPARATORS) or _default_comparator(target_type, low, high)
    range_kind = fields.choice("range_kind", _RANGE_KINDS)
    tolerance = fields.number("tolerance")
    if sense is None and _needs_sense(fields, target_type, comparator, range_kind):
        fields.refuse(
            "MISSING_FIELD",
            "`direction` is missing; give direction: increase or decrease, whichever is better",
        )
    if tolerance is not None and tolerance < 0:
        fields.refuse(
            "IMPOSSIBLE_VALUE", f"`tolerance` is {tolerance:g}; give 0 or more, in the target's unit"
        )
    period_start, period_end = fields.year("period_start"), fields.year("period_end", required=True)
    if period_start is not None and period_end is not None and period_end < period_start:
        fields.refuse("IMPOSSIBLE_YEAR", f"`period_end` {period_end} is before `period_start` {period_start}")
    if not fields.has("series"):
        fields.refuse("MISSING_FIELD", "`series` is missing; give an object of values by year")
    points = fields.yearly()
    interim_value = fields.number("interim.value")
    _must_fit(fields, low, high, tolerance, interim_value, *points.values())
    unit = fields.text("unit") or "unit"
    rank = _MATURITY_RANKS[fields.choice("maturity", tuple(_MATURITY_RANKS)) or "not_stated"]
    base_period = _base_period(fields)
    phasing = _phasing(fields)
    case.row = {
        "target_id": str(case.id),
        "plan_version": "case",
        "area_id": "case",
        "indicator_code": str(case.id),
        "method": "standard",
        "method_version": "",
        "cut_off": cut_off,
        "last_complete_year": None if cut_off is None else cut_off.year - 1,
        "target_type": target_type,
        "comparator": comparator,
        "value_low": _exact(low),
        "value_high": _exact(high),
        "unit": unit,
        "period_start": period_start,
        "period_end": period_end,
        "direction": {1: "increase", -1: "decrease"}.get(sense or 0, "none"),
        "sense": sense,
        "trajectory": fields.choice("trajectory", _TRAJECTORIES),
        "base_period": base_period,
        "phasing": phasing,
        "tolerance": _exact(tolerance),
        "range_kind": range_kind,
        "group_id": fields.text("group_id"),
        "aspiration": fields.flag("aspiration"),
        "is_reference": False,
        "reading_status": fields.choice("reading_status", ("proposed", "confirmed")) or "confirmed",
        "is_not_comparable": False,
        "interim_year": fields.year("interim.year"),
        "interim_low": _exact(interim_value),
        "interim_value": _exact(interim_value),
        "is_running_total": fields.flag("is_running_total"),
        "indicator_form": form,
        "works_from_level": form == "level" and target_type in _FORM_OF_TYPE,
        "unit_of_figures": unit,
        "typical_revision": fields.number("typical_revision"),
    }
    case.series = [
        {
            # A year that was not over at the cut-off is no annual figure yet.
            "role": "annual" if cut_off is not None and year < cut_off.year else "context",
            "period_id": str(year),
            "period_type": "year",
            "year": year,
            "last_year": year,
            "start_date": date(year, 1, 1),
            "end_date": date(year, 12, 31),
            "value": _exact(value),
            "value_text": _exact(value),
            "unit": unit,
            "maturity_rank": rank,
            "source_id": "case",
            "observation_key": f"{case.id}|{year}",
        }
        for year, value in sorted(points.items())
    ]


def _must_fit(fields: Fields, *numbers: float | None) -> None:
    """The plan's figures are decimals with 15 digits after the point and at most 23 before it."""
    wrong = [number for number in numbers if number and not 1e-12 <= abs(number) < 1e22]
    if wrong:
        fields.refuse(
            "IMPOSSIBLE_VALUE", f"{wrong[0]:g} is no figure of a plan; give it in a unit of usable size"
        )


def _exact(number: float | None) -> str | None:
    """The decimal text of a number as it was written."""
    return None if number is None else format(Decimal(repr(number)), "f")


def _day(fields: Fields, name: str) -> date | None:
    text = fields.text(name)
    if text is None:
        if not any(f"`{name}`" in problem.message for problem in fields.problems):
            fields.refuse(
                "MISSING_FIELD", f"`{name}` is missing; give the day up to which the figures are known"
            )
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        fields.refuse("IMPOSSIBLE_DATE", f"`{name}` is {shown(text)}; give a day as 2026-11-22")
        return None


def _sense(fields: Fields, target_type: str | None) -> int | None:
    """1 higher is better, -1 lower: stated, or told by the type or the comparator, as for the plan's own targets."""
    stated = fields.number("sense")
    if stated is not None and stated not in (1, -1):
        fields.refuse("IMPOSSIBLE_VALUE", f"`sense` is {stated:g}; give 1 (higher is better) or -1")
    comparator = fields.raw("comparator")
    if target_type in ("floor", "annual_change") or comparator in ("ge", "gt", "approx_gt"):
        return 1
    if target_type in ("ceiling", "rank") or comparator in ("le", "lt"):
        return -1
    if stated is not None:
        return int(stated)
    return None if fields.raw("direction") in ("none", "hold") else fields.direction(required=False)


def _needs_sense(fields: Fields, target_type: str | None, comparator: str, range_kind: str | None) -> bool:
    """Whether the better side has to be stated: without it a rate, a total, a figure to get to and an ambition say
    nothing of which side of them is good. That a figure has no better side can be stated, with the width around it.
    """
    if any("`direction`" in problem.message or "`sense`" in problem.message for problem in fields.problems):
        return False
    if target_type in ("average_growth", "cumulative") or (
        target_type == "interval" and range_kind == "ambition"
    ):
        return True
    is_stated = fields.raw("direction") is not None and fields.has("tolerance")
    return target_type in ("level", "area", "capacity") and comparator in ("eq", "approx") and not is_stated


def _default_comparator(target_type: str | None, low: float | None, high: float | None) -> str:
    if target_type in ("floor", "ceiling"):
        return "ge" if target_type == "floor" else "le"
    return "between" if low is not None and high is not None and low != high else "eq"


def _base_period(fields: Fields) -> str | None:
    value = fields.raw("base_period")
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if value is None:
        return None
    year = fields.as_year(value, "base_period")
    return None if year is None else str(year)


def _phasing(fields: Fields) -> str | None:
    text = fields.text("phasing")
    if text is None or text == "equal":
        return text
    kind, _, rate = text.partition(":")
    try:
        if kind == "growth" and float(rate) > -100:
            return text
    except ValueError:
        pass
    fields.refuse(
        "IMPOSSIBLE_VALUE", f"`phasing` is {shown(text)}; give equal, or growth:8 for 8 per cent a year"
    )
    return None
