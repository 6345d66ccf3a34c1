"""Plays the same story on the engine as on the token game, storing and restoring the instance at every step."""

from collections import Counter
from contextlib import contextmanager
from itertools import count

import pytest
import sqlalchemy as sa

from engine import (
    definitions,
    delegates,
    deployments,
    history,
    incidents,
    jobs,
    messages,
    migrations,
    process_instances,
    user_tasks,
)
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.errors import ProcessInstanceNotActive, UserTaskNotOpen
from engine.findings import has_errors
from engine.models import Job, MessageSubscription, ProcessInstance, UserTask
from tests.engine.model_checking.graph import Graph, as_bpmn
from tests.factories import ANA, CHIEF, NOON


class World:
    """What delegates meet: all works, all fails, or everything is done later."""

    mood = "works"


@delegates.delegate("tests.world")
def work(session, call):
    """Do nothing; the players say what came of it."""


def neighbourhood(wait, waits, places_of):
    """Say what else waits around a wait, scope by scope outward: it tells twins of several scopes apart."""
    inside = [(other, {id(place) for place in places_of(other)}) for other in waits]
    return [
        sorted((other.kind, _element(other)) for other, places in inside if id(place) in places)
        for place in places_of(wait)
    ]


def _element(wait):
    return wait.element if isinstance(wait.element, str) else wait.element.id


def twins(run, wait, game):
    """Return the engine's waits for the same element, those first that stand where the game's stands and know the same."""
    waits = list(run.waiting().values())
    wanted = neighbourhood(wait, game.waits(), lambda other: other.places)
    memory = {name: value for name, (_, value) in wait.memory.items()}

    def places(item):
        workflow = run.token(item.spiff_task_id).workflow
        found = [workflow]
        while workflow.parent_task_id is not None:
            workflow = run.token(workflow.parent_task_id).workflow
            found.append(workflow)
        return found

    def differences(item):
        data = run.token(item.spiff_task_id).data
        unlike = sum(data.get(name) != value for name, value in memory.items())
        return neighbourhood(item, waits, places) != wanted, unlike

    return sorted((i for i in waits if (i.kind, i.element.id) == (wait.kind, wait.element)), key=differences)


class RunPlayer:
    """An instance in memory; between two steps only its stored bytes exist."""

    def __init__(self, graph: Graph, world: World) -> None:
        content = as_bpmn(graph)
        self.compiled = compile_process("proc", {"proc.bpmn": content}, {})
        self.world = world
        self.thrown: Counter = Counter()
        self._store(Run.start(self.compiled, {}, NOON))

    def _store(self, run) -> None:
        run.advance(self._perform)
        self.thrown.update(name for name, _ in _thrown(run))
        before = _seen(run)
        self.blob = run.dump()
        again = self.run()
        assert _seen(again) == before, "a restored instance waits for the same"
        assert again.dump() == self.blob or _seen(Run.restore(again.dump(), self.compiled, NOON)) == before

    def _perform(self, call):
        if self.world.mood == "fails":
            raise RuntimeError("the scanner is on fire")
        return None if self.world.mood == "job" else {}

    def run(self) -> Run:
        return Run.restore(self.blob, self.compiled, NOON)

    def waits(self) -> Counter:
        return Counter((item.kind, item.element.id) for item in self.run().waiting().values())

    def can(self, wait) -> bool:
        return True

    def happen(self, wait, answers, game) -> object:
        run = self.run()
        item = twins(run, wait, game)[0]
        self._act(run, item, answers)
        self._store(run)
        return item

    def _act(self, run, item, answers):
        match item.kind:
            case "user_task":
                run.complete_user_task(item.spiff_task_id, answers)
            case "delegate":
                run.complete_delegate(item.spiff_task_id, {})
            case "timer":
                assert run.fire_timer(item.spiff_task_id, item.index)
            case "message":
                assert run.receive("message", item.spiff_task_id, item.name, answers)

    def happen_again(self, item) -> bool:
        """Try the same once more; say whether the engine took it."""
        run = self.run()
        if item.key in run.waiting():
            return False  # it waits anew, as an event that does not interrupt does
        try:
            match item.kind:
                case "user_task":
                    run.complete_user_task(item.spiff_task_id, {})
                case "delegate":
                    run.complete_delegate(item.spiff_task_id, {})
                case "timer":
                    return run.fire_timer(item.spiff_task_id, item.index)
                case "message":
                    return run.receive("message", item.spiff_task_id, item.name, {})
        except LookupError:
            return False
        return True

    def retry(self) -> None:
        run = self.run()
        for token in list(run.workflow.all_tokens()):
            run.retry(token.id)
        self._store(run)

    @property
    def finished(self) -> bool:
        return self.run().is_finished

    @property
    def stuck(self) -> bool:
        return self.run().is_stuck


def _thrown(run):
    return [(item[0], item) if isinstance(item, tuple) else (item.name, item) for item in run.thrown]


def _seen(run):
    return sorted((item.kind, item.element.id, str(item.due_at), item.name or "") for item in run.waiting().values())


def errors_of(graph: Graph) -> list:
    """Return what the engine would refuse the model for."""
    findings = deployments.check({"proc.bpmn": as_bpmn(graph)})
    return [finding for finding in findings if finding.severity == "error"] if has_errors(findings) else []


class ServicePlayer:
    """An instance in a database, moved as people, other programs and the job worker move it."""

    def __init__(self, graph: Graph, world: World, session) -> None:
        self.session, self.world = session, world
        delegates._registry["tests.world"] = self._work
        self.content = as_bpmn(graph)
        deployments.deploy(session, {"proc.bpmn": self.content}, by=CHIEF, now=NOON)
        self.version = 1
        self.id = process_instances.start(session, "proc", business_key="M-1", by=ANA, now=NOON).id

    def _work(self, session, call):
        if self.world.mood == "fails":
            raise RuntimeError("the scanner is on fire")

    def _rows(self):
        self.session.expire_all()
        tasks = self.session.scalars(sa.select(UserTask).filter_by(process_instance_id=self.id, state="created"))
        timers = self.session.scalars(sa.select(Job).filter_by(process_instance_id=self.id, kind="timer"))
        messages = self.session.scalars(sa.select(MessageSubscription).filter_by(process_instance_id=self.id))
        for kind, rows in (("user_task", tasks), ("timer", timers), ("message", messages)):
            for row in rows:
                yield kind, row

    def waits(self) -> Counter:
        return Counter((kind, row.element_id) for kind, row in self._rows())

    def _run(self) -> Run:
        stored = sa.select(ProcessInstance.state_blob, ProcessInstance.definition_id).filter_by(id=self.id)
        blob, definition_id = self.session.execute(stored).one()
        return Run.restore(blob, definitions.compiled(self.session, definition_id).process, NOON)

    def can(self, wait) -> bool:
        """Of several that wait for one message the oldest takes it: nobody chooses."""
        return wait.kind != "message" or self.waits()[wait.kind, wait.element] == 1

    def happen(self, wait, answers, game) -> object:
        wanted = twins(self._run(), wait, game)[0].spiff_task_id
        kind, row = next(
            (k, r)
            for k, r in self._rows()
            if (k, r.element_id) == (wait.kind, wait.element)
            and wanted == (r.id if k == "user_task" else r.spiff_task_id)
        )
        if kind != "message":
            self._cannot_while_suspended(kind, row, answers)
        match kind:
            case "user_task":
                user_tasks.complete(self.session, row.id, answers, by=ANA, now=NOON)
                return kind, row.id
            case "message":
                return kind, self._send(row.name, answers)
            case "timer":
                row.due_at = NOON
                self.session.flush()
                assert self._run_jobs() == 1
                return kind, None

    def _send(self, name, answers):
        message_id = f"mail-{next(_mails)}"
        outcome = messages.correlate(
            self.session, name, "M-1", variables=answers, message_id=message_id, by=ANA, now=NOON
        )
        assert not outcome.duplicate
        return name, message_id

    def _run_jobs(self):
        @contextmanager
        def same_transaction():
            yield self.session

        return jobs.run_due(same_transaction, now=lambda: NOON)

    def _cannot_while_suspended(self, kind, row, answers):
        process_instances.suspend(self.session, self.id, by=CHIEF, now=NOON)
        if kind == "user_task":
            with pytest.raises(ProcessInstanceNotActive):
                user_tasks.complete(self.session, row.id, answers, by=ANA, now=NOON)
        else:
            assert self._run_jobs() == 0
        process_instances.resume(self.session, self.id, by=CHIEF, now=NOON)

    def happen_again(self, item) -> bool:
        """Try the same once more; say whether the engine took it."""
        match item:
            case ("user_task", task_id):
                with pytest.raises((UserTaskNotOpen, ProcessInstanceNotActive)):
                    user_tasks.complete(self.session, task_id, {}, by=ANA, now=NOON)
            case ("message", (name, message_id)):
                return not messages.correlate(
                    self.session, name, "M-1", message_id=message_id, by=ANA, now=NOON
                ).duplicate
            case _:
                return self._run_jobs() != 0
        return False

    def move(self) -> None:
        """Move the instance to a new version that differs in nothing but its documentation."""
        self.version += 1
        content = self.content.replace(
            b'isExecutable="true" >', b'isExecutable="true" camunda:versionTag="%d">' % self.version, 1
        )
        deployments.deploy(self.session, {"proc.bpmn": content}, by=CHIEF, now=NOON)
        plan = migrations.plan(self.session, "proc", self.version - 1, self.version)
        migrations.migrate(self.session, plan, self.id, by=CHIEF, now=NOON)

    def retry(self) -> None:
        for incident in incidents.list_open(self.session):
            incidents.retry(self.session, incident.id, by=CHIEF, now=NOON)

    @property
    def _state(self):
        return process_instances.get(self.session, self.id).state

    @property
    def finished(self) -> bool:
        return self._state == "completed"

    @property
    def stuck(self) -> bool:
        return self._state == "incident"

    @property
    def thrown(self) -> Counter:
        events = history.for_instance(self.session, self.id)
        return Counter(event.data["name"] for event in events if event.kind == "message_thrown")

    def cancel(self) -> None:
        process_instances.cancel(self.session, self.id, reason="enough", by=CHIEF, now=NOON)


_mails = count(1)
