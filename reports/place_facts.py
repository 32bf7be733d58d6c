"""What a release knows by place: communes and districts of a day, what became of each, what figures each has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

import polars as pl

from reports.numbers import to_decimal
from reports.page_data import TOTAL
from reports.periods import year_of
from reports.plan_facts import is_true
from reports.release_data import Release, Row

COMMUNE, DISTRICT = "commune", "district"
MERGED_INTO = "merged_into"


@dataclass(frozen=True)
class Boundaries:
    """The communes and districts of a span of time, by area_id. `until` is None for those in force."""

    since: date | None
    until: date | None
    communes: Mapping[str, Row]
    districts: Mapping[str, Row]

    @property
    def day(self) -> date:
        """The day that names them: the first on which they hold, or the last where no first is known."""
        return self.since or self.until or date.max


@dataclass(frozen=True)
class Passage:
    """What became of one commune: the one it went into, and whether that one was made across districts."""

    old: Row
    new: Row
    district: Row
    straddles: bool
    note: Row


@dataclass(frozen=True)
class LocalIndicator:
    """An indicator that has figures by commune: the latest year, and the row of `fct_actual` of each commune."""

    indicator: Row
    period_id: str
    figures: Mapping[str, Row]

    @property
    def code(self) -> str:
        return str(self.indicator["indicator_code"])

    def value(self, area_id: str) -> Decimal | None:
        """The figure of a commune; None where there is none."""
        row = self.figures.get(area_id)
        return None if row is None else to_decimal(row["value"])


def every_boundaries(release: Release) -> list[Boundaries]:
    """The boundaries that the release knows, those in force first: one for each span between changes."""
    areas = [row for row in release.rows("dim_area") if row["level"] in (COMMUNE, DISTRICT)]
    communes = [row for row in areas if row["level"] == COMMUNE]
    spans = sorted(
        {(_day(row["valid_from"]), _day(row["valid_to"])) for row in communes},
        key=lambda span: span[0] or date.min,
        reverse=True,
    )
    return [
        Boundaries(
            since,
            until,
            {str(r["area_id"]): r for r in communes if _holds(r, since or until or date.max)},
            {
                str(r["area_id"]): r
                for r in areas
                if r["level"] == DISTRICT and _holds(r, since or until or date.max)
            },
        )
        for since, until in spans
    ]


def passages(release: Release) -> list[Passage]:
    """What became of every commune that went into another, in the order of the list."""
    areas = {str(row["area_id"]): row for row in release.rows("dim_area")}
    return [
        Passage(
            old=areas[str(row["from_area_id"])],
            new=areas[str(row["to_area_id"])],
            district=areas.get(str(areas[str(row["from_area_id"])].get("parent_area_id")), {}),
            straddles=is_true(row["straddles_districts"]),
            note=row,
        )
        for row in release.optional_rows("dim_area_relation")
        if row["kind"] == MERGED_INTO
    ]


def districts_of(known: Sequence[Passage], new_area_id: str) -> list[Row]:
    """The former districts a new commune was made of, each once."""
    found = {
        str(one.district.get("area_id")): one.district
        for one in known
        if str(one.new["area_id"]) == new_area_id and one.district
    }
    return list(found.values())


def coverage(release: Release) -> dict[str, int]:
    """area_id -> the number of indicators that have a figure in force there."""
    frame = release.table("fct_actual").filter(pl.col("value").is_not_null())
    counted = frame.group_by("area_id").agg(pl.col("indicator_code").n_unique().alias("n"))
    return {str(area): int(n) for area, n in counted.iter_rows()}


def local_indicators(release: Release, communes: Mapping[str, Row]) -> list[LocalIndicator]:
    """The indicators with figures by commune, those that most communes have first; each in its latest year."""
    indicators = {str(row["indicator_code"]): row for row in release.rows("dim_indicator")}
    frame = release.table("fct_actual").filter(
        pl.col("area_id").is_in(list(communes)),
        pl.col("value").is_not_null(),
        pl.col("breakdown") == TOTAL,
    )
    figures: dict[str, dict[str, dict[str, Row]]] = defaultdict(lambda: defaultdict(dict))
    for row in frame.to_dicts():
        figures[str(row["indicator_code"])][str(row["period_id"])][str(row["area_id"])] = row
    found = []
    for code, by_period in figures.items():
        period_id = max(by_period, key=lambda one: (year_of(one) or 0, len(by_period[one]), one))
        found.append(LocalIndicator(indicators[code], period_id, by_period[period_id]))
    return sorted(found, key=lambda one: (-len(one.figures), one.code))


@dataclass(frozen=True)
class KnownByPlace:
    """How many indicators have figures by commune, how many only for the province, how many none at all."""

    by_commune: int
    only_province: int
    nowhere: int

    @property
    def indicators(self) -> int:
        return self.by_commune + self.only_province + self.nowhere


def known_by_place(release: Release, province: str, communes: Mapping[str, Row]) -> KnownByPlace:
    """The counts over every indicator of the release; `province`: the area_id the plan is about."""
    frame = release.table("fct_actual").filter(pl.col("value").is_not_null())

    def having(areas: list[str]) -> set[str]:
        return set(map(str, frame.filter(pl.col("area_id").is_in(areas))["indicator_code"].to_list()))

    every = {str(row["indicator_code"]) for row in release.rows("dim_indicator")}
    local, whole = having(list(communes)) & every, having([province]) & every
    return KnownByPlace(len(local), len(whole - local), len(every - local - whole))


def _holds(row: Row, day: date) -> bool:
    since, until = _day(row["valid_from"]), _day(row["valid_to"])
    return (since is None or since <= day) and (until is None or day <= until)


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
