"""What a release knows about each target, put together from its tables; nothing is assessed or computed anew
here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import polars as pl

from reports.numbers import to_decimal
from reports.office_names import english_names
from reports.page_data import page_table
from reports.per_release import per_release
from reports.periods import first_year, year_of
from reports.plan_facts import (
    TargetKey,
    annotations_by_target,
    horizon,
    is_true,
    reference_versions,
    target_key,
)
from reports.release_data import Release, Row

MILESTONE = "milestone"
SERIES_PERIOD = ("indicator_code", "area_id", "period_id")


@dataclass(frozen=True)
class Point:
    """A figure in force: the row of `fct_actual`, and its year (None for part-year periods)."""

    row: Row
    year: int | None

    @property
    def period_id(self) -> str:
        return str(self.row["period_id"])

    @property
    def value(self) -> Decimal:
        value = to_decimal(self.row["value"])
        if value is None:
            raise ValueError(
                f"fct_actual {self.row['indicator_code']} {self.period_id} has no value: an actual must"
            )
        return value

    @property
    def decimals(self) -> int | None:
        decimals = self.row.get("value_decimals")
        return None if decimals is None else int(decimals)

    @property
    def qualifier(self) -> str | None:
        """The word the publisher put before the figure (nearly, over, about, below); None when there is none."""
        return self.row.get("qualifier")


@dataclass(frozen=True)
class Need:
    """What one end of a target's promise asks of the years ahead.

    `bound`: only, or low and high of a range; `is_assessed`: level, path and pace are taken of this end. `kind`: level
    (`years` are values to stand at) or amount (what each year itself has to bring); `shape`: the path that levels lie
    on. `per_year` and `growth` (%) are the required pace. No years where nothing is asked for any more.
    """

    bound: str
    is_assessed: bool
    goal: Decimal | None
    unit: str | None
    kind: str
    shape: str | None
    per_year: Decimal | None
    growth: Decimal | None
    years: tuple[tuple[int, Decimal], ...]


@dataclass(frozen=True)
class TargetFacts:
    """One target with everything the pages say about it.

    `points` are annual figures, one per year, oldest first; `other_points` are figures of part-years and
    spans.
    """

    target: Row
    assessment: Row
    indicator: Row
    points: tuple[Point, ...]
    other_points: tuple[Point, ...]
    units: dict[str, Row]
    annotations: tuple[Row, ...] = ()
    reference: bool = True
    # Years whose figure is not for this reader.
    closed_years: frozenset[int] = frozenset()
    # The lower end of a range first.
    needs: tuple[Need, ...] = ()

    @property
    def target_id(self) -> str:
        return str(self.target["target_id"])

    @property
    def plan_version(self) -> str:
        return str(self.target["plan_version"])

    @property
    def domain(self) -> str:
        return str(self.target.get("domain") or self.indicator.get("domain") or "")

    @property
    def counted(self) -> bool:
        """Whether the target enters the counts: of the plan in use, and a structure once."""
        stated = self.assessment.get("is_counted")
        return self.reference and (stated is None or is_true(stated))

    @property
    def horizon(self) -> int | None:
        """2025, 2030 or 2050: the horizon the target belongs to."""
        return horizon(self.target.get("period_end"))

    @property
    def bucket(self) -> str:
        return str(self.assessment.get("bucket") or "not_assessed")

    @property
    def headline(self) -> bool:
        return is_true(self.target.get("headline"))

    @property
    def aspiration(self) -> bool:
        """Whether the document says strive for: a shortfall of it is no fault."""
        return is_true(self.target.get("aspiration"))

    @property
    def first_year(self) -> int | None:
        """First year of the target's span; None for a level by a year."""
        return _year(self.target.get("period_start"))

    @property
    def last_year(self) -> int | None:
        """The target year, or the last of its span."""
        return _year(self.target.get("period_end"))

    @property
    def average(self) -> bool:
        return str(self.target["target_type"]) == "average_growth"

    def point_of(self, period_id: str | None) -> Point | None:
        """The figure in force of a period, annual or not."""
        return next((p for p in (*self.points, *self.other_points) if p.period_id == period_id), None)

    @property
    def judged(self) -> Point | None:
        """The figure the assessment rests on, if it rests on one."""
        key = self.assessment.get("actual_observation_key")
        every = (*self.points, *self.other_points)
        by_key = next((p for p in every if key and p.row.get("observation_key") == key), None)
        return by_key or self.point_of(self.assessment.get("actual_period_id"))

    @property
    def shown(self) -> Point | None:
        """The figure a reader is shown first: the one judged, else the latest known."""
        latest = self.points[-1] if self.points else None
        return self.judged or self.point_of(self.assessment.get("latest_known_period_id")) or latest

    def in_unit(
        self, value: Decimal | float | str | None, unit_from: str | None, unit_to: str | None
    ) -> Decimal | None:
        """A value carried from one unit into another of the same quantity; None when they measure different
        things.

        A rate a year and a rate of one year are drawn on one axis: 9.72 % a year stands beside 5.29 %.
        """
        number = to_decimal(value)
        if number is None or unit_from == unit_to:
            return number
        first, second = self.units.get(unit_from or ""), self.units.get(unit_to or "")
        if not first or not second or _quantity(first) != _quantity(second):
            return None
        factor_from, factor_to = to_decimal(first.get("factor")), to_decimal(second.get("factor"))
        return number * factor_from / factor_to if factor_from and factor_to else None

    @property
    def chart_unit(self) -> str | None:
        """The unit of the drawing: the publisher's, so that no figure changes on its way to the page."""
        return str(self.points[-1].row["unit"]) if self.points else self.target.get("unit")

    def comparable_points(self) -> list[tuple[Point, Decimal]]:
        """Annual figures with their value in the unit of the drawing; figures of another quantity are left
        out.
        """
        carried = [(p, self.in_unit(p.value, p.row.get("unit"), self.chart_unit)) for p in self.points]
        return [(point, value) for point, value in carried if value is not None]

    def target_bounds(self) -> tuple[Decimal, Decimal] | None:
        """Lower and upper value of the target in the unit of the drawing; equal for a single value.

        None for a total of a span: yearly figures do not stand beside it on one axis.
        """
        if self.target["target_type"] == "cumulative":
            return None
        unit = self.target.get("unit")
        low = self.in_unit(self.target.get("value_low"), unit, self.chart_unit)
        high = self.in_unit(self.target.get("value_high"), unit, self.chart_unit)
        known = [value for value in (low, high) if value is not None]
        return (min(known), max(known)) if known else None

    def path(self) -> list[tuple[int, Decimal]]:
        """The declared path as the assessment stored it: base, path value of the actual's year, target. [] if
        none.
        """
        bounds = self.target_bounds()
        base_year = year_of(str(self.assessment.get("base_period_id") or ""))
        actual_year = year_of(str(self.assessment.get("actual_period_id") or ""))
        if not self.target.get("trajectory") or bounds is None or base_year is None or self.last_year is None:
            return []
        base = self.in_unit(
            self.assessment.get("base_value"), self.assessment.get("actual_unit"), self.chart_unit
        )
        on_path = self.in_unit(
            self.assessment.get("path_value"), self.assessment.get("unit"), self.chart_unit
        )
        if base is None or on_path is None or actual_year is None:
            return []
        leads_to_high = any(need.is_assessed and need.bound == "high" for need in self.needs)
        steps = {base_year: base, actual_year: on_path, self.last_year: bounds[1 if leads_to_high else 0]}
        return sorted(steps.items())


def period_list(value: object) -> list[str]:
    """Periods stored as a list or as a text with separators; [] for null."""
    if value is None:
        return []
    parts = value if isinstance(value, list) else str(value).replace(";", ",").replace("|", ",").split(",")
    return [text for part in parts if (text := str(part).strip())]


def _year(value: object) -> int | None:
    return first_year(str(value)) if value is not None else None


def _quantity(unit: Row) -> str:
    return str(unit.get("dimension") or "").removesuffix("_per_year")


def _points(rows: list[Row]) -> tuple[tuple[Point, ...], tuple[Point, ...]]:
    """Annual and other figures; a year with several (a calendar year and a date in it) keeps the calendar
    year's.
    """
    every = sorted((Point(row, year_of(str(row["period_id"]))) for row in rows), key=lambda p: p.period_id)
    annual: dict[int, Point] = {}
    for point in sorted(every, key=lambda p: (not p.period_id.isdigit(), p.period_id)):
        if point.year is not None:
            annual.setdefault(point.year, point)
    kept = {id(point) for point in annual.values()}
    others = sorted(
        (p for p in every if id(p) not in kept), key=lambda p: (first_year(p.period_id) or 0, p.period_id)
    )
    return tuple(annual[year] for year in sorted(annual)), tuple(others)


def every_target(release: Release) -> list[TargetFacts]:
    """All targets with figures, of every plan document, each with its latest assessment; milestones are no part.

    The plan in use comes first, each document in its own order. A target with no row in `fct_assessment` is
    shown as not assessed, with no reason invented for it.
    """
    return list(_every_target(release))


@per_release
def _every_target(release: Release) -> Sequence[TargetFacts]:
    units = {str(row["unit"]): row for row in release.rows("dim_unit")}
    in_english = english_names(release)
    indicators = {
        str(row["indicator_code"]): row | {"custodian_en": in_english.get(str(row.get("custodian_vi")))}
        for row in release.rows("dim_indicator")
    }
    reference, annotations = reference_versions(release), annotations_by_target(release)
    assessments: dict[tuple[str, str], Row] = {}
    for row in release.rows("fct_assessment"):
        assessments.setdefault((str(row.get("plan_version")), str(row["target_id"])), row)
    series: dict[tuple[str, str], list[Row]] = defaultdict(list)
    known = page_table(release, "promised_figures")
    totals = known.filter(pl.col("value").is_not_null())
    # Every figure in force has a value; one without has it taken out for this reader.
    closed: dict[tuple[str, str], set[int]] = defaultdict(set)
    for code, area, period in known.filter(pl.col("value").is_null()).select(SERIES_PERIOD).iter_rows():
        if (year := year_of(str(period))) is not None:
            closed[(str(code), str(area))].add(year)
    for row in totals.to_dicts():
        series[(str(row["indicator_code"]), str(row["area_id"]))].append(row)
    needs = _needs(release)
    facts = []
    for target in release.rows("fct_target"):
        if target["target_type"] == MILESTONE:
            continue
        of_series = (str(target["indicator_code"]), str(target["area_id"]))
        points, others = _points(series[of_series])
        facts.append(
            TargetFacts(
                target=target,
                assessment=assessments.get(target_key(target), {}),
                indicator=indicators.get(str(target["indicator_code"]), {}),
                points=points,
                other_points=others,
                units=units,
                annotations=tuple(annotations.get(target_key(target), ())),
                reference=str(target["plan_version"]) in reference,
                closed_years=frozenset(closed[of_series].difference(point.year for point in points)),
                needs=needs.get(target_key(target), ()),
            )
        )
    return sorted(facts, key=lambda f: (not f.reference, f.plan_version, _line(f.target), f.target_id))


def _needs(release: Release) -> Mapping[TargetKey, tuple[Need, ...]]:
    rows: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in page_table(release, "levels_needed").iter_rows(named=True):
        rows[(str(row["plan_version"]), str(row["target_id"]), str(row["bound"]))].append(row)
    needs: dict[TargetKey, tuple[Need, ...]] = defaultdict(tuple)
    for (version, target_id, bound), of_end in rows.items():
        first = of_end[0]
        years = tuple(
            (int(row["year"]), Decimal(str(row["value"]))) for row in of_end if row["year"] is not None
        )
        needs[(version, target_id)] += (
            Need(
                bound, bool(first["is_assessed"]), to_decimal(first["goal"]), first["unit"], str(first["kind"]),
                first["shape"], to_decimal(first["required_per_year"]), to_decimal(first["required_growth"]), years,
            ),
        )  # fmt: skip
    return needs


def of_the_plan(every: Sequence[TargetFacts]) -> list[TargetFacts]:
    """The targets of the plan in use."""
    return [facts for facts in every if facts.reference]


def counted(every: Sequence[TargetFacts]) -> list[TargetFacts]:
    """The targets that enter the counts."""
    return [facts for facts in every if facts.counted]


def find_target(every: Sequence[TargetFacts], target_id: str, plan_version: str | None) -> TargetFacts | None:
    """A target by id, of the plan version named; without one, of the plan in use before the others."""
    named = [f for f in every if f.target_id == target_id and plan_version in (None, f.plan_version)]
    return named[0] if named else None


def other_versions(every: Sequence[TargetFacts], facts: TargetFacts) -> list[TargetFacts]:
    """What other documents, and this one for other years, promise for the same indicator and area; by year."""
    same = [
        other
        for other in every
        if target_key(other.target) != target_key(facts.target)
        and other.target["indicator_code"] == facts.target["indicator_code"]
    ]
    return sorted(same, key=lambda f: (f.last_year or 0, f.plan_version, f.target_id))


def nearest_point(facts: TargetFacts) -> Point | None:
    """The annual figure nearest to the target year, the earlier of two equally near; None without figures."""
    dated = [(point, point.year) for point in facts.points if point.year is not None]
    if not dated:
        return None
    aim = facts.last_year if facts.last_year is not None else dated[-1][1]
    return min(dated, key=lambda pair: (abs(pair[1] - aim), pair[1]))[0]


def _line(target: Row) -> int:
    line = target.get("line")
    return int(line) if line is not None else 0


def observation_of(release: Release, observation_key: str | None) -> Row | None:
    """The observation behind a figure, with its citation."""
    if not observation_key:
        return None
    known = _promised_by_key(release).get(observation_key)
    if known is not None:
        return known
    found = release.matching("fct_observation", pl.col("observation_key") == observation_key)
    return found.row(0, named=True) if found.height else None


@per_release
def _promised_by_key(release: Release) -> Mapping[str, Row]:
    """The observations that pages of targets show, and those they were made of."""
    tables = (page_table(release, name) for name in ("component_observations", "promised_observations"))
    return {str(row["observation_key"]): row for table in tables for row in table.iter_rows(named=True)}


@per_release
def _observations_of(release: Release, indicator_code: str, area_id: str) -> pl.DataFrame:
    """Every observation of an indicator in an area: prepared where a target is about them."""
    of_series = (pl.col("indicator_code") == indicator_code, pl.col("area_id") == area_id)
    promised = page_table(release, "promised_observations").filter(*of_series)
    return release.matching("fct_observation", *of_series) if promised.is_empty() else promised


def other_sources(release: Release, point: Point) -> list[Row]:
    """What other sources say of the same figure: each source's latest value that is not held, highest rank
    first.
    """
    row = point.row
    ranks = {str(source["source_id"]): int(source["rank"] or 0) for source in release.rows("dim_source")}
    same = _observations_of(release, str(row["indicator_code"]), str(row["area_id"])).filter(
        pl.col("period_id") == row["period_id"],
        pl.col("breakdown") == row["breakdown"],
        pl.col("source_id") != row["source_id"],
        pl.col("value").is_not_null(),
        ~pl.col("held").fill_null(value=False),
    )
    # What was worked out here is no other source.
    if "derivation_id" in same.columns:
        same = same.filter(pl.col("derivation_id").is_null())
    latest: dict[str, Row] = {}
    order = [name for name in ("published_at", "vintage_at") if name in same.columns]
    for other in same.sort(order, nulls_last=False).to_dicts() if order else same.to_dicts():
        latest[str(other["source_id"])] = other
    return sorted(latest.values(), key=lambda o: (-ranks.get(str(o["source_id"]), 0), str(o["source_id"])))


def held_observations(release: Release, facts: TargetFacts) -> int:
    """How many figures of the target's indicator are held back and wait for somebody to decide."""
    code, area = facts.target["indicator_code"], facts.target["area_id"]
    if code is None or area is None:
        return 0
    waiting = pl.col("held").fill_null(value=False)
    observed = _observations_of(release, str(code), str(area))
    # A figure that was corrected or excluded stays held, and nothing more is asked of anybody.
    if "review_state" in observed.columns:
        waiting &= pl.col("review_state").is_in(("not_reviewed", "queried"))
    return observed.filter(waiting).height
