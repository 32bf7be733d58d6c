"""A release as somebody may see it: what he is not cleared for is taken out, and its state says so.

Denied is whatever is not stated to be open: a source without an access level, a column that no table of access names.
A figure is closed when its source is, when it is held back for review, or when one of its components is closed; an
assessment is when a figure of its series is. Rows stay, so that nobody takes what is closed for what does not exist.
"""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property
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
    "fct_statement": (
        "statement_id", "plan_version", "target_id", "office", "deadline", "state", "access", "stated_on",
        "stated_about", "ended_on",
    ),
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
_CLOSED = "is closed"
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
        return bool(self.sources or self.observations or self.series or self.assessments)

    def among(self, table: pl.DataFrame) -> Closed:
        """The same for a few rows of a table: of closed observations only those that the rows name."""
        named = [column for column in table.columns if column.endswith("observation_key")]
        keys = {key for column in named for key in table[column].to_list()}
        return replace(self, observations=self.observations.intersection(keys))

    @cached_property
    def is_observation(self) -> pl.Expr:
        """Whether an `observation_key` is closed."""
        return _among("observation_key", self.observations)

    @cached_property
    def is_series(self) -> pl.Expr:
        """Whether a row is of a series with a closed observation."""
        return _series().is_in(_listed(self.series))


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
        observed.filter(closed).select("observation_key").collect(), tables.get("fct_observation_component")
    )
    if not sources and observations.is_empty():
        return Closed()
    series = _series_of(observed, observations)
    in_force = _series_of(tables["fct_actual"], observations)
    assessments, targets = _closed_assessments(tables, observations["observation_key"], in_force)
    return Closed(
        frozenset(sources), frozenset(observations["observation_key"].to_list()), series, assessments, targets
    )


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
    # An office says itself who may read its words; those on a closed target may tell a closed figure.
    if not closed.anything and name != "fct_statement":
        return table
    condition = _closed_rows(name, closed, clearance)
    if condition is None:
        return table
    if not set(condition.meta.root_names()) <= set(columns):
        # An earlier release does not say which rows rest on what is closed.
        condition = pl.lit(value=True)
    if name in _LEFT_OUT:
        return table.filter(~condition)
    said = _SAID.get(name, {})
    masked = [
        pl.when(_CLOSED).then(pl.lit(said.get(column))).otherwise(pl.col(column)).alias(column)
        for column in columns
        if column not in _KEPT[name] and (column in said or column not in denied)
    ]
    # Worked out once, not for every column: it may look among a hundred thousand keys.
    shown = table.with_columns(condition.alias(_CLOSED)).with_columns(masked).drop(_CLOSED)
    if name == "fct_assessment" and "interim_state" in columns:
        # The state of another target, which is judged by figures of its own.
        other = _among("interim_target_id", closed.targets)
        shown = shown.with_columns(
            pl.when(other).then(None).otherwise("interim_state").alias("interim_state")
        )
    return shown


def shown_as_they_are(name: str, columns: Collection[str], clearance: Clearance) -> frozenset[str]:
    """Which of the columns of a table `disclosed` never empties, so that rows may be chosen by them before it."""
    access = column_access()
    kept = _KEPT.get(name, columns)
    return frozenset(
        column
        for column in columns
        if column in kept and access.get((name, column), UNSTATED) in clearance.levels
    )


def _closed_sources(sources: pl.LazyFrame, clearance: Clearance) -> list[str]:
    known = "access" in sources.collect_schema().names()
    access = pl.col("access").fill_null(UNSTATED) if known else pl.lit(UNSTATED)
    closed = sources.filter(~access.is_in(sorted(clearance.levels))).select("source_id").collect()
    return sorted(map(str, closed["source_id"].to_list()))


def _with_derived(closed: pl.DataFrame, components: pl.LazyFrame | None) -> pl.DataFrame:
    """The closed observations and whatever is worked out from one of them, in any number of steps."""
    if components is None:
        return closed
    reached = closed
    while not reached.is_empty():
        steps = components.select("observation_key", pl.col("component_observation_key").alias("component"))
        found = steps.join(reached.lazy(), left_on="component", right_on="observation_key", how="semi")
        reached = (
            found.select("observation_key").unique().collect().join(closed, on="observation_key", how="anti")
        )
        closed = pl.concat([closed, reached])
    return closed


def _series_of(figures: pl.LazyFrame, observations: pl.DataFrame) -> frozenset[str]:
    found = figures.join(observations.lazy(), on="observation_key", how="semi")
    return frozenset(found.select(_series()).unique().collect().to_series().to_list())


def _closed_assessments(
    tables: Mapping[str, pl.LazyFrame], observations: pl.Series, in_force: frozenset[str]
) -> tuple[frozenset[str], frozenset[str]]:
    assessments = tables["fct_assessment"]
    columns = assessments.collect_schema().names()
    rests = _series().is_in(_listed(in_force))
    for column in _INPUTS_OF_AN_ASSESSMENT:
        if column in columns:
            rests = rests | pl.col(column).is_in(observations.implode())
    found = set(
        assessments.filter(rests.fill_null(value=False)).select("assessment_key").collect().to_series()
    )
    if "fct_assessment_input" in tables:
        inputs = tables["fct_assessment_input"].filter(
            pl.col("observation_key").is_in(observations.implode())
        )
        found |= set(inputs.select("assessment_key").collect().to_series())
    rows = assessments.filter(pl.col("assessment_key").is_in(list(found)))
    # Parts of one structure are judged together.
    if "group_id" in columns:
        groups = rows.select("group_id").drop_nulls().unique().collect().to_series().to_list()
        together = (pl.col("target_type") == "structure") & pl.col("group_id").is_in(groups)
        found |= set(assessments.filter(together).select("assessment_key").collect().to_series())
        rows = assessments.filter(pl.col("assessment_key").is_in(list(found)))
    return frozenset(found), frozenset(rows.select("target_id").collect().to_series())


def _closed_rows(name: str, closed: Closed, clearance: Clearance) -> pl.Expr | None:
    """Which rows of a table are closed; None for a table without figures."""
    by_source = _among("source_id", closed.sources)
    by_observation = closed.is_observation
    if name in ("fct_observation", "fct_actual"):
        found = by_observation
    elif name in ("fct_assessment", "fct_method_result"):
        found = _among("assessment_key", closed.assessments)
    elif name == "fct_milestone":
        found = _among("evidence_source_id", closed.sources)
    elif name == "fct_statement":
        by_target = _among("target_id", closed.targets)
        found = by_target | ~pl.col("access").fill_null(UNSTATED).is_in(sorted(clearance.levels))
    elif name == "fct_finding":
        # What is said of one figure compares it with others of its series.
        found = by_source | by_observation | closed.is_series
    elif name == "fct_revision":
        found = by_source
        for end in ("from_observation_key", "to_observation_key"):
            found = found | _among(end, closed.observations)
    elif name == "fct_series_revision":
        found = by_source | closed.is_series
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
    if "internal" not in clearance.levels:
        # Whose words they are and who may read them is not told here.
        hidden = hidden | (pl.col("table_name") == "fct_statement")
    values = [name for name in ("from_value", "to_value") if name in changes.collect_schema().names()]
    return changes.with_columns(
        pl.when(hidden.fill_null(value=True)).then(None).otherwise(pl.col(name)).alias(name)
        for name in values
    )


def _among(column: str, values: Collection[str]) -> pl.Expr:
    return pl.col(column).is_in(_listed(values))


def _listed(values: Collection[str]) -> pl.Series:
    return pl.Series([list(values)], dtype=pl.List(pl.String))


def _series() -> pl.Expr:
    return pl.concat_str("indicator_code", "area_id", separator="|").alias("series")


def _emptied(column: str) -> pl.Expr:
    return pl.when(pl.lit(value=False)).then(pl.col(column)).otherwise(None).alias(column)
