"""What a reviewer needs to see beside a figure before deciding on it; plain functions over one release.

A figure is a row of fct_observation. Its neighbours are the same series of the same source: indicator, area, breakdown,
form and unit.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

import polars as pl

from reports.page_data import TOTAL
from reports.periods import first_year
from reports.release_data import Release, Row

# Points on either side of the figure that is judged: ten in all is what a table and a glance can hold.
BEFORE, AFTER = 7, 2
# A figure with fewer periods of its kind is also set beside other periods of its year, as many as this.
MOST_ALONE, MOST_NEAR = 2, 6
# The day of an issue; where none is stated that of its arrival.
_ISSUED = pl.coalesce(pl.col("published_at"), pl.col("vintage_at").cast(pl.Date))


@dataclass(frozen=True)
class Point:
    """A period of the series: the newest issue of it by the figure's source, and the issue before that."""

    period_id: str
    newest: Row
    before: Row | None
    is_judged: bool


@dataclass(frozen=True)
class Comparison:
    """One figure set beside the judged one: `kind` is before, year_before, in_force, same_year or other."""

    kind: str
    row: Row
    difference: Decimal | None
    percent: float | None


@dataclass(frozen=True)
class Sum:
    """A whole and its parts by one division, or the parts a figure was worked out from."""

    kind: str
    whole: Row | None
    parts: Sequence[Row]
    sum: Decimal | None = None


@dataclass(frozen=True)
class FigureEvidence:
    """Everything that stands beside a figure."""

    figure: Row
    points: Sequence[Point]
    comparisons: Sequence[Comparison]
    sums: Sequence[Sum] = field(default_factory=list)


def figure_of(release: Release, finding: Row) -> Row | None:
    """The observation a finding is about.

    Of one that names none but says indicator, area, period and source (a sum of parts), the whole; else None.
    """
    if finding.get("observation_key"):
        rows = release.matching("fct_observation", pl.col("observation_key") == finding["observation_key"])
        return rows.row(0, named=True) if rows.height else None
    named = ("indicator_code", "area_id", "period_id", "breakdown", "source_id")
    if any(finding.get(name) is None for name in named):
        return None
    rows = release.matching("fct_observation", *(pl.col(name) == finding[name] for name in named))
    newest = rows.sort("vintage_at", "observation_key", descending=True)
    return newest.row(0, named=True) if newest.height else None


def evidence_for(release: Release, figure: Row) -> FigureEvidence:
    """What stands beside a figure in a release."""
    same = release.matching(
        "fct_observation",
        pl.col("indicator_code") == figure["indicator_code"],
        pl.col("area_id") == figure["area_id"],
    ).sort(_ISSUED, "vintage_at", "observation_key")
    rows = same.to_dicts()
    series = [row for row in rows if row["breakdown"] == figure["breakdown"]]
    return FigureEvidence(
        figure,
        neighbours(series, figure, _period_ends(release)),
        comparisons(series, figure),
        [*_breakdown_sums(rows, figure), *_components(release, figure)],
    )


def neighbours(series: Sequence[Row], figure: Row, ends: dict[str, date]) -> list[Point]:
    """The periods around the judged one by the same source, the earliest first."""
    issues: dict[str, list[Row]] = {}
    for row in series:
        if all(row[name] == figure[name] for name in ("source_id", "form", "unit")) and _like(row, figure):
            issues.setdefault(row["period_id"], []).append(row)
    periods = sorted(issues, key=lambda period_id: (ends.get(period_id, date.min), period_id))
    if figure["period_id"] not in periods:
        return []
    place = periods.index(figure["period_id"])
    points = []
    for period_id in periods[max(0, place - BEFORE) : place + AFTER + 1]:
        is_judged = period_id == figure["period_id"]
        newest = figure if is_judged else issues[period_id][-1]
        keys = [row["observation_key"] for row in issues[period_id]]
        at = keys.index(newest["observation_key"]) if newest["observation_key"] in keys else len(keys)
        points.append(Point(period_id, newest, issues[period_id][at - 1] if at else None, is_judged))
    return points


def _like(row: Row, figure: Row) -> bool:
    """Whether two periods are of one kind: a quarter is no neighbour of a year."""
    return _kind(str(row["period_id"])) == _kind(str(figure["period_id"]))


def _kind(period_id: str) -> str:
    bare = re.sub(r"\d{4}", "Y", period_id)
    return re.sub(r"(?<=[QM])\d+", "#", bare)


def year_before(period_id: str) -> str | None:
    """The same period a year earlier: 2024-Q3 -> 2023-Q3, SY2024 -> SY2023; None for a span of years."""
    years = re.findall(r"\d{4}", period_id)
    if ".." in period_id or not years:
        return None
    return period_id.replace(years[0], str(int(years[0]) - 1), 1)


def comparisons(series: Sequence[Row], figure: Row) -> list[Comparison]:
    """The issue before, the same period a year before, the value in force, and what other sources say."""
    found: list[tuple[str, Row]] = []
    own = [row for row in series if row["source_id"] == figure["source_id"] and row["form"] == figure["form"]]
    same_period = [row for row in own if row["period_id"] == figure["period_id"]]
    keys = [row["observation_key"] for row in same_period]
    if figure["observation_key"] in keys and (at := keys.index(figure["observation_key"])) > 0:
        found.append(("before", same_period[at - 1]))
    last_year = [row for row in own if row["period_id"] == year_before(str(figure["period_id"]))]
    if last_year:
        found.append(("year_before", last_year[-1]))
    others = [row for row in series if row["period_id"] == figure["period_id"]]
    in_force = [row for row in others if row.get("standing") == "in_force"]
    found += [("in_force", row) for row in in_force if row["observation_key"] not in keys]
    year = first_year(str(figure["period_id"]))
    if len([row for row in own if _like(row, figure)]) < MOST_ALONE:
        near = [row for row in series if first_year(str(row["period_id"])) == year and row not in others]
        latest = {(row["period_id"], row["source_id"]): row for row in near if row["value"] is not None}
        found += [("same_year", row) for row in sorted(latest.values(), key=_by_period)[:MOST_NEAR]]
    told = {row["observation_key"] for _, row in found} | set(keys)
    newest: dict[str, Row] = {row["source_id"]: row for row in others if row["observation_key"] not in told}
    found += [("other", row) for row in newest.values()]
    return [Comparison(kind, row, *_distance(figure, row)) for kind, row in found]


def _by_period(row: Row) -> tuple[str, str]:
    return str(row["period_id"]), str(row["source_id"])


def _distance(figure: Row, other: Row) -> tuple[Decimal | None, float | None]:
    """How far the figure lies from another one, in its unit and in per cent of the other."""
    if figure["value"] is None or other["value"] is None or figure["unit"] != other["unit"]:
        return None, None
    difference = figure["value"] - other["value"]
    return difference, (float(100 * difference / abs(other["value"])) if other["value"] else None)


def _breakdown_sums(rows: Sequence[Row], figure: Row) -> list[Sum]:
    """The total and its parts of the same period and source, by dimension; only where the figure is one of them."""
    same: dict[str, Row] = {
        row["breakdown"]: row
        for row in rows
        if all(row[name] == figure[name] for name in ("period_id", "source_id", "form", "unit"))
    }
    same[figure["breakdown"]] = figure
    whole = same.get(TOTAL)
    groups: dict[str, list[Row]] = {}
    for breakdown, row in same.items():
        if breakdown != TOTAL:
            groups.setdefault(breakdown.partition("_")[0], []).append(row)
    own = figure["breakdown"].partition("_")[0]
    return [
        Sum("breakdown", whole, parts, _sum(parts))
        for dimension, parts in sorted(groups.items())
        if own in ("", dimension)
    ]


def _components(release: Release, figure: Row) -> list[Sum]:
    """What the figure was worked out from, and what was worked out from it."""
    links = release.matching(
        "fct_observation_component",
        (pl.col("observation_key") == figure["observation_key"])
        | (pl.col("component_observation_key") == figure["observation_key"]),
    ).sort("observation_key", "position")
    wanted = [*links["observation_key"], *links["component_observation_key"]]
    if not wanted:
        return []
    rows = release.matching("fct_observation", pl.col("observation_key").is_in(wanted)).to_dicts()
    by_key = {row["observation_key"]: row for row in rows}
    found = []
    for whole_key in links["observation_key"].unique(maintain_order=True):
        parts = [
            by_key[key]
            for key in links.filter(pl.col("observation_key") == whole_key)["component_observation_key"]
            if key in by_key
        ]
        kind = "worked_out_from" if whole_key == figure["observation_key"] else "goes_into"
        found.append(Sum(kind, by_key.get(whole_key), parts))
    return found


def _sum(rows: Sequence[Row]) -> Decimal | None:
    values = [row["value"] for row in rows]
    return None if None in values else sum(values, Decimal(0))


def _period_ends(release: Release) -> dict[str, date]:
    rows = release.table("dim_period").select("period_id", "end")
    return {period_id: end or date.min for period_id, end in rows.iter_rows()}
