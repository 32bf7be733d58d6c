"""What went back although no state says so: figures and gaps of two releases side by side."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.setbacks import but_words, setback, setback_words, setbacks
from reports.statements import change_sentence
from reports.target_facts import Point, TargetFacts
from reports.words import Words

UNITS = {
    "percent": {"dimension": "share", "factor": "1", "symbol_vi": "%", "symbol_en": "%"},
    "percentage_point": {"dimension": "share_change", "factor": "1", "symbol_vi": "điểm %", "symbol_en": "pp"},
    "tonne": {"dimension": "mass", "factor": "1", "symbol_vi": "tấn", "symbol_en": "t"},
}  # fmt: skip


def facts(
    value: str,
    period: str = "2024",
    *,
    unit: str = "percent",
    decimals: int | None = 2,
    gap: str | None = None,
    bucket: str = "behind",
    target_id: str = "SYNTHETIC",
    headline: bool = False,
    is_counted: bool = True,
    distance: str | None = None,
    **target: Any,
) -> TargetFacts:
    """A synthetic target with one figure, and its gap to a path."""
    reads = {"target_type": "level", "direction": "increase", "comparator": "eq", "value_low": "60"}
    row = {"period_id": period, "value": value, "value_decimals": decimals, "unit": unit, "form": "ratio"}
    year = int(period) if period.isdigit() else None
    point = Point({**row, "observation_key": f"{target_id} {period} {value}"}, year)
    state = {"bucket": bucket, "level_state": "not_reached", "pace_state": bucket, "is_counted": is_counted}
    state |= {"assessment_key": target_id, "actual_period_id": period, "unit": "percent", "gap": gap}
    state |= {"path_value": None if gap is None else "50", "structure_distance": distance}
    named = {"plan_version": "P", "target_id": target_id, "name_vi": target_id, "headline": headline}
    return TargetFacts(
        target={**named, "unit": "percent", **reads, **target},
        assessment=state,
        indicator={},
        points=(point,) if year is not None else (),
        other_points=() if year is not None else (point,),
        units=UNITS,
    )


@pytest.mark.parametrize(
    ("was", "now", "reads", "is_worse"),
    [
        (("50", "2023"), ("49", "2024"), {}, True),
        (("50", "2023"), ("51", "2024"), {}, False),
        (("50", "2024"), ("49", "2024"), {}, True),
        (("50", "2024"), ("49", "2023"), {}, False),
        (("50", "2023"), ("51", "2024"), {"direction": "decrease", "comparator": "le"}, True),
        # A year and a part of one, and two quarters, are not set side by side.
        (("50", "2023"), ("49", "2024-H1"), {}, False),
        (("50", "2023-Q3"), ("49", "2024-Q1"), {}, False),
        (("50", "2023-H1"), ("49", "2024-H1"), {}, True),
        # To be kept at 60, or between 55 and 65: farther from it is worse, on either side.
        (("59", "2023"), ("62", "2024"), {"direction": "hold", "tolerance": "0"}, True),
        (("58", "2023"), ("61", "2024"), {"direction": "hold"}, False),
        (("62", "2023"), ("64", "2024"), {"direction": "none", "value_low": "55", "value_high": "65"}, False),
        (("62", "2023"), ("66", "2024"), {"direction": "none", "value_low": "55", "value_high": "65"}, True),
        (("58", "2023"), ("62", "2024"), {"direction": "hold", "tolerance": "3"}, False),
        (("62", "2023"), ("99", "2024"), {"direction": "none", "comparator": "ge"}, False),
        # A part of a structure alone says nothing.
        (("62", "2023"), ("99", "2024"), {"direction": "none", "target_type": "structure"}, False),
    ],
)  # fmt: skip
def test_worse_is_by_the_direction_of_the_target_and_of_comparable_periods(
    was: tuple[str, str], now: tuple[str, str], reads: dict[str, Any], is_worse: bool
) -> None:
    assert (setback(facts(*was, **reads), facts(*now, **reads)) is not None) == is_worse


def test_what_has_another_unit_or_differs_by_rounding_alone_is_not_compared() -> None:
    assert setback(facts("50", "2023"), facts("49", unit="tonne")) is None
    assert setback(facts("50", "2023", unit="tonne"), facts("49", unit="tonne")) is None
    assert setback(facts("42", "2023", decimals=0), facts("41.6", decimals=1)) is None
    assert setback(facts("42", "2023", decimals=1), facts("41.6", decimals=1)) is not None


def test_a_figure_that_is_closed_to_the_reader_is_not_compared() -> None:
    closed = facts("49")
    closed = TargetFacts(closed.target, {}, {}, (), (), UNITS)
    assert setback(facts("50", "2023"), closed) is None
    assert setback(closed, facts("49")) is None


@given(
    st.decimals("-9", "9", places=2),
    st.decimals("-9", "9", places=2),
    st.sampled_from([("increase", -1), ("decrease", 1)]),
)
def test_a_gap_counts_when_what_is_missing_grew(
    first: Decimal, second: Decimal, way: tuple[str, int]
) -> None:
    direction, sign = way
    one = setback(
        facts("50", gap=str(first), direction=direction), facts("50", gap=str(second), direction=direction)
    )
    assert (one is not None) == (max(sign * second, Decimal(0)) > max(sign * first, Decimal(0)))


def test_gaps_to_different_promises_are_not_compared() -> None:
    assert setback(facts("50", "2023", gap="-5"), facts("51", gap="-7", value_low="70")) is None


def test_it_is_told_from_what_to_what_in_both_languages() -> None:
    one = setback(facts("25.469", "2023", gap="-5.59"), facts("25.4626", gap="-7.4456"))
    assert one is not None
    assert one.same_state
    assert setback_words(one, Words("vi")).replace("\u00a0", " ") == (
        "25,47% (năm 2023) → 25,46% (năm 2024); thấp hơn lộ trình: 5,59 → 7,45 điểm %"
    )
    assert "below the path: 5.59 → 7.45" in setback_words(one, Words("en"))
    better = setback(facts("41", "2023", gap="2"), facts("50", gap="-7", bucket="slightly_behind"))
    assert better is not None
    assert (better.same_state, better.direction) == (False, "better")
    assert "trước cao hơn lộ trình 2 điểm %, nay thấp hơn 7 điểm %" in but_words(better, Words("vi")).replace(
        "\u00a0", " "
    )


def test_a_structure_is_told_by_its_distance() -> None:
    reads: dict[str, Any] = {"target_type": "structure", "direction": "none"}
    one = setback(facts("20", "2023", distance="4.5", **reads), facts("21", distance="6", **reads))
    assert one is not None
    assert "cả cơ cấu cách mục tiêu: 4,5 → 6" in setback_words(one, Words("vi"))


def test_only_counted_targets_of_both_releases_headlines_first() -> None:
    before = [facts("50", "2023", target_id=name) for name in "ABC"]
    now = [
        facts("49", target_id="A"),
        facts("49", target_id="B", headline=True),
        facts("49", target_id="C", is_counted=False),
        facts("49", target_id="D"),
    ]
    assert [one.now.target_id for one in setbacks(before, now)] == ["B", "A"]


def test_changed_assessments_are_those_of_the_plan_and_the_others_and_parts_are_said() -> None:
    rows = [
        {"change_kind": "changed", "table_name": "fct_assessment", "column_name": column,
         "row_key": json.dumps({"assessment_key": key})}
        for key in ("A", "B", "elsewhere") for column in ("level_state", "bucket")
    ]  # fmt: skip
    every = [facts("49", target_id="A"), facts("49", target_id="B", is_counted=False)]
    assert change_sentence(rows, every, "an id", Words("vi")) == (
        "So với bản công bố trước (an id): 2 chỉ tiêu của quy hoạch đổi kết quả đánh giá (trong đó 1 là phần của một "
        "cơ cấu, không đếm riêng) và 1 chỉ tiêu của văn bản khác đổi kết quả đánh giá."
    )
