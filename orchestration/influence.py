"""What an undecided finding would change: the targets it feeds, assessed as if its value were accepted or excluded.

The cases and figures of each scenario come from dbt (asm_scenario_*); the formulas are those that the candidate ships,
run once over all scenarios. Where no undecided finding feeds a target nothing is run.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from store.formulas import SQL_DIR, Formulas, Row, run_models
from store.release_tables import INFLUENCE_TABLE
from store.releases import table_path

SCENARIOS = ("accepted", "excluded")
_STATES = ("level_state", "pace_state", "bucket")
_FIGURES = ("actual_period_id", "actual_value", "actual_unit")

INFLUENCE_SCHEMA: dict[str, Any] = {
    "finding_id": pl.String,
    "assessment_key": pl.String,
    "scenario": pl.String,
    "plan_version": pl.String,
    "target_id": pl.String,
    "area_id": pl.String,
    "is_headline": pl.Boolean,
    "level_state_now": pl.String,
    "pace_state_now": pl.String,
    "bucket_now": pl.String,
    "actual_period_id_now": pl.String,
    "actual_value_now": pl.Decimal(38, 15),
    "level_state": pl.String,
    "pace_state": pl.String,
    "bucket": pl.String,
    "actual_period_id": pl.String,
    "actual_value": pl.Decimal(38, 15),
    "actual_unit": pl.String,
    "changes_bucket": pl.Boolean,
    "changes_state": pl.Boolean,
}

_NOW = """
select a.assessment_key, a.plan_version, a.target_id, a.area_id, t.headline and t.is_reference as is_headline,
    a.level_state, a.pace_state, a.bucket, a.actual_period_id, a.actual_value, a.actual_unit
from marts.fct_assessment a
inner join marts.fct_target t using (plan_version, target_id)
where a.assessment_key in (select assessment_key_now from assess.asm_scenario_case)
"""


def write_influence(connection: duckdb.DuckDBPyConnection, candidate: Path) -> None:
    """Write fct_finding_influence of a candidate whose formulas are in place.

    One row per undecided finding, assessment it touches and scenario; in the scenario that is what holds now, nothing
    differs.
    """
    frame = pl.DataFrame(_rows(connection, candidate), schema=INFLUENCE_SCHEMA, orient="row")
    keys = ["finding_id", "assessment_key", "scenario"]
    frame.sort(keys).write_parquet(table_path(candidate, INFLUENCE_TABLE), compression="zstd")


def _rows(connection: duckdb.DuckDBPyConnection, candidate: Path) -> list[Row]:
    cases = _query(connection, "select * from assess.asm_scenario_case order by assessment_key")
    if not cases:
        return []
    series = _query(
        connection, "select * from assess.asm_scenario_case_series order by assessment_key, period_id"
    )
    now = {row["assessment_key"]: row for row in _query(connection, _NOW)}
    formulas = Formulas(
        candidate / SQL_DIR, _query(connection, "select parameter, value from seed.assessment_parameter")
    )
    model = ("assess", "asm_assessment")
    given = {("assess", "asm_case"): cases, ("assess", "asm_case_series"): series}
    then = {row["assessment_key"]: row for row in run_models(formulas, given, [model])[model]}
    supposed = {
        (case["finding_id"], case["assessment_key_now"], case["scenario"]): then[case["assessment_key"]]
        for case in cases
    }
    touched = sorted({(finding_id, key) for finding_id, key, _ in supposed})
    return [
        _row(finding_id, scenario, now[key], supposed.get((finding_id, key, scenario), now[key]))
        for finding_id, key in touched
        for scenario in SCENARIOS
    ]


def _row(finding_id: str, scenario: str, now: Mapping[str, Any], then: Mapping[str, Any]) -> Row:
    return {
        "finding_id": finding_id,
        "scenario": scenario,
        **{
            name: now[name]
            for name in ("assessment_key", "plan_version", "target_id", "area_id", "is_headline")
        },
        **{f"{name}_now": now[name] for name in (*_STATES, "actual_period_id", "actual_value")},
        **{name: then[name] for name in (*_STATES, *_FIGURES)},
        "changes_bucket": now["bucket"] != then["bucket"],
        "changes_state": any(now[name] != then[name] for name in _STATES),
    }


def _query(connection: duckdb.DuckDBPyConnection, query: str) -> list[Row]:
    result = connection.execute(query)
    names = [column[0] for column in result.description or []]
    return [dict(zip(names, values, strict=True)) for values in result.fetchall()]
