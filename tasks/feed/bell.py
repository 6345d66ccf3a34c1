"""Hearing that somebody was told something: a new notice, or a further round of a reminder.

What it is nobody learns here: whoever is named looks anew, with their own rights.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.models import UserTaskCandidate
from practice.notices.models import Notice
from tasks.reminders.models import Reminder

#: Not looked at more often: nobody waits for a notice as for an answer.
PAUSE = timedelta(seconds=0.7)
#: What is written within a transaction comes to light this much later at most.
LATE = timedelta(seconds=10)
#: Told at a time; of more, the rest hears with what comes next.
_MOST = 2000


@dataclass(slots=True)
class Bell:
    """What one server has rung for; used by one thread."""

    _last: datetime | None = None
    #: Notices and rounds that were rung for, with their time.
    _rung: dict[tuple[Any, ...], datetime] = field(default_factory=dict[tuple[Any, ...], datetime])

    def listen(self, session: Session, *, now: datetime) -> frozenset[str]:
        """Return in front of whom something new stands: people and groups as work is offered to them."""
        if self._last is not None and now - self._last < PAUSE:
            return frozenset()
        is_first, since = self._last is None, now - LATE
        self._last = now
        new: set[str] = set()
        for principal, at, *key in self._told(session, since):
            if tuple(key) not in self._rung:
                new.add(principal)
            self._rung[tuple(key)] = at
        self._rung = {key: at for key, at in self._rung.items() if at >= since}
        return frozenset() if is_first else frozenset(new)

    def _told(self, session: Session, since: datetime) -> list[Any]:
        notices = sa.select("user:" + Notice.username, Notice.created_at, Notice.id).where(Notice.created_at >= since)
        rounds = (
            sa.select(
                UserTaskCandidate.principal,
                Reminder.told_at,
                Reminder.user_task_id,
                Reminder.round,
                UserTaskCandidate.principal,
            )
            .join(UserTaskCandidate, UserTaskCandidate.user_task_id == Reminder.user_task_id)
            .where(Reminder.told_at >= since)
        )
        return [*session.execute(notices.limit(_MOST)), *session.execute(rounds.limit(_MOST))]
