"""Random people take random steps at the gate; what must never happen is looked for in the rows they leave.

The rows are judged without the gate's own functions: who signed, who decided, what was published, in which order.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar

from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from expectations.gate.candidates import (
    Offer,
    act,
    offer,
    read_offer,
    record_publication,
    require_publishable,
    sign,
    standing_of,
    supersede,
    void,
)
from expectations.gate.findings import Evidence, decide, standing
from expectations.gate.people import Person
from expectations.gate.states import FINDING_ACTIONS, NotAllowed, finding_actions
from store import review, state
from store.releases import VerificationFailed, table_path
from store.review import Decision, Overtaken, SignOff
from store.settings import Settings
from tests.expectations.gate.office import (
    APPROVER,
    AT,
    BOTH,
    ERROR,
    OTHER_APPROVER,
    REVIEWER,
    copy_home,
    deputy,
    later,
    offered,
)

PEOPLE: list[Person] = [
    REVIEWER,
    APPROVER,
    OTHER_APPROVER,
    BOTH,
    deputy("deputy-of-approver-1", "approver", "approver-1"),
    deputy("deputy-of-both-1", "approver", "both-1"),
    deputy("second-deputy-of-both-1", "reviewer", "both-1"),
]
# Who has both hands in it comes more often: it is he who must be stopped.
DECIDING = [BOTH, BOTH, BOTH, *PEOPLE[1:2], *PEOPLE[5:], REVIEWER]
OUTCOMES = {"accept", "accept_flagged", "exclude", "correct", "rule_wrong"}
VALUES = (46.2, 46.22, 13.6)


class Gate(RuleBasedStateMachine):
    """An office at work. `template`: a home with an empty state database."""

    template: ClassVar[Path]
    reached: ClassVar[Counter[str]]

    @initialize()
    def open_the_office(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="gate-"))
        self.settings: Settings = copy_home(self.template, self.home)
        self.candidates: list[Offer] = []
        self.tampered: set[str] = set()
        self.n_built = 0

    def teardown(self) -> None:
        shutil.rmtree(self.home, ignore_errors=True)

    def try_to(self, step: Callable[[], Any]) -> None:
        with contextlib.suppress(NotAllowed, Overtaken, VerificationFailed):
            step()

    @rule(
        person=st.sampled_from(DECIDING),
        choice=st.integers(0, 20),
        severity=st.sampled_from(["error", "warning"]),
        value=st.sampled_from(VALUES),
        stale=st.integers(0, 9),
    )
    def decide_on_a_finding(
        self, person: Person, choice: int, severity: str, value: float, stale: int
    ) -> None:
        found = evidence(severity, value)
        steps = [step for step in self.decisions() if step.finding_key == found.finding_key]
        # Mostly what the state offers, at times anything.
        actions = FINDING_ACTIONS if choice > 18 else finding_actions(standing(steps, found).state)
        action = actions[choice % len(actions)]
        given: dict[str, Any] = {"reason_code": "OTHER" if action in OUTCOMES else None, "reason_text": "why"}
        given |= {"flag": "E"} if action == "accept_flagged" else {}
        given |= {"corrected_value_text": "50.1"} if action == "correct" else {}
        seen = len(steps) - (stale == 9)
        self.try_to(lambda: decide(self.settings, person, found, action, seen=seen, at=AT, **given))

    @precondition(lambda self: not self.pending())
    @rule(policy=st.sampled_from(["one", "two"]))
    def build(self, policy: str) -> None:
        self.n_built += 1
        with state.reading(self.settings) as connection:
            up_to = review.last_decision_id(connection)
        made = offered(self.settings, policy, f"{500 + self.n_built}.1", decisions_up_to=up_to)
        offer(self.settings, made, at=AT)
        self.candidates.append(made)

    @precondition(lambda self: self.candidates)
    @rule(person=st.sampled_from(PEOPLE))
    def sign_a_candidate(self, person: Person) -> None:
        one = self.candidates[-1]
        seen = standing_of(self.settings, one).sequence
        self.try_to(lambda: sign(self.settings, person, one, seen=seen, at=AT))

    @precondition(lambda self: self.candidates)
    @rule(
        person=st.sampled_from(PEOPLE),
        action=st.sampled_from(["return", "withdraw", "schedule", "retract", "correction_note"]),
        which=st.integers(0, 1),
    )
    def act_on_a_candidate(self, person: Person, action: Any, which: int) -> None:
        one = self.candidates[-1 - which % len(self.candidates)]
        publish_at = later(hours=1) if action == "schedule" else None
        seen = standing_of(self.settings, one).sequence
        self.try_to(
            lambda: act(
                self.settings, person, one, action, seen=seen, reason_text="why", publish_at=publish_at, at=AT
            )
        )

    @precondition(lambda self: self.candidates)
    @rule(what=st.sampled_from(["tamper", "void", "supersede"]))
    def spoil(self, what: str) -> None:
        one = self.candidates[-1]
        if what == "tamper":
            path = table_path(one.directory, "fct_actual")
            data = bytearray(path.read_bytes())
            data[len(data) // 2] ^= 1
            path.write_bytes(bytes(data))
            self.tampered ^= {one.manifest_sha256}
        else:
            end = void if what == "void" else supersede
            self.try_to(lambda: end(self.settings, one, "why", at=AT))

    @precondition(lambda self: self.candidates)
    @rule(hours=st.sampled_from([0.5, 2]))
    def publish(self, hours: float) -> None:
        one = self.candidates[-1]

        def attempt() -> None:
            was = standing_of(self.settings, one)
            require_publishable(self.settings, read_offer(one.directory), now=later(hours=hours))
            assert one.manifest_sha256 not in self.tampered
            assert was.publish_at is None or was.publish_at <= later(hours=hours)
            record_publication(self.settings, one, at=later(hours=hours))

        self.try_to(attempt)

    def pending(self) -> bool:
        if not self.candidates:
            return False
        now = standing_of(self.settings, self.candidates[-1]).state
        return now not in ("published", "retracted", "superseded", "void", "returned")

    def decisions(self) -> list[Decision]:
        with state.reading(self.settings) as connection:
            return review.decisions(connection)

    @invariant()
    def the_rows_are_as_they_must_be(self) -> None:
        if not hasattr(self, "settings"):
            return
        with state.reading(self.settings) as connection:
            taken, signed = review.decisions(connection), review.sign_offs(connection)
            n_events = len(state.audit_events(connection))
        steps_are_numbered_without_gaps(taken, signed, n_events)
        nobody_confirms_his_own_word(taken)
        an_error_is_let_through_by_two_and_a_change_made_by_two(taken)
        required = {one.manifest_sha256: one.required for one in self.candidates}
        only_what_different_people_signed_is_published(taken, signed, required)
        self.reached.update(step.action for step in taken)
        self.reached.update(step.action for step in signed)


def steps_are_numbered_without_gaps(
    taken: Sequence[Decision], signed: Sequence[SignOff], n_events: int
) -> None:
    numbers: dict[str, list[int]] = defaultdict(list)
    for step in taken:
        numbers[step.finding_key].append(step.sequence)
    for one in signed:
        numbers[one.manifest_sha256].append(one.sequence)
    assert all(found == list(range(1, len(found) + 1)) for found in numbers.values())
    assert n_events == len(taken) + len(signed)


def nobody_confirms_his_own_word(taken: Sequence[Decision]) -> None:
    proposed: dict[str, Decision] = {}
    for step in taken:
        if step.action in OUTCOMES:
            proposed[step.finding_key] = step
        if step.action == "confirm":
            assert not people(step) & people(proposed[step.finding_key])


def an_error_is_let_through_by_two_and_a_change_made_by_two(taken: Sequence[Decision]) -> None:
    for severity in ("error", "warning"):
        for value in VALUES:
            found = evidence(severity, value)
            now = standing([step for step in taken if step.finding_key == found.finding_key], found)
            if now.state == "corrected" or (
                severity == "error" and now.state in ("accepted", "flagged", "rule_wrong")
            ):
                assert now.effective is not None and now.confirmed_by is not None
                assert not people(now.effective) & people(now.confirmed_by)


def only_what_different_people_signed_is_published(
    taken: Sequence[Decision], every: Sequence[SignOff], required: Mapping[str, int]
) -> None:
    published_up_to = 0
    by_manifest: dict[str, list[SignOff]] = defaultdict(list)
    for step in every:
        if step.action == "publish":
            before = by_manifest[step.manifest_sha256]
            assert not {"supersede", "void", "return", "publish"} & {one.action for one in before}
            signers = [people(one) for one in still_signed(before)]
            assert len(signers) == required[step.manifest_sha256]
            assert sum(map(len, signers)) == len(set().union(*signers))
            authors = {
                person
                for one in taken
                if published_up_to < one.decision_id <= step.decisions_up_to
                and (one.action in OUTCOMES or one.action == "withdraw")
                for person in people(one)
            }
            assert not authors & set().union(*signers)
            published_up_to = max(published_up_to, step.decisions_up_to)
        by_manifest[step.manifest_sha256].append(step)


def evidence(severity: str, value: float) -> Evidence:
    """A finding on one issue of a figure; its question is that of the severity."""
    letter = "e" if severity == "error" else "w"
    number = VALUES.index(value)
    return replace(
        ERROR, severity=severity, finding_key=letter * 64, finding_id=f"{letter}{number}".ljust(64, "0"),
        observation_key=f"o{number}", value=value,
    )  # fmt: skip


def people(step: Decision | SignOff) -> set[str]:
    return {step.actor, step.acting_for} - {None}  # type: ignore[return-value]


def still_signed(steps: list[SignOff]) -> list[SignOff]:
    signatures: list[SignOff] = []
    for step in steps:
        if step.action == "sign":
            signatures.append(step)
        elif step.action == "withdraw":
            signatures = [one for one in signatures if step.actor not in (one.actor, one.acting_for)]
    return signatures


def test_whatever_people_do_the_gate_holds(empty_home: Path) -> None:
    class Here(Gate):
        template = empty_home
        reached: ClassVar[Counter[str]] = Counter()

    run_state_machine_as_test(
        Here,
        settings=hypothesis_settings(
            max_examples=12,
            stateful_step_count=60,
            derandomize=True,
            deadline=None,
            # Making a failing run shorter would take minutes.
            phases=[Phase.generate],
        ),
    )
    # Random as they are, the steps led to where it matters.
    everywhere = {
        "confirm",
        "correct",
        "return_proposal",
        "sign",
        "withdraw",
        "return",
        "void",
        "supersede",
        "publish",
    }
    assert everywhere <= set(Here.reached)
