"""Decisions on findings: what each person may do, when it takes effect, when it lapses, and who loses a race."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from expectations.gate.findings import (
    Evidence,
    Standing,
    accept_information,
    applies,
    decide,
    effective_decisions,
    standing,
)
from expectations.gate.people import Person
from expectations.gate.states import NotAllowed
from store import review, state
from store.review import Decision, Overtaken
from store.settings import Settings
from tests.expectations.gate.office import (
    APPROVER,
    AT,
    BOTH,
    ERROR,
    LEADER,
    OTHER_REVIEWER,
    REVIEWER,
    WHY,
    deputy,
)

WARNING = replace(ERROR, severity="warning")
REVISED = replace(WARNING, finding_id="g" * 64, observation_key="p" * 64, value=13.6)
NEAR = replace(WARNING, finding_id="g" * 64, observation_key="p" * 64, value=46.24)


def steps_of(settings: Settings, evidence: Evidence = ERROR) -> Sequence[Decision]:
    with state.reading(settings) as connection:
        return review.decisions(connection, finding_key=evidence.finding_key)


def now(settings: Settings, evidence: Evidence) -> Standing:
    return standing(steps_of(settings, evidence), evidence)


def test_an_error_is_overridden_by_two_people(settings: Settings) -> None:
    proposed = decide(settings, BOTH, ERROR, "accept", seen=0, **WHY)
    assert (proposed.state, proposed.is_settled) == ("proposed", False)
    with pytest.raises(NotAllowed, match="another person"):
        decide(settings, BOTH, ERROR, "confirm", seen=1)
    with pytest.raises(NotAllowed, match="needs the role approver"):
        decide(settings, REVIEWER, ERROR, "confirm", seen=1)
    confirmed = decide(settings, APPROVER, ERROR, "confirm", seen=1)
    assert confirmed.state == "accepted"
    assert confirmed.effective is not None and confirmed.effective.actor == "both-1"
    assert confirmed.confirmed_by is not None and confirmed.confirmed_by.actor == "approver-1"
    assert effective_decisions(steps_of(settings)).keys() == {1}


def test_nobody_confirms_his_own_word_through_a_deputy(settings: Settings) -> None:
    decide(settings, BOTH, ERROR, "accept", seen=0, **WHY)
    with pytest.raises(NotAllowed, match="both-1 proposed this decision"):
        decide(settings, deputy("deputy-1", "approver", "both-1"), ERROR, "confirm", seen=1)
    decide(settings, APPROVER, ERROR, "return_proposal", seen=1, reason_text="say which merger")
    proposed = decide(settings, deputy("deputy-1", "reviewer", "approver-1"), ERROR, "accept", seen=2, **WHY)
    assert proposed.proposal is not None and proposed.proposal.acting_for == "approver-1"
    with pytest.raises(NotAllowed, match="approver-1 proposed this decision"):
        decide(settings, APPROVER, ERROR, "confirm", seen=3)
    assert decide(settings, BOTH, ERROR, "confirm", seen=3).state == "accepted"


def test_a_proposal_is_withdrawn_by_its_proposer_and_returned_by_an_approver(settings: Settings) -> None:
    decide(settings, REVIEWER, ERROR, "rule_wrong", seen=0, **WHY)
    with pytest.raises(NotAllowed, match="only reviewer-1 withdraws"):
        decide(settings, OTHER_REVIEWER, ERROR, "withdraw", seen=1, reason_text="no")
    commented = decide(settings, OTHER_REVIEWER, ERROR, "comment", seen=1, reason_text="why not ask")
    assert (commented.state, commented.proposal is not None, commented.sequence) == ("proposed", True, 2)
    assert decide(settings, REVIEWER, ERROR, "withdraw", seen=2, reason_text="true").state == "open"
    decide(settings, REVIEWER, ERROR, "accept", seen=3, **WHY)
    assert decide(settings, APPROVER, ERROR, "return_proposal", seen=4, reason_text="no").state == "open"
    assert effective_decisions(steps_of(settings)) == {}


def test_a_decision_on_a_warning_and_an_exclusion_take_effect_at_once(settings: Settings) -> None:
    assert decide(settings, REVIEWER, ERROR, "exclude", seen=0, **WHY).state == "excluded"
    assert (
        decide(settings, OTHER_REVIEWER, ERROR, "withdraw", seen=1, reason_text="was right").state == "open"
    )
    other = replace(WARNING, finding_key="l" * 64)
    flagged = decide(settings, REVIEWER, other, "accept_flagged", seen=0, flag="P", **WHY)
    assert flagged.state == "flagged"
    assert flagged.effective is not None and flagged.effective.flag == "P"


def test_the_slower_of_two_reviewers_is_told(settings: Settings) -> None:
    decide(settings, REVIEWER, WARNING, "query_source", seen=0, reason_text="asked")
    with pytest.raises(Overtaken, match="step 1"):
        decide(settings, BOTH, WARNING, "exclude", seen=0, **WHY)
    with state.reading(settings) as connection:
        assert [step.action for step in review.decisions(connection)] == ["query_source"]
        assert [event.action for event in state.audit_events(connection)] == ["finding_query_source"]


def test_a_question_to_the_source_is_about_the_figure_until_it_is_answered(settings: Settings) -> None:
    decide(settings, REVIEWER, WARNING, "query_source", seen=0, reason_text="asked by letter")
    assert now(settings, REVISED).state == "queried"
    answered = decide(
        settings, REVIEWER, REVISED, "record_answer", seen=1, reason_text="a slip, 13.6 is right"
    )
    assert answered.state == "open"
    assert now(settings, WARNING).state == "open"
    decide(settings, REVIEWER, WARNING, "query_source", seen=2, reason_text="asked again")
    assert decide(settings, REVIEWER, WARNING, "withdraw", seen=3, reason_text="no need").state == "open"


def test_a_decision_lapses_when_the_value_moves_beyond_its_tolerance(settings: Settings) -> None:
    decide(settings, REVIEWER, WARNING, "accept", seen=0, **WHY)
    assert now(settings, NEAR).state == "accepted"
    lapsed = now(settings, REVISED)
    assert (lapsed.state, lapsed.sequence) == ("lapsed", 1)
    assert lapsed.effective is not None and lapsed.effective.value == 46.2
    assert (
        decide(settings, REVIEWER, REVISED, "comment", seen=1, reason_text="it came again").state == "lapsed"
    )
    assert now(settings, REVISED).state == "lapsed"
    assert decide(settings, REVIEWER, REVISED, "accept", seen=2, **WHY).state == "accepted"


def test_a_wider_tolerance_is_the_reviewers_to_give(settings: Settings) -> None:
    decide(settings, REVIEWER, WARNING, "accept", seen=0, tolerance=40, **WHY)
    assert now(settings, REVISED).state == "accepted"


def test_what_was_decided_on_one_issue_of_a_figure_outlives_a_decision_on_the_next(
    settings: Settings,
) -> None:
    decide(settings, REVIEWER, WARNING, "accept", seen=0, **WHY)
    decide(settings, REVIEWER, REVISED, "exclude", seen=1, **WHY)
    assert (now(settings, WARNING).state, now(settings, REVISED).state) == ("accepted", "excluded")
    assert effective_decisions(steps_of(settings)).keys() == {1, 2}
    decide(settings, REVIEWER, REVISED, "withdraw", seen=2, reason_text="it was right")
    assert (now(settings, WARNING).state, now(settings, REVISED).state) == ("accepted", "open")
    assert effective_decisions(steps_of(settings)).keys() == {1}


def test_a_proposal_lapses_when_the_value_moves_before_it_is_confirmed(settings: Settings) -> None:
    decide(settings, REVIEWER, ERROR, "accept", seen=0, **WHY)
    moved = replace(REVISED, severity="error")
    assert now(settings, moved).state == "lapsed"
    with pytest.raises(NotAllowed, match="lapsed cannot take confirm"):
        decide(settings, APPROVER, moved, "confirm", seen=1)


def test_one_persons_word_on_a_warning_is_none_on_an_error(settings: Settings) -> None:
    decide(settings, REVIEWER, WARNING, "accept", seen=0, **WHY)
    promoted = replace(NEAR, severity="error", rule_version=2)
    assert now(settings, promoted).state == "lapsed"
    excluded = replace(WARNING, finding_key="l" * 64)
    decide(settings, REVIEWER, excluded, "exclude", seen=0, **WHY)
    assert now(settings, replace(promoted, finding_key="l" * 64)).state == "excluded"


def test_a_rule_that_was_called_wrong_is_asked_about_again_once_it_was_changed(settings: Settings) -> None:
    decide(settings, REVIEWER, WARNING, "rule_wrong", seen=0, **WHY)
    assert now(settings, NEAR).state == "rule_wrong"
    assert now(settings, replace(NEAR, rule_version=2)).state == "lapsed"


@pytest.mark.parametrize(
    ("found", "speaks"),
    [
        (WARNING, True),
        (replace(WARNING, finding_id="g" * 64, value=None), False),
        (replace(WARNING, finding_id="g" * 64, unit="person"), False),
        (replace(WARNING, finding_id="g" * 64, value=46.25), True),
        (replace(WARNING, finding_id="g" * 64, value=46.2501), False),
    ],
)
def test_a_decision_speaks_of_the_same_evidence_or_a_value_as_near(
    settings: Settings, found: Evidence, speaks: bool
) -> None:
    decide(settings, REVIEWER, WARNING, "accept", seen=0, **WHY)
    (step,) = steps_of(settings)
    assert applies(step, found) is speaks
    assert applies(replace(step, value=None), found) is (found == WARNING)


def test_nothing_decided_is_open() -> None:
    assert standing([]) == Standing()
    assert standing([], ERROR).state == "open"


def test_standing_without_evidence_is_that_of_the_last_step(settings: Settings) -> None:
    decide(settings, REVIEWER, WARNING, "accept", seen=0, **WHY)
    assert standing(steps_of(settings)).state == "accepted"


WRONG_FORM: list[tuple[str, dict[str, Any], str]] = [
    ("accept", {"reason_text": "x"}, "reason code"),
    ("accept", {"reason_code": "OTHER", "reason_text": "  "}, "reason in words"),
    ("comment", {}, "reason in words"),
    ("accept", {**WHY, "flag": "E"}, "needs a flag"),
    ("accept_flagged", WHY, "needs a flag"),
    ("accept_flagged", {**WHY, "flag": "X"}, "needs a flag"),
    ("accept", {**WHY, "tolerance": -1.0}, "distance"),
    ("accept", {**WHY, "tolerance": float("nan")}, "distance"),
    ("accept", {**WHY, "corrected_value_text": "1"}, "corrected value"),
    ("correct", WHY, "corrected value"),
    ("correct", {**WHY, "corrected_value_text": "46,2"}, "plain decimal"),
    ("correct", {**WHY, "corrected_value_text": "1e3"}, "plain decimal"),
    ("correct", {**WHY, "corrected_value_text": "46.20"}, "says already"),
    ("accept", {**WHY, "attachment_sha256": "c" * 64}, "hand the attachment in"),
]


@pytest.mark.parametrize(("action", "given", "why"), WRONG_FORM)
def test_a_step_without_its_form_is_refused_and_leaves_nothing(
    settings: Settings, action: Any, given: dict[str, Any], why: str
) -> None:
    with pytest.raises(NotAllowed, match=why):
        decide(settings, REVIEWER, WARNING, action, seen=0, **given)
    assert not steps_of(settings)


def test_an_attachment_that_was_kept_goes_with_the_decision(settings: Settings) -> None:
    with state.writing(settings) as connection:
        state.record_snapshot(
            connection, sha256="c" * 64, size_bytes=1, media_type="text/plain", origin="original", first_seen_at=AT
        )  # fmt: skip
    accepted = decide(settings, REVIEWER, WARNING, "accept", seen=0, attachment_sha256="c" * 64, **WHY)
    assert accepted.effective is not None and accepted.effective.attachment_sha256 == "c" * 64


def test_only_a_figure_that_the_office_owns_is_corrected_and_by_two_people(settings: Settings) -> None:
    foreign = replace(WARNING, is_owned=False)
    with pytest.raises(NotAllowed, match="another office's"):
        decide(settings, REVIEWER, foreign, "correct", seen=0, corrected_value_text="13.6", **WHY)
    assert (
        decide(settings, REVIEWER, WARNING, "correct", seen=0, corrected_value_text="13.6", **WHY).state
        == "proposed"
    )
    corrected = decide(settings, APPROVER, WARNING, "confirm", seen=1)
    assert corrected.state == "corrected"
    assert corrected.effective is not None
    assert (corrected.effective.value, corrected.effective.corrected_value_text) == (46.2, "13.6")


def test_a_figure_without_a_value_may_be_corrected_to_one(settings: Settings) -> None:
    blank = replace(WARNING, value=None)
    assert (
        decide(settings, REVIEWER, blank, "correct", seen=0, corrected_value_text="-13.6", **WHY).state
        == "proposed"
    )


def test_what_names_no_value_is_neither_excluded_nor_flagged(settings: Settings) -> None:
    about_a_table = replace(WARNING, observation_key=None, value=None, unit=None)
    with pytest.raises(NotAllowed, match="names no value"):
        decide(settings, REVIEWER, about_a_table, "exclude", seen=0, **WHY)
    assert decide(settings, REVIEWER, about_a_table, "accept", seen=0, **WHY).state == "accepted"


def test_a_role_limited_to_a_source_or_an_indicator_decides_there_only(settings: Settings) -> None:
    here = Person("limited-1", "Limited 1", {"reviewer": frozenset({"a_source"})})
    elsewhere = Person("limited-2", "Limited 2", {"reviewer": frozenset({"other"})})
    by_indicator = Person("limited-3", "Limited 3", {"reviewer": frozenset({"POVERTY_RATE"})})
    with pytest.raises(NotAllowed, match="limited to other parts"):
        decide(settings, elsewhere, WARNING, "comment", seen=0, reason_text="x")
    decide(settings, here, WARNING, "comment", seen=0, reason_text="x")
    decide(settings, by_indicator, WARNING, "comment", seen=1, reason_text="x")
    about_nothing = replace(WARNING, finding_key="l" * 64, source_id=None, indicator_code=None)
    with pytest.raises(NotAllowed, match="limited to other parts"):
        decide(settings, here, about_nothing, "comment", seen=0, reason_text="x")
    with pytest.raises(NotAllowed, match="needs the role reviewer"):
        decide(settings, LEADER, WARNING, "comment", seen=2, reason_text="x")


def test_information_is_accepted_in_one_go_all_or_none(settings: Settings) -> None:
    notes = [
        replace(ERROR, severity="information", finding_key=letter * 64, finding_id=letter * 64)
        for letter in "abc"
    ]
    with pytest.raises(NotAllowed, match="1 of the findings"):
        accept_information(settings, REVIEWER, [*notes, WARNING])
    with pytest.raises(NotAllowed, match="needs the role"):
        accept_information(settings, LEADER, notes)
    decide(settings, REVIEWER, notes[0], "exclude", seen=0, **WHY)
    twice = replace(notes[1], finding_id="z" * 64)
    assert accept_information(settings, REVIEWER, [*notes, twice], at=AT) == 2
    assert accept_information(settings, REVIEWER, notes) == 0
    with state.reading(settings) as connection:
        assert [step.action for step in review.decisions(connection)] == ["exclude", "accept", "accept"]
        events = state.audit_events(connection, action="finding_accept")
    assert [event.detail["to"] for event in events] == ["accepted", "accepted"]


def test_a_row_becomes_the_evidence_of_a_decision() -> None:
    row = {
        "finding_key": "k", "finding_id": "f", "rule_id": "r", "severity": "error", "value": "46.2",
        "unit": "percent", "rounding_half_width": 0.05, "more": 1,
    }  # fmt: skip
    evidence = Evidence.of_row(row, is_owned=True)
    assert (evidence.value, evidence.tolerance, evidence.is_owned) == (46.2, 0.05, True)
    assert Evidence.of_row({**row, "value": None}).value is None
