"""The seeds are whole: codes once, units and areas that exist, one unit per printed spelling."""

import re
import unicodedata
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from sources.text.units import unit_aliases
from store.settings import PROJECT_ROOT
from tests.figures.shipped import PLANS, RECORDED, SEEDS, SPECS, figures, plans, seed

KEYS = {"unit": "unit", "area": "area_id", "indicator": "indicator_code", "administrative_frame": "frame_id"}
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


def test_every_indicator_has_a_figure_or_a_target() -> None:
    used = {series.indicator for figure in figures() for series in figure.claims}
    used |= {target.indicator_code for plan in plans().plans.values() for _, target in plan.targets}
    assert {row["indicator_code"] for row in seed("indicator")} - used == set()


def test_areas_hang_together_and_end_after_they_begin() -> None:
    areas = {row["area_id"] for row in seed("area")}
    for row in seed("area"):
        assert row["parent_area_id"] in areas | {""}
    for row in seed("area") + seed("administrative_frame"):
        if row["valid_from"] and row["valid_to"]:
            assert date.fromisoformat(row["valid_from"]) <= date.fromisoformat(row["valid_to"])


def test_the_two_administrative_frames_meet_on_1_july_2025() -> None:
    frames = {row["frame_id"]: row for row in seed("administrative_frame")}
    assert frames["CB-161"]["valid_to"] == "2025-06-30"
    assert frames["CB-56"]["valid_from"] == "2025-07-01"


@pytest.mark.parametrize("path", OWN_FILES, ids=lambda path: str(path.relative_to(PROJECT_ROOT)))
def test_vietnamese_is_composed_and_uses_the_vietnamese_d(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert unicodedata.is_normalized("NFC", text)
    assert not set(text) & set("\u00d0\u00f0\u0189\u00a0\u200b\ufeff")
