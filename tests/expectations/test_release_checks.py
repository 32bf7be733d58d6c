"""The release suite over candidates: a whole one passes; a fault blocks, and so does what was not checked."""

import json
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations import release_checks
from expectations.rules import RuleSet
from store.manifest import MANIFEST_NAME, InputSnapshot
from store.release_tables import RELEASE_CHANGE_TABLE, RELEASE_TABLES
from store.releases import new_candidate, seal_candidate, table_path
from store.settings import Settings

SNAPSHOT = "5" * 64
PLAN = "07-NQ-HDND-2023"
VALUE = pl.Decimal(38, 15)
FACT = {"indicator_code": "GRDP_GROWTH", "area_id": "VN-04", "period_id": "2024", "breakdown": "_T"}
COLUMNS: dict[str, dict[str, Any]] = {
    "fct_target": {"indicator_code": pl.String, "target_type": pl.String},
    "fct_milestone": {"state": pl.String},
    "fct_observation": {
        **dict.fromkeys(FACT, pl.String),
        "source_id": pl.String,
        "value": VALUE,
        "missing_code": pl.String,
        "snapshot_sha256": pl.String,
        "cell_ref": pl.String,
        "held": pl.Boolean,
        "derivation_id": pl.String,
    },
    "fct_observation_component": {"component_observation_key": pl.String},
    "fct_actual": {"source_id": pl.String, "observation_key": pl.String, "value": VALUE},
    "fct_assessment": {"plan_version": pl.String, "target_id": pl.String, "indicator_code": pl.String},
}
Rows = dict[str, list[dict[str, Any]]]


def whole() -> Rows:
    """The rows of a small candidate that nothing stands against."""
    observation = {
        **FACT,
        "observation_key": "o1",
        "source_id": "nso",
        "value": Decimal("0.75"),
        "snapshot_sha256": SNAPSHOT,
        "cell_ref": "row 2 value",
        "held": False,
    }
    return {
        "dim_area": [{"area_id": "VN-04", "valid_from": None}],
        "fct_target": [
            {
                "plan_version": PLAN,
                "target_id": "growth",
                "indicator_code": "GRDP_GROWTH",
                "target_type": "average_growth",
            },
            {"plan_version": PLAN, "target_id": "bridge", "indicator_code": None, "target_type": "milestone"},
        ],
        "fct_milestone": [{"plan_version": PLAN, "target_id": "bridge", "state": "not_due"}],
        "fct_observation": [
            observation,
            {
                **observation,
                "observation_key": "o2",
                "period_id": "2023",
                "value": None,
                "missing_code": "dots",
            },
            {
                **observation,
                "observation_key": "o3",
                "period_id": "2025",
                "source_id": "ppw_derived",
                "snapshot_sha256": None,
                "cell_ref": None,
                "derivation_id": "d",
            },
        ],
        "fct_observation_component": [
            {"observation_key": "o3", "position": "1", "component_observation_key": "o1"}
        ],
        "fct_actual": [
            {**FACT, "source_id": "nso", "observation_key": "o1", "value": Decimal("0.75")},
            {
                **FACT,
                "period_id": "2025",
                "source_id": "ppw_derived",
                "observation_key": "o3",
                "value": Decimal("0.75"),
            },
        ],
        "fct_assessment": [
            {
                "assessment_key": "a1",
                "plan_version": PLAN,
                "target_id": "growth",
                "indicator_code": "GRDP_GROWTH",
            }
        ],
        "fct_assessment_input": [{"assessment_key": "a1", "role": "point", "observation_key": "o1"}],
    }


def frame(table: str, rows: list[dict[str, Any]]) -> pl.DataFrame:
    types = dict.fromkeys(RELEASE_TABLES[table], pl.String) | COLUMNS.get(table, {})
    return pl.DataFrame(rows, schema=types, orient="row")


Candidate = Callable[..., Path]


@pytest.fixture
def candidate(settings: Settings) -> Candidate:
    """A sealed candidate of small tables; broken rows replace a table after sealing."""

    def make(broken: Rows | None = None) -> Path:
        directory = new_candidate(settings)
        rows = whole()
        for table in RELEASE_TABLES:
            if table != RELEASE_CHANGE_TABLE:
                frame(table, rows.get(table, [])).write_parquet(table_path(directory, table))
        seal_candidate(
            settings,
            directory,
            cut_off=date(2026, 11, 20),
            created_at=datetime(2026, 11, 22, tzinfo=UTC),
            inputs_hash="0" * 64,
            plan_versions=[PLAN],
            rule_set_version="1",
            method_version="1",
            code_version="1",
            input_snapshots=[
                InputSnapshot(
                    source_id="nso", route="recorded", document="d", snapshot_sha256=SNAPSHOT,
                    vintage_at=datetime(2026, 11, 20),
                )
            ],
        )  # fmt: skip
        for table, changed in (broken or {}).items():
            frame(table, changed).write_parquet(table_path(directory, table))
        return directory

    return make


def changed(table: str, place: int, **changes: Any) -> Rows:
    """A table of the whole candidate with one row changed."""
    rows = whole()[table]
    rows[place] = rows[place] | changes
    return {table: rows}


BROKEN: dict[str, tuple[Rows, str]] = {
    "a target without assessment": (
        {"fct_assessment": [], "fct_assessment_input": []},
        "release_target_assessed_once",
    ),
    "a milestone without state": ({"fct_milestone": []}, "release_target_assessed_once"),
    "a target assessed twice": (
        {
            "fct_assessment": [
                *whole()["fct_assessment"],
                {**whole()["fct_assessment"][0], "assessment_key": "a2"},
            ]
        },
        "release_target_assessed_once",
    ),
    "an assessment of no target": (
        {
            "fct_assessment": [
                *whole()["fct_assessment"],
                {"assessment_key": "a2", "plan_version": PLAN, "target_id": "x"},
            ]
        },
        "release_assessment_has_target",
    ),
    "an actual of no observation": (changed("fct_actual", 0, observation_key="o9"), "release_actual_traced"),
    "an observation without snapshot": (
        changed("fct_observation", 0, snapshot_sha256=None),
        "release_actual_traced",
    ),
    "an observation without cell": (changed("fct_observation", 0, cell_ref=""), "release_actual_traced"),
    "an actual worked out from nothing": ({"fct_observation_component": []}, "release_actual_traced"),
    "an actual worked out from what is not there": (
        changed("fct_observation_component", 0, component_observation_key="o9"),
        "release_actual_traced",
    ),
    "an actual that is held": (changed("fct_observation", 0, held=True), "release_actual_not_held"),
    "an actual of another value": (
        changed("fct_actual", 0, value=Decimal("7.5")),
        "release_actual_is_its_observation",
    ),
    "an observation of nothing": (
        changed("fct_observation", 1, missing_code=None),
        "release_observation_value",
    ),
    "an observation with value and code": (
        changed("fct_observation", 0, missing_code="dash"),
        "release_observation_value",
    ),
    "an input of no observation": (
        changed("fct_assessment_input", 0, observation_key="o9"),
        "release_inputs_resolve",
    ),
    "an input of no assessment": (
        changed("fct_assessment_input", 0, assessment_key="a9"),
        "release_inputs_resolve",
    ),
    "a key twice": ({"fct_actual": whole()["fct_actual"] * 2}, "release_keys_unique"),
    "an empty key": (changed("fct_actual", 0, breakdown=None), "release_keys_filled"),
    "no actual": ({"fct_actual": []}, "release_has_actuals"),
    "no target": (
        {"fct_target": [], "fct_assessment": [], "fct_assessment_input": [], "fct_milestone": []},
        "release_has_targets",
    ),
}


def test_nothing_stands_against_a_whole_candidate(candidate: Candidate) -> None:
    assert release_checks.run(candidate()) == []


def test_every_release_rule_has_a_case_that_breaks_it(rule_set: RuleSet) -> None:
    tried = {rule_id for _, rule_id in BROKEN.values()} | {"release_tables_complete"}
    assert tried == {rule.rule_id for rule in rule_set.suite("release").rules}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_fault_blocks(candidate: Candidate, fault: str) -> None:
    broken, rule_id = BROKEN[fault]
    failures = {failure.rule_id: failure for failure in release_checks.run(candidate(broken))}
    assert failures[rule_id].outcome == "failed"
    assert {failure.outcome for failure in failures.values()} == {"failed"}
    assert rule_id in str(failures[rule_id])
    for message in (*failures[rule_id].messages_vi, *failures[rule_id].messages_en):
        assert "{" not in message


def test_a_missing_table_blocks_as_missing_and_leaves_its_questions_open(candidate: Candidate) -> None:
    directory = candidate()
    table_path(directory, "fct_assessment_input").unlink()
    outcomes = {failure.rule_id: failure.outcome for failure in release_checks.run(directory)}
    assert outcomes == {"release_tables_complete": "failed", "release_inputs_resolve": "not_checked"}


def test_a_table_the_manifest_does_not_list_blocks(candidate: Candidate) -> None:
    directory = candidate()
    manifest = json.loads((directory / MANIFEST_NAME).read_text())
    del manifest["files"]["dim_unit.parquet"]
    (directory / MANIFEST_NAME).write_text(json.dumps(manifest))
    failures = release_checks.run(directory)
    assert [failure.rule_id for failure in failures] == ["release_tables_complete"]
    assert "dim_unit" in str(failures[0])


def test_a_candidate_without_manifest_or_with_a_damaged_table_is_blocked_as_not_checked(
    candidate: Candidate,
) -> None:
    unsealed = candidate()
    (unsealed / MANIFEST_NAME).unlink()
    assert {f.rule_id: f.outcome for f in release_checks.run(unsealed)} == {
        "release_tables_complete": "not_checked"
    }
    damaged = candidate()
    table_path(damaged, "dim_unit").write_bytes(b"PAR1")
    assert {failure.outcome for failure in release_checks.run(damaged)} == {"not_checked"}


def test_rules_that_cannot_run_block(candidate: Candidate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "great_expectations", None)
    failures = release_checks.run(candidate())
    assert {failure.outcome for failure in failures} == {"not_checked"}
    assert "great_expectations" in failures[0].messages_en[0]


def test_many_broken_rows_are_counted_and_a_few_shown(candidate: Candidate) -> None:
    observation = whole()["fct_observation"][0]
    rows = [{**observation, "observation_key": f"o{place}", "missing_code": "dash"} for place in range(1, 51)]
    failures = {
        failure.rule_id: failure for failure in release_checks.run(candidate({"fct_observation": rows}))
    }
    failure = failures["release_observation_value"]
    assert failure.n_rows == 50
    assert len(failure.messages_vi) == len(failure.messages_en) == 3
    assert "and 47 more" in str(failure)
