"""What keeps the copies beside the key of the inbox index, whoever writes (see ``UserTaskCandidate``).

Programs that know nothing of the copies (the release before, imports) leave them out, and the database fills them;
a task that is renamed or moved to another matter takes its rows along.
"""

from typing import Final

from engine import urgency
from engine.models import triggers
from engine.models.user_task import UserTask
from engine.models.user_task_candidate import UserTaskCandidate

_COPIED: Final = ("urgency", "process_key", "kind", "priority", "business_key")
_POINTS: Final = {
    "sqlite": f"max(-{urgency.MOST_POINTS}, min({urgency.MOST_POINTS}, {{row}}priority - {urgency.NORMAL}))",
    "postgresql": (
        f"greatest(-{urgency.MOST_POINTS}, least({urgency.MOST_POINTS}, {{row}}priority - {urgency.NORMAL}))"
    ),
}
_SECOND: Final = {
    "sqlite": "CAST(strftime('%s', {instant}) AS INTEGER)",
    "postgresql": "floor(extract(epoch FROM {instant}))::bigint",
}


def urgency_sql(dialect: str, row: str = "") -> str:
    """Write ``engine.urgency.of`` in SQL; ``row`` is a prefix such as ``NEW.``."""
    second, undated_s = _SECOND[dialect], int(urgency.UNDATED.total_seconds())
    due, came = second.format(instant=f"{row}due_at"), second.format(instant=f"{row}created_at")
    points = _POINTS[dialect].format(row=row)
    return f"coalesce({due}, {came} + {undated_s}) - ({points}) * {urgency.SECONDS_A_POINT}"


def fill(dialect: str) -> list[str]:
    """Return what fills the copies of rows written before there were any."""
    columns = ", ".join(_COPIED)
    copies = ", ".join(f"t.{name}" for name in _COPIED)
    return [
        f"UPDATE user_task SET urgency = {urgency_sql(dialect)} WHERE state = 'created'",  # noqa: S608 - our own
        (
            f"UPDATE user_task_candidate SET ({columns}, came_at) = (SELECT {copies}, t.created_at "  # noqa: S608
            "FROM user_task t WHERE t.id = user_task_candidate.user_task_id)"
        ),
    ]


def statements(dialect: str) -> list[str]:
    """Return what makes the triggers on one kind of database."""
    columns, copies = ", ".join(_COPIED), ", ".join(f"t.{name}" for name in _COPIED)
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _COPIED)
    moved = "due_at", "created_at", "priority"
    copy = f"UPDATE user_task_candidate SET ({columns}) = ({', '.join(f'NEW.{name}' for name in _COPIED)})"  # noqa: S608
    computed = urgency_sql(dialect, "NEW.")
    if dialect == "sqlite":
        changed = changed.replace("IS DISTINCT FROM", "IS NOT")
        rank = f"UPDATE user_task SET urgency = {computed} WHERE id = NEW.id"  # noqa: S608 - our own
        return [
            f"CREATE TRIGGER inbox_task_came AFTER INSERT ON user_task WHEN NEW.urgency IS NULL BEGIN {rank}; END",
            (
                f"CREATE TRIGGER inbox_task_moved AFTER UPDATE OF {', '.join(moved)} ON user_task "
                f"WHEN NEW.state = 'created' AND NEW.urgency IS NOT ({computed}) BEGIN {rank}; END"
            ),
            (
                f"CREATE TRIGGER inbox_task_changed AFTER UPDATE OF {columns} ON user_task "
                f"WHEN NEW.state = 'created' AND ({changed}) BEGIN {copy} WHERE user_task_id = NEW.id; END"
            ),
            (
                "CREATE TRIGGER inbox_offered AFTER INSERT ON user_task_candidate "  # noqa: S608 - our own
                "WHEN NEW.urgency IS NULL BEGIN "
                f"UPDATE user_task_candidate SET ({columns}, came_at) = "
                f"(SELECT {copies}, coalesce(NEW.came_at, t.created_at) FROM user_task t WHERE t.id = NEW.user_task_id)"
                " WHERE principal = NEW.principal AND due_at = NEW.due_at AND user_task_id = NEW.user_task_id; END"
            ),
        ]
    into = ", ".join(f"NEW.{name}" for name in _COPIED)
    offered = (
        f"SELECT {copies}, coalesce(NEW.came_at, t.created_at) INTO {into}, NEW.came_at "  # noqa: S608 - our own
        "FROM user_task t WHERE t.id = NEW.user_task_id"
    )
    bodies = {
        "inbox_task_ranked": f"NEW.urgency := {computed}",
        "inbox_task_changed": f"{copy} WHERE user_task_id = NEW.id",
        "inbox_offered": offered,
    }
    made = [
        (f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body}; RETURN NEW; END $$")
        for name, body in bodies.items()
    ]
    return [
        *made,
        (
            "CREATE TRIGGER inbox_task_came BEFORE INSERT ON user_task FOR EACH ROW "
            "WHEN (NEW.urgency IS NULL) EXECUTE FUNCTION inbox_task_ranked()"
        ),
        (
            f"CREATE TRIGGER inbox_task_moved BEFORE UPDATE OF {', '.join(moved)} ON user_task FOR EACH ROW "
            "WHEN (NEW.state = 'created') EXECUTE FUNCTION inbox_task_ranked()"
        ),
        (
            f"CREATE TRIGGER inbox_task_changed AFTER UPDATE ON user_task FOR EACH ROW "
            f"WHEN (NEW.state = 'created' AND ({changed})) EXECUTE FUNCTION inbox_task_changed()"
        ),
        (
            "CREATE TRIGGER inbox_offered BEFORE INSERT ON user_task_candidate FOR EACH ROW "
            "WHEN (NEW.urgency IS NULL) EXECUTE FUNCTION inbox_offered()"
        ),
    ]


triggers.come_with((UserTask, UserTaskCandidate), statements, fill=fill)
