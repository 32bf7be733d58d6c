"""Going back to an earlier release: pages record who asks and why; moving `current` is the orchestrator's work."""

from __future__ import annotations

from datetime import UTC, datetime

from expectations.gate.people import Person
from expectations.gate.permissions import require
from store.manifest import ReleaseError
from store.releases import current_release_id, rollback
from store.settings import Settings
from store.state import (
    POINTER_ACTIONS,
    AuditEvent,
    audit_events,
    is_made,
    reading,
    record_audit_event,
    writing,
)

REQUEST = "rollback_requested"
REFUSED = "rollback_refused"


def ask_rollback(
    settings: Settings, person: Person, release_id: str, reason: str, *, at: datetime | None = None
) -> None:
    """Records that a person asks for an earlier release to be in force again. Raises NotAllowed without the role."""
    require(person, "roll_back")
    with writing(settings) as connection:
        record_audit_event(
            connection,
            actor=person.identifier,
            action=REQUEST,
            subject=release_id,
            detail={
                "reason": reason.strip(),
                "acting_for": person.acting_for("approver"),
                "identity_verified": person.verified,
            },
            at=at or datetime.now(UTC),
        )


def waiting_request(settings: Settings) -> AuditEvent | None:
    """The last request after which `current` did not move and that was not refused; None when none waits."""
    if not is_made(settings):
        return None
    with reading(settings) as connection:
        events = audit_events(connection, action=(REQUEST, REFUSED, *POINTER_ACTIONS))
    return events[-1] if events and events[-1].action == REQUEST else None


def roll_back_as_asked(settings: Settings) -> list[str]:
    """Does what was asked for last; in words why it could not be done, which is recorded and not tried again."""
    request = waiting_request(settings)
    if request is None:
        return []
    try:
        if current_release_id(settings) != request.subject:
            rollback(settings, request.subject, request.actor, reason=str(request.detail.get("reason") or ""))
            return []
        problem = f"{request.subject} is the release in force already"
    except ReleaseError as error:
        problem = str(error)
    with writing(settings) as connection:
        record_audit_event(
            connection, actor="ppw", action=REFUSED, subject=request.subject, detail={"reason": problem}
        )
    return [f"the rollback to {request.subject} that {request.actor} asked for was not done: {problem}"]
