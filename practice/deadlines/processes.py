"""The processes that deadlines start: a second person's look at one, and the incident when one was missed.

Both are bundles like any other; a firm that has not deployed them verifies on the deadline's own page.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import process_instances
from engine.actor import SYSTEM, Actor
from engine.errors import ProcessDefinitionNotFound
from engine.models import ProcessInstance
from practice.deadlines.models import Deadline
from practice.matters.models import Matter, MatterMember
from practice.people.models import Membership, User

REGISTRATION = "deadline_registration"
ENDING = "deadline_ending"
INCIDENT = "deadline_missed"
#: Who may be the second person: lawyers, as practice has it.
VERIFIERS = ("lawyers", "partners", "managing_partners", "court_representatives")
_MOVING = ("active", "incident", "suspended")


def ask_second_person(session: Session, deadline: Deadline, matter: Matter, *, by: Actor, now: datetime) -> None:
    """Start the look of a second person, if the firm has the process and the diagram does not do it itself."""
    if deadline.process_instance_id is not None:
        return
    variables = {**_told(deadline, matter), "verifier": second_person(session, matter, first=by.username)}
    deadline.process_instance_id = _start(session, REGISTRATION, matter, variables, now=now)


def begin_incident(session: Session, deadline: Deadline, matter: Matter, *, now: datetime) -> None:
    """Start the incident of a missed deadline on the same day."""
    _start(session, INCIDENT, matter, {**_told(deadline, matter), "end_reason": deadline.end_reason}, now=now)


def ask_to_confirm(session: Session, deadline: Deadline, matter: Matter, *, now: datetime) -> None:
    """Ask a second person whether a deadline has ended as the first one says."""
    first = deadline.ending_by or ""
    variables = {
        **_told(deadline, matter),
        "ending": deadline.ending,
        "ending_reason": deadline.ending_reason,
        "ending_by": first,
        "verifier": second_person(session, matter, first=first),
    }
    deadline.ending_process_id = _start(session, ENDING, matter, variables, now=now)


def no_longer_needed(session: Session, deadline: Deadline, *, through: UUID | None, now: datetime) -> None:
    """End what asked second persons about this deadline and has its answer, but for what answers just now."""
    asked = [deadline.ending_process_id] if deadline.ending is None else []
    if deadline.state != "proposed":
        asked.append(deadline.process_instance_id)
    for instance_id in asked:
        instance = session.get(ProcessInstance, instance_id) if instance_id not in (None, through) else None
        if instance is not None and instance.process_key in (REGISTRATION, ENDING) and instance.state in _MOVING:
            reason = f"The deadline is {deadline.state}."
            process_instances.cancel(session, instance.id, reason=reason, by=SYSTEM, now=now)


def second_person(session: Session, matter: Matter, *, first: str) -> str | None:
    """Return who of the matter's team may verify what ``first`` registered: approver, responsible, then the others."""
    rank = sa.case((MatterMember.role == "approver", 0), (MatterMember.role == "responsible", 1), else_=2)
    query = (
        sa.select(MatterMember.username)
        .join(User, User.username == MatterMember.username)
        .join(Membership, Membership.user_id == User.id)
        .where(
            MatterMember.matter_id == matter.id,
            MatterMember.until.is_(None),
            MatterMember.username != first,
            User.is_active,
            Membership.group_name.in_(VERIFIERS),
        )
        .order_by(rank, MatterMember.username)
        .limit(1)
    )
    return session.scalar(query)


def _start(session: Session, key: str, matter: Matter, variables: dict[str, Any], *, now: datetime) -> UUID | None:
    try:
        instance = process_instances.start(
            session, key, business_key=matter.number, variables=variables, by=SYSTEM, now=now
        )
    except ProcessDefinitionNotFound:
        return None
    return instance.id


def _told(deadline: Deadline, matter: Matter) -> dict[str, Any]:
    return {
        "deadline_id": str(deadline.id),
        "deadline_name": deadline.name,
        "due_on": deadline.due_on.isoformat() if deadline.due_on else None,
        "anchor_on": deadline.anchor_on.isoformat() if deadline.anchor_on else None,
        "citation": deadline.citation,
        "source": deadline.source,
        "possible": deadline.possible,
        "registered_by": deadline.created_by,
        "responsible": deadline.responsible,
        "matter_number": matter.number,
        "matter_title": matter.title,
    }
