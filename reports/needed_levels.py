"""What a target has to reach in each coming year, for both ends where it promises a range; by the formulas its release
ships.

No formula lives here. The level of a year is the value that the models of the release give for that year on the
target's own path, led from the latest figure instead of the base to the end asked about; a pace is what they state as
required once that end is the whole promise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from reports.periods import span_years, year_of
from reports.supposed_figures import supposed_figure
from store.formulas import CASE_SERIES, CASES, Relation, formulas_of_release, plan_cases, run_models
from store.manifest import ReleaseError

Row = dict[str, Any]

# One row per target, end (only; low and high where a range is promised) and coming year. `is_assessed` marks the end
# that level, path and pace are taken of. `kind`: level, a value to stand at in the year; amount, what the year itself
# has to bring. `shape`: the path that the levels lie on. Without a year: an end that asks for nothing any more.
SCHEMA: Mapping[str, pl.DataType] = {
    "plan_version": pl.String(),
    "target_id": pl.String(),
    "bound": pl.String(),
    "is_assessed": pl.Boolean(),
    "goal": pl.Float64(),
    "unit": pl.String(),
    "kind": pl.String(),
    "shape": pl.String(),
    "required_per_year": pl.Float64(),
    "required_growth": pl.Float64(),
    "year": pl.Int32(),
    "value": pl.Float64(),
}
LEVEL: Relation = ("assess", "asm_level")
STRUCTURE: Relation = ("assess", "asm_structure")
# Promises about every year or the sum of all: what is needed of one year is needed of each.
OF_EACH_YEAR: Mapping[str, Relation] = {
    "average_growth": ("assess", "asm_average_growth"),
    "annual_change": ("assess", "asm_annual_change"),
    "cumulative": ("assess", "asm_cumulative"),
}
_REQUIRED = ("required_growth", "required_growth_from_published", "required_per_year")
_SINGLE = {"between": "eq", "approx_between": "approx"}
MOST_YEARS = 50
# Digits that the noise of double arithmetic leaves; the warehouse keeps as many.
_DIGITS = 12


@dataclass(frozen=True)
class _End:
    """One end of a target's promise as a case of its own, and the figures of the target."""

    bound: str
    is_assessed: bool
    case: Row
    series: Sequence[Row]
    assessment: Row

    @property
    def key(self) -> str:
        return f"{self.case['assessment_key']}|{self.bound}"

    @property
    def kind(self) -> str:
        return str(self.case["target_type"])

    @property
    def latest(self) -> Row | None:
        """The figure that the target is judged on."""
        period = self.assessment.get("actual_period_id")
        return next((r for r in self.series if r["role"] == "annual" and r["period_id"] == period), None)

    def named(self, key: str, **changed: Any) -> Row:
        """The case under another key, with what is supposed of it."""
        return {**self.case, "assessment_key": key, **changed}


def needed_levels(assessments: pl.DataFrame, directory: Path) -> pl.DataFrame:
    """The rows of SCHEMA for the assessments of a release as somebody may see them.

    Empty for a release that ships no formulas or no cases, and for targets that nothing is asked of.
    """
    shipped = plan_cases(directory)
    if shipped is None:
        return pl.DataFrame(schema=SCHEMA)
    series: dict[str, list[Row]] = defaultdict(list)
    for row in shipped[CASE_SERIES]:
        series[str(row["assessment_key"])].append(row)
    cases = {str(row["assessment_key"]): row for row in shipped[CASES]}
    ends = [
        end
        for row in assessments.iter_rows(named=True)
        if (key := str(row.get("assessment_key"))) in cases and _is_asked(row)
        for end in _ends(cases[key], series[key], row)
    ]
    try:
        rows = _rows(ends, directory)
    except (ReleaseError, duckdb.Error):
        # Formulas of another shape answer nothing; the pages say that they do not.
        rows = []
    order = ["plan_version", "target_id", "bound", "year"]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row").sort(order, descending=[False, False, True, False])


def _is_asked(assessment: Row) -> bool:
    """Whether something is required of the target, or it may be of the other end of its range."""
    required = any(assessment.get(name) is not None for name in _REQUIRED)
    return required or assessment.get("level_state") not in (None, "not_assessed")


def _ends(case: Row, series: Sequence[Row], assessment: Row) -> list[_End]:
    """The promise itself, or both ends of a range with a better side, each as if it were the whole promise."""
    low, high = case.get("value_low"), case.get("value_high")
    is_range = low is not None and high is not None and Decimal(str(low)) != Decimal(str(high))
    if not is_range:
        return [_End("only", True, case, series, assessment)]
    # As in the macro graded_figure: the weaker end decides.
    assessed = "high" if case.get("sense") == -1 else "low"
    if case.get("sense") is None:
        return [_End(assessed, True, case, series, assessment)]
    single = _SINGLE.get(str(case["comparator"]), case["comparator"])
    return [
        _End(
            bound,
            bound == assessed,
            {**case, "value_low": value, "value_high": value, "comparator": single, "range_kind": None},
            series,
            assessment,
        )
        for bound, value in (("low", low), ("high", high))
    ]


def _rows(ends: Sequence[_End], directory: Path) -> list[tuple[Any, ...]]:
    cases: list[Row] = []
    series: list[Row] = []
    structures: dict[str, list[_End]] = defaultdict(list)
    for end in ends:
        if end.kind == "structure":
            structures[str(end.case.get("group_id"))].append(end)
        elif end.kind in OF_EACH_YEAR:
            cases.append(end.named(end.key))
            series += ({**row, "assessment_key": end.key} for row in end.series)
        elif end.latest is not None:
            cases.append(end.named(end.key, base_period=None, typical_revision=None))
            series.append({**end.latest, "assessment_key": end.key})
            _lead(end, cases, series)
    for parts in structures.values():
        for end in parts:
            if end.latest is not None:
                _lead(end, cases, series)
    if not cases:
        return []
    wanted = [LEVEL, STRUCTURE, *OF_EACH_YEAR.values()]
    answers = run_models(formulas_of_release(directory), {CASES: cases, CASE_SERIES: series}, wanted)
    said = {str(row["assessment_key"]): row for rows in answers.values() for row in rows}
    return [row for end in ends for row in _of_end(end, said)]


def _lead(end: _End, cases: list[Row], series: list[Row]) -> None:
    """The cases whose path is the way from the latest figure: one for each coming year, for the figure of that year to
    be held against. What that figure is does not move the path.
    """
    latest = end.latest
    if latest is None or end.case.get("trajectory") == "stepwise":
        return
    for year in _years(end, int(latest["year"]) + 1):
        key = f"{end.key}|{year}"
        cases.append(
            end.named(
                key,
                # A plan of its own to the formulas, so that parts of a structure meet those of their year only.
                plan_version=f"{end.case['plan_version']}|{year}",
                base_period=latest["period_id"],
                trajectory=end.case.get("trajectory") or "linear",
                typical_revision=None,
                interim_year=None,
                interim_value=None,
            )
        )
        value = Decimal(str(latest["value"]))
        series.append({**latest, "assessment_key": key})
        series.append(
            {**supposed_figure(key, year, value, str(latest["unit"])), "source_id": latest["source_id"]}
        )


def _years(end: _End, first: int) -> range:
    last = end.case.get("period_end")
    return range(0) if last is None or int(last) > first + MOST_YEARS else range(first, int(last) + 1)


def _of_end(end: _End, said: Mapping[str, Row]) -> list[tuple[Any, ...]]:
    """The rows of one end."""
    own = said.get(end.key, end.assessment if end.kind == "structure" else {})
    # A published average speaks where the years themselves do not.
    growth = own.get("required_growth")
    growth = own.get("required_growth_from_published") if growth is None else growth
    change = own.get("required_per_year")
    is_rate = end.kind == "average_growth"
    required = growth if is_rate else change
    unit = end.case.get("unit")
    levels: list[tuple[int, float]] = []
    if required is not None and end.kind in OF_EACH_YEAR:
        levels = [(year, required) for year in _years(end, first_open_year(own))]
    elif required is not None:
        unit = end.case.get("unit_of_figures")
        keys = {
            year: f"{end.key}|{year}" for year in _years(end, 1 + int((end.latest or {"year": 0})["year"]))
        }
        levels = [
            (year, path)
            for year, key in keys.items()
            if (path := said.get(key, {}).get("path_value")) is not None
        ]
    if not levels and end.bound == "only":
        return []
    kind = "amount" if end.kind in OF_EACH_YEAR else "level"
    shape = None if kind == "amount" else end.case.get("trajectory") or "linear"
    if levels and said.get(f"{end.key}|{levels[0][0]}", {}).get("note") == "straight_path_taken":
        shape = "linear"
    goal = end.case.get("value_low") or end.case.get("value_high")
    about = (
        end.case["plan_version"],
        end.case["target_id"],
        end.bound,
        end.is_assessed,
        None if goal is None else float(goal),
        unit,
        kind,
        shape,
        *(None if number is None else _kept(number) for number in (change, growth)),
    )
    return [(*about, year, _kept(value)) for year, value in levels] or [(*about, None, None)]


def first_open_year(assessment: Row) -> int:
    """The first year of which something is required by an assessment that states it: the year after those its figure,
    or its published average, is of.
    """
    rests_on_published = assessment.get("required_growth_from_published") is not None
    if rests_on_published and assessment.get("required_growth") is None:
        span = span_years(str(assessment.get("published_average_period_id") or ""))
        return span[1] + 1 if span else 0
    return (year_of(str(assessment.get("actual_period_id") or "")) or 0) + 1


def _kept(number: float) -> float:
    return float(f"{number:.{_DIGITS}g}")
