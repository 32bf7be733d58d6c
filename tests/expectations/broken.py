"""Warehouses in which one rule on series, revisions, documents or targets is broken: the fault it is for."""

import csv
from collections.abc import Callable
from datetime import date, datetime
from functools import cache

from store.settings import PROJECT_ROOT
from tests.expectations.warehouse import Warehouse

Break = Callable[[Warehouse], str | None]

EARLIER = {"vintage_at": datetime(2025, 1, 1), "published_at": date(2025, 1, 1), "document": "issue_2024"}
OTHER_BYTES = "6" * 64


def a_year_out_of_line(warehouse: Warehouse) -> None:
    warehouse.observe("POPULATION_AVERAGE", "2025", "600.123")


def two_digits_exchanged(warehouse: Warehouse) -> None:
    warehouse.observe("POPULATION_AVERAGE", "2025", "655.123")


def a_town_that_leaps_within_the_same_total(warehouse: Warehouse) -> None:
    for year, urban, rural in (
        ("2011", "100.1", "1410.0"),
        ("2012", "101.2", "1421.1"),
        ("2013", "102.1", "1432.3"),
        ("2014", "103.4", "1443.2"),
        ("2015", "133.5", "1424.9"),
    ):
        for breakdown, value in (
            ("RES_URBAN", urban),
            ("RES_RURAL", rural),
            ("_T", f"{float(urban) + float(rural):.1f}"),
        ):
            warehouse.observe("POPULATION_AVERAGE", year, value, breakdown=breakdown, area_id="VN")


def one_share_for_another(warehouse: Warehouse) -> None:
    warehouse.observe("LABOUR_CERTIFIED_SHARE", "2023", "46.2")
    warehouse.observe("LABOUR_CERTIFIED_SHARE", "2024", "13.6")


def the_figure_of_the_year_before(warehouse: Warehouse) -> None:
    warehouse.observe("LABOUR_FORCE", "2015", "360.9")
    warehouse.observe("LABOUR_FORCE", "2016", "360.9")


def a_first_figure_a_thousand_times_too_large(warehouse: Warehouse) -> None:
    warehouse.observe("TOURISM_VISITS", "2025", "2150000", source_id="ministry")


def nine_months_below_six(warehouse: Warehouse) -> None:
    warehouse.observe("BUDGET_REVENUE", "2022-H1", "2542.4")
    warehouse.observe("BUDGET_REVENUE", "2022-YTD09", "2190.1")


def current_prices_after_constant(warehouse: Warehouse) -> None:
    warehouse.observe("INDUSTRIAL_OUTPUT_VALUE", "2022", "6100.3", price_basis="constant")
    warehouse.observe("INDUSTRIAL_OUTPUT_VALUE", "2023", "6700.3", price_basis="current")


@cache
def _districts() -> list[str]:
    with (PROJECT_ROOT / "dbt_project" / "seeds" / "area.csv").open(encoding="utf-8") as file:
        return [row["area_id"] for row in csv.DictReader(file) if row["level"] == "district"]


def districts_that_miss_the_province(warehouse: Warehouse) -> None:
    for number, district in enumerate(_districts()):
        warehouse.observe("CROPS_SOWN_AREA", "2023", f"{9000 + number}", area_id=district)
    warehouse.observe("CROPS_SOWN_AREA", "2023", "97985")


def a_growth_that_the_levels_do_not_give(warehouse: Warehouse) -> None:
    before = warehouse.observe("GRDP_CONSTANT", "2021", "11000.0", price_basis="constant")
    level = warehouse.observe("GRDP_CONSTANT", "2022", "11550.0", price_basis="constant")
    warehouse.observe("GRDP_GROWTH", "2022", "5.24")
    derived = warehouse.observe(
        "GRDP_GROWTH", "2022", "5.0", source_id="ppw_derived", rounding_half_width=0.001
    )
    warehouse.derive("grdp_growth_from_levels", "growth", derived, [level, before])


def a_year_that_its_halves_do_not_give(warehouse: Warehouse) -> None:
    halves = [
        warehouse.observe("TRADE_TURNOVER", f"2022-{half}", value)
        for half, value in (("H1", "331.5"), ("H2", "350.2"))
    ]
    warehouse.observe("TRADE_TURNOVER", "2022", "885.0")
    derived = warehouse.observe(
        "TRADE_TURNOVER", "2022", "681.7", source_id="ppw_derived", rounding_half_width=0.1
    )
    warehouse.derive("periods", "periods", derived, halves)


def a_revision_out_of_habit(warehouse: Warehouse) -> None:
    for year, first, now in (
        ("2019", "7100.0", "7105.0"),
        ("2020", "7300.0", "7303.0"),
        ("2021", "7400.0", "7398.0"),
        ("2022", "7500.0", "7800.0"),
    ):
        warehouse.observe("RETAIL_SALES", year, first, **EARLIER)
        warehouse.observe("RETAIL_SALES", year, now)


def a_revision_by_a_fifth(warehouse: Warehouse) -> None:
    warehouse.observe("BUDGET_REVENUE", "2024", "2292", **EARLIER)
    warehouse.observe("BUDGET_REVENUE", "2024", "2792")


def the_same_bytes_under_another_name(warehouse: Warehouse) -> None:
    warehouse.document("nso", "issue_2026", day=21)


YEAR_2023 = {"BUDGET_REVENUE": "2086.1", "RETAIL_SALES": "11527.2", "INVESTMENT_TOTAL": "14321.5"}


def the_old_figures_saved_again(warehouse: Warehouse) -> None:
    warehouse.table("Biểu tổng hợp", "2023", YEAR_2023, "year_2023", snapshot="7" * 64)
    warehouse.table("Biểu tổng hợp", "2023", YEAR_2023, "year_2023_again", snapshot="8" * 64, day=21)


def this_years_title_over_last_years_figures(warehouse: Warehouse) -> None:
    warehouse.table("Biểu năm 2023", "2023", YEAR_2023, "year_2023", snapshot="7" * 64)
    warehouse.table("Biểu năm 2024", "2024", YEAR_2023, "year_2024", snapshot="8" * 64, day=21)


def most_of_last_years_figures(warehouse: Warehouse) -> None:
    for indicator, before, now in (
        ("BUDGET_REVENUE", "2086.1", "2086.1"),
        ("RETAIL_SALES", "11527.2", "11527.2"),
        ("INVESTMENT_TOTAL", "14321.5", "14321.5"),
        ("TRADE_TURNOVER", "661.3", "700.8"),
    ):
        warehouse.observe(indicator, "2022", before)
        warehouse.observe(indicator, "2023", now)


def last_years_title_over_this_years_figures(warehouse: Warehouse) -> None:
    grown = {indicator: f"{float(value) * 1.07:.1f}" for indicator, value in YEAR_2023.items()}
    warehouse.table("Biểu năm 2023", "2023", YEAR_2023, "year_2023", snapshot="7" * 64)
    warehouse.table("Biểu năm 2023", "2024", grown, "year_2024", snapshot="8" * 64, day=21)


def a_year_read_under_the_title_of_the_last(warehouse: Warehouse) -> None:
    for indicator, value in YEAR_2023.items():
        warehouse.observe(indicator, "2022", f"{float(value) / 1.07:.1f}", **EARLIER)
        warehouse.observe(indicator, "2023", value, **EARLIER)
        warehouse.observe(indicator, "2023", f"{float(value) * 1.08:.1f}")


def two_rows_exchanged(warehouse: Warehouse) -> None:
    for indicator, before, now in (
        ("BUDGET_REVENUE", "2086.1", "3015.6"),
        ("BUDGET_EXPENDITURE", "2951.3", "2107.4"),
        ("RETAIL_SALES", "11527.2", "15102.7"),
    ):
        warehouse.observe(indicator, "2022", before)
        warehouse.observe(indicator, "2023", now)


def a_target_without_its_base(warehouse: Warehouse) -> None:
    warehouse.target("WATER_URBAN", "100")


def a_target_for_its_own_base_year(warehouse: Warehouse) -> None:
    warehouse.observe("WATER_URBAN", "2020", "91.5")
    warehouse.target("WATER_URBAN", "100", period_end=2020)


def a_target_below_its_base(warehouse: Warehouse) -> None:
    warehouse.observe("DOCTORS_PER_10000", "2020", "18.06")
    warehouse.target("DOCTORS_PER_10000", "17")


def a_base_from_another_source(warehouse: Warehouse) -> None:
    warehouse.observe("GRDP_PER_CAPITA", "2020", "35.62")
    warehouse.observe("GRDP_PER_CAPITA", "2025", "50.73", source_id="ministry")
    warehouse.target("GRDP_PER_CAPITA", "102", comparator="approx")


def a_series_that_stopped(warehouse: Warehouse) -> None:
    warehouse.observe("COMMUNES_NEW_RURAL", "2018", "15")
    warehouse.target("COMMUNES_NEW_RURAL", "75", target_type="count", base_period=None)


BROKEN: dict[Break, tuple[str, str]] = {
    a_year_out_of_line: ("series_outlier", "warning"),
    two_digits_exchanged: ("series_outlier_extreme", "warning"),
    a_town_that_leaps_within_the_same_total: ("series_part_moved", "information"),
    one_share_for_another: ("series_change_bound", "warning"),
    the_figure_of_the_year_before: ("series_repeated_value", "warning"),
    a_first_figure_a_thousand_times_too_large: ("series_first_figure", "warning"),
    nine_months_below_six: ("series_running_total_falls", "warning"),
    current_prices_after_constant: ("series_one_base", "warning"),
    districts_that_miss_the_province: ("structure_areas_sum", "warning"),
    a_growth_that_the_levels_do_not_give: ("agreement_growth_of_levels", "warning"),
    a_year_that_its_halves_do_not_give: ("agreement_period_sum", "warning"),
    a_revision_out_of_habit: ("revision_beyond_usual", "warning"),
    a_revision_by_a_fifth: ("revision_without_habit", "warning"),
    the_same_bytes_under_another_name: ("documents_bytes_new", "warning"),
    the_old_figures_saved_again: ("documents_figures_new", "warning"),
    this_years_title_over_last_years_figures: ("documents_period_moved", "warning"),
    most_of_last_years_figures: ("documents_year_copied", "warning"),
    last_years_title_over_this_years_figures: ("documents_title_keeps_pace", "warning"),
    a_year_read_under_the_title_of_the_last: ("documents_period_revised_whole", "warning"),
    two_rows_exchanged: ("documents_rows_in_place", "warning"),
    a_target_without_its_base: ("target_has_base", "information"),
    a_target_for_its_own_base_year: ("target_after_base", "warning"),
    a_target_below_its_base: ("target_leads_forward", "warning"),
    a_base_from_another_source: ("target_one_source", "information"),
    a_series_that_stopped: ("target_figures_recent", "information"),
}
