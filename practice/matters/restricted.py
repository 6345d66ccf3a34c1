"""Which open work few may know of, kept at the tasks themselves and beside the key of the inbox index.

Of a firm's open work some hundredth is of restricted matters, or of those that a wall or a rule of the firm names.
``UserTask.is_restricted`` and ``UserTaskCandidate.is_restricted`` mark it, so that lists and counts ask of it alone
whether somebody may see it, and of the rest nothing:

- true: it is of a restricted matter;
- false: it is not, but a wall (up or not) or a rule that denies names its matter, its enquiry or their client; or it is
  in doubt. Whoever asks has to ask the matter;
- NULL: nobody is kept from it.

The database keeps the marks by triggers, whoever writes: operations, imports, the engine, the release before. On
PostgreSQL work that comes while somebody changes its matter, or walls it off, is in doubt: it waits for nobody, and who
changes the matter waits for those who looked before. So does who raises a wall for matters that are being opened.
"""

from collections.abc import Callable
from typing import Final

from engine.models import UserTask, UserTaskCandidate, triggers
from practice.matters.models import Matter
from practice.rights.models import RightRule
from practice.walls.models import WallScope

#: Of a matter, or of a row that a trigger has: the mark of its work.
_OF_MATTER: Final = (
    "CASE WHEN {matter}.confidentiality <> 'ordinary' THEN TRUE"
    " WHEN EXISTS (SELECT 1 FROM wall_scope s WHERE s.matter_id = {matter}.id)"
    " OR EXISTS (SELECT 1 FROM wall_scope s WHERE s.client_party_id = {matter}.client_party_id)"
    " OR EXISTS (SELECT 1 FROM wall_scope s WHERE s.enquiry_number = {matter}.enquiry_number)"
    " OR EXISTS (SELECT 1 FROM right_rule r WHERE r.client_party_id = {matter}.client_party_id AND r.effect = 'deny')"
    " THEN FALSE END"
)
_MATTER: Final = _OF_MATTER.format(matter="m")
#: Of a key: the mark of the matter with this number, of the matters that came of the enquiry with it, of that enquiry.
_OF_KEY: Final = (
    f"(SELECT {{most}}(mark) FROM (SELECT {_MATTER} AS mark FROM matter m WHERE m.number = {{key}}"  # noqa: S608 - names of our own
    f" UNION ALL SELECT {_MATTER} FROM matter m WHERE m.enquiry_number = {{key}}"
    " UNION ALL SELECT FALSE FROM wall_scope s WHERE s.enquiry_number = {key}) found)"
)
_MARK: Final = "UPDATE user_task SET is_restricted = {mark} WHERE state = 'created' AND business_key IN ({keys})"
_WORK_CAME_BACK: Final = (
    "NEW.state = 'created' AND (OLD.state <> 'created' OR NEW.business_key IS DISTINCT FROM OLD.business_key)"
)


def _moved(*names: str) -> str:
    return " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in names)


_MATTER_MOVED: Final = _moved("number", "enquiry_number", "confidentiality", "client_party_id")
_SCOPE_MOVED: Final = _moved("matter_id", "client_party_id", "enquiry_number")
_RULE_MOVED: Final = _moved("client_party_id", "effect")
_MARKED: Final = "UPDATE user_task_candidate SET is_restricted = NEW.is_restricted WHERE user_task_id = NEW.id"
_MARK_OF_TASK: Final = "SELECT is_restricted FROM user_task WHERE id = NEW.user_task_id"
_OLD, _NEW = (f"{row}.number, {row}.enquiry_number" for row in ("OLD", "NEW"))


_SINGLE: Final = (("id", "matter_id"), ("enquiry_number", "enquiry_number"))


def _of_client(row: str) -> str:
    """Select the keys of a client's work."""
    theirs = f"FROM matter m WHERE m.client_party_id = {row}.client_party_id"
    return f"SELECT m.number {theirs} UNION ALL SELECT m.enquiry_number {theirs}"


def _of_scope(row: str) -> str:
    """Select the keys of the work that a wall stands around."""
    one, of_enquiry = (f"FROM matter m WHERE m.{name} = {row}.{other}" for name, other in _SINGLE)
    return (
        f"SELECT m.number {one} UNION ALL SELECT m.enquiry_number {one} UNION ALL {_of_client(row)}"
        f" UNION ALL SELECT m.number {of_enquiry} UNION ALL SELECT {row}.enquiry_number"
    )


def _around(
    table: str, keys: Callable[[str], str], *, is_one: str = "TRUE", moved: str, names: tuple[str, str, str]
) -> dict[str, tuple[str, str, str]]:
    """Return the triggers of a table that names matters: when, of which rows, and whose work it touches."""
    came, changed, gone = (f"restricted_{name}" for name in names)
    return {
        came: (f"INSERT ON {table}", is_one.format(row="NEW"), keys("NEW")),
        changed: (f"UPDATE ON {table}", moved, f"{keys('OLD')} UNION ALL {keys('NEW')}"),
        gone: (f"DELETE ON {table}", is_one.format(row="OLD"), keys("OLD")),
    }


_AROUND: Final = {
    **_around("wall_scope", _of_scope, moved=_SCOPE_MOVED, names=("wall_raised", "wall_changed", "wall_gone")),
    **_around(
        "right_rule",
        _of_client,
        is_one="{row}.client_party_id IS NOT NULL",
        moved=_RULE_MOVED,
        names=("rule_made", "rule_changed", "rule_gone"),
    ),
}


def fill(dialect: str) -> str:
    """Return what marks the work that is there; the triggers take the marks to the inbox index."""
    mark = _of_key(dialect, "user_task.business_key")
    differs = f"is_restricted {'IS NOT' if dialect == 'sqlite' else 'IS DISTINCT FROM'} {mark}"
    return f"UPDATE user_task SET is_restricted = {mark} WHERE state = 'created' AND {differs}"  # noqa: S608 - our own


def _of_key(dialect: str, key: str) -> str:
    return _OF_KEY.format(key=key, most="max" if dialect == "sqlite" else "bool_or")


def statements(dialect: str) -> list[str]:
    """Return what makes the triggers on one kind of database."""
    return _on_sqlite() if dialect == "sqlite" else _on_postgresql()


def _on_sqlite() -> list[str]:
    of_new, mark = (_of_key("sqlite", f"{row}.business_key") for row in ("NEW", "user_task"))
    is_it = "principal = NEW.principal AND due_at = NEW.due_at AND user_task_id = NEW.user_task_id"
    bodies = {
        "restricted_work_came": (
            f"AFTER INSERT ON user_task WHEN NEW.state = 'created' AND {of_new} IS NOT NULL",
            f"UPDATE user_task SET is_restricted = {mark} WHERE id = NEW.id",  # noqa: S608 - names of our own
        ),
        "restricted_work_moved": (
            f"AFTER UPDATE OF business_key, state ON user_task WHEN {_WORK_CAME_BACK}",
            f"UPDATE user_task SET is_restricted = {mark} WHERE id = NEW.id",  # noqa: S608 - as above
        ),
        "restricted_work_marked": ("AFTER UPDATE OF is_restricted ON user_task", _MARKED),
        "restricted_work_offered": (
            f"AFTER INSERT ON user_task_candidate WHEN ({_MARK_OF_TASK}) IS NOT NULL",
            f"UPDATE user_task_candidate SET is_restricted = ({_MARK_OF_TASK}) WHERE {is_it}",  # noqa: S608 - as above
        ),
        "restricted_matter_opened": (
            f"AFTER INSERT ON matter WHEN {_OF_MATTER.format(matter='NEW')} IS NOT NULL",
            _MARK.format(mark=mark, keys=_NEW),
        ),
        "restricted_matter_changed": (
            f"AFTER UPDATE OF number, enquiry_number, confidentiality, client_party_id ON matter WHEN {_MATTER_MOVED}",
            _MARK.format(mark=mark, keys=f"{_OLD}, {_NEW}"),
        ),
        "restricted_matter_gone": ("AFTER DELETE ON matter", _MARK.format(mark=mark, keys=_OLD)),
    }
    for name, (when, only, keys) in _AROUND.items():
        bodies[name] = (f"AFTER {when} WHEN {only}", _MARK.format(mark=mark, keys=keys))
    return [
        f"CREATE TRIGGER {name} {when} BEGIN {body}; END".replace("IS DISTINCT FROM", "IS NOT")
        for name, (when, body) in bodies.items()
    ]


def _on_postgresql() -> list[str]:
    mark = _of_key("postgresql", "user_task.business_key")
    in_doubt = f"coalesce({mark}, FALSE)"
    # A statement of its own: what is asked after it sees what was decided before.
    is_quiet = f"pg_try_advisory_xact_lock_shared({_LOCK_AROUND})"
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
            "TRUE",
            (
                f"IF NOT {is_quiet} THEN {wait}; {_MARK.format(mark=in_doubt, keys=_NEW)}; "
                f"ELSIF ({_OF_MATTER.format(matter='NEW')}) IS NOT NULL"
                f" THEN {wait}; {_MARK.format(mark=mark, keys=_NEW)}; END IF"
            ),
        ),
        "restricted_matter_changed": (
            "AFTER UPDATE ON matter",
            _MATTER_MOVED,
            (
                f"{wait}; {wait_old}; IF {is_quiet} THEN {_MARK.format(mark=mark, keys=f'{_OLD}, {_NEW}')}; "
                f"ELSE {_MARK.format(mark=in_doubt, keys=f'{_OLD}, {_NEW}')}; END IF"
            ),
        ),
        "restricted_matter_gone": ("AFTER DELETE ON matter", "TRUE", _MARK.format(mark=mark, keys=_OLD)),
    }
    for name, (when, only, keys) in _AROUND.items():
        wait_all = f"PERFORM pg_advisory_xact_lock({_LOCK_AROUND}); {_WAIT_FOR_ALL.format(keys=keys)}"
        bodies[name] = (f"AFTER {when}", only, f"{wait_all}; {_MARK.format(mark=mark, keys=keys)}")
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
#: In the same manner who opens a matter tells that they look at walls and rules.
_LOCK_AROUND: Final = f"1150, {_LOCKS}"
#: In one order, so that two who raise walls do not wait for each other.
_WAIT_FOR_ALL: Final = (
    "PERFORM pg_advisory_xact_lock(1150, slot) FROM (SELECT DISTINCT hashtext(key) & "  # noqa: S608 - as above
    f"{_LOCKS - 1} AS slot FROM ({{keys}}) AS touched(key) WHERE key IS NOT NULL ORDER BY slot) AS slots"
)
_OF_KEY_ON_POSTGRESQL: Final = f"""
CREATE OR REPLACE FUNCTION restricted_work_of(wanted text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  IF NOT pg_try_advisory_xact_lock_shared({_LOCK.format(key="wanted")}) THEN RETURN FALSE; END IF;
  RETURN {_of_key("postgresql", "wanted")};
END $$
"""
_OFFERED_ON_POSTGRESQL: Final = (  # noqa: S608 - names of our own
    "SELECT CASE WHEN business_key IS NOT NULL AND NOT pg_try_advisory_xact_lock_shared({lock}) THEN FALSE END"
    " INTO NEW.is_restricted FROM user_task WHERE id = NEW.user_task_id; "
    "IF NEW.is_restricted IS NULL THEN "
    "SELECT is_restricted INTO NEW.is_restricted FROM user_task WHERE id = NEW.user_task_id; END IF"
).format(lock=_LOCK.format(key="business_key"))


triggers.come_with(
    (Matter, UserTask, UserTaskCandidate, WallScope, RightRule), statements, fill=lambda dialect: [fill(dialect)]
)
