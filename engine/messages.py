"""Messages: each wakes the one instance that waits for it, or starts one, or is kept until somebody waits.

The rule, the same for messages from outside and for those that an instance throws:

1. a message id that was taken before changes nothing, for ever;
2. an instance that waits for the name with keys that match takes it; of several the one that has waited longest;
3. else the newest version of the process that starts on it begins an instance;
4. else it is kept for its time to live, and taken by the first that begins to wait (``buffer``); messages of the same
   name and keys are taken in the order in which they came.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from engine import buffer, correlation, history, job_kinds, safekeeping, start_events, steps
from engine import variables as variable_rules
from engine.actor import SYSTEM, Actor
from engine.bpmn.messaging import UNNAMED_KEY, Thrown
from engine.bpmn.timers import TimerInvalid, due_instant
from engine.buffer import Letter
from engine.errors import MessageUnknown, ProcessInstanceNotActive, VariablesInvalid
from engine.job_kinds import DueJob, Policy
from engine.models import BufferedMessage, MessageReceipt, MessageSubscription, ProcessDefinition, ProcessInstance

MAX_MESSAGE_ID = 200
#: How long a message is kept that says nothing of it: a weekend and a holiday pass.
TIME_TO_LIVE = "P7D"
#: Years would outlive the reason for which a message was sent.
LONGEST_TIME_TO_LIVE = timedelta(days=3660)
#: Messages that cause messages within one transaction; further ones go by jobs.
DEEPEST = 8
_DEPTH = "matterflow_message_depth"
#: Messages that a sweep takes out at once.
SWEPT_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class MessageOutcome:
    """What a message did."""

    #: The instance that took it; None when nobody has yet, and for a duplicate.
    process_instance_id: UUID | None = None
    #: True when it started that instance.
    started: bool = False
    #: True when this message id had its effect before and nothing changed.
    duplicate: bool = False
    #: How many waited for it, the one that took it included.
    waiting: int = 0
    #: Until when it is kept; None when it was taken, or nobody will have it.
    buffered_until: datetime | None = None

    @property
    def delivered_to(self) -> UUID | None:
        """The instance that took it, whether it waited or was started by it."""
        return self.process_instance_id


def correlate(
    session: Session,
    name: str,
    correlation_key: str | Mapping[str, Any] | None,
    *,
    variables: Mapping[str, Any] | None = None,
    message_id: str | None = None,
    time_to_live: str | None = None,
    by: Actor,
    now: datetime,
) -> MessageOutcome:
    """Hand a message to the instance that waits for it, start the process that begins with it, or keep it.

    ``correlation_key`` is one key, or several by name. ``time_to_live`` is an ISO 8601 duration; ``PT0S`` keeps
    nothing, and when then nobody takes the message, its id is free to be used again.

    Raises:
        MessageUnknown: no deployed process knows this name.
        VariablesInvalid: the variables, the keys, the id or the time to live cannot be accepted.
    """
    values = variable_rules.checked(dict(variables or {}))
    keys = correlation.checked(correlation_key)
    expires_at = expiry(time_to_live, now)
    for field, text in (("name", name), ("message_id", message_id)):
        if text is not None and not variable_rules.is_storable(text, MAX_MESSAGE_ID):
            raise VariablesInvalid({field: f"It has 1 to {MAX_MESSAGE_ID} characters, and no NUL among them."})
    if message_id is not None and not _is_first(session, name, message_id, now):
        return MessageOutcome(duplicate=True)
    values = safekeeping.storable(session, values, by=by, now=now)
    letter = Letter(name, keys, values, by.username, message_id)
    if buffer.oldest_like(session, letter, now=now) is not None:
        return _keep(session, letter, expires_at, now)
    outcome = _hand_over(session, letter, by=by, now=now)
    if outcome is None:
        if not is_known(session, name):
            raise MessageUnknown(name)
        outcome = _keep(session, letter, expires_at, now)
    if message_id is not None and outcome.process_instance_id is None and outcome.buffered_until is None:
        session.execute(sa.delete(MessageReceipt).where(MessageReceipt.message_id == message_id))
    return outcome


def expiry(time_to_live: str | None, now: datetime) -> datetime:
    """Return when a message that comes now is no longer kept.

    Raises:
        VariablesInvalid: the text is no duration, or one below zero or far too long.
    """
    text = (time_to_live or TIME_TO_LIVE).strip()
    try:
        expires_at = due_instant(text if text.upper().startswith("P") else "", now)
    except TimerInvalid as error:
        raise VariablesInvalid({"time_to_live": "It is an ISO 8601 duration, such as P7D."}) from error
    if not now <= expires_at <= now + LONGEST_TIME_TO_LIVE:
        raise VariablesInvalid({"time_to_live": f"It is between PT0S and P{LONGEST_TIME_TO_LIVE.days}D."})
    return expires_at


def is_known(session: Session, name: str) -> bool:
    """Say whether any version of any process waits for, or starts on, a message of this name."""
    rows = session.scalars(sa.select(ProcessDefinition.message_names).distinct())
    return any(name in names for names in rows)


# -- handing over -----------------------------------------------------------------------------------------


def _hand_over(
    session: Session,
    letter: Letter,
    *,
    by: Actor,
    now: datetime,
    is_command: bool = True,
    take: Callable[[], bool] = lambda: True,
) -> MessageOutcome | None:
    """Give a message to who has waited longest, or start a process with it; None when there is nobody.

    ``take`` takes it out of the buffer once its receiver is locked; when it says False, somebody else has had it.
    """
    tried: list[UUID] = []
    while True:
        waiting, subscription = _longest_waiting(session, letter, tried)
        if subscription is None:
            return _start(session, letter, by=by, now=now, is_command=is_command, take=take)
        try:
            step = steps.take_up(session, subscription.process_instance_id, by=by, now=now, is_command=is_command)
        except ProcessInstanceNotActive:
            step = None
        if step is None or not _is_received(step, letter, subscription):
            tried.append(subscription.id)  # it went while its instance was waited for
            continue
        if not take():
            return MessageOutcome()
        return _finish(step, letter, subscription, waiting + len(tried))


def _start(
    session: Session, letter: Letter, *, by: Actor, now: datetime, is_command: bool, take: Callable[[], bool]
) -> MessageOutcome | None:
    found = start_events.on(session, "message", letter.name)
    if not found:
        return None
    if not take():
        return MessageOutcome()
    definition, start = found[0]
    instance_id = start_events.begin(
        session,
        definition,
        start,
        letter.variables,
        business_key=letter.keys.get(UNNAMED_KEY),
        cause={"message": letter.name, "correlation_keys": letter.keys, "message_id": letter.message_id},
        is_command=is_command,
        by=by,
        now=now,
    )
    return MessageOutcome(instance_id, started=True)


def _is_received(step: steps.Step, letter: Letter, subscription: Any) -> bool:
    return step.run.receive("message", subscription.spiff_task_id, letter.name, letter.variables)


def _finish(step: steps.Step, letter: Letter, subscription: Any, waiting: int) -> MessageOutcome:
    step.tell("message_received", element_id=subscription.element_id, data=letter.facts(waiting=waiting))
    step.finish()
    return MessageOutcome(step.instance_id, waiting=waiting)


def _longest_waiting(session: Session, letter: Letter, tried: list[UUID]) -> tuple[int, Any]:
    needs = [need for _, need in letter.channels]
    key = MessageSubscription.correlation_key
    row = session.execute(
        sa.select(
            MessageSubscription.id,
            MessageSubscription.process_instance_id,
            MessageSubscription.element_id,
            MessageSubscription.spiff_task_id,
            sa.func.count().over().label("waiting"),
        )
        .join(ProcessInstance, ProcessInstance.id == MessageSubscription.process_instance_id)
        .where(
            MessageSubscription.name == letter.name,
            key.is_(None) if needs == [None] else key.in_(needs),
            ProcessInstance.state.in_(("active", "incident")),
            MessageSubscription.id.not_in(tried),
        )
        .order_by(MessageSubscription.id)
        .limit(1)
    ).one_or_none()
    return (0, None) if row is None else (row.waiting, row)


def _keep(session: Session, letter: Letter, expires_at: datetime, now: datetime) -> MessageOutcome:
    if expires_at <= now:
        return MessageOutcome()
    buffer.put(session, letter, expires_at=expires_at, now=now)
    return MessageOutcome(buffered_until=expires_at)


def _is_first(session: Session, name: str, message_id: str, now: datetime) -> bool:
    """Note a message id; the unique key decides between two that come at the same moment."""
    if session.get(MessageReceipt, message_id) is not None:
        return False
    try:
        with session.begin_nested():
            session.add(MessageReceipt(message_id=message_id, name=name, received_at=now))
    except IntegrityError:
        return False
    return True


# -- what instances throw ---------------------------------------------------------------------------------


def throw(session: Session, sender: steps.Step, thrown: Thrown, *, by: Actor, now: datetime) -> None:
    """Hand on a message that an instance threw, in the transaction of its step.

    Whoever is busy just now, and whoever fails with it, gets it by a job. That nobody waits for it is no error.
    """
    keys = thrown.keys
    if keys is None:
        keys = {UNNAMED_KEY: sender.business_key} if sender.business_key else {}
    letter = Letter(
        thrown.name, keys, steps.plain(thrown.variables), by.username, None, sender.instance_id, thrown.element_id
    )
    outcome = _throw(session, letter, expiry(thrown.time_to_live, now), by=by, now=now)
    facts: dict[str, Any] = {
        "name": letter.name,
        "correlation_keys": keys,
        "taken_by": str(outcome.process_instance_id) if outcome.process_instance_id else None,
        "waiting": outcome.waiting,
    }
    if outcome.buffered_until is not None:
        facts["buffered_until"] = outcome.buffered_until.isoformat()
    history.append(
        session,
        sender.instance_id,
        "message_thrown",
        actor=by.username,
        now=now,
        element_id=thrown.element_id,
        data=facts,
    )


def _throw(session: Session, letter: Letter, expires_at: datetime, *, by: Actor, now: datetime) -> MessageOutcome:
    depth: int = session.info.get(_DEPTH, 0)
    if depth < DEEPEST and buffer.oldest_like(session, letter, now=now) is None:
        session.info[_DEPTH] = depth + 1
        try:
            with session.begin_nested():
                outcome = _hand_over_now(session, letter, by=by, now=now)
        except Exception:  # noqa: BLE001 - the sender's step stands; the job meets the failure again and tells it
            outcome = None
        finally:
            session.info[_DEPTH] = depth
        if outcome is not None:
            return outcome
    if not is_known(session, letter.name):
        return MessageOutcome()
    return _keep(session, letter, expires_at, now)


def _hand_over_now(session: Session, letter: Letter, *, by: Actor, now: datetime) -> MessageOutcome | None:
    """Give a message to who has waited longest unless that instance is being moved just now."""
    waiting, subscription = _longest_waiting(session, letter, [])
    if subscription is None:
        return _start(session, letter, by=by, now=now, is_command=True, take=lambda: True)
    if steps.under_way(session, subscription.process_instance_id) is not None:
        return None  # it waits for its own message, or for the answer to one that it is just sending
    row = steps.lock_if_free(session, subscription.process_instance_id)
    if row is None or row.state not in ("active", "incident"):
        return None
    step = steps.take_up(session, subscription.process_instance_id, by=by, now=now, is_command=False, row=row)
    return _finish(step, letter, subscription, waiting) if _is_received(step, letter, subscription) else None


# -- what was kept ----------------------------------------------------------------------------------------


@job_kinds.handles(buffer.JOB_KIND, Policy(attempts=8, pause_s=2, factor=4, longest_pause_s=3600))
def deliver(session: Session, job: DueJob, now: datetime) -> None:
    """Look once more for who waits for a kept message; the first of its name and keys goes first."""
    own_id = UUID(cast("dict[str, str]", job.payload)["buffered_id"])
    row = _kept(session, own_id, now)
    if row is None:
        return
    first = buffer.oldest_like(session, buffer.letter_of(row), now=now)
    if first != row.id:
        row = _kept(session, cast(UUID, first), now)
        if row is None:
            return
    letter, connection, kept_id = buffer.letter_of(row), session.connection(), row.id
    by = Actor(letter.by)
    outcome = _hand_over(
        session, letter, by=by, now=now, is_command=False, take=lambda: buffer.take(connection, kept_id)
    )
    if outcome is None:
        buffer.make_sure_that_nobody_waits(connection, letter)
        if _is_wanted(session, letter):
            # Not here: who holds this lock waits for nobody.
            buffer.look_again(session, [kept_id], by=letter.by, now=now)
    elif kept_id != own_id:
        buffer.look_again(session, [own_id], by=job.by, now=now)


def _kept(session: Session, buffered_id: UUID, now: datetime) -> Any:
    return session.execute(
        sa.select(cast("sa.Table", BufferedMessage.__table__)).where(
            BufferedMessage.id == buffered_id, BufferedMessage.expires_at > now
        )
    ).one_or_none()


def _is_wanted(session: Session, letter: Letter) -> bool:
    return _longest_waiting(session, letter, [])[1] is not None or bool(
        start_events.on(session, "message", letter.name)
    )


def sweep(session: Session, *, now: datetime) -> int:
    """Take out the messages that nobody took in time; return how many. Their senders' histories say so."""
    count = 0
    for row in buffer.expired(session, now=now, limit=SWEPT_AT_ONCE):
        count += 1
        if row.process_instance_id is not None:
            facts = {"name": row.name, "correlation_keys": row.keys, "thrown_at": row.received_at.isoformat()}
            history.append(
                session,
                row.process_instance_id,
                "message_expired",
                actor=SYSTEM.username,
                now=now,
                element_id=row.element_id,
                data=facts,
            )
    return count
