"""The dbt project end to end on small inputs: from cells to the tables of a release."""

import shutil
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from store.release_tables import MADE_FROM_MARTS, RELEASE_TABLES
from tests.dbt.inputs import (
    Inputs,
    add_document,
    add_milestone,
    add_milestone_report,
    add_source,
    add_target,
    empty_inputs,
    write,
    write_table,
)
from tests.dbt.project import ACCEPT, build, build_all, rows

pytestmark = pytest.mark.integration

RECORDED = datetime(2026, 11, 20)
GROWTH = {"indicator": "GRDP_GROWTH", "unit": "percent", "form": "growth_rate", "aliases": ["%"]}
AVERAGE = {
    "indicator": "GRDP_GROWTH",
    "label": "average",
    "unit": "percent",
    "form": "average_growth",
    "aliases": ["%"],
}
BUDGET = {"indicator": "BUDGET_REVENUE", "unit": "billion_vnd", "aliases": ["tỷ đồng"]}
POPULATION = {
    "indicator": "POPULATION_AVERAGE",
    "unit": "thousand_person",
    "factor": 0.001,
    "checks_unit_text": False,
}
VISITS = {"indicator": "TOURISM_VISITS", "unit": "thousand_visit", "aliases": ["nghìn lượt"]}


def growth(period: str, value: str, **more: Any) -> dict[str, Any]:
    return {"indicator": "GRDP_GROWTH", "period": period, "value": value, "unit": "%", **more}


def budget(period: str, value: str, **more: Any) -> dict[str, Any]:
    return {"indicator": "BUDGET_REVENUE", "period": period, "value": value, "unit": "tỷ đồng", **more}


def province() -> Inputs:
    """What a release must get right: a broken chain, a published average, ranks, issues, duplicates."""
    inputs = empty_inputs(date(2026, 11, 22))
    add_source(inputs, "office", 90, [GROWTH, POPULATION])
    add_source(inputs, "press", 40, [GROWTH, AVERAGE, BUDGET, VISITS])
    add_document(
        inputs,
        "office",
        "issue_2025",
        RECORDED,
        [
            growth("2024", "6.74", maturity="preliminary"),
            growth("2023", "3.1"),
            {"indicator": "POPULATION_AVERAGE", "period": "2024", "value": "558461"},
            {"indicator": "NOT_MAPPED", "period": "2024", "value": "1"},
            growth("2024", "7", area="Hà Nội"),
            {**growth("2025", "7.22"), "unit": "điểm"},
        ],
        published_at=date(2025, 7, 23),
    )
    # An older issue that was found later: history, no new actual.
    found_later = datetime(2026, 11, 21)
    add_document(
        inputs,
        "office",
        "issue_2024",
        found_later,
        [growth("2023", "2.9")],
        published_at=date(2024, 6, 1),
    )
    add_document(
        inputs,
        "press",
        "page",
        RECORDED,
        [
            growth("2022", "5.04"),
            growth("2024", "6.0", published="2026-01-05"),
            growth("2025", "7.22"),
            {"indicator": "average", "period": "2021..2025", "value": "4.46", "unit": "%"},
            budget("2023", "2009.8", published="2023-12-10"),
            budget("2023", "2086", published="2024-12-10"),
            budget("2024", "2458"),
            budget("2024", "2524"),
            {"indicator": "TOURISM_VISITS", "period": "2025", "value": "4500", "unit": "nghìn lượt"},
        ],
    )
    add_target(
        inputs,
        "GRDP",
        "GRDP_GROWTH",
        "average_growth",
        comparator="eq",
        value_low="9.72",
        unit="percent_per_year",
        period_start=2021,
        direction="increase",
    )
    add_target(
        inputs,
        "VISITS",
        "TOURISM_VISITS",
        "interval",
        comparator="approx_between",
        value_low="4",
        value_high="5",
        unit="million_visit",
        direction="increase",
        range_kind="ambition",
    )
    add_target(
        inputs,
        "VISITS_2050",
        "TOURISM_VISITS",
        "interval",
        comparator="approx_between",
        value_low="11",
        value_high="13",
        unit="million_visit",
        direction="increase",
        period_end=2050,
    )
    add_target(
        inputs,
        "BUDGET",
        "BUDGET_REVENUE",
        "average_growth",
        comparator="gt",
        value_low="12",
        unit="percent_per_year",
        period_start=2021,
        direction="increase",
    )
    add_target(
        inputs,
        "COMMUNES",
        "COMMUNES_NEW_RURAL",
        "count",
        comparator="eq",
        value_low="75",
        unit="commune",
        period_end=2025,
        direction="increase",
        frame_id="CB-161",
    )
    add_milestone(inputs, "BRIDGE", 2025)
    add_milestone(inputs, "ROAD", 2025)
    add_milestone_report(
        inputs,
        "ROAD",
        "in_progress",
        date(2026, 6, 30),
        issuer_vi="Sở Xây dựng",
        document_number="12/BC-SXD",
        document_date=date(2026, 7, 3),
    )
    return inputs


Table = Callable[[str], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("province")
    write(province(), directory)
    build_all(directory, threads=1)
    return directory


@pytest.fixture(scope="module")
def table(built: Path) -> Table:
    return lambda query: rows(built, query)


def test_a_cell_becomes_an_observation_with_its_citation(table: Table) -> None:
    (population,) = table("select * from marts.fct_observation where indicator_code = 'POPULATION_AVERAGE'")
    assert population["value"] == Decimal("558.461")
    assert (population["value_text"], population["value_decimals"]) == ("558461", 3)
    assert population["cell_ref"] == "row 4"
    assert population["citation_publisher"] == "Cơ quan office"
    assert (population["maturity"], population["review_state"], population["held"]) == (
        "not_stated",
        "not_reviewed",
        False,
    )


def test_every_cell_that_no_mapping_claims_is_listed_with_its_reason(table: Table) -> None:
    unclaimed = table(
        "select cell_ref, source_id, reason from marts.fct_cell_unclaimed order by source_id, cell_ref"
    )
    assert [(row["source_id"], row["cell_ref"], row["reason"]) for row in unclaimed] == [
        ("office", "row 5", "NO_SERIES"),
        ("office", "row 6", "NO_AREA"),
        ("office", "row 7", "UNIT_MISMATCH"),
        ("press", "row 8", "DUPLICATE"),
        ("press", "row 9", "DUPLICATE"),
    ]


def test_the_higher_rank_gives_the_actual_and_the_latest_issue_within_a_source(table: Table) -> None:
    actuals = {
        (row["indicator_code"], row["period_id"]): row
        for row in table("select * from marts.fct_actual where form <> 'average_growth'")
    }
    growth_2024 = actuals["GRDP_GROWTH", "2024"]
    assert (growth_2024["value"], growth_2024["source_id"], growth_2024["maturity"]) == (
        Decimal("6.74"),
        "office",
        "preliminary",
    )
    assert (growth_2024["n_other_sources"], growth_2024["conflict"]) == (1, True)
    assert actuals["GRDP_GROWTH", "2023"]["value"] == Decimal("3.1")
    assert actuals["GRDP_GROWTH", "2023"]["n_vintages"] == 2
    assert actuals["BUDGET_REVENUE", "2023"]["value"] == 2086
    assert ("BUDGET_REVENUE", "2024") not in actuals


def test_growth_with_a_year_missing_is_shown_but_not_graded(table: Table) -> None:
    (target,) = table("select * from marts.fct_assessment where target_id = 'GRDP'")
    assert (target["level_state"], target["reason_code"]) == ("not_assessed", "INCOMPLETE_SUM")
    assert (target["pace_state"], target["pace_reason_code"]) == ("not_assessed", "INCOMPLETE_SUM")
    assert (target["periods_present"], target["periods_missing"]) == ("2022,2023,2024,2025", "2021")
    assert target["average_to_date"] == pytest.approx(100 * ((1.0504 * 1.031 * 1.0674 * 1.0722) ** 0.25 - 1))
    assert target["required_growth"] is None
    assert target["published_average"] == Decimal("4.46")
    assert target["published_average_source_id"] == "press"
    assert round(target["required_growth_from_published"], 2) == 15.24
    assert (target["confidence"], target["bucket"]) == ("D", "not_assessed")


def test_other_targets_say_what_they_can(table: Table) -> None:
    targets = {row["target_id"]: row for row in table("select * from marts.fct_assessment")}
    visits = targets["VISITS"]
    assert (visits["level_state"], visits["actual_value"], visits["actual_value_text"]) == (
        "in_band",
        Decimal("4.5"),
        "4.5",
    )
    assert (visits["pace_reason_code"], visits["bucket"], visits["confidence"]) == ("NO_BASE", "reached", "C")
    assert targets["VISITS_2050"]["reason_code"] == "NOT_DUE"
    assert targets["BUDGET"]["reason_code"] == "NO_BASE"
    assert targets["BUDGET"]["latest_known_value"] == 2086
    assert targets["COMMUNES"]["reason_code"] == "SUPERSEDED_BASIS"
    assert "BRIDGE" not in targets


def test_milestones_have_a_state_and_no_invented_evidence(table: Table) -> None:
    assert table("select target_id, due_date, state, evidence from marts.fct_milestone order by 1") == [
        {"target_id": "BRIDGE", "due_date": date(2025, 12, 31), "state": "no_report", "evidence": None},
        {
            "target_id": "ROAD",
            "due_date": date(2025, 12, 31),
            "state": "overdue",
            "evidence": "Sở Xây dựng, 12/BC-SXD, 03/07/2026",
        },
    ]
    (road,) = table(
        "select indicator_code, domain, is_reference from marts.fct_target where target_id = 'ROAD'"
    )
    assert road == {"indicator_code": None, "domain": "infrastructure", "is_reference": True}


def test_every_input_of_an_assessment_is_an_observation(table: Table) -> None:
    inputs = table(
        "select t.target_id, i.role, o.period_id from marts.fct_assessment_input i "
        "join marts.fct_observation o using (observation_key) "
        "join marts.fct_assessment t using (assessment_key) "
        "where t.target_id = 'GRDP' order by i.role, o.period_id"
    )
    assert [(row["role"], row["period_id"]) for row in inputs] == [
        ("actual", "2025"),
        ("latest_known", "2025"),
        ("point", "2022"),
        ("point", "2023"),
        ("point", "2024"),
        ("point", "2025"),
        ("published_average", "2021..2025"),
    ]
    orphans = table(
        "select * from marts.fct_assessment_input anti join marts.fct_observation using (observation_key)"
    )
    assert orphans == []


def test_a_held_value_gives_way_to_the_last_accepted_or_withholds_the_period(
    built: Path, tmp_path: Path
) -> None:
    # What was observed is the same; the checks find something else, and what comes after them is built again.
    tables_dir = write(province(), tmp_path)
    shutil.copy(built / "warehouse.duckdb", tmp_path)
    keys = {
        (row["source_id"], row["period_id"], row["value"]): row["observation_key"]
        for row in rows(
            tmp_path, "select * from observe.obs_observation where indicator_code = 'GRDP_GROWTH'"
        )
    }
    held = [keys["office", "2023", Decimal("3.1")], keys["press", "2022", Decimal("5.04")]]
    found = [
        {
            "finding_id": f"f{number}",
            "finding_key": f"k{number}",
            "rule_id": "scale",
            "rule_version": 1,
            "suite": "scale",
            "severity": "error",
            "outcome": "failed",
            "observation_key": key,
        }
        for number, key in enumerate(held)
    ]
    # What could not be checked, or only warns, holds nothing.
    for number, (severity, outcome) in enumerate([("warning", "failed"), ("error", "not_checked")]):
        found.append(
            found[0]
            | {
                "finding_id": f"w{number}",
                "severity": severity,
                "outcome": outcome,
                "observation_key": keys["press", "2025", Decimal("7.22")],
            }
        )
    write_table(tables_dir, "check_result", found)
    build(tmp_path, *ACCEPT)

    actuals = rows(
        tmp_path, "select period_id, value from marts.fct_actual where form = 'growth_rate' order by 1"
    )
    assert [(row["period_id"], row["value"]) for row in actuals] == [
        ("2023", Decimal("2.9")),
        ("2024", Decimal("6.74")),
        ("2025", Decimal("7.22")),
    ]
    reasons = rows(tmp_path, "select held_reason from marts.fct_observation where held")
    assert [row["held_reason"] for row in reasons] == ["scale", "scale"]
    assert len(rows(tmp_path, "select * from marts.fct_finding")) == 4
    (target,) = rows(tmp_path, "select * from marts.fct_assessment where target_id = 'GRDP'")
    assert target["periods_present"] == "2023,2024,2025"
    assert target["periods_missing"] == "2021,2022"


def test_no_figures_at_all_still_make_a_whole_release(empty_warehouse: Path) -> None:
    (target,) = rows(empty_warehouse, "select * from marts.fct_assessment")
    assert (target["reason_code"], target["pace_reason_code"]) == ("NO_DATA", "NO_DATA")
    assert (target["bucket"], target["confidence"]) == ("not_assessed", "D")


def test_one_thread_and_four_give_the_same_tables(built: Path, tmp_path: Path) -> None:
    write(province(), tmp_path)
    build_all(tmp_path, threads=4)
    names = [
        row["name"]
        for row in rows(built, "select table_name as name from duckdb_tables() where schema_name = 'marts'")
    ]
    assert set(names) == set(RELEASE_TABLES) - MADE_FROM_MARTS
    for name in names:
        query = f"select * from marts.{name} order by all"
        assert rows(built, query) == rows(tmp_path, query), name
