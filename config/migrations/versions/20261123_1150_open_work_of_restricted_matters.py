"""Mark the open work of restricted matters, so that lists and counts ask of it alone whether somebody may see it.

The previous release runs on the new schema: yes. It leaves the columns out, and triggers fill them.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models import triggers
from practice.matters import restricted

revision = "1150"
down_revision = "0450"
branch_labels = None
depends_on = None

OF_TASK = ("id", "business_key", "due_at", "is_restricted")
OF_CANDIDATE = (
    "principal", "due_at", "user_task_id", "business_key", "process_key", "kind", "priority", "is_restricted",
)  # fmt: skip


def upgrade() -> None:
    """Change the schema."""
    for table in ("user_task", "user_task_candidate"):
        op.add_column(table, sa.Column("is_restricted", sa.Boolean(), nullable=True))
    dialect = op.get_bind().dialect.name
    for statement in (*restricted.statements(dialect), restricted.fill(dialect)):
        op.execute(sa.text(statement.replace(":", r"\:")))
    for table, columns, where in (
        ("user_task_open", OF_TASK, "state = 'created' AND is_restricted IS NOT NULL"),
        ("user_task_candidate", OF_CANDIDATE, "is_restricted IS NOT NULL"),
    ):
        some = sa.text(where)
        op.create_index(
            f"ix_{table}_restricted",
            table.removesuffix("_open"),
            list(columns),
            sqlite_where=some,
            postgresql_where=some,
        )


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_user_task_candidate_restricted", table_name="user_task_candidate")
    op.drop_index("ix_user_task_open_restricted", table_name="user_task")
    dialect = op.get_bind().dialect.name
    for statement in triggers.drops(dialect, restricted.statements(dialect)):
        op.execute(statement)
    for table in ("user_task_candidate", "user_task"):
        op.drop_column(table, "is_restricted")
