"""Receipts of what people sent in: department workbooks and keyed letters, accepted or returned; append-only."""

import sqlalchemy as sa
from alembic import op

from store.append_only import trigger_statements
from store.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its triggers."""
    row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "submission",
        sa.Column("submission_id", row_number, primary_key=True, autoincrement=True),
        sa.Column("batch_id", sa.String(80), nullable=False),
        sa.Column("received_at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("file_name", sa.String(400), nullable=False),
        sa.Column("snapshot_sha256", sa.String(64), sa.ForeignKey("snapshot.sha256")),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("source_id", sa.String(120)),
        sa.Column("document", sa.String(200)),
        sa.Column("period_id", sa.String(40)),
        sa.Column("template_id", sa.String(200)),
        sa.Column("plan_version", sa.String(120)),
        sa.Column("keyed_by", sa.String(200)),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("n_figures", sa.Integer, nullable=False),
        sa.Column("n_milestones", sa.Integer, nullable=False),
        sa.Column("problems_json", sa.Text, nullable=False),
        sa.Column("accepted_json", sa.Text, nullable=False),
        sa.CheckConstraint("kind IN ('department', 'entry', 'unknown')", name="kind"),
        sa.CheckConstraint("outcome IN ('accepted', 'returned', 'waiting')", name="outcome"),
        sa.CheckConstraint("outcome <> 'accepted' OR source_id IS NOT NULL", name="accepted_has_source"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_submission_batch_id", "submission", ["batch_id"])
    op.create_index("ix_submission_source_id", "submission", ["source_id", "document", "submission_id"])
    for statement in trigger_statements(op.get_bind().dialect.name, "submission", "submission_id"):
        op.execute(statement)
