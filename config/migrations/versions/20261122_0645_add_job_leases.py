"""Give jobs a priority, a lease and a payload, and let a job of any kind be stored.

The previous release runs on the new schema: yes. It writes no new column (each has a default or may be empty), and
what it takes by ``due_at`` alone is free, because a lease is written there. Kinds that it does not know it retries
and never gives up while they name no token.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0645"
down_revision = "0640"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("job", schema=None) as batch_op:
        batch_op.drop_constraint(op.f("ck_job_known_kind"), type_="check")
        batch_op.alter_column("kind", existing_type=sa.String(length=10), type_=sa.String(length=40), nullable=False)
        batch_op.add_column(sa.Column("payload", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("priority", sa.Integer(), server_default="50", nullable=False))
        batch_op.add_column(sa.Column("promised_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("taken_by", sa.String(length=80), nullable=True))
        batch_op.add_column(sa.Column("losses", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("failed_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index("ix_job_take", "job", ["priority", "due_at", "id"], unique=False)


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_job_take", table_name="job")
    with op.batch_alter_table("job", schema=None) as batch_op:
        for name in ("failed_at", "losses", "taken_by", "promised_at", "priority", "payload"):
            batch_op.drop_column(name)
        batch_op.alter_column("kind", existing_type=sa.String(length=40), type_=sa.String(length=10), nullable=False)
        batch_op.create_check_constraint(op.f("ck_job_known_kind"), "kind IN ('timer', 'delegate')")
