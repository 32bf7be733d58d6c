"""What is supposed of a target is judged by the formulas that a release ships: what it calls needed is just enough."""

from __future__ import annotations

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.assess_cases import read_cases
from reports.numbers import Language
from reports.release_data import Release
from reports.supposition import Start, Way, is_ambiguous, needed, read_by, start_of, suppose
from reports.target_facts import TargetFacts
from store.formulas import CASE_FILES, CASE_SERIES, CASES, SQL_DIR, Formulas, run_models
from store.manifest import Manifest

pytestmark = pytest.mark.integration

LEVEL = {
    "id": "LEVEL", "method": "standard", "target_type": "level", "comparator": "eq", "direction": "increase",
    "value_low": 44, "period_end": 2030, "base_period": "2020", "trajectory": "linear", "cut_off": "2026-11-22",
    "unit": "percent", "series": {"2020": 20, "2021": 21, "2022": 22, "2023": 23, "2024": 24, "2025": 25.5},
}  # fmt: skip
GROWTH = {
    "id": "GROWTH", "method": "standard", "target_type": "average_growth", "direction": "increase", "value_low": 9.72,
    "period_start": 2021, "period_end": 2030, "cut_off": "2026-11-22", "unit": "percent_per_year",
    "series": {"2021": 3.0, "2022": 5.04, "2023": 2.24, "2024": 6.74, "2025": 7.22},
}  # fmt: skip
TOTAL = {
    "id": "TOTAL", "method": "standard", "target_type": "cumulative", "direction": "increase", "value_low": 160,
    "period_start": 2021, "period_end": 2030, "cut_off": "2026-11-22", "unit": "trillion_vnd",
    "series": {"2021": 10, "2022": 11, "2023": 12, "2024": 13, "2025": 14},
}  # fmt: skip
OVER = {**LEVEL, "id": "OVER", "period_end": 2024}
# Nothing here asks a release what it says of itself.
NO_MANIFEST = cast(Manifest, None)
EVERY = (LEVEL, GROWTH, TOTAL, OVER)


@pytest.fixture(scope="module")
def supposed(
    formulas: Formulas, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Release, TargetFacts]]:
    """A folder that ships the formulas and a few cases, and what a release would say of each: by the case's id."""
    directory = tmp_path_factory.mktemp("supposed") / "release"
    shutil.copytree(formulas.folder, directory / SQL_DIR)
    cases = read_cases(list(EVERY))
    assert [case.problems for case in cases] == [[]] * len(EVERY)
    rows = [{**case.row, "assessment_key": str(case.id)} for case in cases]
    series = [{**row, "assessment_key": str(case.id)} for case in cases for row in case.series]
    for relation, content in ((CASES, rows), (CASE_SERIES, series)):
        (directory / SQL_DIR / CASE_FILES[relation]).write_text(
            json.dumps(content, default=str), encoding="utf-8"
        )
    parameters = pl.DataFrame(list(formulas.parameters))
    parameters.write_parquet(directory / "dim_parameter.parquet")
    model = ("assess", "asm_assessment")
    said = run_models(formulas, {CASES: rows, CASE_SERIES: series}, [model])[model]
    release = Release("supposed", directory, NO_MANIFEST)
    return {str(row["assessment_key"]): (release, _facts(row)) for row in said}


def _facts(assessment: dict[str, Any]) -> TargetFacts:
    target = {"target_type": "average_growth" if assessment["assessment_key"] == "GROWTH" else "level"}
    return TargetFacts(target, assessment, {}, (), (), {})


def _begin(supposed: dict[str, tuple[Release, TargetFacts]], name: str) -> tuple[Release, TargetFacts, Start]:
    release, facts = supposed[name]
    start = start_of(release, facts)
    assert isinstance(start, Start), start
    return release, facts, start


@pytest.mark.parametrize(
    ("name", "way"), [("LEVEL", "change"), ("LEVEL", "growth"), ("GROWTH", "amount"), ("TOTAL", "amount")]
)
def test_what_the_release_calls_needed_is_enough_and_less_is_not(
    supposed: dict[str, tuple[Release, TargetFacts]], name: str, way: Way
) -> None:
    release, facts, start = _begin(supposed, name)
    enough = needed(facts, way)
    if not enough:
        assert (name, way) == ("LEVEL", "growth"), "a straight path asks for no growth"
        return
    (told,) = enough
    assert told.is_rounded_up is (round(told.stated, 2) != told.by)
    for by, state in ((told.by, "reached"), (told.by - Decimal("0.05"), "not_reached")):
        answer = suppose(release, facts, start, way, by)
        assert answer is not None
        assert answer.assessment["level_state"] == state
        assert [year for year, _ in answer.years] == [2026, 2027, 2028, 2029, 2030]


@given(by=st.decimals(-20, 20, places=2))
@settings(max_examples=6, deadline=None)
def test_a_supposed_level_is_carried_from_the_last_figure(
    supposed: dict[str, tuple[Release, TargetFacts]], by: Decimal
) -> None:
    release, facts, start = _begin(supposed, "LEVEL")
    answer = suppose(release, facts, start, "change", by)
    assert answer is not None
    assert answer.years[-1] == (2030, Decimal("25.5") + 5 * by)
    assert answer.assessment["actual_value"] == Decimal("25.5") + 5 * by


@pytest.mark.parametrize("by", [1000, 700])
def test_growth_that_leaves_the_range_of_figures_is_no_answer(
    supposed: dict[str, tuple[Release, TargetFacts]], by: int
) -> None:
    release, facts = supposed["LEVEL"]
    start = Start(Decimal("25204.5"), "vnd_billion", 2026, 2050, ("change", "growth"))
    assert suppose(release, facts, start, "growth", Decimal(by)) is None


def test_nothing_is_supposed_of_a_target_whose_time_is_over_or_whose_figures_are_closed(
    supposed: dict[str, tuple[Release, TargetFacts]],
) -> None:
    release, over = supposed["OVER"]
    assert start_of(release, over) == "over"
    closed = TargetFacts(over.target, over.assessment, {}, (), (), {}, closed_years=frozenset({2025}))
    assert start_of(release, closed) == "not_public"
    elsewhere = Release("without", Path("/nonexistent"), NO_MANIFEST)
    assert start_of(elsewhere, over) == "not_shipped"


@pytest.mark.parametrize(
    ("text", "way", "number"),
    [
        ("1,5", "change", "1.5"),
        (" -2.25 ", "amount", "-2.25"),
        ("−3", "change", "-3"),
        ("", "change", None),
        ("nhiều", "change", None),
        ("NaN", "change", None),
        ("1e400", "change", None),
        ("-100", "growth", None),
        ("1001", "growth", None),
    ],
)
def test_a_number_is_read_as_people_write_it_and_refused_where_it_is_none(
    text: str, way: Way, number: str | None
) -> None:
    assert read_by(text, way) == (None if number is None else Decimal(number))


@pytest.mark.parametrize(
    ("text", "language", "ambiguous"),
    [
        ("1.000", "vi", True),
        ("25.204", "vi", True),
        ("25.204,5", "vi", True),
        ("25204,5", "vi", False),
        ("1,000", "vi", False),
        ("1.50", "vi", False),
        ("1.2345", "vi", False),
        ("1,000", "en", True),
        ("1.000", "en", False),
    ],
)
def test_a_number_with_a_thousands_mark_is_not_taken_for_decimals(
    text: str, language: Language, ambiguous: bool
) -> None:
    assert is_ambiguous(text, language) is ambiguous
