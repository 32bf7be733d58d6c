"""What is on record about candidates and releases: their steps, the last sign-off, who may still sign."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from expectations.gate.candidates import CandidateStanding, Offer, candidate_standing
from expectations.gate.people import Person
from expectations.gate.policies import SIGNATURES
from store import review, state
from store.manifest import Manifest
from store.review import Decision, SignOff
from store.settings import Settings

Refusal = Literal["decided", "signed", "later_decision"]
# Steps by which nobody has a hand in a value.
_NO_HAND = ("comment", "confirm", "return_proposal")


def steps_of(settings: Settings, manifest_sha256: str) -> list[SignOff]:
    """The steps of a candidate in their order."""
    with state.reading(settings) as connection:
        return review.sign_offs(connection, manifest_sha256=manifest_sha256)


def steps_by_release(settings: Settings) -> dict[str, list[SignOff]]:
    """Every step, by the release it is about."""
    if not state.is_made(settings):
        return {}
    found: dict[str, list[SignOff]] = {}
    with state.reading(settings) as connection:
        for step in review.sign_offs(connection):
            found.setdefault(step.release_id, []).append(step)
    return found


def release_standing(steps: Sequence[SignOff], manifest: Manifest) -> CandidateStanding:
    """Where a published release stands after its steps; of one that was never offered, unknown."""
    last = [step for step in steps if step.manifest_sha256 == steps[-1].manifest_sha256] if steps else []
    required = {str(policy): number for policy, number in SIGNATURES.items()}.get(manifest.review_policy, 0)
    return candidate_standing(last, required)


def latest_sign_off(settings: Settings) -> SignOff | None:
    """The last signature under a candidate that was published."""
    with state.reading(settings) as connection:
        steps = review.sign_offs(connection)
    published = {step.manifest_sha256 for step in steps if step.action == "publish"}
    signed = [step for step in steps if step.action == "sign" and step.manifest_sha256 in published]
    return signed[-1] if signed else None


def signers_missing(standing: CandidateStanding, required: int) -> int:
    """How many signatures a candidate still needs."""
    return max(0, required - len(standing.signatures))


def may_sign(settings: Settings, person: Person, offer: Offer) -> Refusal | None:
    """Why a person could not sign a candidate now, to say so before it is tried; `candidates.sign` decides."""
    with state.reading(settings) as connection:
        steps = review.sign_offs(connection)
        decisions = review.decisions(connection)
    if any(step.decision_id > offer.decisions_up_to and step.action != "comment" for step in decisions):
        return "later_decision"
    who = {person.identifier, person.acting_for("approver")} - {None}
    since = max((step.decisions_up_to for step in steps if step.action == "publish"), default=0)
    if who & _hands(decisions, since, offer.decisions_up_to):
        return "decided"
    own = [step for step in steps if step.manifest_sha256 == offer.manifest_sha256]
    signed = candidate_standing(own, offer.required).signatures
    return "signed" if who & {one for step in signed for one in (step.actor, step.acting_for)} else None


def _hands(decisions: Sequence[Decision], since: int, up_to: int) -> set[str | None]:
    return {
        one
        for step in decisions
        if since < step.decision_id <= up_to and step.action not in _NO_HAND
        for one in (step.actor, step.acting_for)
    }
