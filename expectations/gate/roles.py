"""Giving roles and taking them back, naming deputies: who may do it, and that nobody is left without an approver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime

from sqlalchemy.engine import Connection

from expectations.gate.people import (
    EVERYTHING,
    Person,
    Role,
    holders_on,
    named_deputations,
    own_roles,
)
from expectations.gate.states import NotAllowed
from store import review, state
from store.review import Deputation, RoleGrant
from store.settings import Settings

# Roles that may be limited to a source or an indicator; the others are for the whole of the work.
LIMITABLE: frozenset[Role] = frozenset({"reviewer", "plan_owner"})
# Roles in which somebody may stand in: those whose absence stops the work.
DEPUTISED: frozenset[Role] = frozenset({"reviewer", "approver", "plan_owner"})


def grant_role(
    settings: Settings,
    actor: Person,
    person: str,
    role: Role,
    *,
    day: date,
    scope: str = EVERYTHING,
    valid_from: date | None = None,
    valid_to: date | None = None,
    reason_text: str = "",
    at: datetime | None = None,
) -> RoleGrant:
    """Give somebody a role; from `day` on unless another day is given.

    An approver gives roles, and none to himself. Where nobody holds the role approver on that day anybody may give it,
    and nothing else can be given before: so it begins, and so an office that lost its last approver goes on. Raises
    NotAllowed otherwise.
    """
    begins = valid_from or day
    _require_person(person)
    if scope != EVERYTHING and role not in LIMITABLE:
        raise NotAllowed(f"the role {role} cannot be limited; only {', '.join(sorted(LIMITABLE))} can")
    if valid_to is not None and valid_to < begins:
        raise NotAllowed(f"the role would end on {valid_to}, before it begins on {begins}")
    with review.taking_turns(settings) as connection:
        is_first = _is_without_approver(day, actor, review.role_grants(connection))
        if is_first and (role != "approver" or not begins <= day):
            raise NotAllowed(
                "nobody is approver here yet; give somebody that role from today, then the others"
            )
        if not is_first:
            _require_approver(actor)
            if actor.identifier == person:
                raise NotAllowed(f"{actor.name} cannot give a role to himself; another approver has to")
        given = RoleGrant(
            action="grant", person=person, role=role, scope=scope, valid_from=begins, valid_to=valid_to,
            at=at or datetime.now(UTC), actor=actor.identifier, reason_text=reason_text.strip(),
        )  # fmt: skip
        return _record_grant(connection, actor, given, "role_begun" if is_first else "role_granted")


def revoke_role(
    settings: Settings,
    actor: Person,
    person: str,
    role: Role,
    *,
    day: date,
    scope: str = EVERYTHING,
    reason_text: str,
    at: datetime | None = None,
) -> RoleGrant:
    """Take a role back from a day on. Raises NotAllowed: for who may not, without a reason, for a role that is not
    held in that scope, and for the last approver.
    """
    _require_approver(actor)
    if not reason_text.strip():
        raise NotAllowed("taking a role back needs a reason in words")
    with review.taking_turns(settings) as connection:
        grants = review.role_grants(connection)
        held = own_roles(day, person, grants).get(role, frozenset())
        if not held or (scope != EVERYTHING and scope not in held):
            raise NotAllowed(
                f"{person} does not hold the role {role} for {scope} on {day}; `ppw role list` shows who does"
            )
        if role == "approver" and holders_on(day, "approver", grants) == {person}:
            raise NotAllowed(f"{person} is the only approver; give the role to somebody else first")
        taken = RoleGrant(
            action="revoke", person=person, role=role, scope=scope, valid_from=day, valid_to=None,
            at=at or datetime.now(UTC), actor=actor.identifier, reason_text=reason_text.strip(),
        )  # fmt: skip
        return _record_grant(connection, actor, taken, "role_revoked")


def name_deputy(
    settings: Settings,
    actor: Person,
    principal: str,
    deputy: str,
    role: Role,
    *,
    day: date,
    valid_from: date,
    valid_to: date,
    reason_text: str,
    at: datetime | None = None,
) -> Deputation:
    """Name who stands in for somebody from one day to another: by the absent person, or by an approver.

    Nobody names himself, nobody stands in for two in one role at a time, and a deputy names no deputy of his own.
    Raises NotAllowed otherwise, or when the principal does not hold the role on the first of the days.
    """
    _require_person(deputy)
    _require_may_name(actor, principal, role)
    if deputy in (actor.identifier, principal):
        raise NotAllowed(f"{deputy} cannot name himself deputy")
    if role not in DEPUTISED:
        raise NotAllowed(f"nobody stands in as {role}; only as {', '.join(sorted(DEPUTISED))}")
    if valid_to < max(valid_from, day):
        raise NotAllowed(f"the days from {valid_from} to {valid_to} are over or out of order")
    if not reason_text.strip():
        raise NotAllowed("naming a deputy needs a reason in words, such as leave or travel")
    with review.taking_turns(settings) as connection:
        grants, named = review.role_grants(connection), review.deputations(connection)
        vouched = actor.verified and actor.identifier == principal and role in actor.roles
        begins = max(valid_from, day)
        if role not in own_roles(begins, principal, grants) and not vouched:
            raise NotAllowed(f"{principal} does not hold the role {role} on {begins}")
        others = {
            one.principal
            for one in named_deputations(named)
            if (one.deputy, one.role) == (deputy, role)
            and one.principal != principal
            and one.valid_from <= valid_to
            and valid_from <= one.valid_to
        }
        if others:
            raise NotAllowed(
                f"{deputy} stands in for {', '.join(sorted(others))} as {role} in these days already"
            )
        one = Deputation(
            action="grant", principal=principal, deputy=deputy, role=role, valid_from=valid_from,
            valid_to=valid_to, at=at or datetime.now(UTC), actor=actor.identifier, reason_text=reason_text.strip(),
        )  # fmt: skip
        return _record_deputation(connection, actor, one, "deputy_named")


def end_deputation(
    settings: Settings,
    actor: Person,
    principal: str,
    deputy: str,
    role: Role,
    *,
    day: date,
    reason_text: str = "",
    at: datetime | None = None,
) -> Deputation:
    """End what a deputy was named for; by the principal, an approver, or the deputy. Raises NotAllowed otherwise."""
    if actor.identifier != deputy:
        _require_may_name(actor, principal, role)
    with review.taking_turns(settings) as connection:
        named = [
            one
            for one in review.deputations(connection)
            if (one.principal, one.deputy, one.role) == (principal, deputy, role)
        ]
        if not named or named[-1].action == "revoke":
            raise NotAllowed(
                f"{deputy} does not stand in for {principal} as {role}; `ppw deputy list` shows who does"
            )
        one = Deputation(
            action="revoke", principal=principal, deputy=deputy, role=role, valid_from=day, valid_to=day,
            at=at or datetime.now(UTC), actor=actor.identifier, reason_text=reason_text.strip(),
        )  # fmt: skip
        return _record_deputation(connection, actor, one, "deputy_ended")


def _require_person(identifier: str) -> None:
    if not identifier.strip() or identifier != identifier.strip():
        raise NotAllowed(
            f"{identifier!r} names nobody; write the name as it is stated at the desk or by the provider"
        )


def _require_approver(actor: Person) -> None:
    # In his own right: a deputy hands on nothing.
    if "approver" not in actor.roles:
        raise NotAllowed(f"{actor.name} may not give roles: it needs the role approver, held himself")


def _is_without_approver(day: date, actor: Person, grants: Sequence[RoleGrant]) -> bool:
    """Whether nobody is approver. An identity provider gives roles itself: then nobody begins here."""
    return not actor.verified and not holders_on(day, "approver", grants)


def _require_may_name(actor: Person, principal: str, role: Role) -> None:
    if "approver" in actor.roles or (actor.identifier == principal and role in actor.roles):
        return
    raise NotAllowed(f"{actor.name} may not name a deputy of {principal}: {principal} does, or an approver")


def _record_grant(connection: Connection, actor: Person, grant: RoleGrant, action: str) -> RoleGrant:
    recorded = review.record_role_grant(connection, grant)
    _record_audit(connection, actor, action, recorded.person, recorded)
    return recorded


def _record_deputation(connection: Connection, actor: Person, one: Deputation, action: str) -> Deputation:
    recorded = review.record_deputation(connection, one)
    _record_audit(connection, actor, action, recorded.deputy, recorded)
    return recorded


def _record_audit(
    connection: Connection, actor: Person, action: str, subject: str, row: RoleGrant | Deputation
) -> None:
    detail = {
        name: str(value) for name, value in asdict(row).items() if value not in (None, "") and name != "at"
    }
    state.record_audit_event(
        connection,
        actor=actor.identifier,
        action=action,
        subject=subject,
        detail={**detail, "identity_verified": actor.verified},
        at=row.at,
    )
