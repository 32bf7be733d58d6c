"""Rows of the review: decisions on findings, steps of candidates, roles, deputies, destructions, statements of offices;
append-only.

What may be done when, and by whom, is settled in `expectations.gate`; here a row only finds its place. A step names
the number of the last step its author saw. Where somebody else was faster it raises `Overtaken`, and nothing is
written. Steps are taken one at a time (`taking_turns`), so a step's number is also its place in the order of commits.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from store.settings import Settings
from store.state import StateError, writing
from store.tables import (
    decision,
    deputation,
    destruction,
    office_statement,
    role_grant,
    sign_off,
    snapshot,
)

# Any number will do as long as every process uses the same one.
_REVIEW_ADVISORY_LOCK = 0x70707265


class Overtaken(StateError):
    """Somebody else took a step on the same thing after it was looked at; look again, then decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One step on a finding. `value` and `tolerance` are in `unit`; `corrected_value_text` is a plain decimal."""

    finding_key: str
    finding_id: str
    rule_id: str
    severity: str
    action: str
    at: datetime
    actor: str
    role: str
    acting_for: str | None = None
    reason_code: str | None = None
    reason_text: str = ""
    rule_version: int | None = None
    source_id: str | None = None
    indicator_code: str | None = None
    area_id: str | None = None
    period_id: str | None = None
    breakdown: str | None = None
    observation_key: str | None = None
    value: float | None = None
    unit: str | None = None
    tolerance: float | None = None
    flag: str | None = None
    corrected_value_text: str | None = None
    attachment_sha256: str | None = None
    decision_id: int = 0
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SignOff:
    """One step of a candidate or of the release it became. `decisions_up_to`: the last decision it was built with."""

    manifest_sha256: str
    content_digest: str
    candidate_id: str
    release_id: str
    action: str
    at: datetime
    actor: str
    role: str
    decisions_up_to: int
    acting_for: str | None = None
    reason_text: str = ""
    publish_at: datetime | None = None
    paper_number: str | None = None
    paper_date: date | None = None
    paper_sha256: str | None = None
    sign_off_id: int = 0
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RoleGrant:
    """A role given to a person, or taken back. `scope` is `*` or what the role is limited to."""

    action: str
    person: str
    role: str
    scope: str
    valid_from: date
    valid_to: date | None
    at: datetime
    actor: str
    reason_text: str = ""
    role_grant_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Deputation:
    """Somebody stands in for somebody in a role from one day to another, or no longer does."""

    action: str
    principal: str
    deputy: str
    role: str
    valid_from: date
    valid_to: date
    at: datetime
    actor: str
    reason_text: str = ""
    deputation_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Destruction:
    """One step towards the end of a snapshot that must not be kept."""

    snapshot_sha256: str
    action: str
    at: datetime
    actor: str
    reason_text: str
    destruction_id: int = 0
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeStatement:
    """One step of what an office says of a target. The first states cause, measure and deadline; later ones end it.

    `release_id` and `bucket`: the release the office looked at, and what it said of the target.
    """

    statement_key: str
    action: str
    plan_version: str
    target_id: str
    office: str
    at: datetime
    actor: str
    role: str
    acting_for: str | None = None
    indicator_code: str | None = None
    reason_text: str = ""
    release_id: str | None = None
    bucket: str | None = None
    cause: str | None = None
    measure: str | None = None
    deadline: date | None = None
    access: str | None = None
    office_statement_id: int = 0
    sequence: int = 0


@contextmanager
def taking_turns(settings: Settings) -> Iterator[Connection]:
    """A writing transaction of the review; the next begins when it has ended, also on PostgreSQL.

    What is looked at in it stays true until it ends. Without this two transactions on PostgreSQL could commit in
    another order than their rows are numbered, and a build that knows steps up to a number would miss one.
    """
    with writing(settings) as connection:
        _wait_for_turn(connection)
        yield connection


def is_recorded_snapshot(connection: Connection, sha256: str) -> bool:
    """Whether a snapshot is on record: an attachment or a paper must be."""
    return (
        connection.execute(sa.select(snapshot.c.sha256).where(snapshot.c.sha256 == sha256)).first()
        is not None
    )


def record_decision(connection: Connection, step: Decision, *, seen: int) -> Decision:
    """Record a step on a finding after the step numbered `seen` (0: none yet); returns it with its numbers.

    Raises Overtaken when another step came between.
    """
    key = {"finding_key": step.finding_key}
    return Decision(**_record_step(connection, decision, asdict(step), "decision_id", key=key, seen=seen))


def decisions(
    connection: Connection, *, finding_key: str | None = None, up_to: int | None = None
) -> list[Decision]:
    """Steps on findings in the order they were taken: all, those of one finding, those up to a decision_id."""
    query = sa.select(decision).order_by(decision.c.decision_id)
    if finding_key is not None:
        query = query.where(decision.c.finding_key == finding_key)
    if up_to is not None:
        query = query.where(decision.c.decision_id <= up_to)
    return [Decision(**row) for row in connection.execute(query).mappings()]


def last_decision_id(connection: Connection, recorded_by: datetime | None = None) -> int:
    """The number of the last step on any finding, 0 before the first; with `recorded_by` as it was at that moment."""
    query = sa.select(sa.func.coalesce(sa.func.max(decision.c.decision_id), 0))
    if recorded_by is not None:
        query = query.where(decision.c.at <= recorded_by)
    return int(connection.execute(query).scalar_one())


def record_sign_off(connection: Connection, step: SignOff, *, seen: int) -> SignOff:
    """Record a step of a candidate after the step numbered `seen` (0: none yet); returns it with its numbers.

    Raises Overtaken when another step came between.
    """
    key = {"manifest_sha256": step.manifest_sha256}
    return SignOff(**_record_step(connection, sign_off, asdict(step), "sign_off_id", key=key, seen=seen))


def sign_offs(
    connection: Connection,
    *,
    manifest_sha256: str | None = None,
    candidate_id: str | None = None,
    release_id: str | None = None,
) -> list[SignOff]:
    """Steps of candidates in the order they were taken: all, or those of one manifest, candidate or release."""
    query = sa.select(sign_off).order_by(sign_off.c.sign_off_id)
    if manifest_sha256 is not None:
        query = query.where(sign_off.c.manifest_sha256 == manifest_sha256)
    if candidate_id is not None:
        query = query.where(sign_off.c.candidate_id == candidate_id)
    if release_id is not None:
        query = query.where(sign_off.c.release_id == release_id)
    return [SignOff(**row) for row in connection.execute(query).mappings()]


def record_role_grant(connection: Connection, grant: RoleGrant) -> RoleGrant:
    """Record that a role was given or taken back; returns it with its number."""
    return RoleGrant(**_record(connection, role_grant, asdict(grant), "role_grant_id"))


def role_grants(connection: Connection, *, person: str | None = None) -> list[RoleGrant]:
    """Roles given and taken back, in that order: all, or those of a person."""
    query = sa.select(role_grant).order_by(role_grant.c.role_grant_id)
    if person is not None:
        query = query.where(role_grant.c.person == person)
    return [RoleGrant(**row) for row in connection.execute(query).mappings()]


def record_deputation(connection: Connection, one: Deputation) -> Deputation:
    """Record that somebody stands in for somebody, or no longer does; returns it with its number."""
    return Deputation(**_record(connection, deputation, asdict(one), "deputation_id"))


def deputations(connection: Connection, *, deputy: str | None = None) -> list[Deputation]:
    """Who stands in for whom, in the order it was recorded: all, or what one deputy was given."""
    query = sa.select(deputation).order_by(deputation.c.deputation_id)
    if deputy is not None:
        query = query.where(deputation.c.deputy == deputy)
    return [Deputation(**row) for row in connection.execute(query).mappings()]


def record_destruction(connection: Connection, step: Destruction, *, seen: int) -> Destruction:
    """Record a step towards the destruction of a snapshot; raises Overtaken when another step came between."""
    key = {"snapshot_sha256": step.snapshot_sha256}
    return Destruction(
        **_record_step(connection, destruction, asdict(step), "destruction_id", key=key, seen=seen)
    )


def destructions(connection: Connection, *, snapshot_sha256: str | None = None) -> list[Destruction]:
    """Steps towards destructions in the order they were taken: all, or those of one snapshot."""
    query = sa.select(destruction).order_by(destruction.c.destruction_id)
    if snapshot_sha256 is not None:
        query = query.where(destruction.c.snapshot_sha256 == snapshot_sha256)
    return [Destruction(**row) for row in connection.execute(query).mappings()]


def destroyed(connection: Connection) -> dict[str, Destruction]:
    """The snapshots that are destroyed, by sha256, each with the step by which a second person confirmed it.

    From that step on a snapshot counts as destroyed, whether or not its bytes are gone yet.
    """
    return {step.snapshot_sha256: step for step in destructions(connection) if step.action == "confirm"}


def record_office_statement(connection: Connection, step: OfficeStatement, *, seen: int) -> OfficeStatement:
    """Record a step of a statement after the step numbered `seen` (0: none yet); returns it with its numbers.

    Raises Overtaken when another step came between.
    """
    key = {"statement_key": step.statement_key}
    return OfficeStatement(
        **_record_step(connection, office_statement, asdict(step), "office_statement_id", key=key, seen=seen)
    )


def office_statements(
    connection: Connection, *, statement_key: str | None = None, up_to: int | None = None
) -> list[OfficeStatement]:
    """Steps of statements in the order they were taken: all, those of one, those up to an office_statement_id."""
    query = sa.select(office_statement).order_by(office_statement.c.office_statement_id)
    if statement_key is not None:
        query = query.where(office_statement.c.statement_key == statement_key)
    if up_to is not None:
        query = query.where(office_statement.c.office_statement_id <= up_to)
    return [OfficeStatement(**row) for row in connection.execute(query).mappings()]


def last_office_statement_id(connection: Connection, recorded_by: datetime | None = None) -> int:
    """The number of the last step of any statement, 0 before the first; with `recorded_by` as it was then."""
    query = sa.select(sa.func.coalesce(sa.func.max(office_statement.c.office_statement_id), 0))
    if recorded_by is not None:
        query = query.where(office_statement.c.at <= recorded_by)
    return int(connection.execute(query).scalar_one())


def _record_step(
    connection: Connection,
    table: sa.Table,
    row: dict[str, Any],
    row_number: str,
    *,
    key: Mapping[str, str],
    seen: int,
) -> dict[str, Any]:
    _wait_for_turn(connection)
    ((name, value),) = key.items()
    last = connection.execute(
        sa.select(sa.func.coalesce(sa.func.max(table.c.sequence), 0)).where(table.c[name] == value)
    ).scalar_one()
    if last != seen:
        raise Overtaken(
            f"{table.name} {value[:12]}: step {last} is the last, but step {seen} was looked at; look at it again, "
            "then decide"
        )
    return _record(connection, table, {**row, "sequence": seen + 1}, row_number)


def _record(connection: Connection, table: sa.Table, row: dict[str, Any], row_number: str) -> dict[str, Any]:
    row = {name: value for name, value in row.items() if name != row_number}
    number = connection.execute(table.insert().values(**row).returning(table.c[row_number])).scalar_one()
    return {**row, row_number: int(number)}


def _wait_for_turn(connection: Connection) -> None:
    # On SQLite a writing transaction has the database to itself from its beginning.
    if (
        connection.dialect.name == "postgresql"
    ):  # pragma: no cover - tests/expectations/gate/test_gate_postgresql.py
        connection.execute(sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _REVIEW_ADVISORY_LOCK})
