"""Who has a matter as their own, kept as rows, so that nobody's list costs what the firm has.

``matter_access`` holds one row for each person on a matter's team and for each person or group in front of whom
an open user task of it lies. The database keeps it by triggers, whoever writes: operations, imports, the engine.
"""

from datetime import datetime
from typing import Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from engine.models import UserTask, UserTaskCandidate, triggers
from engine.models.base import Base
from practice.matters.models import Matter, MatterMember


class MatterAccess(Base):
    """One principal (``user:ana``, ``group:lawyers``) who has a matter as their own; written by triggers alone."""

    __tablename__ = "matter_access"
    __table_args__ = (
        sa.Index("ix_matter_access_matter_id", "matter_id", "principal"),
        sa.Index("ix_matter_access_number", "principal", "number", "matter_id"),
        {"sqlite_with_rowid": False},
    )

    principal: Mapped[str] = mapped_column(sa.String(160), primary_key=True)
    #: The matter's, so that the newest are read first without looking at the others.
    opened_at: Mapped[datetime] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(sa.ForeignKey("matter.id", ondelete="CASCADE"), primary_key=True)
    #: The matter's, so that tasks and instances are compared without looking at it.
    number: Mapped[str] = mapped_column(sa.String(40))


_ADD: Final = (
    "INSERT INTO matter_access (principal, opened_at, matter_id, number) "
    "SELECT {principal}, m.opened_at, m.id, m.number FROM {source} WHERE {where} "
    # Touching the row makes a transaction that is about to take it away wait, and look again.
    "ON CONFLICT (principal, opened_at, matter_id) DO UPDATE SET number = excluded.number"
)
_WITHOUT_REASON: Final = (
    " AND NOT EXISTS (SELECT 1 FROM matter_member r WHERE r.matter_id = matter_access.matter_id"
    " AND 'user:' || r.username = matter_access.principal AND r.until IS NULL)"
    " AND NOT EXISTS (SELECT 1 FROM user_task t JOIN user_task_candidate c ON c.user_task_id = t.id"
    " WHERE t.business_key = matter_access.number AND c.principal = matter_access.principal)"
)
#: Takes away what no member and no open task is a reason for any more.
_DROP: Final = (
    "DELETE FROM matter_access WHERE principal = {principal} "  # noqa: S608 - names of our own
    "AND matter_id IN (SELECT m.id FROM {source} WHERE {where})" + _WITHOUT_REASON
)
_OF_MEMBER: Final = {"source": "matter m"}
_OF_TASK: Final = {"source": "user_task t JOIN matter m ON m.number = t.business_key"}


def _member(row: str, template: str, condition: str = "") -> str:
    where = f"m.id = {row}.matter_id{condition}"
    return template.format(principal=f"'user:' || {row}.username", where=where, **_OF_MEMBER)


def _candidate(row: str, template: str) -> str:
    return template.format(principal=f"{row}.principal", where=f"t.id = {row}.user_task_id", **_OF_TASK)


_REMAKE_TASK: Final = (
    "DELETE FROM matter_access WHERE number = OLD.business_key AND principal IN "  # noqa: S608 - as above
    "(SELECT c.principal FROM user_task_candidate c WHERE c.user_task_id = NEW.id)" + _WITHOUT_REASON,
    _ADD.format(
        principal="c.principal",
        source="user_task_candidate c JOIN matter m ON m.number = NEW.business_key",
        where="c.user_task_id = NEW.id",
    ),
)
_NEW_MATTER: Final = _ADD.format(
    principal="c.principal",
    source=(
        "matter m JOIN user_task t ON t.business_key = m.number JOIN user_task_candidate c ON c.user_task_id = t.id"
    ),
    where="m.id = NEW.id",
)
#: Trigger -> when, and what then; the migration runs the same.
RULES: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "access_joined": ("AFTER INSERT ON matter_member", (_member("NEW", _ADD, " AND NEW.until IS NULL"),)),
    "access_member_changed": (
        "AFTER UPDATE ON matter_member",
        (_member("OLD", _DROP), _member("NEW", _ADD, " AND NEW.until IS NULL")),
    ),
    "access_member_gone": ("AFTER DELETE ON matter_member", (_member("OLD", _DROP),)),
    "access_offered": ("AFTER INSERT ON user_task_candidate", (_candidate("NEW", _ADD),)),
    "access_offer_gone": ("AFTER DELETE ON user_task_candidate", (_candidate("OLD", _DROP),)),
    "access_offer_changed": (
        "AFTER UPDATE OF principal, user_task_id ON user_task_candidate",
        (_candidate("OLD", _DROP), _candidate("NEW", _ADD)),
    ),
    "access_task_renamed": ("AFTER UPDATE OF business_key ON user_task", _REMAKE_TASK),
    "access_task_gone": (
        "BEFORE DELETE ON user_task",
        ("DELETE FROM user_task_candidate WHERE user_task_id = OLD.id",),
    ),
    "access_matter_opened": ("AFTER INSERT ON matter", (_NEW_MATTER,)),
    "access_matter_changed": (
        "AFTER UPDATE OF number, opened_at ON matter",
        (
            "UPDATE matter_access SET number = NEW.number, opened_at = NEW.opened_at WHERE matter_id = NEW.id",
            _NEW_MATTER,
        ),
    ),
}
#: Fills the table from what is there.
FILL: Final = (
    _ADD.format(
        principal="'user:' || r.username",
        source="matter_member r JOIN matter m ON m.id = r.matter_id",
        where="r.until IS NULL",
    ),
    _ADD.format(
        principal="c.principal",
        source=(
            "user_task_candidate c JOIN user_task t ON t.id = c.user_task_id JOIN matter m ON m.number = t.business_key"
        ),
        where="t.business_key IS NOT NULL",
    ),
)


def statements(dialect: str) -> list[str]:
    """Return what makes the triggers on one kind of database."""
    made: list[str] = []
    for name, (when, actions) in RULES.items():
        if dialect == "sqlite":
            made.append(f"CREATE TRIGGER {name} {when} BEGIN {'; '.join(actions)}; END")
            continue
        body = "; ".join(_waiting(action) for action in actions)
        answer = "OLD" if "DELETE" in when else "NEW"
        made += [
            (
                f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql "
                f"AS $$ BEGIN {body}; RETURN {answer}; END $$"
            ),
            f"CREATE TRIGGER {name} {when} FOR EACH ROW EXECUTE FUNCTION {name}()",
        ]
    return made


def _waiting(action: str) -> str:
    """Let a deletion wait for who is giving the row a new reason; the deletion itself looks afresh then."""
    if not action.startswith("DELETE FROM matter_access WHERE "):
        return action
    rows = action.removeprefix("DELETE FROM matter_access WHERE ").removesuffix(_WITHOUT_REASON)
    return f"PERFORM 1 FROM matter_access WHERE {rows} FOR UPDATE; {action}"


triggers.come_with(
    (Matter, MatterMember, MatterAccess, UserTask, UserTaskCandidate),
    statements,
    fill=lambda _: ["DELETE FROM matter_access", *FILL],
)
