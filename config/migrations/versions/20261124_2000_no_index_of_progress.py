"""The index of running instances by when they last moved goes: no query read it, and each step wrote it anew.

On PostgreSQL a step wrote every other index of the table with it.

The previous release runs on the new schema: yes, it asks by no index's name.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2000"
down_revision = "1960"
branch_labels = None
depends_on = None

_NAME, _TABLE = "ix_process_instance_stalled", "process_instance"


def upgrade() -> None:
    """Change the schema."""
    op.drop_index(_NAME, table_name=_TABLE)


def downgrade() -> None:
    """Change it back."""
    runs = sa.text("ended_at IS NULL")
    op.create_index(_NAME, _TABLE, ["last_progress_at", "id"], sqlite_where=runs, postgresql_where=runs)
