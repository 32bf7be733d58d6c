"""What is on record about candidates and releases: their steps, the last sign-off, how many signatures are missing."""

from __future__ import annotations

from collections.abc import Sequence

from expectations.gate.candidates import CandidateStanding, candidate_standing
from expectations.gate.policies import SIGNATURES
from store import review, state
from store.manifest import Manifest
from store.review import SignOff
from store.settings import Settings


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
    """Where a published release stands after its steps; one that needed no signature was published without a step."""
    last = [step for step in steps if step.manifest_sha256 == steps[-1].manifest_sha256] if steps else []
    required = {str(policy): number for policy, number in SIGNATURES.items()}.get(manifest.review_policy, 0)
    return candidate_standing(last, required, None if required else CandidateStanding("published"))


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
