"""Moves the tokens of one instance until nothing more moves by itself.

A ``Run`` is an instance at work, in memory, for the length of one step. It knows no database: it is
loaded from a state, told what happened (a user task completed, a timer due, a message come), advanced,
and then asked what it waits for and what failed.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from SpiffWorkflow.bpmn.specs.defaults import UserTask
from SpiffWorkflow.bpmn.specs.mixins.events.event_types import CatchingEvent
from SpiffWorkflow.bpmn.util import BpmnEvent
from SpiffWorkflow.task import Task
from SpiffWorkflow.util.task import TaskState

from engine import limits
from engine.bpmn import codec, compensation, conditional, mapping, messaging, pruning, scope_data, scopes
from engine.bpmn.archive import step_of
from engine.bpmn.bpmn_error import BpmnError
from engine.bpmn.compiled import Compiled, Element
from engine.bpmn.extensions import is_expression
from engine.bpmn.messaging import Message, Signal, Thrown, definitions_of
from engine.bpmn.script_engine import FeelScriptEngine
from engine.bpmn.specs import EventBasedGateway, ServiceTask, is_visible
from engine.bpmn.tasks import STUCK, STUCK_ENTERING, STUCK_RUNNING, InstanceWorkflow, enter
from engine.bpmn.timers import JobTimer
from engine.bpmn.tokens import Completion, Failure, NeverWaits, PassOn, ServiceCall, Waiting
from engine.feel import interpreter

#: Steps without waiting in one advance, beside one for each element; more is a loop that never waits.
MAX_STEPS = limits.STEPS


@dataclass(slots=True)
class Run:
    """One instance at work."""

    compiled: Compiled
    workflow: InstanceWorkflow
    engine: FeelScriptEngine
    #: What completed in this step, in order.
    completed: list[Completion] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    #: Errors and escalations thrown in this step: kind of the history event, element id and facts.
    notes: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    #: Elements passed since something last waited.
    steps: int = 0
    #: Messages and signals thrown in this step, in order.
    thrown: list[Thrown] = field(default_factory=list)

    @classmethod
    def start(cls, compiled: Compiled, variables: dict[str, Any], now: datetime, *, at: str | None = None) -> "Run":
        """Put a token on a start event: the one with the id ``at``, or the plain one.

        What a message or signal brings goes through the output parameters of its start event.
        """
        engine = FeelScriptEngine(now)
        workflow = InstanceWorkflow(compiled.spec, compiled.subprocess_specs, engine)
        run = cls(compiled, workflow, engine)
        chosen = compiled.start_event(at)
        if chosen is None or chosen.kind in ("plain", "timer"):
            workflow.task_tree.data.update(variables)
        if chosen is not None:
            run._begin_at(chosen.element_id, variables)
        return run

    def _begin_at(self, start_id: str, variables: dict[str, Any]) -> None:
        """Let one of the start events happen and forget the others."""
        starts = [spec.name for spec in self.compiled.spec.bpmn_start_events if spec.bpmn_id in self.compiled.starts]
        while not any(token.task_spec.name in starts for token in self.workflow.tasks.values() if _has_come(token)):
            for token in self._ready_tokens() or _lost(start_id):
                self._pass(token)
        for token in [token for token in self.workflow.tasks.values() if token.task_spec.name in starts]:
            if token.task_spec.name != start_id:
                token.cancel()
            elif token._state == TaskState.WAITING:
                definition = token.task_spec.event_definition
                if isinstance(definition, Message | Signal):
                    self._catch(token, BpmnEvent(definition, dict(variables)))
                else:
                    token.internal_data["event_fired"] = True
                    enter(token)

    @classmethod
    def restore(cls, blob: bytes, compiled: Compiled, now: datetime) -> "Run":
        """Take up a stored instance."""
        engine = FeelScriptEngine(now)
        return cls(compiled, codec.load(blob, compiled, engine), engine)

    def dump(self) -> bytes:
        """Write the instance down, without the finished tokens that nothing needs any more."""
        pruning.prune(self.workflow, self.compiled)
        return codec.dump(self.workflow, self.compiled)

    # -- what happened ------------------------------------------------------------------------------

    def token(self, spiff_task_id: UUID) -> Task | None:
        """Return a token by its id, or None when it is gone."""
        return self.workflow.get_task_from_id(spiff_task_id)

    def element_at(self, spiff_task_id: UUID) -> str | None:
        """Return the id of the element at which a token stands; None when it is gone."""
        token = self.token(spiff_task_id)
        return self.compiled.element_of(token.task_spec).id if token is not None else None

    def complete_user_task(self, spiff_task_id: UUID, answers: dict[str, Any]) -> None:
        """Put a person's answers into the token and let it go on."""
        token = self._standing(spiff_task_id)
        mapped = token.task_spec.extensions.mapping
        local = mapping.inputs(mapped, token.data, self.engine.now)
        if mapped.outputs:
            token.data.update(mapping.evaluate(mapped.outputs, {**token.data, **local, **answers}, self.engine.now))
        else:
            token.data.update(answers)
        self._pass(token)

    def step_of(self, spiff_task_id: UUID, answers: dict[str, Any]) -> dict[str, Any] | None:
        """Return what history keeps of a user task completed in this step, the answers not repeated."""
        step = next((item.step for item in reversed(self.completed) if item.spiff_task_id == spiff_task_id), None)
        token = self.token(spiff_task_id)
        if step is None or token is None:
            return None
        changed: dict[str, Any] = step.get("set", {})
        if changed.keys() <= answers.keys() and all(token.data.get(name) is answers[name] for name in answers):
            return {name: value for name, value in step.items() if name != "set"}
        return {**step, "set": changed}

    def complete_delegate(self, spiff_task_id: UUID, result: dict[str, Any]) -> None:
        """Put a delegate's result into the token and let it go on."""
        token = self._standing(spiff_task_id)
        mapping.apply_outputs(token.task_spec.extensions.mapping, token.data, result, self.engine.now)
        self._pass(token)

    def throw_error(self, spiff_task_id: UUID, error: BpmnError) -> None:
        """Throw the business error a delegate raised; one that nothing catches is an incident."""
        self._throw(self._standing(spiff_task_id), error)

    def fire_timer(self, spiff_task_id: UUID, index: int) -> bool:
        """Let a due timer go off; False when nothing waits for it any more."""
        token = self.token(spiff_task_id)
        if token is None or token._state != TaskState.WAITING:
            return False
        if isinstance(token.task_spec, EventBasedGateway):
            token.internal_data["winner"] = index
            enter(token)
        else:
            token.task_spec.event_definition.fire(token)
        return True

    def receive(self, kind: str, spiff_task_id: UUID, name: str, variables: dict[str, Any]) -> bool:
        """Hand a ``message`` or ``signal`` to the token that waits for it; False when it does not any more."""
        token = self.token(spiff_task_id)
        if token is None or token._state != TaskState.WAITING or STUCK in token.internal_data:
            return False
        wanted = Message if kind == "message" else Signal
        for definition in definitions_of(token):
            if isinstance(definition, wanted) and definition.name == name:
                self._catch(token, BpmnEvent(definition, dict(variables)))
                return True
        return False

    def retry(self, spiff_task_id: UUID) -> bool:
        """Let a stuck token try again; False when it is gone or not stuck."""
        token = self.token(spiff_task_id)
        if token is None or STUCK not in token.internal_data:
            return False
        if token.internal_data.pop(STUCK) == STUCK_ENTERING:
            token._state = TaskState.FUTURE
            token.data = {}
            enter(token)
        return True

    def cancel(self) -> None:
        """Take every token away."""
        for inner in self.workflow.subprocesses.values():
            inner.cancel()
        self.workflow.cancel()

    def compensate(self) -> None:
        """Take every token away and undo what was done; when all handlers are through the instance has ended.

        Handlers are work like any other: user tasks, jobs, subprocesses. ``is_cancelled`` says that the end is a
        cancellation.
        """
        compensation.cancel_instance(self.workflow, self.variables())

    # -- moving -------------------------------------------------------------------------------------

    @interpreter.bounded(limits.ADVANCE_BYTES)
    def advance(self, perform: Callable[[ServiceCall], dict[str, Any] | None]) -> None:
        """Move every token as far as it goes.

        ``perform`` does a delegate's work: it returns the result, or None to say that a job will do it later.
        What it raises becomes a failure of that element, unless it is meant for the caller (``PassOn``).
        """
        self.steps = 0
        while True:
            calls = [token for token in self._run_ready() if self._is_due_call(token)]
            for token in calls:
                if self._goes_round(token):
                    calls = []
                    break
                if token._state == TaskState.READY and token.id in token.workflow.tasks:
                    self._serve(token, perform)
            if not calls and not (self.compiled.has_conditions and conditional.look(self.workflow)):
                break
        self._collect()

    def _run_ready(self) -> list[Task]:
        """Let tokens pass what needs nobody; return those that are ready then."""
        while True:
            standing = self._ready_tokens()
            ready = [token for token in standing if not token.task_spec.manual]
            if not ready:
                return standing
            for token in ready:
                if self._goes_round(token):
                    return self._ready_tokens()
                if token._state == TaskState.READY and token.id in token.workflow.tasks:
                    self._pass(token)

    def _goes_round(self, token: Task) -> bool:
        """Count a step; when there were too many without waiting, the token is stuck."""
        self.steps += 1
        limit = MAX_STEPS + len(self.compiled.elements)
        if self.steps > limit:
            self._stick(token, NeverWaits(f"More than {limit} steps without waiting."))
            return True
        return False

    def _ready_tokens(self) -> list[Task]:
        return [
            token
            for token in self.workflow.all_tokens()
            if token._state == TaskState.READY and STUCK not in token.internal_data
        ]

    def _pass(self, token: Task) -> None:
        try:
            token.run()
        except Exception as failure:  # noqa: BLE001 - whatever an element raises is an incident
            self._stick(token, failure)
            return
        if is_visible(token.task_spec) and token._state == TaskState.COMPLETED:
            self.completed.append(Completion(token.id, self.compiled.element_of(token.task_spec), step_of(token)))

    def _stick(self, token: Task, failure: Exception) -> None:
        token._state = TaskState.READY
        token.internal_data[STUCK] = STUCK_RUNNING
        self.workflow.failures.append((token, failure))

    def _is_due_call(self, token: Task) -> bool:
        return isinstance(token.task_spec, ServiceTask) and not token.internal_data.get("as_job")

    def _serve(self, token: Task, perform: Callable[[ServiceCall], dict[str, Any] | None]) -> None:
        try:
            result = perform(self.service_call(token))
        except PassOn as refusal:
            raise refusal.error from refusal.error.__cause__
        except BpmnError as error:
            self._throw(token, error)
            return
        except Exception as failure:  # noqa: BLE001 - whatever a delegate raises is an incident
            self._stick(token, failure)
            return
        if result is None:
            token.internal_data["as_job"] = True
        else:
            self.complete_delegate(token.id, result)

    def _throw(self, token: Task, error: BpmnError) -> None:
        try:
            scopes.throw_bpmn_error(token, error)
        except scopes.UncaughtError as uncaught:
            self._stick(token, uncaught)

    def service_call(self, token: Task) -> ServiceCall:
        """Describe the work a service task asks for."""
        element = self.compiled.element_of(token.task_spec)
        mapped = element.extensions.mapping
        inputs = mapping.inputs(mapped, token.data, self.engine.now) if mapped.inputs else dict(token.data)
        return ServiceCall(token.id, element, element.extensions.get("topic") or "", inputs, dict(token.data))

    def _standing(self, spiff_task_id: UUID) -> Task:
        token = self.token(spiff_task_id)
        if token is None or token._state != TaskState.READY:
            raise LookupError(f"no token stands at {spiff_task_id}")
        return token

    def _catch(self, token: Task, event: BpmnEvent) -> None:
        token.task_spec.catch(token, event)
        enter(token)

    def _collect(self) -> None:
        for kind, thrower, facts, catcher in self.workflow.notes:
            caught_by = self.compiled.element_of(catcher).id if catcher is not None else None
            self.notes.append((kind, self.compiled.element_of(thrower).id, {**facts, "caught_by": caught_by}))
        self.workflow.notes.clear()
        self.thrown.extend(self.workflow.thrown)
        self.workflow.thrown.clear()
        for token, failure in self.workflow.failures:
            self.failures.append(_failure(self.compiled.element_of(token.task_spec), token, failure))
        self.workflow.failures.clear()

    # -- what it is now -----------------------------------------------------------------------------

    @property
    def is_finished(self) -> bool:
        """True when no token is left anywhere; the library's own flag stops looking 1,000 levels deep."""
        return not self._living()

    @property
    def is_cancelled(self) -> bool:
        """True when the instance is being undone, or has been."""
        return compensation.is_cancelling(self.workflow)

    @property
    def is_stuck(self) -> bool:
        """True when a token waits for somebody to mend what failed."""
        return any(STUCK in token.internal_data for token in self._living())

    def stuck_tokens(self) -> set[UUID]:
        """Return the tokens that wait for somebody to mend what failed."""
        return {token.id for token in self._living() if STUCK in token.internal_data}

    def _living(self) -> list[Task]:
        """Return the tokens that have not ended, but for those of inner trees that are over."""
        trees = [self.workflow.tasks]
        for inner in self.workflow.subprocesses.values():
            host = self.token(inner.parent_task_id)
            if host is not None and not host._state & TaskState.FINISHED_MASK:
                trees.append(inner.tasks)
        return [token for tree in trees for token in tree.values() if token._state & TaskState.NOT_FINISHED_MASK]

    def waiting(self) -> dict[tuple[str, UUID, int, datetime | None], Waiting]:
        """Return everything the instance waits for, by its key."""
        found = [item for token in self._living() for item in self._waits_of(token)]
        self._collect()
        return {item.key: item for item in found}

    def _waits_of(self, token: Task) -> list[Waiting]:
        spec = token.task_spec
        if STUCK in token.internal_data:
            return []
        if token._state == TaskState.READY and isinstance(spec, UserTask):
            return [Waiting("user_task", token.id, self.compiled.element_of(spec))]
        if token._state == TaskState.READY and isinstance(spec, ServiceTask):
            return [Waiting("delegate", token.id, self.compiled.element_of(spec))]
        if token._state == TaskState.WAITING and isinstance(spec, CatchingEvent):
            try:
                return self._events_of(token)
            except Exception as failure:  # noqa: BLE001 - a bad timer or key is an incident
                token.internal_data[STUCK] = STUCK_ENTERING
                self.workflow.failures.append((token, failure))
        return []

    def _events_of(self, token: Task) -> list[Waiting]:
        found: list[Waiting] = []
        gateway = isinstance(token.task_spec, EventBasedGateway)
        for index, definition in enumerate(definitions_of(token)):
            spec = token.task_spec.outputs[index] if gateway else token.task_spec
            element = self.compiled.element_of(spec)
            if isinstance(definition, JobTimer):
                due_at = self._due_at(token, definition, index) if gateway else definition.due_at(token)
                if due_at is not None:
                    found.append(Waiting("timer", token.id, element, due_at=due_at, index=index))
            elif isinstance(definition, Message):
                keys = self._keys(token, element, index)
                found.append(Waiting("message", token.id, element, name=definition.name, keys=keys, index=index))
            elif isinstance(definition, Signal):
                found.append(Waiting("signal", token.id, element, name=definition.name, index=index))
        return found

    def _due_at(self, token: Task, definition: JobTimer, index: int) -> datetime | None:
        dates: dict[str, str] = token.internal_data.setdefault("dates", {})
        if str(index) not in dates:
            first = definition.first_due(token)
            if first is None:
                return None
            dates[str(index)] = first.isoformat()
        return datetime.fromisoformat(dates[str(index)])

    def _keys(self, token: Task, element: Element, index: int) -> dict[str, str] | None:
        """A message's correlation keys, worked out when the token begins to wait."""
        if not messaging.key_texts(element.extensions):
            return None
        if "key" in token.internal_data:  # so the first release wrote the one key it knew
            return {messaging.UNNAMED_KEY: str(token.internal_data["key"])}
        known: dict[str, dict[str, str]] = token.internal_data.setdefault("keys", {})
        if str(index) not in known:
            known[str(index)] = messaging.keys_of(token, element.extensions) or {}
        return known[str(index)]

    def attributes(self, item: Waiting, texts: dict[str, str]) -> dict[str, Any] | None:
        """Evaluate texts that may be FEEL over a waiting token's data; None when one fails, and the token is stuck."""
        token = self.token(item.spiff_task_id)
        assert token is not None, "only waiting tokens are asked"
        wanted = [text for text in texts.values() if is_expression(text)]
        try:
            values = iter(self.engine.evaluate_many(wanted, token.data))
        except Exception as failure:  # noqa: BLE001 - a bad expression is an incident
            self.stick(item, failure)
            return None
        return {name: next(values) if is_expression(text) else text for name, text in texts.items()}

    def stick(self, item: Waiting, failure: Exception) -> None:
        """Mark a waiting token as failed."""
        token = self.token(item.spiff_task_id)
        assert token is not None, "only waiting tokens are asked"
        token.internal_data[STUCK] = STUCK_RUNNING
        self.workflow.failures.append((token, failure))
        self._collect()

    def give_up(self, spiff_task_id: UUID, failure: Exception) -> bool:
        """Mark the token of a job whose attempts are spent as failed; False when it is gone."""
        token = self.token(spiff_task_id)
        if token is None or token._state & TaskState.FINISHED_MASK:
            return False
        token.internal_data[STUCK] = STUCK_ENTERING if token._state == TaskState.WAITING else STUCK_RUNNING
        self.workflow.failures.append((token, failure))
        self._collect()
        return True

    def data_of(self, spiff_task_id: UUID) -> dict[str, Any] | None:
        """Return what the token at a user task sees: its data and its input parameters."""
        token = self.token(spiff_task_id)
        if token is None:
            return None
        return {**token.data, **mapping.inputs(token.task_spec.extensions.mapping, token.data, self.engine.now)}

    def variables(self) -> dict[str, Any]:
        """Return the instance's data: that of its tokens, oldest first, or of its end."""
        if self.is_finished:
            last = self.workflow.last_task
            return {**(last.data if last is not None else {}), **self.workflow.data}
        return scope_data.of_workflow(self.workflow)

    def activities(self) -> dict[str, Any]:
        """Return what the diagram shows: completed and active elements, taken flows, how many tokens stand where."""
        traces = self.workflow.traces
        pruning.note(traces, self.workflow.all_tokens(), self.compiled)
        completed = dict(traces.completed)
        active: dict[str, int] = {}
        stuck: list[str] = []
        for token in self.workflow.all_tokens():
            if not is_visible(token.task_spec):
                continue
            element_id = self.compiled.element_of(token.task_spec).id
            if STUCK in token.internal_data:
                stuck.append(element_id)
            if token._state == TaskState.COMPLETED:
                completed[element_id] = completed.get(element_id, 0) + 1
            elif token._state != TaskState.CANCELLED and pruning.has_arrived(token):
                active[element_id] = active.get(element_id, 0) + 1
        return {
            "completed": list(completed),
            "active": list(active),
            "incidents": stuck,
            "flows": list(traces.flows),
            "counts": active,
        }


def _lost(start_id: str) -> list[Task]:
    raise LookupError(f"no token comes to the start event {start_id}")


def _has_come(token: Task) -> bool:
    """Say whether a token has arrived at its element."""
    return bool(token._state & (TaskState.READY | TaskState.WAITING))


def _failure(element: Element, token: Task, error: Exception) -> Failure:
    expression = getattr(error, "expression", None)
    kind = "engine"
    if isinstance(error, scopes.UncaughtError):
        kind = "error_event"
    elif isinstance(token.task_spec, ServiceTask) and expression is None:
        kind = "delegate"
    elif element.type == "businessRuleTask":
        kind = "decision"
    elif expression is not None:
        kind = "expression"
    reason = getattr(error, "message", None) or str(error) or type(error).__name__
    return Failure(token.id, element.id, kind, str(reason)[:4000], expression)
