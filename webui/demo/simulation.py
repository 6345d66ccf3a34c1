"""Lives the demo firm's past: everything is done by the services that people's clicks call, on a clock of the past.

Whatever happens is put on one calendar and done in the order of time, timers in between, so numbers,
due dates and history come out as if it had been so. All of it is one transaction.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import jobs, messages, process_instances, user_tasks
from engine.actor import SYSTEM, Actor
from engine.models import UserTask
from practice.matters.models import Matter
from webui.demo.answers import Desk, answers, enquiry
from webui.demo.cases import Case
from webui.demo.cast import CAST
from webui.demo.plan import Step

#: Work that timers bring and that no way plans: done within hours.
CHORES = frozenset({"chase_conflict_decision", "chase_enquiry_decision", "chase_answer"})
#: A second person's look at a deadline: of the matter, and not of its own process.
SECOND_LOOKS = frozenset({"verify_deadline", "confirm_deadline_end"})
#: A held task for every so many that wait for a group.
_CLAIMED_SHARE = 0.4


class LostTheWay(RuntimeError):
    """A demo matter does not stand where its way says: the process changed and ``webui/demo/plan.py`` did not."""

    def __init__(self, case: Case, wanted: str, found: list[str]) -> None:
        open_tasks = ", ".join(found) or "no task"
        super().__init__(f"The demo matter of {case.client} should have '{wanted}' open and has {open_tasks}.")


class Work(NamedTuple):
    """An open user task, as much of it as somebody needs to do it."""

    id: UUID
    process_instance_id: UUID
    element_id: str
    assignee: str | None
    candidate_groups: list[str]
    created_at: datetime


_WORK = (
    sa.select(
        UserTask.id,
        UserTask.process_instance_id,
        UserTask.element_id,
        UserTask.assignee,
        UserTask.candidate_groups,
        UserTask.created_at,
    )
    .where(UserTask.state == "created")
    .order_by(UserTask.created_at)
)


@dataclass(slots=True)
class Story:
    """One enquiry on its way."""

    case: Case
    chance: random.Random
    taken_by: Actor
    intake: UUID | None = None
    matter: Matter | None = None
    #: What is left to do.
    steps: list[Step] = field(default_factory=list[Step])


class Simulation:
    """The calendar of the past and who is there to do what it says."""

    def __init__(self, session: Session, *, seed: int, today: date, actor_of: Callable[[str], Actor]) -> None:
        self.session = session
        self.seed = seed
        self.midnight = datetime.combine(today, time(), UTC)
        self.actors = {member.username: actor_of(member.username) for member in CAST}
        self._names = {member.username: member.full_name for member in CAST}
        self._calendar: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._tie = count()
        self._chores: set[UUID] = set()
        self._stories: dict[UUID, Story] = {}

    def plan(self, case: Case) -> None:
        """Put a case on the calendar so that its last step was as many days ago as its way says."""
        chance = random.Random(f"{self.seed} {case.client} {case.opponent}")  # noqa: S311 - a demo, not a secret
        steps = case.way.steps(case.value)
        ago = case.way.idle_days + sum(step.days for step in steps)
        # Former clients ring the case manager they know.
        taken_by = self.actors["priya" if case.source == "former_client" else chance.choice(("rosa", "rosa", "daniel"))]
        story = Story(case, chance, taken_by, steps=steps)
        self._at(self._moment(ago, chance), lambda now: self._receive(story, now))
        for step in steps:
            ago -= step.days
            self._at(self._moment(ago, chance), lambda now, step=step: self._do(story, step, now))

    def run(self) -> None:
        """Let everything happen up to the midnight before today."""
        while self._calendar:
            at, _, happen = heapq.heappop(self._calendar)
            self._let_timers_fire(until=at)
            happen(at)
        self._let_timers_fire(until=self.midnight)

    # -- what happens -------------------------------------------------------------------------------

    def _receive(self, story: Story, now: datetime) -> None:
        form = enquiry(story.case, now.date(), story.chance)
        instance = process_instances.start(self.session, "intake", variables=form, by=story.taken_by, now=now)
        story.intake = instance.id
        self._stories[instance.id] = story
        self._after_step(story, now)

    def _do(self, story: Story, step: Step, now: datetime) -> None:
        if step.kind == "complete":
            self._complete(story, self._open(story, step.element_id), step.choices, now)
        elif step.kind == "message":
            self._answer_by_message(story, step.element_id, now)
        else:
            self._start_second(story, step.element_id, now)
        story.steps = story.steps[1:]
        if story.matter is None:
            query = sa.select(Matter).where(Matter.enquiry_number == self._enquiry_number(story))
            story.matter = self.session.scalar(query)
        self._after_step(story, now)

    def _complete(self, story: Story, task: Work, choices: dict[str, object], now: datetime) -> None:
        by = self._doer(story, task)
        desk = Desk(
            case=story.case,
            today=now.date(),
            chance=story.chance,
            look=lambda: user_tasks.variables(self.session, user_tasks.get(self.session, task.id)),
            choices=choices,
            full_name=self._names[by.username],
        )
        user_tasks.complete(self.session, task.id, answers(task.element_id, desk), by=by, now=now)

    def _answer_by_message(self, story: Story, name: str, now: datetime) -> None:
        number = story.matter.number if story.matter else None
        said = {
            "answer_on": now.date().isoformat(),
            "answer_summary": "Sent by the court's electronic post.",
            "counterclaim": False,
        }
        messages.correlate(self.session, name, number, variables=said, message_id=f"demo-{number}", by=SYSTEM, now=now)

    def _start_second(self, story: Story, process_key: str, now: datetime) -> None:
        matter = story.matter
        if matter is None:
            raise LostTheWay(story.case, process_key, [])
        variables = {
            "client_name": matter.client_name,
            "opponent_name": matter.opponent_name,
            "case_type": matter.case_type,
            "summary": "The costs of the first proceeding are still disputed.",
            "responsible": matter.responsible,
            "matter_number": matter.number,
            "enquiry_number": matter.enquiry_number,
        }
        by = self.actors["ada"]
        process_instances.start(
            self.session, process_key, business_key=matter.number, variables=variables, by=by, now=now
        )

    def _after_step(self, story: Story, now: datetime) -> None:
        """Leave the story where it stands today, somebody perhaps holding the task."""
        if story.steps or story.case.way.stands_at is None:
            return
        wanted = story.case.way.stands_at

        def claim(then: datetime) -> None:
            task = self._open(story, wanted)
            if task.assignee is None and story.chance.random() < _CLAIMED_SHARE:
                user_tasks.claim(self.session, task.id, by=self._doer(story, task), now=then)

        def look(_then: datetime) -> None:
            self._open(story, wanted)

        # Where a timer brings the task only later, it has to be there today.
        if self._is_open(story, wanted):
            self._at(now + timedelta(hours=2), claim)
        else:
            self._at(self.midnight, look)

    # -- timers and chores --------------------------------------------------------------------------

    def _let_timers_fire(self, *, until: datetime) -> None:
        while (due := jobs.next_due_at(self.session)) is not None and due <= until:
            jobs.run_due(self._transaction, now=lambda due=due: due)
            self._plan_chores()

    @contextmanager
    def _transaction(self) -> Generator[Session]:
        with self.session.begin_nested():
            yield self.session

    def _plan_chores(self) -> None:
        self._plan_second_looks()
        for row in self.session.execute(_WORK.where(UserTask.element_id.in_(CHORES)).order_by(UserTask.element_id)):
            task = Work(*row)
            story = self._stories[task.process_instance_id]
            # Where nothing more is done, the chase is left for today, too.
            if story.steps and task.id not in self._chores:
                self._chores.add(task.id)
                at = task.created_at + timedelta(hours=story.chance.randint(1, 5))
                self._at(at, lambda now, story=story, task=task: self._chore(story, task, now))

    def _plan_second_looks(self) -> None:
        """Let whoever is asked look at a deadline within hours, but for what is asked in these days."""
        query = _WORK.add_columns(UserTask.business_key).where(UserTask.element_id.in_(SECOND_LOOKS))
        by_number = {story.matter.number: story for story in self._stories.values() if story.matter}
        for *row, number in self.session.execute(query.order_by(UserTask.business_key, UserTask.element_id)):
            task, story = Work(*row), by_number.get(number)
            if story is None or task.id in self._chores or task.created_at > self.midnight - timedelta(days=2):
                continue
            self._chores.add(task.id)
            at = task.created_at + timedelta(hours=story.chance.randint(1, 7))
            self._at(at, lambda now, story=story, task=task: self._second_look(story, task, now))

    def _second_look(self, story: Story, task: Work, now: datetime) -> None:
        if user_tasks.get(self.session, task.id).state == "created":
            self._complete(story, task, {}, now)

    def _chore(self, story: Story, task: Work, now: datetime) -> None:
        if any(open_task.id == task.id for open_task in self._tasks(story)):
            self._complete(story, task, {}, now)

    # -- who, where, when ---------------------------------------------------------------------------

    def _doer(self, story: Story, task: Work) -> Actor:
        if task.assignee:
            return self.actors[task.assignee]
        able = [member.username for member in CAST if set(member.groups) & set(task.candidate_groups)]
        return self.actors[story.chance.choice(able)]

    def _tasks(self, story: Story) -> list[Work]:
        instances = [story.intake, story.matter.process_instance_id if story.matter else None]
        wanted = _WORK.where(UserTask.process_instance_id.in_(filter(None, instances))).order_by(UserTask.element_id)
        return [Work(*row) for row in self.session.execute(wanted)]

    def _is_open(self, story: Story, element_id: str) -> bool:
        return any(task.element_id == element_id for task in self._tasks(story))

    def _open(self, story: Story, element_id: str) -> Work:
        found = self._tasks(story)
        for task in found:
            if task.element_id == element_id:
                return task
        raise LostTheWay(story.case, element_id, [task.element_id for task in found])

    def _enquiry_number(self, story: Story) -> str | None:
        return None if story.intake is None else process_instances.get(self.session, story.intake).business_key

    def _moment(self, days_ago: int, chance: random.Random) -> datetime:
        """Return some minute of the working hours of a day."""
        return self.midnight - timedelta(days=days_ago) + timedelta(hours=8, minutes=chance.randint(0, 9 * 60))

    def _at(self, at: datetime, happen: Callable[[datetime], None]) -> None:
        heapq.heappush(self._calendar, (at, next(self._tie), happen))
