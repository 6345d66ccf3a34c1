"""One step of an instance: lock it, take it up, move its tokens, write down what changed.

Everything a step changes is written in the caller's transaction, in a handful of prepared statements:
the state, the user tasks, timers and messages it now waits for or no longer waits for, its incidents and
its history. Statements are built once; the object mapper stays out of the hot path (measured: it doubles
the cost of a step).
"""

from collections.abc import Container, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from engine import buffer, correlation, delegates, gathering, history, waits
from engine.actor import Actor
from engine.bpmn.messaging import UNNAMED_KEY
from engine.bpmn.runtime import Run
from engine.bpmn.tasks import is_stuck
from engine.bpmn.tokens import PassOn, ServiceCall, Waiting
from engine.definitions import CompiledDefinition, compiled
from engine.errors import InstanceChanged, Invalid, ProcessInstanceNotActive, ProcessInstanceNotFound
from engine.models import ProcessInstance
from engine.models.base import detached, known_in
from engine.prepared import Prepared, run_all

#: The states in which an instance takes steps.
MOVING = ("active", "incident")

_INSTANCE = cast(sa.Table, ProcessInstance.__table__)

# NO KEY UPDATE on PostgreSQL: rows that refer to the instance (a signal's job, history) are written beside a step.
_OF_ID = sa.select(_INSTANCE).where(_INSTANCE.c.id == sa.bindparam("instance"))
_LOAD = Prepared(_OF_ID.with_for_update(key_share=True))
_LOAD_IF_FREE = Prepared(_OF_ID.with_for_update(key_share=True, skip_locked=True))
_INSERT_INSTANCE = Prepared(sa.insert(_INSTANCE))
_UPDATE_INSTANCE = Prepared(
    sa.update(_INSTANCE)
    .where(_INSTANCE.c.id == sa.bindparam("instance"), _INSTANCE.c.revision == sa.bindparam("seen"))
    .values(
        {
            name: sa.bindparam(f"new_{name}")
            for name in ("state", "ended_at", "last_progress_at", "revision", "state_blob")
        }
    ),
    each_its_own=True,
)
#: Steps under way in a session, by instance: what a delegate changes about its own instance goes through here.
_UNDER_WAY = "matterflow_steps"


@dataclass(slots=True)
class Step:
    """An instance taken up for one step."""

    session: Session
    definition: CompiledDefinition
    run: Run
    by: Actor
    now: datetime
    instance_id: UUID
    business_key: str | None
    started_by: str
    started_at: datetime
    #: The revision this step started from; None for a new instance.
    revision: int | None
    #: A person's command: what a delegate refuses then refuses the command.
    is_command: bool = True
    waited_for: dict[Any, Waiting] = field(default_factory=dict)
    events: list[dict[str, Any]] = field(default_factory=list)
    #: What this step writes right after its instance.
    writes: list[tuple[Prepared, Any]] = field(default_factory=list)
    state: str = "active"
    #: The session's connection, asked for once.
    connection: Connection | None = None
    #: User tasks that somebody completed in this step (they are not cancelled by it).
    done: set[UUID] = field(default_factory=set)
    #: The instance had an incident: this step closes those whose token it took away.
    had_incident: bool = False
    #: An operator's step on a suspended instance, which stays suspended.
    is_suspended: bool = False
    #: What this step did outside its instance, in words: nobody can take that back.
    effects: list[str] = field(default_factory=list)

    def tell(self, kind: str, **facts: Any) -> None:
        """Add an event to the instance's history."""
        self.events.append(history.row(self.instance_id, kind, actor=self.by.username, now=self.now, **facts))

    def finish(self, *, moves: bool = True) -> str:
        """Move the tokens and write down what changed; return the instance's state. Without ``moves`` only write."""
        with self._under_way():
            if moves:
                self.run.advance(self._perform)
            return self._write(moves=moves)

    @contextmanager
    def _under_way(self) -> Generator[None]:
        steps: dict[UUID, Step] = self.session.info.setdefault(_UNDER_WAY, {})
        before = steps.get(self.instance_id)
        steps[self.instance_id] = self
        try:
            yield
        finally:
            if before is None:
                del steps[self.instance_id]
            else:
                steps[self.instance_id] = before

    def stop_waiting(self, items: list[Waiting]) -> None:
        """Take back what the instance waited for, although its tokens stay."""
        waits.drop(self, items)

    def cancel(self) -> None:
        """Take all tokens away and write that down."""
        self.run.cancel()
        waits.drop(self, list(self.waited_for.values()))
        if self.had_incident:
            waits.close_incidents(self)
        self._save("cancelled")

    # -- delegates ----------------------------------------------------------------------------------

    def _perform(self, call: ServiceCall) -> dict[str, Any] | None:
        if call.element.extensions.get("asyncBefore") == "true":
            return None
        self._store_new()
        return self.delegate(call)

    def work_off(self, spiff_task_id: UUID) -> None:
        """Let a delegate do the work of a service task whose job is due."""
        token = self.run.token(spiff_task_id)
        if token is None or is_stuck(token):
            return
        try:
            result = self.delegate(self.run.service_call(token))
        except delegates.BpmnError as error:
            self.run.throw_error(spiff_task_id, error)
        else:
            self.run.complete_delegate(spiff_task_id, result)

    def delegate(self, call: ServiceCall) -> dict[str, Any]:
        """Let a delegate work, in a savepoint of its own; its result as plain JSON values."""
        if self.writes:  # it may read what the person has just done
            run_all(self._connection(), self.writes)
            self.writes = []
        try:
            with self.session.begin_nested():
                result = delegates.find(call.topic)(self.session, self._as_delegate_call(call))
                self.session.flush()
        except Invalid as refusal:
            if self.is_command:
                raise PassOn(refusal) from refusal
            raise
        self.effects.append(f"the delegate {call.topic} has worked for {call.element.id}")
        return plain(result or {})

    def _as_delegate_call(self, call: ServiceCall) -> delegates.DelegateCall:
        return delegates.DelegateCall(
            job_id=call.spiff_task_id,
            process_instance_id=self.instance_id,
            process_key=self.definition.key,
            business_key=self.business_key,
            element_id=call.element.id,
            inputs=call.inputs,
            variables=call.variables,
            by=self.by,
            now=self.now,
        )

    # -- writing ------------------------------------------------------------------------------------

    def _store_new(self) -> None:
        """Insert a new instance's row before a delegate's rows can refer to it."""
        if self.revision is None:
            self.revision = 0
            _INSERT_INSTANCE.run(self._connection(), self._as_new("active", b""))

    def _as_new(self, state: str, state_blob: bytes) -> dict[str, Any]:
        return {
            "id": self.instance_id,
            "definition_id": self.definition.id,
            "process_key": self.definition.key,
            "version": self.definition.version,
            "business_key": self.business_key,
            "state": state,
            "started_by": self.started_by,
            "started_at": self.started_at,
            "ended_at": self._ended_at(state),
            "last_progress_at": self.now,
            "revision": self.revision,
            "state_blob": state_blob,
        }

    def _ended_at(self, state: str) -> datetime | None:
        return self.now if state in ("completed", "cancelled") else None

    def move(self) -> None:
        """Move the tokens as far as they go, and write nothing yet."""
        with self._under_way():
            self.run.advance(self._perform)

    def _settle(self) -> dict[Any, Waiting]:
        """Take the messages that are kept for what the instance now waits for; return what it waits for then."""
        asked: set[Any] = set()
        while True:
            waiting = self.run.waiting()
            fresh = {
                key: item
                for key, item in waiting.items()
                if item.kind == "message" and key not in self.waited_for and key not in asked
            }
            # What is suspended takes nothing until it is resumed.
            if self.is_suspended or not fresh or not self._take_kept(fresh, asked):
                return waiting
            self.move()

    def _take_kept(self, fresh: dict[Any, Waiting], asked: set[Any]) -> bool:
        """Take one kept message, the oldest of the first token that has any; False when there is none."""
        connection = self._connection()
        channels = {key: (cast(str, item.name), self.need_of(item)) for key, item in fresh.items()}
        buffer.begin_to_wait(connection, channels.values())
        kept = buffer.kept_for(connection, set(channels.values()), now=self.now)
        for key, item in fresh.items():
            for row in kept.get(channels[key], ()):
                if buffer.take(connection, row.id):
                    letter = buffer.letter_of(row)
                    facts = letter.facts(waiting=1, kept_since=row.received_at.isoformat())
                    self.run.receive("message", item.spiff_task_id, letter.name, letter.variables)
                    self.tell("message_received", element_id=item.element.id, data=facts)
                    self.effects.append(f"the message {letter.name} was taken")
                    return True
            asked.add(key)
        return False

    def need_of(self, item: Waiting) -> str | None:
        """Return the correlation key of a message that the instance waits for, as it is stored."""
        keys = item.keys
        if keys is None:
            keys = {UNNAMED_KEY: self.business_key} if self.business_key else {}
        return correlation.stored(keys)

    def _write(self, *, moves: bool) -> str:
        now_waits = self._settle() if moves else self.run.waiting()
        came = [item for key, item in now_waits.items() if key not in self.waited_for]
        went = [item for key, item in self.waited_for.items() if key not in now_waits]
        for done in self.run.completed:
            if done.spiff_task_id not in self.done:  # of a user task its own event tells; not of all its items together
                self.tell("activity_completed", element_id=done.element.id, data={"step": done.step})
        for kind, element_id, facts in self.run.notes:
            self.tell(kind, element_id=element_id, data=facts)
        waits.drop(self, went)
        waits.offer(self, [item for item in came if item.kind == "user_task"])
        waits.promise(self, [item for item in came if item.kind in ("timer", "delegate")])
        waits.listen(self, came)
        if self.had_incident:
            waits.close_incidents(self)
        waits.raise_incidents(self)
        state = self._state()
        if state == "completed":
            self.tell("process_completed")
        self._save(state)
        if not moves and not self.is_suspended:
            channels = [(cast(str, item.name), self.need_of(item)) for item in came if item.kind == "message"]
            buffer.again_for(self.session, channels, by=self.by.username, now=self.now)
        self._throw()
        return state

    def _save(self, state: str) -> None:
        """Write the instance, then all that refers to it: a step that comes too late writes nothing."""
        self.state = state
        if self.revision is None:
            self.revision = 1
            instance = (_INSERT_INSTANCE, self._as_new(state, self.run.dump()))
        else:
            instance = (_UPDATE_INSTANCE, self._as_changed(state, self.run.dump()))
        told = [history.writing(self.events)] if self.events else []
        work = [instance, *self.writes, *told]
        self.writes, self.events = [], []
        connection = self._connection()
        gathered = gathering.of(connection)
        if gathered is not None:
            gathered.add(work, refusal=InstanceChanged(self.instance_id))
        elif run_all(connection, work)[0] != 1:
            raise InstanceChanged(self.instance_id)

    def _as_changed(self, state: str, state_blob: bytes) -> dict[str, Any]:
        seen = cast(int, self.revision)
        self.revision = seen + 1
        return {
            "instance": self.instance_id,
            "seen": seen,
            "new_state": state,
            "new_ended_at": self._ended_at(state),
            "new_last_progress_at": self.now,
            "new_revision": self.revision,
            "new_state_blob": state_blob,
        }

    def as_written(self) -> ProcessInstance:
        """Return the instance as this step left it, without asking the database; it belongs to no session."""
        known = known_in(self.session, ProcessInstance, self.instance_id)
        if known is not None:
            self.session.refresh(known)
            return known
        return detached(
            ProcessInstance,
            {
                "id": self.instance_id,
                "definition_id": self.definition.id,
                "process_key": self.definition.key,
                "version": self.definition.version,
                "business_key": self.business_key,
                "state": self.state,
                "started_by": self.started_by,
                "started_at": self.started_at,
                "ended_at": self._ended_at(self.state),
                "last_progress_at": self.now,
                "revision": self.revision,
            },
        )

    def _state(self) -> str:
        if self.run.is_finished:
            return "cancelled" if self.run.is_cancelled else "completed"
        if self.is_suspended:
            return "suspended"
        return "incident" if self.run.is_stuck else "active"

    def _throw(self) -> None:
        if self.run.thrown:
            from engine import messages, signals  # noqa: PLC0415 - both move other instances, which takes steps

            thrown, self.run.thrown = self.run.thrown, []
            self.effects.extend(f"the {item.kind} {item.name} was thrown" for item in thrown)
            for item in thrown:
                throw = messages.throw if item.kind == "message" else signals.throw
                throw(self.session, self, item, by=self.by, now=self.now)

    def later(self, statement: Prepared, parameters: Any) -> None:
        """Write something beside the instance: all of a step's statements go to the database together."""
        self.writes.append((statement, parameters))

    def _connection(self) -> Connection:
        if self.connection is None:
            self.connection = self.session.connection()
        return self.connection


def plain(values: Any) -> dict[str, Any]:
    """Return values as they will be read back: JSON, with dates and decimals as texts."""
    return cast(dict[str, Any], orjson.loads(orjson.dumps(dict(values), default=str, option=orjson.OPT_NON_STR_KEYS)))


def take_up(
    session: Session,
    instance_id: UUID,
    *,
    by: Actor,
    now: datetime,
    is_command: bool = True,
    row: Any = None,
    states: Container[str] = MOVING,
) -> Step:
    """Lock an instance's row and restore it for a step.

    ``row`` holds the instance's columns when the caller has locked and read them already; with ``is_command``
    what a delegate refuses refuses the whole command; ``states`` are those in which the step may be taken.

    Raises:
        ProcessInstanceNotFound: there is no such instance.
        ProcessInstanceNotActive: it is suspended or has ended.
    """
    if row is None:
        row = _LOAD.one_or_none(session.connection(), {"instance": instance_id})
    if row is None:
        raise ProcessInstanceNotFound(instance_id)
    if row.state not in states:
        raise ProcessInstanceNotActive(instance_id, row.state)
    definition = compiled(session, row.definition_id)
    run = Run.restore(row.state_blob, definition.process, now)
    return Step(
        session=session,
        definition=definition,
        run=run,
        by=by,
        now=now,
        instance_id=instance_id,
        business_key=row.business_key,
        started_by=row.started_by,
        started_at=row.started_at,
        revision=row.revision,
        is_command=is_command,
        waited_for=run.waiting(),
        had_incident=row.state != "active",
        is_suspended=row.state == "suspended",
    )


def under_way(session: Session, instance_id: UUID) -> Step | None:
    """Return the step that is moving an instance in this session just now, if any."""
    return cast("dict[UUID, Step]", session.info.get(_UNDER_WAY, {})).get(instance_id)


def lock_if_free(session: Session, instance_id: UUID) -> Any:
    """Lock and read an instance's row for ``take_up``; None when somebody else is moving it, or there is none."""
    return _LOAD_IF_FREE.one_or_none(session.connection(), {"instance": instance_id})
