"""The published methods through the compiled models that production runs: printed results, branches, properties."""

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.published_cases import compared
from orchestration.assess_answers import answer_cases
from orchestration.assess_cases import METHODS, read_cases
from orchestration.assess_fields import read_records
from store.formulas import Formulas
from store.settings import PROJECT_ROOT

pytestmark = pytest.mark.integration

PUBLISHED = Path(__file__).with_name("published_cases.json")
Record = dict[str, Any]


@pytest.fixture
def answers(formulas: Formulas) -> Any:
    """Answers to records, by the SQL that dbt compiled."""
    return lambda *records: answer_cases(formulas, read_cases(records))


def test_every_published_result_carried_here_is_reproduced(formulas: Formulas) -> None:
    records: list[Record] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    assert compared(formulas, records)[1] == []
    counted = Counter(record["method"] for record in records)
    without = {"standard", "unsd_progress_chart_2023", "outlier_modified_z_score", "growth_rate_target"}
    assert all(counted[method] >= 2 for method in METHODS.keys() - without)
    assert all(record["source"].startswith("https://") for record in records)


def test_every_published_result_of_the_shared_file_is_reproduced_and_the_table_says_so(
    shared_data: Path, formulas: Formulas
) -> None:
    path = shared_data / "method_cases.json"
    if not path.is_file():
        pytest.skip("the file of published cases is not in the shared folder")
    records: list[Any] = read_records(path)
    lines, wrong = compared(formulas, records)
    assert wrong == []
    assert "\n".join(lines) in (PROJECT_ROOT / "docs" / "methods.md").read_text(encoding="utf-8")


def test_a_result_that_differs_is_said(formulas: Formulas) -> None:
    [record] = json.loads(PUBLISHED.read_text(encoding="utf-8"))[:1]
    printed = record["expected"] | {"score": record["expected"]["score"] * (1 + 1e-8)}
    lines, wrong = compared(formulas, [record | {"expected": printed}])
    assert lines[-1] == "| all | 1 | 0 |"
    assert len(wrong) == 1
    assert "score" in wrong[0]


def two_points(**fields: Any) -> Record:
    """A case of a method that takes two points."""
    return {
        "id": "case",
        "method": "statcan_cagr_ratio",
        "direction": "increase",
        "base": {"year": 2015, "value": 10},
        "current": {"year": 2020, "value": 12},
        "target": 20,
        "target_year": 2030,
    } | fields


def weather(**fields: Any) -> Record:
    """A case of the weather symbols: 10 in 2010, one more every year to 2017."""
    return {
        "id": "case",
        "method": "destatis_weather",
        "kind": "target_value",
        "direction": "increase",
        "series": {str(2010 + step): 10 + step for step in range(8)},
        "target": 30,
        "target_year": 2030,
        "params": {"assessment_year": 2017, "points": 6},
    } | fields


def index(**fields: Any) -> Record:
    """A case of the index from 0 to 10."""
    return {
        "id": "case",
        "method": "escap_csi_api_0_10",
        "direction": "increase",
        "series": {"2010": 50, "2015": 60, "2018": 70},
        "target": 100,
        "target_year": 2030,
        "params": {"base_year": 2015, "current_year": 2025, "upper_scale": 100},
    } | fields


def no_target(base: float, current: float, limit: float | None, direction: str = "increase") -> Record:
    """A case of growth without a target."""
    return two_points(
        method="statcan_cagr_no_target",
        target=None,
        direction=direction,
        base={"year": 2015, "value": base},
        current={"year": 2020, "value": current},
        params={"limit": limit},
    )


@pytest.mark.parametrize(
    ("record", "status", "score"),
    [
        (two_points(direction=None), "target_achieved", 5),  # without a word, lower is better
        (two_points(direction="decrease", target=0), "deterioration", None),  # a thousandth, not nothing
        (two_points(current={"year": 2015, "value": 10}), "not_available", None),
        (two_points(current={"year": 2014, "value": 9}), "not_available", None),
        (two_points(base={"year": 2015, "value": -1}), "not_available", None),
        (two_points(base={"year": 2015, "value": -10}, current={"year": 2020, "value": -8}, target=-5),
         "substantial_progress", None),
        (two_points(target=10, current={"year": 2020, "value": 9}), "deterioration", -5),  # minus infinity
        (no_target(100, 100, 100), "substantial_progress", 5),  # at the limit and held
        (no_target(100, 99, 100), "deterioration", None),
        (no_target(15, 14.9, 10, "decrease"), "limited_progress", None),  # between the limit and its double
        (no_target(25, 24, 10, "decrease"), "moderate_progress", None),  # beyond its double: thresholds whole
    ],
)  # fmt: skip
def test_statcan_branches(answers: Any, record: Record, status: str, score: float | None) -> None:
    [answer] = answers(record)
    assert answer["status"] == status
    if score is not None:
        assert answer["score"] == score


def test_statcan_takes_the_next_year_there_is_for_a_base_that_is_missing(answers: Any) -> None:
    series = {"2014-15": 9, "2016-17": 10, "2019": None, "2021-22": 12}
    from_series, from_points = answers(
        two_points(id="a", base=None, current=None, series=series),
        two_points(id="b", base={"year": 2016, "value": 10}, current={"year": 2021, "value": 12}),
    )
    assert from_series["progress_value"] == from_points["progress_value"]


def test_an_aggregate_is_achieved_only_when_every_series_is(answers: Any) -> None:
    def aggregate(name: str, **params: Any) -> Record:
        return {"id": name, "method": "statcan_aggregate_score", "params": params}

    achieved, part = "target_achieved", "substantial_progress"
    found = answers(
        aggregate("all", series_scores=[5, 5, None], series_statuses=[achieved, achieved, "not_available"]),
        aggregate("some", series_scores=[5, 5], series_statuses=[achieved, part]),
        aggregate("none", series_scores=[None]),
        aggregate("edge", series_scores=[2.5, -2.5]),
    )
    assert [(answer["score"], answer["status"]) for answer in found] == [
        (5, achieved), (5, part), (None, "not_available"), (0, "moderate_progress"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("record", "symbol"),
    [
        (weather(), "sun"),
        (weather(target=29.9), "sun"),
        (weather(target=30.7), "slightly_cloudy"),  # missed by 0.7 of 13.7: 5.1 %
        (weather(series={"2010": 10, "2011": 10, "2012": 10, "2013": 10, "2014": 10, "2015": 12.5}, target=22.5,
                 params={"assessment_year": 2015}, target_year=2031), "slightly_cloudy"),  # just 20 %
        (weather(target=40), "cloud"),
        (weather(direction="decrease", target=5), "thunderstorm"),
        (weather(kind="interval_weaker_end", target=[30, 60]), "sun"),
        (weather(kind="interval_weaker_end", target=[60, 30]), "sun"),
        (weather(target=None, targets=[{"value": 14, "year": 2020}, {"value": 90, "year": 2040}]), "sun"),
        (weather(target=None, targets=[{"value": 14, "year": 2020}, {"value": 40, "year": 2020}]), "cloud"),
        (weather(target=[14, 90], target_year=[2016, 2040]), "cloud"),  # the first year is over
        (weather(target=16, direction="increase"), "sun"),  # reached and rising
        (weather(kind="constant_target", target=20, target_year=None), "cloud"),
        (weather(params={"assessment_year": 2014}), "sun"),  # what came later is not looked at
        (weather(series={"2015": 1, "2016": 2, "2017": 3}), None),
        (weather(series={"2011": 1, "2012": 2, "2013": 3, "2015": 4, "2016": 5, "2017": 6}), None),
        (weather(series={"2013": 1, "2014": None, "2015": 4, "2016": 5, "2017": 6}), None),
        (weather(series={"2010": 99, "2014": 3, "2015": 4, "2016": 5, "2017": 6}, target=18), "sun"),
        (weather(series={}), None),
    ],
)  # fmt: skip
def test_destatis_branches(answers: Any, record: Record, symbol: str | None) -> None:
    [answer] = answers(record)
    assert answer["symbol"] == symbol
    assert ("note" in answer) is (symbol is None)


@pytest.mark.parametrize(
    ("record", "current", "anticipated"),
    [
        (index(target=60), ("On-track", 10), ("Will meet target", 10)),  # the base is the target, and it is held
        (index(target=60, series={"2010": 80, "2015": 60, "2018": 50}), ("Regression", None),
         ("No progress expected", None)),
        (index(series={"2010": 50, "2018": 100}), ("On-track", 10), ("Will meet target", 10)),
        (index(series={"2010": 0, "2018": 30}), ("Regression", 0), ("No progress expected", 0)),
        (index(series={"2010": 40}), ("Insufficient data", None), ("Insufficient data", None)),
        (index(series={"2010": 100}), ("On-track", 10), ("Will meet target", 10)),
        (index(series={}), ("No data", None), ("No data", None)),
        (index(direction="parity", target=50, series=None, base={"value": 30}, current={"value": 56}, params={}),
         ("Slow progress", 7), (None, None)),
        (index(direction="decrease", target=10, series=None, base={"value": 20}, current={"value": 25}, params={}),
         ("Regression", -5), (None, None)),
    ],
)  # fmt: skip
def test_escap_branches(
    answers: Any, record: Record, current: tuple[Any, Any], anticipated: tuple[Any, Any]
) -> None:
    [answer] = answers(record)
    assert (answer["current_status_class"], answer["current_status"]) == current
    assert (answer["anticipated_class"], answer["anticipated_progress"]) == anticipated


def test_unsd_grades_a_fall_as_one(answers: Any) -> None:
    # The independent notebook takes the absolute growth and calls a fall of 3.7 % a year substantial progress.
    values = [12, 10.3, 9.7, 9]
    found = answers(
        *(
            two_points(
                id=str(value),
                method="unsd_progress_chart_2022",
                target=None,
                current={"year": 2020, "value": value},
            )
            for value in values
        )
    )
    [printed] = answers(
        {"id": "7.a.1", "method": "unsd_progress_chart_2022", "direction": "increase",
         "params": {"cagr_actual": -0.037025656065429846}}
    )  # fmt: skip
    assert printed["class"] == "Deterioration"
    assert [answer["class"] for answer in found] == [
        "Substantial progress/ on track",
        "Fair progress but acceleration needed",
        "Limited to no progress",
        "Deterioration",
    ]


def test_unsd_2023_looks_at_the_share_of_the_way_that_is_projected(answers: Any) -> None:
    found = answers(
        two_points(id="part", method="unsd_progress_chart_2023"),
        two_points(id="reached", method="unsd_progress_chart_2023", target=11),
        two_points(id="near the end of the scale", method="unsd_progress_chart_2023", target=100,
                   base={"year": 2015, "value": 99.5}, current={"year": 2020, "value": 99.1}),
        two_points(id="hardly", method="unsd_progress_chart_2023", current={"year": 2020, "value": 10.01}),
    )  # fmt: skip
    assert found[0]["projected_value"] == pytest.approx(12 * 1.2**2)
    assert found[0]["projected_share"] == pytest.approx((12 * 1.2**2 - 10) / 10)
    assert [answer["score"] for answer in found] == [2, 3, 3, 1]


def test_periodic_targets_sides_and_the_kinds_of_indicator(answers: Any) -> None:
    def periods(name: str, direction: str = "increase", **params: Any) -> Record:
        series = {"periodic_targets": [500, 800], "actuals": [350, 950]}
        return {
            "id": name,
            "method": "target_to_date_15pct",
            "direction": direction,
            "series": series,
            "params": params,
        }

    found = answers(
        periods("sum"),
        periods("running total", is_cumulative=True),
        periods("per cent", is_percent=True),
        periods("lower is better", "decrease", is_cumulative=True),
        periods("wide margin", is_cumulative=True, margin=0.7),
        {**periods("nothing yet"), "series": {"periodic_targets": [500], "actuals": [None]}},
    )
    assert [(answer["target_to_date"], answer["actual_to_date"], answer["over_under"]) for answer in found] == [
        (1300, 1300, 0), (800, 1300, 1), (800, 950, 1), (800, 1300, -1), (800, 1300, 0), (None, None, None),
    ]  # fmt: skip


def test_a_ladder_of_targets_and_its_mirror(answers: Any) -> None:
    def ladder(name: str, value: float, sign: int = 1) -> Record:
        points = {"sub": 80, "target": 100, "super": 120}
        params = {"sub_target": sign * 10, "target": sign * 20, "super_target": sign * 25, "points": points}
        direction = "increase" if sign == 1 else "decrease"
        return {"id": name, "method": "interpolated_achievement", "direction": direction,
                "current": {"value": sign * value}, "params": params}  # fmt: skip

    values = [9.99, 10, 14, 20, 22.5, 25, 40]
    for sign in (1, -1):
        found = answers(*(ladder(str(value), value, sign) for value in values))
        assert [answer["percent"] for answer in found] == pytest.approx([0, 80, 88, 100, 110, 120, 120])


def test_outliers_by_median(answers: Any) -> None:
    params = {"value": 20, "median": 10, "mad": 2, "threshold": 3}
    found = answers(
        {"id": 1, "method": "outlier_modified_z_score", "params": params},
        {"id": 2, "method": "outlier_z_score", "params": params | {"mad": 0}},
        {"id": 3, "method": "outlier_z_score", "params": {"value": 20, "mean": 10, "std_dev": 0}},
    )
    assert found[0]["z_score"] == pytest.approx(3.3725)
    assert found[0]["upper_bound"] == pytest.approx(10 + 2 * 3 / 0.6745)
    assert [answer["outlier"] for answer in found] == [True, False, False]
    assert [answer["z_score"] for answer in found[1:]] == [0, None]


levels = st.floats(min_value=1, max_value=99, allow_nan=False)


@settings(max_examples=15)
@given(base=levels, current=levels, target=levels, scale=st.sampled_from([1e-6, 0.01, 7, 1e9]))
def test_ratios_do_not_depend_on_the_unit(
    formulas: Formulas, base: float, current: float, target: float, scale: float
) -> None:
    def cases(factor: float) -> list[Record]:
        fields = {
            "base": {"year": 2015, "value": base * factor},
            "current": {"year": 2020, "value": current * factor},
            "target": target * factor,
        }
        methods = ["statcan_cagr_ratio", "unsd_progress_chart_2022"]
        return [two_points(id=method, method=method, **fields) for method in methods]

    one, other = (answer_cases(formulas, read_cases(cases(factor))) for factor in (1, scale))
    for name, left, right in (("progress_value", one[0], other[0]), ("ratio", one[1], other[1])):
        number = left.get(name)
        if isinstance(number, float) and abs(math.log(target / base)) > 1e-3:
            assert right[name] == pytest.approx(number, rel=1e-6, abs=1e-6)


@settings(max_examples=15)
@given(values=st.lists(levels, min_size=4, max_size=8), target=levels)
def test_lower_is_better_is_the_mirror_of_higher(
    formulas: Formulas, values: list[float], target: float
) -> None:
    series = {str(2010 + step): value for step, value in enumerate(values)}
    mirrored = {year: 100 - value for year, value in series.items()}
    params = {"base_year": 2012, "current_year": 2025, "upper_scale": 100}
    found = answer_cases(
        formulas,
        read_cases(
            [
                weather(id=1, series=series, target=target, params={}),
                weather(id=2, series=mirrored, target=100 - target, params={}, direction="decrease"),
                index(id=3, series=series, target=target, params=params),
                index(id=4, series=mirrored, target=100 - target, params=params, direction="decrease"),
            ]
        ),
    )
    change = found[0]["avg_change"]
    if isinstance(change, float) and abs(change) > 1e-9 and abs(values[-1] - target) > 1e-9:
        assert found[0]["symbol"] == found[1]["symbol"]
    left, right = found[2]["current_status"], found[3]["current_status"]
    if isinstance(left, float) and isinstance(right, float) and abs(left) < 1e3 and left != 10 != right:
        assert right == pytest.approx(left, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize(
    ("record", "code"),
    [
        ([1], "WRONG_TYPE"),
        (two_points(id=None), "MISSING_FIELD"),
        (two_points(id=1.5), "WRONG_TYPE"),
        (two_points(method="eurostat"), "UNKNOWN_METHOD"),
        (two_points(method=None), "MISSING_FIELD"),
        (two_points(target=None), "MISSING_FIELD"),
        (two_points(base=None), "MISSING_FIELD"),
        (two_points(base=3), "WRONG_TYPE"),
        (two_points(params=[]), "WRONG_TYPE"),
        (two_points(target="20"), "WRONG_TYPE"),
        (two_points(target=True), "WRONG_TYPE"),
        (two_points(target=math.nan), "NOT_FINITE"),
        (two_points(target=10**400), "NOT_FINITE"),
        (two_points(target=1e-300), "IMPOSSIBLE_VALUE"),
        (two_points(target_year=20300), "IMPOSSIBLE_YEAR"),
        (two_points(target_year=2015), "IMPOSSIBLE_YEAR"),
        (two_points(base={"year": 2015.5, "value": 1}), "IMPOSSIBLE_YEAR"),
        (two_points(direction="sideways"), "UNKNOWN_DIRECTION"),
        (two_points(method="statcan_cagr_no_target"), "IMPOSSIBLE_VALUE"),
        (two_points(method="unsd_progress_chart_2022", base={"year": 2015, "value": 0}), "UNDEFINED"),
        (two_points(method="growth_rate_target", params={"required_rate": 0}), "UNDEFINED"),
        (weather(direction=None), "MISSING_FIELD"),
        (weather(target=[1, 2, 3]), "WRONG_TYPE"),
        (weather(series={"last year": 3}), "IMPOSSIBLE_YEAR"),
        (weather(series=[1, 2, 3]), "WRONG_TYPE"),
        (weather(target_year=None), "MISSING_FIELD"),
        (index(params={}), "MISSING_FIELD"),
        (index(params={"upper_scale": -1}), "IMPOSSIBLE_VALUE"),
        (index(series={"2010": 40, "2012": 120}), "OFF_SCALE"),
        ({"id": 1, "method": "target_to_date_15pct", "series": {"periodic_targets": [1], "actuals": []}}, "WRONG_TYPE"),
        ({"id": 1, "method": "outlier_z_score", "params": {"value": 1, "mean": 1, "std_dev": -1}}, "IMPOSSIBLE_VALUE"),
        ({"id": 1, "method": "statcan_aggregate_score", "params": {"series_scores": [9]}}, "IMPOSSIBLE_VALUE"),
        ({"id": 1, "method": "statcan_aggregate_score"}, "MISSING_FIELD"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_answered_is_refused_and_the_others_are_not(
    answers: Any, record: object, code: str
) -> None:
    before, refused, after = answers(two_points(id="before"), record, two_points(id="after"))
    assert refused["refused"] == code
    assert refused["message"]
    assert set(refused) == {"id", "refused", "message"}
    assert before["status"] == after["status"] == "moderate_progress"


def test_of_records_with_one_id_the_first_is_answered(answers: Any) -> None:
    first, second = answers(two_points(), two_points())
    assert "status" in first
    assert second["refused"] == "DUPLICATE_ID"


def test_all_faults_of_a_record_are_reported_together(answers: Any) -> None:
    [refused] = answers(two_points(target="x", target_year=1, direction="?"))
    assert all(f"`{name}`" in refused["message"] for name in ("target", "target_year", "direction"))


def standard(**fields: Any) -> Record:
    """A case of our own method: 20 in 2020, 30 asked for by 2030, half the way done in half the time."""
    return {
        "id": "case",
        "method": "standard",
        "cut_off": "2026-11-22",
        "target_type": "level",
        "comparator": "ge",
        "value_low": 30,
        "period_end": 2030,
        "trajectory": "linear",
        "base_period": 2020,
        "series": {"2020": 20, "2023": 22, "2025": 25},
    } | fields


def test_our_own_method_answers_cases_by_the_models_of_the_plan(answers: Any) -> None:
    rates = {"2021": 5, "2022": 6, "2023": 7, "2024": 8}
    level, growth, total, bare = answers(
        standard(id="level"),
        standard(id="growth", target_type="average_growth", comparator="eq", direction="increase", value_low=9.72,
                 period_start=2021, series=rates, cut_off="2025-06-01"),
        standard(id="total", target_type="cumulative", value_low=160, period_start=2021, phasing="growth:10",
                 series={"2021": 12, "2022": 12, "2023": 14.4}, cut_off="2024-06-01"),
        standard(id="bare", base_period=None, trajectory=None),
    )  # fmt: skip
    assert (level["level_state"], level["pace_state"], level["pace"]) == ("not_reached", "on_track", 1)
    assert (level["path_value"], level["required_per_year"]) == (25, 1)
    # Five, six, seven and eight per cent against 9.72 for ten years: the worked example of the methodology.
    assert growth["average_to_date"] == pytest.approx(6.494, abs=5e-4)
    assert growth["pace"] == pytest.approx(0.678, abs=5e-4)
    assert growth["required_growth"] == pytest.approx(11.925, abs=5e-4)
    assert growth["level_shortfall"] == pytest.approx(-11.3, abs=0.06)
    # 24 per cent of the total after three years is ahead of a phasing that grows by ten per cent a year.
    assert total["total_to_date"] == pytest.approx(38.4)
    assert total["path_value"] / 160 == pytest.approx(0.208, abs=5e-4)
    assert bare["level_state"] == "not_reached"
    assert bare["pace_reason_code"] == "NO_BASE"


def test_answers_of_our_own_method_say_what_they_note(answers: Any) -> None:
    leaving = {"2020": 10, "2021": 30, "2022": 28, "2023": 26, "2024": 24, "2025": 22}
    plain, left, met, average, exact, band = answers(
        standard(id="plain"),
        standard(id="left", value_low=20, series=leaving),
        standard(id="met", value_low=20, series={str(2020 + i): 25 for i in range(6)}),
        standard(id="no start", target_type="average_growth", comparator="eq", direction="increase"),
        standard(id="no better side", comparator="eq", direction="none", tolerance=1),
        standard(id="no band", target_type="hold", comparator="hold_approx", direction="hold"),
    )  # fmt: skip
    assert plain["note"] is None
    assert (left["pace_state"], left["note"]) == ("slightly_behind", "reached_and_worsening")
    assert (met["pace_state"], met["pace"], met["note"]) == ("on_track", None, "met_at_base")
    assert average["reason_code"] == "NO_BASE"
    assert exact["level_state"] == "not_reached"
    assert band["reason_code"] == "NO_TARGET"


def test_a_refusal_for_want_of_a_direction_says_what_to_give(answers: Any) -> None:
    [refused] = answers(standard(comparator="eq"))
    assert "give direction" in refused["message"]


def test_an_outlier_score_without_a_spread_says_why_it_is_none(answers: Any) -> None:
    params = {"value": 5, "mean": 3, "std_dev": 0}
    [answer] = answers({"id": "x", "method": "outlier_z_score", "params": params})
    assert answer["z_score"] is None
    assert "standard deviation is 0" in answer["note"]


def test_the_parts_of_a_structure_are_judged_together(answers: Any) -> None:
    parts = [(22, 20, 15), (24, 26, 30), (50, 50, 51), (4, 4, 4)]
    found = answers(
        *(
            standard(id=f"part {place}", target_type="structure", comparator="eq", group_id="structure",
                     value_low=goal, series={"2020": base, "2025": now})
            for place, (base, now, goal) in enumerate(parts)
        )
    )  # fmt: skip
    assert {answer["structure_base_distance"] for answer in found} == {7}
    assert {answer["structure_distance"] for answer in found} == {5}


@pytest.mark.parametrize(
    ("record", "code"),
    [
        (standard(target_type="milestone"), "UNKNOWN_WORD"),
        (standard(target_type=None), "MISSING_FIELD"),
        (standard(cut_off=None), "MISSING_FIELD"),
        (standard(cut_off="2026-13-01"), "IMPOSSIBLE_DATE"),
        (standard(value_low=None), "MISSING_FIELD"),
        (standard(value_high=29), "IMPOSSIBLE_VALUE"),
        (standard(tolerance=-1), "IMPOSSIBLE_VALUE"),
        (standard(value_low=1e30), "IMPOSSIBLE_VALUE"),
        (standard(series={"2020": 20, "2025": 1e-30}), "IMPOSSIBLE_VALUE"),
        (standard(period_start=2031), "IMPOSSIBLE_YEAR"),
        (standard(phasing="monthly"), "IMPOSSIBLE_VALUE"),
        (standard(base_period="before"), "WRONG_TYPE"),
        (standard(series=None), "MISSING_FIELD"),
        (standard(comparator="eq"), "MISSING_FIELD"),
        (standard(comparator="approx", tolerance=1), "MISSING_FIELD"),
        (standard(comparator="eq", direction="none"), "MISSING_FIELD"),
        (
            standard(target_type="average_growth", comparator="eq", direction="none", period_start=2021),
            "MISSING_FIELD",
        ),
        (standard(target_type="cumulative", comparator="eq", period_start=2021), "MISSING_FIELD"),
        (
            standard(target_type="interval", comparator="between", value_high=35, range_kind="ambition"),
            "MISSING_FIELD",
        ),
    ],
)
def test_refusals_of_our_own_method(answers: Any, record: Record, code: str) -> None:
    refused, answered = answers(record, standard(id="other"))
    assert refused["refused"] == code
    assert answered["pace_state"] == "on_track"
