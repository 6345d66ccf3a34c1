"""Service tasks by which diagrams register, verify and end deadlines; who may is the diagram's to say.

Nobody is the second person to themselves, whatever the diagram says.
"""

from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.delegates import BpmnError, DelegateCall, delegate
from practice.deadlines import operations, processes, queries, records
from practice.deadlines.errors import DeadlineNotFound
from practice.deadlines.models import ENDINGS, Deadline
from practice.deliveries.operations import once
from practice.errors import MatterNotFound, VariableInvalid
from practice.matters.models import Matter
from practice.variables import day, long_text, needed_text, text


@delegate("register_deadline")
def register_deadline(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Calculate and register a deadline of the calling process's matter.

    Inputs: ``pack``, ``rule``, ``anchor_on``, ``source`` and perhaps ``service_method``, ``calendar``; or ``name``,
    ``due_on``, ``citation``, ``source``. With ``verified: "here"`` the diagram itself asks the second person; else a
    process of its own does. ``as`` names the variables: ``limitation`` gives ``limitation_id`` and ``limitation_on``.
    A day that has passed already is registered and waived in one, with the reason that it had passed.
    """

    def effect() -> dict[str, Any]:
        matter = _matter(session, call)
        here = text(call.inputs, "verified") == "here"
        said = {**call.inputs, "chain": None}
        made = operations.register_in(
            session,
            matter,
            said,
            process_instance_id=call.process_instance_id if here else None,
            passed_is_waived=True,
            by=call.by,
            now=call.now,
        )[0]
        return _told(call, made)

    return once(session, "register_deadline", call, effect)


@delegate("verify_deadline")
def verify_deadline(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Let the person whose step this is stand for the deadline ``deadline_id`` as the second one.

    ``due_on`` is the day they came to. Another day than the one on record is proposed in its place, with ``reason``,
    and somebody else has to verify that. Whoever registered the deadline does not verify it: a process of its own asks
    somebody else, or with ``same_person: "error"`` the BPMN error ``second_person_needed`` is thrown.
    """

    def effect() -> dict[str, Any]:
        deadline = _now_in_its_place(session, _deadline(session, call))
        due_on = day(call.inputs, "due_on") or deadline.due_on
        if deadline.is_open and due_on != deadline.due_on:
            deadline = _change(session, call, deadline, {"due_on": due_on.isoformat() if due_on else None})
        elif deadline.state == "proposed":
            _verify(session, call, deadline, due_on)
        return _told(call, deadline)

    return once(session, "verify_deadline", call, effect)


@delegate("dispute_deadline")
def dispute_deadline(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Note that the second person does not agree, and why (``reason``)."""

    def effect() -> None:
        reason = long_text(call.inputs, "reason")
        records.dispute(session, _deadline(session, call), reason=reason, by=call.by, now=call.now)

    return once(session, "dispute_deadline", call, effect)


@delegate("change_deadline")
def change_deadline(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Propose another day (``due_on``), or the day that follows from another ``anchor_on``, with a ``reason``."""

    def effect() -> dict[str, Any]:
        return _told(call, _change(session, call, _deadline(session, call), call.inputs))

    return once(session, "change_deadline", call, effect)


@delegate("confirm_deadline_end")
def confirm_deadline_end(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Let the person whose step this is confirm the end that somebody else has asked for.

    Whoever asked gets the BPMN error ``second_person_needed``.
    """

    def effect() -> None:
        deadline = _deadline(session, call)
        if call.by.username == deadline.ending_by:
            raise _same_person()
        records.confirm_end(session, deadline, by=call.by, now=call.now, through=call.process_instance_id)

    return once(session, "confirm_deadline_end", call, effect)


@delegate("refuse_deadline_end")
def refuse_deadline_end(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Let the deadline go on although somebody has asked to end it, with a ``reason``."""

    def effect() -> None:
        reason, through = long_text(call.inputs, "reason"), call.process_instance_id
        records.refuse_end(session, _deadline(session, call), reason=reason, by=call.by, now=call.now, through=through)

    return once(session, "refuse_deadline_end", call, effect)


@delegate("end_deadline")
def end_deadline(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Say that ``deadline_id`` was met or is waived (``outcome``), with ``reason``.

    The first person asks for it, the next confirms. A deadline that has ended, or whose end this person has asked for
    already, stays as it is. Without ``deadline_id`` nothing happens: there was none to end.
    """

    def effect() -> None:
        if text(call.inputs, "deadline_id") is None:
            return
        _end(session, call, _now_in_its_place(session, _deadline(session, call)))

    return once(session, "end_deadline", call, effect)


@delegate("end_deadlines")
def end_deadlines(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Say of every open deadline of the matter what ``end_deadline`` says of one."""

    def effect() -> None:
        for deadline in records.open_of(session, _matter(session, call).id):
            _end(session, call, deadline)

    return once(session, "end_deadlines", call, effect)


def _verify(session: Session, call: DelegateCall, deadline: Deadline, due_on: date | None) -> None:
    is_same_person = call.by.username in (deadline.created_by, records.SYSTEM_NAME)
    if not is_same_person or deadline.persons < records.TWO:
        reason, through = long_text(call.inputs, "reason"), call.process_instance_id
        records.verify(session, deadline, due_on=due_on, reason=reason, by=call.by, now=call.now, through=through)
        return
    if text(call.inputs, "same_person") == "error":
        raise _same_person()
    deadline.process_instance_id = None
    processes.ask_second_person(session, deadline, records.matter_of(session, deadline), by=call.by, now=call.now)


def _same_person() -> BpmnError:
    return BpmnError("second_person_needed", "Nobody verifies or ends a fatal deadline alone.")


def _now_in_its_place(session: Session, deadline: Deadline) -> Deadline:
    """Return what has replaced a deadline meanwhile, on its page or by another process; itself if nothing has."""
    newer = queries.replaced_by(session, deadline.id) if deadline.state == "superseded" else None
    return _now_in_its_place(session, newer) if newer is not None else deadline


def _change(session: Session, call: DelegateCall, deadline: Deadline, said: dict[str, Any]) -> Deadline:
    if deadline.process_instance_id == call.process_instance_id:
        # Its own process decides about it just now: it is not to be ended from within.
        deadline.process_instance_id = None
    reason = long_text(call.inputs, "reason")
    return operations.change_in(session, deadline, said, reason=reason, by=call.by, now=call.now)


def _end(session: Session, call: DelegateCall, deadline: Deadline) -> None:
    outcome = needed_text(call.inputs, "outcome", longest=20)
    if outcome not in ENDINGS:
        raise VariableInvalid("outcome", outcome)
    if not deadline.is_open and not (deadline.state == "missed" and outcome == "met"):
        return
    through = call.process_instance_id
    if deadline.ending is None:
        reason = long_text(call.inputs, "reason")
        records.end(session, deadline, outcome, reason=reason, by=call.by, now=call.now, through=through)
    elif deadline.ending == outcome and call.by.username not in (deadline.ending_by, "system"):
        records.confirm_end(session, deadline, by=call.by, now=call.now, through=through)


def _told(call: DelegateCall, deadline: Deadline) -> dict[str, Any]:
    name = text(call.inputs, "as", longest=60) or "deadline"
    return {
        f"{name}_id": str(deadline.id),
        f"{name}_on": deadline.due_on.isoformat() if deadline.due_on else None,
    }


def _deadline(session: Session, call: DelegateCall) -> Deadline:
    """Return the deadline, which has to be of the calling process's matter."""
    given = needed_text(call.inputs, "deadline_id", longest=60)
    try:
        deadline = records.locked(session, UUID(given))
    except ValueError as broken:
        raise DeadlineNotFound(given) from broken
    if deadline.matter_id != _matter(session, call).id:
        raise DeadlineNotFound(given)
    return deadline


def _matter(session: Session, call: DelegateCall) -> Matter:
    matter = session.scalar(sa.select(Matter).where(Matter.number == (call.business_key or "")))
    if matter is None:
        raise MatterNotFound(call.business_key or "")
    return matter
