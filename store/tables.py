"""The tables of the state database as SQLAlchemy sees them; migrations build them, a test compares both."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)
from sqlalchemy.engine import Dialect

OUTCOMES = ("new", "unchanged", "not_yet_published", "failed", "quarantined")
PUBLISHED_AT_BASES = ("printed", "inferred", "not_stated")
ORIGINS = ("original", "third_party_copy", "transcription")
RELEASE_STATES = ("published",)
SUBMISSION_KINDS = ("department", "entry", "unknown")
SUBMISSION_OUTCOMES = ("accepted", "returned", "waiting")
APPEND_ONLY_TABLES = ("snapshot", "retrieval", "release", "audit_event", "submission")


class Instant(TypeDecorator[datetime]):
    """A moment: aware datetimes only, kept as UTC without zone, alike on SQLite and PostgreSQL."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"the time {value.isoformat()} has no time zone; give one, for example UTC")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Vintage(TypeDecorator[datetime]):
    """When a value reached us, without zone: UTC when live, midnight when a record states only a day."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(UTC).replace(tzinfo=None)


def _one_of(column: str, words: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


# Constraint names are part of the migrations, so they are spelled by rule and not by the database.
metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only for a column that is exactly INTEGER PRIMARY KEY.
_row_number: Any = BigInteger().with_variant(Integer, "sqlite")

snapshot = Table(
    "snapshot",
    metadata,
    Column("sha256", String(64), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
    Column("media_type", String(200), nullable=False),
    Column("origin", String(40), nullable=False),
    Column("first_seen_at", Instant, nullable=False),
    CheckConstraint("length(sha256) = 64", name="sha256"),
    CheckConstraint("size_bytes >= 0", name="size_bytes"),
    CheckConstraint(_one_of("origin", ORIGINS), name="origin"),
)

retrieval = Table(
    "retrieval",
    metadata,
    Column("retrieval_id", _row_number, primary_key=True, autoincrement=True),
    Column("batch_id", String(80), nullable=False),
    Column("source_id", String(120), nullable=False),
    Column("route", String(40), nullable=False),
    Column("document", String(200), nullable=False),
    Column("outcome", String(40), nullable=False),
    Column("reason", Text),
    Column("snapshot_sha256", String(64), ForeignKey("snapshot.sha256")),
    Column("vintage_at", Vintage),
    Column("published_at", Date),
    Column("published_at_basis", String(20)),
    Column("address", Text),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    CheckConstraint(_one_of("outcome", OUTCOMES), name="outcome"),
    CheckConstraint(_one_of("published_at_basis", PUBLISHED_AT_BASES), name="published_at_basis"),
    CheckConstraint(
        "outcome <> 'new' OR (snapshot_sha256 IS NOT NULL AND vintage_at IS NOT NULL)",
        name="new_has_snapshot",
    ),
    CheckConstraint(
        "outcome NOT IN ('failed', 'quarantined') OR reason IS NOT NULL", name="fault_has_reason"
    ),
    Index("ix_retrieval_batch_id", "batch_id"),
    Index("ix_retrieval_source_id", "source_id", "route", "document", "retrieval_id"),
    sqlite_autoincrement=True,
)

release = Table(
    "release",
    metadata,
    Column("release_id", String(120), primary_key=True),
    Column("content_digest", String(64), nullable=False),
    Column("inputs_hash", String(64), nullable=False),
    Column("cut_off", Date, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("state", String(40), nullable=False),
    CheckConstraint(_one_of("state", RELEASE_STATES), name="state"),
)

audit_event = Table(
    "audit_event",
    metadata,
    Column("event_id", _row_number, primary_key=True, autoincrement=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("action", String(80), nullable=False),
    Column("subject", String(400), nullable=False),
    Column("detail_json", Text, nullable=False),
    Index("ix_audit_event_action", "action", "event_id"),
    sqlite_autoincrement=True,
)

submission = Table(
    "submission",
    metadata,
    Column("submission_id", _row_number, primary_key=True, autoincrement=True),
    Column("batch_id", String(80), nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("file_name", String(400), nullable=False),
    Column("snapshot_sha256", String(64), ForeignKey("snapshot.sha256")),
    Column("kind", String(40), nullable=False),
    Column("source_id", String(120)),
    Column("document", String(200)),
    Column("period_id", String(40)),
    Column("template_id", String(200)),
    Column("plan_version", String(120)),
    Column("keyed_by", String(200)),
    Column("outcome", String(40), nullable=False),
    Column("n_figures", Integer, nullable=False),
    Column("n_milestones", Integer, nullable=False),
    Column("problems_json", Text, nullable=False),
    Column("accepted_json", Text, nullable=False),
    CheckConstraint(_one_of("kind", SUBMISSION_KINDS), name="kind"),
    CheckConstraint(_one_of("outcome", SUBMISSION_OUTCOMES), name="outcome"),
    CheckConstraint("outcome <> 'accepted' OR source_id IS NOT NULL", name="accepted_has_source"),
    Index("ix_submission_batch_id", "batch_id"),
    Index("ix_submission_source_id", "source_id", "document", "submission_id"),
    sqlite_autoincrement=True,
)
