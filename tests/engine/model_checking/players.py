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
    modifications,
    process_instances,
    resets,
    signals,
    user_tasks,
)
from engine import undo as last_action
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.errors import (
    ModificationRefused,
    ProcessInstanceNotActive,
    ResetRefused,
    UndoImpossible,
    UserTaskNotOpen,
)
from engine.findings import has_errors
from engine.models import Job, MessageSubscription, ProcessInstance, SignalSubscription, UserTask
from tests.engine.model_checking.graph import Graph, as_bpmn
from tests.factories import ANA, CHIEF, NOON


class World:
    """What delegates meet: all works, all fails, or everything is done later."""

    mood = "works"
    #: How often a delegate worked.
    served = 0


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
    memory = {name: value for name, (_, value) in wait.memory.items() if isinstance(name, str)}

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

    hears_at_once = False

    def __init__(self, graph: Graph, world: World) -> None:
        content = as_bpmn(graph)
        self.compiled = compile_process("proc", {"proc.bpmn": content}, {})
        self.world = world
        self.thrown: Counter = Counter()
        #: Signals on their way: name, and the tokens that listened.
        self.signals: list = []
        self._store(Run.start(self.compiled, {}, NOON))

    def _store(self, run) -> None:
        run.advance(self._perform)
        self.thrown.update(thrown.name for thrown in run.thrown)
        self.signals += [(thrown.name, thrown.heard_by) for thrown in run.thrown if thrown.kind == "signal"]
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

    def hear(self) -> None:
        """Let the signal that has been on its way the longest arrive."""
        self._hear(*self.signals.pop(0))

    def _hear(self, name, listeners):
        run = self.run()
        for token_id in listeners:
            if run.receive("signal", token_id, name, {}):
                run.advance(self._perform)
        self._store(run)

    def happen(self, wait, answers, game) -> object:
        run = self.run()
        item = twins(run, wait, game)[0]
        if item.kind == "signal":
            listening = [i for i in run.waiting().values() if (i.kind, i.name) == ("signal", item.name)]
            self._hear(item.name, [i.spiff_task_id for i in listening])
            return item
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
                case "message" | "signal":
                    return run.receive(item.kind, item.spiff_task_id, item.name, {})
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


def _seen(run):
    return sorted((item.kind, item.element.id, str(item.due_at), item.name or "") for item in run.waiting().values())


def errors_of(graph: Graph) -> list:
    """Return what the engine would refuse the model for."""
    findings = deployments.check({"proc.bpmn": as_bpmn(graph)})
    return [finding for finding in findings if finding.severity == "error"] if has_errors(findings) else []


class ServicePlayer:
    """An instance in a database, moved as people, other programs, operators and the job worker move it."""

    hears_at_once = True

    def __init__(self, graph: Graph, world: World, session) -> None:
        self.session, self.world = session, world
        delegates._registry["tests.world"] = self._work
        self.content = as_bpmn(graph)
        deployments.deploy(session, {"proc.bpmn": self.content}, by=CHIEF, now=NOON)
        self.version = 1
        self.id = process_instances.start(session, "proc", business_key="M-1", by=ANA, now=NOON).id
        #: User tasks in the order in which they were finished.
        self.done: list = []

    def _work(self, session, call):
        if self.world.mood == "fails":
            raise RuntimeError("the scanner is on fire")
        self.world.served += 1

    def _rows(self):
        self.session.expire_all()
        tasks = self.session.scalars(sa.select(UserTask).filter_by(process_instance_id=self.id, state="created"))
        timers = self.session.scalars(sa.select(Job).filter_by(process_instance_id=self.id, kind="timer"))
        messages = self.session.scalars(sa.select(MessageSubscription).filter_by(process_instance_id=self.id))
        signals = self.session.scalars(sa.select(SignalSubscription).filter_by(process_instance_id=self.id))
        for kind, rows in (("user_task", tasks), ("timer", timers), ("message", messages), ("signal", signals)):
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
        if kind in ("user_task", "timer"):
            self._cannot_while_suspended(kind, row, answers)
        match kind:
            case "user_task":
                user_tasks.complete(self.session, row.id, answers, by=ANA, now=NOON)
                self.done.append(row.id)
                return kind, row.id
            case "signal":
                signals.broadcast(self.session, row.name, by=ANA, now=NOON)
                self.hear()
                return kind, None
            case "message":
                return kind, self._send(row.name, answers)
            case "timer":
                row.due_at = NOON
                self.session.flush()
                assert self._run_jobs(limit=1) == 1
                return kind, None

    def hear(self) -> None:
        """Let what is due happen: signals are jobs."""
        while self._run_jobs():
            pass

    def _send(self, name, answers):
        message_id = f"mail-{next(_mails)}"
        outcome = messages.correlate(
            self.session, name, "M-1", variables=answers, message_id=message_id, by=ANA, now=NOON
        )
        assert not outcome.duplicate
        return name, message_id

    def _run_jobs(self, limit=20):
        @contextmanager
        def same_transaction():
            yield self.session

        return jobs.run_due(same_transaction, now=lambda: NOON, limit=limit)

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

    def order(self, kind, source=None, target=None, value=None) -> bool:
        """Give an operator's order; say whether it was carried out."""
        match kind:
            case "move":
                instruction = modifications.Move(source, target)
            case "add":
                instruction = modifications.Add(target)
            case "remove":
                instruction = modifications.Remove(source)
            case "skip":
                instruction = modifications.Skip(source)
            case "set":
                instruction = modifications.SetVariables({source: value})
        before = self.waits()
        try:
            modifications.modify(self.session, self.id, [instruction], reason="because", by=CHIEF, now=NOON)
        except ModificationRefused:
            self.session.expire_all()
            assert self.waits() == before
            return False
        return True

    def reset(self, number) -> bool:
        """Go back to a finished user task; say whether that was possible."""
        try:
            resets.reset(self.session, self.id, self.done[number], reason="because", by=CHIEF, now=NOON)
        except ResetRefused:
            return False
        return True

    def undo(self) -> bool:
        """Take the last order back; say whether that was possible."""
        try:
            last_action.undo(self.session, self.id, by=CHIEF, now=NOON)
        except UndoImpossible:
            return False
        return True

    def retry(self) -> None:
        for incident in incidents.list_open(self.session):
            incidents.retry(self.session, incident.id, by=CHIEF, now=NOON)

    @property
    def _state(self):
        return process_instances.get(self.session, self.id).state

    @property
    def finished(self) -> bool:
        return self._state in ("completed", "cancelled")

    @property
    def cancelled(self) -> bool:
        return self._state == "cancelled"

    @property
    def stuck(self) -> bool:
        return self._state == "incident"

    @property
    def thrown(self) -> Counter:
        events = history.for_instance(self.session, self.id)
        kinds = ("message_thrown", "signal_thrown")
        return Counter(event.data["name"] for event in events if event.kind in kinds)

    def cancel(self, *, compensate=False) -> None:
        process_instances.cancel(self.session, self.id, reason="enough", compensate=compensate, by=CHIEF, now=NOON)


_mails = count(1)
