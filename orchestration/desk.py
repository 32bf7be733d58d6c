"""What `ppw finding`, `ppw release sign` and their like do and show: the gate's functions between words and rows."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from expectations.gate.candidates import CandidateStanding, Offer, read_offer, standing_of
from expectations.gate.findings import Evidence, Standing, decide, standing
from expectations.gate.people import Person, deputations_on, known_person, own_roles, stated_person
from expectations.gate.permissions import DeskAction, require
from expectations.gate.questions import Desk
from expectations.gate.queue import desk, evidence_now, finding_row, queue
from expectations.gate.states import CANDIDATE_ACTIONS, CANDIDATE_TRANSITIONS, NotAllowed, finding_actions
from sources.retrieve import destroyed_before, media_type_of
from store import landing, review, state
from store.manifest import MANIFEST_NAME, ReleaseError
from store.settings import Settings

LISTED = (
    "finding_id", "severity", "state", "influence", "weight", "age_days", "due_on", "rule_id", "indicator_code",
    "area_id", "period_id", "source_id", "value_text",
)  # fmt: skip


class NoFinding(ReleaseError):
    """There is no such finding, or nothing to look for it in."""


def today(settings: Settings) -> date:
    """The day where the office is."""
    return datetime.now(ZoneInfo(settings.time_zone)).date()


def acting_person(settings: Settings, actor: str) -> Person:
    """Who says to act, with today's roles. The state database is made or brought up to date first.

    Where a provider vouches for people at the pages, a name at this command line has only the roles given to it.
    """
    state.migrate(settings)
    if settings.identity != "local":
        return known_person(settings, actor, today(settings))
    return stated_person(settings, actor, today(settings))


def require_may(settings: Settings, actor: str, action: DeskAction) -> Person:
    """Who says to act. Raises NotAllowed when that person may not do this."""
    person = acting_person(settings, actor)
    require(person, action)
    return person


def the_desk(settings: Settings) -> Desk:
    """The candidate on the desk, else the release in force. Raises NoFinding when there is neither."""
    state.migrate(settings)
    found = desk(settings)
    if found is None:
        raise NoFinding("there is no candidate and no release yet; `ppw run` makes one")
    return found


def finding_rows(
    settings: Settings,
    *,
    every: bool = False,
    states: Sequence[str] = (),
    severities: Sequence[str] = (),
    sources: Sequence[str] = (),
    rules: Sequence[str] = (),
) -> tuple[Desk, list[dict[str, Any]]]:
    """The desk and its findings that wait for somebody, or with `every` or `states` others too, the pressing first."""
    at = the_desk(settings)
    rows = queue(settings, at, today(settings))
    if not every and not states:
        rows = rows.filter("needs_step")
    asked = {"state": states, "severity": severities, "source_id": sources, "rule_id": rules}
    for column, words in asked.items():
        if words:
            rows = rows.filter(pl.col(column).is_in(list(words)))
    return at, rows.to_dicts()


def finding_detail(settings: Settings, finding_id: str) -> dict[str, Any]:
    """A finding, where it stands, what was decided on its question, and the actions it offers. Raises NoFinding."""
    at = the_desk(settings)
    row, evidence = finding_row(at, finding_id), evidence_now(at, finding_id)
    if row is None or evidence is None:
        raise _no_finding(at, finding_id)
    with state.reading(settings) as connection:
        steps = review.decisions(connection, finding_key=evidence.finding_key)
    now = standing(steps, evidence)
    influence = at.frame("fct_finding_influence")
    return {
        "desk": at.directory.name,
        **row,
        "state": now.state,
        "sequence": now.sequence,
        "actions": list(finding_actions(now.state)),
        "influence": []
        if influence is None
        else influence.filter(pl.col("finding_id") == row["finding_id"]).to_dicts(),
        "decisions": [asdict(step) for step in steps],
    }


def take_decision(
    settings: Settings, actor: str, finding_id: str, action: Any, *, seen: int | None, **given: Any
) -> tuple[Evidence, Standing]:
    """Take a step on a finding as `decide` does; without `seen` after the last step there is. Raises NoFinding too."""
    person = acting_person(settings, actor)
    at = the_desk(settings)
    evidence = evidence_now(at, finding_id)
    if evidence is None:
        raise _no_finding(at, finding_id)
    if seen is None:
        with state.reading(settings) as connection:
            seen = len(review.decisions(connection, finding_key=evidence.finding_key))
    return evidence, decide(settings, person, evidence, action, seen=seen, **given)


def find_offer(settings: Settings, name: str) -> Offer:
    """A candidate by its id or the id of the release it would be, or a published release. Raises ReleaseError."""
    state.migrate(settings)
    named = [settings.candidates_dir / name, settings.releases_dir / name]
    for directory in named:
        if (directory / MANIFEST_NAME).is_file():
            return read_offer(directory)
    offers = [read_offer(file.parent) for file in settings.candidates_dir.glob(f"*/{MANIFEST_NAME}")]
    same = [one for one in offers if one.manifest.release_id == name]
    if len(same) == 1:
        return same[0]
    listed = ", ".join(sorted(one.directory.name for one in offers)) or "none"
    raise ReleaseError(f"there is no candidate or release {name}; the candidates are: {listed}")


def seen_or_last(settings: Settings, candidate: Offer, seen: int | None) -> int:
    """The number of the last step that was seen: the one named, else the last there is."""
    return standing_of(settings, candidate).sequence if seen is None else seen


def standing_fields(candidate: Offer, now: CandidateStanding) -> dict[str, Any]:
    """Where a candidate stands, for people and machines."""
    return {
        "candidate": candidate.directory.name,
        "release_id": candidate.manifest.release_id,
        "content_digest": candidate.manifest.content_digest,
        "manifest_sha256": candidate.manifest_sha256,
        "policy": candidate.policy,
        "state": now.state,
        "signatures": [
            one.actor if one.acting_for is None else f"{one.actor} for {one.acting_for}"
            for one in now.signatures
        ],
        "required": candidate.required,
        "publish_at": now.publish_at,
        "sequence": now.sequence,
        "actions": [action for action in CANDIDATE_ACTIONS if action in CANDIDATE_TRANSITIONS[now.state]],
    }


def keep_file(settings: Settings, file: Path) -> str:
    """Keep an attachment or a signed paper in landing; returns its sha256. Raises NotAllowed for destroyed bytes."""
    state.migrate(settings)
    data = file.read_bytes()
    tombstone = destroyed_before(settings, data)
    if tombstone is not None:
        raise NotAllowed(f"{file.name}: {tombstone[1]}")
    sha256 = landing.put(settings, data)
    with state.writing(settings) as connection:
        state.record_snapshot(
            connection, sha256=sha256, size_bytes=len(data), media_type=media_type_of(file.name), origin="original",
            first_seen_at=datetime.now(UTC),
        )  # fmt: skip
    return sha256


def role_rows(settings: Settings) -> list[dict[str, Any]]:
    """Who holds which role today, in his own right."""
    state.migrate(settings)
    with state.reading(settings) as connection:
        grants = review.role_grants(connection)
    people = sorted({grant.person for grant in grants})
    return [
        {
            "person": person,
            "role": role,
            "scope": ", ".join(sorted(scopes)),
            "valid_to": _until(grants, person, role),
        }
        for person in people
        for role, scopes in own_roles(today(settings), person, grants).items()
    ]


def deputy_rows(settings: Settings) -> list[dict[str, Any]]:
    """Who was named to stand in for whom, and whether today."""
    state.migrate(settings)
    with state.reading(settings) as connection:
        grants, named = review.role_grants(connection), review.deputations(connection)
    now = deputations_on(today(settings), named, grants)
    ended = {
        (one.principal, one.deputy, one.role): one.deputation_id for one in named if one.action == "revoke"
    }
    return [
        {**asdict(one), "stands_in_today": one in now}
        for one in named
        if one.action == "grant" and one.deputation_id > ended.get((one.principal, one.deputy, one.role), 0)
    ]


def audit_rows(settings: Settings, since: date | None = None) -> list[dict[str, Any]]:
    """The audit log, oldest first, from a day (where the office is) on."""
    state.migrate(settings)
    zone = ZoneInfo(settings.time_zone)
    with state.reading(settings) as connection:
        events = state.audit_events(connection)
    return [asdict(event) for event in events if since is None or event.at.astimezone(zone).date() >= since]


def audit_csv(rows: Sequence[dict[str, Any]]) -> str:
    """The audit log as CSV (UTF-8, RFC 4180): the details of all actions as columns, a cell empty where there is none.

    A text that a spreadsheet would take for a formula is marked as text by an apostrophe.
    """
    details = sorted({f"detail_{name}" for row in rows for name in row["detail"]})
    out = io.StringIO()
    writer = csv.DictWriter(
        out, ["event_id", "at", "actor", "action", "subject", *details], lineterminator="\r\n"
    )
    writer.writeheader()
    for row in rows:
        told = {name: row[name] for name in ("event_id", "actor", "action", "subject")}
        told |= {"at": row["at"].isoformat()} | {
            f"detail_{name}": value for name, value in row["detail"].items()
        }
        writer.writerow({name: _as_text(value) for name, value in told.items()})
    return out.getvalue()


def _as_text(value: object) -> object:
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def _until(grants: Sequence[review.RoleGrant], person: str, role: str) -> date | None:
    given = [grant for grant in grants if (grant.person, grant.role, grant.action) == (person, role, "grant")]
    ends = [grant.valid_to for grant in given]
    return None if None in ends else max(end for end in ends if end is not None)


def _who(signature: review.SignOff) -> str:
    return f"{signature.actor} for {signature.acting_for}" if signature.acting_for else signature.actor


def _no_finding(at: Desk, finding_id: str) -> NoFinding:
    return NoFinding(
        f"{at.directory.name} has no finding {finding_id}, or several that begin so; see `ppw finding list --all`"
    )
