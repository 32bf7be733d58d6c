"""What a build makes of decisions: what it lets through, what it holds, what it corrects, and when that ends."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from expectations.gate.decisions_in_force import DecisionsInForce, known_on, read_decisions
from expectations.gate.findings import Evidence, ReasonCode, decide
from expectations.gate.people import Person
from expectations.gate.states import FindingAction
from expectations.rules import load_rules
from expectations.run import CheckRun, run_suites
from store import state
from store.settings import Settings
from store.warehouse import warehouse_lock
from tests.expectations.test_suites import above_the_upper_bound, sound

ALL = frozenset({"*"})
REVIEWER = Person("reviewer-1", "Reviewer 1", {"reviewer": ALL})
APPROVER = Person("approver-1", "Approver 1", {"approver": ALL})
DAY = datetime(2026, 11, 20, 2, tzinfo=UTC)
FIRST = Evidence(
    "k" * 64, "f" * 64, "digit_slip", "error", "a_source", "POVERTY_RATE", "VN-04", "2024", "_T", "o" * 64,
    13.6, "percent", 0.05, is_owned=True,
)  # fmt: skip
LATER = replace(FIRST, finding_id="g" * 64, observation_key="p" * 64, value=46.2)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(home=tmp_path)
    state.migrate(made)
    return made


def take(
    settings: Settings,
    evidence: Evidence,
    action: FindingAction,
    seen: int,
    *,
    by: Person = REVIEWER,
    at: datetime = DAY,
    flag: str | None = None,
    corrected_value_text: str | None = None,
) -> None:
    code: ReasonCode = "KNOWN_EVENT"
    decide(
        settings, by, evidence, action, seen=seen, reason_code=code, reason_text="a merger", at=at,
        flag=flag, corrected_value_text=corrected_value_text,
    )  # fmt: skip


def by_two(
    settings: Settings,
    evidence: Evidence,
    action: FindingAction,
    seen: int,
    corrected_value_text: str | None = None,
) -> None:
    take(settings, evidence, action, seen, corrected_value_text=corrected_value_text)
    take(settings, evidence, "confirm", seen + 1, by=APPROVER, at=DAY.replace(day=21))


def test_a_proposal_has_no_effect_until_another_person_confirms_it(settings: Settings) -> None:
    take(settings, FIRST, "accept", 0)
    proposed = read_decisions(settings).row(FIRST)
    assert proposed is not None
    assert (proposed["decision"], proposed["effect"]) == ("proposed", None)
    take(settings, FIRST, "confirm", 1, by=APPROVER, at=DAY.replace(day=21))
    accepted = read_decisions(settings).row(FIRST)
    assert accepted is not None
    assert (accepted["decision"], accepted["effect"], accepted["n_people"]) == ("accepted", "lets_through", 2)
    assert accepted["decided_on"] == date(2026, 11, 21)


def test_a_decision_on_a_later_vintage_takes_nothing_from_the_one_before(settings: Settings) -> None:
    by_two(settings, FIRST, "accept", 0)
    take(settings, LATER, "exclude", 2)
    decisions = read_decisions(settings)
    rows = [decisions.row(evidence) for evidence in (FIRST, LATER)]
    assert [row and row["decision"] for row in rows] == ["accepted", "excluded"]
    unseen = decisions.row(replace(FIRST, finding_id="h" * 64, value=99.0))
    assert unseen is not None
    assert (unseen["decision"], unseen["effect"]) == ("lapsed", None)


def test_a_comment_decides_nothing_and_no_person_is_named(settings: Settings) -> None:
    take(settings, FIRST, "exclude", 0)
    before = read_decisions(settings)
    take(settings, FIRST, "comment", 1)
    after = read_decisions(settings)
    assert after.fingerprint == before.fingerprint != DecisionsInForce().fingerprint
    assert after.row(FIRST) == before.row(FIRST)
    assert "reviewer-1" not in str(after.row(FIRST))


def test_a_build_knows_decisions_up_to_a_number_or_a_moment(settings: Settings) -> None:
    take(settings, FIRST, "exclude", 0)
    take(settings, FIRST, "withdraw", 1, at=DAY.replace(day=23))
    assert read_decisions(settings).up_to == 2
    for earlier in (
        read_decisions(settings, up_to=1),
        read_decisions(settings, taken_by=known_on(date(2026, 11, 22))),
    ):
        row = earlier.row(FIRST)
        assert earlier.up_to == 1 and row is not None and row["decision"] == "excluded"
    assert read_decisions(settings, up_to=0).row(FIRST) is None
    assert read_decisions(settings).last_day == date(2026, 11, 23)


def test_corrections_are_those_in_effect_and_the_later_word_holds(settings: Settings) -> None:
    take(settings, FIRST, "correct", 0, corrected_value_text="46.2")
    assert read_decisions(settings).corrections() == []
    take(settings, FIRST, "confirm", 1, by=APPROVER, at=DAY.replace(day=21))
    (correction,) = read_decisions(settings).corrections()
    assert correction == {
        "observation_key": "o" * 64, "decision_id": 1, "value": Decimal("46.2"), "value_text": "46.2",
        "unit": "percent", "wrong_value": 13.6, "tolerance": 0.05, "decided_at": datetime(2026, 11, 21, 2),
    }  # fmt: skip
    other = replace(FIRST, finding_key="l" * 64, finding_id="m" * 64, severity="warning")
    by_two(settings, other, "correct", 0, corrected_value_text="46.3")
    assert [row["value_text"] for row in read_decisions(settings).corrections()] == ["46.3"]
    take(settings, other, "withdraw", 2)
    assert [row["value_text"] for row in read_decisions(settings).corrections()] == ["46.2"]


def _checked(settings: Settings) -> CheckRun:
    with warehouse_lock(settings):
        return run_suites(settings, load_rules(), read_decisions(settings))


def test_what_is_let_through_counts_for_later_rules_and_what_is_excluded_does_not(settings: Settings) -> None:
    warehouse = sound()
    held = above_the_upper_bound(warehouse)
    warehouse.write(settings)
    first = _checked(settings)
    assert first.held == {held}
    (found,) = first.results.filter(pl.col("severity") == "error").to_dicts()
    evidence = Evidence.of_row({**found, "value": None, "unit": None})
    by_two(settings, evidence, "accept", 0)
    accepted = _checked(settings)
    assert accepted.held == frozenset()
    assert accepted.decisions["effect"].to_list() == ["lets_through"]
    assert pl.read_parquet(settings.inputs_dir / "finding_decision.parquet").equals(accepted.decisions)
    # The finding itself stays what it was: only its value counts now.
    assert found["finding_id"] in accepted.results["finding_id"].to_list()
    take(settings, evidence, "withdraw", 2)
    take(settings, evidence, "exclude", 3)
    assert _checked(settings).held == {held}
