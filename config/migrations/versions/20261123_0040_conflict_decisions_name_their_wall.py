"""Let a decision about a relative conflict name the wall that it rests on.

The previous release runs on the new schema: yes, the column may be empty and it looks at none. What was decided
before has its wall in words only. Without a foreign key, because SQLite would copy the table for it.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "2140"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    op.add_column("conflict_decision", sa.Column("wall_number", sa.String(40), nullable=True))


def downgrade() -> None:
    """Change it back, without copying the table: its copy would lose which check belongs to which column."""
    op.drop_column("conflict_decision", "wall_number")
