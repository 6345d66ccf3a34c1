"""Put a user task in front of who helps with it and of who is asked about it.

The previous release runs on the new schema: yes. The trigger adds rows for people whom it knows nothing of; it reads
them like any other.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from tasks.helpers import standing

revision = "1255"
down_revision = "1247"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Change the schema."""
    for statement in standing.statements(op.get_bind().dialect.name):
        op.execute(sa.text(statement.replace(":", r"\:")))


def downgrade() -> None:
    """Change it back."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {standing.NAME}" + ("" if is_sqlite else " ON user_task_candidate"))
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {standing.NAME}()")
