"""A bad figure from its arrival to the leader's page: held, decided by two people, signed by a third, published."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from reports.release_data import Release, current_release, release_at
from store.release_diff import changes_between
from store.releases import release_dir, verify
from store.settings import Settings
from tests.orchestration.conftest import Answer, current, ppw
from tests.orchestration.test_bad_input import sources, with_population_issue

pytestmark = pytest.mark.integration

__all__ = ["sources"]

PEOPLE = {"approver-1": "approver", "approver-2": "approver", "reviewer-1": "reviewer"}
POPULATION = (
    pl.col("indicator_code") == "POPULATION_AVERAGE",
    pl.col("area_id") == "VN-04",
    pl.col("period_id") == "2024",
    pl.col("breakdown") == "_T",
)


Say = Callable[..., Answer]


@pytest.fixture
def say(home: Path, sources: tuple[Path, Path, dict[str, str]]) -> Say:
    """Run `ppw` in an office where one person signs; in its records waits a figure with a digit too many."""
    specs, recorded, given = sources
    with_population_issue(specs, recorded, {("Cao Bằng", "2024"): "5584.61"})
    extra = {**given, "PPW_REVIEW_POLICY": "one"}
    for person, role in PEOPLE.items():
        assert ppw(home, "role", "grant", person, role, "--actor", "approver-1", extra=extra).code == 0
    return lambda *words: ppw(home, *words, extra=extra)


def _waiting(say: Say, settings: Settings) -> Release:
    """The candidate that a run leaves on the desk."""
    answer = say("run", "--json")
    faults = {name: answer.json[name] for name in ("failures", "source_problems", "unclaimed")}
    assert answer.code == 0, faults
    assert answer.json["new_release"] is False
    (waiting,) = answer.json["awaiting_sign_off"]
    assert (waiting["state"], waiting["signatures"], waiting["required"]) == ("waiting", 0, 1)
    return release_at(settings.candidates_dir / waiting["candidate"])


def _one(release: Release, table: str, *conditions: pl.Expr) -> dict[str, Any]:
    (row,) = release.matching(table, *conditions).to_dicts()
    return row


def _held_finding(candidate: Release) -> dict[str, Any]:
    """The error on the figure that waits, which the value accepted before stands in for."""
    actual = _one(candidate, "fct_actual", *POPULATION)
    assert float(actual["value"]) == 558.461
    held = _one(candidate, "fct_observation", pl.col("observation_key") == actual["waiting_observation_key"])
    assert (float(held["value"]), held["held"], held["review_state"]) == (5584.61, True, "not_reviewed")
    errors = (pl.col("observation_key") == held["observation_key"], pl.col("severity") == "error")
    return _one(candidate, "fct_finding", *errors)


def _decide(say: Say, finding_id: str) -> None:
    """One proposes, another confirms."""
    decide = ("finding", "decide", finding_id)
    reason = ("--reason-code", "KNOWN_EVENT", "--reason", "synthetic")
    assert say(*decide, "accept", *reason, "--actor", "reviewer-1").code == 0
    assert say(*decide, "confirm", "--actor", "reviewer-1").code == 1
    assert say(*decide, "confirm", "--actor", "approver-1").code == 0


def _told(changes: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {
        (change["table"], change["kind"], json.dumps(change["key"], ensure_ascii=False))
        for change in changes["changes"]
    }


def test_a_bad_figure_is_held_decided_signed_and_published(home: Path, say: Say) -> None:
    settings, before = Settings(home=home), current(home)
    first = _waiting(say, settings)
    assert current(home) == before
    finding = _held_finding(first)
    _decide(say, finding["finding_id"])
    # The candidate that does not know the decision is not signed any more.
    refused = say("release", "sign", first.directory.name, "--actor", "approver-2")
    assert refused.code == 1
    assert "build again" in refused.err

    candidate = _waiting(say, settings)
    name = candidate.directory.name
    assert name != first.directory.name
    accepted = _one(candidate, "fct_actual", *POPULATION)
    assert (float(accepted["value"]), accepted["waiting_observation_key"]) == (5584.61, None)
    decided = _one(candidate, "fct_finding", pl.col("finding_id") == finding["finding_id"])
    assert (decided["decision"], decided["n_people"]) == ("accepted", 2)
    files = [path.read_bytes() for path in candidate.directory.rglob("*") if path.is_file()]
    assert not any(b"reviewer-1" in content for content in files)

    unsigned = say("release", "publish", name)
    assert (unsigned.code, current(home)) == (1, before)
    assert say("release", "sign", name, "--actor", "approver-2").code == 0
    changes = say("release", "changes", "--json").json
    # The next run publishes it and builds nothing.
    answer = say("run", "--json")
    assert answer.code == 0, answer.err
    assert (answer.json["new_release"], answer.json["nothing_new"]) == (True, True)
    assert answer.json["awaiting_sign_off"] == []

    # The leader's page reads it, and what is said of the change is the difference of the two releases.
    published = current_release(settings)
    assert published is not None and published.release_id == candidate.release_id and published.reviewed
    verify(published.directory)
    shown = _one(published, "fct_actual", *POPULATION)
    assert float(shown["value"]) == 5584.61
    (told,) = [
        change for change in changes["changes"] if change["what"] == "POPULATION_AVERAGE VN-04 2024 _T"
    ]
    assert (told["from"], told["to"], told["reason"]) == ("558.461", "5584.61", "revision")
    differences = changes_between(release_dir(settings, before), published.directory).changes
    names = differences.select("table_name", "change_kind", "row_key").unique()
    assert _told(changes) == set(names.iter_rows())
