"""Mark the open work that walls and rules name, too: the triggers of the marks are made anew, and those of walls come.

The previous release runs on the new schema: yes. It takes such a mark for one in doubt, and asks the matter.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from engine.models import triggers
from practice.matters import restricted

revision = "1540"
down_revision = "1231"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    dialect = op.get_bind().dialect.name
    made = restricted.statements(dialect)
    for statement in (*triggers.drops(dialect, made), *made, restricted.fill(dialect)):
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Leave the triggers: the release before asks about what they mark."""
