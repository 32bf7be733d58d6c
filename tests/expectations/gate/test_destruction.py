"""The end of a snapshot: two people decide, the program removes every trace of the bytes and keeps a tombstone."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pytest

from expectations.gate import destruction
from expectations.gate.candidates import offer, read_offer, standing_of
from expectations.gate.destruction import (
    complete_destructions,
    confirm_destruction,
    refuse_destruction,
    releases_with,
    request_destruction,
    tombstone,
    tombstones,
)
from expectations.gate.states import NotAllowed
from sources.cells import CELL_SCHEMA
from sources.record import PlanReading
from sources.retrieve import Received, record_received
from sources.submission.receive import answer_path, receive
from store import landing, review, state
from store.manifest import InputSnapshot
from store.settings import Settings
from store.submissions import Submission, record_submission
from store.warehouse import warehouse_lock
from tests.expectations.gate.office import APPROVER, AT, BOTH, ENGINEER, LEADER, REVIEWER, deputy
from tests.store.building import published, sealed_candidate

DATA = b"synthetic personal data"
SHA256 = hashlib.sha256(DATA).hexdigest()
OTHER = "cd" * 32


def kept(settings: Settings, data: bytes = DATA) -> str:
    """Bytes in landing that are the vintage of a source."""
    sha256 = landing.put(settings, data)
    with state.writing(settings) as connection:
        state.record_snapshot(
            connection, sha256=sha256, size_bytes=len(data), media_type="text/csv", origin="original", first_seen_at=AT
        )  # fmt: skip
        state.record_retrieval(
            connection, batch_id="b", source_id="a_source", route="submitted", document=sha256[:8], outcome="new",
            snapshot_sha256=sha256, vintage_at=datetime(2026, 11, 20), published_at=None,
            published_at_basis="not_stated", started_at=AT, finished_at=AT,
        )  # fmt: skip
    return sha256


def confirmed(settings: Settings) -> None:
    kept(settings)
    request_destruction(settings, REVIEWER, SHA256, "names of households", at=AT)
    confirm_destruction(settings, APPROVER, SHA256, "names of households", at=AT)


def complete(settings: Settings) -> list[destruction.Tombstone]:
    with warehouse_lock(settings):
        return complete_destructions(settings)


def test_two_people_decide(settings: Settings) -> None:
    kept(settings)
    assert tombstone(settings, SHA256).state == "kept"
    with pytest.raises(NotAllowed, match="kept cannot take confirm"):
        confirm_destruction(settings, APPROVER, SHA256, "x")
    for nobody in (LEADER, APPROVER, deputy("deputy-1", "reviewer", "approver-1")):
        with pytest.raises(NotAllowed, match="may not request_destruction"):
            request_destruction(settings, nobody, SHA256, "x")
    with pytest.raises(NotAllowed, match="reason in words"):
        request_destruction(settings, BOTH, SHA256, " ")
    with pytest.raises(NotAllowed, match="there is no snapshot"):
        request_destruction(settings, BOTH, OTHER, "x")
    assert request_destruction(settings, BOTH, SHA256, "names of households").state == "requested"
    for same in (BOTH, deputy("deputy-1", "approver", "both-1")):
        with pytest.raises(NotAllowed, match="both-1 asked for this destruction"):
            confirm_destruction(settings, same, SHA256, "x")
    with pytest.raises(NotAllowed, match="may not confirm_destruction"):
        confirm_destruction(settings, ENGINEER, SHA256, "x")
    assert complete(settings) == [] and landing.contains(settings, SHA256)
    assert confirm_destruction(settings, APPROVER, SHA256, "seen").state == "confirmed"
    with pytest.raises(NotAllowed, match="confirmed cannot take refuse"):
        refuse_destruction(settings, APPROVER, SHA256, "x")


def test_a_request_is_refused_by_an_approver_or_taken_back(settings: Settings) -> None:
    kept(settings)
    with pytest.raises(NotAllowed, match="may not confirm_destruction"):
        refuse_destruction(settings, REVIEWER, SHA256, "x")
    request_destruction(settings, ENGINEER, SHA256, "names")
    with pytest.raises(NotAllowed, match="may not confirm_destruction"):
        refuse_destruction(settings, REVIEWER, SHA256, "x")
    assert refuse_destruction(settings, ENGINEER, SHA256, "another file").state == "kept"
    request_destruction(settings, ENGINEER, SHA256, "names")
    refused = refuse_destruction(settings, APPROVER, SHA256, "no names in it")
    assert (refused.state, refused.sequence, refused.reason) == ("kept", 4, "no names in it")
    assert tombstone(settings, OTHER).reason == ""
    assert complete(settings) == [] and landing.contains(settings, SHA256)


def put_everywhere(settings: Settings) -> dict[str, Path]:
    """Everything that a snapshot leaves behind once it was read, and something of another beside it."""
    settings.cells_dir.mkdir(parents=True)
    cells = settings.cells_dir / "1.parquet"
    others = settings.cells_dir / "2.parquet"
    for path, sha256 in ((cells, SHA256), (others, OTHER)):
        row = {name: None for name in CELL_SCHEMA} | {"snapshot_sha256": sha256}
        pl.DataFrame([row], schema=CELL_SCHEMA, orient="row").write_parquet(path)
    pl.DataFrame(schema=CELL_SCHEMA).write_parquet(settings.cells_dir / "3.parquet")
    settings.warehouse_file.write_bytes(b"x")
    wal = settings.warehouse_dir / "warehouse.duckdb.wal"
    wal.write_bytes(b"x")
    input_snapshot = InputSnapshot(
        source_id="a_source", route="submitted", document="d", snapshot_sha256=SHA256, vintage_at=datetime(2026, 11, 20)
    )  # fmt: skip
    with state.writing(settings) as connection:
        sent = record_submission(
            connection, batch_id="b", received_at=AT, actor="a", file_name="x.xlsx", snapshot_sha256=SHA256,
            kind="unknown", outcome="returned", problems=[{"code": "no_stamp"}],
        )  # fmt: skip
        record_submission(
            connection, batch_id="b", received_at=AT, actor="a", file_name="y.xlsx", snapshot_sha256=None,
            kind="unknown", outcome="returned", problems=[{"code": "no_stamp"}],
        )  # fmt: skip
    answer = _answered(settings, sent)
    return {
        "bytes": Path(landing._place(settings, SHA256)[1]),
        "cells": cells,
        "warehouse": settings.warehouse_file,
        "write-ahead log": wal,
        "answer": answer,
        "candidate on the desk": sealed_candidate(settings, "551.1", input_snapshots=[input_snapshot]),
        "candidate never offered": sealed_candidate(settings, "552.2", input_snapshots=[input_snapshot]),
    }


def _answered(settings: Settings, sent: Submission) -> Path:
    answer = answer_path(settings, sent)
    answer.parent.mkdir(parents=True, exist_ok=True)
    answer.write_bytes(b"x")
    return answer


def test_every_trace_of_the_bytes_goes_and_the_tombstone_stays(settings: Settings) -> None:
    in_force = published(settings, "550.0")
    confirmed(settings)
    traces = put_everywhere(settings)
    offered = read_offer(traces["candidate on the desk"])
    offer(settings, offered)
    with state.reading(settings) as connection:
        assert state.vintages(connection) == []
    (done,) = complete(settings)
    assert (done.state, [step.action for step in done.steps]) == ("destroyed", ["request", "confirm", "done"])
    assert {name for name, path in traces.items() if path.exists()} == set()
    assert (settings.cells_dir / "2.parquet").exists() and (settings.cells_dir / "3.parquet").exists()
    assert standing_of(settings, offered).state == "void"
    assert (settings.releases_dir / in_force).is_dir()
    assert complete(settings) == []
    assert [one.snapshot_sha256 for one in tombstones(settings)] == [SHA256]
    with state.reading(settings) as connection:
        events = [event for event in state.audit_events(connection) if event.action.startswith("destruction")]
    assert [(event.actor, event.action, event.subject) for event in events] == [
        ("reviewer-1", "destruction_request", SHA256),
        ("approver-1", "destruction_confirm", SHA256),
        ("ppw", "destruction_done", SHA256),
    ]


@pytest.mark.parametrize(
    "step",
    ["landing.remove", "_cells_of", "_remove_answers", "_remove_candidates", "review.record_destruction"],
)
def test_what_a_killed_process_left_the_next_one_does(
    settings: Settings, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    confirmed(settings)
    traces = put_everywhere(settings)

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"expectations.gate.destruction.{step}", killed)
        with pytest.raises(KeyboardInterrupt):
            complete(settings)
    assert tombstone(settings, SHA256).state == "confirmed"
    (done,) = complete(settings)
    assert done.state == "destroyed"
    assert {name for name, path in traces.items() if path.exists()} == set()


def test_bytes_that_a_retrieval_under_way_put_back_are_removed_again(settings: Settings) -> None:
    confirmed(settings)
    complete(settings)
    landing.put(settings, DATA)
    assert complete(settings) == []
    assert not landing.contains(settings, SHA256)


def test_the_same_bytes_come_to_quarantine_and_not_back(settings: Settings) -> None:
    confirmed(settings)
    complete(settings)
    received = Received(
        "a_source", "submitted", "again", DATA, "again.csv", "original", date(2026, 11, 23), "inferred"
    )
    reading = PlanReading(adapter="plan", table="targets")
    again = record_received(settings, received, reading, "b2", AT)
    assert (again.outcome, again.snapshot_sha256, again.vintage_at) == ("quarantined", SHA256, None)
    assert again.reason is not None and "destroyed on 2026-11-23 (names of households)" in again.reason
    assert not landing.contains(settings, SHA256)
    other = record_received(settings, replace(received, data=b"other"), reading, "b2", AT)
    assert other.snapshot_sha256 is not None and landing.contains(settings, other.snapshot_sha256)


def test_a_workbook_that_was_destroyed_is_sent_back_unread(settings: Settings, tmp_path: Path) -> None:
    confirmed(settings)
    complete(settings)
    file = tmp_path / "again.xlsx"
    file.write_bytes(DATA)
    receipt = receive(settings, {}, file, "b2", "a")
    assert (receipt.submission.outcome, receipt.submission.snapshot_sha256) == ("returned", None)
    assert [one["code"] for one in receipt.submission.problems] == ["destroyed"]
    assert not landing.contains(settings, SHA256)


def test_releases_that_hold_figures_of_it_are_named(settings: Settings) -> None:
    holds = published(settings, "551.1")
    assert releases_with(settings, "a" * 64) == [holds]
    assert releases_with(settings, OTHER) == []


def test_a_step_that_came_between_is_not_passed_over(settings: Settings) -> None:
    kept(settings)
    with review.taking_turns(settings) as connection:
        step = review.Destruction(snapshot_sha256=SHA256, action="request", at=AT, actor="a", reason_text="x")
        review.record_destruction(connection, step, seen=0)
        with pytest.raises(review.Overtaken):
            review.record_destruction(connection, step, seen=0)
