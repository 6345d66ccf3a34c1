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
from benchmarks.kept import Stage, keeps_work
from engine import deployments, urgency
from engine.actor import SYSTEM
from engine.database import transaction
from engine.models.user_task_candidate import NO_DUE_DATE

KINDS = ("approval", "document_request", "letter", "filing", "hearing", "payment", "review", "call")
PROCESSES = ("civil", "criminal", "arbitration", "intake", "correspondence", "timesheet")
NAMES = ("Assess the claim", "Draft the answer", "Request records", "Pay the fee", "Sign off the claim", "Call back")
#: Group -> share of what nobody holds.
OFFERED = (("lawyers", 50), ("case_managers", 25), ("secretaries", 12), ("partners", 8), ("reception", 5))
_COLUMNS = (
    "id", "process_instance_id", "process_key", "business_key", "element_id", "name", "kind", "assignee",
    "candidate_groups", "priority", "due_at", "created_at", "state", "properties", "urgency", "ended_at", "ended_by",
)  # fmt: skip
_COPIES = ("urgency", "came_at", "process_key", "kind", "priority", "business_key")
#: Finished tasks draw when they came and were due, and how urgent they were, from so many.
_LIVES = 100_000
_BATCH = 20_000
_SINCE_DAYS = 3000
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
            matters = [
                (row.number, row.responsible)
                for row in connection.execute(sa.text("SELECT number, responsible FROM matter ORDER BY opened_at DESC"))
            ]
            with loader.without_indexes(["process_instance", "user_task"]):
                with loader.unchecked():
                    self._instances(loader, definition, [number for number, _ in matters])
                    self._finished(loader)
                self._open(loader, matters)
            self._eyes(loader, connection, [number for number, _ in matters])
        analyse(self._engine)

    def _id(self, part: float | None = None) -> str:
        """Return a new id anywhere among all, or at this part of the way: ids in order are written much faster."""
        bits = self._random.getrandbits(128)
        if part is not None:
            bits = (int(part * 2**48) << 80) | (bits & (2**80 - 1))
        text = f"{bits:032x}"
        text = f"{text[:12]}4{text[13:16]}8{text[17:]}"
        return text if self._is_sqlite else f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"

    def _at(self, instant: datetime) -> str:
        text = instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return text if self._is_sqlite else f"{text}+00"

    def _instances(self, loader: Loader, definition: UUID, numbers: list[str]) -> None:
        self._of = {number: self._id(n / len(numbers)) for n, number in enumerate(numbers)}
        known_as = definition.hex if self._is_sqlite else str(definition)
        at = self._at(TODAY - timedelta(days=90))
        rows = (
            (one, known_as, "civil", 1, number, "active", "p020", at, at, 0, b"") for number, one in self._of.items()
        )
        columns = (
            "id", "definition_id", "process_key", "version", "business_key", "state", "started_by", "started_at",
            "last_progress_at", "revision", "state_blob",
        )  # fmt: skip
        loader.load("process_instance", columns, rows)

    def _life(self, created: datetime) -> tuple[str, str | None, int, int]:
        """Draw when a task is due and its priority; return also when it came and how urgent that makes it."""
        random = self._random
        due = None
        if random.random() >= 0.1:
            due = created + timedelta(days=random.expovariate(1 / 25), hours=random.random())
        priority = 50 if random.random() < 0.8 else random.choice((20, 40, 70, 90))
        rank = urgency.of(due_at=due, created_at=created, priority=priority)
        return self._at(created), self._at(due) if due else None, priority, rank

    def _finished(self, loader: Loader) -> None:
        plan, random, instances = self._plan, self._random, list(self._of.items())
        people = [username(number) for number in range(10, 210)]
        came = sorted(100 + random.random() * _SINCE_DAYS for _ in range(min(_LIVES, plan.finished)))
        lives = [self._life(TODAY - timedelta(days=days)) for days in reversed(came)]

        def rows() -> Iterator[tuple[Any, ...]]:
            for first in range(0, plan.finished, _BATCH):
                size = min(_BATCH, plan.finished - first)
                drawn = zip(
                    range(first, first + size),
                    *(random.choices(some, k=size) for some in (instances, PROCESSES, NAMES, KINDS, people)),
                    strict=True,
                )
                for number, (matter, instance), process, name, kind, who in drawn:
                    created, due, priority, rank = lives[number * len(lives) // plan.finished]
                    yield (
                        self._id(number / plan.finished), instance, process, matter, "e", name, kind, who, "[]",
                        priority, due, created, "completed", "{}", rank, created, who,
                    )  # fmt: skip

        loader.load("user_task", _COLUMNS, rows())

    def _open(self, loader: Loader, matters: list[tuple[str, str]]) -> None:
        random, tasks, candidates = self._random, [], []
        groups, weights = zip(*OFFERED, strict=True)
        recent = matters[: max(50, len(matters) // 4)]
        for days in sorted((random.expovariate(1 / 20) for _ in range(self._plan.open)), reverse=True):
            number, responsible = random.choice(recent)
            held = random.random() < 0.6
            offered = sorted(set(random.choices(groups, weights, k=2 if random.random() < 0.1 else 1)))
            holder = None
            if held:
                holder = responsible if random.random() < 0.7 else username(random.randrange(self._plan.people))
            created, due, priority, rank = self._life(TODAY - timedelta(days=days))
            task_id, process, kind = self._id(), random.choice(PROCESSES), random.choice(KINDS)
            written = "[" + ",".join(f'"{one}"' for one in offered) + "]"
            tasks.append((
                task_id, self._of[number], process, number, "e", random.choice(NAMES), kind, holder, written, priority,
                due, created, "created", "{}", rank, None, None,
            ))  # fmt: skip
            copies = (rank, created, process, kind, priority, number)
            principals = [f"user:{holder}"] if holder else [f"group:{one}" for one in offered]
            candidates += [(principal, due or self._at(NO_DUE_DATE), task_id, *copies) for principal in principals]
        loader.load("user_task", _COLUMNS, tasks)
        loader.load("user_task_candidate", ("principal", "due_at", "user_task_id", *_COPIES), sorted(candidates))

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
        rows = [
            (who, one, True, until, at)
            for who, ids in aside.items()
            for one in random.sample(ids, min(plan.asleep, len(ids)))
        ]
        loader.load("snooze", ("username", "user_task_id", "is_held", "until", "created_at"), rows)
        tag, entry = self._id(), ("tag", "bench", "Bench", "bench/", True, 0, at, "system")
        columns = ("id", "directory", "key", "name", "path", "is_active", "position", "created_at", "created_by")
        loader.load("directory_entry", columns, [(tag, *entry)])
        ids = [str(one) for one in connection.scalars(sa.text("SELECT id FROM matter"))]
        tagged = random.sample(ids, int(len(ids) * plan.tagged))
        loader.load("matter_tag", ("matter_id", "tag_id"), [(one, tag) for one in tagged])


def stage(plan: Plan) -> Stage:
    """Return the making of the work, which is large and seldom kept."""
    return Stage("work", plan, ("inbox",), lambda engine: Work(engine, plan).generate(), is_kept=keeps_work())
