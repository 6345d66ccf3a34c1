"""Index open tasks by the number that they belong to: what somebody may not know of is counted from its side.

The previous release runs on the new schema: yes, it does not look into the index.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2115"
down_revision = "1810"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'created'")


def upgrade() -> None:
    """Change the schema."""
    op.create_index(
        "ix_user_task_open_of",
        "user_task",
        ["business_key", "due_at", "id", "process_key", "kind", "priority", "assignee"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_user_task_open_of", table_name="user_task")
