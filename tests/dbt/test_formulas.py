"""The numbers of assessment, from the compiled SQL of the models on made cases; it also answers what-if."""

import itertools
import math
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

MODELS = (
    "asm_level",
    "asm_hold",
    "asm_average_growth",
    "asm_annual_change",
    "asm_cumulative",
    "asm_structure",
    "asm_projection",
)
LEVELS = ("not_assessed", "not_reached", "lost", "reached")
PACES = ("not_assessed", "moving_away", "behind", "slightly_behind", "on_track")
Scale = Callable[[float], float]
SCALES: dict[str, tuple[Scale, Scale]] = {
    "linear": (lambda y: y, lambda z: z),
    "compound": (math.log, math.exp),
    "logit": (lambda y: math.log(y / (100 - y)), lambda z: 100 / (1 + math.exp(-z))),
}
LINEAR = {"trajectory": "linear", "base_period": "2020"}


@pytest.fixture(scope="module")
def assess(empty_warehouse: Path) -> Iterator[Assess]:
    """A function (model, cases, points) -> results by assessment key, over an empty copy of the warehouse."""
    models = {name: compiled_sql(f"models/assess/{name}.sql") for name in MODELS}
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


def test_a_span_that_is_over_is_judged_on_its_published_average_when_years_are_missing(
    assess: Assess,
) -> None:
    keys = ("promised_more", "promised_less", "all_years", "other_years")
    promised = {"promised_more": 13.4, "promised_less": 4.4, "all_years": 13.4, "other_years": 13.4}
    cases = [case(key, "average_growth", promised[key], period_start=2021, period_end=2025) for key in keys]
    points = [point(key, year, 5.0) for key in keys for year in (2022, 2023, 2024, 2025)]
    points += [point(key, 2021, 4.46, "published_average", 2025) for key in keys[:3]]
    points += [point("all_years", 2021, 5.0), point("other_years", 2021, 4.46, "published_average", 2024)]
    results = assess("asm_average_growth", cases, points)
    names = ("level_state", "reason_code", "pace_reason_code", "actual_period_id", "note", "periods_missing")
    over = "TARGET_YEAR_OVER"
    used = (None, over, "2021..2025", "published_average_used", "2021")
    assert [tuple(results[key][name] for name in names) for key in keys] == [
        ("not_reached", *used),
        ("reached", *used),
        ("not_reached", None, over, "2025", None, None),
        ("not_assessed", "INCOMPLETE_SUM", over, "2025", None, "2021"),
    ]
    more = results["promised_more"]
    assert (more["average_to_date"], more["gap"]) == (pytest.approx(4.46), pytest.approx(4.46 - 13.4))


def test_a_target_that_is_being_left_again_says_so_beside_its_path(assess: Assess) -> None:
    """10 in 2020, 30 in 2021, then two less each year: 22 in 2025 becomes 12 by 2030."""
    points = [point("k", 2020 + i, value) for i, value in enumerate((10, 30, 28, 26, 24, 22))]
    result = assess("asm_level", [case("k", "level", 20, **LINEAR)], points)["k"]
    assert (result["level_state"], result["pace_state"]) == ("reached", "slightly_behind")
    assert (result["note"], result["drift_per_year"]) == ("reached_and_worsening", -2)
    # Both are shown: the way done stays as the path tells it, and decides no band.
    assert (result["pace"], result["band_margin_of"]) == (pytest.approx(2.4), "level")


def test_being_left_again_is_told_without_a_base_and_gives_no_pace(assess: Assess) -> None:
    points = [point("k", 2021 + i, value) for i, value in enumerate((30, 28, 26, 24, 22))]
    result = assess("asm_level", [case("k", "level", 20)], points)["k"]
    assert (result["pace_state"], result["pace_reason_code"], result["note"]) == (
        "not_assessed",
        "NO_BASE",
        "reached_and_worsening",
    )


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
    result = assess("asm_cumulative", cases, [point("k", 2021 + i, 10.0 + 2 * i) for i in range(5)])["k"]
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
@given(
    path=st.sampled_from(["linear", "compound"]),
    promise=st.tuples(figures, figures),
    now=figures,
    factor=st.sampled_from([0.001, 0.5, 3, 1000]),
)
def test_pace_does_not_depend_on_the_unit(
    assess: Assess, path: str, promise: tuple[float, float], now: float, factor: float
) -> None:
    base, goal = promise
    own = {"trajectory": path, "base_period": "2020"}
    sense = 1 if goal >= base else -1
    results = assess(
        "asm_level",
        [
            case("own", "level", goal, sense=sense, **own),
            case("other", "level", round(goal * factor, 12), sense=sense, **own),
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


Given = tuple[list[Row], list[Row]]


def total_of(key: str, amounts: Sequence[float], target: float, **fields: Any) -> Given:
    """Case and points of a total of ten years whose first years are `amounts`; the last of them is 2025."""
    first = 2026 - len(amounts)
    own = {"period_start": first, "period_end": first + 9} | fields
    points = [point(key, first + number, amount) for number, amount in enumerate(amounts)]
    return [case(key, "cumulative", target, **own)], points


@pytest.mark.parametrize(
    ("phasing", "years", "share"),
    [("equal", 3, 0.3), ("equal", 5, 0.5), ("growth:10", 3, 0.2077), ("growth:10", 5, 0.3831)],
)
def test_a_total_is_held_against_its_declared_phasing(
    assess: Assess, phasing: str, years: int, share: float
) -> None:
    result = assess("asm_cumulative", *total_of("k", [24 / years] * years, 100, phasing=phasing))["k"]
    assert result["total_to_date"] == pytest.approx(24)
    assert result["path_value"] == pytest.approx(100 * share, abs=5e-3)
    assert result["pace"] == pytest.approx(0.24 / share, abs=5e-4)
    assert (result["reason_code"], result["pace_reason_code"]) == ("NOT_DUE", None)


@pytest.mark.parametrize("amounts", [[8, 9, 10], [30, 2], [5], [0.01, 0.02], [12, 11]])
def test_the_growth_required_of_a_total_brings_its_rest(assess: Assess, amounts: list[float]) -> None:
    result = assess("asm_cumulative", *total_of("k", amounts, 100))["k"]
    factor = 1 + result["required_growth"] / 100
    left = 10 - len(amounts)
    rest = sum(amounts[-1] * factor**year for year in range(1, left + 1))
    assert rest == pytest.approx(100 - sum(amounts), rel=1e-6)
    assert result["required_per_year"] == pytest.approx((100 - sum(amounts)) / left)


def test_a_lower_bound_may_reach_a_total_and_never_misses_it(assess: Assess) -> None:
    reached = total_of("reached", [60, 50], 100, period_start=2021, period_end=2030)
    short = total_of("short", [20, 10], 100, period_start=2021, period_end=2025)
    results = assess("asm_cumulative", reached[0] + short[0], reached[1] + short[1])
    assert (results["reached"]["level_state"], results["reached"]["reason_code"]) == ("reached", None)
    assert (results["reached"]["n_points"], results["reached"]["periods_missing"]) == (2, "2021,2022,2023")
    assert (results["short"]["level_state"], results["short"]["reason_code"]) == (
        "not_assessed",
        "INCOMPLETE_SUM",
    )


def test_a_running_total_is_not_summed(assess: Assess) -> None:
    own = total_of("k", [20, 30, 40], 100, phasing="equal", is_running_total=True)
    result = assess("asm_cumulative", *own)["k"]
    assert (result["total_to_date"], result["pace"]) == (pytest.approx(40), pytest.approx(40 / 30))


def structure(goals: Sequence[float], years: Mapping[int, Sequence[float]]) -> Given:
    """Cases and points of one structure: the goals of its parts, and the parts of each year."""
    own = {"group_id": "g", "base_period": "2020", "trajectory": "linear"}
    parts = range(len(goals))
    return (
        [case(f"g{part}", "structure", goals[part], target_id=f"T{part}", **own) for part in parts],
        [point(f"g{part}", year, values[part]) for year, values in years.items() for part in parts],
    )


@pytest.mark.parametrize(
    ("years", "level", "pace"),
    [
        ([[50, 50]] * 6, "reached", "on_track"),
        (
            [[50, 50], [50, 50], [50.1, 49.9], [50.2, 49.8], [50.3, 49.7], [50.4, 49.6]],
            "reached",
            "slightly_behind",
        ),
        ([[50, 50], [54, 46], [53, 47], [52.6, 47.4], [52.4, 47.6], [52, 48]], "lost", "moving_away"),
        ([[53, 47], [50, 50], [53, 47], [53, 47], [52, 48], [52, 48]], "lost", "behind"),
        ([[50, 50], [51, 49], [52, 48]], "lost", "not_assessed"),
    ],
)
def test_a_structure_met_at_its_base_is_paced_by_how_its_distance_drifts(
    assess: Assess, years: list[list[float]], level: str, pace: str
) -> None:
    """The parts may be half a point off."""
    first = 2026 - len(years)
    cases, points = structure([50, 50], {first + i: values for i, values in enumerate(years)})
    # In the fourth case the base year is the second.
    base = next(first + i for i, values in enumerate(years) if values == [50, 50])
    results = assess("asm_structure", [own | {"base_period": str(base)} for own in cases], points)
    for result in results.values():
        assert (result["level_state"], result["pace_state"]) == (level, pace)
        assert (result["note"], result["pace"], result["share_of_way"]) == ("met_at_base", None, None)
        assert result["pace_reason_code"] == (None if pace != "not_assessed" else "TOO_FEW")


def test_a_structure_is_graded_once_as_a_vector(assess: Assess) -> None:
    own = structure([15, 30, 51, 4], {2020: [22, 24, 50, 4], 2025: [20, 26, 50, 4]})
    results = assess("asm_structure", *own)
    for result in results.values():
        assert (result["structure_distance"], result["structure_base_distance"]) == (5, 7)
        assert result["share_of_way"] == pytest.approx(0.286, abs=5e-4)
        assert result["pace"] == pytest.approx(2 / 7 / 0.5)
        assert (result["level_state"], result["pace_state"]) == ("not_reached", "behind")
        assert result["required_per_year"] == pytest.approx(1)
    assert [result["path_value"] for result in results.values()] == pytest.approx([18.5, 27, 50.5, 4])


def test_a_projection_carries_the_mean_change_and_its_spread(assess: Assess) -> None:
    """Real gross domestic product per head of Germany, thousand euro, as its statistics office published it."""
    values = [41.643, 42.614, 42.961, 43.287, 41.481, 42.985]
    cases = [case("k", "level", 46, period_end=2030, cut_off=date(2022, 11, 22), last_complete_year=2021)]
    result = assess("asm_projection", cases, [point("k", 2016 + i, value) for i, value in enumerate(values)])[
        "k"
    ]
    assert result["projected_value"] == pytest.approx(45.4, abs=0.05)
    error = (result["projected_high"] - result["projected_value"]) / 2.131847
    assert error == pytest.approx(6.3, abs=0.05)
    assert (round(result["projected_low"]), round(result["projected_high"])) == (32, 59)
    assert result["projection_note"] == "words_only"


@pytest.mark.parametrize(
    ("degrees", "percentile"),
    [
        (4, 2.131847),
        (5, 2.015048),
        (6, 1.943180),
        (8, 1.859548),
        (10, 1.812461),
        (20, 1.724718),
        (30, 1.697261),
    ],
)
def test_the_interval_uses_the_percentile_of_student(assess: Assess, degrees: int, percentile: float) -> None:
    """Two year-on-year changes by turns, so that the deviation is known; the target is three years ahead."""
    n_changes = degrees + 1
    changes = [1.0 if i % 2 else 3.0 for i in range(n_changes)]
    mean = sum(changes) / n_changes
    deviation = (sum((change - mean) ** 2 for change in changes) / degrees) ** 0.5
    values = [10 + sum(changes[:i]) for i in range(n_changes + 1)]
    points = [point("k", 2025 - n_changes + i, value) for i, value in enumerate(values)]
    result = assess("asm_projection", [case("k", "level", 1000, period_end=2028)], points)["k"]
    error = deviation * (3 * (1 + 3 / n_changes)) ** 0.5
    assert (result["projected_high"] - result["projected_value"]) / error == pytest.approx(
        percentile, abs=3e-4
    )
    assert result["projection_note"] is None


@pytest.mark.parametrize(("n_points", "given"), [(3, (False, False)), (4, (True, False)), (6, (True, True))])
def test_few_points_give_no_projection_and_no_interval(
    assess: Assess, n_points: int, given: tuple[bool, bool]
) -> None:
    points = [point("k", 2026 - n_points + i, 10 + i + i % 2) for i in range(n_points)]
    result = assess("asm_projection", [case("k", "level", 40)], points).get("k", {})
    shown = (result.get("projected_value") is not None, result.get("projected_low") is not None)
    assert shown == given


def test_an_interim_value_bends_the_path(assess: Assess) -> None:
    bent = {"interim_year": 2025, "interim_value": 12, "base_period": "2020", "trajectory": "linear"}
    cases = [
        case("first_leg", "level", 30, **bent),
        case("second_leg", "level", 30, **bent, cut_off=date(2028, 6, 1)),
    ]
    cases[1]["last_complete_year"] = 2027
    points = [point(key, 2020, 10) for key in ("first_leg", "second_leg")]
    points += [point("first_leg", 2024, 11.6), point("second_leg", 2027, 15)]
    results = assess("asm_level", cases, points)
    assert (results["first_leg"]["path_value"], results["first_leg"]["pace"]) == (
        pytest.approx(11.6),
        pytest.approx(1),
    )
    assert (results["second_leg"]["path_value"], results["second_leg"]["pace"]) == (
        pytest.approx(12 + 18 * 0.4),
        pytest.approx(5 / 9.2),
    )


def test_numbers_of_a_logistic_path(assess: Assess) -> None:
    cases = [case("k", "level", 90, trajectory="logit", base_period="2020")]
    result = assess("asm_level", cases, [point("k", 2020, 50), point("k", 2025, 70)])["k"]
    assert result["path_value"] == pytest.approx(75)
    assert result["pace"] == pytest.approx(math.log(7 / 3) / math.log(3))


def test_a_typical_revision_may_change_what_is_said(assess: Assess) -> None:
    """The figure asks for 13.8 to be on track; it lies 0.1 above, with revisions of 0.2 and of 0.05."""
    cases = [
        case("sensitive", "level", 20, **LINEAR, typical_revision=0.2),
        case("firm", "level", 20, **LINEAR, typical_revision=0.05),
        case("not_known", "level", 20, **LINEAR),
    ]
    points = [
        point(str(own["assessment_key"]), year, value)
        for own in cases
        for year, value in ((2020, 10), (2024, 13.9))
    ]
    results = assess("asm_level", cases, points)
    assert {key: result["is_revision_sensitive"] for key, result in results.items()} == {
        "sensitive": True,
        "firm": False,
        "not_known": None,
    }
    assert results["firm"]["band_margin_of"] == "pace"
    assert results["firm"]["margin_to_band"] == pytest.approx(0.975 - 0.95)


def test_a_yearly_change_says_what_the_rest_has_to_bring(assess: Assess) -> None:
    cases = [case("k", "annual_change", 4, period_start=2023)]
    result = assess(
        "asm_annual_change", cases, [point("k", 2023, 3), point("k", 2024, 2), point("k", 2025, 4)]
    )["k"]
    assert (result["average_to_date"], result["pace"], result["pace_state"]) == (3, 0.75, "slightly_behind")
    assert result["required_per_year"] == pytest.approx((4 * 8 - 9) / 5)
    assert result["best_year_change"] == 4


shares = st.integers(min_value=10, max_value=990).map(lambda tenths: tenths / 10)
paths = st.sampled_from(["linear", "compound", "logit"])


@quick
@given(path=paths, base=shares, goal=shares, year=st.integers(2022, 2025))
def test_a_figure_on_any_path_has_pace_one(
    assess: Assess, path: str, base: float, goal: float, year: int
) -> None:
    if base == goal:
        return
    part = (year - 2020) / 10
    to_scale, back = SCALES[path]
    on_path = back(to_scale(base) + (to_scale(goal) - to_scale(base)) * part)
    cases = [case("k", "level", goal, sense=1 if goal > base else -1, trajectory=path, base_period="2020")]
    result = assess("asm_level", cases, [point("k", 2020, base), point("k", year, round(on_path, 13))])["k"]
    assert result["pace"] == pytest.approx(1, abs=1e-9)
    assert result["path_value"] == pytest.approx(on_path)
    assert result["note"] is None


@quick
@given(rate=st.integers(-20, 30), years=st.integers(2, 9), first=figures)
def test_a_total_on_its_phasing_has_pace_one(assess: Assess, rate: int, years: int, first: float) -> None:
    amounts = [first * (1 + rate / 100) ** number for number in range(10)]
    own = total_of(
        "k", [round(amount, 13) for amount in amounts[:years]], sum(amounts), phasing=f"growth:{rate}"
    )
    result = assess("asm_cumulative", *own)["k"]
    assert result["pace"] == pytest.approx(1, abs=1e-6)
    assert result["required_growth"] == pytest.approx(rate, abs=1e-4)


vectors = st.lists(st.integers(1, 97), min_size=3, max_size=3).map(
    lambda cuts: [float(b - a) for a, b in itertools.pairwise([0, *sorted(cuts), 100])]
)


@quick
@given(base=vectors, goals=vectors, year=st.integers(2022, 2025))
def test_straight_paths_of_a_structure_stay_a_whole_and_have_pace_one(
    assess: Assess, base: list[float], goals: list[float], year: int
) -> None:
    if base == goals:
        return
    on_path = [start + (goal - start) * (year - 2020) / 10 for start, goal in zip(base, goals, strict=True)]
    results = assess("asm_structure", *structure(goals, {2020: base, year: [round(v, 12) for v in on_path]}))
    assert sum(result["path_value"] for result in results.values()) == pytest.approx(100)
    assert {round(result["pace"], 9) for result in results.values()} == {1}


@quick
@given(
    path=paths, promise=st.tuples(shares, shares), now=shares, mirror=st.booleans(), change=st.integers(1, 50)
)
def test_a_better_figure_is_never_graded_worse(
    assess: Assess, *, path: str, promise: tuple[float, float], now: float, mirror: bool, change: int
) -> None:
    base, goal = promise
    sense = -1 if mirror else 1
    better = min(max(now + sense * change / 10, 0.1), 99.9)
    own = {"sense": sense, "trajectory": path, "base_period": "2020"}
    cases = [case("now", "level", goal, **own), case("better", "level", goal, **own)]
    points = [point(key, 2020, base) for key in ("now", "better")]
    results = assess("asm_level", cases, [*points, point("now", 2025, now), point("better", 2025, better)])
    assert LEVELS.index(results["better"]["level_state"]) >= LEVELS.index(results["now"]["level_state"])
    assert PACES.index(results["better"]["pace_state"]) >= PACES.index(results["now"]["pace_state"])


@quick
@given(base=shares, goal=shares, now=shares, tolerance=st.integers(1, 30))
def test_lower_is_better_is_the_mirror_of_higher_is_better(
    assess: Assess, base: float, goal: float, now: float, tolerance: int
) -> None:
    """Seen from 100, a rise is a fall; straight paths, floors with ceilings, and bands."""
    values = {2020: base, 2022: (base + now) / 2, 2024: now, 2025: now}

    def seen(
        key: str, kind: str, sense: int | None, turn: bool, **fields: Any
    ) -> tuple[list[Row], list[Row]]:
        def turned(value: float) -> float:
            return round(100 - value if turn else value, 10)

        own = [case(key, kind, turned(goal), sense=sense, **fields)]
        return own, [point(key, year, turned(value)) for year, value in values.items()]

    for model, up, down in (
        ("asm_level", ("level", 1, LINEAR), ("level", -1, LINEAR)),
        ("asm_hold", ("floor", 1, {}), ("ceiling", -1, {})),
        ("asm_hold", ("hold", None, {"tolerance": tolerance}), ("hold", None, {"tolerance": tolerance})),
    ):
        up_cases, up_points = seen("up", up[0], up[1], False, **up[2])
        down_cases, down_points = seen("down", down[0], down[1], True, **down[2])
        results = assess(model, up_cases + down_cases, up_points + down_points)
        for name in ("level_state", "pace_state", "reason_code", "pace_reason_code"):
            assert results["up"][name] == results["down"][name], (model, name)


@quick
@given(path=st.sampled_from(["linear", "compound"]), base=figures, goal=figures, now=figures)
def test_a_year_on_the_required_rate_leaves_the_requirement_as_it_was(
    assess: Assess, path: str, base: float, goal: float, now: float
) -> None:
    sense = 1 if goal > now else -1
    own = {"sense": sense, "trajectory": path, "base_period": "2020"}
    name = "required_per_year" if path == "linear" else "required_growth"
    points = [point("k", 2020, base), point("k", 2024, now)]
    before = assess("asm_level", [case("k", "level", goal, **own)], points)["k"][name]
    if before is None:
        return
    then = now + before if path == "linear" else now * (1 + before / 100)
    after = assess(
        "asm_level", [case("k", "level", goal, **own)], [*points, point("k", 2025, round(then, 13))]
    )
    assert after["k"][name] == pytest.approx(before, abs=1e-6)


@quick
@given(
    kind=st.sampled_from(["average_growth", "annual_change", "cumulative"]),
    amounts=st.lists(st.integers(0, 300).map(lambda tenths: tenths / 10), min_size=3, max_size=5),
    missing=st.integers(0, 4),
    is_over=st.booleans(),
)
def test_a_missing_year_never_makes_a_state_worse_than_incomplete(
    assess: Assess, kind: str, amounts: list[float], missing: int, is_over: bool
) -> None:
    first = 2026 - len(amounts)
    own = {"period_start": first, "period_end": 2025 if is_over else first + 9, "phasing": "equal"}
    points = [point("k", first + number, amount) for number, amount in enumerate(amounts)]
    del points[missing % len(points)]
    result = assess(f"asm_{kind}", [case("k", kind, 12, **own)], points)["k"]
    assert result["pace_state"] == "not_assessed"
    assert result["level_state"] in ("not_assessed", "reached")
    if result["level_state"] == "not_assessed":
        assert result["reason_code"] == "INCOMPLETE_SUM"
    if kind != "cumulative":
        assert result["level_state"] == "not_assessed"
