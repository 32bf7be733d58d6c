"""The state database: what cannot be recomputed (retrievals, snapshots, releases, audit events).

SQLite by default, PostgreSQL by URL. Every table here is append-only: there is no update path in this module
and database triggers refuse one. Functions that record take an open connection, so that a caller decides what
belongs to one transaction; open it with `writing(settings)`, or `reading(settings)` to only look.
"""

import functools
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.pool import NullPool

from store.files import make_directory
from store.settings import Settings
from store.tables import (
    ORIGINS,
    OUTCOMES,
    PUBLISHED_AT_BASES,
    audit_event,
    destruction,
    metadata,
    release,
    retrieval,
    snapshot,
)

_MIGRATIONS_DIR = Path(__file__).resolve().parent / "migrations"
# Any number will do as long as every process uses the same one.
_MIGRATION_ADVISORY_LOCK = 0x7070775F
_SQLITE_BUSY_TIMEOUT_MS = 30_000


# Audit actions after which `releases/current` names the event's subject.
POINTER_ACTIONS = ("release_published", "release_rolled_back", "pointer_reconciled")


class StateError(Exception):
    """The state database cannot be opened, is not at the version this code needs, or refuses a row."""


@dataclass(frozen=True, slots=True)
class Retrieval:
    """One attempt to pull a document of a source, whatever its outcome.

    Times are aware UTC; vintage_at has no zone.
    """

    retrieval_id: int
    batch_id: str
    source_id: str
    route: str
    document: str
    outcome: str
    reason: str | None
    snapshot_sha256: str | None
    vintage_at: datetime | None
    published_at: date | None
    published_at_basis: str | None
    address: str | None
    etag: str | None
    last_modified: str | None
    started_at: datetime
    finished_at: datetime


@dataclass(frozen=True, slots=True)
class Vintage:
    """A retrieval that brought new bytes, with what is known of them."""

    retrieval_id: int
    source_id: str
    route: str
    document: str
    snapshot_sha256: str
    vintage_at: datetime
    published_at: date | None
    published_at_basis: str | None
    origin: str
    media_type: str


@dataclass(frozen=True, slots=True)
class RecordedRelease:
    """A published release as the state database remembers it."""

    release_id: str
    content_digest: str
    inputs_hash: str
    cut_off: date
    created_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """Something a person or the program did: who, what, to what, with details."""

    event_id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def engine(settings: Settings) -> Engine:
    """The SQLAlchemy engine of the state database, one per URL and process.

    On SQLite every transaction begins as a writing one, which waits its turn instead of failing half-way; use
    `reading(settings)` for one that does not wait. Raises StateError when the URL cannot be used.
    """
    return _engine(settings.state_location)


@contextmanager
def writing(settings: Settings) -> Iterator[Connection]:
    """A connection in one transaction: committed at the end, rolled back on an error."""
    with _explained(settings), engine(settings).begin() as connection:
        yield connection


@contextmanager
def reading(settings: Settings) -> Iterator[Connection]:
    """A connection to look only; it does not hold up writers."""
    with _explained(settings), engine(settings).connect() as connection:
        yield connection.execution_options(ppw_reads_only=True)


def migrate(settings: Settings) -> None:
    """Bring the state database to the version this code needs, creating it when absent.

    All in one transaction, so a killed upgrade leaves the old version. Raises StateError when the database
    was made by a newer version of the code.
    """
    # Alembic and its templates take long to import and are needed only here.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS_DIR).replace("%", "%%"))
    wanted = ScriptDirectory.from_config(config).get_current_head()
    database = engine(settings)
    if database.dialect.name == "sqlite" and database.url.database:
        make_directory(Path(database.url.database).parent)
    with _explained(settings), database.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(
                sa.text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_ADVISORY_LOCK}
            )
        if _version(connection) == wanted:
            return
        config.attributes["connection"] = connection
        try:
            command.upgrade(config, "head")
        except CommandError as error:
            raise StateError(
                f"The state database {_shown(settings)} is at version {_version(connection)}, which this "
                f"version of the program (up to {wanted}) does not know; update the program, or name another "
                "database in PPW_STATE_URL."
            ) from error


def is_made(settings: Settings) -> bool:
    """Whether there is a state database; asking makes none."""
    url = engine(settings).url
    if engine(settings).dialect.name == "sqlite" and not Path(url.database or "").is_file():
        return False
    with reading(settings) as connection:
        return _version(connection) is not None


def record_snapshot(
    connection: Connection,
    *,
    sha256: str,
    size_bytes: int,
    media_type: str,
    origin: str,
    first_seen_at: datetime,
) -> bool:
    """Record that bytes are in the landing store.

    Returns False when they were recorded before: the first record stays.
    """
    _one_of("origin", origin, ORIGINS)
    row = {
        "sha256": sha256,
        "size_bytes": size_bytes,
        "media_type": media_type,
        "origin": origin,
        "first_seen_at": first_seen_at,
    }
    return _insert_if_absent(connection, snapshot, row)


def record_retrieval(
    connection: Connection,
    *,
    batch_id: str,
    source_id: str,
    route: str,
    document: str,
    outcome: str,
    started_at: datetime,
    finished_at: datetime,
    reason: str | None = None,
    snapshot_sha256: str | None = None,
    vintage_at: datetime | None = None,
    published_at: date | None = None,
    published_at_basis: str | None = None,
    address: str | None = None,
    etag: str | None = None,
    last_modified: str | None = None,
) -> int:
    """Record one attempt to pull a document; returns its retrieval_id.

    Outcome `new` needs a recorded snapshot and its vintage_at; `failed` and `quarantined` need a reason. A
    published_at needs its basis printed or inferred, and those need a date. Raises StateError otherwise.
    """
    _one_of("outcome", outcome, OUTCOMES)
    place = f"retrieval of {source_id}/{route}/{document}"
    if outcome == "new" and (snapshot_sha256 is None or vintage_at is None):
        raise StateError(f"{place}: outcome new needs snapshot_sha256 and vintage_at")
    if outcome in ("failed", "quarantined") and not reason:
        raise StateError(f"{place}: outcome {outcome} needs a reason")
    if published_at_basis is not None:
        _one_of("published_at_basis", published_at_basis, PUBLISHED_AT_BASES)
    if (published_at is not None) != (published_at_basis in ("printed", "inferred")):
        raise StateError(
            f"{place}: published_at {published_at} does not go with published_at_basis {published_at_basis}; "
            "a date is printed or inferred, and only a missing one is not_stated"
        )
    result = connection.execute(
        retrieval.insert().values(
            batch_id=batch_id,
            source_id=source_id,
            route=route,
            document=document,
            outcome=outcome,
            reason=reason,
            snapshot_sha256=snapshot_sha256,
            vintage_at=vintage_at,
            published_at=published_at,
            published_at_basis=published_at_basis,
            address=address,
            etag=etag,
            last_modified=last_modified,
            started_at=started_at,
            finished_at=finished_at,
        )
    )
    return _row_number_of(result)


def vintages(connection: Connection, recorded_by: datetime | None = None) -> list[Vintage]:
    """Every retrieval that brought new bytes, ordered by vintage_at, then retrieval_id.

    With `recorded_by` only those that were on record at that moment. Bytes whose destruction was confirmed since are
    left out either way: they are there no more. Other bytes of a document under a time that an earlier retrieval
    stated already (a shipped file that was changed without its date) are a vintage of when they came in: one
    document cannot have said two things at once.
    """
    is_destroyed = sa.exists().where(
        destruction.c.snapshot_sha256 == retrieval.c.snapshot_sha256, destruction.c.action == "confirm"
    )
    query = (
        sa.select(
            retrieval.c.retrieval_id,
            retrieval.c.source_id,
            retrieval.c.route,
            retrieval.c.document,
            retrieval.c.snapshot_sha256,
            retrieval.c.vintage_at,
            retrieval.c.published_at,
            retrieval.c.published_at_basis,
            retrieval.c.finished_at,
            is_destroyed.label("is_destroyed"),
            snapshot.c.origin,
            snapshot.c.media_type,
        )
        .join(snapshot, snapshot.c.sha256 == retrieval.c.snapshot_sha256)
        .where(retrieval.c.outcome == "new")
        .order_by(retrieval.c.retrieval_id)
    )
    if recorded_by is not None:
        query = query.where(retrieval.c.finished_at <= recorded_by)
    found: list[Vintage] = []
    taken: set[tuple[str, str, str, datetime]] = set()
    for row in connection.execute(query).mappings():
        known = dict(row)
        came_in = known.pop("finished_at").astimezone(UTC).replace(tzinfo=None)
        is_gone = known.pop("is_destroyed")
        vintage = Vintage(**known)
        while (key := (vintage.source_id, vintage.route, vintage.document, vintage.vintage_at)) in taken:
            later = max(came_in, vintage.vintage_at + timedelta(microseconds=1))
            vintage = replace(vintage, vintage_at=later)
        taken.add(key)
        if not is_gone:
            found.append(vintage)
    return sorted(found, key=lambda vintage: (vintage.vintage_at, vintage.retrieval_id))


def loaded_at(connection: Connection) -> dict[str, datetime]:
    """When the bytes of each snapshot first came in, by sha256."""
    query = (
        sa.select(retrieval.c.snapshot_sha256, sa.func.min(retrieval.c.finished_at).label("at"))
        .where(retrieval.c.outcome == "new")
        .group_by(retrieval.c.snapshot_sha256)
    )
    return {row.snapshot_sha256: row.at for row in connection.execute(query)}


def latest_new(connection: Connection, source_id: str, route: str, document: str) -> Retrieval | None:
    """The last retrieval that brought new bytes of a document, to compare the next bytes with; or None."""
    query = (
        sa.select(retrieval)
        .where(
            retrieval.c.source_id == source_id,
            retrieval.c.route == route,
            retrieval.c.document == document,
            retrieval.c.outcome == "new",
        )
        .order_by(retrieval.c.retrieval_id.desc())
        .limit(1)
    )
    row = connection.execute(query).mappings().one_or_none()
    return None if row is None else Retrieval(**row)


def latest_at_host(connection: Connection, hosts: tuple[str, ...], most: int = 50) -> list[Retrieval]:
    """The last retrievals from addresses that begin with `scheme://host`, any of `hosts`; the latest first."""
    starts = [f"{scheme}://{host}" for scheme in ("http", "https") for host in hosts]
    begins = [
        retrieval.c.address.startswith(f"{start}{end}", autoescape=True)
        for start in starts
        for end in ("/", "?")
    ]
    begins.append(retrieval.c.address.in_(starts))
    query = sa.select(retrieval).where(sa.or_(*begins)).order_by(retrieval.c.retrieval_id.desc()).limit(most)
    return [Retrieval(**row) for row in connection.execute(query).mappings()]


def retrievals_of_batch(connection: Connection, batch_id: str) -> list[Retrieval]:
    """The retrievals of one run, in the order they were recorded."""
    query = sa.select(retrieval).where(retrieval.c.batch_id == batch_id).order_by(retrieval.c.retrieval_id)
    return [Retrieval(**row) for row in connection.execute(query).mappings()]


def latest_retrieval_per_source(connection: Connection) -> dict[str, Retrieval]:
    """The last retrieval of each source, keyed by source_id and in its order.

    A source of several documents answers with the one retrieved last; see `latest_retrieval_per_document`.
    """
    return {row.source_id: row for row in _latest_retrievals(connection, [retrieval.c.source_id])}


def latest_retrieval_per_document(
    connection: Connection, *, recorded_by: datetime | None = None, received_by: datetime | None = None
) -> list[Retrieval]:
    """The last retrieval of each source, route and document, in that order.

    With `recorded_by` among those on record at that moment; with `received_by` also those recorded later of what
    had reached us by then, as a snapshot that ships with its date.
    """
    known = []
    if recorded_by is not None:
        known.append(retrieval.c.finished_at <= recorded_by)
    if received_by is not None:
        known.append(sa.or_(retrieval.c.finished_at <= received_by, retrieval.c.vintage_at <= received_by))
    return _latest_retrievals(
        connection, [retrieval.c.source_id, retrieval.c.route, retrieval.c.document], known
    )


def record_release(
    connection: Connection,
    *,
    release_id: str,
    content_digest: str,
    inputs_hash: str,
    cut_off: date,
    created_at: datetime,
    state: str = "published",
) -> bool:
    """Record a published release. False when that release is recorded already: the first record stays."""
    row = {
        "release_id": release_id,
        "content_digest": content_digest,
        "inputs_hash": inputs_hash,
        "cut_off": cut_off,
        "created_at": created_at,
        "state": state,
    }
    return _insert_if_absent(connection, release, row)


def recorded_releases(connection: Connection) -> list[RecordedRelease]:
    """The releases the state database knows, oldest first."""
    query = sa.select(release).order_by(release.c.created_at, release.c.release_id)
    return [RecordedRelease(**row) for row in connection.execute(query).mappings()]


def record_audit_event(
    connection: Connection,
    *,
    actor: str,
    action: str,
    subject: str,
    detail: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> int:
    """Record what was done, by whom, to what; returns event_id. `at` is now unless given."""
    result = connection.execute(
        audit_event.insert().values(
            at=at or datetime.now(UTC),
            actor=actor,
            action=action,
            subject=subject,
            detail_json=json.dumps(dict(detail or {}), ensure_ascii=False, sort_keys=True),
        )
    )
    return _row_number_of(result)


def audit_events(
    connection: Connection, *, action: str | tuple[str, ...] | None = None, subject: str | None = None
) -> list[AuditEvent]:
    """Audit events in the order they were recorded, all or those of given actions or subject."""
    query = sa.select(audit_event).order_by(audit_event.c.event_id)
    if action is not None:
        query = query.where(audit_event.c.action.in_([action] if isinstance(action, str) else action))
    if subject is not None:
        query = query.where(audit_event.c.subject == subject)
    return [
        AuditEvent(row.event_id, row.at, row.actor, row.action, row.subject, json.loads(row.detail_json))
        for row in connection.execute(query)
    ]


def _row_number_of(result: sa.CursorResult[Any]) -> int:
    key = result.inserted_primary_key
    if key is None:
        raise StateError("the database did not say which row number it gave; check its driver")
    return int(key[0])


def pointer_moves(connection: Connection, time_zone: str = "Asia/Ho_Chi_Minh") -> list[tuple[date, str]]:
    """Every move of `current`, oldest first: the day of that time zone, and the release it then named."""
    zone = ZoneInfo(time_zone)
    moves = audit_events(connection, action=POINTER_ACTIONS)
    return [(event.at.astimezone(zone).date(), event.subject) for event in moves]


def _latest_retrievals(
    connection: Connection, group: list[sa.Column[Any]], known: Sequence[sa.ColumnElement[bool]] = ()
) -> list[Retrieval]:
    latest = sa.select(sa.func.max(retrieval.c.retrieval_id)).where(*known).group_by(*group)
    query = (
        sa.select(retrieval)
        .where(retrieval.c.retrieval_id.in_(latest))
        .order_by(retrieval.c.source_id, retrieval.c.route, retrieval.c.document)
    )
    return [Retrieval(**row) for row in connection.execute(query).mappings()]


def _insert_if_absent(connection: Connection, table: sa.Table, row: dict[str, Any]) -> bool:
    key = next(iter(table.primary_key.columns))
    if connection.dialect.name == "postgresql":
        statement = postgresql.insert(table).values(row).on_conflict_do_nothing().returning(key)
        return connection.execute(statement).one_or_none() is not None
    # SQLite: the append-only trigger refuses even an insert that would do nothing, and the transaction holds
    # the write lock from its beginning, so nobody comes between the look and the insert.
    if connection.execute(sa.select(key).where(key == row[key.name])).one_or_none() is not None:
        return False
    connection.execute(table.insert().values(row))
    return True


def _one_of(name: str, word: str, words: tuple[str, ...]) -> None:
    if word not in words:
        raise StateError(f"{name} {word!r} is not one of {', '.join(words)}")


def _version(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    version: str | None = connection.execute(
        sa.text("SELECT version_num FROM alembic_version")
    ).scalar_one_or_none()
    return version


def _shown(settings: Settings) -> str:
    return _url(settings.state_location).render_as_string(hide_password=True)


def _url(location: str) -> URL:
    try:
        url = sa.make_url(location)
    except sa.exc.ArgumentError as error:
        # The text itself is not repeated: it may hold a password.
        raise StateError(
            "The state database URL (PPW_STATE_URL) cannot be read; write sqlite:////path/state.db or "
            "postgresql+psycopg://user@host/database."
        ) from error
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg")
    if url.drivername not in ("sqlite", "sqlite+pysqlite", "postgresql+psycopg"):
        raise StateError(
            f"The state database URL (PPW_STATE_URL) names {url.drivername!r}; only sqlite:////path/state.db "
            "and postgresql+psycopg://user@host/database are supported."
        )
    if url.get_backend_name() == "sqlite" and not url.database:
        raise StateError(
            "The state database (PPW_STATE_URL) must be a file: an in-memory one forgets what was done."
        )
    return url


@functools.lru_cache(maxsize=8)
def _engine(location: str) -> Engine:
    url = _url(location)
    if url.get_backend_name() == "sqlite":
        database = sa.create_engine(url, poolclass=NullPool)
        sa.event.listen(database, "connect", _set_up_sqlite)
        sa.event.listen(database, "begin", _begin_sqlite)
        return database
    try:
        return sa.create_engine(url, pool_pre_ping=True)
    except ModuleNotFoundError as error:
        raise StateError(
            "A PostgreSQL state database needs the psycopg package; install psycopg[binary] into this "
            "environment."
        ) from error


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    # The driver's own transactions would begin late and commit around DDL; _begin_sqlite begins them.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_SQLITE_BUSY_TIMEOUT_MS}")
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA recursive_triggers = ON")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    reads_only = connection.get_execution_options().get("ppw_reads_only", False)
    connection.exec_driver_sql("BEGIN" if reads_only else "BEGIN IMMEDIATE")


@contextmanager
def _explained(settings: Settings) -> Iterator[None]:
    try:
        yield
    except (sa.exc.OperationalError, sa.exc.ProgrammingError) as error:
        message = str(error.orig)
        if any(
            f"no such table: {name}" in message or f'"{name}" does not exist' in message
            for name in metadata.tables
        ):
            mend = "it has no tables yet: run `ppw run`, which creates them"
        elif isinstance(error, sa.exc.OperationalError):
            mend = "check that it exists, is reachable and may be written, or name another in PPW_STATE_URL"
        else:
            raise
        raise StateError(
            f"The state database {_shown(settings)} cannot be used ({message.strip()}): {mend}."
        ) from error
