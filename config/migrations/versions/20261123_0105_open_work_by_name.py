"""Index open tasks by their name: a search in lists of work reads the few names that there are, and not the tasks.

The previous release runs on the new schema: yes, it does not look into the index.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0105"
down_revision = "0040"
branch_labels = None
depends_on = None

OPEN = sa.text("state = 'created'")


def upgrade() -> None:
    """Change the schema."""
    op.create_index(
        "ix_user_task_open_named",
        "user_task",
        ["name", "id"],
        sqlite_where=OPEN,
        postgresql_where=OPEN,
    )


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_user_task_open_named", table_name="user_task")
