"""Sign-off of candidates: whose signatures count, what makes them void, and what may be published."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from expectations.gate.candidates import (
    Offer,
    act,
    candidate_standing,
    offer,
    read_offer,
    record_publication,
    require_publishable,
    sign,
    standing_of,
    supersede,
    void,
    why_not_sign,
)
from expectations.gate.findings import decide
from expectations.gate.states import NotAllowed
from store import review, state
from store.manifest import MANIFEST_NAME, ReleaseError
from store.releases import VerificationFailed, publish, release_dir, table_path
from store.review import Overtaken
from store.settings import Settings
from tests.expectations.gate.office import (
    APPROVER,
    AT,
    BOTH,
    ERROR,
    OTHER_APPROVER,
    REVIEWER,
    WHY,
    deputy,
    later,
    offered,
)
from tests.store.building import seal, write_candidate


def on_the_desk(settings: Settings, policy: str = "one", value: str = "551.1", **changes: Any) -> Offer:
    candidate = offered(settings, policy, value, **changes)
    offer(settings, candidate, at=AT)
    return candidate


def test_one_signature_lets_a_candidate_through(settings: Settings) -> None:
    candidate = on_the_desk(settings)
    assert standing_of(settings, candidate).state == "waiting"
    assert offer(settings, candidate).sequence == 1
    with pytest.raises(NotAllowed, match="0 of 1 signatures"):
        require_publishable(settings, candidate)
    signed = sign(settings, APPROVER, candidate, seen=1, paper=("12/BC-CTK", date(2026, 11, 23), None), at=AT)
    assert (signed.state, [one.actor for one in signed.signatures]) == ("signed", ["approver-1"])
    assert signed.last is not None and (signed.last.paper_number, signed.last.role) == (
        "12/BC-CTK",
        "approver",
    )
    assert require_publishable(settings, candidate).state == "signed"
    assert record_publication(settings, candidate).state == "published"
    assert record_publication(settings, candidate).sequence == 3
    with state.reading(settings) as connection:
        assert [event.action for event in state.audit_events(connection)] == [
            "candidate_offer",
            "candidate_sign",
            "candidate_publish",
        ]


def test_two_signatures_are_those_of_two_people(settings: Settings) -> None:
    candidate = on_the_desk(settings, "two")
    assert sign(settings, APPROVER, candidate, seen=1).state == "partly_signed"
    for again in (APPROVER, deputy("deputy-1", "approver", "approver-1")):
        with pytest.raises(NotAllowed, match="approver-1 signed this candidate already"):
            sign(settings, again, candidate, seen=2)
    with pytest.raises(NotAllowed, match="1 of 2 signatures"):
        require_publishable(settings, candidate)
    assert sign(settings, OTHER_APPROVER, candidate, seen=2).state == "signed"
    with pytest.raises(NotAllowed, match="signed cannot take sign"):
        sign(settings, BOTH, candidate, seen=3)


def test_who_decided_on_a_value_does_not_sign_it(settings: Settings) -> None:
    decide(settings, BOTH, ERROR, "exclude", seen=0, **WHY)
    decide(settings, REVIEWER, ERROR, "comment", seen=1, reason_text="noted")
    candidate = on_the_desk(settings, decisions_up_to=2)
    for author in (BOTH, deputy("deputy-1", "approver", "both-1")):
        with pytest.raises(NotAllowed, match="both-1 decided on values"):
            sign(settings, author, candidate, seen=1)
    assert why_not_sign(settings, BOTH, candidate) == "decided"
    assert sign(settings, APPROVER, candidate, seen=1).state == "signed"
    assert why_not_sign(settings, APPROVER, candidate) == "signed"
    record_publication(settings, candidate)
    publish(settings, candidate.directory)
    # The next candidate has nothing of his that was not published before.
    second = on_the_desk(settings, "one", "554.2", decisions_up_to=2)
    assert why_not_sign(settings, BOTH, second) is None
    assert sign(settings, BOTH, second, seen=1).state == "signed"


def test_what_was_published_without_signatures_has_no_authors_in_the_next_candidate(
    settings: Settings,
) -> None:
    decide(settings, BOTH, ERROR, "exclude", seen=0, **WHY)
    publish(settings, offered(settings, "automatic", decisions_up_to=1).directory)
    second = on_the_desk(settings, "one", "554.2", decisions_up_to=1)
    assert sign(settings, BOTH, second, seen=1).state == "signed"
    # A release that cannot be read tells nothing: then everybody who ever decided is an author.
    third = on_the_desk(settings, "one", "555.3", decisions_up_to=1)
    (release_dir(settings) / MANIFEST_NAME).unlink()
    assert why_not_sign(settings, BOTH, third) == "decided"
    with pytest.raises(NotAllowed, match="both-1 decided on values"):
        sign(settings, BOTH, third, seen=1)


def test_who_confirmed_a_proposal_may_sign(settings: Settings) -> None:
    decide(settings, REVIEWER, ERROR, "accept", seen=0, **WHY)
    decide(settings, APPROVER, ERROR, "confirm", seen=1)
    candidate = on_the_desk(settings, decisions_up_to=2)
    assert sign(settings, APPROVER, candidate, seen=1).state == "signed"


def test_a_decision_that_the_candidate_does_not_hold_stops_sign_and_publication(settings: Settings) -> None:
    candidate = on_the_desk(settings)
    decide(settings, REVIEWER, ERROR, "query_source", seen=0, reason_text="asked")
    assert sign(settings, APPROVER, candidate, seen=1).state == "signed"
    decide(settings, REVIEWER, ERROR, "exclude", seen=1, **WHY)
    with pytest.raises(NotAllowed, match="1 decisions took or lost effect"):
        require_publishable(settings, candidate)
    decide(settings, REVIEWER, ERROR, "withdraw", seen=2, reason_text="an error of mine")
    assert require_publishable(settings, candidate).state == "signed"
    second = on_the_desk(settings, value="554.2")
    decide(settings, REVIEWER, ERROR, "exclude", seen=3, **WHY)
    assert why_not_sign(settings, APPROVER, second) == "later_decision"
    with pytest.raises(NotAllowed, match="build again"):
        sign(settings, APPROVER, second, seen=1)
    built_with_it = on_the_desk(settings, decisions_up_to=4)
    assert sign(settings, APPROVER, built_with_it, seen=1).state == "signed"


def test_a_flipped_byte_makes_the_signature_void(settings: Settings) -> None:
    candidate = on_the_desk(settings)
    sign(settings, APPROVER, candidate, seen=1)
    path = table_path(candidate.directory, "fct_actual")
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(NotAllowed, match="its sign-off is void"):
        require_publishable(settings, candidate)
    assert standing_of(settings, candidate).state == "void"
    with pytest.raises(NotAllowed, match="is void: it has 0 of 1"):
        require_publishable(settings, candidate)
    with pytest.raises(VerificationFailed):
        sign(settings, OTHER_APPROVER, candidate, seen=3)


def test_a_candidate_sealed_anew_is_another_and_makes_the_signature_void(settings: Settings) -> None:
    candidate = on_the_desk(settings)
    sign(settings, APPROVER, candidate, seen=1)
    (candidate.directory / "note.txt").write_text("added", encoding="utf-8")
    seal(settings, candidate.directory, review_policy="one")
    with pytest.raises(Overtaken, match="sealed anew"):
        sign(settings, OTHER_APPROVER, candidate, seen=2)
    anew = read_offer(candidate.directory)
    with pytest.raises(NotAllowed, match="not the one that was offered"):
        require_publishable(settings, anew)
    assert standing_of(settings, candidate).state == "void"
    assert offer(settings, anew).state == "waiting"
    assert sign(settings, OTHER_APPROVER, anew, seen=1).state == "signed"
    assert require_publishable(settings, anew).state == "signed"


def test_offering_a_candidate_that_was_sealed_anew_makes_the_one_before_void(settings: Settings) -> None:
    candidate = on_the_desk(settings)
    (candidate.directory / "note.txt").write_text("added", encoding="utf-8")
    seal(settings, candidate.directory, review_policy="one")
    assert offer(settings, read_offer(candidate.directory)).state == "waiting"
    assert standing_of(settings, candidate).state == "void"


@pytest.mark.parametrize("signed_before", [False, True])
def test_the_word_of_a_manifest_alone_does_not_waive_the_signature(
    settings: Settings, signed_before: bool
) -> None:
    candidate = on_the_desk(settings) if signed_before else offered(settings)
    manifest = candidate.directory / MANIFEST_NAME
    manifest.write_text(
        manifest.read_text(encoding="utf-8").replace('"one"', '"automatic"'), encoding="utf-8"
    )
    strict = settings.model_copy(update={"review_policy": "one"})
    changed = read_offer(candidate.directory)
    assert changed.required == 0
    with pytest.raises(
        NotAllowed, match="not the one that was offered" if signed_before else "now it is one"
    ):
        require_publishable(strict, changed)


def test_under_the_policy_automatic_nobody_signs_and_a_release_can_be_retracted(settings: Settings) -> None:
    candidate = offered(settings, "automatic")
    assert require_publishable(settings, candidate).state == "unknown"
    assert offer(settings, candidate).state == "signed"
    assert require_publishable(settings, candidate).signatures == ()
    with pytest.raises(NotAllowed, match="cannot take sign"):
        sign(settings, APPROVER, candidate, seen=1)
    record_publication(settings, candidate)
    noted = act(settings, APPROVER, candidate, "correction_note", seen=2, reason_text="two cells")
    assert (noted.state, noted.sequence) == ("published", 3)
    assert (
        act(settings, APPROVER, candidate, "retract", seen=3, reason_text="wrong year").state == "retracted"
    )


def test_an_unknown_policy_is_refused(settings: Settings) -> None:
    candidate = offered(settings, "three")
    with pytest.raises(NotAllowed, match="unknown review policy"):
        offer(settings, candidate)


def test_a_signature_is_withdrawn_by_who_gave_it_or_for_whom_it_was_given(settings: Settings) -> None:
    candidate = on_the_desk(settings, "two")
    sign(settings, APPROVER, candidate, seen=1)
    sign(settings, deputy("deputy-1", "approver", "approver-2"), candidate, seen=2)
    with pytest.raises(NotAllowed, match="has not signed"):
        act(settings, BOTH, candidate, "withdraw", seen=3, reason_text="no")
    with pytest.raises(NotAllowed, match="needs the role approver"):
        act(settings, REVIEWER, candidate, "withdraw", seen=3, reason_text="no")
    act(
        settings,
        APPROVER,
        candidate,
        "schedule",
        seen=3,
        reason_text="the day",
        publish_at=later(days=1),
        at=AT,
    )
    back = act(settings, OTHER_APPROVER, candidate, "withdraw", seen=4, reason_text="not what I saw")
    assert (back.state, [one.actor for one in back.signatures], back.publish_at) == (
        "partly_signed",
        ["approver-1"],
        None,
    )
    assert act(settings, APPROVER, candidate, "withdraw", seen=5, reason_text="nor I").state == "waiting"


def test_a_scheduled_candidate_waits_for_its_time(settings: Settings) -> None:
    candidate = on_the_desk(settings)
    sign(settings, APPROVER, candidate, seen=1)
    for wrong in (AT, datetime(2026, 12, 1)):
        with pytest.raises(NotAllowed, match="no time to publish"):
            act(settings, APPROVER, candidate, "schedule", seen=2, reason_text="x", publish_at=wrong, at=AT)
    for action, publish_at in (("schedule", None), ("return", later(hours=1))):
        with pytest.raises(NotAllowed, match="needs the time"):
            act(settings, APPROVER, candidate, action, seen=2, reason_text="x", publish_at=publish_at, at=AT)  # type: ignore[arg-type]
    act(settings, APPROVER, candidate, "schedule", seen=2, reason_text="x", publish_at=later(days=2), at=AT)
    moved = act(
        settings, APPROVER, candidate, "schedule", seen=3, reason_text="x", publish_at=later(days=1), at=AT
    )
    assert (moved.state, moved.publish_at) == ("scheduled", later(days=1))
    with pytest.raises(NotAllowed, match="is to be published at"):
        require_publishable(settings, candidate, now=later(hours=23))
    assert require_publishable(settings, candidate, now=later(days=1)).state == "scheduled"
    assert record_publication(settings, candidate).state == "published"


def test_a_step_of_a_person_has_its_form(settings: Settings) -> None:
    candidate = on_the_desk(settings)
    with pytest.raises(NotAllowed, match="reason in words"):
        act(settings, APPROVER, candidate, "return", seen=1, reason_text=" ")
    with pytest.raises(NotAllowed, match="looks at its files"):
        act(settings, APPROVER, candidate, "sign", seen=1, reason_text="x")
    with pytest.raises(NotAllowed, match="step of the program"):
        act(settings, APPROVER, candidate, "publish", seen=1, reason_text="x")
    with pytest.raises(NotAllowed, match="hand the signed paper in"):
        sign(settings, APPROVER, candidate, seen=1, paper=("1", date(2026, 11, 23), "c" * 64))
    with state.writing(settings) as connection:
        state.record_snapshot(
            connection, sha256="c" * 64, size_bytes=1, media_type="application/pdf", origin="original", first_seen_at=AT
        )  # fmt: skip
    signed = sign(settings, APPROVER, candidate, seen=1, paper=("1", date(2026, 11, 23), "c" * 64))
    assert signed.last is not None and signed.last.paper_sha256 == "c" * 64


@pytest.mark.parametrize("ended_by", ["return", "supersede", "void"])
def test_what_was_returned_superseded_or_made_void_is_never_signed_nor_published(
    settings: Settings, ended_by: str
) -> None:
    candidate = on_the_desk(settings)
    sign(settings, APPROVER, candidate, seen=1)
    if ended_by == "return":
        ended = act(settings, OTHER_APPROVER, candidate, "return", seen=2, reason_text="look at 2024")
    else:
        ended = {"supersede": supersede, "void": void}[ended_by](settings, candidate, "later figures")
    assert (ended.signatures, ended.publish_at) == ((), None)
    with pytest.raises(NotAllowed):
        sign(settings, OTHER_APPROVER, candidate, seen=ended.sequence)
    with pytest.raises(NotAllowed):
        require_publishable(settings, candidate)
    with pytest.raises(NotAllowed):
        record_publication(settings, candidate)
    # Sealed again it is still another candidate's sign-off that ended: nothing more to make void.
    (candidate.directory / "note.txt").write_text("added", encoding="utf-8")
    seal(settings, candidate.directory, review_policy="one")
    offer(settings, read_offer(candidate.directory))
    assert standing_of(settings, candidate).state == ended.state


def test_the_slower_of_two_approvers_is_told(settings: Settings) -> None:
    candidate = on_the_desk(settings, "two")
    sign(settings, APPROVER, candidate, seen=1)
    with pytest.raises(Overtaken):
        sign(settings, OTHER_APPROVER, candidate, seen=1)


def test_a_candidate_without_a_manifest_cannot_be_offered(settings: Settings) -> None:
    with pytest.raises(ReleaseError, match="was not finished"):
        read_offer(write_candidate(settings, "551.1"))


def test_steps_are_found_by_manifest_candidate_and_release(settings: Settings) -> None:
    first, second = on_the_desk(settings), on_the_desk(settings, decisions_up_to=1)
    with state.reading(settings) as connection:
        assert len(review.sign_offs(connection)) == 2
        assert [
            one.candidate_id for one in review.sign_offs(connection, manifest_sha256=first.manifest_sha256)
        ] == [first.directory.name]
        by_candidate = review.sign_offs(connection, candidate_id=second.directory.name)
        assert [one.manifest_sha256 for one in by_candidate] == [second.manifest_sha256]
        assert len(review.sign_offs(connection, release_id=first.manifest.release_id)) == 2
    assert candidate_standing([], 1).sequence == 0
    assert replace(first, manifest_sha256="0" * 64) != first
