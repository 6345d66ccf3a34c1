"""Work of high priority has an index of its own: lists of it read nothing else.

The previous release runs on the new schema: yes, it need not know of the index.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1960"
down_revision = "1950"
branch_labels = None
depends_on = None

_NAME, _TABLE = "ix_user_task_candidate_high", "user_task_candidate"
_COLUMNS = [
    "principal", "due_at", "user_task_id", "process_key", "kind", "priority", "business_key", "is_restricted",
]  # fmt: skip


def upgrade() -> None:
    """Change the schema."""
    where = sa.text("priority > 50")
    op.create_index(_NAME, _TABLE, _COLUMNS, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Change it back."""
    op.drop_index(_NAME, table_name=_TABLE)
