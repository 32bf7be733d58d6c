"""Receipts in the state database: what people sent in, and whether it was accepted or returned. Append-only."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.state import StateError
from store.tables import SUBMISSION_KINDS, SUBMISSION_OUTCOMES, submission

Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Submission:
    """A receipt. `problems` and `accepted` are rows of plain data; `waiting` is a letter keyed by one person so far.

    received_at is aware UTC.
    """

    submission_id: int
    batch_id: str
    received_at: datetime
    actor: str
    file_name: str
    snapshot_sha256: str | None
    kind: str
    source_id: str | None
    document: str | None
    period_id: str | None
    template_id: str | None
    plan_version: str | None
    keyed_by: str | None
    outcome: str
    n_figures: int
    n_milestones: int
    problems: list[dict[str, Any]]
    accepted: list[dict[str, Any]]


def record_submission(
    connection: Connection,
    *,
    batch_id: str,
    received_at: datetime,
    actor: str,
    file_name: str,
    snapshot_sha256: str | None,
    kind: str,
    outcome: str,
    source_id: str | None = None,
    document: str | None = None,
    period_id: str | None = None,
    template_id: str | None = None,
    plan_version: str | None = None,
    keyed_by: str | None = None,
    n_figures: int = 0,
    n_milestones: int = 0,
    problems: Rows = (),
    accepted: Rows = (),
) -> Submission:
    """Record a receipt and return it. Raises StateError for a returned one that does not say why."""
    if kind not in SUBMISSION_KINDS or outcome not in SUBMISSION_OUTCOMES:
        raise StateError(f"submission {file_name}: kind {kind!r} or outcome {outcome!r} is not known")
    if (outcome == "returned") != bool(problems):
        raise StateError(f"submission {file_name}: only a returned one has problems, and it names them")
    row: dict[str, Any] = {
        "batch_id": batch_id,
        "received_at": received_at,
        "actor": actor,
        "file_name": file_name[:400],
        "snapshot_sha256": snapshot_sha256,
        "kind": kind,
        "source_id": source_id,
        "document": document,
        "period_id": period_id,
        "template_id": template_id,
        "plan_version": plan_version,
        "keyed_by": keyed_by,
        "outcome": outcome,
        "n_figures": n_figures,
        "n_milestones": n_milestones,
    }
    kept = {"problems_json": _json(problems), "accepted_json": _json(accepted)}
    result = connection.execute(submission.insert().values(**row, **kept))
    key = result.inserted_primary_key
    if key is None:
        raise StateError("the database did not say which row number it gave; check its driver")
    return Submission(
        submission_id=int(key[0]), **row, problems=[*map(dict, problems)], accepted=[*map(dict, accepted)]
    )


def submissions(
    connection: Connection,
    *,
    submission_id: int | None = None,
    batch_id: str | None = None,
    source_id: str | None = None,
    document: str | None = None,
) -> list[Submission]:
    """Return receipts, oldest first: all, or those with the values given."""
    wanted = {
        "submission_id": submission_id, "batch_id": batch_id, "source_id": source_id, "document": document
    }  # fmt: skip
    query = sa.select(submission).order_by(submission.c.submission_id)
    for name, value in wanted.items():
        if value is not None:
            query = query.where(submission.c[name] == value)
    return [_submission(dict(row)) for row in connection.execute(query).mappings()]


def same_file_before(connection: Connection, one: Submission) -> Submission | None:
    """Return the last receipt before this one of the very same bytes."""
    if one.snapshot_sha256 is None:
        return None
    query = (
        sa.select(submission)
        .where(submission.c.snapshot_sha256 == one.snapshot_sha256)
        .where(submission.c.submission_id < one.submission_id)
        .order_by(submission.c.submission_id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().first()
    return None if row is None else _submission(dict(row))


def last_accepted(connection: Connection, actor_is_not: str) -> int | None:
    """Return the number of the last accepted submission that another than `actor_is_not` handed in."""
    query = sa.select(sa.func.max(submission.c.submission_id)).where(
        submission.c.outcome == "accepted", submission.c.actor != actor_is_not
    )
    return connection.execute(query).scalar()


def _submission(row: dict[str, Any]) -> Submission:
    problems, accepted = json.loads(row.pop("problems_json")), json.loads(row.pop("accepted_json"))
    return Submission(**row, problems=problems, accepted=accepted)


def _json(rows: Rows) -> str:
    return json.dumps([dict(row) for row in rows], ensure_ascii=False, sort_keys=True)
