"""A release as somebody may see it: what he is not cleared for is taken out, and its state says so.

Denied is whatever is not stated to be open: a source without an access level, a column that no table of access names.
A figure is closed when its source is, when it is held back for review, or when one of its components is closed; an
assessment is when a figure of its series is. Rows stay, so that nobody takes what is closed for what does not exist.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

from expectations.gate.clearance import FULL, UNSTATED, Clearance

COLUMN_ACCESS_FILE = Path(__file__).parent / "column_access.csv"
NOT_PUBLIC = "NOT_PUBLIC"
NOT_PUBLIC_VALUE = "not_public"

# Of a closed row these columns stay, every other is emptied: one that is added later is closed until it stands here.
_KEPT: Mapping[str, tuple[str, ...]] = {
    "fct_observation": (
        "observation_key", "indicator_code", "area_id", "period_id", "breakdown", "source_id", "vintage_at",
        "published_at", "published_at_basis", "unit", "form", "index_base", "price_basis", "maturity", "origin",
        "review_state", "review_flag", "corrects_observation_key", "ended_by_observation_key",
        "held", "source_rank", "standing", "decided_by", "behind_observation_key", "derivation_id",
    ),
    "fct_actual": (
        "indicator_code", "area_id", "period_id", "breakdown", "unit", "form", "maturity", "source_id",
        "observation_key", "published_at", "vintage_at", "review_state", "review_flag",
    ),
    "fct_assessment": (
        "assessment_key", "target_id", "plan_version", "indicator_code", "area_id", "method", "method_version",
        "cut_off", "is_reference", "is_counted", "group_id", "frame_id", "target_type", "comparator", "value_low",
        "value_high", "unit", "period_start", "period_end", "direction", "trajectory", "phasing", "tolerance",
        "range_kind", "aspiration", "reading_status", "plan_in_force",
    ),
    "fct_method_result": (
        "assessment_key", "target_id", "plan_version", "area_id", "indicator_code", "method", "cut_off", "base_year",
        "target_value", "target_year",
    ),
    "fct_milestone": ("plan_version", "target_id", "due_date", "due_rule", "evidence_source_id"),
    "fct_finding": (
        "finding_id", "finding_key", "decision",
        "rule_id", "rule_version", "suite", "severity", "outcome", "indicator_code", "area_id",
        "period_id", "breakdown", "source_id",
    ),
}  # fmt: skip
# What a closed row says in place of what it does not show.
_SAID: Mapping[str, Mapping[str, str]] = {
    "fct_observation": {"missing_code": NOT_PUBLIC_VALUE},
    "fct_assessment": {
        "level_state": "not_assessed",
        "pace_state": "not_assessed",
        "bucket": "not_assessed",
        "confidence": "D",
        "reason_code": NOT_PUBLIC,
        "pace_reason_code": NOT_PUBLIC,
    },
    "fct_method_result": {"refused_reason": NOT_PUBLIC},
    "fct_milestone": {"state": NOT_PUBLIC_VALUE},
}
# Tables of figures whose closed rows are left out: nothing would be left of them.
_LEFT_OUT = ("fct_revision", "fct_series_revision", "fct_cell_unclaimed")
# The differences of these tables may tell a closed figure, also one that is no longer in the release.
_TELLING = (*_KEPT, *_LEFT_OUT, "fct_assessment_input", "fct_observation_component")
_INPUTS_OF_AN_ASSESSMENT = (
    "actual_observation_key",
    "published_average_observation_key",
    "latest_known_observation_key",
)


@dataclass(frozen=True)
class Closed:
    """What is closed to somebody in one release: sources, observations, series, assessments, targets."""

    sources: frozenset[str] = frozenset()
    observations: frozenset[str] = frozenset()
    # indicator_code|area_id of every closed observation.
    series: frozenset[str] = frozenset()
    assessments: frozenset[str] = frozenset()
    targets: frozenset[str] = frozenset()

    @property
    def anything(self) -> bool:
        """Whether anything is closed."""
        return bool(self.sources or self.observations)


@cache
def column_access() -> dict[tuple[str, str], str]:
    """(table, column) -> access level, as the dbt project states it."""
    with COLUMN_ACCESS_FILE.open(encoding="utf-8", newline="") as file:
        return {(row["table"], row["column"]): row["access"] for row in csv.DictReader(file)}


def what_is_closed(tables: Mapping[str, pl.LazyFrame], clearance: Clearance) -> Closed:
    """What is closed in a release; `tables`: name -> table as it is, tables that the release lacks left out."""
    if clearance == FULL:
        return Closed()
    sources = _closed_sources(tables["dim_source"], clearance)
    observed = tables["fct_observation"].select(
        "observation_key", "indicator_code", "area_id", "source_id", "held"
    )
    closed = pl.col("source_id").is_in(sources)
    if not clearance.held:
        closed = closed | pl.col("held").fill_null(value=False)
    observations = _with_derived(
        set(observed.filter(closed).collect()["observation_key"].to_list()),
        tables.get("fct_observation_component"),
    )
    if not sources and not observations:
        return Closed()
    is_closed = pl.col("observation_key").is_in(list(observations))
    series = frozenset(observed.filter(is_closed).select(_series()).collect().to_series().to_list())
    in_force = frozenset(
        tables["fct_actual"].filter(is_closed).select(_series()).collect().to_series().to_list()
    )
    assessments, targets = _closed_assessments(tables, observations, in_force)
    return Closed(frozenset(sources), frozenset(observations), series, assessments, targets)


def disclosed(name: str, table: pl.LazyFrame, closed: Closed, clearance: Clearance) -> pl.LazyFrame:
    """A table of the release as somebody may see it, with the same columns."""
    if clearance == FULL:
        return table
    columns = table.collect_schema().names()
    access = column_access()
    denied = [column for column in columns if access.get((name, column), UNSTATED) not in clearance.levels]
    table = table.with_columns(_emptied(column) for column in denied)
    if name == "fct_release_change":
        return _changes(table, closed, clearance)
    if not closed.anything:
        return table
    condition = _closed_rows(name, closed)
    if condition is None:
        return table
    if not set(condition.meta.root_names()) <= set(columns):
        # An earlier release does not say which rows rest on what is closed.
        condition = pl.lit(value=True)
    if name in _LEFT_OUT:
        return table.filter(~condition)
    said = _SAID.get(name, {})
    masked = [
        pl.when(condition).then(pl.lit(said.get(column))).otherwise(pl.col(column)).alias(column)
        for column in columns
        if column not in _KEPT[name] and (column in said or column not in denied)
    ]
    shown = table.with_columns(masked)
    if name == "fct_assessment" and "interim_state" in columns:
        # The state of another target, which is judged by figures of its own.
        other = pl.col("interim_target_id").is_in(list(closed.targets))
        shown = shown.with_columns(
            pl.when(other).then(None).otherwise("interim_state").alias("interim_state")
        )
    return shown


def _closed_sources(sources: pl.LazyFrame, clearance: Clearance) -> list[str]:
    known = "access" in sources.collect_schema().names()
    access = pl.col("access").fill_null(UNSTATED) if known else pl.lit(UNSTATED)
    closed = sources.filter(~access.is_in(sorted(clearance.levels))).select("source_id").collect()
    return sorted(map(str, closed["source_id"].to_list()))


def _with_derived(closed: set[str], components: pl.LazyFrame | None) -> set[str]:
    """The closed observations and whatever is worked out from one of them, in any number of steps."""
    if components is None or not closed:
        return closed
    steps = components.select("observation_key", "component_observation_key").collect()
    while True:
        reached = steps.filter(pl.col("component_observation_key").is_in(list(closed)))["observation_key"]
        added = set(reached.to_list()) - closed
        if not added:
            return closed
        closed |= added


def _closed_assessments(
    tables: Mapping[str, pl.LazyFrame], observations: set[str], in_force: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    assessments = tables["fct_assessment"]
    columns = assessments.collect_schema().names()
    rests = _series().is_in(list(in_force))
    for column in _INPUTS_OF_AN_ASSESSMENT:
        if column in columns:
            rests = rests | pl.col(column).is_in(list(observations))
    found = set(
        assessments.filter(rests.fill_null(value=False)).select("assessment_key").collect().to_series()
    )
    if "fct_assessment_input" in tables:
        inputs = tables["fct_assessment_input"].filter(pl.col("observation_key").is_in(list(observations)))
        found |= set(inputs.select("assessment_key").collect().to_series())
    rows = assessments.filter(pl.col("assessment_key").is_in(list(found)))
    # Parts of one structure are judged together.
    if "group_id" in columns:
        groups = rows.select("group_id").drop_nulls().unique().collect().to_series().to_list()
        together = (pl.col("target_type") == "structure") & pl.col("group_id").is_in(groups)
        found |= set(assessments.filter(together).select("assessment_key").collect().to_series())
        rows = assessments.filter(pl.col("assessment_key").is_in(list(found)))
    return frozenset(found), frozenset(rows.select("target_id").collect().to_series())


def _closed_rows(name: str, closed: Closed) -> pl.Expr | None:
    """Which rows of a table are closed; None for a table without figures."""
    by_source = pl.col("source_id").is_in(list(closed.sources))
    by_observation = pl.col("observation_key").is_in(list(closed.observations))
    by_assessment = pl.col("assessment_key").is_in(list(closed.assessments))
    if name in ("fct_observation", "fct_actual"):
        found = by_observation
    elif name in ("fct_assessment", "fct_method_result"):
        found = by_assessment
    elif name == "fct_milestone":
        found = pl.col("evidence_source_id").is_in(list(closed.sources))
    elif name == "fct_finding":
        # What is said of one figure compares it with others of its series.
        found = by_source | by_observation | _series().is_in(list(closed.series))
    elif name == "fct_revision":
        ends = [
            pl.col(end).is_in(list(closed.observations))
            for end in ("from_observation_key", "to_observation_key")
        ]
        found = by_source | ends[0] | ends[1]
    elif name == "fct_series_revision":
        found = by_source | _series().is_in(list(closed.series))
    elif name == "fct_cell_unclaimed":
        found = by_source
    else:
        return None
    return found.fill_null(value=False)


def _changes(changes: pl.LazyFrame, closed: Closed, clearance: Clearance) -> pl.LazyFrame:
    """The change list without the values of what is closed: of denied columns, and of all figures as soon as one is."""
    open_columns = [
        f"{table}.{column}" for (table, column), level in column_access().items() if level in clearance.levels
    ]
    hidden = ~(pl.col("table_name") + "." + pl.col("column_name")).is_in(open_columns)
    if closed.anything:
        hidden = hidden | pl.col("table_name").is_in(_TELLING)
    values = [name for name in ("from_value", "to_value") if name in changes.collect_schema().names()]
    return changes.with_columns(
        pl.when(hidden.fill_null(value=True)).then(None).otherwise(pl.col(name)).alias(name)
        for name in values
    )


def _series() -> pl.Expr:
    return pl.concat_str("indicator_code", "area_id", separator="|").alias("series")


def _emptied(column: str) -> pl.Expr:
    return pl.when(pl.lit(value=False)).then(pl.col(column)).otherwise(None).alias(column)
