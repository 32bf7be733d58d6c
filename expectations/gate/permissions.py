"""Who: the role that each action of the gate asks for. When it may be done is a matter of `policies` and `states`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal

from expectations.gate.people import EVERYTHING, Person, Role
from expectations.gate.states import CandidateAction, FindingAction, NotAllowed

# Things people do at the desk besides deciding and signing.
DeskAction = Literal[
    "see_release",
    "see_candidate",
    "see_findings",
    "see_audit_log",
    "see_snapshots",
    "run_job",
    "roll_back",
    "give_roles",
    "name_deputy",
    "request_destruction",
    "confirm_destruction",
    "confirm_reading",
    "state_cause",
    "hand_in",
]

FINDING_ROLES: Mapping[FindingAction, Role] = {
    "accept": "reviewer",
    "accept_flagged": "reviewer",
    "exclude": "reviewer",
    "correct": "reviewer",
    "rule_wrong": "reviewer",
    "query_source": "reviewer",
    "record_answer": "reviewer",
    "confirm": "approver",
    "return_proposal": "approver",
    "withdraw": "reviewer",
    "comment": "reviewer",
}
# None: the program does it.
CANDIDATE_ROLES: Mapping[CandidateAction, Role | None] = {
    "offer": None,
    "sign": "approver",
    "return": "approver",
    "withdraw": "approver",
    "supersede": None,
    "void": None,
    "schedule": "approver",
    "publish": None,
    "correction_note": "approver",
    "retract": "approver",
}
DESK_ROLES: Mapping[DeskAction, frozenset[Role]] = {
    "see_release": frozenset({"public", "leader", "plan_owner", "reviewer", "approver", "engineer"}),
    "see_candidate": frozenset({"reviewer", "approver"}),
    "see_findings": frozenset({"reviewer", "approver", "engineer"}),
    "see_audit_log": frozenset({"reviewer", "approver", "engineer"}),
    "see_snapshots": frozenset({"reviewer", "approver", "engineer"}),
    "run_job": frozenset({"engineer"}),
    "roll_back": frozenset({"approver"}),
    "give_roles": frozenset({"approver"}),
    "name_deputy": frozenset({"plan_owner", "reviewer", "approver"}),
    "request_destruction": frozenset({"reviewer", "engineer"}),
    "confirm_destruction": frozenset({"approver"}),
    "confirm_reading": frozenset({"plan_owner"}),
    "state_cause": frozenset({"plan_owner"}),
    "hand_in": frozenset({"plan_owner", "reviewer", "approver", "engineer"}),
}


def may(person: Person, action: DeskAction) -> bool:
    """Whether a person may do something at the desk."""
    return any(person.has(role) for role in DESK_ROLES[action])


def require(person: Person, action: DeskAction) -> None:
    """Raises NotAllowed when a person may not do something at the desk."""
    if not may(person, action):
        needed = " or ".join(sorted(DESK_ROLES[action]))
        raise NotAllowed(f"{person.name} may not {action}: it needs the role {needed}")


def role_for_finding(person: Person, action: FindingAction, *scopes: str) -> Role:
    """The role in which a person takes a step on a finding; `scopes`: what the finding is about, one must be covered.

    Raises NotAllowed without it.
    """
    return _role(person, action, FINDING_ROLES[action], scopes)


def role_for_candidate(person: Person, action: CandidateAction) -> Role:
    """The role in which a person takes a step on a candidate. Raises NotAllowed without it."""
    role = CANDIDATE_ROLES[action]
    if role is None:
        raise NotAllowed(f"{action} is a step of the program, not of a person")
    return _role(person, action, role, (EVERYTHING,))


def role_for_statement(person: Person, *scopes: str) -> tuple[Role, str | None]:
    """The role in which a person speaks for an office on a target, and for whom as deputy.

    `scopes`: indicator, target, office; one must be covered. Raises NotAllowed.
    """
    (role,) = DESK_ROLES["state_cause"]
    return _role(person, "state_cause", role, scopes), person.acting_for(role, *scopes)


def _role(person: Person, action: str, role: Role, scopes: Collection[str]) -> Role:
    if not person.has(role):
        raise NotAllowed(f"{person.name} may not {action}: it needs the role {role}")
    if not person.has(role, *scopes):
        raise NotAllowed(
            f"{person.name} may not {action} here: the role {role} is limited to other parts of the work"
        )
    return role
