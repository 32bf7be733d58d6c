"""Which targets are headlines: those that the tables of the plan in use mark as such, here and nowhere else."""

from __future__ import annotations

from typing import Any

import polars as pl

from reports.release_data import Release

# What of an assessment is said of a headline: its states, and the figures they rest on.
_SAID = (
    "level_state", "pace_state", "bucket", "reason_code", "pace_reason_code", "confidence", "actual_value",
    "actual_period_id", "actual_unit", "actual_maturity", "value_low", "value_high", "unit", "period_end",
)  # fmt: skip

TargetKey = tuple[str, str]


def headline_targets(release: Release) -> frozenset[TargetKey]:
    """The headline targets of the plan in use: (plan_version, target_id)."""
    if "headline" not in release.table("fct_target").columns:
        return frozenset()
    marked = release.table("fct_target").filter(
        pl.col("headline").fill_null(False) & pl.col("is_reference").fill_null(False)
    )
    return frozenset(marked.select("plan_version", "target_id").iter_rows())


def changed_headlines(before: Release | None, after: Release) -> frozenset[TargetKey]:
    """The headline targets of either release of which they say different things; all of them after no release."""
    if before is None:
        return headline_targets(after)
    named = headline_targets(before) | headline_targets(after)
    was, now = _said(before), _said(after)
    return frozenset(key for key in named if was.get(key) != now.get(key))


def _said(release: Release) -> dict[TargetKey, list[dict[str, Any]]]:
    told: dict[TargetKey, list[dict[str, Any]]] = {}
    columns = [name for name in _SAID if name in release.table("fct_assessment").columns]
    for row in release.table("fct_assessment").sort("assessment_key").iter_rows(named=True):
        told.setdefault((row["plan_version"], row["target_id"]), []).append(
            {name: row[name] for name in columns}
        )
    milestones = release.optional_rows("fct_milestone")
    for row in milestones:
        told.setdefault((row["plan_version"], row["target_id"]), []).append({"state": row["state"]})
    return told
