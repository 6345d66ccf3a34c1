"""Say of the work of somebody away when it came to who stands in, as of all other work.

The previous release runs on the new schema: yes, the database writes one column more by itself.
"""

from __future__ import annotations

from alembic import op

revision = "1802"
down_revision = "1745"
branch_labels = None
depends_on = None

NAME = "substitute_offered"
FITS = "({s}.process_key IS NULL OR {s}.process_key = t.process_key) AND ({s}.kind IS NULL OR {s}.kind = t.kind)"
BEFORE = ("principal", "due_at", "user_task_id")


def upgrade() -> None:
    """Make the trigger anew."""
    _remake((*BEFORE, "came_at"))


def downgrade() -> None:
    """Make it as it was."""
    _remake(BEFORE)


def _remake(columns: tuple[str, ...]) -> None:
    values = ", ".join(f"NEW.{name}" for name in columns[1:])
    offer = (
        f"INSERT INTO user_task_candidate ({', '.join(columns)}) "  # noqa: S608 - names of our own
        f"SELECT 'user:' || s.username, {values} "
        "FROM absence_substitute s JOIN user_task t ON t.id = NEW.user_task_id "
        "WHERE s.absent = substr(NEW.principal, 6) AND s.is_active AND t.assignee = s.absent AND "
        + FITS.format(s="s")
        + " AND NOT EXISTS (SELECT 1 FROM absence_substitute o WHERE o.absent = s.absent AND o.is_active"
        " AND o.rank > s.rank AND " + FITS.format(s="o") + ") ON CONFLICT DO NOTHING"
    )
    if op.get_bind().dialect.name != "sqlite":
        body = f"LANGUAGE plpgsql AS $$ BEGIN {offer}; RETURN NEW; END $$"
        op.execute(f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger {body}")
        return
    op.execute(f"DROP TRIGGER {NAME}")
    op.execute(
        f"CREATE TRIGGER {NAME} AFTER INSERT ON user_task_candidate "
        f"WHEN (substr(NEW.principal, 1, 5) = 'user:') BEGIN {offer}; END"
    )
