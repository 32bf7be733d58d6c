"""What each coming year has to reach: by the formulas a release ships, held to what they require and to the promise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.assess_cases import read_cases
from reports.needed_levels import SCHEMA, needed_levels
from store.formulas import CASE_FILES, CASE_SERIES, CASES, SQL_DIR, Formulas, run_models

pytestmark = pytest.mark.integration

Row = dict[str, Any]
Said = Mapping[str, Row]
Ask = Callable[[Sequence[Row]], tuple[pl.DataFrame, Said]]

SHARED: Row = {"method": "standard", "cut_off": "2026-11-22", "unit": "percent", "period_end": 2030}
LAST = 2030


def level(name: str, **fields: Any) -> Row:
    own = {
        "id": name,
        "target_type": "level",
        "comparator": "eq",
        "direction": "increase",
        "trajectory": "linear",
    }
    return {**SHARED, **own, **fields}


def ranged(name: str, low: float, high: float, **fields: Any) -> Row:
    own = {"target_type": "interval", "comparator": "approx_between", "range_kind": "ambition"}
    return level(name, value_low=low, value_high=high, **{**own, **fields})


@pytest.fixture(scope="module")
def ask(formulas: Formulas, tmp_path_factory: pytest.TempPathFactory) -> Ask:
    """A function of cases: what their coming years have to reach, and what a release would say of each by its id."""
    directory = tmp_path_factory.mktemp("needed") / "release"
    shutil.copytree(formulas.folder, directory / SQL_DIR)
    pl.DataFrame(list(formulas.parameters)).write_parquet(directory / "dim_parameter.parquet")
    model = ("assess", "asm_assessment")

    def answer(asked: Sequence[Row]) -> tuple[pl.DataFrame, Said]:
        cases = read_cases(list(asked))
        assert [case.problems for case in cases] == [[]] * len(cases)
        rows = [{**case.row, "assessment_key": str(case.id)} for case in cases]
        series = [{**row, "assessment_key": str(case.id)} for case in cases for row in case.series]
        for relation, content in ((CASES, rows), (CASE_SERIES, series)):
            file = directory / SQL_DIR / CASE_FILES[relation]
            file.write_text(json.dumps(content, default=str), encoding="utf-8")
        said = run_models(formulas, {CASES: rows, CASE_SERIES: series}, [model])[model]
        needed = needed_levels(pl.DataFrame(said, infer_schema_length=None), directory)
        return needed, {str(row["assessment_key"]): row for row in said}

    return answer


def of(needed: pl.DataFrame, name: str, bound: str = "only") -> dict[int, float]:
    """The levels of one end by year."""
    rows = needed.filter(target_id=name, bound=bound).drop_nulls("year")
    return dict(rows.select("year", "value").iter_rows())


figures = st.integers(1, 990).map(lambda tenths: tenths / 10)
one_range = st.tuples(
    figures,
    figures,
    figures,
    st.sampled_from(["linear", "compound", "logit"]),
    st.sampled_from([2023, 2024, 2025]),
).filter(lambda drawn: drawn[0] != drawn[1])


@given(drawn=st.lists(one_range, min_size=20, max_size=20))
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_levels_lead_from_the_figure_to_each_end_and_keep_the_required_pace(
    ask: Ask, drawn: list[tuple[float, float, float, str, int]]
) -> None:
    cases = [
        ranged(
            f"R{number}",
            min(one, other),
            max(one, other),
            trajectory=path,
            direction="increase" if number % 2 else "decrease",
            series={str(year): now},
        )
        for number, (one, other, now, path, year) in enumerate(drawn)
    ]
    needed, said = ask(cases)
    for case, (*_, now, path, year) in zip(cases, drawn, strict=True):
        name, rises = str(case["id"]), case["direction"] == "increase"
        ends = {bound: of(needed, name, bound) for bound in ("low", "high")}
        assessed = needed.filter(target_id=name, is_assessed=True)
        assert set(assessed["bound"]) <= {"low" if rises else "high"}
        if said[name]["required_per_year"] is not None:
            assert assessed["required_per_year"][0] == pytest.approx(said[name]["required_per_year"])
            if path == "compound":
                assert assessed["required_growth"][0] == pytest.approx(said[name]["required_growth"])
        for bound, levels in ends.items():
            goal = case[f"value_{bound}"]
            is_met = now >= goal if rises else now <= goal
            assert list(levels) == ([] if is_met else list(range(year + 1, LAST + 1)))
            if is_met:
                continue
            assert levels[LAST] == pytest.approx(goal)
            way = [now, *levels.values()]
            assert all((after > before) is (goal > now) for before, after in pairwise(way))
            pace = needed.filter(target_id=name, bound=bound)
            assert (way[-1] - way[0]) / (LAST - year) == pytest.approx(pace["required_per_year"][0])
            if path == "compound":
                factors = [after / before for before, after in pairwise(way)]
                assert factors == pytest.approx([1 + pace["required_growth"][0] / 100] * len(factors))
            elif path == "linear":
                steps = [after - before for before, after in pairwise(way)]
                assert steps == pytest.approx([pace["required_per_year"][0]] * len(steps), abs=1e-9)
        if ends["low"] and ends["high"]:
            assert all(ends["low"][each] < ends["high"][each] for each in ends["low"])


def test_a_range_whose_lower_end_is_reached_asks_for_its_upper_end_only(ask: Ask) -> None:
    needed, said = ask([ranged("IN", 40, 50, series={"2025": 45})])
    assert said["IN"]["required_per_year"] is None
    assert of(needed, "IN", "low") == {}
    assert of(needed, "IN", "high") == pytest.approx({2025 + k: 45.0 + k for k in range(1, 6)})
    assert needed.filter(bound="low")["is_assessed"].to_list() == [True]


def test_the_plans_own_path_and_interim_value_do_not_bend_what_is_needed_from_the_latest_figure_on(
    ask: Ask,
) -> None:
    bent = level("BENT", value_low=40, base_period="2020", interim={"year": 2028, "value": 22})
    needed, said = ask([bent | {"series": {"2020": 20, "2025": 30}}])
    assert of(needed, "BENT") == pytest.approx({2025 + k: 30.0 + 2 * k for k in range(1, 6)})
    assert said["BENT"]["required_per_year"] == pytest.approx(2)


def test_a_count_is_needed_in_whole_numbers(ask: Ask) -> None:
    needed, _ = ask([level("COUNT", target_type="count", value_low=12, series={"2025": 5})])
    assert of(needed, "COUNT") == {2026: 6, 2027: 8, 2028: 9, 2029: 11, 2030: 12}


def test_what_is_needed_of_every_year_of_a_span_is_what_the_release_requires(ask: Ask) -> None:
    span = {"period_start": 2021, "trajectory": None}
    years = [str(year) for year in range(2021, 2026)]
    cases = [
        level("G", target_type="average_growth", value_low=9, **span, series=dict.fromkeys(years, 5)),
        ranged("C", 3, 4, target_type="annual_change", **span, form="change", series=dict.fromkeys(years, 2)),
        level("T", target_type="cumulative", value_low=100, **span, series=dict.fromkeys(years, 8)),
    ]
    needed, said = ask([{name: value for name, value in case.items() if value is not None} for case in cases])
    assert of(needed, "G") == pytest.approx(dict.fromkeys(range(2026, 2031), said["G"]["required_growth"]))
    assert of(needed, "C", "low") == pytest.approx(dict.fromkeys(range(2026, 2031), 4))
    assert of(needed, "C", "high") == pytest.approx(dict.fromkeys(range(2026, 2031), 6))
    assert of(needed, "T") == pytest.approx(dict.fromkeys(range(2026, 2031), 12))
    assert set(needed["kind"]) == {"amount"}


def test_the_parts_of_a_structure_stay_a_whole_on_the_way(ask: Ask) -> None:
    parts = {"A": (20, 12), "B": (20, 24), "C": (60, 64)}
    cases = [
        level(name, target_type="structure", value_low=goal, group_id="g", series={"2024": now})
        for name, (now, goal) in parts.items()
    ]
    needed, said = ask(cases)
    assert {name: row["level_state"] for name, row in said.items()} == dict.fromkeys(parts, "not_reached")
    for year in range(2025, LAST + 1):
        assert sum(of(needed, name)[year] for name in parts) == pytest.approx(100)
    assert {name: of(needed, name)[LAST] for name in parts} == {
        name: goal for name, (_, goal) in parts.items()
    }


def test_nothing_is_told_of_what_is_reached_over_met_in_one_step_or_without_figures(ask: Ask) -> None:
    needed, _ = ask(
        [
            level("REACHED", value_low=40, series={"2025": 41}),
            level("OVER", value_low=40, period_end=2025, series={"2025": 30}),
            level("STEP", value_low=40, trajectory="stepwise", series={"2025": 30}),
            level("NOTHING", value_low=40, series={}),
        ]
    )
    assert needed.is_empty()


def test_a_release_without_formulas_tells_nothing(tmp_path: Path) -> None:
    said = pl.DataFrame({"assessment_key": ["a"], "level_state": ["not_reached"], "required_per_year": [1.0]})
    assert needed_levels(said, tmp_path).schema == pl.Schema(SCHEMA)
    assert needed_levels(said, tmp_path).is_empty()
