"""The numbers of assessment, from the compiled SQL of the models on made cases; it also answers what-if."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dbt.project import compiled_sql

pytestmark = pytest.mark.integration

Row = dict[str, Any]
Assess = Callable[[str, Sequence[Row], Sequence[Row]], dict[str, Row]]

LINEAR = {"trajectory": "linear", "base_period": "2020"}


@pytest.fixture(scope="module")
def assess(empty_warehouse: Path) -> Iterator[Assess]:
    """A function (model, cases, points) -> results by assessment key, over an empty copy of the warehouse."""
    models = {
        name: compiled_sql(f"models/assess/{name}.sql")
        for name in ("asm_level", "asm_average_growth", "asm_other_type")
    }
    with duckdb.connect() as connection:
        _copy_tables(connection, empty_warehouse / "warehouse.duckdb")

        def run(model: str, cases: Sequence[Row], points: Sequence[Row]) -> dict[str, Row]:
            _fill(connection, "asm_case", cases)
            _fill(connection, "asm_case_series", points)
            result = connection.execute(models[model])
            names = [column[0] for column in result.description]
            rows = [dict(zip(names, values, strict=True)) for values in result.fetchall()]
            return {row["assessment_key"]: row for row in rows}

        yield run


def _copy_tables(connection: duckdb.DuckDBPyConnection, warehouse: Path) -> None:
    connection.execute(f"attach '{warehouse}' as built (read_only)")
    connection.execute("attach ':memory:' as warehouse")
    connection.execute("create schema warehouse.assess")
    connection.execute("create schema warehouse.seed")
    for table in ("assess.asm_case", "assess.asm_case_series", "seed.assessment_parameter"):
        connection.execute(f"create table warehouse.{table} as from built.{table}")
    connection.execute("detach built")


def _fill(connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
    connection.execute(f"delete from warehouse.assess.{table}")
    for row in rows:
        places = ", ".join("?" for _ in row)
        connection.execute(
            f"insert into warehouse.assess.{table} ({', '.join(row)}) values ({places})", list(row.values())
        )


def case(key: str, target_type: str, value: float, **fields: Any) -> Row:
    own: Row = {
        "assessment_key": key,
        "target_type": target_type,
        "comparator": "eq",
        "value_low": value,
        "sense": 1,
        "period_end": 2030,
        "cut_off": date(2026, 11, 22),
        "last_complete_year": 2025,
        "works_from_level": False,
    }
    return own | fields


def point(key: str, year: int, value: float, role: str = "annual", last_year: int | None = None) -> Row:
    return {
        "assessment_key": key,
        "role": role,
        "period_id": str(year) if last_year is None else f"{year}..{last_year}",
        "period_type": "year" if last_year is None else "span",
        "year": year,
        "last_year": last_year or year,
        "value": value,
        "maturity_rank": 3,
        "end_date": date(last_year or year, 12, 31),
    }


def test_average_growth_of_the_worked_example(assess: Assess) -> None:
    """5, 6, 7, 8 % in four of ten years against 9.72 % a year."""
    cases = [case("k", "average_growth", 9.72, period_start=2022, period_end=2031)]
    result = assess("asm_average_growth", cases, [point("k", 2022 + i, 5.0 + i) for i in range(4)])["k"]
    index = 1.05 * 1.06 * 1.07 * 1.08
    assert index == pytest.approx(1.28618, abs=1e-5)
    assert result["average_to_date"] == pytest.approx(100 * (index**0.25 - 1), rel=1e-12)
    assert result["average_to_date"] == pytest.approx(6.494, abs=5e-4)
    assert result["pace"] == pytest.approx(0.678, abs=5e-4)
    assert result["required_growth"] == pytest.approx(11.925, abs=5e-4)
    assert result["level_shortfall"] == pytest.approx(-11.3, abs=5e-2)
    assert (result["path_value"], result["gap"]) == (9.72, pytest.approx(6.494 - 9.72, abs=5e-4))


def test_growth_required_after_a_published_average(assess: Assess) -> None:
    cases = [case("k", "average_growth", 9.72, period_start=2021)]
    result = assess("asm_average_growth", cases, [point("k", 2021, 4.46, "published_average", 2025)])["k"]
    assert result["required_growth_from_published"] == pytest.approx(15.24, abs=5e-3)
    assert result["required_growth"] is None


def test_a_published_average_of_the_whole_span_requires_nothing(assess: Assess) -> None:
    cases = [case("k", "average_growth", 9.72, period_start=2021, period_end=2025)]
    result = assess("asm_average_growth", cases, [point("k", 2021, 4.46, "published_average", 2025)])["k"]
    assert result["required_growth_from_published"] is None


def test_an_incomplete_chain_gives_the_mean_of_its_years_and_nothing_more(assess: Assess) -> None:
    cases = [case("k", "average_growth", 9.72, period_start=2021)]
    points = [point("k", 2022, 5.04), point("k", 2023, 3.1), point("k", 2024, 6.74), point("k", 2025, 7.22)]
    result = assess("asm_average_growth", cases, points)["k"]
    assert result["average_to_date"] == pytest.approx(100 * ((1.0504 * 1.031 * 1.0674 * 1.0722) ** 0.25 - 1))
    assert [result[name] for name in ("pace", "gap", "path_value", "required_growth", "level_shortfall")] == [
        None
    ] * 5


def test_growth_of_a_level_spans_the_years_between(assess: Assess) -> None:
    cases = [case("k", "average_growth", 12, period_start=2022, works_from_level=True)]
    result = assess("asm_average_growth", cases, [point("k", 2021, 2000), point("k", 2024, 2662)])["k"]
    assert result["average_to_date"] == pytest.approx(10, abs=1e-9)
    assert (result["base_value"], result["actual_period_id"], result["periods_missing"]) == (
        2000,
        "2024",
        "2022,2023,2025",
    )


def test_numbers_of_a_straight_path(assess: Assess) -> None:
    result = assess(
        "asm_level", [case("k", "level", 20, **LINEAR)], [point("k", 2020, 10), point("k", 2024, 13)]
    )["k"]
    assert (result["path_value"], result["gap"]) == (pytest.approx(14), pytest.approx(-1))
    assert (result["share_of_way"], result["pace"]) == (pytest.approx(0.3), pytest.approx(0.75))
    assert (result["required_per_year"], result["required_growth"]) == (pytest.approx(7 / 6), None)


def test_numbers_of_equal_growth(assess: Assess) -> None:
    cases = [case("k", "level", 200, trajectory="compound", base_period="2020")]
    result = assess("asm_level", cases, [point("k", 2020, 100), point("k", 2024, 120)])["k"]
    assert result["path_value"] == pytest.approx(100 * 2**0.4)
    assert result["pace"] == pytest.approx(0.657586, abs=1e-6)
    assert result["required_growth"] == pytest.approx(100 * ((200 / 120) ** (1 / 6) - 1))


def test_a_share_near_its_ceiling_is_not_exploded_by_growth_rates(assess: Assess) -> None:
    """The same figures by declared path: the path is part of the target, never chosen by the engine."""
    points = [
        point(key, year, value)
        for key in ("straight", "equal")
        for year, value in ((2015, 0.37), (2025, 9.53))
    ]
    base = {"base_period": "2015", "value_low": 60}
    cases = [
        case("straight", "level", 60, **(base | {"trajectory": "linear"})),
        case("equal", "level", 60, **(base | {"trajectory": "compound"})),
    ]
    results = assess("asm_level", cases, points)
    assert results["straight"]["pace"] == pytest.approx((9.53 - 0.37) / (60 - 0.37) * 1.5)
    assert (results["straight"]["pace_state"], results["equal"]["pace_state"]) == ("behind", "on_track")


def test_the_path_of_a_count_is_a_whole_number(assess: Assess) -> None:
    result = assess(
        "asm_level", [case("k", "count", 11, **LINEAR)], [point("k", 2020, 4), point("k", 2023, 5)]
    )["k"]
    assert (result["path_value"], result["gap"], result["pace_state"]) == (6, -1, "on_track")


def test_a_total_needs_the_rest_in_equal_parts(assess: Assess) -> None:
    cases = [case("k", "cumulative", 160, period_start=2021)]
    result = assess("asm_other_type", cases, [point("k", 2021 + i, 10.0 + 2 * i) for i in range(5)])["k"]
    assert result["required_per_year"] == pytest.approx(18)


figures = st.integers(min_value=1, max_value=10_000).map(lambda tenths: tenths / 10)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(base=figures, goal=figures, year=st.integers(2021, 2025))
def test_a_figure_on_its_path_has_pace_one(assess: Assess, base: float, goal: float, year: int) -> None:
    if base == goal:
        return
    on_path = round(base + (goal - base) * (year - 2020) / 10, 12)
    sense = 1 if goal > base else -1
    result = assess(
        "asm_level",
        [case("k", "level", goal, sense=sense, **LINEAR)],
        [point("k", 2020, base), point("k", year, on_path)],
    )["k"]
    if year >= 2022:
        assert result["pace"] == pytest.approx(1)
        assert result["pace_state"] == "on_track"
    else:
        assert result["reason_code"] == "STALE"


@quick
@given(base=figures, goal=figures, now=figures, factor=st.sampled_from([0.001, 0.5, 3, 1000]))
def test_pace_does_not_depend_on_the_unit(
    assess: Assess, base: float, goal: float, now: float, factor: float
) -> None:
    sense = 1 if goal >= base else -1
    results = assess(
        "asm_level",
        [
            case("own", "level", goal, sense=sense, **LINEAR),
            case("other", "level", round(goal * factor, 12), sense=sense, **LINEAR),
        ],
        [
            point("own", 2020, base),
            point("own", 2025, now),
            point("other", 2020, round(base * factor, 12)),
            point("other", 2025, round(now * factor, 12)),
        ],
    )
    assert results["own"]["level_state"] == results["other"]["level_state"]
    assert results["own"]["pace_reason_code"] == results["other"]["pace_reason_code"]
    if results["own"]["pace"] is not None:
        assert results["own"]["pace"] == pytest.approx(results["other"]["pace"], abs=1e-9)


@quick
@given(rates=st.lists(st.integers(-50, 200).map(lambda tenths: tenths / 10), min_size=1, max_size=4))
def test_growing_as_required_leaves_the_requirement_as_it_was(assess: Assess, rates: list[float]) -> None:
    """The longer chain has the required growth as its last year; both end in 2025."""
    first = 2026 - len(rates)
    cases = [case("short", "average_growth", 9.72, period_start=first, period_end=first + 9)]
    points = [point("short", first + i, rate) for i, rate in enumerate(rates)]
    before = assess("asm_average_growth", cases, points)["short"]["required_growth"]
    cases = [case("long", "average_growth", 9.72, period_start=first - 1, period_end=first + 8)]
    points = [point("long", first - 1 + i, rate) for i, rate in enumerate([*rates, round(before, 13)])]
    after = assess("asm_average_growth", cases, points)["long"]["required_growth"]
    assert after == pytest.approx(before, abs=1e-8)
