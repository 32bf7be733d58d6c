"""Templates: what a department owes, the last values, what may be written, and the stamp."""

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from sources.record import SourceRecord
from sources.submission.catalogue import read_indicators
from sources.submission.examine import judge
from sources.submission.filled import read_filled
from sources.submission.in_force import InForce
from sources.submission.layout import COLUMNS, FIGURES, MACHINE_SHEET, MILESTONES, Stamp, read_stamp
from sources.submission.owed import NoDepartment, Owed, departments, find_source, owed
from sources.submission.periods import NotReported, period_name, period_of_indicator, reported_period
from sources.submission.template import Template, department_template
from sources.text.labels import label_key
from sources.text.periods import parse_label
from store.settings import PROJECT_ROOT, Settings
from tests.submission.conftest import RECEIVED_ON
from tests.submission.workbooks import place

PLAN = PROJECT_ROOT / "sources" / "plans" / "07-NQ-HDND-2023"
SEEDS = PROJECT_ROOT / "dbt_project" / "seeds"


def rows(name: str) -> list[dict[str, str]]:
    with (PLAN / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_every_needed_indicator_with_a_department_is_owed_by_one(
    home: Settings, records: dict[str, SourceRecord]
) -> None:
    indicators = read_indicators(SEEDS)
    needed = {row["indicator_code"] for row in rows("targets.csv")}
    needed |= {part.partition("/")[0] for code in needed for part in indicators[code].components}
    custodians = {label_key(route.custodian) for route in departments(records).values()}
    expected = sorted(code for code in needed if label_key(indicators[code].custodian_vi) in custodians)
    everything = [owed(home, records[source_id], "2025") for source_id in departments(records)]
    assert sorted(figure.indicator.code for one in everything for figure in one.figures) == expected
    # What is left is the statistics office's.
    assert {indicators[code].custodian_vi for code in needed - set(expected)} == {"Cơ quan thống kê"}
    milestones = [milestone.target_id for one in everything for milestone in one.milestones]
    assert len(milestones) == len(set(milestones))
    unnamed = {row["target_id"] for row in rows("milestones.csv") if not row["responsible_vi"]}
    assert set(milestones) == unnamed


def test_units_on_templates_are_ones_the_mapping_takes() -> None:
    for indicator in read_indicators(SEEDS).values():
        assert label_key(indicator.unit.symbol_vi) in indicator.unit.alias_keys, indicator.code


def test_a_department_is_found_by_id_short_id_and_name(records: dict[str, SourceRecord]) -> None:
    for name in ("department_health", "health", "Sở Y tế", "sở  y tế", "Department of Health"):
        assert find_source(records, name).source_id == "department_health"
    with pytest.raises(NoDepartment, match="health"):
        find_source(records, "Sở Thời tiết")


def test_only_input_cells_are_unlocked_and_everything_is_protected(template: Template) -> None:
    book = load_workbook(io.BytesIO(template.data))
    assert book.security.lockStructure
    for title in (FIGURES, MILESTONES):
        sheet = book[title]
        inputs = {column.header for column in COLUMNS[title] if column.is_input}
        header = next(row for row in sheet.iter_rows() if row[0].value == "STT")
        columns = {cell.column for cell in header if cell.value in inputs}
        for row in sheet.iter_rows(min_row=header[0].row + 1):
            assert {cell.column for cell in row if not cell.protection.locked} == columns
    assert all(sheet.protection.sheet for sheet in book.worksheets)
    assert book[MACHINE_SHEET].sheet_state == "veryHidden"


def test_values_are_checked_while_they_are_typed(template: Template, owed_2025: Owed) -> None:
    sheet = load_workbook(io.BytesIO(template.data))[FIGURES]
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    forest = rules[place(sheet, "FOREST_COVER", "value").coordinate]
    assert (forest.type, forest.operator, forest.formula1, forest.formula2) == (
        "decimal",
        "between",
        "0",
        "100",
    )
    assert rules[place(sheet, "COMMUNES_NEW_RURAL", "value").coordinate].type == "whole"
    (lists,) = [rule for rule in rules.values() if rule.type == "list"]
    assert lists.formula1 == '"Ước tính,Sơ bộ,Chính thức"'
    first, last = place(sheet, 1, "maturity"), place(sheet, len(owed_2025.figures), "maturity")
    assert str(lists.sqref) == f"{first.coordinate}:{last.coordinate}"


def test_last_value_stands_with_its_year_maturity_and_source(template: Template) -> None:
    sheet = load_workbook(io.BytesIO(template.data))[FIGURES]
    assert place(sheet, "COMMUNES_NEW_RURAL", "last").value == "15"
    assert place(sheet, "COMMUNES_NEW_RURAL", "last_from").value == "Năm 2024, chính thức; Cơ quan thử"
    assert place(sheet, "WATER_RURAL", "last_from").value == "Chưa có số"
    assert place(sheet, "LAND_UNUSED", "period").value == "Ngày 31/12/2025"


def test_stamp_is_there_for_people_and_for_the_program(template: Template, owed_2025: Owed) -> None:
    book = load_workbook(io.BytesIO(template.data))
    stamp = read_stamp(book[MACHINE_SHEET]["A1"].value)
    assert stamp == template.stamp
    assert isinstance(stamp, Stamp)
    assert (stamp.source_id, stamp.period_id, stamp.plan_version, stamp.code_version, stamp.area_id) == (
        "department_agriculture_environment", "2025", "07-NQ-HDND-2023", "code-1", "VN-04",
    )  # fmt: skip
    for title in (FIGURES, MILESTONES):
        assert stamp.template_id in book[title]["A2"].value
        assert stamp.structure_digest[:12] in book[title]["A2"].value


def test_structure_digest_is_of_the_rows_and_not_of_the_values(
    template: Template, owed_2025: Owed, known: InForce
) -> None:
    again = department_template(owed_2025, InForce(), "code-2")
    assert again.stamp.structure_digest == template.stamp.structure_digest


def test_an_untouched_template_reads_whole_and_is_not_accepted_empty(
    template: Template, owed_2025: Owed, known: InForce
) -> None:
    filled = read_filled(template.data)
    assert filled.problems == []
    assert [row.code for row in filled.rows[FIGURES]] == [figure.code for figure in owed_2025.figures]
    judged = judge(filled, owed_2025, known, RECEIVED_ON)
    assert [one.code for one in judged.problems] == ["nothing_filled"]


PERIODS = ["2025", "2025-H1", "2025-H2", "2025-Q1", "2025-Q4", "2025-M06", "2025-YTD09"]


@pytest.mark.parametrize("period_id", [*PERIODS, "SY2025", "D2025-12-31", "2021..2025"])
def test_names_of_periods_are_read_back(period_id: str) -> None:
    label = parse_label(period_name(period_id), "vietnamese")
    assert label is not None
    assert label.period_id == period_id


@pytest.mark.parametrize("period_id", ["SY2025", "D2025-12-31", "2021..2025", "2025-YTDx"])
def test_no_department_reports_on_other_periods(period_id: str) -> None:
    with pytest.raises(NotReported, match="a year"):
        reported_period(period_id)


@pytest.mark.parametrize("period_id", PERIODS)
def test_each_kind_of_indicator_gets_its_period(period_id: str) -> None:
    period = reported_period(period_id)
    assert period.end is not None
    assert period_of_indicator(period, "year") == period_id
    assert period_of_indicator(period, "date") == f"D{period.end}"
    assert period_of_indicator(period, "school_year") == "SY2025"
    assert period.end <= date(2025, 12, 31)
