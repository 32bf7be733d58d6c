"""The recorded figures: each row readable, cited and claimed; the known conflicts all there."""

from decimal import Decimal

import pytest

from sources.registry import check_record
from sources.text.periods import parse_period_id
from sources.text.units import unit_aliases, unit_key
from tests.figures.shipped import RECORDED, SEEDS, Figure, figures, published, records, seed, series_of

RANKS = {"statistics_office": {85, 88, 90}, "ministry": {70}, "peoples_council": {65}, "department": {60}}


def decimals(indicator: str, period: str, source_id: str, breakdown: str = "_T") -> Decimal:
    (value,) = published(indicator, period, breakdown)[source_id]
    return Decimal(value)


def test_every_record_reads_and_fits_the_seeds() -> None:
    assert records().problems == []
    for record in records().records.values():
        assert check_record(record, SEEDS, RECORDED) == []


def test_every_recorded_file_belongs_to_one_document() -> None:
    named = [
        document.file for record in records().records.values() for document in record.recorded_documents()
    ]
    assert sorted(named) == sorted(path.name for path in RECORDED.glob("*.csv"))


def test_at_least_350_figures_ship() -> None:
    assert len(figures()) >= 350


@pytest.mark.parametrize("figure", figures(), ids=lambda figure: figure.where)
def test_a_row_is_a_number_of_one_known_series(figure: Figure) -> None:
    (series,) = figure.claims
    assert figure.area_id in {row["area_id"] for row in seed("area")}
    assert parse_period_id(figure.row["period"]).period_id == figure.row["period"]
    assert Decimal(figure.row["value"]).is_finite()
    aliases = {alias.alias_key for alias in unit_aliases(seed("unit")) if alias.unit == series.unit}
    assert unit_key(figure.row["unit"]) in aliases
    assert all(figure.row[name] for name in ("publisher", "title", "address", "place"))


def test_every_series_claims_a_row() -> None:
    claimed = {(figure.record.source_id, id(series)) for figure in figures() for series in figure.claims}
    for record in records().records.values():
        for series in series_of(record):
            assert (record.source_id, id(series)) in claimed, (record.source_id, series.where)


def test_a_document_gives_one_value_per_key() -> None:
    seen: set[tuple[str, ...]] = set()
    for figure in figures():
        (series,) = figure.claims
        key = (
            figure.record.source_id,
            figure.document.document,
            series.indicator,
            str(figure.area_id),
            figure.row["period"],
            series.breakdown,
            series.form,
        )
        assert key not in seen, figure.where
        seen.add(key)


def test_a_figure_lies_inside_the_bounds_of_its_indicator() -> None:
    bounds = {row["indicator_code"]: row for row in seed("indicator")}
    for figure in figures():
        (series,) = figure.claims
        row, value = bounds[series.indicator], float(figure.row["value"])
        assert row["lower_bound"] == "" or value >= float(row["lower_bound"]), figure.where
        assert row["upper_bound"] == "" or value <= float(row["upper_bound"]), figure.where


def test_a_series_is_kept_in_the_unit_of_its_indicator() -> None:
    indicators = {row["indicator_code"]: row for row in seed("indicator")}
    for record in records().records.values():
        for series in series_of(record):
            indicator = indicators[series.indicator]
            average = series.form == "average_growth"
            assert series.unit == ("percent_per_year" if average else indicator["unit"]), series.where
            assert average or series.form == indicator["form"], series.where


def test_a_row_carries_a_date_only_where_its_document_prints_one() -> None:
    for figure in figures():
        document = figure.document
        printed = str(document.published_at) if document.published_at_basis == "printed" else ""
        assert figure.row["published"] == printed, figure.where


def test_no_press_or_undated_statement_passes_for_official() -> None:
    assert {figure.row["maturity"] for figure in figures()} == {"estimate", "preliminary", "not_stated"}
    for figure in figures():
        if "Prel." in figure.row["place"]:
            assert figure.row["maturity"] == "preliminary", figure.where


def test_ranks_follow_the_kind_of_publisher() -> None:
    for record in records().records.values():
        # What ships was copied by us; what a department sends or a server answers is the publisher's own.
        assert record.origin == ("original" if record.routes.recorded is None else "transcription")
        if record.publisher_kind in RANKS:
            assert record.rank in RANKS[record.publisher_kind]
        elif record.publisher_kind in ("press", "private"):
            assert record.rank <= 40


@pytest.mark.parametrize(
    ("indicator", "period", "values"),
    [
        (
            "BUDGET_REVENUE",
            "2024",
            {"vietnam_vn": {"2292"}, "chon_chinh": {"2524"}, "lao_dong": {"2458"}},
        ),
        ("BUDGET_REVENUE", "2023", {"peoples_council_cao_bang": {"2009.8"}, "lao_dong": {"2086"}}),
        (
            "GRDP_GROWTH_INDUSTRY_CONSTRUCTION",
            "2024",
            {"statistics_office_cao_bang": {"9.9"}, "chon_chinh": {"19.9"}},
        ),
        ("GRDP_PER_CAPITA", "2020", {"statistics_office_cao_bang": {"35.62"}, "docs_123doc": {"36.5"}}),
        ("TRADE_TURNOVER", "2023", {"peoples_council_cao_bang": {"661"}, "qdnd": {"700"}}),
        ("POPULATION_AVERAGE", "2015", {"nso_population": {"524.6", "522"}}),
    ],
)
def test_known_conflicts_are_all_kept(indicator: str, period: str, values: dict[str, set[str]]) -> None:
    assert published(indicator, period) == values


def test_visits_of_the_first_half_and_of_the_open_period_stay_apart() -> None:
    assert published("TOURISM_VISITS", "2025-H1") == {"vietnam_vn": {"1520"}}
    assert published("TOURISM_VISITS", "2025-YTDx") == {"nhan_dan": {"1430"}}


def test_structure_of_2024_is_that_of_the_statistics_office_and_sums_to_100() -> None:
    parts = ("AGRICULTURE", "INDUSTRY_CONSTRUCTION", "SERVICES", "PRODUCT_TAXES")
    office = "statistics_office_cao_bang"
    shares = [decimals(f"GRDP_SHARE_{part}", "2024", office) for part in parts]
    assert shares == [Decimal("20.83"), Decimal("18.99"), Decimal("56.48"), Decimal("3.7")]
    assert sum(shares) == 100
    whole = decimals("GRDP_CURRENT", "2024", office)
    assert sum(decimals(f"GRDP_CURRENT_{part}", "2024", office) for part in parts) == whole


@pytest.mark.parametrize("year", range(2015, 2025))
def test_parts_of_the_population_of_the_province_sum_to_it(year: int) -> None:
    def of(breakdown: str) -> Decimal:
        (value,) = (
            figure.row["value"]
            for figure in figures()
            for series in figure.claims
            if figure.document.document.endswith("_2025")
            and (figure.record.source_id, figure.area_id) == ("nso_population", "VN-04")
            and (series.indicator, series.breakdown) == ("POPULATION_AVERAGE", breakdown)
            and figure.row["period"] == str(year)
        )
        return Decimal(value)

    # One decimal is printed for the early years, so two parts may miss the whole by one in the last place.
    assert abs(of("SEX_MALE") + of("SEX_FEMALE") - of("_T")) <= Decimal("0.11")
    assert abs(of("RES_URBAN") + of("RES_RURAL") - of("_T")) <= Decimal("0.11")


def test_the_average_growth_2021_2025_is_an_observation_of_its_own_form() -> None:
    found = [
        figure
        for figure in figures()
        if figure.row["period"] == "2021..2025" and figure.row["value"] == "4.46"
    ]
    assert {figure.record.source_id for figure in found} == {"lao_dong", "vietnam_vn"}
    for figure in found:
        (series,) = figure.claims
        assert (series.indicator, series.form, series.unit) == (
            "GRDP_GROWTH",
            "average_growth",
            "percent_per_year",
        )


def test_definitions_of_one_word_are_kept_apart() -> None:
    assert published("LABOUR_TRAINED_SHARE", "2021") == {"lao_dong": {"46.6"}}
    assert published("LABOUR_CERTIFIED_SHARE", "2021") == {"nso_labour": {"24.7"}}
    assert published("POVERTY_RATE_GSO", "2016") == {"gso_2018_tables": {"21.9"}}
    assert published("POVERTY_RATE", "2023") == {"vna": {"24.71"}}
    assert published("UNEMPLOYMENT_URBAN", "2025") == {"lao_dong": {"3"}}
    assert published("UNEMPLOYMENT_TOTAL", "2024") == {"nso_labour": {"2.41"}}
    assert published("TRADE_TURNOVER", "2016") == {}
    assert published("TRADE_TURNOVER_TRA_LINH", "2016") == {"vinanet": {"500"}}
