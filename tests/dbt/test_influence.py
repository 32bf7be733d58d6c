"""What an undecided finding would change is what a build says once it is decided so."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from orchestration.influence import write_influence
from orchestration.shipped_sql import write_sql
from tests.dbt.inputs import add_document, add_source, add_target, empty_inputs, write, write_table
from tests.dbt.project import ACCEPT, PROJECT_DIR, build, build_all, compiled_models, rows

pytestmark = pytest.mark.integration

POVERTY = {"indicator": "POVERTY_RATE", "unit": "percent", "form": "ratio", "aliases": ["%"]}
FOREST = {"indicator": "FOREST_COVER", "unit": "percent", "form": "ratio", "aliases": ["%"]}


def figure(indicator: str, period: str, value: str) -> dict[str, Any]:
    return {"indicator": indicator, "period": period, "value": value, "unit": "%"}


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three targets; of one the latest figure is held, of another a figure in force is doubted, the third is sound."""
    directory = tmp_path_factory.mktemp("influence")
    inputs = empty_inputs(date(2026, 11, 22))
    add_source(inputs, "office", 90, [POVERTY, FOREST])
    figures = [
        figure("POVERTY_RATE", str(year), value) for year, value in ((2023, "20"), (2024, "9"), (2025, "4"))
    ]
    figures += [figure("FOREST_COVER", str(year), value) for year, value in ((2024, "55"), (2025, "61"))]
    add_document(inputs, "office", "issue", datetime(2026, 11, 20), figures)
    add_target(
        inputs,
        "POOR",
        "POVERTY_RATE",
        "ceiling",
        comparator="le",
        value_low="5",
        unit="percent",
        headline=True,
    )
    add_target(inputs, "FOREST", "FOREST_COVER", "floor", comparator="ge", value_low="60", unit="percent")
    write(inputs, directory)
    build_all(directory)
    keys = {
        (row["indicator_code"], row["period_id"]): row["observation_key"]
        for row in rows(
            directory, "select indicator_code, period_id, observation_key from observe.obs_observation"
        )
    }
    found = [
        ("held", "error", keys["POVERTY_RATE", "2025"]),
        ("doubted", "warning", keys["FOREST_COVER", "2025"]),
        ("told", "information", keys["FOREST_COVER", "2024"]),
    ]
    write_table(
        directory / "inputs",
        "check_result",
        [
            {"finding_id": name, "finding_key": name, "rule_id": "rule", "rule_version": 1, "suite": "s",
             "severity": severity, "outcome": "failed", "observation_key": key}
            for name, severity, key in found
        ],
    )  # fmt: skip
    build(directory, *ACCEPT)
    return directory


@pytest.fixture(scope="module")
def influence(warehouse: Path, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    candidate = tmp_path_factory.mktemp("candidate")
    with duckdb.connect(str(warehouse / "warehouse.duckdb"), read_only=True) as connection:
        write_sql(compiled_models(), PROJECT_DIR / "models", connection, candidate / "sql")
        write_influence(connection, candidate)
    return pl.read_parquet(candidate / "fct_finding_influence.parquet")


def assessed(warehouse: Path) -> dict[str, tuple[str, str, str]]:
    return {
        row["target_id"]: (row["level_state"], row["pace_state"], row["bucket"])
        for row in rows(warehouse, "select * from marts.fct_assessment")
    }


def supposed(influence: pl.DataFrame, finding_id: str, scenario: str) -> dict[str, tuple[str, str, str]]:
    chosen = influence.filter(pl.col("finding_id") == finding_id, pl.col("scenario") == scenario)
    return {
        row["target_id"]: (row["level_state"], row["pace_state"], row["bucket"]) for row in chosen.to_dicts()
    }


def test_only_what_waits_and_feeds_a_target_is_supposed(warehouse: Path, influence: pl.DataFrame) -> None:
    assert set(influence.select("finding_id", "target_id", "is_headline").iter_rows()) == {
        ("held", "POOR", True), ("doubted", "FOREST", False)
    }  # fmt: skip
    now = assessed(warehouse)
    # Held, it is as if it were excluded; in force, as if it were accepted.
    assert supposed(influence, "held", "excluded") == {"POOR": now["POOR"]}
    assert supposed(influence, "doubted", "accepted") == {"FOREST": now["FOREST"]}
    changing = influence.filter("changes_bucket").select("finding_id", "scenario")
    assert set(changing.iter_rows()) == {("held", "accepted"), ("doubted", "excluded")}


@pytest.mark.parametrize(
    ("finding_id", "scenario", "effect"),
    [("held", "accepted", "lets_through"), ("doubted", "excluded", "holds")],
)
def test_what_is_supposed_is_what_comes_of_the_decision(
    warehouse: Path, influence: pl.DataFrame, finding_id: str, scenario: str, effect: str
) -> None:
    decided = {"finding_id": finding_id, "decision": scenario, "effect": effect}
    write_table(warehouse / "inputs", "finding_decision", [decided])
    build(warehouse, *ACCEPT)
    after = assessed(warehouse)
    for target_id, states in supposed(influence, finding_id, scenario).items():
        assert after[target_id] == states
    write_table(warehouse / "inputs", "finding_decision", [])
