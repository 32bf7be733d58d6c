"""The change list of a release: no more and no less than the difference of the two, each with its reason."""

from __future__ import annotations

from copy import deepcopy
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reports import release_data
from reports.headlines import changed_headlines, headline_targets
from reports.per_release import forget
from reports.release_changes import Change, ReleaseChanges, release_changes, state_changes
from reports.release_data import Release, release_at
from store.release_diff import changes_between
from store.releases import release_dir
from store.settings import Settings
from tests.reports.make_release import CUT_OFF, PLAN, SyntheticRelease, publish_synthetic

INDICATOR = "SYNTHETIC_INDICATOR_06"


def _actual(content: SyntheticRelease, place: int = 0) -> dict[str, Any]:
    rows = [row for row in content.rows["fct_actual"] if row["indicator_code"] == INDICATOR]
    return sorted(rows, key=lambda row: str(row["period_id"]))[place]


def _observation(content: SyntheticRelease, key: str) -> dict[str, Any]:
    (row,) = [row for row in content.rows["fct_observation"] if row["observation_key"] == key]
    return row


def _another(content: SyntheticRelease, value: str, **changes: Any) -> str:
    """Another observation comes in force in the place of the first actual; returns its key."""
    actual = _actual(content)
    was = _observation(content, actual["observation_key"])
    key = f"{value:0>32}"
    told = {"value": Decimal(value), "value_text": value, "observation_key": key}
    content.rows["fct_observation"].append({**was, **told, "vintage_at": datetime(2026, 11, 21), **changes})
    actual |= {**told, **{name: changes[name] for name in ("source_id",) if name in changes}}
    return key


def revised(content: SyntheticRelease) -> None:
    _another(content, "91.5")


def corrected(content: SyntheticRelease) -> None:
    _another(content, "92.5", origin="correction", review_state="accepted")


def from_another_source(content: SyntheticRelease) -> None:
    _another(content, "93.5", source_id="synthetic_press")


def excluded(content: SyntheticRelease) -> None:
    actual = _actual(content)
    _observation(content, actual["observation_key"]).update(
        held=True, held_reason="excluded synthetic rule", review_state="excluded", standing="held"
    )
    content.rows["fct_actual"].remove(actual)


def held_by_a_rule(content: SyntheticRelease) -> None:
    actual = _actual(content)
    _observation(content, actual["observation_key"]).update(
        held=True, held_reason="synthetic rule", standing="held"
    )
    content.rows["fct_actual"].remove(actual)


def a_new_year(content: SyntheticRelease) -> None:
    content.observe(INDICATOR, "2026", "94.5")


def another_waits(content: SyntheticRelease) -> None:
    _actual(content).update(waiting_observation_key="w" * 32, waiting_since=date(2026, 11, 21))


def reviewed(content: SyntheticRelease) -> None:
    _actual(content).update(review_state="flagged", review_flag="U")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path / "home")


def releases(settings: Settings, change: Any) -> tuple[Release, Release]:
    """A synthetic release, and one in which something changed."""
    content = SyntheticRelease().every_state()
    first = publish_synthetic(settings, deepcopy(content))
    change(content)
    second = publish_synthetic(settings, content, CUT_OFF)
    return release_at(release_dir(settings, first)), release_at(release_dir(settings, second))


def told(before: Release, after: Release) -> ReleaseChanges:
    """The changes, held against the difference of the two releases and against what the later one carries."""
    changes = release_changes(before, after)
    differences = changes_between(before.directory, after.directory).changes
    keys = {
        (row["table_name"], row["change_kind"], row["row_key"] or row["column_name"])
        for row in differences.iter_rows(named=True)
    }
    assert changes.changed_keys == keys
    cells = {
        (change.table, change.row_key, column): pair
        for change in changes.changes for column, pair in change.columns.items()
    }  # fmt: skip
    assert cells == {
        (row["table_name"], row["row_key"], row["column_name"]): (row["from_value"], row["to_value"])
        for row in differences.filter(differences["column_name"] != "").iter_rows(named=True)
    }
    carried = after.table("fct_release_change").drop("reason")
    assert carried.equals(differences.select(carried.columns))
    return changes


def the_value(changes: ReleaseChanges) -> Change:
    (change,) = changes.of("value")
    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (revised, "revision"), (corrected, "correction"), (from_another_source, "other_source"),
        (excluded, "decision"), (held_by_a_rule, "rule"), (a_new_year, "new_period"), (another_waits, "waiting"),
        (reviewed, "decision"),
    ],
)  # fmt: skip
def test_a_value_changes_for_a_reason_that_the_releases_give(
    settings: Settings, change: Any, reason: str
) -> None:
    changes = told(*releases(settings, change))
    assert the_value(changes).reason == reason
    assert the_value(changes).row["indicator_code"] == INDICATOR


def test_a_value_that_was_held_and_is_let_through_was_decided(settings: Settings) -> None:
    content = SyntheticRelease().every_state()
    actual = _actual(content)
    key = _another(content, "95.5", held=True, held_reason="synthetic rule", standing="held")
    after = deepcopy(content)
    actual.update(value=Decimal("1"), value_text="1", observation_key="old")
    first = publish_synthetic(settings, content)
    _observation(after, key).update(
        held=False, held_reason=None, standing="in_force", review_state="accepted"
    )
    second = publish_synthetic(settings, after)
    changes = told(*(release_at(release_dir(settings, name)) for name in (first, second)))
    assert the_value(changes).reason == "decision"


def test_a_state_changes_because_of_its_value_and_a_target_because_it_is_another(settings: Settings) -> None:
    def change(content: SyntheticRelease) -> None:
        revised(content)
        for row in content.rows["fct_assessment"]:
            if row["indicator_code"] == INDICATOR:
                row["bucket"] = row["pace_state"] = "behind"
        (goal, *_) = [row for row in content.rows["fct_target"] if row["target_id"] == "SYNTHETIC_07"]
        goal["value_low"] = Decimal("77.7")

    before, after = releases(settings, change)
    changes = told(before, after)
    assert {(one.row["target_id"], one.reason) for one in changes.of("state")} >= {
        ("SYNTHETIC_06", "revision")
    }
    (target,) = changes.of("target")
    assert (target.row["target_id"], target.reason) == ("SYNTHETIC_07", "target")
    assert changes.counts()["value"] == 1
    assert {one.is_headline for one in changes.of("state")} <= {True, False}


def test_of_a_large_table_only_the_rows_that_differ_are_read(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(content: SyntheticRelease) -> None:
        revised(content)
        for row in content.rows["fct_assessment"]:
            if row["indicator_code"] == INDICATOR:
                row["bucket"] = row["pace_state"] = "behind"

    whole = Release.table

    def small_alone(release: Release, name: str) -> pl.DataFrame:
        assert name not in ("fct_actual", "fct_observation"), f"{name} is read whole"
        return whole(release, name)

    before, after = releases(settings, change)
    expected, every = state_changes(before, after), release_changes(before, after)
    assert {(one.row["target_id"], one.reason) for one in expected} >= {("SYNTHETIC_06", "revision")}
    forget()
    monkeypatch.setattr(release_data, "SMALL_TABLE", -1)
    monkeypatch.setattr(Release, "table", small_alone)
    assert state_changes(before, after) == expected
    assert release_changes(before, after) == every


def test_headlines_are_those_the_plan_in_use_marks(settings: Settings) -> None:
    def change(content: SyntheticRelease) -> None:
        marked = {
            row["target_id"]
            for row in content.rows["fct_target"]
            if row.get("headline") and row.get("is_reference")
        }
        (assessed, *_) = [row for row in content.rows["fct_assessment"] if row["target_id"] in marked]
        assessed["bucket"] = "behind" if assessed["bucket"] != "behind" else "on_track"

    before, after = releases(settings, change)
    assert len(changed_headlines(before, after)) == 1
    assert changed_headlines(before, after) < headline_targets(before)
    assert changed_headlines(before, before) == frozenset()
    assert changed_headlines(None, after) == headline_targets(after)
    assert all(plan == PLAN for plan, _ in headline_targets(after))


def test_the_first_release_changes_nothing(settings: Settings) -> None:
    _, after = releases(settings, revised)
    assert release_changes(None, after).changes == ()
