"""The queue of the desk: what waits for somebody, in which order, since when and until when."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from expectations.gate.findings import Evidence, decide
from expectations.gate.queue import desk, evidence_now, finding_row, queue, working_days_after
from sources.calendar import load_holidays
from store.releases import new_candidate, publish
from store.settings import Settings
from tests.expectations.gate.office import (
    APPROVER,
    DAY,
    REVIEWER,
    WHY,
    finding,
    observation,
    sealed_with_findings,
)
from tests.store.building import published


def queued(settings: Settings, day: date = DAY) -> pl.DataFrame:
    at = desk(settings)
    assert at is not None
    return queue(settings, at, day)


def test_the_desk_looks_at_the_newest_candidate_else_at_the_release_in_force(settings: Settings) -> None:
    assert desk(settings) is None
    first = published(settings, "551.1")
    in_force = desk(settings)
    assert in_force is not None and (in_force.directory.name, in_force.is_candidate) == (first, False)
    stale = sealed_with_findings(settings, [finding(1)], created_at=datetime(2026, 12, 1, tzinfo=UTC))
    second = sealed_with_findings(settings, [finding(2)])
    newest = sealed_with_findings(settings, [finding(3)], created_at=datetime(2026, 11, 24, tzinfo=UTC))
    new_candidate(settings)
    chosen = desk(settings)
    assert chosen is not None and (chosen.directory, chosen.is_candidate) == (stale, True)
    publish(settings, second)
    # What was compared with the release before cannot be published any more.
    after = desk(settings)
    assert after is not None and not after.is_candidate
    assert newest.exists()
    assert after.frame("fct_finding") is not None and after.frame("fct_finding_influence") is None


def test_the_queue_is_ordered_by_severity_times_influence_then_age_and_due_date(settings: Settings) -> None:
    rows = [
        finding(1, severity="information"),
        finding(2, severity="warning"),
        finding(3, severity="error"),
        finding(4, severity="warning", observation_key=None, subject="SEX"),
        finding(5, severity="error", outcome="suppressed"),
    ]
    influence = [
        {"finding_id": rows[0]["finding_id"], "target_id": "T1", "scenario": "excluded", "changes_bucket": True,
         "is_headline": True},
        {"finding_id": rows[1]["finding_id"], "target_id": "T1", "scenario": "excluded", "changes_bucket": False,
         "is_headline": True},
        {"finding_id": rows[3]["finding_id"], "target_id": "T2", "scenario": "excluded", "changes_bucket": True,
         "is_headline": False},
        {"finding_id": rows[3]["finding_id"], "target_id": "T3", "scenario": "accepted", "changes_bucket": None,
         "is_headline": None},
    ]  # fmt: skip
    sealed_with_findings(
        settings,
        rows,
        influence=influence,
        observations=[observation(n, area_id=f"VN-0{n}") for n in (1, 2, 3, 5)],
    )
    found = queued(settings)
    shown = found.select("finding_id", "weight", "influence", "n_targets", "needs_step").rows()
    # Of the same weight and age, what is due first goes before: a warning before information, an error before both.
    assert [(int(row[0], 16), *row[1:]) for row in shown] == [
        (4, 8, "state", 2, True),
        (1, 8, "headline", 1, True),
        (3, 4, "none", 0, True),
        (2, 4, "target", 1, True),
        (5, 4, "none", 0, False),
    ]


def test_due_dates_are_working_days_after_the_question_was_first_put(settings: Settings) -> None:
    made = datetime(2026, 4, 24, 20, 0, tzinfo=UTC)  # a Saturday in Viet Nam
    publish(
        settings, sealed_with_findings(settings, [finding(1)], observations=[observation(1)], created_at=made)
    )
    again = sealed_with_findings(
        settings,
        [finding(2), finding(3, rule_id="other")],
        observations=[observation(2, "13.6"), observation(3, form="share")],
        created_at=datetime(2026, 5, 6, 3, tzinfo=UTC),
    )  # fmt: skip
    found = {row["rule_id"]: row for row in queued(settings, date(2026, 5, 6)).iter_rows(named=True)}
    assert (found["digit_slip"]["raised_on"], found["digit_slip"]["due_on"]) == (
        date(2026, 4, 25),
        date(2026, 5, 4),
    )
    assert (found["digit_slip"]["age_days"], found["digit_slip"]["is_overdue"]) == (11, True)
    assert (found["other"]["raised_on"], found["other"]["is_overdue"]) == (date(2026, 5, 6), False)
    assert again.exists()


def test_a_lapsed_question_is_due_anew(settings: Settings) -> None:
    warning = finding(1, severity="warning")
    publish(settings, sealed_with_findings(settings, [warning], observations=[observation(1)]))
    at = desk(settings)
    assert at is not None
    evidence = evidence_now(at, warning["finding_id"])
    assert evidence is not None
    decide(settings, REVIEWER, evidence, "accept", seen=0, **WHY)
    sealed_with_findings(
        settings, [finding(2, severity="warning")], observations=[observation(2, "13.6")],
        created_at=datetime(2026, 12, 1, 3, tzinfo=UTC),
    )  # fmt: skip
    (row,) = queued(settings, date(2026, 12, 2)).to_dicts()
    assert (row["state"], row["raised_on"], row["effective_action"]) == (
        "lapsed",
        date(2026, 12, 1),
        "accept",
    )


@pytest.mark.parametrize(
    ("day", "n", "due"),
    [
        (date(2026, 11, 20), 0, date(2026, 11, 20)),
        (date(2026, 11, 20), 1, date(2026, 11, 23)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2090, 1, 6), 1, date(2090, 1, 9)),
    ],
)
def test_days_off_are_no_working_days(day: date, n: int, due: date) -> None:
    assert working_days_after(day, n, load_holidays()) == due


def test_only_the_latest_issue_of_a_figure_waits_for_somebody(settings: Settings) -> None:
    sealed_with_findings(
        settings,
        [finding(1), finding(2)],
        observations=[
            observation(1, vintage_at=datetime(2026, 11, 20), published_at=date(2026, 1, 1)),
            observation(2, "13.6", vintage_at=datetime(2026, 11, 10), published_at=date(2026, 7, 1)),
        ],
    )
    found = {row["observation_key"]: row for row in queued(settings).iter_rows(named=True)}
    assert (found["o1"]["is_latest"], found["o1"]["needs_step"]) == (False, False)
    assert (found["o2"]["is_latest"], found["o2"]["value"], found["o2"]["cell_ref"]) == (True, 13.6, "B2")
    assert found["o1"]["finding_key"] == found["o2"]["finding_key"]


def test_decisions_show_in_the_queue(settings: Settings) -> None:
    rows = [finding(n, period_id=str(2020 + n)) for n in range(1, 4)]
    sealed_with_findings(
        settings, rows, observations=[observation(n, period_id=str(2020 + n)) for n in range(1, 4)]
    )  # fmt: skip
    at = desk(settings)
    assert at is not None

    def evidence(number: int) -> Evidence:
        found = evidence_now(at, rows[number]["finding_id"])
        assert found is not None
        return found

    decide(settings, REVIEWER, evidence(0), "exclude", seen=0, **WHY)
    decide(settings, REVIEWER, evidence(1), "accept", seen=0, **WHY)
    found = {row["finding_id"]: row for row in queued(settings).iter_rows(named=True)}
    excluded, proposed, untouched = (found[row["finding_id"]] for row in rows)
    assert (excluded["state"], excluded["needs_step"], excluded["effective_action"]) == (
        "excluded",
        False,
        "exclude",
    )
    assert (proposed["state"], proposed["needs_step"], proposed["proposed_by"]) == (
        "proposed",
        True,
        "reviewer-1",
    )
    assert (proposed["sequence"], proposed["last_actor"]) == (1, "reviewer-1")
    assert (untouched["state"], untouched["sequence"], untouched["last_at"]) == ("open", 0, None)
    decide(settings, APPROVER, evidence(1), "confirm", seen=1)
    assert queued(settings)["needs_step"].to_list() == [True, False, False]


def test_a_finding_is_found_by_how_its_id_begins(settings: Settings) -> None:
    sealed_with_findings(
        settings,
        [finding(1), finding(2, source_id="unknown"), finding(3, source_id=None, observation_key=None)],
        observations=[observation(1), observation(2, source_id="unknown")],
        sources=[{"source_id": "a_source", "owned": True}],
    )
    at = desk(settings)
    assert at is not None
    assert finding_row(at, "0" * 60) is None
    assert finding_row(at, "9") is None and evidence_now(at, "9") is None
    owned, foreign, unnamed = (evidence_now(at, f"{number:064x}") for number in (1, 2, 3))
    assert owned is not None and (owned.is_owned, owned.value, owned.tolerance) == (True, 46.2, 0.05)
    assert foreign is not None and not foreign.is_owned
    assert unnamed is not None and (unnamed.is_owned, unnamed.value) == (False, None)


def test_where_a_release_says_nothing_of_ownership_nothing_is_owned(settings: Settings) -> None:
    sealed_with_findings(
        settings, [finding(1)], observations=[observation(1)], sources=[{"source_id": "a_source"}]
    )
    at = desk(settings)
    assert at is not None
    evidence = evidence_now(at, finding(1)["finding_id"])
    assert evidence is not None and not evidence.is_owned


def test_a_key_and_a_unit_that_the_release_states_are_taken(settings: Settings) -> None:
    rows = [
        finding(1, finding_key="k" * 64, unit="person"),
        finding(2, finding_key="l" * 64, unit="person", observation_key=None),
    ]
    sealed_with_findings(settings, rows, observations=[observation(1)])
    found = queued(settings).sort("finding_key").select("finding_key", "unit", "value").rows()
    assert found == [("k" * 64, "percent", 46.2), ("l" * 64, "person", None)]


def test_a_release_that_has_no_findings_put_no_question(settings: Settings) -> None:
    published(settings, "551.1")
    sealed_with_findings(settings, [finding(1)], observations=[observation(1)])
    assert queued(settings)["age_days"].to_list() == [1]


def test_a_row_of_releases_that_breaks_off_ends_there(settings: Settings) -> None:
    first = publish(settings, sealed_with_findings(settings, [finding(1)], observations=[observation(1)]))
    publish(
        settings,
        sealed_with_findings(settings, [finding(1), finding(2, rule_id="x")], observations=[observation(1)]),
    )
    (settings.releases_dir / first / "manifest.json").unlink()
    assert queued(settings).height == 2


def test_ten_thousand_findings_are_a_moment(settings: Settings) -> None:
    rows = [finding(n, severity=("error", "warning")[n % 2]) for n in range(10_000)]
    observed: Sequence[dict[str, Any]] = [
        observation(n, indicator_code=f"I{n % 50}", period_id=str(n // 50)) for n in range(10_000)
    ]
    at = desk_of(sealed_with_findings(settings, rows, observations=observed), settings)
    evidence = evidence_now(at, rows[0]["finding_id"])
    assert evidence is not None
    decide(settings, REVIEWER, replace(evidence), "exclude", seen=0, **WHY)
    began = time.process_time()
    assert queue(settings, at, DAY).height == 10_000
    # It takes a fifth of a second; the bound is for slow machines.
    assert time.process_time() - began < 5


def desk_of(candidate: Path, settings: Settings) -> Any:
    at = desk(settings)
    assert at is not None and at.directory == candidate
    return at
