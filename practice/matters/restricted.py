"""Which open work belongs to a restricted matter, kept at the tasks themselves and beside the key of the inbox index.

Of a firm's open work some hundredth is of matters that few may know of. ``UserTask.is_restricted`` and
``UserTaskCandidate.is_restricted`` mark it, so that lists and counts ask of it alone whether somebody may see it, and
of the rest nothing.

The database keeps the marks by triggers, whoever writes: operations, imports, the engine, the release before. On
PostgreSQL work that comes while somebody changes its matter is marked as in doubt (false), and its matter is asked: it
waits for nobody, and who changes the matter waits for those who looked before.
"""

from typing import Final

from sqlalchemy.engine import Connection

from engine.models import UserTask, UserTaskCandidate, triggers
from practice.matters.models import Matter

#: Of a key: the matter with this number, or the matter that came of the enquiry with this number, is restricted.
_IS_OF_RESTRICTED: Final = (
    "(EXISTS (SELECT 1 FROM matter WHERE number = {key} AND confidentiality <> 'ordinary')"
    " OR EXISTS (SELECT 1 FROM matter WHERE enquiry_number = {key} AND confidentiality <> 'ordinary'))"
)
_MARK: Final = "UPDATE user_task SET is_restricted = {mark} WHERE state = 'created' AND business_key IN ({keys})"
_WORK_CAME_BACK: Final = (
    "NEW.state = 'created' AND (OLD.state <> 'created' OR NEW.business_key IS DISTINCT FROM OLD.business_key)"
)
_MATTER_MOVED: Final = " OR ".join(
    f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in ("number", "enquiry_number", "confidentiality")
)
_MARKED: Final = "UPDATE user_task_candidate SET is_restricted = NEW.is_restricted WHERE user_task_id = NEW.id"
_MARK_OF_TASK: Final = "SELECT is_restricted FROM user_task WHERE id = NEW.user_task_id"
_OLD, _NEW = (f"{row}.number, {row}.enquiry_number" for row in ("OLD", "NEW"))
#: Trigger -> its table, as migrations and ``missing`` know them.
TABLES: Final = {
    "restricted_work_came": "user_task",
    "restricted_work_moved": "user_task",
    "restricted_work_marked": "user_task",
    "restricted_work_offered": "user_task_candidate",
    "restricted_matter_opened": "matter",
    "restricted_matter_changed": "matter",
    "restricted_matter_gone": "matter",
}
#: Marks what is there; the triggers take the marks to the inbox index.
FILL: Final = (
    "UPDATE user_task SET is_restricted = TRUE WHERE state = 'created' AND business_key IN ("
    "SELECT number FROM matter WHERE confidentiality <> 'ordinary' UNION ALL "
    "SELECT enquiry_number FROM matter WHERE confidentiality <> 'ordinary' AND enquiry_number IS NOT NULL)"
)


def statements(dialect: str) -> list[str]:
    """Return what makes the triggers on one kind of database."""
    return _on_sqlite() if dialect == "sqlite" else _on_postgresql()


def drops(dialect: str) -> list[str]:
    """Return what takes the triggers away."""
    if dialect == "sqlite":
        return [f"DROP TRIGGER {name}" for name in TABLES]
    made = [f"DROP TRIGGER {name} ON {table}" for name, table in TABLES.items()]
    return [*made, *(f"DROP FUNCTION {name}()" for name in TABLES), "DROP FUNCTION restricted_work_of(text)"]


def _on_sqlite() -> list[str]:
    of_new = _IS_OF_RESTRICTED.format(key="NEW.business_key")
    of_row = _IS_OF_RESTRICTED.format(key="user_task.business_key")
    mark = f"CASE WHEN {of_row} THEN TRUE END"
    is_it = "principal = NEW.principal AND due_at = NEW.due_at AND user_task_id = NEW.user_task_id"
    bodies = {
        "restricted_work_came": (
            f"AFTER INSERT ON user_task WHEN NEW.state = 'created' AND {of_new}",
            "UPDATE user_task SET is_restricted = TRUE WHERE id = NEW.id",
        ),
        "restricted_work_moved": (
            f"AFTER UPDATE OF business_key, state ON user_task WHEN {_WORK_CAME_BACK}",
            f"UPDATE user_task SET is_restricted = {mark} WHERE id = NEW.id",  # noqa: S608 - names of our own
        ),
        "restricted_work_marked": ("AFTER UPDATE OF is_restricted ON user_task", _MARKED),
        "restricted_work_offered": (
            f"AFTER INSERT ON user_task_candidate WHEN ({_MARK_OF_TASK}) IS NOT NULL",
            f"UPDATE user_task_candidate SET is_restricted = TRUE WHERE {is_it}",  # noqa: S608 - as above
        ),
        "restricted_matter_opened": (
            "AFTER INSERT ON matter WHEN NEW.confidentiality <> 'ordinary'",
            _MARK.format(mark="TRUE", keys=_NEW),
        ),
        "restricted_matter_changed": (
            f"AFTER UPDATE OF number, enquiry_number, confidentiality ON matter WHEN {_MATTER_MOVED}",
            _MARK.format(mark=mark, keys=f"{_OLD}, {_NEW}"),
        ),
        "restricted_matter_gone": ("AFTER DELETE ON matter", _MARK.format(mark=mark, keys=_OLD)),
    }
    return [
        f"CREATE TRIGGER {name} {when} BEGIN {body}; END".replace("IS DISTINCT FROM", "IS NOT")
        for name, (when, body) in bodies.items()
    ]


def _on_postgresql() -> list[str]:
    mark = f"CASE WHEN {_IS_OF_RESTRICTED.format(key='user_task.business_key')} THEN TRUE END"
    wait, wait_old = (
        f"PERFORM pg_advisory_xact_lock({_LOCK.format(key='key')}) FROM (VALUES ({row}.number), ({row}.enquiry_number))"
        " AS touched(key) WHERE key IS NOT NULL"
        for row in ("NEW", "OLD")
    )
    bodies = {
        "restricted_work_came": (
            "BEFORE INSERT ON user_task",
            "NEW.state = 'created' AND NEW.business_key IS NOT NULL",
            "NEW.is_restricted := restricted_work_of(NEW.business_key)",
        ),
        "restricted_work_moved": (
            "BEFORE UPDATE OF business_key, state ON user_task",
            _WORK_CAME_BACK,
            "NEW.is_restricted := restricted_work_of(NEW.business_key)",
        ),
        "restricted_work_marked": (
            "AFTER UPDATE ON user_task",
            "NEW.is_restricted IS DISTINCT FROM OLD.is_restricted",
            _MARKED,
        ),
        "restricted_work_offered": ("BEFORE INSERT ON user_task_candidate", "TRUE", _OFFERED_ON_POSTGRESQL),
        "restricted_matter_opened": (
            "AFTER INSERT ON matter",
            "NEW.confidentiality <> 'ordinary'",
            f"{wait}; {_MARK.format(mark='TRUE', keys=_NEW)}",
        ),
        "restricted_matter_changed": (
            "AFTER UPDATE ON matter",
            _MATTER_MOVED,
            f"{wait}; {wait_old}; {_MARK.format(mark=mark, keys=f'{_OLD}, {_NEW}')}",
        ),
        "restricted_matter_gone": ("AFTER DELETE ON matter", "TRUE", _MARK.format(mark=mark, keys=_OLD)),
    }
    made = [_OF_KEY_ON_POSTGRESQL]
    for name, (when, only, body) in bodies.items():
        answer = "OLD" if "DELETE" in when else "NEW"
        made += [
            (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                f"AS $$ BEGIN {body}; RETURN {answer}; END $$"
            ),
            f"CREATE TRIGGER {name} {when} FOR EACH ROW WHEN ({only}) EXECUTE FUNCTION {name}()",
        ]
    return made


#: Who writes work tells, without waiting, that they look at its key; who changes a matter waits for those. There are
#: only as many locks as a server can keep for one transaction: of two keys that share one, one may be in doubt.
_LOCKS: Final = 256
_LOCK: Final = f"1150, hashtext({{key}}) & {_LOCKS - 1}"
_OF_KEY_ON_POSTGRESQL: Final = f"""
CREATE OR REPLACE FUNCTION restricted_work_of(wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock_shared({_LOCK.format(key="wanted")}) THEN RETURN FALSE; END IF;
  RETURN CASE WHEN {_IS_OF_RESTRICTED.format(key="wanted")} THEN TRUE END;
END $$
"""
_OFFERED_ON_POSTGRESQL: Final = (  # noqa: S608 - names of our own
    "SELECT CASE WHEN business_key IS NOT NULL AND NOT pg_try_advisory_xact_lock_shared({lock}) THEN FALSE END"
    " INTO NEW.is_restricted FROM user_task WHERE id = NEW.user_task_id; "
    "IF NEW.is_restricted IS NULL THEN "
    "SELECT is_restricted INTO NEW.is_restricted FROM user_task WHERE id = NEW.user_task_id; END IF"
).format(lock=_LOCK.format(key="business_key"))


def missing(connection: Connection) -> list[str]:
    """Name the triggers that should be there and are not: a table that was built anew has lost its own."""
    return sorted(TABLES.keys() - triggers.present(connection))


triggers.come_with((Matter, UserTask, UserTaskCandidate), statements)
