"""Find notices and told reminders by when they were told, so that whoever looks on hears of them at once.

The previous release runs on the new schema: yes, there are two more indexes.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1745"
down_revision = "1337"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    told = sa.text("told_at IS NOT NULL")
    op.create_index("ix_notice_created_at", "notice", ["created_at"])
    op.create_index("ix_reminder_told_at", "reminder", ["told_at"], sqlite_where=told, postgresql_where=told)


def downgrade() -> None:
    """Change it back."""
    op.drop_index("ix_reminder_told_at", "reminder")
    op.drop_index("ix_notice_created_at", "notice")
