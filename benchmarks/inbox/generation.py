"""Making the work: open tasks in front of people and groups, finished ones behind them, watches, snoozes, tags."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from benchmarks.firm.loading import Loader, analyse, hurried
from benchmarks.firm.plan import TODAY, username
from engine import deployments, urgency
from engine.actor import SYSTEM
from engine.database import transaction
from engine.models.user_task_candidate import NO_DUE_DATE

KINDS = ("approval", "document_request", "letter", "filing", "hearing", "payment", "review", "call")
PROCESSES = ("civil", "criminal", "arbitration", "intake", "correspondence", "timesheet")
NAMES = ("Assess the claim", "Draft the answer", "Request records", "Pay the fee", "Sign off the claim", "Call back")
#: Group -> share of what nobody holds.
OFFERED = (("lawyers", 50), ("case_managers", 25), ("secretaries", 12), ("partners", 8), ("reception", 5))
_COPIES = ("urgency", "came_at", "process_key", "kind", "priority", "business_key")
_MODEL = (
    b'<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL" targetNamespace="bench" id="d">'
    b'<process id="civil" name="Civil" isExecutable="true"><startEvent id="s" name="Begun"/>'
    b'<sequenceFlow id="f" sourceRef="s" targetRef="e"/><endEvent id="e" name="Ended"/></process></definitions>'
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much work (the issue's numbers)."""

    open: int = 100_000
    finished: int = 2_000_000
    people: int = 300
    #: Each person watches so many matters, and has put so many of their tasks aside.
    watched: int = 20
    asleep: int = 5
    tagged: float = 0.1

    def scaled(self, share: float) -> "Plan":
        """Return the same with a share of the tasks."""
        return Plan(open=max(1000, int(self.open * share)), finished=int(self.finished * share), people=self.people)


class Work:
    """The tasks of one firm on their way into its database; the firm is there."""

    def __init__(self, engine: Engine, plan: Plan, *, seed: int = 5) -> None:
        self._engine, self._plan, self._random = engine, plan, Random(seed)
        self._is_sqlite = engine.dialect.name == "sqlite"

    def generate(self) -> None:
        """Fill the tables of work."""
        with transaction(self._engine) as session:
            made = deployments.deploy(session, {"civil.bpmn": _MODEL}, by=SYSTEM, now=TODAY)
            definition = made.process_definitions[0].id
        with hurried(self._engine) as connection:
            loader = Loader(connection, lambda _what, _count: None)
            numbers = list(
                connection.execute(sa.text("SELECT number, responsible FROM matter ORDER BY opened_at DESC"))
            )
            with loader.without_indexes(["user_task"]):
                self._instances(loader, definition, [number for number, _ in numbers])
                self._finished(loader, [number for number, _ in numbers])
                self._open(loader, [tuple(row) for row in numbers])
            self._eyes(loader, connection, [number for number, _ in numbers])
        analyse(self._engine)

    def _id(self, value: UUID | None = None) -> str:
        one = value or UUID(int=self._random.getrandbits(128), version=4)
        return one.hex if self._is_sqlite else str(one)

    def _at(self, instant: datetime) -> str:
        text = instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return text if self._is_sqlite else f"{text}+00"

    def _instances(self, loader: Loader, definition: UUID, numbers: list[str]) -> None:
        self._of = {number: self._id() for number in numbers}
        at = self._at(TODAY - timedelta(days=90))
        rows = (
            (one, self._id(definition), "civil", 1, number, "active", "p020", at, at, 0, b"")
            for number, one in self._of.items()
        )
        columns = (
            "id", "definition_id", "process_key", "version", "business_key", "state", "started_by", "started_at",
            "last_progress_at", "revision", "state_blob",
        )  # fmt: skip
        loader.load("process_instance", columns, rows)

    def _task(self, number: str, assignee: str | None, groups: str, created: datetime) -> dict[str, Any]:
        random = self._random
        due = (
            None
            if random.random() < 0.1
            else created + timedelta(days=random.expovariate(1 / 25), hours=random.random())
        )
        priority = 50 if random.random() < 0.8 else random.choice((20, 40, 70, 90))
        rank = urgency.of(due_at=due, created_at=created, priority=priority)
        return {
            "id": self._id(), "process_instance_id": self._of[number], "process_key": random.choice(PROCESSES),
            "business_key": number, "element_id": "e", "name": random.choice(NAMES), "kind": random.choice(KINDS),
            "assignee": assignee, "candidate_groups": groups, "priority": priority,
            "due_at": self._at(due) if due else None, "created_at": self._at(created), "state": "created",
            "properties": "{}", "urgency": rank, "ended_at": None, "ended_by": None,
        }  # fmt: skip

    def _finished(self, loader: Loader, numbers: list[str]) -> None:
        def rows() -> Iterator[tuple[Any, ...]]:
            for _ in range(self._plan.finished):
                created = TODAY - timedelta(days=100 + self._random.random() * 3000)
                task = self._task(
                    self._random.choice(numbers), username(self._random.randrange(10, 210)), "[]", created
                )
                task |= {"state": "completed", "ended_at": task["created_at"], "ended_by": task["assignee"]}
                yield tuple(task.values())

        loader.load("user_task", tuple(self._task(numbers[0], None, "[]", TODAY)), rows())

    def _open(self, loader: Loader, matters: list[tuple[Any, ...]]) -> None:
        random, tasks, candidates = self._random, [], []
        groups, weights = zip(*OFFERED, strict=True)
        recent = matters[: max(50, len(matters) // 4)]
        for _ in range(self._plan.open):
            number, responsible = random.choice(recent)
            held = random.random() < 0.6
            offered = sorted(set(random.choices(groups, weights, k=2 if random.random() < 0.1 else 1)))
            holder = (
                (responsible if random.random() < 0.7 else username(random.randrange(self._plan.people)))
                if held
                else None
            )
            created = TODAY - timedelta(days=random.expovariate(1 / 20))
            task = self._task(number, holder, "[" + ",".join(f'"{one}"' for one in offered) + "]", created)
            tasks.append(tuple(task.values()))
            due_at = task["due_at"] or self._at(NO_DUE_DATE)
            copies = [task["urgency"], task["created_at"], *(task[name] for name in _COPIES[2:])]
            principals = [f"user:{holder}"] if holder else [f"group:{one}" for one in offered]
            candidates += [(principal, due_at, task["id"], *copies) for principal in principals]
        loader.load("user_task", tuple(task), tasks)
        loader.load("user_task_candidate", ("principal", "due_at", "user_task_id", *_COPIES), candidates)

    def _eyes(self, loader: Loader, connection: Connection, numbers: list[str]) -> None:
        random, plan, at = self._random, self._plan, self._at(TODAY)
        watches = [
            (self._id(), username(n), number, at)
            for n in range(plan.people)
            for number in random.sample(numbers[: len(numbers) // 4], min(plan.watched, len(numbers) // 8))
        ]
        loader.load("watch", ("id", "username", "business_key", "created_at"), watches)
        held = sa.text(
            "SELECT principal, user_task_id FROM user_task_candidate "
            "WHERE principal LIKE 'user:%' ORDER BY user_task_id"
        )
        aside: dict[str, list[str]] = {}
        for principal, task_id in connection.execute(held):
            aside.setdefault(principal[5:], []).append(str(task_id))
        until = self._at(TODAY + timedelta(days=7))
        rows = [(who, one, True, until, at) for who, ids in aside.items() for one in ids[: plan.asleep]]
        loader.load("snooze", ("username", "user_task_id", "is_held", "until", "created_at"), rows)
        tag, entry = self._id(), ("tag", "bench", "Bench", "bench/", True, 0, at, "system")
        columns = ("id", "directory", "key", "name", "path", "is_active", "position", "created_at", "created_by")
        loader.load("directory_entry", columns, [(tag, *entry)])
        ids = [str(one) for one in connection.scalars(sa.text("SELECT id FROM matter"))]
        tagged = random.sample(ids, int(len(ids) * plan.tagged))
        loader.load("matter_tag", ("matter_id", "tag_id"), [(one, tag) for one in tagged])
