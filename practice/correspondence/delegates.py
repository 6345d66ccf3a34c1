"""Service tasks by which the correspondence process keeps the register; who may is the diagram's to say."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import process_instances
from engine.delegates import DelegateCall, delegate
from practice.correspondence import operations, suggestions
from practice.correspondence.models import Letter
from practice.correspondence.operations import reason_of
from practice.deliveries.operations import known_facts, once
from practice.matters.models import Matter
from practice.variables import needed_text, text


@delegate("register_letter")
def register_letter(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Enter the letter in the register and propose matters for it.

    The process gets the number of the letter's matter as business key, so that its tasks are seen by who may see the
    matter, and else the letter's own number.
    """

    def effect() -> dict[str, Any]:
        letter = operations.register(
            session, known_facts(call), process_instance_id=call.process_instance_id, by=call.by, now=call.now
        )
        found = suggestions.for_letter(session, letter, actor=call.by) if letter.matter_id is None else []
        number = _rename(session, call, letter)
        return {
            "letter_number": letter.number,
            "letter_matter": number,
            "registered_by": letter.registered_by,
            "routed_by": letter.registered_by,
            "letter_holder": letter.registered_by,
            "matter_choices": [{"label": f"{one.number} {one.title}", "value": one.number} for one in found],
        }

    return once(session, "register_letter", call, effect)


@delegate("file_letter_under")
def file_letter_under(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Say which matter the letter belongs to (input ``letter_matter``); without one it stays as it is."""

    def effect() -> dict[str, Any]:
        number = text(call.inputs, "letter_matter", longest=40)
        letter = operations.file_under(session, _number(call), number, by=call.by, now=call.now)
        return {"letter_matter": _rename(session, call, letter)}

    return once(session, "file_letter_under", call, effect)


@delegate("hand_letter_over")
def hand_letter_over(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Hand the letter to ``to_person`` or ``to_department`` with ``reason``; says to whom it is offered."""

    def effect() -> dict[str, Any]:
        letter = operations.hand_over(
            session,
            _number(call),
            to_person=text(call.inputs, "to_person", longest=150),
            to_department=text(call.inputs, "to_department", longest=150),
            reason=reason_of(call.inputs, "reason"),
            by=call.by,
            now=call.now,
        )
        return {
            "offered_to": letter.holder,
            "offered_groups": [letter.holder_group] if letter.holder_group else [],
            "handed_over_by": call.by.username,
            "handed_over_because": letter.last_reason,
        }

    return once(session, "hand_letter_over", call, effect)


@delegate("accept_letter")
def accept_letter(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Let whoever accepted have the letter."""

    def effect() -> dict[str, Any]:
        return {"letter_holder": operations.accept(session, _number(call), by=call.by, now=call.now).holder}

    return once(session, "accept_letter", call, effect)


@delegate("return_letter")
def return_letter(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Return the letter with ``reason`` to whoever handed it over."""

    def effect() -> dict[str, Any]:
        reason = reason_of(call.inputs, "reason")
        letter = operations.give_back(session, _number(call), reason=reason, by=call.by, now=call.now)
        return {"routed_by": letter.holder, "returned_because": letter.last_reason, "returned_by": call.by.username}

    return once(session, "return_letter", call, effect)


@delegate("note_original")
def note_original(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Keep what became of the paper: ``what`` is ``missed``, ``found`` (with ``place``) or ``lost``."""

    def effect() -> None:
        number, what = _number(call), needed_text(call.inputs, "what", longest=10)
        reason = reason_of(call.inputs, "reason")
        if what == "missed":
            operations.miss_original(session, number, reason=reason, by=call.by, now=call.now)
            return
        place = needed_text(call.inputs, "place", longest=200) if what == "found" else None
        operations.settle_original(session, number, place=place, reason=reason, by=call.by, now=call.now)

    return once(session, "note_original", call, effect)


@delegate("dispatch_letter")
def dispatch_letter(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Note that the letter, or the answer to it, has left the house; ``sent_number`` is what left."""

    def effect() -> dict[str, Any]:
        sent = operations.dispatch(
            session,
            _number(call),
            known_facts(call),
            process_instance_id=call.process_instance_id,
            by=call.by,
            now=call.now,
        )
        return {"sent_number": sent.number}

    return once(session, "dispatch_letter", call, effect)


@delegate("prove_dispatch")
def prove_dispatch(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Keep the proof that what was sent has arrived."""

    def effect() -> None:
        number = needed_text(call.variables, "sent_number", longest=40)
        operations.prove(session, number, known_facts(call), by=call.by, now=call.now)

    return once(session, "prove_dispatch", call, effect)


@delegate("close_letter")
def close_letter(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """End the way of the letter, and of what was sent in answer to it, as ``outcome`` says."""

    def effect() -> None:
        outcome, reason = needed_text(call.inputs, "outcome", longest=20), reason_of(call.inputs, "reason")
        sent = text(call.variables, "sent_number", longest=40)
        for number in dict.fromkeys([sent, _number(call)]):
            if number is not None:
                operations.close(session, number, outcome, reason=reason, by=call.by, now=call.now)

    return once(session, "close_letter", call, effect)


def _number(call: DelegateCall) -> str:
    return needed_text(call.variables, "letter_number", longest=40)


def _rename(session: Session, call: DelegateCall, letter: Letter) -> str | None:
    """Let the process bear the number of the letter's matter, else the letter's own; return the matter's."""
    number = session.scalar(sa.select(Matter.number).where(Matter.id == letter.matter_id)) if letter.matter_id else None
    key = number or letter.number
    if key != call.business_key:
        process_instances.set_business_key(session, call.process_instance_id, key, by=call.by, now=call.now)
    return number
