"""From a signed candidate to a release, and what becomes of a release afterwards.

Whoever publishes, offers or takes a release out of force holds one lock, so that each finds what the other left. The
step `publish` is recorded before the figures are shown: from then on no signature can be withdrawn, and what a killed
process did not come to do the next one makes good (`reconcile`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from filelock import FileLock, Timeout

from expectations import release_checks
from expectations.gate.candidates import (
    PROGRAM,
    CandidateStanding,
    Offer,
    act,
    offer,
    read_offer,
    record_publication,
    require_publishable,
    standing_of,
    supersede,
)
from expectations.gate.findings import effective_decisions
from expectations.gate.people import Person
from expectations.gate.states import CandidateState, NotAllowed
from store import review, state
from store.files import discard_directory, make_directory
from store.manifest import MANIFEST_NAME, Manifest, ReleaseError
from store.releases import (
    ReleaseMissing,
    StaleCandidate,
    current_release_id,
    finish_publication,
    publish,
    reconcile_records,
    release_dir,
    rollback,
)
from store.review import SignOff
from store.settings import Settings

_LOCK_SECONDS = 120.0
# Last steps, and states, of a candidate that may still become a release.
_STEPS_BEFORE = ("offer", "sign", "withdraw", "schedule")
_WAITING: tuple[CandidateState, ...] = ("waiting", "partly_signed", "signed", "scheduled")


@dataclass(frozen=True)
class Notice:
    """A word that a published release carries: that it was corrected, or retracted, when and why. Names nobody."""

    kind: Literal["correction_note", "retracted"]
    at: datetime
    reason_text: str


@dataclass(frozen=True)
class Published:
    """What publishing the signed candidates came to: release by candidate, and why others were not published."""

    releases: Mapping[str, str]
    problems: tuple[str, ...]


def pending_candidates(settings: Settings) -> list[tuple[Offer, CandidateStanding]]:
    """The offered candidates that lie there and are neither published, superseded nor void, oldest first."""
    with state.reading(settings) as connection:
        offered = list(dict.fromkeys(step.candidate_id for step in review.sign_offs(connection)))
    found = []
    for candidate_id in offered:
        directory = settings.candidates_dir / candidate_id
        try:
            one = read_offer(directory)
        except ReleaseError:
            continue  # gone, or spoiled: publishing says so
        now = standing_of(settings, one)
        if now.state in _WAITING or now.state == "returned":
            found.append((one, now))
    return found


def kept_candidates(settings: Settings) -> frozenset[str]:
    """Names of candidate directories that must stay: somebody may still sign, publish or look at them."""
    with state.reading(settings) as connection:
        last = {step.candidate_id: step.action for step in review.sign_offs(connection)}
    open_ones = {name for name, action in last.items() if action not in ("supersede", "void")}
    return frozenset(name for name in open_ones if (settings.candidates_dir / name).is_dir())


def offer_candidate(settings: Settings, candidate: Path) -> Offer:
    """Put a sealed candidate on the desk in the place of what waits there; returns what waits then.

    One that says what the waiting one says, by figures, papers, rules and formulas, is dropped: the waiting one keeps
    its signatures. Else these are void.
    """
    with gate_lock(settings):
        new = read_offer(candidate)
        waiting = [(one, now) for one, now in pending_candidates(settings) if one.directory != candidate]
        for one, now in waiting:
            if now.state in _WAITING and _says_the_same(settings, one, new):
                discard_directory(candidate)
                return one
        for one, _ in waiting:
            supersede(settings, one, f"{candidate.name} takes its place")
        offer(settings, new)
        return new


def supersede_pending(settings: Settings, reason: str) -> None:
    """Take every waiting candidate off the desk: what it says is no longer what there is to say."""
    with gate_lock(settings):
        for one, _ in pending_candidates(settings):
            supersede(settings, one, reason)


def publish_signed(settings: Settings, name: str, *, now: datetime | None = None) -> str:
    """Publish a candidate that has its signatures and whose time has come; returns the release in force.

    Asked again after it was published it answers the same. Raises NotAllowed (not signed by enough, not yet, changed
    since: then its sign-off is void), StaleCandidate (another release came in force: it is superseded), ReleaseError.
    `current` then stays.
    """
    with gate_lock(settings):
        _reconcile(settings)
        directory = settings.candidates_dir / name
        if not directory.is_dir():
            return _published_before(settings, name)
        try:
            candidate = read_offer(directory)
        except ReleaseError as error:
            _void_unreadable(settings, name, str(error))
            raise NotAllowed(f"{name} is not what was offered, its sign-off is void: {error}") from error
        require_publishable(settings, candidate, now=now)
        if candidate.required == 0:
            _require_release_rules(directory)
        else:
            _require_compared_with_current(settings, candidate)
            record_publication(settings, candidate, at=now)
        return publish(settings, directory, manifest_sha256=candidate.manifest_sha256)


def publish_due(settings: Settings, *, now: datetime | None = None) -> Published:
    """Publish every signed candidate whose time has come; what cannot be published is said, and the others go on."""
    with gate_lock(settings):
        problems = _reconcile(settings) + _void_changed(settings)
    releases = {}
    for name in due_candidates(settings, now=now):
        try:
            releases[name] = publish_signed(settings, name, now=now)
        except (NotAllowed, ReleaseError) as error:
            problems.append(str(error))
    return Published(releases, tuple(problems))


def due_candidates(settings: Settings, *, now: datetime | None = None) -> list[str]:
    """Names of the candidates that are signed and whose time, where one was set, has come."""
    moment = now or datetime.now(UTC)
    return [
        one.directory.name
        for one, standing in pending_candidates(settings)
        if standing.state in ("signed", "scheduled")
        and (standing.publish_at is None or standing.publish_at <= moment)
    ]


def reconcile(settings: Settings) -> list[str]:
    """Make good what a killed process left: a publication recorded and not done, a retraction whose release is still
    in force. Returns what cannot be made good, in words.
    """
    with gate_lock(settings):
        return _reconcile(settings)


def retract(
    settings: Settings,
    person: Person,
    release_id: str,
    *,
    reason_text: str,
    seen: int | None = None,
    at: datetime | None = None,
) -> CandidateStanding:
    """Retract a published release: its figures stay readable and are shown struck out, with the reason.

    Where it was in force, the release published before it and not retracted comes in force again; where there is none
    it stays, struck out. Raises NotAllowed, Overtaken, ReleaseError.
    """
    with gate_lock(settings):
        _reconcile(settings)
        published = read_offer(release_dir(settings, release_id))
        last = standing_of(settings, published).sequence if seen is None else seen
        standing = act(settings, person, published, "retract", seen=last, reason_text=reason_text, at=at)
        _take_retracted_out_of_force(settings)
        return standing


def notices(settings: Settings, release_id: str) -> list[Notice]:
    """The words that a published release carries, oldest first; pages show them with its figures."""
    if not state.is_made(settings):
        return []
    with state.reading(settings) as connection:
        steps = review.sign_offs(connection, release_id=release_id)
    return [
        Notice("retracted" if step.action == "retract" else "correction_note", step.at, step.reason_text)
        for step in steps
        if step.action in ("retract", "correction_note")
    ]


def retracted_releases(settings: Settings) -> dict[str, Notice]:
    """The releases that were retracted, by id."""
    with state.reading(settings) as connection:
        steps = review.sign_offs(connection)
    return {
        step.release_id: Notice("retracted", step.at, step.reason_text)
        for step in steps
        if step.action == "retract"
    }


def retracted_digests(settings: Settings) -> frozenset[str]:
    """The content digests of retracted releases: what says the same is not published again."""
    with state.reading(settings) as connection:
        return frozenset(
            step.content_digest for step in review.sign_offs(connection) if step.action == "retract"
        )


@contextmanager
def gate_lock(settings: Settings) -> Iterator[None]:
    """One at a time. Raises ReleaseError when another process holds it too long."""
    make_directory(settings.releases_dir)
    state.migrate(settings)
    # One lock object per path: who holds it may ask again.
    lock = FileLock(settings.releases_dir / ".gate.lock", is_singleton=True)
    try:
        lock.acquire(timeout=_LOCK_SECONDS)
    except Timeout as error:
        raise ReleaseError(
            f"Another process is publishing in {settings.releases_dir}; try again when it is done."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _says_the_same(settings: Settings, one: Offer, other: Offer) -> bool:
    """Whether two candidates hold the same figures, papers, rules and formulas, and the decisions that have effect."""
    if (
        one.manifest.content_digest != other.manifest.content_digest
        or one.manifest.review_policy != other.manifest.review_policy
        or one.manifest.previous_release_id != other.manifest.previous_release_id
        or _beside_tables(one.manifest) != _beside_tables(other.manifest)
    ):
        return False
    with state.reading(settings) as connection:
        steps = review.decisions(connection)
    known = [
        effective_decisions([step for step in steps if step.decision_id <= built.decisions_up_to]).keys()
        for built in (one, other)
    ]
    return known[0] == known[1]


def _beside_tables(manifest: Manifest) -> dict[str, str]:
    """The sha256 of each file that is no table: for those the content digest speaks, blind to the cut-off."""
    tables = {f"{table}.parquet" for table in manifest.tables()}
    return {name: entry.sha256 for name, entry in manifest.files.items() if name not in tables}


def _require_release_rules(candidate: Path) -> None:
    broken = release_checks.run(candidate)
    if broken:
        raise NotAllowed(
            f"{candidate.name} breaks release rules: {'; '.join(str(failure) for failure in broken)}"
        )


def _require_compared_with_current(settings: Settings, candidate: Offer) -> None:
    current = current_release_id(settings)
    if candidate.manifest.previous_release_id == current:
        return
    reason = (
        f"{candidate.directory.name} was compared with {candidate.manifest.previous_release_id or 'no release'}, "
        f"but {current or 'no release'} is in force now"
    )
    supersede(settings, candidate, reason)
    raise StaleCandidate(f"{reason}; run `ppw run` again, then sign what it makes")


def _published_before(settings: Settings, name: str) -> str:
    with state.reading(settings) as connection:
        steps = review.sign_offs(connection, candidate_id=name)
    for step in reversed(steps):
        if step.action == "publish" and (settings.releases_dir / step.release_id / MANIFEST_NAME).is_file():
            return step.release_id
    raise ReleaseMissing(
        f"there is no candidate {name!r} in {settings.candidates_dir}; `ppw release list` shows what there is"
    )


def _void_changed(settings: Settings) -> list[str]:
    """Make void the sign-off of candidates whose manifest was changed since; says which."""
    problems = []
    with state.reading(settings) as connection:
        last = {step.candidate_id: step for step in review.sign_offs(connection)}
    for name, step in last.items():
        directory = settings.candidates_dir / name
        if step.action not in _STEPS_BEFORE or not directory.is_dir():
            continue
        try:
            found = read_offer(directory)
        except ReleaseError as error:
            _void_unreadable(settings, name, str(error))
            problems.append(f"{name} is not what was offered, its sign-off is void: {error}")
            continue
        if found.manifest_sha256 != step.manifest_sha256:
            try:
                require_publishable(settings, found)
            except NotAllowed as error:
                problems.append(str(error))
    return problems


def _void_unreadable(settings: Settings, name: str, reason: str) -> None:
    """Make void what was offered or signed of a candidate whose manifest cannot be read any more."""
    with review.taking_turns(settings) as connection:
        last: dict[str, SignOff] = {}
        for step in review.sign_offs(connection, candidate_id=name):
            last[step.manifest_sha256] = step
        for step in [one for one in last.values() if one.action in _STEPS_BEFORE]:
            void = replace(
                step, action="void", at=datetime.now(UTC), actor=PROGRAM, role="program", acting_for=None,
                reason_text=reason, publish_at=None, paper_number=None, paper_date=None, paper_sha256=None,
            )  # fmt: skip
            review.record_sign_off(connection, void, seen=step.sequence)
            state.record_audit_event(
                connection,
                actor=PROGRAM,
                action="candidate_void",
                subject=step.release_id,
                detail={"candidate_id": name, "manifest_sha256": step.manifest_sha256, "reason_text": reason},
            )


def _reconcile(settings: Settings) -> list[str]:
    problems = []
    reconcile_records(settings)
    step = _recorded_and_not_done(settings)
    if step is not None:
        candidate = settings.candidates_dir / step.candidate_id
        try:
            if candidate.is_dir():
                publish(settings, candidate, manifest_sha256=step.manifest_sha256)
            else:
                finish_publication(settings, step.release_id)
        except ReleaseError as error:
            problems.append(f"{step.candidate_id} was to be published and was not: {error}")
    _take_retracted_out_of_force(settings)
    return problems


def _recorded_and_not_done(settings: Settings) -> SignOff | None:
    """The last step `publish`, where `current` was not moved after it."""
    with state.reading(settings) as connection:
        steps = [step for step in review.sign_offs(connection) if step.action == "publish"]
        if not steps:
            return None
        noted = state.audit_events(connection, action="candidate_publish", subject=steps[-1].release_id)
        moves = state.audit_events(connection, action=state.POINTER_ACTIONS, subject=steps[-1].release_id)
    is_done = any(move.event_id > noted[-1].event_id for move in moves)
    return None if is_done else steps[-1]


def _take_retracted_out_of_force(settings: Settings) -> None:
    """Where the release in force is retracted, put the one before it in force that is not."""
    retracted = retracted_releases(settings)
    current = current_release_id(settings)
    if current is None or current not in retracted:
        return
    with state.reading(settings) as connection:
        moves = [release_id for _, release_id in state.pointer_moves(connection)]
    for release_id in reversed(moves):
        if release_id not in retracted and (settings.releases_dir / release_id / MANIFEST_NAME).is_file():
            rollback(
                settings,
                release_id,
                PROGRAM,
                reason=f"{current} was retracted: {retracted[current].reason_text}",
            )
            return
