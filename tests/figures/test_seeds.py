"""The seeds are whole: codes once, units and areas that exist, one unit per printed spelling."""

import csv
import itertools
import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from sources.text.units import unit_aliases
from store.settings import PROJECT_ROOT
from tests.figures.shipped import PLANS, RECORDED, SEEDS, SPECS, figures, plans, published, records, seed

KEYS = {"unit": "unit", "area": "area_id", "indicator": "indicator_code", "administrative_frame": "frame_id"}
LADDER = ("estimate", "preliminary", "official")
# Dimensions whose figures are relative: those of a merged area are never the sum of those of its parts.
RELATIVE = {
    "ratio", "ratio_difference", "ratio_per_year", "ratio_difference_per_year", "density", "per_population",
    "currency_vnd_per_person", "currency_vnd_per_worker", "currency_vnd_per_person_month",
    "criterion_per_commune", "index", "rank", "point",
}  # fmt: skip
OWN_FILES = sorted(
    path
    for path in (*SEEDS.glob("*.csv"), *SPECS.glob("*.yml"), *RECORDED.glob("*.csv"), *PLANS.glob("*/*"))
    if path.is_file()
)


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_each_code_stands_once(name: str, key: str) -> None:
    counted = Counter(row[key] for row in seed(name))
    assert [code for code, count in counted.items() if count > 1] == []
    assert all(re.fullmatch(r"[\x21-\x7e]+", code) for code in counted)


def test_a_printed_unit_is_one_unit() -> None:
    units_of_key: dict[str, set[str]] = {}
    for alias in unit_aliases(seed("unit")):
        units_of_key.setdefault(alias.alias_key, set()).add(alias.unit)
    assert {key: units for key, units in units_of_key.items() if len(units) > 1} == {}


def test_indicators_have_a_unit_and_bounds_in_order() -> None:
    units = {row["unit"] for row in seed("unit")}
    for row in seed("indicator"):
        assert row["unit"] in units, row["indicator_code"]
        if row["lower_bound"] and row["upper_bound"]:
            assert float(row["lower_bound"]) < float(row["upper_bound"]), row["indicator_code"]


# One phrase, two things that are measured.
TWO_DEFINITIONS = [
    ("LABOUR_TRAINED_SHARE", "LABOUR_CERTIFIED_SHARE"),
    ("UNEMPLOYMENT_URBAN", "UNEMPLOYMENT_TOTAL"),
    ("BEDS_PROVINCIAL_ALL", "BEDS_WITHOUT_STATIONS"),
    ("BEDS_PER_10000", "BEDS_PER_10000_WITH_STATIONS"),
    ("POPULATION_AVERAGE", "POPULATION_REGISTERED"),
    ("POVERTY_RATE", "POVERTY_RATE_GSO"),
]


def test_every_indicator_has_a_figure_or_a_target_or_keeps_another_apart() -> None:
    used = {series.indicator for figure in figures() for series in figure.claims}
    # A live source brings its figures when it is asked.
    for record in records().records.values():
        mappings = (record.route(name).mapping for name in record.route_names() if name != "recorded")
        used |= {series.indicator for mapping in mappings if mapping is not None for series in mapping.series}
    used |= {target.indicator_code for plan in plans().plans.values() for _, target in plan.targets}
    used |= {code for row in seed("indicator") for code, _ in components(row)}
    used |= {row["indicator_code"] for row in seed("derivation_component")}
    used |= {code for pair in TWO_DEFINITIONS for code in pair}
    assert {row["indicator_code"] for row in seed("indicator")} - used == set()


def components(indicator: dict[str, str]) -> list[tuple[str, str]]:
    """Numerator and denominator of a ratio as (indicator code, breakdown); nothing where none are declared."""
    if not indicator["components"]:
        return []
    stated = re.fullmatch(r"numerator:([^;:]+);denominator:([^;:]+)", indicator["components"])
    assert stated, f"{indicator['indicator_code']}: components are not numerator:CODE;denominator:CODE"
    parts = [part.partition("/") for part in stated.groups()]
    return [(code, breakdown or "_T") for code, _, breakdown in parts]


def test_a_ratio_is_made_of_two_other_indicators_or_says_nothing() -> None:
    indicators = {row["indicator_code"]: row for row in seed("indicator")}
    breakdowns = {(series.indicator, series.breakdown) for figure in figures() for series in figure.claims}
    declared = {code: components(row) for code, row in indicators.items() if row["components"]}
    assert len(declared) >= 16
    for code, parts in declared.items():
        for part, breakdown in parts:
            assert part in indicators, code
            assert part != code
            assert breakdown == "_T" or (part, breakdown) in breakdowns, code


def test_only_amounts_are_additive() -> None:
    dimensions = {row["unit"]: row["dimension"] for row in seed("unit")}
    for row in seed("indicator"):
        if row["is_additive"] == "true":
            assert row["form"] in ("level", "increment", "change"), row["indicator_code"]
            assert dimensions[row["unit"]] not in RELATIVE, row["indicator_code"]


def test_units_of_ratios_follow_from_the_units_of_their_parts() -> None:
    """The quotient of the published parts is near the published ratio: 1 for a factor, not a thousand."""
    indicators = {row["indicator_code"]: row for row in seed("indicator")}
    factors = {row["unit"]: float(row["factor"]) for row in seed("unit")}
    compared = set()
    for code, row in indicators.items():
        if not row["components"]:
            continue
        (numerator, of_numerator), (denominator, of_denominator) = components(row)
        for year in map(str, range(2010, 2026)):
            ratios = published(code, year).values()
            tops = published(numerator, year, of_numerator).values()
            bottoms = published(denominator, year, of_denominator).values()
            for ratio, top, bottom in itertools.product(*map(set_of_numbers, (ratios, tops, bottoms))):
                worked = top * factors[indicators[numerator]["unit"]]
                worked /= bottom * factors[indicators[denominator]["unit"]] * factors[row["unit"]]
                assert worked == pytest.approx(ratio, rel=0.2), (code, year)
                compared.add(code)
    assert {"POPULATION_DENSITY", "GRDP_PER_CAPITA", "GRDP_SHARE_SERVICES", "LABOUR_PRODUCTIVITY"} <= compared


def set_of_numbers(values: Iterable[set[str]]) -> set[float]:
    return {float(value) for group in values for value in group}


def test_an_indicator_says_where_its_definition_comes_from() -> None:
    for row in seed("indicator"):
        assert row["definition_source"], row["indicator_code"]


def test_maturities_of_figures_stand_on_the_ladder_of_their_indicator() -> None:
    ladders = {row["indicator_code"]: row["maturity_ladder"].split(">") for row in seed("indicator")}
    for ladder in ladders.values():
        assert ladder == [""] or ladder == [step for step in LADDER if step in ladder]
    for figure in figures():
        for series in figure.claims:
            maturity = series.maturity or figure.row["maturity"]
            assert maturity in [*ladders[series.indicator], "not_stated"], figure.where


def test_an_index_and_nothing_else_has_a_base() -> None:
    for row in seed("indicator"):
        assert bool(row["index_base"]) == (row["form"] == "index"), row["indicator_code"]


@pytest.mark.parametrize("pair", TWO_DEFINITIONS)
def test_two_definitions_of_one_phrase_are_two_indicators(pair: tuple[str, str]) -> None:
    definitions = {row["indicator_code"]: row["definition_vi"] for row in seed("indicator")}
    assert definitions[pair[0]] != definitions[pair[1]]


def test_areas_hang_together_and_end_after_they_begin() -> None:
    areas = {row["area_id"] for row in seed("area")}
    for row in seed("area"):
        assert row["parent_area_id"] in areas | {""}
    for row in seed("area") + seed("administrative_frame"):
        if row["valid_from"] and row["valid_to"]:
            assert date.fromisoformat(row["valid_from"]) <= date.fromisoformat(row["valid_to"])


def test_a_code_and_a_date_name_one_area() -> None:
    spans: dict[str, list[tuple[str, str]]] = {}
    for row in seed("area"):
        if row["code"]:
            spans.setdefault(row["code"], []).append((row["valid_from"] or "0", row["valid_to"] or "9"))
    assert len(spans) == 1 + 10 + 161
    for code, found in spans.items():
        found.sort()
        for (_, ends), (begins, _) in itertools.pairwise(found):
            assert ends < begins, code
    assert sum(len(found) == 2 for found in spans.values()) == 56


def test_the_province_is_whole_before_and_after_1_july_2025() -> None:
    rows = [row for row in seed("area") if row["area_id"].startswith("VN-04")]
    counted = Counter((row["level"], row["kind_vi"], row["valid_from"], row["valid_to"]) for row in rows)
    assert counted == {
        ("province", "tỉnh", "", ""): 1,
        ("inter_district_region", "vùng liên huyện", "", ""): 3,
        ("district", "thành phố", "", "2025-06-30"): 1,
        ("district", "huyện", "", "2025-06-30"): 9,
        ("commune", "xã", "", "2025-06-30"): 139,
        ("commune", "phường", "", "2025-06-30"): 8,
        ("commune", "thị trấn", "", "2025-06-30"): 14,
        ("commune", "xã", "2025-07-01", ""): 53,
        ("commune", "phường", "2025-07-01", ""): 3,
    }
    parents = {row["area_id"]: row for row in rows}
    for row in rows:
        if row["level"] == "commune":
            level = "province" if row["valid_from"] else "district"
            assert parents[row["parent_area_id"]]["level"] == level
            assert bool(row["centre_lon"]) == bool(row["centre_lat"]) == bool(row["valid_from"])


def place_name(area: dict[str, str]) -> str:
    """The name without the word for its kind: "Xã Bảo Lạc" and "Thị trấn Bảo Lạc" are one place."""
    return area["name_vi"].removeprefix(area["kind_vi"].capitalize()).strip()


def test_every_old_commune_went_whole_into_one_new_unit() -> None:
    areas = {row["area_id"]: row for row in seed("area")}
    merged = [row for row in seed("area_relation") if row["kind"] == "merged_into"]
    old = {key for key, row in areas.items() if row["level"] == "commune" and not row["valid_from"]}
    new = {key for key, row in areas.items() if row["level"] == "commune" and row["valid_from"]}
    assert Counter(row["from_area_id"] for row in merged) == Counter(old)
    assert {row["to_area_id"] for row in merged} == new
    assert {row["valid_from"] for row in merged} == {"2025-07-01"}

    districts: dict[str, set[str]] = {}
    for row in merged:
        districts.setdefault(row["to_area_id"], set()).add(areas[row["from_area_id"]]["parent_area_id"])
    straddling = {key for key, found in districts.items() if len(found) > 1}
    assert len(straddling) == 8
    assert {row["to_area_id"] for row in merged if row["straddles_districts"] == "true"} == straddling
    for row in merged:
        assert (row["straddles_districts"] == "true") == (row["to_area_id"] in straddling)

    reused = 0
    for row in merged:
        before, after = areas[row["from_area_id"]], areas[row["to_area_id"]]
        other_place = before["code"] == after["code"] and place_name(before) != place_name(after)
        assert (row["code_reused"] == "true") == other_place, row["from_area_id"]
        reused += other_place
    assert reused == 15


def test_every_district_belongs_to_one_of_three_inter_district_areas() -> None:
    levels = {row["area_id"]: row["level"] for row in seed("area")}
    belonging = {
        row["from_area_id"]: row["to_area_id"]
        for row in seed("area_relation")
        if row["kind"] == "part_of_region"
    }
    assert set(belonging) == {key for key, level in levels.items() if level == "district"}
    assert set(belonging.values()) == {
        key for key, level in levels.items() if level == "inter_district_region"
    }
    assert sorted(Counter(belonging.values()).values()) == [3, 3, 4]


def geography(shared_data: Path, name: str) -> list[dict[str, str]]:
    with (shared_data / "geo" / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_areas_are_those_of_the_published_lists(shared_data: Path) -> None:
    seeds = {row["area_id"]: row for row in seed("area")}
    districts = geography(shared_data, "cao_bang_legacy_districts.csv")
    assert {(row["district_code"], row["district_name"]) for row in districts} == {
        (row["code"], row["name_vi"]) for row in seeds.values() if row["level"] == "district"
    }
    old = geography(shared_data, "cao_bang_legacy_communes_161.csv")
    assert {(row["commune_code"], row["commune_name"], f"VN-04-{row['district_code']}") for row in old} == {
        (row["code"], row["name_vi"], row["parent_area_id"])
        for row in seeds.values()
        if row["level"] == "commune" and not row["valid_from"]
    }
    new = geography(shared_data, "cao_bang_communes_56_2025-07.csv")
    assert {(row["commune_code"], row["commune_name"], row["lon"], row["lat"]) for row in new} == {
        (row["code"], row["name_vi"], row["centre_lon"], row["centre_lat"])
        for row in seeds.values()
        if row["level"] == "commune" and row["valid_from"]
    }
    centres = json.loads((shared_data / "geo" / "cao_bang_56_communes_2025.geojson").read_text("utf-8"))
    assert len(centres["features"]) == len(new)


def test_the_mergers_are_those_of_the_official_table_but_for_its_misprint(shared_data: Path) -> None:
    codes = {row["area_id"]: row["code"] for row in seed("area")}
    merged = [row for row in seed("area_relation") if row["kind"] == "merged_into"]
    ours = {(codes[row["from_area_id"]], codes[row["to_area_id"]]) for row in merged}
    official = geography(shared_data, "cao_bang_old_to_new_official_table.csv")
    assert {row["note"] for row in official} == {"Nhập toàn bộ"}
    printed = {(row["old_code"], row["new_code"]) for row in official}
    assert (printed - ours, ours - printed) == ({("01615", "01648")}, {("01651", "01648")})
    (misprint,) = [row for row in merged if "01615" in row["note_vi"]]
    assert misprint["from_area_id"] == "VN-04-01651"
    other = geography(shared_data, "cao_bang_old_to_new_vietnamadminunits.csv")
    assert {(row["old_code"], row["new_code"]) for row in other} == ours


def test_figures_of_the_new_communes_are_those_of_the_published_list(shared_data: Path) -> None:
    recorded = {
        (series.indicator, figure.area_id): figure.row["value"]
        for figure in figures()
        if figure.record.source_id == "map_publishing_house"
        for series in figure.claims
    }
    assert recorded == {
        (indicator, f"VN-04-{row['commune_code']}-2025"): row[column]
        for row in geography(shared_data, "cao_bang_communes_56_2025-07.csv")
        for indicator, column in (("AREA_TOTAL", "area_km2"), ("POPULATION_REGISTERED", "population"))
    }


def test_registered_and_average_population_are_kept_apart() -> None:
    areas = [row["area_id"] for row in seed("area") if row["level"] == "commune" and row["valid_from"]]
    registered = [published("POPULATION_REGISTERED", "2025", area=area) for area in areas]
    assert sum(int(value) for found in registered for values in found.values() for value in values) == 574684
    assert published("POPULATION_REGISTERED", "2025") == {}
    assert published("POPULATION_AVERAGE", "2024")["nso_population"] == {"558.461"}
    surfaces = [published("AREA_TOTAL", "2025", area=area)["map_publishing_house"] for area in areas]
    assert sum(Decimal(value) for values in surfaces for value in values) == Decimal("6700.48")


def test_the_two_administrative_frames_meet_on_1_july_2025() -> None:
    frames = {row["frame_id"]: row for row in seed("administrative_frame")}
    assert frames["CB-161"]["valid_to"] == "2025-06-30"
    assert frames["CB-56"]["valid_from"] == "2025-07-01"


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_vietnamese_is_composed_and_uses_the_vietnamese_d(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert not set(text) & set("\u00d0\u00f0\u0189\u00a0\u200b\ufeff")
