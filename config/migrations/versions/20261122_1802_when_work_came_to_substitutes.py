"""Say of the work of somebody away when it came to who stands in, as of all other work.

The previous release runs on the new schema: yes, the database writes one column more by itself.
"""

from __future__ import annotations

from alembic import op

from tasks.absences import standing

revision = "1802"
down_revision = "1745"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the trigger anew."""
    _drop()
    for statement in standing.statements(op.get_bind().dialect.name):
        op.execute(statement)


def downgrade() -> None:
    """Leave it: the release before reads what it writes."""


def _drop() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(f"DROP TRIGGER {standing.NAME}" + ("" if is_sqlite else " ON user_task_candidate"))
    if not is_sqlite:
        op.execute(f"DROP FUNCTION {standing.NAME}()")
