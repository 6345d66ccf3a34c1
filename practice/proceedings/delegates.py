"""Service tasks by which a process fills the calendar of hearings: the work itself says when somebody appears."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from engine.delegates import DelegateCall, delegate
from practice.deliveries.operations import known_facts, once
from practice.errors import VariableInvalid, VariableMissing
from practice.matters.guards import writable
from practice.matters.models import Matter
from practice.people.models import User
from practice.proceedings import operations
from practice.proceedings.models import Hearing, Proceeding
from practice.variables import Variables, day, long_text, needed_text, text

#: What a process says of how a hearing ended, and what the calendar says then.
_ENDED: Final = {"adjourned": "adjourned", "cancelled": "cancelled"}


@delegate("plan_hearing")
def plan_hearing(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Put the hearing of ``hearing_on`` and ``hearing_time`` (the firm's local time) into the calendar.

    It belongs to the matter's latest open proceeding; where there is none, one is opened at ``level`` with ``court``
    and ``court_number``. ``hearing_room`` and ``hearing_representative`` (a username, or a name that one colleague
    bears; else the responsible lawyer) come along. A hearing that was adjourned names this one as the next. Who
    planned the same hour by hand has done it already. Answers ``hearing_id``.
    """

    def effect() -> dict[str, Any]:
        facts, by = known_facts(call), _firm(call.by)
        matter = writable(session, call.business_key or "", by=by)
        starts_at = _starts_at(facts)
        proceeding = _proceeding(session, matter, facts, by=by, now=call.now)
        hearing = session.scalar(
            sa.select(Hearing).where(
                Hearing.proceeding_id == proceeding.id, Hearing.starts_at == starts_at, Hearing.state == "planned"
            )
        )
        if hearing is None:
            planned = {
                "starts_at": starts_at,
                "room": text(facts, "hearing_room", longest=100),
                "representative": _representative(session, matter, text(facts, "hearing_representative", longest=200)),
            }
            hearing = operations.plan_hearing(session, matter.number, proceeding.number, planned, by=by, now=call.now)
        _follow(session, hearing)
        return {"hearing_id": str(hearing.id)}

    return once(session, "plan_hearing", call, effect)


@delegate("end_hearing")
def end_hearing(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Say in the calendar how the hearing ``hearing_id`` ended: adjourned, cancelled, or held with ``hearing_note``.

    What somebody said by hand meanwhile stands; a process that began before it planned hearings ends none.
    """

    def effect() -> None:
        facts, by = known_facts(call), _firm(call.by)
        said = text(facts, "hearing_id", longest=40)
        hearing = session.get(Hearing, _id(said)) if said else None
        if hearing is None or hearing.state != "planned":
            return
        if hearing.proceeding.matter.number != call.business_key:
            raise VariableInvalid("hearing_id", str(hearing.id))
        state = _ENDED.get(needed_text(facts, "hearing_result", longest=40), "held")
        ended = {"state": state, "result": long_text(facts, "hearing_note")}
        operations.end_hearing(session, hearing.id, ended, by=by, now=call.now)

    return once(session, "end_hearing", call, effect)


def _firm(by: Actor) -> Actor:
    """Let the process act under the name of whose step led here: the secretary who enters a day is on no team."""
    return replace(by, rights=frozenset({*by.rights, "*"}))


def _proceeding(session: Session, matter: Matter, facts: Variables, *, by: Actor, now: datetime) -> Proceeding:
    query = sa.select(Proceeding).where(Proceeding.matter_id == matter.id, Proceeding.state != "closed")
    known = session.scalars(query.order_by(Proceeding.number.desc()).limit(1)).first()
    if known is not None:
        return known
    opened = {
        "level": text(facts, "level", longest=20) or "first_instance",
        "court": text(facts, "court") or matter.court,
        "court_number": text(facts, "court_number", longest=100) or matter.court_number,
    }
    return operations.open_proceeding(session, matter.number, opened, by=by, now=now)


def _follow(session: Session, hearing: Hearing) -> None:
    """Let the last hearing that was put off name the one that takes its place."""
    put_off = (
        sa.select(Hearing)
        .where(
            Hearing.proceeding_id == hearing.proceeding_id,
            Hearing.state == "adjourned",
            Hearing.next_hearing_id.is_(None),
            Hearing.id != hearing.id,
        )
        .order_by(Hearing.starts_at.desc(), Hearing.id.desc())
        .limit(1)
    )
    before = session.scalars(put_off).first()
    if before is not None:
        before.next_hearing_id = hearing.id
        session.flush()


def _starts_at(facts: Variables) -> datetime:
    on, said = day(facts, "hearing_on"), needed_text(facts, "hearing_time", longest=20)
    if on is None:
        raise VariableMissing("hearing_on")
    try:
        at = time.fromisoformat(said)
    except ValueError as broken:
        raise VariableInvalid("hearing_time", said) from broken
    return _instant(on, at.replace(tzinfo=None))


def _instant(on: date, at: time) -> datetime:
    return datetime.combine(on, at, clock.zone()).astimezone(UTC)


def _representative(session: Session, matter: Matter, said: str | None) -> str | None:
    """Return the colleague who is meant; whoever is not of the firm goes with the responsible lawyer."""
    active = sa.select(User.username).where(User.is_active)
    if said is not None:
        meant = sa.or_(User.username == said.lower(), User.full_name == said)
        named = session.scalars(active.where(meant).limit(2)).all()
        if len(named) == 1:
            return named[0]
    return session.scalar(active.where(User.username == matter.responsible))


def _id(said: str) -> UUID:
    try:
        return UUID(said)
    except ValueError as broken:
        raise VariableInvalid("hearing_id", said) from broken
