"""Count for each person how often they were signed out everywhere: older sessions are worth nothing.

The previous release runs on the new schema: yes, the column has a default and it looks at none.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "2140"
down_revision = "2115"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("user_account", sa.Column("session_round", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Change it back, without copying the table: its copy would lose which check belongs to which column."""
    op.drop_column("user_account", "session_round")
