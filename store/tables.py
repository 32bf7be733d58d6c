"""The tables of the state database as SQLAlchemy sees them; migrations build them, a test compares both."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
)
from sqlalchemy.engine import Dialect

OUTCOMES = ("new", "unchanged", "not_yet_published", "failed", "quarantined")
PUBLISHED_AT_BASES = ("printed", "inferred", "not_stated")
ORIGINS = ("original", "third_party_copy", "transcription")
RELEASE_STATES = ("published",)
DECISION_ACTIONS = (
    "accept",
    "accept_flagged",
    "exclude",
    "correct",
    "rule_wrong",
    "query_source",
    "record_answer",
    "confirm",
    "return_proposal",
    "withdraw",
    "comment",
)
SIGN_OFF_ACTIONS = (
    "offer",
    "sign",
    "return",
    "withdraw",
    "supersede",
    "void",
    "schedule",
    "publish",
    "correction_note",
    "retract",
)
GRANT_ACTIONS = ("grant", "revoke")
DESTRUCTION_ACTIONS = ("request", "refuse", "confirm", "done")
STATEMENT_ACTIONS = ("state", "done", "withdraw")
STATEMENT_ACCESS = ("public", "internal")
SUBMISSION_KINDS = ("department", "entry", "unknown")
SUBMISSION_OUTCOMES = ("accepted", "returned", "waiting")
APPEND_ONLY_TABLES = (
    "snapshot",
    "retrieval",
    "release",
    "audit_event",
    "submission",
    "decision",
    "sign_off",
    "role_grant",
    "deputation",
    "destruction",
    "office_statement",
)


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
        "uq": "uq_%(table_name)s_%(column_0_name)s",
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

# What people did with a finding, one row per step. The number of the step within its finding is unique, so that of
# two people who decide on what they both saw only one succeeds.
decision = Table(
    "decision",
    metadata,
    Column("decision_id", _row_number, primary_key=True, autoincrement=True),
    Column("finding_key", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("finding_id", String(64), nullable=False),
    Column("rule_id", String(120), nullable=False),
    Column("rule_version", Integer),
    Column("severity", String(20), nullable=False),
    Column("action", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("acting_for", String(200)),
    Column("role", String(40), nullable=False),
    Column("reason_code", String(40)),
    Column("reason_text", Text, nullable=False),
    Column("source_id", String(120)),
    Column("indicator_code", String(120)),
    Column("area_id", String(80)),
    Column("period_id", String(40)),
    Column("breakdown", String(200)),
    Column("observation_key", String(64)),
    Column("value", Double),
    Column("unit", String(80)),
    Column("tolerance", Double),
    Column("flag", String(4)),
    Column("corrected_value_text", String(80)),
    Column("attachment_sha256", String(64), ForeignKey("snapshot.sha256")),
    CheckConstraint(_one_of("action", DECISION_ACTIONS), name="action"),
    CheckConstraint("sequence > 0", name="sequence"),
    CheckConstraint("tolerance IS NULL OR tolerance >= 0", name="tolerance"),
    CheckConstraint("action <> 'correct' OR corrected_value_text IS NOT NULL", name="correct_has_value"),
    UniqueConstraint("finding_key", "sequence"),
    sqlite_autoincrement=True,
)

# What became of a candidate, and later of the release it was: what is signed is the manifest, which lists every file.
sign_off = Table(
    "sign_off",
    metadata,
    Column("sign_off_id", _row_number, primary_key=True, autoincrement=True),
    Column("manifest_sha256", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("content_digest", String(64), nullable=False),
    Column("candidate_id", String(120), nullable=False),
    Column("release_id", String(120), nullable=False),
    Column("action", String(40), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("acting_for", String(200)),
    Column("role", String(40), nullable=False),
    Column("reason_text", Text, nullable=False),
    Column("decisions_up_to", BigInteger, nullable=False),
    Column("publish_at", Instant),
    Column("paper_number", String(80)),
    Column("paper_date", Date),
    Column("paper_sha256", String(64), ForeignKey("snapshot.sha256")),
    CheckConstraint(_one_of("action", SIGN_OFF_ACTIONS), name="action"),
    CheckConstraint("sequence > 0", name="sequence"),
    CheckConstraint("action <> 'schedule' OR publish_at IS NOT NULL", name="schedule_has_time"),
    UniqueConstraint("manifest_sha256", "sequence"),
    Index("ix_sign_off_release_id", "release_id", "sign_off_id"),
    sqlite_autoincrement=True,
)

role_grant = Table(
    "role_grant",
    metadata,
    Column("role_grant_id", _row_number, primary_key=True, autoincrement=True),
    Column("action", String(20), nullable=False),
    Column("person", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("scope", String(120), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason_text", Text, nullable=False),
    CheckConstraint(_one_of("action", GRANT_ACTIONS), name="action"),
    CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_to"),
    Index("ix_role_grant_person", "person", "role_grant_id"),
    sqlite_autoincrement=True,
)

# Who stands in for whom, in which role, from and to which day.
deputation = Table(
    "deputation",
    metadata,
    Column("deputation_id", _row_number, primary_key=True, autoincrement=True),
    Column("action", String(20), nullable=False),
    Column("principal", String(200), nullable=False),
    Column("deputy", String(200), nullable=False),
    Column("role", String(40), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date, nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason_text", Text, nullable=False),
    CheckConstraint(_one_of("action", GRANT_ACTIONS), name="action"),
    CheckConstraint("principal <> deputy", name="two_people"),
    CheckConstraint("valid_to >= valid_from", name="valid_to"),
    Index("ix_deputation_deputy", "deputy", "deputation_id"),
    sqlite_autoincrement=True,
)

# The end of a snapshot that must not be kept: asked for by one person, confirmed by another, done by the program.
destruction = Table(
    "destruction",
    metadata,
    Column("destruction_id", _row_number, primary_key=True, autoincrement=True),
    Column("snapshot_sha256", String(64), ForeignKey("snapshot.sha256"), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("action", String(20), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("reason_text", Text, nullable=False),
    CheckConstraint(_one_of("action", DESTRUCTION_ACTIONS), name="action"),
    UniqueConstraint("snapshot_sha256", "sequence"),
    sqlite_autoincrement=True,
)

# What the office responsible for a target says of it: cause, measure, deadline; then that it is done, or taken back.
office_statement = Table(
    "office_statement",
    metadata,
    Column("office_statement_id", _row_number, primary_key=True, autoincrement=True),
    Column("statement_key", String(64), nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("action", String(20), nullable=False),
    Column("plan_version", String(120), nullable=False),
    Column("target_id", String(120), nullable=False),
    Column("indicator_code", String(120)),
    Column("office", String(200), nullable=False),
    Column("at", Instant, nullable=False),
    Column("actor", String(200), nullable=False),
    Column("acting_for", String(200)),
    Column("role", String(40), nullable=False),
    Column("reason_text", Text, nullable=False),
    Column("release_id", String(120)),
    Column("bucket", String(40)),
    Column("cause", Text),
    Column("measure", Text),
    Column("deadline", Date),
    Column("access", String(20)),
    CheckConstraint(_one_of("action", STATEMENT_ACTIONS), name="action"),
    CheckConstraint(_one_of("access", STATEMENT_ACCESS), name="access"),
    CheckConstraint("sequence > 0", name="sequence"),
    CheckConstraint("(action = 'state') = (sequence = 1)", name="state_is_first"),
    CheckConstraint(
        "action <> 'state' OR (cause IS NOT NULL AND measure IS NOT NULL AND deadline IS NOT NULL "
        "AND access IS NOT NULL AND release_id IS NOT NULL)",
        name="state_is_whole",
    ),
    UniqueConstraint("statement_key", "sequence"),
    sqlite_autoincrement=True,
)
