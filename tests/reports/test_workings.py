"""The workings of an assessment: each with a unit of its own and called by what was done."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports.release_data import current_release
from reports.target_facts import TargetFacts, every_target, of_the_plan
from reports.words import Words, catalogue
from reports.workings import UNIT_KINDS, workings
from store.settings import Settings
from tests.reports.conftest import Show

VIETNAMESE = Words("vi")
# A visit is counted; a share changes by points.
TOURISM, SHARE, GROWTH = "SYNTHETIC_03", "SYNTHETIC_06", "SYNTHETIC_10"


@pytest.fixture(scope="module")
def targets(synthetic_home: Path) -> dict[str, TargetFacts]:
    release = current_release(Settings(home=synthetic_home))
    assert release is not None
    units = {str(row["unit"]): row for row in release.rows("dim_unit")}
    assert {"percent", "percent_per_year"} <= units.keys()
    return {facts.target_id: facts for facts in of_the_plan(every_target(release))}


def told(facts: TargetFacts, **stated: Any) -> dict[str, str]:
    """The workings of a target whose assessment states this besides."""
    row = {**facts.assessment, "unit": facts.target["unit"], "actual_unit": facts.target["unit"], **stated}
    return dict(workings(replace(facts, assessment=row, needs=()), VIETNAMESE))


EVERY = {name: 1.25 for name in UNIT_KINDS}


@pytest.mark.parametrize(
    ("target", "of_figures", "of_change"),
    [(TOURISM, "1,25\u00a0triệu lượt", "1,25\u00a0triệu lượt"), (SHARE, "1,25%", "1,25\u00a0điểm %")],
)
def test_every_working_has_the_unit_of_what_it_is(
    targets: dict[str, TargetFacts], target: str, of_figures: str, of_change: str
) -> None:
    said = told(targets[target], **EVERY)
    expected = {
        "base_value": of_figures,
        "path_value": of_figures,
        "gap": of_change,
        "required_per_year": of_change,
        "published_average": "1,25%/năm",
        "required_growth": "1,25%/năm",
        "required_growth_from_published": "1,25%/năm",
        "share_of_way": "125,0%",
        "pace": "1,250",
    }
    assert expected.keys() == UNIT_KINDS.keys() - {"average_to_date"}
    assert {name: said[VIETNAMESE(f"working.{name}")] for name in expected} == expected


def test_every_label_of_a_working_is_shown_of_some_target(targets: dict[str, TargetFacts]) -> None:
    yearly = replace(targets[SHARE], target={**targets[SHARE].target, "target_type": "annual_change"})
    shown = [
        told(targets[GROWTH]),
        told(targets[GROWTH], note="published_average_used"),
        told(yearly),
    ]
    labels = {text for key, text in catalogue("vi").items() if key.startswith("working.")}
    assert labels == {label for of_target in shown for label in of_target}


def test_a_mean_is_called_by_how_it_was_taken(targets: dict[str, TargetFacts]) -> None:
    growth, share = targets[GROWTH], targets[SHARE]
    yearly = replace(
        share, target={**share.target, "target_type": "annual_change", "unit": "percentage_point_per_year"}
    )
    geometric = told(growth, average_to_date=4.36, note=None)
    assert geometric["Bình quân nhân các năm có số liệu"] == "4,36%/năm"
    assert told(yearly, average_to_date=4.36)["Bình quân cộng các năm có số liệu"].startswith("4,36")
    published = told(growth, average_to_date=4.46, note="published_average_used")
    assert published["Bình quân đã công bố, dùng để xếp loại"] == "4,46%/năm"


def test_the_page_shows_the_workings(targets: dict[str, TargetFacts], show: Show) -> None:
    page = show("target", target=SHARE).words
    for label, value in workings(targets[SHARE], VIETNAMESE):
        assert f"{label} {value}".replace("\u00a0", " ") in page.replace("\u00a0", " ")
