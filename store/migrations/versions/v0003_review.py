"""The review: decisions on findings, sign-offs of candidates, who may do what, and snapshots destroyed; append-only."""

import sqlalchemy as sa
from alembic import op

from store.append_only import trigger_statements
from store.tables import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

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


def one_of(column: str, words: tuple[str, ...]) -> str:
    """A condition as this migration made it; later lists of words are later migrations."""
    listed = ", ".join(f"'{word}'" for word in words)
    return f"{column} IN ({listed})"


def upgrade() -> None:
    """Create the tables and their triggers."""
    row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "decision",
        sa.Column("decision_id", row_number, primary_key=True),
        sa.Column("finding_key", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("finding_id", sa.String(64), nullable=False),
        sa.Column("rule_id", sa.String(120), nullable=False),
        sa.Column("rule_version", sa.Integer),
        sa.Column("severity", sa.String(20), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("acting_for", sa.String(200)),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("reason_code", sa.String(40)),
        sa.Column("reason_text", sa.Text, nullable=False),
        sa.Column("source_id", sa.String(120)),
        sa.Column("indicator_code", sa.String(120)),
        sa.Column("area_id", sa.String(80)),
        sa.Column("period_id", sa.String(40)),
        sa.Column("breakdown", sa.String(200)),
        sa.Column("observation_key", sa.String(64)),
        sa.Column("value", sa.Double),
        sa.Column("unit", sa.String(80)),
        sa.Column("tolerance", sa.Double),
        sa.Column("flag", sa.String(4)),
        sa.Column("corrected_value_text", sa.String(80)),
        sa.Column("attachment_sha256", sa.String(64), sa.ForeignKey("snapshot.sha256")),
        sa.CheckConstraint(one_of("action", DECISION_ACTIONS), name="action"),
        sa.CheckConstraint("sequence > 0", name="sequence"),
        sa.CheckConstraint("tolerance IS NULL OR tolerance >= 0", name="tolerance"),
        sa.CheckConstraint(
            "action <> 'correct' OR corrected_value_text IS NOT NULL", name="correct_has_value"
        ),
        sa.UniqueConstraint("finding_key", "sequence"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "sign_off",
        sa.Column("sign_off_id", row_number, primary_key=True),
        sa.Column("manifest_sha256", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("candidate_id", sa.String(120), nullable=False),
        sa.Column("release_id", sa.String(120), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("acting_for", sa.String(200)),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("reason_text", sa.Text, nullable=False),
        sa.Column("decisions_up_to", sa.BigInteger, nullable=False),
        sa.Column("publish_at", Instant),
        sa.Column("paper_number", sa.String(80)),
        sa.Column("paper_date", sa.Date),
        sa.Column("paper_sha256", sa.String(64), sa.ForeignKey("snapshot.sha256")),
        sa.CheckConstraint(one_of("action", SIGN_OFF_ACTIONS), name="action"),
        sa.CheckConstraint("sequence > 0", name="sequence"),
        sa.CheckConstraint("action <> 'schedule' OR publish_at IS NOT NULL", name="schedule_has_time"),
        sa.UniqueConstraint("manifest_sha256", "sequence"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_sign_off_release_id", "sign_off", ["release_id", "sign_off_id"])
    op.create_table(
        "role_grant",
        sa.Column("role_grant_id", row_number, primary_key=True),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("person", sa.String(200), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("scope", sa.String(120), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("reason_text", sa.Text, nullable=False),
        sa.CheckConstraint(one_of("action", GRANT_ACTIONS), name="action"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name="valid_to"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_role_grant_person", "role_grant", ["person", "role_grant_id"])
    op.create_table(
        "deputation",
        sa.Column("deputation_id", row_number, primary_key=True),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("principal", sa.String(200), nullable=False),
        sa.Column("deputy", sa.String(200), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("valid_from", sa.Date, nullable=False),
        sa.Column("valid_to", sa.Date, nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("reason_text", sa.Text, nullable=False),
        sa.CheckConstraint(one_of("action", GRANT_ACTIONS), name="action"),
        sa.CheckConstraint("principal <> deputy", name="two_people"),
        sa.CheckConstraint("valid_to >= valid_from", name="valid_to"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_deputation_deputy", "deputation", ["deputy", "deputation_id"])
    op.create_table(
        "destruction",
        sa.Column("destruction_id", row_number, primary_key=True),
        sa.Column("snapshot_sha256", sa.String(64), sa.ForeignKey("snapshot.sha256"), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("reason_text", sa.Text, nullable=False),
        sa.CheckConstraint(one_of("action", DESTRUCTION_ACTIONS), name="action"),
        sa.UniqueConstraint("snapshot_sha256", "sequence"),
        sqlite_autoincrement=True,
    )

    dialect = op.get_bind().dialect.name
    keys: dict[str, tuple[str, tuple[str, ...]]] = {
        "decision": ("decision_id", ("finding_key", "sequence")),
        "sign_off": ("sign_off_id", ("manifest_sha256", "sequence")),
        "role_grant": ("role_grant_id", ()),
        "deputation": ("deputation_id", ()),
        "destruction": ("destruction_id", ("snapshot_sha256", "sequence")),
    }
    for table, (key, unique) in keys.items():
        for statement in trigger_statements(dialect, table, key, unique):
            op.execute(statement)
