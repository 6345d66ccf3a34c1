"""The work of somebody away stands in front of their substitutes too, because the database puts it there.

A trigger writes the substitute's row beside that of the assignee in ``user_task_candidate``, whoever offers, assigns or
routes the task. So lists, counts and what may be seen need to know nothing of absences, and nobody pays for them who
has none. A substitute of somebody who is a substitute sees only what is that somebody's own.
"""

from typing import Final

from engine.models import UserTask, UserTaskCandidate, triggers
from tasks.absences.models import AbsenceSubstitute

#: Name of the trigger.
NAME: Final = "substitute_offered"
_FITS: Final = (
    "({s}.process_key IS NULL OR {s}.process_key = t.process_key) AND ({s}.kind IS NULL OR {s}.kind = t.kind)"
)
_OFFER: Final = (
    "INSERT INTO user_task_candidate (principal, due_at, user_task_id, came_at) "  # noqa: S608 - names of our own
    "SELECT 'user:' || s.username, NEW.due_at, NEW.user_task_id, NEW.came_at "
    "FROM absence_substitute s JOIN user_task t ON t.id = NEW.user_task_id "
    "WHERE s.absent = substr(NEW.principal, 6) AND s.is_active AND t.assignee = s.absent AND "
    + _FITS.format(s="s")
    + " AND NOT EXISTS (SELECT 1 FROM absence_substitute o WHERE o.absent = s.absent AND o.is_active"
    " AND o.rank > s.rank AND " + _FITS.format(s="o") + ") ON CONFLICT DO NOTHING"
)


def statements(dialect: str) -> list[str]:
    """Return what makes the trigger on one kind of database; the migrations make the same."""
    condition = "WHEN (substr(NEW.principal, 1, 5) = 'user:')"
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {NAME} AFTER INSERT ON user_task_candidate {condition} BEGIN {_OFFER}; END"]
    return [
        (
            f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {_OFFER}; RETURN NEW; END $$"
        ),
        (
            f"CREATE TRIGGER {NAME} AFTER INSERT ON user_task_candidate FOR EACH ROW {condition} "
            f"EXECUTE FUNCTION {NAME}()"
        ),
    ]


triggers.come_with((UserTask, UserTaskCandidate, AbsenceSubstitute), statements)
