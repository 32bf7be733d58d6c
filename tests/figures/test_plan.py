"""The plan tables: the targets of the resolution, read as they are worded."""

import re
from decimal import Decimal
from pathlib import Path

import pytest

from sources.plan_tables import PlanTarget
from tests.figures.shipped import RESOLUTION, plans, seed

# The sentence keeps the fall of poverty "to 2030" and prints no figure; it is that of the sentence before.
WITHOUT_FIGURE = {"POVERTY_REDUCTION_2026_2030"}
GROWTH_UNIT = "percent_per_year"


def targets() -> list[PlanTarget]:
    return [target for _, target in plans().plans[RESOLUTION].targets]


def numbers_in(text: str) -> set[Decimal]:
    """Return the figures of a Vietnamese text: a point parts thousands, a comma the decimals."""
    return {
        Decimal(number.replace(".", "").replace(",", "."))
        for number in re.findall(r"\d+(?:\.\d{3})*(?:,\d+)?", text)
    }


def test_both_plan_documents_read_without_a_problem() -> None:
    assert plans().problems == []
    documents = {version: plan.document for version, plan in plans().plans.items()}
    assert documents[RESOLUTION].targets_transcribed
    assert documents[RESOLUTION].legal_status == "adopted"
    decision = documents["1486-QD-TTG-2023"]
    assert decision.legal_status == "in_force"
    assert not decision.targets_transcribed
    assert plans().plans["1486-QD-TTG-2023"].targets == []


def test_there_are_42_targets_in_the_order_of_the_text() -> None:
    assert len(targets()) == 42
    lines = [target.line for target in targets()]
    assert lines == sorted(lines)


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.target_id)
def test_a_target_names_things_that_exist(target: PlanTarget) -> None:
    indicators = {row["indicator_code"]: row for row in seed("indicator")}
    dimensions = {row["unit"]: row["dimension"].removesuffix("_per_year") for row in seed("unit")}
    indicator = indicators[target.indicator_code]
    assert target.area_id in {row["area_id"] for row in seed("area")}
    assert target.frame_id is None or target.frame_id in {
        row["frame_id"] for row in seed("administrative_frame")
    }
    assert target.unit is not None
    if target.target_type == "average_growth":
        assert target.unit == GROWTH_UNIT
    elif target.target_type == "annual_change" and indicator["form"] != "change":
        assert dimensions[target.unit] == f"{dimensions[indicator['unit']]}_difference"
    else:
        assert dimensions[target.unit] == dimensions[indicator["unit"]]


@pytest.mark.parametrize("target", targets(), ids=lambda target: target.target_id)
def test_the_figure_is_the_one_printed(target: PlanTarget) -> None:
    figures = {value for value in (target.value_low, target.value_high) if value is not None}
    printed = numbers_in(target.printed_text)
    assert (figures <= printed) is (target.target_id not in WITHOUT_FIGURE)


def test_nothing_is_declared_that_the_resolution_does_not_state() -> None:
    for target in targets():
        assert (target.base_period, target.trajectory, target.phasing, target.tolerance) == (None,) * 4
        assert (target.reading_status, target.reading_document) == ("proposed", None)


def test_wording_decides_the_comparator() -> None:
    comparators = {target.target_id: target.comparator for target in targets()}
    assert comparators["GRDP_GROWTH_2021_2030"] == "eq"
    assert comparators["BUDGET_REVENUE_GROWTH_2030"] == "gt"
    assert comparators["TRADE_TURNOVER_GROWTH_2030"] == "approx_gt"
    assert comparators["UNEMPLOYMENT_URBAN_2025"] == "le"
    assert comparators["UNEMPLOYMENT_URBAN_2026_2030"] == "lt"
    assert comparators["FOREST_COVER_2030"] == "hold_approx"
    for target in targets():
        assert (target.comparator in ("between", "approx_between")) is (target.value_high is not None)
        if "trên" in target.printed_text:
            assert target.comparator in ("gt", "approx_gt")
        elif "khoảng" in target.printed_text and target.target_type != "hold":
            assert target.comparator in ("approx", "approx_between")
        if target.printed_text.startswith("Phấn đấu"):
            assert target.aspiration == "true"


def test_the_structure_of_2030_is_whole() -> None:
    parts = [target for target in targets() if target.group_id == "GRDP_STRUCTURE_2030"]
    assert len(parts) == 4
    assert sum(target.value_low or Decimal(0) for target in parts) == 100


def test_counts_of_old_units_name_their_frame() -> None:
    for target in targets():
        old_units = target.unit in ("commune", "district") or target.indicator_code == "COMMUNES_SAFE"
        assert (target.frame_id == "CB-161") is old_units, target.target_id


def test_headline_targets_are_numbered_without_gaps() -> None:
    orders = sorted(target.headline_order or 0 for target in targets() if target.headline == "true")
    assert orders == list(range(1, 13))
    assert all(target.headline_order is None for target in targets() if target.headline == "false")


def test_the_printed_words_stand_on_the_stated_line(shared_data: Path) -> None:
    text = next((shared_data.parent / "plan").glob("*.txt")).read_text(encoding="utf-8")
    lines = [" ".join(line.split()) for line in text.split("\n")]
    for target in targets():
        assert target.printed_text in lines[target.line - 1], target.target_id
    headings = {clause.clause: lines[clause.line_from - 1] for clause in plans().plans[RESOLUTION].clauses}
    assert headings["II.2.b"].startswith("b) Mục tiêu cụ thể")
    assert headings["III.5"].startswith("5. Ngành du lịch")
    assert headings["IV.2.a"].startswith("a) Các khu vực phát triển hệ thống đô thị")
