"""Each rule fails where its condition is broken, holds only what it should, and passes otherwise."""

import shutil
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from expectations.rules import RuleSet
from expectations.run import CheckRun, run_suites
from store.settings import Settings
from store.warehouse import warehouse_lock
from tests.expectations import broken
from tests.expectations.test_registry import BROKEN_REGISTRY
from tests.expectations.warehouse import Warehouse

Check = Callable[..., CheckRun]
Break = Callable[[Warehouse], str | None]

SHARES = ("AGRICULTURE", "INDUSTRY_CONSTRUCTION", "SERVICES", "PRODUCT_TAXES")
EARLIER = {"vintage_at": datetime(2025, 1, 1), "published_at": date(2025, 1, 1), "document": "issue_2024"}


def sound() -> Warehouse:
    """Figures as they were published, of which no rule finds anything."""
    warehouse = Warehouse()
    for year, population in (
        ("2020", "533.1"),
        ("2021", "542.217"),
        ("2022", "543.052"),
        ("2023", "547.857"),
    ):
        warehouse.observe("POPULATION_AVERAGE", year, population)
    warehouse.observe("POPULATION_AVERAGE", "2024", "558.461", maturity="preliminary")
    warehouse.observe("POPULATION_AVERAGE", "2024", "280.201", breakdown="SEX_MALE")
    warehouse.observe("POPULATION_AVERAGE", "2024", "278.260", breakdown="SEX_FEMALE")
    for sector, share in zip(SHARES, ("20.83", "18.99", "56.48", "3.70"), strict=True):
        warehouse.observe(f"GRDP_SHARE_{sector}", "2024", share)
    warehouse.observe("GRDP_GROWTH", "2023", "-7.88", maturity="estimate", published_at=date(2024, 1, 1))
    warehouse.observe("GRDP_GROWTH", "2024", "0.75")
    warehouse.observe("PCI_RANK", "2015", "63")
    warehouse.observe("PCI_RANK", "2016", "6")
    warehouse.observe("FOREST_COVER", "2022", None)
    warehouse.observe("TOURISM_VISITS", "2024", "1800")
    warehouse.observe("TOURISM_VISITS", "2024", "1.8", source_id="press", value_text="1.8", value_decimals=1)
    warehouse.observations[-1].update(unit="million_visit")
    warehouse.document("nso", "issue_2025")
    warehouse.series.append(
        {"source_id": "nso", "route": "recorded", "series_id": 1, "indicator_code": "POPULATION_AVERAGE"}
        | {"breakdown": "_T", "form": "level"}
    )
    warehouse.cell(0, 1, None)
    warehouse.cell(0, None, "IGNORED")
    warehouse.issue("received", date(2025, 10, 6))
    return warehouse


def both_value_and_code(warehouse: Warehouse) -> str:
    return warehouse.observe("FOREST_COVER", "2015", "53.5", missing_code="dash")


def neither_value_nor_code(warehouse: Warehouse) -> str:
    return warehouse.observe("FOREST_COVER", "2015", None, missing_code=None)


def unknown_indicator(warehouse: Warehouse) -> str:
    return warehouse.observe("NO_SUCH_INDICATOR", "2015", "5")


def unknown_area(warehouse: Warehouse) -> str:
    return warehouse.observe("FOREST_COVER", "2015", "53.5", area_id="VN-99")


def unknown_period(warehouse: Warehouse) -> str:
    key = warehouse.observe("FOREST_COVER", "2015", "53.5")
    warehouse.periods.discard("2015")
    warehouse.observations = [
        row for row in warehouse.observations if row["period_id"] != "2015" or row["observation_key"] == key
    ]
    return key


def period_not_begun(warehouse: Warehouse) -> str:
    return warehouse.observe("FOREST_COVER", "2030", "60")


def unknown_maturity(warehouse: Warehouse) -> str:
    return warehouse.observe("FOREST_COVER", "2015", "53.5", maturity="final")


def unit_of_another_quantity(warehouse: Warehouse) -> str:
    return warehouse.observe("POVERTY_REDUCTION", "2024", "4.49", unit="percent")


def below_the_lower_bound(warehouse: Warehouse) -> str:
    return warehouse.observe("FOREST_COVER", "2015", "-0.1")


def above_the_upper_bound(warehouse: Warehouse) -> str:
    return warehouse.observe("FOREST_COVER", "2015", "100.1")


def revision_by_a_thousand(warehouse: Warehouse) -> str:
    warehouse.observe("BUDGET_REVENUE", "2024", "2292", **EARLIER)
    return warehouse.observe("BUDGET_REVENUE", "2024", "2292000")


def year_in_another_unit(warehouse: Warehouse) -> str:
    return warehouse.observe("POPULATION_AVERAGE", "2019", "530900")


def revision_out_of_all_proportion(warehouse: Warehouse) -> str:
    warehouse.observe("BUDGET_REVENUE", "2024", "2292", **EARLIER)
    return warehouse.observe("BUDGET_REVENUE", "2024", "500000")


def year_out_of_all_proportion(warehouse: Warehouse) -> str:
    warehouse.observe("BUDGET_REVENUE", "2023", "2086", **EARLIER)
    return warehouse.observe("BUDGET_REVENUE", "2024", "240000")


def revision_by_two_thirds(warehouse: Warehouse) -> None:
    warehouse.observe("BUDGET_REVENUE", "2024", "1392", **EARLIER)
    warehouse.observe("BUDGET_REVENUE", "2024", "2292")


def employed_persons_as_published(warehouse: Warehouse) -> None:
    for year, employed in (("2019", "348.6"), ("2020", "345.9"), ("2021", "157.3")):
        warehouse.observe("EMPLOYED_PERSONS", year, employed)


def estimate_after_official(warehouse: Warehouse) -> str:
    warehouse.observe("GRDP_GROWTH", "2022", "5.04", maturity="official", **EARLIER)
    return warehouse.observe("GRDP_GROWTH", "2022", "5.2", maturity="estimate")


def official_in_a_lower_source(warehouse: Warehouse) -> None:
    warehouse.observe("GRDP_GROWTH", "2022", "5.04", maturity="estimate")
    warehouse.observe("GRDP_GROWTH", "2022", "5.04", maturity="official", source_id="ministry")


def shares_short_of_a_hundred(warehouse: Warehouse) -> None:
    for sector, share in zip(SHARES, ("20.61", "17.36", "57.19", "3.84"), strict=True):
        warehouse.observe(f"GRDP_SHARE_{sector}", "2024-H1", share)


def sexes_that_miss_the_total(warehouse: Warehouse) -> None:
    warehouse.observe("POPULATION_AVERAGE", "2020", "267.0", breakdown="SEX_MALE")
    warehouse.observe("POPULATION_AVERAGE", "2020", "266.3", breakdown="SEX_FEMALE")


def two_papers_on_the_budget(warehouse: Warehouse) -> None:
    warehouse.observe("BUDGET_REVENUE", "2024", "2524", source_id="press")
    warehouse.observe("BUDGET_REVENUE", "2024", "2458", source_id="paper")


def two_articles_on_one_site(warehouse: Warehouse) -> None:
    for title, value in (("Gần 2.300 tỷ đồng", "2292"), ("Thu ngân sách 2024", "2524")):
        warehouse.observe(
            "BUDGET_REVENUE",
            "2024",
            value,
            source_id="press",
            citation_title=title,
            published_at=None,
            document=title,
        )


def first_months_beside_the_half_year(warehouse: Warehouse) -> None:
    warehouse.observe("TOURISM_VISITS", "2025-H1", "1520", source_id="ministry")
    warehouse.observe("TOURISM_VISITS", "2025-YTDx", "1430", source_id="paper")


def a_cell_nobody_claims(warehouse: Warehouse) -> None:
    warehouse.cell(0, None, "NO_SERIES")


def a_series_without_cells(warehouse: Warehouse) -> None:
    warehouse.series.append({**warehouse.series[0], "series_id": 2})


def a_unit_that_changed(warehouse: Warehouse) -> None:
    warehouse.change("unit_changed", "“Người”", "“Nghìn người”")


def a_dimension_that_is_gone(warehouse: Warehouse) -> None:
    warehouse.change("dimension_vanished")


def a_category_that_is_gone(warehouse: Warehouse) -> None:
    warehouse.change("category_vanished")


def a_table_under_another_title(warehouse: Warehouse) -> None:
    warehouse.change("table_renamed", was="“Dân số trung bình”")


def a_letter_keyed_in_two_ways(warehouse: Warehouse) -> None:
    warehouse.retrieval("unchanged", document="recorded")
    warehouse.retrieval("quarantined", "2100,5 / 2105,5", document="letter")


def a_month_past_its_day(warehouse: Warehouse) -> None:
    warehouse.issue("late")


def a_month_that_a_later_one_overtook(warehouse: Warehouse) -> None:
    warehouse.issue("missing")


def a_month_that_came_after_its_day(warehouse: Warehouse) -> None:
    warehouse.issue("received_late", date(2025, 11, 3))


def density(warehouse: Warehouse, published: str) -> str:
    """Persons in an area, the density published of them, and the density worked out; returns the latter's key."""
    persons = warehouse.observe("POPULATION_AVERAGE", "2019", "530.800")
    area = warehouse.observe("AREA_TOTAL", "2019", "6700.40")
    warehouse.observe("POPULATION_DENSITY", "2019", published)
    derived = warehouse.observe(
        "POPULATION_DENSITY", "2019", "79.219150", source_id="ppw_derived", origin="derived",
        value_text=None, value_decimals=1, rounding_half_width=0.0001,
    )  # fmt: skip
    warehouse.derive("ratio_population_density", "ratio", derived, [persons, area])
    return derived


def a_density_that_its_parts_do_not_give(warehouse: Warehouse) -> None:
    density(warehouse, "80")


BROKEN: dict[Break, tuple[str, str]] = {
    both_value_and_code: ("domain_value_state", "error"),
    neither_value_nor_code: ("domain_value_state", "error"),
    unknown_indicator: ("domain_indicator_known", "error"),
    unknown_area: ("domain_area_known", "error"),
    unknown_period: ("domain_period_known", "error"),
    period_not_begun: ("domain_period_begun", "error"),
    unknown_maturity: ("domain_maturity_known", "error"),
    unit_of_another_quantity: ("domain_unit_measures_indicator", "error"),
    below_the_lower_bound: ("domain_lower_bound", "error"),
    above_the_upper_bound: ("domain_upper_bound", "error"),
    revision_by_a_thousand: ("scale_revision_power_of_ten", "error"),
    year_in_another_unit: ("scale_neighbour_power_of_ten", "error"),
    revision_out_of_all_proportion: ("scale_revision_fiftyfold", "error"),
    year_out_of_all_proportion: ("scale_neighbour_fiftyfold", "error"),
    revision_by_two_thirds: ("scale_revision_large", "warning"),
    employed_persons_as_published: ("scale_step_from_year_before", "warning"),
    estimate_after_official: ("maturity_step_back", "error"),
    official_in_a_lower_source: ("maturity_lower_rank_more_final", "warning"),
    shares_short_of_a_hundred: ("structure_shares_sum", "warning"),
    sexes_that_miss_the_total: ("structure_parts_sum", "warning"),
    two_papers_on_the_budget: ("agreement_between_sources", "warning"),
    two_articles_on_one_site: ("agreement_within_source", "warning"),
    first_months_beside_the_half_year: ("agreement_open_period", "warning"),
    a_density_that_its_parts_do_not_give: ("agreement_derived", "warning"),
    a_cell_nobody_claims: ("mapping_cells_claimed", "warning"),
    a_series_without_cells: ("mapping_series_found", "warning"),
    a_unit_that_changed: ("mapping_unit_unchanged", "error"),
    a_dimension_that_is_gone: ("mapping_dimensions_unchanged", "warning"),
    a_category_that_is_gone: ("mapping_categories_kept", "warning"),
    a_table_under_another_title: ("mapping_tables_kept", "warning"),
    a_letter_keyed_in_two_ways: ("calendar_last_retrieval_good", "warning"),
    a_month_past_its_day: ("calendar_issue_late", "warning"),
    a_month_that_a_later_one_overtook: ("calendar_issue_missing", "warning"),
    a_month_that_came_after_its_day: ("calendar_issue_in_time", "information"),
    **broken.BROKEN,
}


@pytest.fixture(scope="module")
def sound_results(tmp_path_factory: pytest.TempPathFactory, rule_set: RuleSet) -> Path:
    """The results kept of the sound figures: what a broken case leaves as it was is not checked again."""
    home = Settings(home=tmp_path_factory.mktemp("sound"))
    sound().write(home)
    with warehouse_lock(home):
        run_suites(home, rule_set)
    return home.checks_dir


def test_sound_figures_break_no_rule_and_every_rule_is_checked(check: Check, rule_set: RuleSet) -> None:
    run = check(sound())
    assert run.results.height == 0
    assert {entry.rule.rule_id for entry in run.rules} == {
        rule.rule_id for rule in rule_set.rules if rule.suite != "release"
    }
    assert all(entry.counts.not_checked == 0 for entry in run.rules)
    assert run.suites["domain"].passed > 100


def test_every_rule_has_a_case_that_breaks_it(rule_set: RuleSet) -> None:
    # The rules on the rules themselves are broken in test_registry.py, the release's in test_release_checks.py.
    tried = {rule_id for rule_id, _ in BROKEN.values()} | set(BROKEN_REGISTRY)
    assert tried == {rule.rule_id for rule in rule_set.rules if rule.suite != "release"}


@pytest.mark.parametrize("break_it", BROKEN, ids=lambda function: function.__name__)
def test_a_broken_condition_fails_its_rule(
    settings: Settings, check: Check, sound_results: Path, break_it: Break
) -> None:
    rule_id, severity = BROKEN[break_it]
    shutil.copytree(sound_results, settings.checks_dir)
    warehouse = sound()
    key = break_it(warehouse)
    run = check(warehouse)

    found = run.results.filter(run.results["rule_id"] == rule_id)
    assert found["outcome"].to_list() == ["failed"]
    assert found["severity"].to_list() == [severity]
    for message in (found["message_vi"].item(), found["message_en"].item()):
        assert message
        assert "{" not in message
    # An error holds the observation it names and no other; a warning holds nothing.
    assert run.held == ({key} if severity == "error" and key is not None else frozenset())
    assert "not_checked" not in run.results["outcome"].to_list()


def test_an_area_that_a_plan_brings_is_known(check: Check) -> None:
    warehouse = sound()
    unknown_area(warehouse)
    warehouse.plan_areas.append(
        {"area_id": "VN-99", "level": "province", "name_vi": "Tỉnh thử", "name_en": "Test"}
    )
    assert check(warehouse).results.is_empty()


def test_a_conflict_is_shown_with_both_figures(check: Check) -> None:
    warehouse = sound()
    two_papers_on_the_budget(warehouse)
    finding = check(warehouse).results.row(0, named=True)
    assert {finding["left_value"], finding["right_value"]} == {2524.0, 2458.0}
    assert "2.524 tỷ đồng" in finding["message_vi"]
    assert "2.458 tỷ đồng" in finding["message_vi"]
    assert "2,458 billion VND" in finding["message_en"]


def test_a_published_figure_within_the_rounding_of_both_agrees_with_its_components(check: Check) -> None:
    warehouse = sound()
    density(warehouse, "79")
    assert check(warehouse).results.is_empty()


def test_a_published_figure_beside_a_derived_one_is_shown_with_the_components(check: Check) -> None:
    warehouse = sound()
    a_density_that_its_parts_do_not_give(warehouse)
    finding = check(warehouse).results.row(0, named=True)
    assert (finding["left_value"], finding["right_value"]) == (80.0, 79.21915)
    assert "530,8 nghìn người" in finding["message_vi"]
    assert "6700.4 km²" in finding["message_en"]


def test_what_was_worked_out_from_a_held_figure_is_no_reference(check: Check) -> None:
    warehouse = sound()
    persons = warehouse.observe("POPULATION_AVERAGE", "2019", "530.800", unit="no_unit")
    area = warehouse.observe("AREA_TOTAL", "2019", "6700.40")
    warehouse.observe("POPULATION_DENSITY", "2019", "80")
    derived = warehouse.observe("POPULATION_DENSITY", "2019", "79.2", source_id="ppw_derived")
    warehouse.derive("ratio_population_density", "ratio", derived, [persons, area])
    run = check(warehouse)
    assert run.held == {persons}
    assert "agreement_derived" not in run.results["rule_id"].to_list()


def test_a_change_of_structure_is_told_in_words_and_a_new_category_is_none(check: Check) -> None:
    warehouse = sound()
    warehouse.change("category_new")
    assert check(warehouse).results.height == 0
    a_unit_that_changed(warehouse)
    finding = check(warehouse).results.row(0, named=True)
    assert "bảng “Dân số”: so với bản chụp trước, đơn vị tính nay là “Người”" in finding["message_vi"]
    assert "before it was “Nghìn người”" in finding["message_en"]
    assert (finding["source_id"], finding["observation_key"]) == ("nso", None)


def test_a_late_issue_is_told_in_words_and_what_nobody_can_say_is_no_finding(check: Check) -> None:
    warehouse = sound()
    for number, state in enumerate(("due", "not_collected", "received_undated"), start=1):
        warehouse.issue(state, period_id=f"2025-M0{number}")
    warehouse.issue("late", period_id="2024", maturity="preliminary", due_on=date(2025, 10, 6))
    row = check(warehouse).results.row(0, named=True)
    assert check(warehouse).results.height == 1
    assert (row["rule_id"], row["subject"], row["period_id"]) == (
        "calendar_issue_late",
        "nso|2024|preliminary",
        "2024",
    )
    assert row["message_vi"] == (
        "Nguồn nso: số liệu năm 2024 (sơ bộ) đến hạn công bố ngày 06/10/2025 nhưng chưa nhận được. Căn cứ của lịch: "
        "Nghị định. Thu thập lại nguồn nso, hoặc hỏi nơi công bố."
    )


def test_a_vintage_older_than_the_rule_only_informs_and_is_not_held(check: Check) -> None:
    warehouse = sound()
    warehouse.observe("FOREST_COVER", "2015", "101", vintage_at=datetime(2016, 5, 1))
    run = check(warehouse)
    assert run.results["severity"].to_list() == ["information"]
    assert run.held == frozenset()


def test_what_is_held_is_no_reference_for_other_sources(check: Check) -> None:
    warehouse = sound()
    held = warehouse.observe("FOREST_COVER", "2024", "560")
    warehouse.observe("FOREST_COVER", "2024", "56.5", source_id="press")
    run = check(warehouse)
    assert run.held == {held}
    assert run.results["rule_id"].to_list() == ["domain_upper_bound"]
