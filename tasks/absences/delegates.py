"""Service tasks of the process ``absence``."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from engine import process_instances
from engine.actor import SYSTEM
from engine.delegates import DelegateCall, delegate
from practice.deliveries.operations import known_facts, once
from practice.people import queries as people
from practice.variables import needed_text, text
from tasks.absences import operations, queries
from tasks.absences.models import Absence

#: How long before the first day the work is handed over.
HANDOVER_BEFORE = timedelta(days=2)


@delegate("book_absence")
def book_absence(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Book the absence, give the process its number, and say what it leaves uncovered."""

    def effect() -> dict[str, Any]:
        facts = known_facts(call)
        absence = operations.book(
            session, facts, process_instance_id=call.process_instance_id, by=call.by, now=call.now
        )
        process_instances.set_business_key(session, call.process_instance_id, absence.number, by=call.by, now=call.now)
        return _covered(session, absence)

    return once(session, "book_absence", call, effect)


@delegate("name_substitute")
def name_substitute(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Let the person ``substitute`` stand in; nobody when the work is to wait."""

    def effect() -> dict[str, Any] | None:
        username = text(call.inputs, "substitute", longest=150)
        if username is None:
            return None
        # The diagram says who arranges cover.
        by = replace(call.by, rights=call.by.rights | {"assign_user_tasks"})
        absence = operations.name_substitute(session, _number(call), username, by=by, now=call.now)
        return {"has_substitute": bool(absence.substitutes)}

    return once(session, "name_substitute", call, effect)


@delegate("begin_absence")
def begin_absence(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Show the work to the substitutes."""

    def effect() -> None:
        operations.begin(session, _number(call), by=call.by, now=call.now)

    return once(session, "begin_absence", call, effect)


@delegate("end_absence")
def end_absence(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Hand the work back and say what came back."""

    def effect() -> dict[str, Any]:
        returned = operations.end(session, _number(call), by=call.by, now=call.now)
        return {"returned": [task.name for task in returned][:50], "returned_count": len(returned)}

    return once(session, "end_absence", call, effect)


@delegate("cancel_absence")
def cancel_absence(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Call the absence off; what has begun already ends."""

    def effect() -> None:
        absence = queries.get(session, _number(call), actor=SYSTEM)
        if absence.state == "active":
            operations.end(session, absence.number, by=call.by, now=call.now)
        elif absence.state == "booked":
            operations.cancel(session, absence.number, by=call.by, now=call.now)

    return once(session, "cancel_absence", call, effect)


def _covered(session: Session, absence: Absence) -> dict[str, Any]:
    gaps = queries.gaps(session, absence.username, absence.first_on, absence.last_on)
    begins_at = operations.begins_at(absence)
    names = people.display_names(session, [absence.username])
    return {
        "absence_number": absence.number,
        "absent": absence.username,
        "absent_name": names.get(absence.username, absence.username),
        "has_substitute": bool(absence.substitutes),
        "uncovered_groups": ", ".join(gap.title for gap in gaps),
        "is_covered": not gaps,
        "handover_at": (begins_at - HANDOVER_BEFORE).isoformat(),
        "begins_at": begins_at.isoformat(),
        "ends_at": operations.ends_at(absence).isoformat(),
    }


def _number(call: DelegateCall) -> str:
    return call.business_key or needed_text(call.variables, "absence_number", longest=40)
