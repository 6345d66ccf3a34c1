"""What the pieces of one desk share while it is looked at, so that nothing is asked twice."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import cached_property

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from practice.correspondence import queries as letters
from practice.deadlines import queries as deadlines
from practice.deadlines.models import Deadline
from practice.people import queries as people
from tasks import facts
from tasks.desks import queries
from tasks.inbox import queries as inbox
from tasks.inbox.filters import Filters
from webui.pages.reading import OpenWork, told

#: Lines of a short list.
SHOWN = 6
DECISIONS = Filters(kinds=("approval", "decision", "conflict_check"))
HEARINGS = Filters(kinds=("hearing",))
PAYMENTS = Filters(kinds=("payment",))
WEEK = timedelta(days=7)


class Glance:
    """One look of one person at their desk."""

    def __init__(self, session: Session, actor: Actor, *, now: datetime, today: date, midnight: datetime) -> None:
        self.session = session
        self.actor = actor
        self.now = now
        #: Local date, and the instant it began.
        self.today = today
        self.midnight = midnight

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many open tasks each scope has."""
        return inbox.counts(self.session, self.actor, now=self.now)

    @cached_property
    def letters(self) -> dict[str, int]:
        """How many open letters each scope has."""
        return letters.counts(self.session, actor=self.actor, now=self.now)

    @cached_property
    def incidents(self) -> tuple[list[object], int]:
        """The steps that stand still, and how many there are."""
        found, count = queries.incidents(self.session, actor=self.actor, limit=SHOWN)
        return list(found), count

    def count_work(self, filters: Filters) -> int:
        """Count the actor's open work, theirs and offered to them, that meets filters."""
        found = inbox.counts(self.session, self.actor, now=self.now, filters=filters)
        return found["mine"] + found["group"]

    def work(self, *scopes: inbox.Scope, filters: Filters | None = None) -> list[OpenWork]:
        """Return the first tasks of these scopes, the first due first."""
        wanted, found = filters or Filters(), list[UserTask]()
        for scope in scopes:
            page = inbox.page(self.session, self.actor, scope=scope, filters=wanted, now=self.now, limit=SHOWN)
            found.extend(page.items)
        found.sort(key=lambda task: (task.due_at is None, task.due_at, task.id))
        return self.told(found[:SHOWN])

    def told(self, tasks: list[UserTask]) -> list[OpenWork]:
        """Say of tasks for whom they wait."""
        return told(self.session, tasks, actor=self.actor)

    def subjects(self, work: list[OpenWork]) -> dict[str, facts.Subject]:
        """Return what tasks are about, by number."""
        return facts.subjects(self.session, [one.task for one in work])

    def deadlines(self, scope: str) -> list[tuple[Deadline, str]]:
        """Return the deadlines of the next seven days and those that have passed."""
        found = deadlines.search(self.session, actor=self.actor, scope=scope, due_to=self.today + WEEK, limit=SHOWN)
        return list(found.items)

    def count_deadlines(self, scope: str) -> int:
        """Count them."""
        return deadlines.count(self.session, actor=self.actor, scope=scope, due_to=self.today + WEEK)

    def names(self, usernames: list[str | None]) -> dict[str, str]:
        """Return people's names."""
        return people.display_names(self.session, usernames)
