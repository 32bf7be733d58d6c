"""The state machine of the gate: what may follow what, for a finding and for a candidate. It stands here only.

`docs/gate.md` draws its diagrams from these tables, and the desk offers only what they allow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

FindingState = Literal[
    "open", "lapsed", "queried", "proposed", "accepted", "flagged", "excluded", "corrected", "rule_wrong"
]
FindingAction = Literal[
    "accept",
    "accept_flagged",
    "exclude",
    "correct",
    "rule_wrong",
    "query_source",
    "record_answer",
    "confirm",
    "return_proposal",
    "withdraw",
    "comment",
]
CandidateState = Literal[
    "unknown",
    "waiting",
    "partly_signed",
    "signed",
    "scheduled",
    "published",
    "returned",
    "superseded",
    "void",
    "retracted",
]
CandidateAction = Literal[
    "offer",
    "sign",
    "return",
    "withdraw",
    "supersede",
    "void",
    "schedule",
    "publish",
    "correction_note",
    "retract",
]

FINDING_STATES: tuple[FindingState, ...] = get_args(FindingState)
FINDING_ACTIONS: tuple[FindingAction, ...] = get_args(FindingAction)
CANDIDATE_STATES: tuple[CandidateState, ...] = get_args(CandidateState)
CANDIDATE_ACTIONS: tuple[CandidateAction, ...] = get_args(CandidateAction)

# What an action comes to once it has effect.
OUTCOMES: Mapping[FindingAction, FindingState] = {
    "accept": "accepted",
    "accept_flagged": "flagged",
    "exclude": "excluded",
    "correct": "corrected",
    "rule_wrong": "rule_wrong",
}
# A finding in one of these needs nothing more, as long as the value stays what was decided on.
SETTLED: frozenset[FindingState] = frozenset(OUTCOMES.values())
# Settled ways that let a value held by an error rule go through.
LETTING_THROUGH: frozenset[FindingState] = frozenset({"accepted", "flagged", "rule_wrong"})

_UNSETTLED: tuple[FindingState, ...] = ("open", "lapsed", "queried")

# Actions open to a finding in each state. Those of OUTCOMES lead to `proposed` where a second person must confirm.
FINDING_TRANSITIONS: Mapping[FindingState, Mapping[FindingAction, FindingState]] = {
    **{
        state: {**OUTCOMES, "query_source": "queried", "comment": state}
        for state in _UNSETTLED
        if state != "queried"
    },
    "queried": {**OUTCOMES, "record_answer": "open", "withdraw": "open", "comment": "queried"},
    "proposed": {"return_proposal": "open", "withdraw": "open", "comment": "proposed"},
    **{state: {"withdraw": "open", "comment": state} for state in FINDING_STATES if state in SETTLED},
}

# `offer`, `sign` and `withdraw` lead to waiting, partly_signed or signed by the number of signatures there are then.
# Where none is required an offered candidate has all it needs: it is `signed` by nobody.
CANDIDATE_TRANSITIONS: Mapping[CandidateState, frozenset[CandidateAction]] = {
    "unknown": frozenset({"offer"}),
    "waiting": frozenset({"sign", "return", "supersede", "void"}),
    "partly_signed": frozenset({"sign", "withdraw", "return", "supersede", "void"}),
    "signed": frozenset({"withdraw", "return", "supersede", "void", "schedule", "publish"}),
    "scheduled": frozenset({"withdraw", "return", "supersede", "void", "schedule", "publish"}),
    "published": frozenset({"correction_note", "retract"}),
    "returned": frozenset({"supersede"}),
    "superseded": frozenset(),
    "void": frozenset(),
    "retracted": frozenset(),
}
COUNTING: tuple[CandidateAction, ...] = ("offer", "sign", "withdraw")
CANDIDATE_OUTCOMES: Mapping[CandidateAction, CandidateState] = {
    "return": "returned",
    "supersede": "superseded",
    "void": "void",
    "schedule": "scheduled",
    "publish": "published",
    "correction_note": "published",
    "retract": "retracted",
}


class NotAllowed(Exception):
    """The gate refuses a step; the message says why and what would be needed."""


def next_finding_state(
    state: FindingState, action: FindingAction, *, needs_second: bool, proposal: FindingAction | None = None
) -> FindingState:
    """The state of a finding after an action.

    `needs_second`: the action has effect only when another person confirms it. `proposal`: what waits for
    confirmation in state `proposed`. Raises NotAllowed for an action that the state does not offer.
    """
    if state == "proposed" and action == "confirm" and proposal is not None:
        return OUTCOMES[proposal]
    following = FINDING_TRANSITIONS[state].get(action)
    if following is None:
        offered = ", ".join(finding_actions(state))
        raise NotAllowed(f"a finding that is {state} cannot take {action}; it can take {offered}")
    return "proposed" if needs_second and action in OUTCOMES else following


def finding_actions(state: FindingState) -> tuple[FindingAction, ...]:
    """The actions that a finding in a state offers, in the order of the vocabulary."""
    offered = set(FINDING_TRANSITIONS[state]) | ({"confirm"} if state == "proposed" else set())
    return tuple(action for action in FINDING_ACTIONS if action in offered)


def next_candidate_state(
    state: CandidateState, action: CandidateAction, *, signatures: int, required: int
) -> CandidateState:
    """The state of a candidate after an action; `signatures`: how many stand after it, of how many required.

    Raises NotAllowed for an action that the state does not offer.
    """
    if action not in CANDIDATE_TRANSITIONS[state]:
        offered = (
            ", ".join(a for a in CANDIDATE_ACTIONS if a in CANDIDATE_TRANSITIONS[state]) or "nothing more"
        )
        raise NotAllowed(f"a candidate that is {state} cannot take {action}; it can take {offered}")
    if action in COUNTING:
        if signatures >= required:
            return "signed"
        return "partly_signed" if signatures else "waiting"
    return CANDIDATE_OUTCOMES[action]
