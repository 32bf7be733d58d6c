"""What a release knows of one series: every vintage with its standing, and per source the revision triangle.

A series is an indicator in an area and a breakdown. Plain functions over the release's tables, for the page and for the
command alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from reports.page_data import TOTAL, page_table
from reports.per_release import per_release
from reports.release_data import Release, Row


@dataclass(frozen=True)
class SeriesKey:
    """An indicator in an area and a breakdown."""

    indicator_code: str
    area_id: str
    breakdown: str = TOTAL


@dataclass(frozen=True)
class Issue:
    """A day on which a source spoke, and the day on which that reached us.

    `is_arrival` where no day of issue is stated and that of arrival stands for it; what is worked out here has none.
    `is_correction`: it was this office that spoke, on the day received; `day` keeps the place of the issue corrected.
    """

    day: date
    received: date
    is_arrival: bool
    is_correction: bool = False


@dataclass(frozen=True)
class TriangleCell:
    """What a source said of a period as of an issue. `is_new` is False where an earlier issue's word still stood."""

    observation: Row
    is_new: bool


@dataclass(frozen=True)
class Triangle:
    """Reference periods down, issues across; a cell is None before the source first spoke of the period.

    One source, one form, one unit, one base. `summary` is the row of fct_series_revision, None where nothing has a
    value.
    """

    source_id: str
    form: str
    unit: str
    issues: Sequence[Issue]
    rows: Sequence[tuple[str, Sequence[TriangleCell | None]]]
    summary: Row | None


def series_keys(release: Release) -> list[SeriesKey]:
    """Every series that the release has an observation of, in order."""
    return list(_series_revised(release))


def series_of_indicator(release: Release, indicator_code: str) -> list[SeriesKey]:
    """Every series of an indicator that the release has an observation of, in order."""
    return list(_by_indicator(release).get(indicator_code, ()))


@per_release
def _by_indicator(release: Release) -> dict[str, list[SeriesKey]]:
    found: dict[str, list[SeriesKey]] = {}
    for key in _series_revised(release):
        found.setdefault(key.indicator_code, []).append(key)
    return found


def revised_series(release: Release) -> frozenset[SeriesKey]:
    """The series that have a revision."""
    return frozenset(key for key, n_revisions in _series_revised(release).items() if n_revisions)


@per_release
def _series_revised(release: Release) -> dict[SeriesKey, int]:
    index = page_table(release, "series_index")
    rows = index.select("indicator_code", "area_id", "breakdown", "n_revisions").iter_rows()
    return {SeriesKey(*key): n_revisions for *key, n_revisions in rows}


def vintages_of(release: Release, key: SeriesKey) -> list[Row]:
    """Every observation of the series: by period (the latest first), the one in force first, then by issue."""
    ends = _period_ends(release)
    rows = release.matching("fct_observation", *_is_of(key)).sort("observation_key").to_dicts()
    rows.sort(key=lambda row: (row["source_id"], _issued_on(row), row["vintage_at"]), reverse=True)
    rows.sort(key=lambda row: row["standing"] != "in_force")
    rows.sort(key=lambda row: ends.get(row["period_id"], (date.min, "")), reverse=True)
    return rows


def revisions_of(release: Release, key: SeriesKey) -> list[Row]:
    """The revisions of the series, the latest issue first."""
    rows = release.matching("fct_revision", *_is_of(key)).sort("to_observation_key")
    return rows.sort(
        "to_issued_on", "source_id", "period_id", descending=[True, False, True], maintain_order=True
    ).to_dicts()


def _is_of(key: SeriesKey) -> tuple[pl.Expr, ...]:
    return (
        pl.col("indicator_code") == key.indicator_code,
        pl.col("area_id") == key.area_id,
        pl.col("breakdown") == key.breakdown,
    )


def correction_of(release: Release, observation: Row) -> Row | None:
    """The correction by this office of an observation, standing or ended; None where there is none."""
    if "corrects_observation_key" not in release.scan("fct_observation").collect_schema().names():
        return None
    wrong = pl.col("corrects_observation_key") == observation["observation_key"]
    found = release.matching("fct_observation", wrong).sort("vintage_at")
    return found.row(-1, named=True) if found.height else None


def corrected_by(release: Release, correction: Row) -> Row | None:
    """The observation that a correction corrects; None for an observation that is none."""
    key = correction.get("corrects_observation_key")
    if key is None:
        return None
    found = release.matching("fct_observation", pl.col("observation_key") == key)
    return found.row(0, named=True) if found.height else None


def triangles_of(release: Release, key: SeriesKey) -> list[Triangle]:
    """One triangle per source, form and unit, the source of the highest rank first."""
    groups: dict[Group, list[Row]] = {}
    ranks: dict[str, int] = {}
    for row in vintages_of(release, key):
        groups.setdefault(_group(row), []).append(row)
        ranks[row["source_id"]] = row["source_rank"]
    kept = release.matching("fct_series_revision", *_is_of(key)).to_dicts()
    summaries = {_group(row): row for row in kept}
    ends = _period_ends(release)
    ordered = sorted(groups, key=lambda group: (-ranks[group[0]], group))
    return [triangle(group, groups[group], summaries.get(group), ends) for group in ordered]


# Source, form, unit, index base, price basis.
Group = tuple[str, str, str, str, str]


def _group(row: Row) -> Group:
    return (
        row["source_id"], row["form"], row["unit"], row.get("index_base") or "", row.get("price_basis") or "",
    )  # fmt: skip


def triangle(
    group: Group,
    observations: Sequence[Row],
    summary: Row | None,
    ends: dict[str, tuple[date, str]],
) -> Triangle:
    """Lay the observations of one source, form and unit out by period and issue.

    Between two issues that differ, what was said before still stood; `ends` orders the periods.
    """
    issues = sorted(
        {_issue(row) for row in observations},
        key=lambda issue: (issue.day, issue.received, issue.is_arrival, issue.is_correction),
    )
    said: dict[str, dict[Issue, Row]] = {}
    for row in sorted(observations, key=lambda row: (row["vintage_at"], row["observation_key"])):
        said.setdefault(row["period_id"], {})[_issue(row)] = row
    periods = sorted(said, key=lambda period_id: ends.get(period_id, (date.min, period_id)), reverse=True)
    return Triangle(
        *group[:3], issues, [(period, _cells(said[period], issues)) for period in periods], summary
    )


def _cells(said: dict[Issue, Row], issues: Sequence[Issue]) -> list[TriangleCell | None]:
    cells: list[TriangleCell | None] = []
    for issue in issues:
        if issue in said:
            cells.append(TriangleCell(said[issue], is_new=True))
        else:
            before = cells[-1] if cells else None
            cells.append(None if before is None else TriangleCell(before.observation, is_new=False))
    return cells


def _issue(row: Row) -> Issue:
    day, received = _issued_on(row), _received_on(row)
    is_arrival = row["published_at"] is None or row.get("origin") == "derived"
    return Issue(day, received, is_arrival, row.get("origin") == "correction")


def _issued_on(row: Row) -> date:
    if row.get("origin") == "derived":
        return _received_on(row)
    return row["published_at"] or _received_on(row)


def _received_on(row: Row) -> date:
    arrived = row["vintage_at"]
    return arrived.date() if isinstance(arrived, datetime) else arrived


@dataclass(frozen=True)
class Beaten:
    """How many observations stand behind one in force, in one way: their standing and what decided."""

    standing: str
    decided_by: str | None
    number: int


def behind(row: Row, rows: Sequence[Row]) -> list[Beaten]:
    """What stands behind a value in force for its period, and what a rule holds or nobody gives beside it."""
    others = [
        other
        for other in rows
        if other["period_id"] == row["period_id"] and other["observation_key"] != row["observation_key"]
    ]
    counted: dict[tuple[str, str | None], int] = {}
    for other in others:
        stands_behind = other["behind_observation_key"] == row["observation_key"]
        if stands_behind or other["standing"] in ("held", "no_value"):
            way = (other["standing"], other["decided_by"] if stands_behind else None)
            counted[way] = counted.get(way, 0) + 1
    order = ("outranked", "superseded", "held", "no_value")
    ways = sorted(counted, key=lambda way: (order.index(way[0]), way[1] or ""))
    return [Beaten(*way, counted[way]) for way in ways]


@per_release
def _period_ends(release: Release) -> dict[str, tuple[date, str]]:
    return {
        str(row["period_id"]): (row["end"] or date.min, str(row["period_id"]))
        for row in release.rows("dim_period")
    }
