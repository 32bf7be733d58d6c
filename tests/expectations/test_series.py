"""What fits a series: bounds from the catalogue, spreads of small samples, running totals, revisions."""

import itertools
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from statistics import fmean, median
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from expectations.bounds import Class, bounds_of
from expectations.frames import documents, revision, series
from expectations.known import Known
from expectations.rules import RuleSet
from expectations.run import CheckRun
from store.settings import Settings
from store.warehouse import connect, warehouse_lock
from tests.expectations.broken import EARLIER
from tests.expectations.warehouse import Warehouse

Knows = Callable[[Warehouse], Known]
LATER = {"vintage_at": datetime(2026, 11, 20), "published_at": date(2026, 6, 1), "document": "issue_2026"}


@pytest.fixture
def knows(settings: Settings, rule_set: RuleSet) -> Iterator[Knows]:
    """The warehouse as the checks see it, until the next one is asked for."""
    with warehouse_lock(settings), ExitStack() as opened:

        def of(warehouse: Warehouse) -> Known:
            opened.close()
            warehouse.write(settings)
            connection = opened.enter_context(connect(settings, read_only=True))
            return Known(connection, settings.inputs_dir, rule_set)

        yield of


def of_years(indicator: str, figures: Mapping[int, float], **changes: Any) -> Warehouse:
    warehouse = Warehouse()
    for year, value in figures.items():
        warehouse.observe(indicator, str(year), f"{value:.4f}", **changes)
    return warehouse


def changes(known: Known, rule_set: RuleSet) -> pl.DataFrame:
    limits = series.limits_of(rule_set.suite("series").parameters)
    breakdowns = rule_set.suite("structure").parameters["breakdowns"]
    frame = series.prepare_changes(
        known.published_in_force(), known.indicators, known.breaks, limits, breakdowns
    )
    return frame.rows.sort("period_id")


def scores(known: Known, rule_set: RuleSet) -> dict[str, float]:
    """Outlier scores by period; a period whose figure could not be checked has none."""
    rows = changes(known, rule_set).filter(pl.col("outlier_score").is_not_null())
    return dict(rows.select("period_id", "outlier_score").iter_rows())


def test_every_indicator_has_a_class_and_a_small_rate_its_own(knows: Knows, rule_set: RuleSet) -> None:
    limits = series.limits_of(rule_set.suite("series").parameters)
    bounds = bounds_of(knows(Warehouse()).indicators, limits.classes)
    without = bounds.filter(pl.col("kind").is_null())
    assert set(without["form"]) <= {"rank", "change", "increment", "average_growth"}
    assert bounds.filter(pl.col("kind").is_not_null())["usual_change"].null_count() == 0
    largest = dict(bounds.select("indicator_code", "largest_change").iter_rows())
    assert largest["UNEMPLOYMENT_URBAN"] < largest["LABOUR_TRAINED_SHARE"]
    assert largest["AREA_TOTAL"] < largest["POPULATION_AVERAGE"]


def test_the_first_class_that_fits_is_taken() -> None:
    catalogue = pl.DataFrame(
        {
            "indicator_code": ["A", "B", "C"],
            "form": ["level", "level", "ratio"],
            "domain": ["x", "y", "y"],
            "dimension": ["person"] * 3,
            "factor": [1.0] * 3,
            "is_additive_over_time": [False] * 3,
        }
    )
    classes = (Class("ratio", 0.1, 0.01, domains=["x"]), Class("difference", 2.0, 1.0, forms=["level"]))
    assert bounds_of(catalogue, classes)["kind"].to_list() == ["ratio", "difference", None]


FLAT = {2015: 100.0, 2016: 101.0, 2017: 102.1, 2018: 103.0, 2019: 104.2, 2020: 105.1}


def test_a_slip_is_out_of_line_and_its_neighbours_are_not(knows: Knows, rule_set: RuleSet) -> None:
    known = knows(of_years("LABOUR_FORCE", {**FLAT, 2018: 130.0}))
    found = scores(known, rule_set)
    assert found.pop("2018") > 5
    assert max(found.values()) <= 3.5


def test_a_step_that_lasts_is_not_out_of_line(knows: Knows, rule_set: RuleSet) -> None:
    stepped = {year: value * (1.3 if year >= 2018 else 1.0) for year, value in FLAT.items()}
    known = knows(of_years("LABOUR_FORCE", stepped))
    rows = changes(known, rule_set)
    assert max(scores(known, rule_set).values()) <= 3.5
    # It is beyond the bound of the indicator instead, where it happens and nowhere else.
    beyond = rows.filter(pl.col("change") > pl.col("change_allowed"))
    assert beyond["period_id"].to_list() == ["2018"]


def test_a_flat_series_does_not_alarm(knows: Knows, rule_set: RuleSet) -> None:
    flat = {year: 100.0 for year in FLAT} | {2020: 100.4}
    assert scores(knows(of_years("LABOUR_FORCE", flat)), rule_set)["2020"] <= 3.5


def test_under_four_figures_it_cannot_be_checked(knows: Knows, rule_set: RuleSet) -> None:
    three = {2018: 46.0, 2019: 46.2, 2020: 13.6}
    assert scores(knows(of_years("LABOUR_CERTIFIED_SHARE", three)), rule_set) == {}
    four = {2017: 45.9, **three}
    assert scores(knows(of_years("LABOUR_CERTIFIED_SHARE", four)), rule_set)["2020"] > 5


TOTALS = {2016: 520.1, 2017: 523.4, 2018: 526.0, 2019: 530.2, 2020: 533.1}


def _by_residence(urban: Mapping[int, float], totals: Mapping[int, float]) -> Warehouse:
    warehouse = Warehouse()
    for year, total in totals.items():
        of_town = urban[year]
        for breakdown, value in (("_T", total), ("RES_URBAN", of_town), ("RES_RURAL", total - of_town)):
            warehouse.observe("POPULATION_AVERAGE", str(year), f"{value:.3f}", breakdown=breakdown)
    return warehouse


URBAN = {2016: 111.2, 2017: 113.0, 2018: 115.1, 2019: 117.3}


@pytest.mark.parametrize(
    ("urban", "total", "found"),
    [
        # Communes became wards: the town leaps and the total stands.
        (141.9, 533.1, {"series_part_moved": {"RES_URBAN", "RES_RURAL"}}),
        # The urban figure and the total slipped together: the parts sum, the total is out of line.
        (211.9, 628.1, {"series_outlier_extreme": {"_T", "RES_URBAN"}}),
    ],
)
def test_a_part_that_moved_within_a_total_that_stands_is_told_apart_from_a_slip(
    check: Callable[..., CheckRun], urban: float, total: float, found: Mapping[str, set[str]]
) -> None:
    run = check(_by_residence({**URBAN, 2020: urban}, {**TOTALS, 2020: total}))
    of_series = run.results.filter(
        pl.col("rule_id").is_in(["series_part_moved", "series_outlier", "series_outlier_extreme"])
    )
    assert set(of_series["period_id"]) == {"2020"}
    by_rule = of_series.group_by("rule_id").agg("breakdown")
    assert {rule: set(breakdowns) for rule, breakdowns in by_rule.iter_rows()} == found


def test_a_part_that_slipped_alone_breaks_its_sum_and_is_out_of_line(check: Callable[..., CheckRun]) -> None:
    warehouse = _by_residence({**URBAN, 2020: 119.2}, TOTALS)
    warehouse.observe("POPULATION_AVERAGE", "2020", "191.200", breakdown="RES_URBAN", **LATER)
    rules = set(check(warehouse).results["rule_id"])
    assert {"structure_parts_sum", "series_outlier_extreme"} <= rules
    assert "series_part_moved" not in rules


def test_the_spread_of_few_changes_is_not_taken_for_smaller_than_it_is() -> None:
    """Of samples of a normal distribution the corrected median absolute deviation is its spread, however few."""
    chance = random.Random(20261123)
    for number in (2, 3, 5, 9, 14):
        samples = [[chance.gauss(0, 1) for _ in range(number)] for _ in range(4000)]
        mads = [median(abs(one - median(sample)) for one in sample) / 0.6745 for sample in samples]
        factor = pl.select(series._mad_of_few(pl.lit(number))).item()
        assert fmean(mads) * factor == pytest.approx(1, abs=0.04), number


def test_a_declared_break_is_not_compared_across(knows: Knows, rule_set: RuleSet) -> None:
    employed = {2018: 346.72, 2019: 346.5, 2020: 345.91, 2021: 157.3, 2022: 160.2}
    rows = changes(knows(of_years("EMPLOYED_PERSONS", employed)), rule_set)
    (first,) = rows.filter(pl.col("period_id") == "2021").iter_rows(named=True)
    assert (first["previous_value"], first["change"]) == (None, None)


def _scores_of(
    rule_set: RuleSet, published: pl.DataFrame, known: Known, logs: Sequence[float]
) -> list[float]:
    limits = series.limits_of(rule_set.suite("series").parameters)
    figures = published.head(len(logs)).with_columns(pl.Series("value", [math.exp(one) for one in logs]))
    rows = series.prepare_changes(figures, known.indicators, known.breaks, limits, []).rows.sort("period_id")
    return rows["outlier_score"].to_list()


def test_the_score_does_not_depend_on_the_size_of_the_figures_nor_on_the_direction_of_time(
    knows: Knows, rule_set: RuleSet
) -> None:
    known = knows(of_years("LABOUR_FORCE", {year: 100.0 + year for year in range(2012, 2021)}))
    published = known.published_in_force().sort("period_id")

    @given(steps=st.lists(st.floats(-0.2, 0.2), min_size=4, max_size=8), shift=st.floats(-7.0, 7.0))
    @hypothesis_settings(max_examples=40, deadline=None)
    def holds(steps: list[float], shift: float) -> None:
        logs = [6.0, *itertools.accumulate(steps, initial=6.0)][1:]
        as_they_are = _scores_of(rule_set, published, known, logs)
        larger = _scores_of(rule_set, published, known, [one + shift for one in logs])
        backwards = _scores_of(rule_set, published, known, logs[::-1])
        assert as_they_are == pytest.approx(larger, abs=1e-4)
        assert as_they_are == pytest.approx(backwards[::-1], abs=1e-4)

    holds()


def falls(known: Known) -> list[tuple[str, str, float]]:
    rows = series.prepare_running_totals(
        known.published_in_force(), known.indicators, known.breaks
    ).rows.filter(pl.col("fall") > 0)
    return [tuple(row) for row in rows.select("period_id", "earlier_period_id", "earlier_value").iter_rows()]


def test_a_running_total_is_set_beside_the_largest_before_it(knows: Knows) -> None:
    warehouse = Warehouse()
    for part, value in (
        ("Q1", "310.2"),
        ("H1", "905.4"),
        ("YTD09", "870.0"),
        ("YTD10", "1210.5"),
        ("Q3", "2.0"),
    ):
        warehouse.observe("BUDGET_REVENUE", f"2024-{part}", value)
    # Another source and another year count for themselves, and a stock does not count at all.
    warehouse.observe("BUDGET_REVENUE", "2024", "800", source_id="press")
    warehouse.observe("BUDGET_REVENUE", "2025-Q1", "120.5")
    warehouse.observe("POPULATION_AVERAGE", "2024-H1", "558.1")
    warehouse.observe("POPULATION_AVERAGE", "2024", "548.1")
    assert falls(knows(warehouse)) == [("2024-YTD09", "2024-H1", 905.4)]


def test_rounding_is_no_fall_and_units_that_merge_begin_anew(knows: Knows) -> None:
    warehouse = Warehouse()
    warehouse.observe("BUDGET_REVENUE", "2024-H1", "905.4")
    warehouse.observe("BUDGET_REVENUE", "2024-YTD09", "905")
    for year, communes in (("2023", "18"), ("2024", "17"), ("2025", "9")):
        warehouse.observe("COMMUNES_NEW_RURAL", year, communes)
    assert falls(knows(warehouse)) == [("2024", "2023", 18.0)]


def revisions(known: Known, rule_set: RuleSet) -> pl.DataFrame:
    return revision.prepare(
        known.issues(), known.benchmarks, **rule_set.suite("revision").parameters
    ).rows.sort("period_id")


def revised(indicator: str, *of: tuple[str, str, str], now: Mapping[str, Any] = LATER) -> Warehouse:
    warehouse = Warehouse()
    for year, first, latest in of:
        warehouse.observe(indicator, year, first, **EARLIER)
        warehouse.observe(indicator, year, latest, **now)
    return warehouse


def test_a_revision_is_set_beside_those_of_the_other_periods(knows: Knows, rule_set: RuleSet) -> None:
    rows = revisions(
        knows(
            revised(
                "RETAIL_SALES",
                ("2019", "7100.0", "7110.0"),
                ("2020", "7300.0", "7306.0"),
                ("2021", "7400.0", "7392.0"),
                ("2022", "7500.0", "7800.0"),
            )
        ),
        rule_set,
    )
    (last,) = rows.filter(pl.col("excess") > 0).iter_rows(named=True)
    assert last["period_id"] == "2022"
    assert last["usual_revision"] == pytest.approx(8.0)
    # 0.5 % of the figure is more than three times the usual revision.
    assert last["allowed"] == pytest.approx(37.5)
    assert (last["low"], last["high"]) == (pytest.approx(7462.5), pytest.approx(7537.5))


def test_what_a_census_revises_and_what_has_no_habit_is_not_asked_about(
    knows: Knows, rule_set: RuleSet
) -> None:
    of_census = [
        (str(year), f"{500 + year - 2010}.0", f"{540 + year - 2010}.0") for year in range(2013, 2018)
    ]
    first = {"vintage_at": datetime(2018, 9, 21), "published_at": date(2018, 9, 21), "document": "issue_2018"}
    warehouse = Warehouse()
    for year, before, after in of_census:
        warehouse.observe("POPULATION_AVERAGE", year, before, **first)
        warehouse.observe("POPULATION_AVERAGE", year, after, **LATER)
    assert revisions(knows(warehouse), rule_set).is_empty()
    two = revised("RETAIL_SALES", ("2021", "7400.0", "7392.0"), ("2022", "7500.0", "7800.0"))
    assert revisions(knows(two), rule_set)["excess"].to_list() == [None, None]


def exchanged(known: Known) -> list[tuple[str, str]]:
    rows = documents.prepare_rows(known.published_in_force(), known.issues(), 0.15).rows.filter("exchanged")
    return [(row["indicator_code"], row["beside"].partition("|")[0]) for row in rows.iter_rows(named=True)]


def test_rows_exchanged_since_the_last_issue_are_told_once_and_grown_ones_are_not(knows: Knows) -> None:
    warehouse = revised("BUDGET_REVENUE", ("2023", "2086.1", "2951.3"))
    for row in revised("BUDGET_EXPENDITURE", ("2023", "2951.3", "2086.1")).observations:
        warehouse.observations.append(row)
    for row in revised("RETAIL_SALES", ("2023", "9100.5", "11527.2")).observations:
        warehouse.observations.append(row)
    (pair,) = exchanged(knows(warehouse))
    assert set(pair) == {"BUDGET_REVENUE", "BUDGET_EXPENDITURE"}


def first_figures(known: Known) -> dict[tuple[str, str], tuple[str, float]]:
    """What the first figures of sources are set beside: (source, period) -> (period of the other, orders)."""
    rows = series.prepare_first_figures(known.published_in_force(), 3).rows
    return {
        (row["source_id"], row["period_id"]): (row["nearest_period_id"], row["orders"])
        for row in rows.iter_rows(named=True)
    }


def test_a_first_figure_is_set_beside_the_nearest_year_of_another_source(knows: Knows) -> None:
    warehouse = of_years("TOURISM_VISITS", {2018: 1201.3, 2022: 1100.0, 2024: 1800.0})
    warehouse.observe("TOURISM_VISITS", "2025", "2150", source_id="ministry")
    warehouse.observe("TOURISM_VISITS", "2025", "2.2", source_id="press")
    warehouse.observations[-1].update(unit="million_visit")
    found = first_figures(knows(warehouse))
    # 2018 has nothing within three years; 2022 and 2024 have each other.
    assert found.keys() == {("ministry", "2025"), ("press", "2025")}
    assert found["ministry", "2025"] == ("2024", pytest.approx(math.log10(2150 / 1800)))
    assert found["press", "2025"] == ("2024", pytest.approx(math.log10(2200 / 1800)))


def test_figures_without_a_ratio_and_of_other_parts_of_the_year_are_not_set_beside_each_other(
    knows: Knows,
) -> None:
    warehouse = of_years("GRDP_GROWTH", {2023: -7.88})
    warehouse.observe("GRDP_GROWTH", "2024", "0.75", source_id="ministry")
    warehouse.observe("TOURISM_VISITS", "2024", "1800")
    warehouse.observe("TOURISM_VISITS", "2025-H1", "1100", source_id="ministry")
    assert first_figures(knows(warehouse)) == {}
