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
from sqlalchemy.orm.util import identity_key

from engine import buffer, correlation, delegates, history, job_table, limits
from engine.actor import Actor
from engine.bpmn.extensions import split_list
from engine.bpmn.messaging import UNNAMED_KEY
from engine.bpmn.runtime import PassOn, Run, ServiceCall, Waiting
from engine.bpmn.tasks import is_stuck
from engine.bpmn.timers import TimerInvalid, due_instant
from engine.definitions import CompiledDefinition, compiled
from engine.errors import InstanceChanged, Invalid, ProcessInstanceNotActive, ProcessInstanceNotFound
from engine.models import (
    Incident,
    Job,
    MessageSubscription,
    ProcessInstance,
    SignalSubscription,
    UserTask,
    UserTaskCandidate,
)
from engine.models.base import detached, new_id
from engine.models.user_task_candidate import NO_DUE_DATE
from engine.prepared import Prepared, run_all
from engine.variables import is_storable, storable

DEFAULT_PRIORITY = 50
#: The states in which an instance takes steps.
MOVING = ("active", "incident")

_INSTANCE = cast(sa.Table, ProcessInstance.__table__)
_TASK = cast(sa.Table, UserTask.__table__)
_CANDIDATE = cast(sa.Table, UserTaskCandidate.__table__)
_JOB = cast(sa.Table, Job.__table__)
_SUBSCRIPTION = cast(sa.Table, MessageSubscription.__table__)
_SIGNAL = cast(sa.Table, SignalSubscription.__table__)

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
    )
)
_INSERT_TASKS = Prepared(sa.insert(_TASK))
_END_TASKS = Prepared(
    sa.update(_TASK)
    .where(_TASK.c.id == sa.bindparam("task"), _TASK.c.state == "created")
    .values(state=sa.bindparam("new_state"), ended_at=sa.bindparam("at"), ended_by=sa.bindparam("who"))
)
_INSERT_CANDIDATES = Prepared(sa.insert(_CANDIDATE))
_DROP_CANDIDATES = Prepared(sa.delete(_CANDIDATE).where(_CANDIDATE.c.user_task_id == sa.bindparam("task")))
_INSERT_JOBS = Prepared(sa.insert(_JOB))
_DROP_JOB = Prepared(
    sa.delete(_JOB).where(
        _JOB.c.process_instance_id == sa.bindparam("instance"),
        _JOB.c.spiff_task_id == sa.bindparam("token"),
        _JOB.c.kind == sa.bindparam("job_kind"),
        _JOB.c.event_index == sa.bindparam("event"),
    )
)
_INSERT_SUBSCRIPTIONS = Prepared(sa.insert(_SUBSCRIPTION))
_INSERT_SIGNALS = Prepared(sa.insert(_SIGNAL))
_DROP_SUBSCRIPTION, _DROP_SIGNAL = (
    Prepared(
        sa.delete(table).where(
            table.c.process_instance_id == sa.bindparam("instance"), table.c.spiff_task_id == sa.bindparam("token")
        )
    )
    for table in (_SUBSCRIPTION, _SIGNAL)
)
_INCIDENT = cast(sa.Table, Incident.__table__)
_INSERT_INCIDENTS = Prepared(sa.insert(_INCIDENT))
_CLOSE_INCIDENT = Prepared(
    sa.update(_INCIDENT)
    .where(_INCIDENT.c.id == sa.bindparam("incident"))
    .values(resolved_at=sa.bindparam("at"), resolved_by=sa.bindparam("who"))
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
    waited_for: dict[Any, Waiting] = field(default_factory=dict[Any, Waiting])
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    #: What this step writes right after its instance.
    writes: list[tuple[Prepared, Any]] = field(default_factory=list[tuple[Prepared, Any]])
    state: str = "active"
    #: The session's connection, asked for once.
    connection: Connection | None = None
    #: User tasks that somebody completed in this step (they are not cancelled by it).
    done: set[UUID] = field(default_factory=set[UUID])
    #: The instance had an incident: this step closes those whose token it took away.
    had_incident: bool = False
    #: An operator's step on a suspended instance, which stays suspended.
    is_suspended: bool = False
    #: What this step did outside its instance, in words: nobody can take that back.
    effects: list[str] = field(default_factory=list[str])

    def tell(self, kind: str, **facts: Any) -> None:
        """Add an event to the instance's history."""
        self.events.append(history.row(self.instance_id, kind, actor=self.by.username, now=self.now, **facts))

    def finish(self, *, moves: bool = True) -> str:
        """Move the tokens and write down what changed; return the instance's state. Without ``moves`` only write."""
        with self._under_way():
            if moves:
                self.move()
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
        self._drop(items)

    def cancel(self) -> None:
        """Take all tokens away and write that down."""
        self.run.cancel()
        self._drop(list(self.waited_for.values()))
        if self.had_incident:
            self._close_incidents()
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
            waits = self.run.waiting()
            fresh = {
                key: item
                for key, item in waits.items()
                if item.kind == "message" and key not in self.waited_for and key not in asked
            }
            # What is suspended takes nothing until it is resumed.
            if self.is_suspended or not fresh or not self._take_kept(fresh, asked):
                return waits
            self.move()

    def _take_kept(self, fresh: dict[Any, Waiting], asked: set[Any]) -> bool:
        """Take one kept message, the oldest of the first token that has any; False when there is none."""
        connection = self._connection()
        channels = {key: (cast(str, item.name), self._need_of(item)) for key, item in fresh.items()}
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

    def _need_of(self, item: Waiting) -> str | None:
        keys = item.keys
        if keys is None:
            keys = {UNNAMED_KEY: self.business_key} if self.business_key else {}
        return correlation.stored(keys)

    def _write(self, *, moves: bool) -> str:
        waits = self._settle() if moves else self.run.waiting()
        came = [item for key, item in waits.items() if key not in self.waited_for]
        went = [item for key, item in self.waited_for.items() if key not in waits]
        for done in self.run.completed:
            if done.spiff_task_id not in self.done:  # of a user task its own event tells; not of all its items together
                self.tell("activity_completed", element_id=done.element.id, data={"step": done.step})
        for kind, element_id, facts in self.run.notes:
            self.tell(kind, element_id=element_id, data=facts)
        self._drop(went)
        self._offer([item for item in came if item.kind == "user_task"])
        self._promise([item for item in came if item.kind in ("timer", "delegate")])
        self._listen(came)
        if self.had_incident:
            self._close_incidents()
        self._raise_incidents()
        state = self._state()
        if state == "completed":
            self.tell("process_completed")
        self._save(state)
        if not moves and not self.is_suspended:
            channels = [(cast(str, item.name), self._need_of(item)) for item in came if item.kind == "message"]
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
        touched = run_all(self._connection(), [instance, *self.writes, *told])
        self.writes, self.events = [], []
        if touched[0] != 1:
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
        known = self.session.identity_map.get(identity_key(ProcessInstance, self.instance_id))
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

    def _drop(self, went: list[Waiting]) -> None:
        tasks = [item for item in went if item.kind == "user_task" and item.spiff_task_id not in self.done]
        if tasks:
            ended = [
                {"task": item.spiff_task_id, "new_state": "cancelled", "at": self.now, "who": self.by.username}
                for item in tasks
            ]
            self.later(_END_TASKS, ended)
            self.later(_DROP_CANDIDATES, [{"task": item.spiff_task_id} for item in tasks])
            for item in tasks:
                self.tell("user_task_cancelled", element_id=item.element.id, user_task_id=item.spiff_task_id)
        jobs = [
            {"instance": self.instance_id, "token": item.spiff_task_id, "job_kind": item.kind, "event": item.index}
            for item in went
            if item.kind in ("timer", "delegate")
        ]
        if jobs:
            self.later(_DROP_JOB, jobs)
        for kind, statement in (("message", _DROP_SUBSCRIPTION), ("signal", _DROP_SIGNAL)):
            rows = [{"instance": self.instance_id, "token": item.spiff_task_id} for item in went if item.kind == kind]
            if rows:
                self.later(statement, rows)

    def _offer(self, came: list[Waiting]) -> None:
        rows = [row for row in (self._user_task(item) for item in came) if row is not None]
        if not rows:
            return
        self.later(_INSERT_TASKS, rows)
        candidates = [candidate for row in rows for candidate in candidates_of(row)]
        if candidates:
            self.later(_INSERT_CANDIDATES, candidates)
        for row in rows:
            self.tell(
                "user_task_created",
                element_id=row["element_id"],
                user_task_id=row["id"],
                data={"name": row["name"], "assignee": row["assignee"], "candidate_groups": row["candidate_groups"]},
            )

    def _user_task(self, item: Waiting) -> dict[str, Any] | None:
        extensions = item.element.extensions
        texts = {
            name: text
            for name in ("assignee", "candidateGroups", "dueDate", "priority")
            if (text := extensions.get(name)) is not None
        }
        values = self.run.attributes(item, texts)
        if values is None:
            return None
        try:
            due_at = due_instant(str(values["dueDate"]), self.now) if values.get("dueDate") else None
            priority = int(values["priority"]) if values.get("priority") is not None else DEFAULT_PRIORITY
            groups = _group_names(values.get("candidateGroups") or item.element.lane)
            assignee = str(values["assignee"]) if values.get("assignee") else None
            _check_stored(assignee, groups, priority)
        except (ValueError, TypeError, OverflowError, TimerInvalid) as error:
            self.run.stick(item, error)
            return None
        return {
            "id": item.spiff_task_id,
            "process_instance_id": self.instance_id,
            "process_key": self.definition.key,
            "business_key": self.business_key,
            "element_id": item.element.id,
            "name": item.element.name,
            "kind": extensions.properties.get("kind"),
            "stage": extensions.properties.get("stage"),
            "assignee": assignee,
            "owner": None,
            "candidate_groups": groups,
            "form_key": extensions.get("formKey"),
            "priority": priority,
            "due_at": due_at,
            "created_at": self.now,
            "state": "created",
            "properties": dict(extensions.properties),
        }

    def _promise(self, came: list[Waiting]) -> None:
        rows = [
            job_table.values(
                item.kind,
                due_at=item.due_at or self.now,
                by=self.by.username,
                now=self.now,
                process_instance_id=self.instance_id,
                element_id=item.element.id,
                spiff_task_id=item.spiff_task_id,
                event_index=item.index,
                topic=item.element.extensions.get("topic") if item.kind == "delegate" else None,
            )
            for item in came
        ]
        if rows:
            self.later(_INSERT_JOBS, rows)
            job_table.note_due(self.session, rows, self.now)
        for item in came:
            if item.kind == "timer" and item.due_at is not None:
                self.tell("timer_scheduled", element_id=item.element.id, data={"due_at": item.due_at.isoformat()})

    def _listen(self, came: list[Waiting]) -> None:
        messages: list[dict[str, Any]] = []
        signals: list[dict[str, Any]] = []
        for item in came:
            if item.kind not in ("message", "signal"):
                continue
            row = {
                "id": new_id(),
                "name": item.name,
                "process_instance_id": self.instance_id,
                "element_id": item.element.id,
                "spiff_task_id": item.spiff_task_id,
            }
            if item.kind == "signal":
                signals.append(row)
            else:
                messages.append({**row, "keys": item.keys, "correlation_key": self._need_of(item)})
        if messages:
            self.later(_INSERT_SUBSCRIPTIONS, messages)
        if signals:
            self.later(_INSERT_SIGNALS, signals)

    def _raise_incidents(self) -> None:
        rows = [
            {
                "id": new_id(),
                "process_instance_id": self.instance_id,
                "element_id": failure.element_id,
                "spiff_task_id": failure.spiff_task_id,
                "kind": failure.kind,
                "message": storable(failure.message),
                "expression": storable(failure.expression) if failure.expression else None,
                "created_at": self.now,
            }
            for failure in self.run.failures
        ]
        if rows:
            self.later(_INSERT_INCIDENTS, rows)
        for failure in self.run.failures:
            facts = {"kind": failure.kind, "message": failure.message, "expression": failure.expression}
            self.tell("incident_raised", element_id=failure.element_id, data=facts)
        self.run.failures.clear()

    def _close_incidents(self) -> None:
        """Close the incidents whose token went on or away by another path than trying again."""
        query = sa.select(_INCIDENT.c.id, _INCIDENT.c.element_id, _INCIDENT.c.spiff_task_id).where(
            _INCIDENT.c.process_instance_id == self.instance_id,
            _INCIDENT.c.job_id.is_(None),
            _INCIDENT.c.resolved_at.is_(None),
        )
        stuck = self.run.stuck_tokens()
        for row in self.session.connection().execute(query):
            if row.spiff_task_id not in stuck:
                values = {"incident": row.id, "at": self.now, "who": self.by.username}
                self.later(_CLOSE_INCIDENT, values)
                self.tell("incident_resolved", element_id=row.element_id, data={"incident_id": str(row.id)})

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


def _check_stored(assignee: str | None, groups: list[str], priority: int) -> None:
    """Refuse what an expression answered and no column holds."""
    for name in (*groups, *([assignee] if assignee else ())):
        if not is_storable(name, limits.PERSON):
            message = f"{name[: limits.SHORT]!r} is no name of a person or group."
            raise ValueError(message)
    if abs(priority) >= limits.PRIORITY:
        message = f"The priority {priority:.0e} is out of range."
        raise ValueError(message)


def _group_names(groups: Any) -> list[str]:
    if isinstance(groups, list):
        return [str(group) for group in cast("list[Any]", groups)]
    return split_list(str(groups) if groups else None)


def candidates_of(task: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the inbox rows of an open user task: its assignee's, or one for each candidate group."""
    principals = (
        [f"user:{task['assignee']}"]
        if task["assignee"]
        else [f"group:{name}" for name in dict.fromkeys(task["candidate_groups"])]
    )
    due_at = task["due_at"] or NO_DUE_DATE
    return [{"principal": principal, "due_at": due_at, "user_task_id": task["id"]} for principal in principals]


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
