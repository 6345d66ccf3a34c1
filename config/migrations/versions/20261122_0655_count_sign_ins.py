"""Count sign-ins in the database, for all nodes.

The previous release runs on the new schema: yes. It does not know the table and counts in its own memory.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0655"
down_revision = "0650"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.create_table(
        "sign_in_count",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_count")),
    )
    op.create_index("ix_sign_in_count_ends_at", "sign_in_count", ["ends_at"], unique=False)


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_sign_in_count_ends_at", table_name="sign_in_count")
    op.drop_table("sign_in_count")
