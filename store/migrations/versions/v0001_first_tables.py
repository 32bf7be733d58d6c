"""First tables: snapshots, retrievals, releases and audit events, all append-only.

A migration is history: it spells its tables out and does not follow later changes of `store.tables`. The
state database holds what cannot be recomputed, so there is no downgrade; restore a backup instead.
"""

import sqlalchemy as sa
from alembic import op

from store.append_only import trigger_statements
from store.tables import Instant, Vintage

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables and their triggers."""
    row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "snapshot",
        sa.Column("sha256", sa.String(64), primary_key=True),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("media_type", sa.String(200), nullable=False),
        sa.Column("origin", sa.String(40), nullable=False),
        sa.Column("first_seen_at", Instant, nullable=False),
        sa.CheckConstraint("length(sha256) = 64", name="sha256"),
        sa.CheckConstraint("size_bytes >= 0", name="size_bytes"),
        sa.CheckConstraint("origin IN ('original', 'third_party_copy', 'transcription')", name="origin"),
    )
    op.create_table(
        "retrieval",
        sa.Column("retrieval_id", row_number, primary_key=True, autoincrement=True),
        sa.Column("batch_id", sa.String(80), nullable=False),
        sa.Column("source_id", sa.String(120), nullable=False),
        sa.Column("route", sa.String(40), nullable=False),
        sa.Column("document", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("snapshot_sha256", sa.String(64), sa.ForeignKey("snapshot.sha256")),
        sa.Column("vintage_at", Vintage),
        sa.Column("published_at", sa.Date),
        sa.Column("published_at_basis", sa.String(20)),
        sa.Column("address", sa.Text),
        sa.Column("etag", sa.Text),
        sa.Column("last_modified", sa.Text),
        sa.Column("started_at", Instant, nullable=False),
        sa.Column("finished_at", Instant, nullable=False),
        sa.CheckConstraint(
            "outcome IN ('new', 'unchanged', 'not_yet_published', 'failed', 'quarantined')", name="outcome"
        ),
        sa.CheckConstraint(
            "published_at_basis IN ('printed', 'inferred', 'not_stated')", name="published_at_basis"
        ),
        sa.CheckConstraint(
            "outcome <> 'new' OR (snapshot_sha256 IS NOT NULL AND vintage_at IS NOT NULL)",
            name="new_has_snapshot",
        ),
        sa.CheckConstraint(
            "outcome NOT IN ('failed', 'quarantined') OR reason IS NOT NULL", name="fault_has_reason"
        ),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_retrieval_batch_id", "retrieval", ["batch_id"])
    op.create_index("ix_retrieval_source_id", "retrieval", ["source_id", "route", "document", "retrieval_id"])
    op.create_table(
        "release",
        sa.Column("release_id", sa.String(120), primary_key=True),
        sa.Column("content_digest", sa.String(64), nullable=False),
        sa.Column("inputs_hash", sa.String(64), nullable=False),
        sa.Column("cut_off", sa.Date, nullable=False),
        sa.Column("created_at", Instant, nullable=False),
        sa.Column("state", sa.String(40), nullable=False),
        sa.CheckConstraint("state IN ('published')", name="state"),
    )
    op.create_table(
        "audit_event",
        sa.Column("event_id", row_number, primary_key=True, autoincrement=True),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("action", sa.String(80), nullable=False),
        sa.Column("subject", sa.String(400), nullable=False),
        sa.Column("detail_json", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_audit_event_action", "audit_event", ["action", "event_id"])

    dialect = op.get_bind().dialect.name
    keys = {
        "snapshot": "sha256",
        "retrieval": "retrieval_id",
        "release": "release_id",
        "audit_event": "event_id",
    }
    for table, key in keys.items():
        for statement in trigger_statements(dialect, table, key):
            op.execute(statement)
