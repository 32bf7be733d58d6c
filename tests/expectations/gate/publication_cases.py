"""The road of a candidate from the desk to readers and back, on any engine; run on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from expectations.gate.candidates import act, sign, standing_of
from expectations.gate.publication import publish_due, publish_signed, reconcile, retract
from expectations.gate.rollback import ask_rollback, roll_back_as_asked
from expectations.gate.states import NotAllowed
from store import review, state
from store.releases import current_release_id, release_dir, verify
from store.settings import Settings
from tests.expectations.gate.signing import FIRST, NOON, SECOND, offered, signed


def of_a_candidate_from_the_desk_to_readers_and_back(settings: Settings) -> None:
    """Offered, signed by two, published; the next one at its time; back on request; retracted."""
    office = settings.model_copy(update={"review_policy": "two"})
    waiting = offered(office, "551.1", review_policy="two")
    sign(office, FIRST, waiting, seen=1)
    with pytest.raises(NotAllowed, match="1 of 2 signatures"):
        publish_signed(office, waiting.directory.name)
    sign(office, SECOND, waiting, seen=2)
    first = publish_signed(office, waiting.directory.name)
    assert current_release_id(office) == first

    later = signed(office, "551.1", "554.2", by=(FIRST, SECOND), review_policy="two")
    at = NOON + timedelta(days=3650)
    act(office, FIRST, later, "schedule", seen=3, reason_text="press day", publish_at=at)
    assert publish_due(office, now=at - timedelta(seconds=1)).releases == {}
    assert publish_due(office, now=at).releases == {later.directory.name: later.manifest.release_id}
    second = current_release_id(office)
    assert second == later.manifest.release_id

    ask_rollback(office, FIRST, first, "a row of another province")
    assert roll_back_as_asked(office) == []
    assert current_release_id(office) == first
    for release_id in (first, second):
        verify(release_dir(office, release_id))
    retract(office, SECOND, second, reason_text="a row of another province")
    reconcile(office)
    assert current_release_id(office) == first
    with state.reading(office) as connection:
        steps = [
            (step.action, step.sequence)
            for step in review.sign_offs(connection, manifest_sha256=later.manifest_sha256)
        ]
        moves = [release_id for _, release_id in state.pointer_moves(connection)]
    assert steps == [
        (action, number)
        for number, action in enumerate(("offer", "sign", "sign", "schedule", "publish", "retract"), start=1)
    ]
    assert moves == [first, second, first]


def of_one_flipped_byte_after_sign_off_nothing_is_published(settings: Settings) -> None:
    office = settings.model_copy(update={"review_policy": "one"})
    waiting = signed(office, "551.1")
    file = waiting.directory / "fct_actual.parquet"
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    with pytest.raises(NotAllowed):
        publish_signed(office, waiting.directory.name)
    assert standing_of(office, waiting).state == "void"
    assert current_release_id(office) is None


def of_two_who_publish_at_once_one_step_is_kept(settings: Settings) -> None:
    office = settings.model_copy(update={"review_policy": "one"})
    waiting = signed(office, "551.1")
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(lambda _: publish_signed(office, waiting.directory.name), range(2)))
    assert set(done) == {waiting.manifest.release_id}
    with state.reading(office) as connection:
        actions = [step.action for step in review.sign_offs(connection)]
        assert len(state.pointer_moves(connection)) == 1
    assert actions == ["offer", "sign", "publish"]


CASES: Sequence[Callable[[Settings], None]] = [
    of_a_candidate_from_the_desk_to_readers_and_back,
    of_one_flipped_byte_after_sign_off_nothing_is_published,
    of_two_who_publish_at_once_one_step_is_kept,
]
