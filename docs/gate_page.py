"""`docs/gate.md`: the state machine, the roles and the policies of the gate, drawn from the tables of the code."""

from collections.abc import Iterable, Iterator

from expectations.gate.destruction import DESTRUCTION_TRANSITIONS
from expectations.gate.permissions import CANDIDATE_ROLES, DESK_ROLES, FINDING_ROLES
from expectations.gate.policies import POLICIES, SIGNATURES, needs_second_person
from expectations.gate.roles import DEPUTISED, LIMITABLE
from expectations.gate.states import (
    CANDIDATE_ACTIONS,
    CANDIDATE_TRANSITIONS,
    FINDING_ACTIONS,
    FINDING_STATES,
    FINDING_TRANSITIONS,
    OUTCOMES,
    CandidateState,
    next_candidate_state,
)
from expectations.gate.vocabulary import FLAGS, REASON_CODES, ROLES

# State, action, state after it.
Arrow = tuple[str, str, str]
SEVERITIES = ("error", "warning", "information")
_INTRODUCTION = """\
# The gate

Written by `make docs` from `expectations/gate/`; do not edit here. How an office works with it stands in
[operations.md](operations.md#the-gate).

A **finding** is what a rule has to say of a figure; a **candidate** is a whole release that is not published. People
take steps on both; every step is a row that is never changed, and an event of the audit log. What is allowed stands in
one table each, from which these diagrams are drawn."""


def gate_page() -> str:
    """The page as Markdown."""
    parts = [_INTRODUCTION, "\n## A finding\n"]
    parts += _diagram(_finding_arrows())
    parts += [
        "",
        "A decision lapses by itself when a later issue of the figure lies further from the value decided on than the",
        "tolerance; when a warning that one person decided has become an error; when a rule that was called wrong was",
        "changed. What was decided on one issue of a figure stays for that issue. Comments are taken in every state.",
        "",
        "| action | role | takes effect |",
        "|---|---|---|",
    ]
    parts += [f"| {action} | {FINDING_ROLES[action]} | {_effect(action)} |" for action in FINDING_ACTIONS]
    parts += [
        "",
        f"Reason codes: {', '.join(f'`{code}`' for code in REASON_CODES)}.",
        f"Flags: {', '.join(f'`{flag}`' for flag in FLAGS)}.",
        "",
        "## A candidate",
        "",
    ]
    parts += _diagram(_candidate_arrows())
    parts += [
        "",
        "`offer`, `sign` and `withdraw` lead to the state of the number of signatures there are then. What is signed",
        "is the manifest, which names every file of the candidate by its sha256.",
        "",
        "| action | who |",
        "|---|---|",
    ]
    parts += [f"| {action} | {CANDIDATE_ROLES[action] or 'the program'} |" for action in CANDIDATE_ACTIONS]
    parts += ["", "| policy | signatures |", "|---|---|"]
    parts += [f"| {policy} | {SIGNATURES[policy]} |" for policy in POLICIES]
    parts += ["", "## A snapshot that must not be kept", ""]
    parts += _diagram(
        (state, action, following)
        for state, offered in DESTRUCTION_TRANSITIONS.items()
        for action, following in offered.items()
    )
    parts += ["", "## Roles", "", f"| | {' | '.join(ROLES)} |", f"|---|{'---|' * len(ROLES)}"]
    allowed = [
        *DESK_ROLES.items(),
        *((f"finding: {action}", {role}) for action, role in FINDING_ROLES.items()),
        *((f"candidate: {action}", {role}) for action, role in CANDIDATE_ROLES.items() if role),
    ]
    parts += [
        f"| {action} | {' | '.join('yes' if role in roles else '' for role in ROLES)} |"
        for action, roles in allowed
    ]
    parts += [
        "",
        f"A deputy may stand in as {_listed(DEPUTISED)}.",
        f"The roles {_listed(LIMITABLE)} may be limited to a source or an indicator.",
    ]
    return "\n".join(parts) + "\n"


def _listed(words: frozenset[str]) -> str:
    *most, last = sorted(words)
    return f"{', '.join(most)} and {last}"


def _effect(action: str) -> str:
    for known in OUTCOMES:
        if known == action:
            second = [
                word for word in ("error", "warning", "information") if needs_second_person(known, word)
            ]
            return f"once another person confirms it: {', '.join(second)}" if second else "at once"
    return "at once"


def _finding_arrows() -> Iterator[Arrow]:
    yield "[*]", "a rule finds something", "open"
    for state in FINDING_STATES:
        for action, following in FINDING_TRANSITIONS[state].items():
            by_severity = {needs_second_person(action, severity) for severity in SEVERITIES}
            if action != "comment" and False in by_severity:
                yield state, action, following
            if True in by_severity:
                yield state, action if False not in by_severity else f"{action} (error)", "proposed"
    for action, following in OUTCOMES.items():
        if any(needs_second_person(action, severity) for severity in SEVERITIES):
            yield "proposed", "confirm", following
    for state in FINDING_STATES:
        if state == "proposed" or state in OUTCOMES.values():
            yield state, "value moved", "lapsed"


def _candidate_arrows() -> Iterator[Arrow]:
    """Every way that a candidate can go under any policy, found by going it."""
    yield "[*]", "sealed", "unknown"
    for required in SIGNATURES.values():
        gone: set[tuple[CandidateState, int]] = set()
        ahead: list[tuple[CandidateState, int]] = [("unknown", 0)]
        while ahead:
            place = ahead.pop()
            if place in gone:
                continue
            gone.add(place)
            state, signatures = place
            for action in CANDIDATE_ACTIONS:
                if action in CANDIDATE_TRANSITIONS[state] and not (action == "withdraw" and not signatures):
                    after = signatures + {"sign": 1, "withdraw": -1}.get(action, 0)
                    following = next_candidate_state(state, action, signatures=after, required=required)
                    yield state, action, following
                    ahead.append((following, after))


def _diagram(arrows: Iterable[Arrow]) -> list[str]:
    """A Mermaid state diagram; actions that lead the same way share an arrow."""
    shared: dict[tuple[str, str], list[str]] = {}
    for state, action, following in arrows:
        words = shared.setdefault((state, following), [])
        if action not in words:
            words.append(action)
    lines = [
        f"    {state} --> {following}: {', '.join(words)}" for (state, following), words in shared.items()
    ]
    return ["```mermaid", "stateDiagram-v2", *lines, "```"]
