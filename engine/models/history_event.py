"""What happened, in the order it happened; rows are only ever added, and the database itself sees to that."""

from datetime import datetime
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.orm import Mapped, mapped_column

from engine.models.base import Base


class HistoryEvent(Base):
    """One thing that happened to a process instance: who, when, and what was before and after."""

    __tablename__ = "history_event"
    __table_args__ = (sa.Index("ix_history_event_process_instance_id", "process_instance_id", "id"),)

    #: Grows with time; on both databases a 64-bit integer.
    id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True)
    process_instance_id: Mapped[UUID] = mapped_column(sa.ForeignKey("process_instance.id"))
    #: In the past tense: ``user_task_completed``.
    kind: Mapped[str] = mapped_column(sa.String(40))
    element_id: Mapped[str | None] = mapped_column(sa.String(200))
    user_task_id: Mapped[UUID | None]
    actor: Mapped[str] = mapped_column(sa.String(150))
    at: Mapped[datetime]
    data: Mapped[dict[str, Any] | None]


# A trigger and not only our own good manners: what happened cannot be changed by another program either, or by a
# mistake at the database's prompt. The migrations 20261122_0640 and 20261122_1330
# say the same.
_REFUSAL = "history_event rows are never changed and never deleted"
_SQLITE = [
    f"""CREATE TRIGGER IF NOT EXISTS history_event_is_never_{done} BEFORE {verb} ON history_event
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""
    for verb, done in (("UPDATE", "changed"), ("DELETE", "deleted"))
] + [
    # INSERT OR REPLACE deletes without asking the trigger above.
    f"""CREATE TRIGGER IF NOT EXISTS history_event_is_never_replaced BEFORE INSERT ON history_event
    WHEN EXISTS (SELECT 1 FROM history_event WHERE id = NEW.id)
    BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"""  # noqa: S608 - our own text
]
_POSTGRESQL = [
    f"""CREATE OR REPLACE FUNCTION history_event_refuse() RETURNS trigger LANGUAGE plpgsql
    AS $$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'integrity_constraint_violation'; END $$""",
    """CREATE TRIGGER history_event_is_never_changed BEFORE UPDATE OR DELETE ON history_event
    FOR EACH ROW EXECUTE FUNCTION history_event_refuse()""",
    """CREATE TRIGGER history_event_is_never_truncated BEFORE TRUNCATE ON history_event
    FOR EACH STATEMENT EXECUTE FUNCTION history_event_refuse()""",
]
for _dialect, _statements in (("sqlite", _SQLITE), ("postgresql", _POSTGRESQL)):
    for _statement in _statements:
        _ddl = sa.DDL(_statement).execute_if(dialect=_dialect)
        event.listen(cast("sa.Table", HistoryEvent.__table__), "after_create", _ddl)
