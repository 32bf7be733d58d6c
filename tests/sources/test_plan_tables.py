"""Plan tables: what a target row may say, and that a plan with a problem is refused whole."""

import csv
import io
from pathlib import Path

import pytest

from sources.adapters import plan as plan_adapter
from sources.cells import ReadingError
from sources.plan_tables import (
    CLAUSE_COLUMNS,
    TARGET_COLUMNS,
    load_plans,
    plan_source_id,
    plan_versions,
    read_plan,
)
from sources.record import PlanReading

DOCUMENT = """\
plan_version: 01-TEST-2020
kind: long_term
legal_status: adopted
targets_transcribed: true
number: 01/TEST
title_vi: Văn bản thử
title_en: A document for tests
issuer_vi: Cơ quan thử
issuer_en: An office for tests
adopted_on: 2020-01-01
vintage_at: 2026-01-02
"""
TARGET = {
    "target_id": "T1",
    "indicator_code": "POPULATION_AVERAGE",
    "name_vi": "Dân số",
    "name_en": "Population",
    "area_id": "VN-04",
    "target_type": "level",
    "comparator": "ge",
    "value_low": "550",
    "unit": "thousand_person",
    "period_end": "2030",
    "horizon_inferred": "false",
    "clause": "I.1",
    "line": "12",
    "printed_text": "đạt 550 nghìn người",
    "aspiration": "false",
    "direction": "increase",
    "headline": "true",
    "reading_status": "proposed",
}


def table(columns: tuple[str, ...], *rows: dict[str, str]) -> bytes:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue().encode()


def files(*targets: dict[str, str], document: str = DOCUMENT) -> dict[str, bytes]:
    clause = {
        "clause": "I.1",
        "heading_vi": "Mục",
        "heading_en": "Clause",
        "line_from": "10",
        "line_to": "20",
    }
    return {
        "plan.yml": document.encode(),
        "clauses.csv": table(CLAUSE_COLUMNS, clause),
        "targets.csv": table(TARGET_COLUMNS, *(targets or (TARGET,))),
    }


def test_a_good_plan_reads() -> None:
    plan, problems = read_plan(files(), "plan")
    assert problems == []
    assert plan is not None
    (line, target) = plan.targets[0]
    assert (line, str(target.value_low), target.period_start, target.frame_id) == (2, "550", None, None)
    assert plan.document.source_id == plan_source_id("01-TEST-2020") == "plan_01_test_2020"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"value_low": "550,5"}, "'550,5' is not a number"),
        ({"value_low": ""}, "no figure"),
        ({"value_high": "600"}, "takes one figure"),
        ({"comparator": "between"}, "needs value_low and value_high"),
        ({"comparator": "between", "value_high": "500"}, "below value_low"),
        ({"period_start": "2031"}, "period_start comes after"),
        ({"clause": "II.9"}, "clause 'II.9' is not in clauses.csv"),
        ({"line": "21"}, "line 21 lies outside clause I.1 (10-20)"),
        ({"reading_status": "confirmed"}, "needs the document that confirms it"),
        ({"target_type": "wish"}, "'wish' is not a known value"),
        ({"headline": "yes"}, "'yes' is not a known value"),
    ],
)
def test_a_wrong_target_is_named_by_row(change: dict[str, str], message: str) -> None:
    plan, problems = read_plan(files(TARGET | change), "plan")
    assert plan is None
    assert [problem.file for problem in problems] == ["plan/targets.csv"] * len(problems)
    assert any(message in problem.message and problem.place.startswith("row 2") for problem in problems), (
        problems
    )


def test_problems_of_all_files_come_together() -> None:
    document = DOCUMENT.replace("kind: long_term", "kind: eternal")
    plan, problems = read_plan(files(TARGET, TARGET, TARGET | {"line": "x"}, document=document), "plan")
    assert plan is None
    assert {problem.file for problem in problems} == {"plan/plan.yml", "plan/targets.csv"}
    assert any("stands also in row 2" in problem.message for problem in problems)


def test_a_document_without_targets_says_so() -> None:
    document = DOCUMENT.replace("targets_transcribed: true", "targets_transcribed: false")
    assert read_plan({"plan.yml": document.encode()}, "plan")[1] == []
    _, problems = read_plan(files(document=document), "plan")
    assert "targets_transcribed is false" in problems[0].message


def test_the_directory_carries_the_name_of_the_plan(tmp_path: Path) -> None:
    for name in ("01-TEST-2020", "02-OTHER-2020"):
        (tmp_path / name).mkdir()
        for file, data in files().items():
            (tmp_path / name / file).write_bytes(data)
    loaded = load_plans(tmp_path)
    assert plan_versions(tmp_path) == ["01-TEST-2020", "02-OTHER-2020"]
    assert list(loaded.plans) == ["01-TEST-2020"]
    assert [problem.file for problem in loaded.problems] == ["02-OTHER-2020/plan.yml"]


def test_the_adapter_gives_a_cell_for_each_printed_bound() -> None:
    interval = TARGET | {"target_id": "T2", "comparator": "between", "value_high": "600"}
    cells = plan_adapter.read(files(TARGET, interval)["targets.csv"], PlanReading(adapter="plan")).cells
    assert [(cell.cell_ref, cell.value.decimal_text) for cell in cells] == [
        ("row 2 value_low", "550"),
        ("row 3 value_low", "550"),
        ("row 3 value_high", "600"),
    ]
    assert cells[0].value.text == "đạt 550 nghìn người"


def test_the_adapter_refuses_a_table_with_a_wrong_row() -> None:
    data = files(TARGET | {"line": "0"})["targets.csv"]
    with pytest.raises(ReadingError, match="row 2, line"):
        plan_adapter.read(data, PlanReading(adapter="plan"))
