"""Putting a wall up, keeping it and lifting it."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import user_tasks
from engine.actor import Actor
from engine.models import UserTask
from practice.audit import operations as audit
from practice.enquiries.models import Enquiry
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.matters.models import Matter
from practice.people import queries as people
from practice.people.models import User
from practice.sequences.operations import next_number
from practice.variables import Variables, long_text, names, needed_text
from practice.walls import hooks, queries
from practice.walls.errors import (
    AcknowledgesForAnother,
    KeptOutDecides,
    MatterUnknown,
    PersonKeptOut,
    PersonOnBothSides,
    ResponsibleKeptOut,
    SecondPersonNeeded,
    WallNotFound,
    WallNotInState,
)
from practice.walls.models import BASES, KINDS, Wall, WallMember, WallScope

REVIEW_AFTER = timedelta(days=90)
MOST_NUMBERS = 200


def request(
    session: Session, facts: Variables, *, process_instance_id: UUID | None = None, by: Actor, now: datetime
) -> Wall:
    """Record the request for a wall; it keeps nobody out yet.

    ``facts`` hold ``wall_name``, ``wall_kind``, ``wall_basis``, ``wall_reason``, ``wall_around`` (numbers of
    matters and enquiries, one a line or a list), ``wall_whole_client`` (true: around every matter of these matters'
    clients), ``people_out`` and ``people_in`` (usernames) and ``wall_elsewhere``.

    Raises:
        VariableMissing, VariableInvalid: the field is named.
        MatterUnknown: the requester sees no such matter or enquiry.
        NotAnActivePerson, PersonOnBothSides, ResponsibleKeptOut.
    """
    kind = _one_of(facts, "wall_kind", KINDS)
    scopes = _scopes(session, facts, by)
    inside = [_active(session, "people_in", username) for username in dict.fromkeys(names(facts, "people_in"))]
    out = [_active(session, "people_out", username) for username in dict.fromkeys(names(facts, "people_out"))]
    for username in out:
        if username in inside:
            raise PersonOnBothSides("people_out", username)
    if not (out if kind == "excluding" else inside):
        raise VariableMissing("people_out" if kind == "excluding" else "people_in")
    sides = [(username, "in") for username in inside] + [(username, "out") for username in out]
    wall = Wall(
        number=f"W-{now.year}-{next_number(session, 'wall', year=now.year):04d}",
        name=needed_text(facts, "wall_name", longest=200),
        kind=kind,
        basis=_one_of(facts, "wall_basis", BASES),
        reason=_needed_long_text(facts, "wall_reason"),
        elsewhere=long_text(facts, "wall_elsewhere"),
        state="requested",
        requested_at=now,
        requested_by=by.username,
        process_instance_id=process_instance_id,
        members=[WallMember(username=name, side=side, added_at=now, added_by=by.username) for name, side in sides],
        scopes=scopes,
    )
    session.add(wall)
    session.flush()
    _require_no_responsible_kept_out(session, wall)
    audit.append(session, "wall", wall.number, "wall_requested", by=by, now=now, after=_facts(wall))
    return wall


def put_up(session: Session, number: str, *, by: Actor, now: datetime) -> Wall:
    """Let an approved wall take effect at once, and take the work away that those outside hold; twice is once.

    Raises:
        WallNotFound, WallNotInState, KeptOutDecides, ResponsibleKeptOut.
    """
    wall = locked(session, number)
    if wall.state == "up":
        _take_work_away(session, wall, by=by, now=now)
        return wall
    _require_state(wall, "requested")
    _require_not_outside(wall, by)
    _require_no_responsible_kept_out(session, wall)
    wall.state = "up"
    wall.approved_by = by.username
    wall.up_at = now
    review_on = wall.review_on = (now + REVIEW_AFTER).date()
    session.flush()
    after = {"state": "up", "review_on": review_on.isoformat()}
    audit.append(session, "wall", number, "wall_put_up", by=by, now=now, before={"state": "requested"}, after=after)
    _take_work_away(session, wall, by=by, now=now)
    return wall


def refuse(session: Session, number: str, reason: str | None, *, by: Actor, now: datetime) -> Wall:
    """Refuse a request for a wall; a wall that was refused stays so."""
    wall = locked(session, number)
    if wall.state == "refused":
        return wall
    _require_state(wall, "requested")
    wall.state = "refused"
    wall.outcome = reason
    after = {"state": "refused", "reason": reason}
    audit.append(session, "wall", number, "wall_refused", by=by, now=now, before={"state": "requested"}, after=after)
    return wall


def acknowledge(session: Session, number: str, username: str, *, by: Actor, now: datetime) -> Wall:
    """Note that a person who is kept out knows of it; they say so themselves.

    Raises:
        WallNotFound, WallNotInState, AcknowledgesForAnother.
    """
    wall = locked(session, number)
    _require_state(wall, "up")
    member = next((one for one in wall.members if one.username == username and one.side == "out"), None)
    if member is None or by.username != username:
        raise AcknowledgesForAnother(number, by.username)
    if member.acknowledged_at is None:
        member.acknowledged_at = now
        audit.append(session, "wall", number, "wall_acknowledged", by=by, now=now, after={"username": username})
    return wall


def keep(session: Session, number: str, *, by: Actor, now: datetime) -> Wall:
    """Note that a wall was looked at and stays; it is looked at again after 90 days."""
    wall = locked(session, number)
    _require_state(wall, "up")
    before = {"review_on": None if wall.review_on is None else wall.review_on.isoformat()}
    review_on = wall.review_on = (now + REVIEW_AFTER).date()
    wall.lift_proposed_by = wall.lift_proposed_at = None
    after = {"review_on": review_on.isoformat()}
    audit.append(session, "wall", number, "wall_kept", by=by, now=now, before=before, after=after)
    return wall


def extend(session: Session, number: str, facts: Variables, *, by: Actor, now: datetime) -> Wall:
    """Keep more people out (``more_people_out``) or stand around more (``more_around``).

    Raises:
        WallNotFound, WallNotInState, VariableMissing, MatterUnknown, NotAnActivePerson, PersonOnBothSides,
        ResponsibleKeptOut.
    """
    wall = locked(session, number)
    _require_state(wall, "up")
    sides = {member.username: member.side for member in wall.members}
    more = [
        _active(session, "more_people_out", username) for username in dict.fromkeys(names(facts, "more_people_out"))
    ]
    for username in more:
        if sides.get(username) == "in":
            raise PersonOnBothSides("more_people_out", username)
    more_around = _around(session, facts, "more_around", by)
    if not more and not more_around:
        raise VariableMissing("more_people_out")
    before = _facts(wall)
    wall.members += [
        WallMember(username=username, side="out", added_at=now, added_by=by.username)
        for username in more
        if username not in sides
    ]
    known = {(scope.matter_id, scope.enquiry_number) for scope in wall.scopes}
    wall.scopes += [scope for scope in more_around if (scope.matter_id, scope.enquiry_number) not in known]
    session.flush()
    _require_no_responsible_kept_out(session, wall)
    audit.append(session, "wall", number, "wall_extended", by=by, now=now, before=before, after=_facts(wall))
    _take_work_away(session, wall, by=by, now=now)
    return wall


def stand_around_enquiry(session: Session, wall: Wall, number: str, *, by: Actor, now: datetime) -> None:
    """Let a wall that is up stand around an enquiry, too, and around the matter that comes of it."""
    if any(scope.enquiry_number == number for scope in wall.scopes):
        return
    before = _facts(wall)
    wall.scopes.append(WallScope(enquiry_number=number))
    session.flush()
    audit.append(session, "wall", wall.number, "wall_extended", by=by, now=now, before=before, after=_facts(wall))
    _take_work_away(session, wall, by=by, now=now)


def propose_lift(session: Session, number: str, reason: str, *, by: Actor, now: datetime) -> Wall:
    """Propose that a wall is lifted: the first of two persons.

    Raises:
        WallNotFound, WallNotInState, KeptOutDecides, and what else needs the wall refuses.
    """
    wall = locked(session, number)
    _require_state(wall, "up")
    _require_not_outside(wall, by)
    hooks.require_not_needed(session, wall, by=by)
    wall.lift_proposed_by = by.username
    wall.lift_proposed_at = now
    wall.outcome = reason
    audit.append(session, "wall", number, "wall_lift_proposed", by=by, now=now, after={"reason": reason})
    return wall


def lift(session: Session, number: str, *, by: Actor, now: datetime) -> Wall:
    """Lift a wall that another person has proposed to lift: the second of two persons.

    Raises:
        WallNotFound, WallNotInState, KeptOutDecides.
        SecondPersonNeeded: nobody has proposed it, or it was the same person.
        Whatever else needs the wall refuses, too.
    """
    wall = locked(session, number)
    if wall.state == "lifted":
        return wall
    _require_state(wall, "up")
    _require_not_outside(wall, by)
    if wall.lift_proposed_by in (None, by.username):
        raise SecondPersonNeeded(number, by.username)
    hooks.require_not_needed(session, wall, by=by)
    wall.state = "lifted"
    wall.lifted_by = by.username
    wall.lifted_at = now
    wall.review_on = None
    after = {"state": "lifted", "proposed_by": wall.lift_proposed_by, "reason": wall.outcome}
    audit.append(session, "wall", number, "wall_lifted", by=by, now=now, before={"state": "up"}, after=after)
    return wall


def locked(session: Session, number: str) -> Wall:
    """Return the wall with its row locked, or raise ``WallNotFound``; no person's rights are asked."""
    wall = session.scalar(sa.select(Wall).where(Wall.number == number).with_for_update())
    if wall is None:
        raise WallNotFound(number)
    return wall


def unacknowledged(wall: Wall) -> list[str]:
    """Return who is kept out by name and has not acknowledged it."""
    return sorted(one.username for one in wall.members if one.side == "out" and one.acknowledged_at is None)


def require_not_kept_out(
    session: Session, business_key: str, usernames: Collection[str], *, field: str = "username"
) -> None:
    """Refuse to give work of a matter or enquiry to people whom a wall keeps out of it.

    Raises:
        PersonKeptOut: naming the first of them.
    """
    kept_out = sa.select(User.username).where(
        User.username.in_(sorted(set(usernames))), queries.kept_out_of(business_key)
    )
    first = session.scalar(kept_out.order_by(User.username).limit(1))
    if first is not None:
        raise PersonKeptOut(field, first)


def _take_work_away(session: Session, wall: Wall, *, by: Actor, now: datetime) -> None:
    """Offer what those outside hold to its groups again; what has none goes to whoever answers for the matter."""
    numbers = queries.numbers_behind(wall.id)
    held = sa.select(UserTask).where(
        UserTask.state == "created", UserTask.assignee.is_not(None), UserTask.business_key.in_(numbers)
    )
    giving = Actor(by.username, rights=frozenset({"assign_user_tasks"}))
    for task in session.scalars(held.order_by(UserTask.id)).all():
        if not _is_outside(wall, str(task.assignee)):
            continue
        responsible = session.scalar(sa.select(Matter.responsible).where(Matter.number == task.business_key))
        if task.candidate_groups or responsible is None:
            user_tasks.unclaim(session, task.id, by=giving, now=now)
        else:
            user_tasks.assign(session, task.id, responsible, by=giving, now=now)


def _is_outside(wall: Wall, username: str) -> bool:
    side = next((member.side for member in wall.members if member.username == username), None)
    return side == "out" or (wall.kind == "enclosing" and side is None)


def _require_not_outside(wall: Wall, by: Actor) -> None:
    side = next((member.side for member in wall.members if member.username == by.username), None)
    if side == "out":
        raise KeptOutDecides(wall.number, by.username)


def _require_state(wall: Wall, state: str) -> None:
    if wall.state != state:
        raise WallNotInState(wall.number, wall.state)


def _require_no_responsible_kept_out(session: Session, wall: Wall) -> None:
    behind = sa.select(Matter.number, Matter.responsible).where(
        Matter.number.in_(queries.numbers_behind(wall.id)), Matter.state == "open"
    )
    for number, responsible in session.execute(behind.order_by(Matter.number)):
        if _is_outside(wall, responsible):
            field = "people_out" if wall.kind == "excluding" else "people_in"
            raise ResponsibleKeptOut(field, number, responsible)


def _scopes(session: Session, facts: Variables, by: Actor) -> list[WallScope]:
    scopes = _around(session, facts, "wall_around", by)
    if not scopes:
        raise VariableMissing("wall_around")
    if facts.get("wall_whole_client") is not True:
        return scopes
    matters = [scope.matter_id for scope in scopes if scope.matter_id is not None]
    clients = session.scalars(sa.select(Matter.client_party_id).where(Matter.id.in_(matters)).distinct())
    enquiries = [scope for scope in scopes if scope.matter_id is None]
    return [WallScope(client_party_id=client) for client in clients] + enquiries


def _around(session: Session, facts: Variables, field: str, by: Actor) -> list[WallScope]:
    return [_scope(session, field, number, by) for number in dict.fromkeys(_numbers(facts, field))]


def _scope(session: Session, field: str, number: str, by: Actor) -> WallScope:
    from practice.enquiries.queries import visible_to as enquiry_visible_to  # noqa: PLC0415 - it filters by walls
    from practice.matters.queries import visible_to as matter_visible_to  # noqa: PLC0415

    matter = session.scalar(sa.select(Matter.id).where(Matter.number == number, matter_visible_to(by)))
    if matter is not None:
        return WallScope(matter_id=matter)
    enquiry = session.scalar(sa.select(Enquiry.number).where(Enquiry.number == number, enquiry_visible_to(by)))
    if enquiry is None:
        raise MatterUnknown(field, number)
    return WallScope(enquiry_number=enquiry)


def _numbers(facts: Variables, field: str) -> list[str]:
    given = facts.get(field)
    items: Sequence[Any] = given.split() if isinstance(given, str) else given or []
    if not isinstance(items, list) or len(items) > MOST_NUMBERS:
        raise VariableInvalid(field, str(given)[:80])
    found: list[str] = []
    for item in items:
        text = item.strip(" ,;") if isinstance(item, str) else ""
        if not isinstance(item, str) or len(text) > 40 or "\x00" in text:  # noqa: PLR2004 - a number's width
            raise VariableInvalid(field, str(item)[:80])
        if text:
            found.append(text.upper())
    return found


def _one_of(facts: Variables, field: str, known: Collection[str]) -> str:
    value = needed_text(facts, field, longest=60)
    if value not in known:
        raise VariableInvalid(field, value)
    return value


def _needed_long_text(facts: Variables, field: str) -> str:
    value = long_text(facts, field)
    if value is None:
        raise VariableMissing(field)
    return value


def _active(session: Session, field: str, username: str) -> str:
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson(field, username[:80])
    return user.username


def _facts(wall: Wall) -> dict[str, Any]:
    return {
        "name": wall.name,
        "kind": wall.kind,
        "basis": wall.basis,
        "reason": wall.reason,
        "elsewhere": wall.elsewhere,
        "in": sorted(member.username for member in wall.members if member.side == "in"),
        "out": sorted(member.username for member in wall.members if member.side == "out"),
        "around": sorted(str(s.matter_id or s.client_party_id or s.enquiry_number) for s in wall.scopes),
    }
