"""What a release knows by place: communes and districts of a day, what became of each, what figures each has."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal

from reports.boundaries import Boundaries, boundaries_of
from reports.numbers import to_decimal
from reports.page_data import page_table
from reports.per_release import per_release
from reports.plan_facts import is_true
from reports.release_data import Release, Row

MERGED_INTO = "merged_into"


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


@per_release
def every_boundaries(release: Release) -> list[Boundaries]:
    """The boundaries that the release knows, those in force first: one for each span between changes."""
    return boundaries_of(release.rows("dim_area"))


@per_release
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


@per_release
def coverage(release: Release) -> dict[str, int]:
    """area_id -> the number of indicators that have a figure in force there."""
    counted = page_table(release, "known_areas").group_by("area_id").len()
    return {str(area): int(n) for area, n in counted.iter_rows()}


@per_release
def local_indicators(release: Release) -> list[LocalIndicator]:
    """The indicators with figures by commune in force, those that most have first; each in its latest year."""
    indicators = {str(row["indicator_code"]): row for row in release.rows("dim_indicator")}
    figures: dict[str, dict[str, Row]] = defaultdict(dict)
    for row in page_table(release, "commune_figures").iter_rows(named=True):
        figures[str(row["indicator_code"])][str(row["area_id"])] = row
    found = [
        LocalIndicator(indicators[code], str(next(iter(by_area.values()))["period_id"]), by_area)
        for code, by_area in figures.items()
    ]
    return sorted(found, key=lambda one: (-len(one.figures), one.code))


@dataclass(frozen=True)
class KnownByPlace:
    """How many indicators have figures by commune in force, how many of the others for the province, how many of the
    rest for another area alone (a district, a former commune, a region, the country), how many none at all.
    """

    by_commune: int
    only_province: int
    elsewhere: int
    nowhere: int

    @property
    def indicators(self) -> int:
        return self.by_commune + self.only_province + self.elsewhere + self.nowhere


@per_release
def known_by_place(release: Release, province: str) -> KnownByPlace:
    """The counts over every indicator of the release; `province`: the area_id the plan is about."""
    areas: dict[str, set[str]] = defaultdict(set)
    for code, area in page_table(release, "known_areas").select("indicator_code", "area_id").iter_rows():
        areas[str(code)].add(str(area))
    communes = every_boundaries(release)[0].communes.keys() if every_boundaries(release) else ()
    counted = Counter(
        _where(areas[code], province, communes)
        for code in {str(row["indicator_code"]) for row in release.rows("dim_indicator")}
    )
    return KnownByPlace(*(counted[place] for place in ("commune", "province", "elsewhere", "nowhere")))


def _where(areas: AbstractSet[str], province: str, communes: Collection[str]) -> str:
    if not areas.isdisjoint(communes):
        return "commune"
    if province in areas:
        return "province"
    return "elsewhere" if areas else "nowhere"
