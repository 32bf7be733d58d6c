"""The scale suite beside what was known: who is questioned when one figure of several is wrong."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.frames.scale import Limits, Neighbour, compare_with_neighbours, slot_and_year
from expectations.rules import RuleSet
from expectations.run import CheckRun
from tests.expectations.warehouse import Warehouse

Check = Callable[..., CheckRun]
POPULATION = {
    "2015": "522",
    "2016": "524.2",
    "2017": "526.4",
    "2018": "528.7",
    "2019": "530.9",
    "2020": "533.1",
}


def arrival(day: int) -> dict[str, object]:
    return {
        "vintage_at": datetime(2026, 12, day),
        "published_at": date(2026, 12, day),
        "document": f"day_{day}",
    }


@pytest.mark.parametrize("wrong", POPULATION)
def test_one_wrong_year_is_held_wherever_it_stands_and_its_neighbours_are_not(
    check: Check, wrong: str
) -> None:
    warehouse = Warehouse()
    keys = {
        year: warehouse.observe("POPULATION_AVERAGE", year, value + "000" if year == wrong else value)
        for year, value in (
            (year, value.replace(".", "")) if year == wrong else (year, value)
            for year, value in POPULATION.items()
        )
    }
    assert check(warehouse).held == {keys[wrong]}


def test_after_a_wrong_vintage_the_right_one_stands(check: Check) -> None:
    warehouse = Warehouse()
    warehouse.observe("BUDGET_REVENUE", "2024", "2292", **arrival(1))
    wrong = warehouse.observe("BUDGET_REVENUE", "2024", "2292000", **arrival(2))
    warehouse.observe("BUDGET_REVENUE", "2024", "2458", **arrival(3))
    assert check(warehouse).held == {wrong}


def test_a_first_vintage_out_of_bounds_is_no_reference_for_its_correction(check: Check) -> None:
    warehouse = Warehouse()
    wrong = warehouse.observe("LABOUR_TRAINED_SHARE", "2025", "5120", **arrival(1))
    warehouse.observe("LABOUR_TRAINED_SHARE", "2025", "51.2", **arrival(2))
    assert check(warehouse).held == {wrong}


def test_a_vintage_is_judged_by_what_was_known_when_it_came(check: Check) -> None:
    """A figure that arrives later, and would speak against it, changes nothing for an earlier vintage."""
    warehouse = Warehouse()
    warehouse.observe("BUDGET_REVENUE", "2023", "2086", **arrival(1))
    later = warehouse.observe("BUDGET_REVENUE", "2022", "2100000", **arrival(2))
    assert check(warehouse).held == {later}


def test_a_source_may_print_another_unit(check: Check) -> None:
    warehouse = Warehouse()
    warehouse.observe("TOURISM_VISITS", "2024", "1800", **arrival(1))
    warehouse.observe("TOURISM_VISITS", "2024", "1.81", unit="million_visit", **arrival(2))
    assert check(warehouse).results.height == 0


@pytest.mark.parametrize(
    ("indicator", "first", "second"),
    [
        ("PCI_RANK", "6", "60"),
        ("GRDP_GROWTH", "0.75", "7.5"),
        ("INDUSTRIAL_PRODUCTION_INDEX", "43.3", "4.33"),
        ("POVERTY_REDUCTION", "0.42", "4.2"),
    ],
)
def test_forms_without_a_scale_are_left_alone(check: Check, indicator: str, first: str, second: str) -> None:
    warehouse = Warehouse()
    warehouse.observe(indicator, "2023", first)
    warehouse.observe(indicator, "2024", second)
    warehouse.observe(indicator, "2024", first, **arrival(21))
    assert check(warehouse).results.height == 0


@pytest.mark.parametrize(
    ("indicator", "first", "second"),
    [("COMMUNES_NEW_RURAL", "1", "10"), ("TOURISM_VISITS_INTERNATIONAL", "5.2", "52")],
)
def test_a_real_tenfold_change_from_year_to_year_is_not_held(
    check: Check, indicator: str, first: str, second: str
) -> None:
    warehouse = Warehouse()
    warehouse.observe(indicator, "2022", first)
    warehouse.observe(indicator, "2023", second)
    assert check(warehouse).held == frozenset()


def test_half_years_are_compared_with_half_years(check: Check) -> None:
    warehouse = Warehouse()
    warehouse.observe("BUDGET_REVENUE", "2022", "1000")
    warehouse.observe("BUDGET_REVENUE", "2023-Q1", "100")
    wrong = warehouse.observe("BUDGET_REVENUE", "2024-Q1", "1000", **arrival(21))
    assert check(warehouse).held == {wrong}


@pytest.mark.parametrize(
    ("period_id", "place"),
    [
        ("2024", ("*", 2024)),
        ("2024-H1", ("*-H1", 2024)),
        ("2025-YTD1219", ("*-YTD1219", 2025)),
        ("SY2024", ("SY*", 2024)),
        ("D2024-12-31", ("D*-12-31", 2024)),
        ("2025-YTDx", ("2025-YTDx", 0)),
        ("2021..2025", ("2021..2025", 0)),
    ],
)
def test_the_slot_of_a_period(period_id: str, place: tuple[str, int]) -> None:
    assert slot_and_year(period_id) == place


@given(
    figure=st.floats(min_value=1, max_value=1e6),
    changes=st.lists(st.floats(min_value=0.75, max_value=1.35), min_size=2, max_size=6),
    wrong=st.integers(min_value=0, max_value=5),
    power=st.sampled_from([-3, 3, 6]),
)
def test_right_figures_stand_beside_one_wrong_neighbour(
    figure: float, changes: list[float], wrong: int, power: int
) -> None:
    neighbours = [Neighbour(2020 + place, figure * change, False) for place, change in enumerate(changes)]
    place = wrong % len(neighbours)
    slipped = Neighbour(neighbours[place].year, neighbours[place].value * 10.0**power, False)
    limits = Limits(0.05, 1.7, 3, (), (), 30)
    beside = compare_with_neighbours(figure, 2019, [*neighbours[:place], slipped, *neighbours[place + 1 :]])
    assert beside.believed(limits)
    assert not compare_with_neighbours(figure * 10.0**power, 2019, neighbours).believed(limits)


def test_the_limits_of_the_walk_are_those_of_the_rules(rule_set: RuleSet) -> None:
    parameters = rule_set.suite("scale").parameters
    for rule_id in ("scale_revision_power_of_ten", "scale_neighbour_power_of_ten"):
        assert rule_set.rule(rule_id).expectation.arguments["min_value"] == parameters["power_tolerance"]
    for rule_id in ("scale_revision_fiftyfold", "scale_neighbour_fiftyfold"):
        assert rule_set.rule(rule_id).expectation.arguments["max_value"] == parameters["largest_orders"]
