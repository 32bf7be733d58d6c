"""Plan tables: what a row may say, what the tables say of each other, and that a plan is refused whole."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.adapters import plan as plan_adapter
from sources.cells import ReadingError
from sources.plan.codes import code_problems
from sources.plan.document import PlanDocument, plan_source_id, reference_version
from sources.plan.reading import load_plans, plan_versions, read_plan
from sources.plan.references import lineage_problems
from sources.record import PlanReading
from store.settings import PROJECT_ROOT
from tests.sources.plans import (
    TARGET,
    VERSION,
    Tables,
    csv_bytes,
    document,
    milestone,
    read,
    small_files,
    tables,
    whole_files,
    write,
)

SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


def test_a_good_plan_reads() -> None:
    plan, problems = read_plan(whole_files(), "plan")
    assert problems == []
    assert plan is not None
    (line, target) = plan.targets[0]
    assert (line, str(target.value_low), target.period_start, target.frame_id) == (2, "550", None, None)
    assert [row.target_id for _, row in plan.milestones] == ["MS_ROAD", "MS_TOWN_A"]
    assert plan.annotations[0][1].touched == [("target", "MS_ROAD"), ("clause", "I.2"), ("list", "L_TOWNS")]
    assert plan.document.source_id == plan_source_id(VERSION) == "plan_01_test_2020"


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
        ({"line": "4"}, "line 4 lies outside clause I.1 (2-3)"),
        ({"clause": "I"}, "line 2 lies in clause I.1, a part of clause I"),
        ({"reading_status": "confirmed"}, "needs the document that confirms it"),
        ({"reading_status": "confirmed", "reading_document_number": "1/X"}, "needs the document"),
        ({"reading_document_number": "1/X"}, "a document confirms this reading"),
        ({"target_type": "wish"}, "'wish' is not a known value"),
        ({"target_type": "milestone"}, "'milestone' is not a known value"),
        ({"target_type": "structure"}, "give the parts one group_id"),
        ({"headline": "yes"}, "'yes' is not a known value"),
        ({"headline": "false"}, "headline_order is for headlines"),
        ({"trajectory": "wavy"}, "'wavy' is not a known value"),
        ({"base_period": "năm 2020"}, "write a period such as 2020"),
        ({"phasing": "equal"}, "only a cumulative target has a phasing"),
        ({"target_type": "cumulative", "phasing": "fast"}, "phasing 'fast' is not known"),
        ({"tolerance": "-1"}, "the tolerance is below zero"),
        ({"list_id": "L_NONE"}, "list 'L_NONE' is not in lists.csv"),
        ({"target_id": "MS_SCHOOLS"}, "MS_ begins the name of a milestone"),
    ],
)
def test_a_wrong_target_is_named_by_row(change: dict[str, str], message: str) -> None:
    plan, problems = read_plan(small_files(TARGET | change), "plan")
    assert plan is None
    assert [problem.file for problem in problems] == ["plan/targets.csv"] * len(problems)
    assert any(message in problem.message + problem.mend for problem in problems), problems
    assert all(problem.place.startswith("row 2") for problem in problems)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"target_id": "ROAD"}, "target_id"),
        ({"action": "wish"}, "'wish' is not a known value"),
        ({"domain": "weather"}, "'weather' is not a known value"),
        ({"due_rule": "soon"}, "'soon' is not a known value"),
        ({"period_start": "2031"}, "period_start comes after"),
        ({"line": "3"}, "line 3 lies outside clause I.2 (4-5)"),
        ({"headline": "true", "headline_order": "1"}, "headline_order 1 stands also in targets.csv row 2"),
        ({"target_id": "MS_TOWN_A"}, "target_id 'MS_TOWN_A' stands also in row"),
    ],
)
def test_a_wrong_milestone_is_named_by_row(change: dict[str, str], message: str) -> None:
    made = tables()
    made["milestones.csv"].append(milestone("MS_NEW", "Núi Cao", 4) | change)
    plan, problems = read(made)
    assert plan is None
    assert {problem.file for problem in problems} == {"plan/milestones.csv"}
    assert any(message in f"{problem.place}: {problem.message}" for problem in problems), problems


def change(file: str, **fields: str) -> Callable[[Tables], None]:
    return lambda made: made[file][0].update(fields)


def add(file: str, **fields: str) -> Callable[[Tables], None]:
    return lambda made: made[file].append(made[file][0] | fields)


@pytest.mark.parametrize(
    ("spoil", "file", "message"),
    [
        (change("annotations.csv", subjects="MS_NONE"), "annotations.csv", "there is no target 'MS_NONE'"),
        (change("annotations.csv", subjects="clause:I.9"), "annotations.csv", "there is no clause 'I.9'"),
        (change("annotations.csv", subjects="list:L_NO"), "annotations.csv", "there is no list 'L_NO'"),
        (change("annotations.csv", subjects="MS_ROAD|"), "annotations.csv", "a subject is empty"),
        (change("annotations.csv", subjects="MS_ROAD|MS_ROAD"), "annotations.csv", "named twice"),
        (change("annotations.csv", kind="odd"), "annotations.csv", "'odd' is not a known value"),
        (change("annotations.csv", effect="bad"), "annotations.csv", "'bad' is not a known value"),
        (change("annotations.csv", line="3"), "annotations.csv", "line 3 lies outside clause I.2"),
        (add("annotations.csv"), "annotations.csv", "annotation_id 'AN_ROAD' stands also"),
        (change("lists.csv", clause="I.7"), "lists.csv", "clause 'I.7' is not in clauses.csv"),
        (change("members.csv", list_id="L_NO"), "members.csv", "list 'L_NO' is not in lists.csv"),
        (change("members.csv", target_id="MS_NO"), "members.csv", "no target or milestone 'MS_NO'"),
        (change("members.csv", line="2"), "members.csv", "line 2 lies outside clause I.2"),
        (change("members.csv", position="2"), "members.csv", "'L_TOWNS 2' stands also in row 2"),
        (change("relations.csv", target_id="T_NO"), "relations.csv", "no target or milestone 'T_NO'"),
        (change("relations.csv", annotation_id="AN_NO"), "relations.csv", "annotation 'AN_NO' is not in"),
        (change("relations.csv", to_target_id=""), "relations.csv", "a sum has one whole"),
        (change("relations.csv", kind="interim_of"), "relations.csv", "is another one in row 2"),
        (change("relations.csv", whole_value="5"), "relations.csv", "whole_value and whole_unit go together"),
        (change("relations.csv", target_id="T_SCHOOLS_2030"), "relations.csv", "not related to itself"),
        (change("clauses.csv", line_to="9"), "clauses.csv", "line_to 9 is after the last line"),
        (change("clauses.csv", line_to="0"), "clauses.csv", "greater than or equal to 1"),
        (add("clauses.csv"), "clauses.csv", "clause 'I' stands also in row 2"),
    ],
)
def test_tables_are_held_against_each_other(spoil: Callable[[Tables], None], file: str, message: str) -> None:
    made = tables()
    spoil(made)
    plan, problems = read(made)
    assert plan is None
    assert any(f"plan/{file}" == problem.file and message in problem.message for problem in problems), (
        problems
    )
    assert all(problem.mend for problem in problems)


def test_parts_of_a_group_agree() -> None:
    share = {"target_type": "structure", "group_id": "G", "unit": "percent"}
    parts = [
        TARGET
        | share
        | {"target_id": f"S_{value}", "value_low": value, "headline": "false", "headline_order": ""}
        for value in ("40", "60")
    ]
    assert read_plan(small_files(*parts), "plan")[1] == []
    parts[1] |= {"period_end": "2025", "base_period": "2020"}
    (problem,) = read_plan(small_files(*parts), "plan")[1]
    assert "group G has another period_end, base_period in row 2" in problem.message


def test_problems_of_all_files_come_together() -> None:
    files = small_files(TARGET, TARGET, TARGET | {"line": "x"}, kind="eternal")
    plan, problems = read_plan(files, "plan")
    assert plan is None
    assert {problem.file for problem in problems} == {"plan/plan.yml", "plan/targets.csv"}
    assert any("stands also in row 2" in problem.message for problem in problems)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"period_end": 2020}, "period_end comes before period_start"),
        ({"vision_year": 2025}, "vision_year comes before period_end"),
        ({"text_lines": None}, "text_sha256 and text_lines go together"),
        ({"text_sha256": None, "text_lines": None}, "the text it was made from is not named"),
        ({"targets_transcribed": False}, "targets_transcribed is false"),
        ({"period_start": None}, "'period_start' is missing"),
    ],
)
def test_a_wrong_document_says_so(changes: dict[str, object], message: str) -> None:
    plan, problems = read(tables(), **changes)
    assert plan is None
    assert any(message in problem.message for problem in problems), problems


def test_a_named_text_has_a_ledger() -> None:
    made = tables()
    del made["ledger.csv"]
    (problem,) = read(made)[1]
    assert "the text that was read is named and ledger.csv has no row" in problem.message


def test_a_document_without_targets_says_so() -> None:
    (file,) = [data for name, data in small_files(targets_transcribed=False).items() if name == "plan.yml"]
    assert read_plan({"plan.yml": file}, "plan")[1] == []
    _, problems = read_plan(small_files(targets_transcribed=False), "plan")
    assert "targets_transcribed is false" in problems[0].message


def test_a_directory_carries_the_name_of_the_plan_and_nothing_else(tmp_path: Path) -> None:
    for name in (VERSION, "02-OTHER-2020", "03-OTHER-2020"):
        write(tmp_path / name, small_files())
    write(tmp_path / "03-OTHER-2020", {"plan.yml": small_files(plan_version="03-OTHER-2020")["plan.yml"]})
    (tmp_path / "03-OTHER-2020" / "target.csv").write_bytes(b"")
    loaded = load_plans(tmp_path)
    assert plan_versions(tmp_path) == [VERSION, "02-OTHER-2020", "03-OTHER-2020"]
    assert list(loaded.plans) == [VERSION]
    files = [problem.file for problem in loaded.problems]
    assert files == ["02-OTHER-2020/plan.yml", "03-OTHER-2020/target.csv"]
    assert "call it targets.csv" in loaded.problems[1].mend


def test_the_reference_is_the_document_adopted_last() -> None:
    def made(version: str, **changes: object) -> PlanDocument:
        known = {"adopted_on": None, "vintage_at": None, "plan_version": version}
        return PlanDocument.model_validate(document(**(known | changes)))

    from datetime import date

    documents = [
        made("A", adopted_on=date(2020, 1, 1)),
        made("B", adopted_on=date(2023, 1, 1)),
        made("C", adopted_on=date(2024, 1, 1), targets_transcribed=False),
        made("D", adopted_on=date(2024, 1, 1), legal_status="draft"),
        made("E", adopted_on=date(2024, 1, 1), kind="annual"),
        made("F", adopted_on=date(2019, 1, 1), area_id="VN-01"),
        made("G"),
    ]
    assert reference_version(documents, "VN-04") == "B"
    assert reference_version(documents, "VN-01") == "F"
    assert reference_version(documents, "VN-02") is None


def test_codes_are_those_of_the_seeds() -> None:
    plan, _ = read(tables())
    assert plan is not None
    assert code_problems(plan, SEEDS) == []
    made = tables()
    made["targets.csv"][0] |= {"indicator_code": "NO_SUCH", "area_id": "VN-99", "frame_id": "CB-0"}
    made["targets.csv"][1] |= {"unit": "percent"}
    made["targets.csv"][2] |= {"unit": "furlong"}
    made["relations.csv"] = []
    spoiled, _ = read(made)
    assert spoiled is not None
    said = [problem.message for problem in code_problems(spoiled, SEEDS)]
    for part in ("'NO_SUCH' is not in indicator.csv", "'VN-99' is not in area.csv", "'furlong' is not in unit.csv",
                 "'CB-0' is not in administrative_frame.csv", "unit percent (ratio) does not go with"):  # fmt: skip
        assert any(part in message for message in said), part


def test_a_plan_follows_one_that_is_there() -> None:
    made = tables()
    made["relations.csv"].append(
        {"relation_id": "R_OLD", "kind": "successor_of", "target_id": "T_AREA_2030", "to_target_id": "T_OLD"}
    )
    plan, problems = read(made, supersedes="00-OLD")
    assert plan is not None, problems
    said = [problem.message for problem in lineage_problems(plan, {VERSION: plan})]
    assert said == ["there is no plan '00-OLD'", "no plan has a target or milestone 'T_OLD'"]
    old, _ = read_plan(small_files(TARGET | {"target_id": "T_OLD"}, plan_version="00-OLD"), "old")
    assert old is not None
    assert lineage_problems(plan, {VERSION: plan, "00-OLD": old}) == []


def test_the_adapter_gives_a_cell_for_each_printed_bound() -> None:
    interval = TARGET | {"target_id": "T2", "comparator": "between", "value_high": "600"}
    data = csv_bytes("targets.csv", [TARGET, interval])
    cells = plan_adapter.read(data, PlanReading(adapter="plan")).cells
    assert [(cell.cell_ref, cell.value.decimal_text) for cell in cells] == [
        ("row 2 value_low", "550"),
        ("row 3 value_low", "550"),
        ("row 3 value_high", "600"),
    ]
    assert cells[0].value.text == "có 550 trường"


def test_the_adapter_gives_a_cell_for_each_milestone() -> None:
    data = whole_files()["milestones.csv"]
    cells = plan_adapter.read(data, PlanReading(adapter="plan", table="milestones")).cells
    assert [(cell.cell_ref, cell.value.text, cell.value.decimal) for cell in cells] == [
        ("row 2", "đường 205", None),
        ("row 3", "Sông Trên", None),
    ]


@pytest.mark.parametrize("table", ["targets", "milestones"])
def test_the_adapter_refuses_a_table_with_a_wrong_row(table: str) -> None:
    made = tables()
    made[f"{table}.csv"][0]["line"] = "0"
    data = csv_bytes(f"{table}.csv", made[f"{table}.csv"])
    with pytest.raises(ReadingError, match="row 2, line"):
        plan_adapter.read(data, PlanReading.model_validate({"adapter": "plan", "table": table}))
