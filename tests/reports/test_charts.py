"""What the charts draw, and what they must not draw."""

from __future__ import annotations

import re
from base64 import b64decode
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import vl_convert

from reports.charts import figure_rows, settle_labels, target_chart
from reports.numbers import decimals_of
from reports.release_data import current_release
from reports.sparkline import shared_years, sparkline
from reports.statements import chart_summary, promise
from reports.target_facts import TargetFacts, every_target, of_the_plan, period_list
from reports.words import Words
from store.settings import Settings

VIETNAMESE = Words("vi")


@pytest.fixture(scope="module")
def targets(synthetic_home: Path) -> dict[str, TargetFacts]:
    release = current_release(Settings(home=synthetic_home))
    assert release is not None
    return {facts.target_id: facts for facts in of_the_plan(every_target(release))}


def drawn(facts: TargetFacts) -> dict[str, Any]:
    chart = target_chart(facts, VIETNAMESE, "light")
    assert chart is not None
    spec: dict[str, Any] = chart.to_dict()
    return spec


def marks(spec: dict[str, Any]) -> list[str]:
    return [layer["mark"]["type"] for layer in spec["layer"]]


def test_the_line_is_broken_at_a_year_without_a_figure(targets: dict[str, TargetFacts]) -> None:
    rows = figure_rows(targets["SYNTHETIC_01"], VIETNAMESE)
    run_of = {row["year"]: row["run"] for row in rows}
    assert 2020 not in run_of
    assert run_of[2019] != run_of[2021]
    assert run_of[2021] == run_of[2025]
    line = next(layer for layer in drawn(targets["SYNTHETIC_01"])["layer"] if layer["mark"]["type"] == "line")
    assert line["encoding"]["detail"]["field"] == "run"


def test_a_path_is_drawn_only_where_one_is_declared(targets: dict[str, TargetFacts]) -> None:
    def dashed(facts: TargetFacts) -> list[Any]:
        return [m for layer in drawn(facts)["layer"] if (m := layer["mark"]).get("strokeDash") == [5, 4]]

    assert len(dashed(targets["SYNTHETIC_06"])) == 1
    assert targets["SYNTHETIC_06"].path() == [
        (2020, Decimal("44.000000000000000")),
        (2025, Decimal("52.0")),
        (2030, Decimal("60.000000000000000")),
    ]
    assert dashed(targets["SYNTHETIC_01"]) == []
    assert targets["SYNTHETIC_01"].path() == []


def test_a_target_of_the_same_quantity_is_carried_into_the_publishers_unit(
    targets: dict[str, TargetFacts],
) -> None:
    assert targets["SYNTHETIC_03"].target_bounds() == (Decimal(4000), Decimal(5000))
    assert "rect" in marks(drawn(targets["SYNTHETIC_03"]))
    assert targets["SYNTHETIC_10"].target_bounds() == (Decimal("9.72"), Decimal("9.72"))


def test_a_target_of_another_quantity_is_not_drawn(targets: dict[str, TargetFacts]) -> None:
    assert targets["SYNTHETIC_22"].target_bounds() is None
    assert "rule" not in marks(drawn(targets["SYNTHETIC_22"]))


def axis_labels(facts: TargetFacts) -> list[str]:
    """The labels of both axes as they are drawn."""
    svg = vl_convert.vegalite_to_svg({**drawn(facts), "width": 400})
    groups = re.findall(r'<g class="mark-text role-axis-label".*?</g>', svg, re.DOTALL)
    return [text for group in groups for text in re.findall(r"<text[^>]*>([^<]*)</text>", group)]


@pytest.mark.parametrize("form", ["ratio", "level"])
@pytest.mark.parametrize("value", ["3", "0", "0.004", "98", "2500"])
def test_labels_of_the_axis_have_the_decimals_that_tell_them_apart(
    targets: dict[str, TargetFacts], value: str, form: str
) -> None:
    one = targets["SYNTHETIC_06"]
    point = replace(one.points[-1], row={**one.points[-1].row, "value": Decimal(value)})
    facts = replace(
        one,
        points=(point,),
        indicator={**one.indicator, "form": form},
        target={**one.target, "value_low": Decimal(value), "value_high": None, "trajectory": None},
        assessment={},
    )
    numbers = [text for text in axis_labels(facts) if not re.fullmatch(r"20\d\d", text)]
    assert len(numbers) > 1
    assert len(set(numbers)) == len(numbers)
    most = decimals_of(Decimal(value)) + 1
    assert all(len(number.partition(",")[2]) <= most for number in numbers), numbers


def test_nothing_at_hand_is_no_chart(targets: dict[str, TargetFacts]) -> None:
    assert target_chart(targets["SYNTHETIC_11"], VIETNAMESE, "dark") is None
    assert chart_summary(targets["SYNTHETIC_11"], VIETNAMESE).startswith("Chưa có số liệu năm; mục tiêu là")


@pytest.mark.parametrize(
    ("promised", "figure_below", "target_under"),
    [("52.6", True, False), ("52.4", False, True), ("80", False, False)],
)
def test_a_figure_that_nearly_meets_the_target_keeps_its_label_off_the_targets(
    targets: dict[str, TargetFacts], promised: str, figure_below: bool, target_under: bool
) -> None:
    facts = targets["SYNTHETIC_20"]
    near = replace(facts, target={**facts.target, "value_low": Decimal(promised)})
    rows = figure_rows(near, VIETNAMESE)
    assert settle_labels(rows, near, VIETNAMESE, from_zero=False) is target_under
    assert rows[-1]["below"] is figure_below
    label = next(
        layer["mark"]
        for layer in drawn(near)["layer"]
        if layer["mark"]["type"] == "text" and layer["mark"].get("align") == "right"
    )
    assert label["baseline"] == ("top" if target_under else "bottom")


def test_amounts_begin_at_zero_and_rates_do_not(targets: dict[str, TargetFacts]) -> None:
    def from_zero(facts: TargetFacts) -> bool:
        encodings = [layer["encoding"] for layer in drawn(facts)["layer"]]
        return {e["y"]["scale"]["zero"] for e in encodings} == {True}

    assert from_zero(targets["SYNTHETIC_03"])
    assert not from_zero(targets["SYNTHETIC_01"])


def test_every_layer_shares_one_axis_of_years(targets: dict[str, TargetFacts]) -> None:
    for target_id in ("SYNTHETIC_03", "SYNTHETIC_06", "SYNTHETIC_10"):
        domains = {str(layer["encoding"]["x"]["scale"]) for layer in drawn(targets[target_id])["layer"]}
        assert len(domains) == 1


def test_axis_numbers_are_written_in_the_readers_language(targets: dict[str, TargetFacts]) -> None:
    assert drawn(targets["SYNTHETIC_03"])["config"]["locale"]["number"]["decimal"] == ","


def test_part_year_figures_are_kept_off_the_line(targets: dict[str, TargetFacts]) -> None:
    facts = targets["SYNTHETIC_03"]
    assert [p.period_id for p in facts.points] == ["2023", "2025"]
    assert [p.period_id for p in facts.other_points] == ["2026-YTD09"]


def test_cards_share_their_years_and_say_what_they_show(targets: dict[str, TargetFacts]) -> None:
    headlines = [facts for facts in targets.values() if facts.headline]
    years = shared_years(headlines)
    assert years is not None
    assert (years.first, years.last) == (2015, 2030)
    picture = sparkline(targets["SYNTHETIC_06"], years, "nói bằng lời", "dark")
    assert 'alt="nói bằng lời"' in picture
    svg = b64decode(picture.split("base64,")[1].split('"')[0]).decode()
    # Two runs of the line and the declared path; a dot for each figure.
    assert svg.count("<polyline") == 3
    assert svg.count("<circle") == len(targets["SYNTHETIC_06"].points)
    assert shared_years([]) is None


@pytest.mark.parametrize(
    ("target_id", "said"),
    [
        ("SYNTHETIC_01", "từ 50% trở lên vào năm 2030"),
        ("SYNTHETIC_02", "từ 50 đến 55% vào năm 2030"),
        ("SYNTHETIC_03", "khoảng 4 – 5 triệu lượt vào năm 2030"),
        ("SYNTHETIC_05", "60 trên một vạn dân vào năm 2030"),
        ("SYNTHETIC_10", "tăng bình quân 9,72%/năm, giai đoạn 2021–2030"),
        ("SYNTHETIC_18", "không nêu con số"),
        ("SYNTHETIC_21", "giảm trên 4 điểm %/năm, giai đoạn 2021–2025"),
    ],
)
def test_a_promise_keeps_the_comparator_of_the_document(
    targets: dict[str, TargetFacts], target_id: str, said: str
) -> None:
    assert promise(targets[target_id], VIETNAMESE).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("stored", "periods"),
    [
        (None, []),
        ("", []),
        ("2021", ["2021"]),
        ("2021,2022", ["2021", "2022"]),
        (["2021", "2022"], ["2021", "2022"]),
    ],
)
def test_periods_are_read_as_text_or_as_a_list(stored: object, periods: list[str]) -> None:
    assert period_list(stored) == periods
