"""What the gate must do when several people are at it at once, on any engine; run on SQLite and on PostgreSQL.

Each runner is a thread with a connection of its own; all begin together.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from typing import Any

from expectations.gate.candidates import Offer, act, offer, require_publishable, sign, standing_of, supersede
from expectations.gate.findings import Evidence, decide, standing
from expectations.gate.people import Person
from expectations.gate.states import NotAllowed
from store import review, state
from store.review import Overtaken
from store.settings import Settings
from tests.expectations.gate.office import (
    ALL,
    APPROVER,
    ERROR,
    OTHER_APPROVER,
    OTHER_REVIEWER,
    REVIEWER,
    WHY,
    offered,
)

ROUNDS = 4
WARNING = replace(ERROR, severity="warning")


def at_once(*runners: Callable[[], Any]) -> list[str]:
    """Run all at once; `done` or the name of the refusal for each, in their order."""
    barrier = threading.Barrier(len(runners))

    def run(runner: Callable[[], Any]) -> str:
        barrier.wait()
        try:
            runner()
        except (NotAllowed, Overtaken) as refusal:
            return type(refusal).__name__
        return "done"

    with ThreadPoolExecutor(len(runners)) as pool:
        return list(pool.map(run, runners))


def _on_the_desk(settings: Settings, policy: str, number: int) -> Offer:
    candidate = offered(settings, policy, f"{500 + number}.1")
    offer(settings, candidate)
    return candidate


def of_two_reviewers_on_one_finding_one_decides(settings: Settings) -> None:
    people = [Person(f"reviewer-{n}", f"Reviewer {n}", {"reviewer": ALL}) for n in range(5)]
    for number in range(ROUNDS):
        found = replace(WARNING, finding_key=f"{number:064x}")
        outcomes = at_once(
            *(partial(decide, settings, person, found, "exclude", seen=0, **WHY) for person in people)
        )
        assert sorted(outcomes) == ["Overtaken"] * 4 + ["done"]
    with state.reading(settings) as connection:
        steps = review.decisions(connection)
        events = state.audit_events(connection, action="finding_exclude")
    assert [step.sequence for step in steps] == [1] * ROUNDS
    assert [event.detail["decision_id"] for event in events] == [step.decision_id for step in steps]


def of_a_confirmation_and_a_withdrawal_one_counts(settings: Settings) -> None:
    for number in range(ROUNDS):
        found = replace(ERROR, finding_key=f"{number:064x}")
        decide(settings, REVIEWER, found, "accept", seen=0, **WHY)
        outcomes = at_once(
            partial(decide, settings, APPROVER, found, "confirm", seen=1),
            partial(decide, settings, REVIEWER, found, "withdraw", seen=1, reason_text="x"),
        )
        assert sorted(outcomes) == ["Overtaken", "done"]
        with state.reading(settings) as connection:
            now = standing(review.decisions(connection, finding_key=found.finding_key), found)
        assert now.state == ("accepted" if outcomes[0] == "done" else "open")


def of_two_approvers_who_saw_the_same_one_signs(settings: Settings) -> None:
    for number in range(ROUNDS):
        candidate = _on_the_desk(settings, "two", number)
        outcomes = at_once(
            *(partial(sign, settings, person, candidate, seen=1) for person in (APPROVER, OTHER_APPROVER))
        )
        assert sorted(outcomes) == ["Overtaken", "done"]
        now = standing_of(settings, candidate)
        assert (now.state, len(now.signatures), now.sequence) == ("partly_signed", 1, 2)
        slower = OTHER_APPROVER if outcomes[0] == "done" else APPROVER
        assert sign(settings, slower, candidate, seen=2).state == "signed"


def what_is_superseded_is_not_signed_whoever_came_first(settings: Settings) -> None:
    for number in range(ROUNDS):
        candidate = _on_the_desk(settings, "one", number)
        signed, superseded = at_once(
            partial(sign, settings, APPROVER, candidate, seen=1),
            partial(supersede, settings, candidate, "a new vintage"),
        )
        assert superseded == "done" and signed in ("done", "NotAllowed")
        now = standing_of(settings, candidate)
        assert (now.state, now.signatures) == ("superseded", ())
        assert _refused(partial(require_publishable, settings, candidate))


def a_decision_at_the_moment_of_signing_is_never_passed_over(settings: Settings) -> None:
    for number in range(ROUNDS):
        candidate = _on_the_desk(settings, "one", number)
        candidate = replace(candidate, decisions_up_to=number)
        found = replace(WARNING, finding_key=f"{number:064x}")
        signed, decided = at_once(
            partial(sign, settings, APPROVER, candidate, seen=1),
            partial(decide, settings, OTHER_REVIEWER, found, "exclude", seen=0, **WHY),
        )
        assert decided == "done" and signed in ("done", "NotAllowed")
        # Either the signature saw the decision and was refused, or publication sees it and is.
        assert _refused(partial(require_publishable, settings, candidate))


def a_withdrawal_and_a_return_at_once_leave_one_step(settings: Settings) -> None:
    candidate = _on_the_desk(settings, "one", 0)
    sign(settings, APPROVER, candidate, seen=1)
    outcomes = at_once(
        partial(act, settings, APPROVER, candidate, "withdraw", seen=2, reason_text="x"),
        partial(act, settings, OTHER_APPROVER, candidate, "return", seen=2, reason_text="x"),
    )
    assert sorted(outcomes) == ["Overtaken", "done"]
    assert standing_of(settings, candidate).state == ("waiting" if outcomes[0] == "done" else "returned")


def what_a_build_knows_up_to_a_number_never_grows(settings: Settings) -> None:
    """A row that is committed later has a higher number, so that `decisions_up_to` names a whole set."""
    people = [Person(f"reviewer-{n}", f"Reviewer {n}", {"reviewer": ALL}) for n in range(3)]
    known: list[tuple[int, list[int]]] = []
    done = threading.Event()

    def read() -> None:
        while not done.is_set():
            with state.reading(settings) as connection:
                up_to = review.last_decision_id(connection)
                known.append(
                    (up_to, [step.decision_id for step in review.decisions(connection, up_to=up_to)])
                )

    reader = threading.Thread(target=read)
    reader.start()
    try:
        at_once(*(partial(_comments, settings, person) for person in people))
    finally:
        done.set()
        reader.join()
    with state.reading(settings) as connection:
        every = [step.decision_id for step in review.decisions(connection)]
    assert len(every) == 3 * 8
    assert all(seen == [number for number in every if number <= up_to] for up_to, seen in known)


def _comments(settings: Settings, person: Person) -> None:
    for number in range(8):
        about: Evidence = replace(WARNING, finding_key=f"{person.identifier}-{number}".ljust(64, "0"))
        decide(settings, person, about, "comment", seen=0, reason_text="noted")


def _refused(publish: Callable[[], Any]) -> bool:
    try:
        publish()
    except NotAllowed:
        return True
    return False


CASES: Sequence[Callable[[Settings], None]] = [
    of_two_reviewers_on_one_finding_one_decides,
    of_a_confirmation_and_a_withdrawal_one_counts,
    of_two_approvers_who_saw_the_same_one_signs,
    what_is_superseded_is_not_signed_whoever_came_first,
    a_decision_at_the_moment_of_signing_is_never_passed_over,
    a_withdrawal_and_a_return_at_once_leave_one_step,
    what_a_build_knows_up_to_a_number_never_grows,
]
