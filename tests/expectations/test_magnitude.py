"""The size of a figure beside what was known: properties of the slip by a power of ten."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from expectations.magnitude import (
    comparable,
    distance_from_power_of_ten,
    majority_largest,
    majority_smallest,
    orders_of_magnitude,
)

FIGURES = st.floats(min_value=1e-6, max_value=1e12)
POWERS = st.integers(min_value=-9, max_value=9).filter(lambda power: power != 0)


@given(FIGURES, POWERS)
def test_a_figure_times_a_power_of_ten_is_at_no_distance_from_it(figure: float, power: int) -> None:
    assert distance_from_power_of_ten(figure * 10.0**power, figure) == pytest.approx(0, abs=1e-6)


@given(FIGURES, POWERS, st.floats(min_value=-0.049, max_value=0.049))
def test_the_digits_may_move_by_less_than_the_tolerance(figure: float, power: int, moved: float) -> None:
    larger_moves = figure * 10.0 ** abs(power) * (1 + moved)
    assert distance_from_power_of_ten(larger_moves, figure) < 0.05


@given(FIGURES, st.floats(min_value=0.2, max_value=5.0))
def test_an_ordinary_change_is_far_from_every_power(figure: float, change: float) -> None:
    assert distance_from_power_of_ten(figure * change, figure) > 0.4


@given(FIGURES, FIGURES)
def test_which_figure_came_first_does_not_matter(left: float, right: float) -> None:
    assert distance_from_power_of_ten(left, right) == distance_from_power_of_ten(right, left)
    assert orders_of_magnitude(left, right) == orders_of_magnitude(right, left)


@given(FIGURES, FIGURES, st.floats(min_value=1e-3, max_value=1e3))
def test_the_unit_of_both_figures_does_not_matter(left: float, right: float, unit: float) -> None:
    before = distance_from_power_of_ten(left, right)
    after = distance_from_power_of_ten(left * unit, right * unit)
    # Orders are kept to nine decimals; relative to a ratio of 10^18 that is the precision of the distance.
    assert after == pytest.approx(before, rel=1e-6, abs=1e-6)


@given(FIGURES, FIGURES)
def test_a_lost_sign_is_no_matter_of_scale(left: float, right: float) -> None:
    assert comparable(-left, -right)
    assert distance_from_power_of_ten(-left, -right) == distance_from_power_of_ten(left, right)
    assert not comparable(left, -right)


@pytest.mark.parametrize("other", [None, 0.0, math.nan, math.inf])
def test_nothing_is_compared_with_what_has_no_size(other: float | None) -> None:
    assert not comparable(5.0, other)
    assert not comparable(other, 5.0)


@given(st.lists(st.floats(min_value=0, max_value=9), min_size=1), st.floats(min_value=0, max_value=9))
def test_a_limit_is_crossed_only_where_a_majority_crosses_it(values: list[float], limit: float) -> None:
    half = len(values) / 2
    assert (majority_smallest(values) <= limit) == (sum(value <= limit for value in values) > half)
    assert (majority_largest(values) >= limit) == (sum(value >= limit for value in values) > half)
