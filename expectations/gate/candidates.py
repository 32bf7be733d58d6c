"""Sign-off of candidates: where one stands, and the steps of people and of the program.

What is signed is the manifest: it names the content digest and the sha256 of every file of the candidate, its
rendered report and its rules among them. So nothing can change under a signature without being seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal, cast

from sqlalchemy.engine import Connection

from expectations.gate.findings import effective_decisions
from expectations.gate.people import EVERYTHING, Person
from expectations.gate.permissions import role_for_candidate
from expectations.gate.policies import POLICIES, SIGNATURES, Policy, require_other_person
from expectations.gate.states import (
    OUTCOMES,
    CandidateAction,
    CandidateState,
    NotAllowed,
    next_candidate_state,
)
from store import review, state
from store.files import sha256_of_file
from store.manifest import MANIFEST_NAME, Manifest, ReleaseError, read_manifest
from store.releases import release_dir, verify
from store.review import SignOff
from store.settings import Settings

PROGRAM = "ppw"
# Last steps of a candidate that may still become a release.
_BEFORE_PUBLICATION = ("offer", "sign", "withdraw", "schedule")
# Why somebody with the role may not sign a candidate that takes signatures.
SignRefusal = Literal["decided", "signed", "later_decision"]


@dataclass(frozen=True)
class Offer:
    """A sealed candidate as it is signed. `decisions_up_to`: the last decision it was built with."""

    directory: Path
    manifest: Manifest
    manifest_sha256: str
    decisions_up_to: int

    @property
    def policy(self) -> Policy:
        for policy in POLICIES:
            if policy == self.manifest.review_policy:
                return policy
        raise NotAllowed(f"{self.directory.name} names an unknown review policy; run `ppw run` again")

    @property
    def required(self) -> int:
        return SIGNATURES[self.policy]


@dataclass(frozen=True)
class CandidateStanding:
    """Where a candidate stands: `signatures` are those that count, `last` its latest step."""

    state: CandidateState = "unknown"
    signatures: tuple[SignOff, ...] = ()
    publish_at: datetime | None = None
    last: SignOff | None = None

    @property
    def sequence(self) -> int:
        return self.last.sequence if self.last else 0


def read_offer(directory: Path) -> Offer:
    """A sealed candidate or release as it can be signed. Raises ReleaseError when it has no manifest."""
    manifest = read_manifest(directory)
    return Offer(directory, manifest, sha256_of_file(directory / MANIFEST_NAME), manifest.decisions_up_to)


def candidate_standing(
    steps: Sequence[SignOff], required: int, begin: CandidateStanding | None = None
) -> CandidateStanding:
    """Where a candidate stands after its steps, when `required` signatures let it through."""
    now = begin or CandidateStanding()
    for step in steps:
        now = _after(now, step, required)
    return now


def standing_of(settings: Settings, offer: Offer) -> CandidateStanding:
    """Where a candidate stands now."""
    with state.reading(settings) as connection:
        return _standing(connection, offer)


def offer(settings: Settings, candidate: Offer, *, at: datetime | None = None) -> CandidateStanding:
    """Put a candidate on the desk; offering it again changes nothing.

    What was offered or signed under another manifest of the same candidate is void: it was sealed anew.
    """
    with review.taking_turns(settings) as connection:
        now = _standing(connection, candidate)
        if now.state != "unknown":
            return now
        _void_other_manifests(connection, candidate)
        return _record(connection, candidate, now, "offer", actor=PROGRAM, at=at)


def supersede(
    settings: Settings, candidate: Offer, reason: str, *, at: datetime | None = None
) -> CandidateStanding:
    """A later candidate takes this one's place: its signatures no longer count."""
    return _by_program(settings, candidate, "supersede", reason, at)


def void(
    settings: Settings, candidate: Offer, reason: str, *, at: datetime | None = None
) -> CandidateStanding:
    """What was signed is no longer what lies there: its signatures no longer count."""
    return _by_program(settings, candidate, "void", reason, at)


def sign(
    settings: Settings,
    person: Person,
    candidate: Offer,
    *,
    seen: int,
    reason_text: str = "",
    paper: tuple[str, date, str | None] | None = None,
    at: datetime | None = None,
) -> CandidateStanding:
    """Sign a candidate. `paper`: number, date and sha256 of the officially signed paper, where there is one.

    Raises NotAllowed: without the role, for one who decided on a value in it or signed it already, for a state that
    takes no signature, when decisions were taken that it does not hold. Raises VerificationFailed when its files are
    not what its manifest says, Overtaken when somebody was faster.
    """
    role = role_for_candidate(person, "sign")
    verify(candidate.directory)
    if sha256_of_file(candidate.directory / MANIFEST_NAME) != candidate.manifest_sha256:
        raise review.Overtaken(
            f"{candidate.directory.name} was sealed anew after it was looked at; look at it again"
        )
    with review.taking_turns(settings) as connection:
        now = _standing(connection, candidate)
        # A state that takes no signature is said before that it was overtaken, and before who may not give one.
        next_candidate_state(
            now.state, "sign", signatures=len(now.signatures) + 1, required=candidate.required
        )
        _require_seen(candidate, now, seen)
        who = (person.identifier, person.acting_for(role, EVERYTHING))
        require_other_person(
            who, _authors(settings, connection, candidate), "decided on values of this candidate"
        )
        require_other_person(who, _people_of(now.signatures), "signed this candidate already")
        _require_decisions_in_it(connection, candidate)
        number, day, sha256 = paper or (None, None, None)
        if sha256 is not None and not review.is_recorded_snapshot(connection, sha256):
            raise NotAllowed(f"no file of sha256 {sha256} was kept; hand the signed paper in first")
        return _record(
            connection, candidate, now, "sign", person=person, reason_text=reason_text,
            paper_number=number, paper_date=day, paper_sha256=sha256, at=at,
        )  # fmt: skip


def why_not_sign(settings: Settings, person: Person, candidate: Offer) -> SignRefusal | None:
    """Why `sign` would refuse an approver now, so that a page says it before it is tried: he decided on a value in it,
    signed it already, or a decision has effect that it does not hold.
    """
    who = {person.identifier, person.acting_for("approver", EVERYTHING)} - {None}
    with state.reading(settings) as connection:
        if _changed_since_built(connection, candidate):
            return "later_decision"
        if who & _authors(settings, connection, candidate):
            return "decided"
        return "signed" if who & _people_of(_standing(connection, candidate).signatures) else None


def act(
    settings: Settings,
    person: Person,
    candidate: Offer,
    action: CandidateAction,
    *,
    seen: int,
    reason_text: str,
    publish_at: datetime | None = None,
    at: datetime | None = None,
) -> CandidateStanding:
    """Return, withdraw one's signature, schedule publication, note a correction or retract, with a reason.

    `publish_at` is aware and lies ahead. A signature is withdrawn by who gave it or for whom a deputy gave it.
    Raises NotAllowed when role or state forbid it or the reason is missing, Overtaken when somebody was faster.
    """
    moment = at or datetime.now(UTC)
    role_for_candidate(person, action)
    if action == "sign":
        raise NotAllowed("a candidate is signed by `sign`, which looks at its files")
    if not reason_text.strip():
        raise NotAllowed(f"{action} needs a reason in words")
    if (publish_at is not None) != (action == "schedule"):
        raise NotAllowed("schedule, and only it, needs the time of publication")
    if publish_at is not None and (publish_at.tzinfo is None or publish_at <= moment):
        raise NotAllowed(
            f"{publish_at.isoformat()} is no time to publish at: it needs its time zone and lies ahead"
        )
    with review.taking_turns(settings) as connection:
        now = _standing(connection, candidate)
        _require_seen(candidate, now, seen)
        if action == "withdraw" and not any(_is_of(one, person.identifier) for one in now.signatures):
            raise NotAllowed(f"{person.name} has not signed {candidate.directory.name}")
        return _record(
            connection, candidate, now, action, person=person, reason_text=reason_text,
            publish_at=publish_at, at=moment,
        )  # fmt: skip


def require_publishable(
    settings: Settings, candidate: Offer, *, now: datetime | None = None
) -> CandidateStanding:
    """Where a candidate stands that may be published at this moment.

    A signed candidate whose files or manifest are no longer what was signed is made void. Raises NotAllowed when it
    is not signed by as many as its policy asks, when its time has not come, when it was made void, when the policy was
    made stricter since it was built, or when decisions have effect that it does not hold.
    """
    moment = now or datetime.now(UTC)
    name = candidate.directory.name
    with review.taking_turns(settings) as connection:
        standing_now = _standing(connection, candidate)
        is_new = standing_now.state == "unknown"
        was_other = is_new and _void_other_manifests(connection, candidate)
    if was_other:
        raise NotAllowed(f"the manifest of {name} is not the one that was offered: its sign-off is void")
    if candidate.required < SIGNATURES[settings.review_policy]:
        raise NotAllowed(
            f"{name} was built under the policy {candidate.policy}, and now it is {settings.review_policy}; build "
            "again (`ppw run`)"
        )
    if candidate.required == 0:
        return standing_now
    if standing_now.state not in ("signed", "scheduled"):
        raise NotAllowed(
            f"{name} is {standing_now.state}: it has {len(standing_now.signatures)} of {candidate.required} "
            "signatures"
        )
    try:
        verify(candidate.directory)
    except ReleaseError as error:
        void(settings, candidate, str(error))
        raise NotAllowed(f"{name} is not what was signed, its sign-off is void: {error}") from error
    if standing_now.publish_at is not None and moment < standing_now.publish_at:
        raise NotAllowed(f"{name} is to be published at {standing_now.publish_at.isoformat()}")
    with state.reading(settings) as connection:
        _require_decisions_in_it(connection, candidate)
    return standing_now


def record_publication(
    settings: Settings, candidate: Offer, *, at: datetime | None = None
) -> CandidateStanding:
    """Note that a candidate with all its signatures becomes a release; noting it again changes nothing.

    Raises NotAllowed when it lost them meanwhile: note it before the figures are shown.
    """
    with review.taking_turns(settings) as connection:
        now = _standing(connection, candidate)
        if now.state == "published":
            return now
        return _record(connection, candidate, now, "publish", actor=PROGRAM, at=at)


def _void_other_manifests(connection: Connection, candidate: Offer) -> bool:
    """Make void what was offered or signed under other manifests of a candidate that has no step under this one.

    Says whether there was any.
    """
    others: dict[str, list[SignOff]] = {}
    for step in review.sign_offs(connection, candidate_id=candidate.directory.name):
        others.setdefault(step.manifest_sha256, []).append(step)
    for manifest_sha256, steps in others.items():
        if steps[-1].action in _BEFORE_PUBLICATION:
            # How many signatures the other manifest asked for is not known any more, nor needed.
            before = CandidateStanding("waiting", last=steps[-1])
            other = replace(
                candidate, manifest_sha256=manifest_sha256, decisions_up_to=steps[-1].decisions_up_to
            )
            _record(connection, other, before, "void", actor=PROGRAM, reason_text="the manifest was changed")
    return bool(others)


def _by_program(
    settings: Settings, candidate: Offer, action: CandidateAction, reason: str, at: datetime | None
) -> CandidateStanding:
    with review.taking_turns(settings) as connection:
        now = _standing(connection, candidate)
        return _record(connection, candidate, now, action, actor=PROGRAM, reason_text=reason, at=at)


def _standing(connection: Connection, candidate: Offer) -> CandidateStanding:
    steps = review.sign_offs(connection, manifest_sha256=candidate.manifest_sha256)
    # A release that needed no signature was published without a step.
    is_release = candidate.directory.name == candidate.manifest.release_id
    begin = CandidateStanding("published") if is_release and candidate.required == 0 else None
    return candidate_standing(steps, candidate.required, begin)


def _require_seen(candidate: Offer, now: CandidateStanding, seen: int) -> None:
    if now.sequence != seen:
        raise review.Overtaken(
            f"step {now.sequence} on {candidate.directory.name} was taken after step {seen} was looked at; it is "
            f"{now.state} now: look at it again, then decide"
        )


def _after(now: CandidateStanding, step: SignOff, required: int) -> CandidateStanding:
    action = cast(CandidateAction, step.action)
    signatures = now.signatures
    if action == "sign":
        signatures = (*signatures, step)
    elif action == "withdraw":
        signatures = tuple(one for one in signatures if not _is_of(one, step.actor))
    elif action in ("supersede", "void", "return"):
        signatures = ()
    following = next_candidate_state(now.state, action, signatures=len(signatures), required=required)
    publish_at = step.publish_at if action == "schedule" else now.publish_at
    if following in ("waiting", "partly_signed", "returned", "superseded", "void"):
        publish_at = None
    return CandidateStanding(following, signatures, publish_at, step)


def _is_of(signature: SignOff, person: str) -> bool:
    return person in (signature.actor, signature.acting_for)


def _record(
    connection: Connection,
    candidate: Offer,
    now: CandidateStanding,
    action: CandidateAction,
    *,
    person: Person | None = None,
    actor: str = PROGRAM,
    reason_text: str = "",
    publish_at: datetime | None = None,
    paper_number: str | None = None,
    paper_date: date | None = None,
    paper_sha256: str | None = None,
    at: datetime | None = None,
) -> CandidateStanding:
    role = role_for_candidate(person, action) if person else None
    step = SignOff(
        manifest_sha256=candidate.manifest_sha256,
        content_digest=candidate.manifest.content_digest,
        candidate_id=candidate.directory.name,
        release_id=candidate.manifest.release_id,
        action=action,
        at=at or datetime.now(UTC),
        actor=person.identifier if person else actor,
        acting_for=person.acting_for(role, EVERYTHING) if person and role else None,
        role=role or "program",
        decisions_up_to=candidate.decisions_up_to,
        reason_text=reason_text.strip(),
        publish_at=publish_at,
        paper_number=paper_number,
        paper_date=paper_date,
        paper_sha256=paper_sha256,
    )
    _after(now, step, candidate.required)
    recorded = review.record_sign_off(connection, step, seen=now.sequence)
    after = _after(now, recorded, candidate.required)
    detail = {
        name: str(value)
        for name, value in asdict(recorded).items()
        if value not in (None, "") and name != "at"
    }
    detail |= {"from": now.state, "to": after.state}
    state.record_audit_event(
        connection,
        actor=recorded.actor,
        action=f"candidate_{action}",
        subject=recorded.release_id,
        detail={**detail, "identity_verified": person.verified if person else True},
        at=recorded.at,
    )
    return after


def _authors(settings: Settings, connection: Connection, candidate: Offer) -> set[str | None]:
    """Who decided on a value since the release that this candidate follows, or for whom it was done.

    The release says up to which decision it goes, whether or not anybody signed it.
    """
    since = _decided_before(settings, candidate.manifest.previous_release_id)
    taken = [
        step
        for step in review.decisions(connection, up_to=candidate.decisions_up_to)
        if step.decision_id > since and (step.action in OUTCOMES or step.action == "withdraw")
    ]
    return {person for step in taken for person in (step.actor, step.acting_for)}


def _decided_before(settings: Settings, release_id: str | None) -> int:
    """The last decision that a release holds; 0 where there is none, or where it cannot be read any more."""
    if release_id is None:
        return 0
    try:
        return read_manifest(release_dir(settings, release_id)).decisions_up_to
    except ReleaseError:
        return 0


def _people_of(signatures: Sequence[SignOff]) -> set[str | None]:
    return {person for one in signatures for person in (one.actor, one.acting_for)}


def _changed_since_built(connection: Connection, candidate: Offer) -> set[int]:
    """The decisions that took or lost effect after the candidate was built."""
    steps = review.decisions(connection)
    known = [step for step in steps if step.decision_id <= candidate.decisions_up_to]
    return effective_decisions(known).keys() ^ effective_decisions(steps).keys()


def _require_decisions_in_it(connection: Connection, candidate: Offer) -> None:
    """Raises NotAllowed when the decisions that have effect now are not those the candidate was built with."""
    changed = _changed_since_built(connection, candidate)
    if changed:
        raise NotAllowed(
            f"{len(changed)} decisions took or lost effect after {candidate.directory.name} was built and are not in "
            "it; build again (`ppw run`), then sign"
        )
