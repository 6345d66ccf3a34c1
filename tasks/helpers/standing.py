"""A task stands in front of who helps with it, and of who is asked about it, because the database puts it there.

A trigger writes their rows beside the others in ``user_task_candidate``, whoever offers, claims or assigns the task, so
lists, counts and what may be seen need no join. Who merely helps is no candidate for the engine: they neither claim nor
complete.
"""

from typing import Final

from engine.models import UserTask, UserTaskCandidate, triggers
from tasks.helpers.models import TaskHelper
from tasks.questions.models import TaskQuestion

#: Name of the trigger.
NAME: Final = "helper_offered"
_STAND_BY: Final = (
    "INSERT INTO user_task_candidate (principal, due_at, user_task_id, came_at) "
    "SELECT 'user:' || s.username, NEW.due_at, NEW.user_task_id, min(s.since) FROM ("
    "SELECT h.username AS username, h.added_at AS since FROM task_helper h "
    "WHERE h.user_task_id = NEW.user_task_id AND h.ended_at IS NULL "
    "UNION ALL SELECT q.asked_of, q.asked_at FROM task_question q "
    "WHERE q.user_task_id = NEW.user_task_id AND q.answered_at IS NULL AND q.withdrawn_at IS NULL"
    ") s WHERE true GROUP BY s.username ON CONFLICT DO NOTHING"
)


def statements(dialect: str) -> list[str]:
    """Return what makes the trigger on one kind of database; the migration runs the same."""
    if dialect == "sqlite":
        return [f"CREATE TRIGGER {NAME} AFTER INSERT ON user_task_candidate BEGIN {_STAND_BY}; END"]
    return [
        (
            f"CREATE OR REPLACE FUNCTION {NAME}() RETURNS trigger LANGUAGE plpgsql "
            f"AS $$ BEGIN {_STAND_BY}; RETURN NEW; END $$"
        ),
        f"CREATE TRIGGER {NAME} AFTER INSERT ON user_task_candidate FOR EACH ROW EXECUTE FUNCTION {NAME}()",
    ]


triggers.come_with((UserTask, UserTaskCandidate, TaskHelper, TaskQuestion), statements)
