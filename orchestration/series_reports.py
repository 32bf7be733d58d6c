"""What a release says of its series, as plain data: vintages with their standing, triangles, revisions."""

from pathlib import Path
from typing import Any

from orchestration.release_query import one, query
from reports.derived import components_of
from reports.explanation import pick, shown_text
from reports.release_data import Release, ReleaseUnreadable, release_at
from reports.series_facts import (
    SeriesKey,
    Triangle,
    TriangleCell,
    behind,
    revisions_of,
    triangles_of,
    vintages_of,
)
from store.manifest import ReleaseError

_LIST = """
select
    o.indicator_code, o.area_id, o.breakdown,
    count(distinct o.period_id) as periods,
    count(*) as vintages,
    count(distinct o.source_id) as sources,
    (
        select count(*) from fct_revision r
        where r.indicator_code = o.indicator_code and r.area_id = o.area_id and r.breakdown = o.breakdown
    ) as revisions
from fct_observation o
group by all
order by all
"""
_SUMMARY = (
    "n_periods", "n_periods_compared", "n_periods_revised", "n_periods_revised_upward", "n_scheduled_revisions",
    "n_corrections", "n_undeclared_revisions", "mean_absolute_revision", "mean_revision", "largest_revision",
)  # fmt: skip
_VINTAGE = (
    "observation_key", "period_id", "value", "value_text", "missing_code", "unit", "form", "maturity", "source_id",
    "source_rank", "published_at", "published_at_basis", "vintage_at", "standing", "decided_by",
    "behind_observation_key", "held", "held_reason", "route", "document", "snapshot_sha256", "cell_ref",
)  # fmt: skip
_COMPONENT = ("observation_key", "indicator_code", "breakdown", "period_id", "value", "unit", "source_id")
_REVISION = (
    "period_id", "source_id", "form", "kind", "from_value", "to_value", "unit", "revision", "revision_percent",
    "from_maturity", "to_maturity", "from_issued_on", "to_issued_on", "is_dated_by_arrival", "from_observation_key",
    "to_observation_key", "held",
)  # fmt: skip


def series_rows(directory: Path, *, revised_only: bool) -> list[dict[str, Any]]:
    """Every series of a release with its counts. Raises ReleaseError when the release keeps no revisions."""
    _kept(directory)
    return [row for row in query(directory, _LIST) if row["revisions"] or not revised_only]


def series_record(
    directory: Path, indicator_code: str, area_id: str, breakdown: str, period_id: str | None
) -> dict[str, Any] | None:
    """One series of a release: vintages, triangles, revisions; None when the release has no figure of it.

    With a period only that period. Raises ReleaseError when the release cannot be read or keeps no revisions.
    """
    release = _kept(directory)
    key = SeriesKey(indicator_code, area_id, breakdown)
    try:
        vintages = [row for row in vintages_of(release, key) if period_id in (None, row["period_id"])]
        if not vintages:
            return None
        triangles = [_triangle(triangle, period_id) for triangle in triangles_of(release, key)]
        revisions = [row for row in revisions_of(release, key) if period_id in (None, row["period_id"])]
    except ReleaseUnreadable as error:
        raise ReleaseError(str(error)) from error
    indicator = one(directory, "select * from dim_indicator where indicator_code = ?", [indicator_code]) or {}
    return {
        "indicator_code": indicator_code,
        "name_vi": indicator.get("name_vi"),
        "name_en": indicator.get("name_en"),
        "area_id": area_id,
        "breakdown": breakdown,
        "vintages": [
            {
                **pick(row, *_VINTAGE),
                "value_text": shown_text(row),
                "before": [vars(way) for way in behind(row, vintages)]
                if row["standing"] == "in_force"
                else [],
                "components": [
                    pick(
                        part,
                        "observation_key",
                        "indicator_code",
                        "breakdown",
                        "period_id",
                        "value",
                        "unit",
                        "source_id",
                    )
                    for part in components_of(release, row)
                ],
            }
            for row in vintages
        ],
        "triangles": [triangle for triangle in triangles if triangle["rows"]],
        "revisions": [pick(row, *_REVISION) for row in revisions],
    }


def _kept(directory: Path) -> Release:
    release = release_at(directory)
    if not release.has("fct_revision"):
        raise ReleaseError(
            f"{release.release_id} was made before the standing of every vintage was kept; name a later release"
        )
    return release


def _triangle(triangle: Triangle, period_id: str | None) -> dict[str, Any]:
    return {
        **pick(vars(triangle), "source_id", "form", "unit"),
        "issues": [pick(vars(issue), "day", "received", "is_arrival") for issue in triangle.issues],
        "rows": [
            {"period_id": period, "cells": [_cell(cell) for cell in cells]}
            for period, cells in triangle.rows
            if period_id in (None, period)
        ],
        "summary": None if triangle.summary is None else pick(triangle.summary, *_SUMMARY),
    }


def _cell(cell: TriangleCell | None) -> dict[str, Any] | None:
    if cell is None:
        return None
    return {**pick(cell.observation, "value", "missing_code", "observation_key"), "is_new": cell.is_new}
