"""Remember which process asks a second person to confirm the end of a deadline.

The previous release runs on the new schema: yes. The column may be empty, and it knows nothing of it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "1025"
down_revision = "1030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ending_process_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Change it back."""
    with op.batch_alter_table("deadline", schema=None) as batch_op:
        batch_op.drop_column("ending_process_id")
