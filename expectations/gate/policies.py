"""When: how many people a step takes, and that they are different ones."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, get_args

from expectations.gate.states import OUTCOMES, FindingAction, NotAllowed

Policy = Literal["automatic", "one", "two"]
POLICIES: tuple[Policy, ...] = get_args(Policy)
SIGNATURES: Mapping[Policy, int] = {"automatic": 0, "one": 1, "two": 2}


def policy_for(base: Policy, headline: Policy | None, *, changes_headline: bool) -> Policy:
    """The policy of a candidate: the stricter of the two where it changes a headline indicator."""
    if not changes_headline or headline is None:
        return base
    return max(base, headline, key=lambda policy: SIGNATURES[policy])


def needs_second_person(action: FindingAction, severity: str) -> bool:
    """Whether a decision has effect only when another person confirms it.

    So it is with one that lets a value through against an error rule, and with every change of a figure.
    Excluding a value holds it back, which is the careful side.
    """
    if action not in OUTCOMES or action == "exclude":
        return False
    return action == "correct" or severity == "error"


def require_other_person(who: Collection[str | None], before: Collection[str | None], what: str) -> None:
    """Raises NotAllowed when one who acts, or for whom is acted, had a hand in what is judged."""
    same = {person for person in who if person} & {person for person in before if person}
    if same:
        raise NotAllowed(f"{', '.join(sorted(same))} {what}; another person has to do this")
