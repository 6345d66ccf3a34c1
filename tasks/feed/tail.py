"""Following the history: the user tasks that changed since the last look, in every process that writes it.

The history is the feed. Every change of a user task appends to it in its own transaction, so nothing is written for
the sake of those who look on, and no change that was rolled back is ever told. One tail serves a whole server.

A number of the history is given out before its transaction commits: on PostgreSQL a smaller number may come to light
after a larger one. The tail remembers the numbers that it missed and asks for them again.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import HistoryEvent, UserTask, UserTaskCandidate
from tasks.helpers.models import TaskHelper
from tasks.watching.models import Watch

#: What happens to a user task, by its event.
KINDS = (
    "user_task_created",
    "user_task_claimed",
    "user_task_unclaimed",
    "user_task_assigned",
    "user_task_delegated",
    "user_task_resolved",
    "user_task_completed",
    "user_task_cancelled",
    "user_task_reopened",
    "user_task_escalated",
)
#: Those whose facts say whom it was taken from and given to.
TELLING = tuple(kind for kind in KINDS if kind not in ("user_task_completed", "user_task_cancelled"))
#: Events read at a time; when there are more, everybody looks for themselves.
MOST = 2000
#: Events before the tail's beginning among which a number may still be missing.
BEFORE = 500
#: A number that did not come by then belongs to a transaction that was rolled back.
GIVEN_UP = timedelta(minutes=5)
#: A number that is missing no longer than this holds back what a reader may say it has read.
HELD_BACK = timedelta(seconds=30)

_COLUMNS = sa.select(
    HistoryEvent.id,
    HistoryEvent.kind,
    HistoryEvent.user_task_id,
    HistoryEvent.actor,
    HistoryEvent.at,
    # Answers are large, and none of the feed's business.
    sa.type_coerce(
        sa.case((HistoryEvent.kind.in_(TELLING), HistoryEvent.data)),
        HistoryEvent.data.type,
    ).label("data"),
    UserTask.candidate_groups,
    UserTask.assignee,
    UserTask.owner,
    UserTask.ended_by,
).outerjoin(UserTask, UserTask.id == HistoryEvent.user_task_id)
_AFTER = _COLUMNS.where(HistoryEvent.id > sa.bindparam("after")).order_by(HistoryEvent.id).limit(MOST + 1)


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that happened to one user task."""

    #: Of the event in the history.
    id: int
    #: One of ``KINDS``.
    kind: str
    user_task_id: UUID
    #: The username of who did it.
    actor: str
    at: datetime
    #: Whom it concerns by the names under which work is offered: before and after.
    principals: frozenset[str]


class Reading(NamedTuple):
    """What a look at the history found."""

    changes: list[Change]
    #: There was more than is worth telling one by one: whoever looks on had better look anew.
    is_too_much: bool = False


@dataclass(slots=True)
class Tail:
    """Where one server has got to in the history; used by one thread."""

    _last: int | None = None
    #: Numbers that were passed over, and since when they are missed.
    _missing: dict[int, datetime] = field(default_factory=dict[int, datetime])

    def begin(self, session: Session, *, now: datetime) -> None:
        """Begin at the end of what is there: only what comes after is told."""
        self._last = session.scalar(sa.select(sa.func.max(HistoryEvent.id))) or 0
        self._missing = {}
        known = sa.select(HistoryEvent.id).where(HistoryEvent.id > self._last - BEFORE)
        there = set(session.scalars(known))
        self._miss(set(range(min(there, default=self._last), self._last)) - there, now)

    def read(self, session: Session, *, now: datetime) -> Reading:
        """Return what happened since the last look, oldest first."""
        if self._last is None:
            self.begin(session, now=now)
            return Reading([])
        rows = list(session.execute(_AFTER, {"after": self._last}))
        if len(rows) > MOST:
            self.begin(session, now=now)
            return Reading([], is_too_much=True)
        late = self._late(session, now) if self._missing else []
        if rows:
            came = {row.id for row in rows}
            self._miss(set(range(self._last + 1, rows[-1].id)) - came, now)
            self._last = rows[-1].id
        return Reading(_changes(session, [*late, *rows]))

    def mark(self, now: datetime) -> int:
        """Return the number up to which everything was read; what comes to light later is above it."""
        fresh = [number for number, since in self._missing.items() if now - since < HELD_BACK]
        return min(fresh) - 1 if fresh else self._last or 0

    def _late(self, session: Session, now: datetime) -> list[Any]:
        rows = list(session.execute(_COLUMNS.where(HistoryEvent.id.in_(list(self._missing))).order_by(HistoryEvent.id)))
        for row in rows:
            del self._missing[row.id]
        self._missing = {number: since for number, since in self._missing.items() if now - since < GIVEN_UP}
        return rows

    def _miss(self, numbers: set[int], now: datetime) -> None:
        self._missing |= dict.fromkeys(numbers, now)
        while len(self._missing) > BEFORE:
            del self._missing[min(self._missing)]


def since(session: Session, after: int) -> Reading:
    """Return what happened after the event ``after``, for somebody who was away for a while."""
    rows = list(session.execute(_AFTER, {"after": after}))
    if len(rows) > MOST:
        return Reading([], is_too_much=True)
    return Reading(_changes(session, rows))


def _changes(session: Session, rows: Sequence[Any]) -> list[Change]:
    told = [row for row in rows if row.kind in KINDS and row.candidate_groups is not None]
    beside = _beside(session, {row.user_task_id for row in told}) if told else {}
    return [_change(row, beside.get(row.user_task_id, ())) for row in told]


def _beside(session: Session, user_task_ids: Collection[UUID]) -> dict[UUID, set[str]]:
    """Return whom else tasks concern: those in front of whom they stand for another, who help and who watch."""
    ids = list(user_task_ids)
    person = sa.literal("user:")
    found = sa.union_all(
        sa.select(UserTaskCandidate.user_task_id, UserTaskCandidate.principal).where(
            UserTaskCandidate.user_task_id.in_(ids)
        ),
        sa.select(TaskHelper.user_task_id, person + TaskHelper.username).where(
            TaskHelper.user_task_id.in_(ids), TaskHelper.ended_at.is_(None)
        ),
        sa.select(Watch.user_task_id, person + Watch.username).where(Watch.user_task_id.in_(ids)),
        sa.select(UserTask.id, person + Watch.username)
        .join(Watch, Watch.business_key == UserTask.business_key)
        .where(UserTask.id.in_(ids)),
    )
    beside = defaultdict[UUID, set[str]](set)
    for user_task_id, principal in session.execute(found):
        beside[user_task_id].add(principal)
    return beside


def _change(row: Any, beside: Iterable[str]) -> Change:
    facts: dict[str, Any] = row.data or {}
    named: list[Any] = [facts.get(name) for name in ("before", "after", "assignee")]
    people: set[str | None] = {row.assignee, row.owner, row.ended_by, *named}
    principals = {f"user:{name}" for name in people if name} | {f"group:{name}" for name in row.candidate_groups}
    principals.update(beside)
    return Change(row.id, row.kind, row.user_task_id, row.actor, row.at, frozenset(principals))
