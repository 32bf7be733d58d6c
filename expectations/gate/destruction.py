"""The end of a snapshot that must not be kept, such as personal data sent by mistake.

One person asks for it, another confirms it, the program removes the bytes and all that was read from them. What stays
is the tombstone: digest, reason, who and when. Released figures stay; `releases_with` names the releases to look at.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import polars as pl
from sqlalchemy.engine import Connection

from expectations.gate.candidates import PROGRAM, candidate_standing, read_offer, void
from expectations.gate.people import Person
from expectations.gate.permissions import DESK_ROLES, DeskAction, require
from expectations.gate.policies import require_other_person
from expectations.gate.states import CANDIDATE_TRANSITIONS, NotAllowed
from sources.submission.receive import answer_path
from store import landing, review, state
from store.files import discard_directory
from store.manifest import MANIFEST_NAME, read_manifest
from store.review import Destruction
from store.settings import Settings
from store.submissions import submissions

DestructionState = Literal["kept", "requested", "confirmed", "destroyed"]
DestructionAction = Literal["request", "refuse", "confirm", "done"]
# What may follow what; `refuse` is also how who asked takes it back.
DESTRUCTION_TRANSITIONS: dict[DestructionState, dict[DestructionAction, DestructionState]] = {
    "kept": {"request": "requested"},
    "requested": {"refuse": "kept", "confirm": "confirmed"},
    "confirmed": {"done": "destroyed"},
    "destroyed": {},
}


@dataclass(frozen=True)
class Tombstone:
    """Where a snapshot stands on its way out. `steps`: who asked, confirmed, and when it was done."""

    snapshot_sha256: str
    state: DestructionState
    steps: tuple[Destruction, ...]

    @property
    def sequence(self) -> int:
        return len(self.steps)

    @property
    def reason(self) -> str:
        """The reason of the last step that a person took; empty before the first."""
        return next((step.reason_text for step in reversed(self.steps) if step.reason_text), "")


def tombstone(settings: Settings, snapshot_sha256: str) -> Tombstone:
    """Where a snapshot stands; `kept` when nobody asked for its destruction."""
    with state.reading(settings) as connection:
        return _tombstone(connection, snapshot_sha256)


def tombstones(settings: Settings) -> list[Tombstone]:
    """Every snapshot whose destruction somebody asked for, in the order it was asked first."""
    with state.reading(settings) as connection:
        named = dict.fromkeys(step.snapshot_sha256 for step in review.destructions(connection))
        return [_tombstone(connection, sha256) for sha256 in named]


def request_destruction(
    settings: Settings, person: Person, snapshot_sha256: str, reason_text: str, *, at: datetime | None = None
) -> Tombstone:
    """Ask for the destruction of a snapshot, with a reason in words. Raises NotAllowed.

    In one's own right: a deputy who asked would be confirmed by whom he asks for.
    """
    require(replace(person, standing_in={}), "request_destruction")
    return _step(settings, person, snapshot_sha256, "request", reason_text, at)


def confirm_destruction(
    settings: Settings, person: Person, snapshot_sha256: str, reason_text: str, *, at: datetime | None = None
) -> Tombstone:
    """Confirm a destruction: by another person than who asked for it, also not for him. Raises NotAllowed."""
    require(person, "confirm_destruction")
    return _step(settings, person, snapshot_sha256, "confirm", reason_text, at)


def refuse_destruction(
    settings: Settings, person: Person, snapshot_sha256: str, reason_text: str, *, at: datetime | None = None
) -> Tombstone:
    """Refuse a destruction that was asked for, or take one's own request back. Raises NotAllowed."""
    now = tombstone(settings, snapshot_sha256)
    if not now.steps or now.steps[-1].actor != person.identifier:
        require(person, "confirm_destruction")
    return _step(settings, person, snapshot_sha256, "refuse", reason_text, at)


def complete_destructions(settings: Settings) -> list[Tombstone]:
    """Remove what was confirmed and note that it is done; returns what was done now.

    Call it inside `warehouse_lock`. Each step may be taken again, so a process killed between two of them leaves the
    rest to the next call. Bytes that came back meanwhile, from a retrieval under way, are removed again.
    """
    done = []
    for one in tombstones(settings):
        if one.state not in ("confirmed", "destroyed"):
            continue
        landing.remove(settings, one.snapshot_sha256)
        if one.state == "destroyed":
            continue
        for cells in _cells_of(settings, one.snapshot_sha256):
            cells.unlink()
        _remove_answers(settings, one.snapshot_sha256)
        _remove_candidates(settings, one.snapshot_sha256)
        # A cache of everything: the next build makes it anew.
        for part in settings.warehouse_dir.glob(f"{settings.warehouse_file.name}*"):
            part.unlink()
        with review.taking_turns(settings) as connection:
            step = Destruction(
                snapshot_sha256=one.snapshot_sha256, action="done", at=datetime.now(UTC), actor=PROGRAM, reason_text=""
            )  # fmt: skip
            _record(connection, step, _tombstone(connection, one.snapshot_sha256), verified=True)
            done.append(_tombstone(connection, one.snapshot_sha256))
    return done


def releases_with(settings: Settings, snapshot_sha256: str) -> list[str]:
    """The published releases that hold figures of a snapshot: these stay as they are until somebody retracts them."""
    return sorted(directory.name for directory in _with_snapshot(settings.releases_dir, snapshot_sha256))


def _tombstone(connection: Connection, snapshot_sha256: str) -> Tombstone:
    steps = review.destructions(connection, snapshot_sha256=snapshot_sha256)
    now: DestructionState = "kept"
    for step in steps:
        now = _following(now, step.action)
    return Tombstone(snapshot_sha256, now, tuple(steps))


def _following(now: DestructionState, action: str) -> DestructionState:
    for offered, following in DESTRUCTION_TRANSITIONS[now].items():
        if offered == action:
            return following
    offered_here = ", ".join(DESTRUCTION_TRANSITIONS[now]) or "nothing more"
    raise NotAllowed(f"a snapshot that is {now} cannot take {action}; it can take {offered_here}")


def _step(  # noqa: PLR0917
    settings: Settings,
    person: Person,
    snapshot_sha256: str,
    action: DestructionAction,
    reason_text: str,
    at: datetime | None,
) -> Tombstone:
    if not reason_text.strip():
        raise NotAllowed(
            f"{action} needs a reason in words; it stays when the snapshot is gone, so no personal data"
        )
    with review.taking_turns(settings) as connection:
        now = _tombstone(connection, snapshot_sha256)
        if not review.is_recorded_snapshot(connection, snapshot_sha256):
            raise NotAllowed(f"there is no snapshot {snapshot_sha256}; the whole sha256 is needed")
        _following(now.state, action)
        if action == "confirm":
            principals = _principals(person, "confirm_destruction")
            require_other_person(
                (person.identifier, *principals), (now.steps[-1].actor,), "asked for this destruction"
            )
        step = Destruction(
            snapshot_sha256=snapshot_sha256, action=action, at=at or datetime.now(UTC), actor=person.identifier,
            reason_text=reason_text.strip(),
        )  # fmt: skip
        _record(connection, step, now, verified=person.verified)
        return _tombstone(connection, snapshot_sha256)


def _principals(person: Person, action: DeskAction) -> list[str]:
    named = (person.acting_for(role) for role in sorted(DESK_ROLES[action]))
    return [principal for principal in named if principal is not None]


def _record(connection: Connection, step: Destruction, before: Tombstone, *, verified: bool) -> None:
    recorded = review.record_destruction(connection, step, seen=before.sequence)
    detail = {name: str(value) for name, value in asdict(recorded).items() if name != "at"}
    state.record_audit_event(
        connection,
        actor=recorded.actor,
        action=f"destruction_{recorded.action}",
        subject=recorded.snapshot_sha256,
        detail={**detail, "from": before.state, "identity_verified": verified},
        at=recorded.at,
    )


def _cells_of(settings: Settings, snapshot_sha256: str) -> list[Path]:
    # Every file names its snapshot in each row; one without rows holds nothing of it.
    return [
        file
        for file in settings.cells_dir.glob("*.parquet")
        if snapshot_sha256 in pl.scan_parquet(file).select("snapshot_sha256").head(1).collect().to_series()
    ]


def _remove_answers(settings: Settings, snapshot_sha256: str) -> None:
    """Remove the answers to who sent it in: the marked copy of a returned workbook repeats what was sent."""
    with state.reading(settings) as connection:
        sent = [one for one in submissions(connection) if one.snapshot_sha256 == snapshot_sha256]
    for one in sent:
        answer_path(settings, one).unlink(missing_ok=True)


def _remove_candidates(settings: Settings, snapshot_sha256: str) -> None:
    for directory in _with_snapshot(settings.candidates_dir, snapshot_sha256):
        offer = read_offer(directory)
        with state.reading(settings) as connection:
            steps = review.sign_offs(connection, manifest_sha256=offer.manifest_sha256)
        if "void" in CANDIDATE_TRANSITIONS[candidate_standing(steps, offer.required).state]:
            void(settings, offer, "a snapshot it was built from was destroyed")
        discard_directory(directory)


def _with_snapshot(parent: Path, snapshot_sha256: str) -> list[Path]:
    return [
        file.parent
        for file in sorted(parent.glob(f"*/{MANIFEST_NAME}"))
        if any(one.snapshot_sha256 == snapshot_sha256 for one in read_manifest(file.parent).input_snapshots)
    ]
