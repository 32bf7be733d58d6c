"""Statements of offices on their targets: cause, measure, deadline; append-only."""

import sqlalchemy as sa
from alembic import op

from store.append_only import trigger_statements
from store.tables import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the table and its triggers."""
    row_number = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    op.create_table(
        "office_statement",
        sa.Column("office_statement_id", row_number, primary_key=True),
        sa.Column("statement_key", sa.String(64), nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("plan_version", sa.String(120), nullable=False),
        sa.Column("target_id", sa.String(120), nullable=False),
        sa.Column("indicator_code", sa.String(120)),
        sa.Column("office", sa.String(200), nullable=False),
        sa.Column("at", Instant, nullable=False),
        sa.Column("actor", sa.String(200), nullable=False),
        sa.Column("acting_for", sa.String(200)),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("reason_text", sa.Text, nullable=False),
        sa.Column("release_id", sa.String(120)),
        sa.Column("bucket", sa.String(40)),
        sa.Column("cause", sa.Text),
        sa.Column("measure", sa.Text),
        sa.Column("deadline", sa.Date),
        sa.Column("access", sa.String(20)),
        sa.CheckConstraint("action IN ('state', 'done', 'withdraw')", name="action"),
        sa.CheckConstraint("access IN ('public', 'internal')", name="access"),
        sa.CheckConstraint("sequence > 0", name="sequence"),
        sa.CheckConstraint("(action = 'state') = (sequence = 1)", name="state_is_first"),
        sa.CheckConstraint(
            "action <> 'state' OR (cause IS NOT NULL AND measure IS NOT NULL AND deadline IS NOT NULL "
            "AND access IS NOT NULL AND release_id IS NOT NULL)",
            name="state_is_whole",
        ),
        sa.UniqueConstraint("statement_key", "sequence"),
        sqlite_autoincrement=True,
    )
    dialect = op.get_bind().dialect.name
    for statement in trigger_statements(
        dialect, "office_statement", "office_statement_id", ("statement_key", "sequence")
    ):
        op.execute(statement)
