"""The wall that an approved relative conflict rests on: named when it is decided, up when the matter is opened.

What was decided before walls were named has its wall in words. So has what is decided before the wall was asked for;
then every wall counts that stands around the enquiry because of a conflict or a consent.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import Final, TypedDict

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.conflicts.errors import ConsentMissing, ConsentWallMissing, ConsentWallNotUp, WallHoldsConflict
from practice.conflicts.models import ConflictCheck, ConflictDecision
from practice.enquiries.models import Enquiry
from practice.errors import VariableInvalid
from practice.matters.models import Matter
from practice.walls import hooks, queries
from practice.walls import operations as walls
from practice.walls.errors import WallNotInState
from practice.walls.models import Wall

#: Why a wall stands that a decision without a number can mean.
_FOR_CONFLICTS: Final = ("conflict", "consent")
_MOST_OFFERED: Final = 100
#: A date is local, and somewhere it is tomorrow already.
_AHEAD: Final = timedelta(days=1)


class Consent(TypedDict, total=False):
    """What goes with a decision about a relative conflict."""

    #: Who has signed, and the local date of the signature.
    consent_from: str | None
    consent_on: date | None
    #: Where the signed paper is.
    consent_document: str | None
    #: In words who is to be kept out, as long as no wall was asked for.
    wall: str | None
    #: The wall, which may still wait for its approval; the matter is opened only once it is up.
    wall_number: str | None


def required(session: Session, check: ConflictCheck, said: Consent, *, now: datetime) -> Consent:
    """Return the consent for a relative conflict with its wall.

    Raises:
        ConsentMissing, VariableInvalid, WallNotInState.
    """
    signed_on, number, in_words = said.get("consent_on"), said.get("wall_number"), said.get("wall")
    needed = (("consent_from", said.get("consent_from")), ("consent_on", signed_on), ("wall", number or in_words))
    if missing := [field for field, value in needed if not value]:
        raise ConsentMissing(str(check.id), missing)
    if signed_on is not None and signed_on > now.date() + _AHEAD:
        raise VariableInvalid("consent_on", signed_on.isoformat())
    if not number:
        return said
    number = _nameable(session, check, number).number
    return {**said, "wall": in_words or number, "wall_number": number}


def offered(session: Session, check: ConflictCheck, *, actor: Actor) -> list[Wall]:
    """Return the walls that a decision about a check may name, so far as the actor may see them; the newest first."""
    subject = check.subject if _is_about_something(session, check.subject) else None
    return list(session.scalars(queries.nameable(actor, subject).limit(_MOST_OFFERED)))


def seen(session: Session, decisions: Iterable[ConflictDecision], *, actor: Actor) -> frozenset[str]:
    """Return the numbers of the walls of these decisions that the actor may open."""
    named = {one.wall_number for one in decisions if one.wall_number is not None}
    query = sa.select(Wall.number).where(Wall.number.in_(named), queries.visible_to(actor))
    return frozenset(session.scalars(query)) if named else frozenset()


def require_up(session: Session, decision: ConflictDecision, subject: str, number: str) -> None:
    """Refuse to rest on a relative conflict's wall that is not up around the enquiry or matter ``subject``.

    Raises:
        ConsentWallMissing, ConsentWallNotUp.
    """
    if decision.wall_number is not None:
        named = session.scalar(sa.select(Wall).where(Wall.number == decision.wall_number))
        if named is not None and named.state != "up":
            raise ConsentWallNotUp(number, named.number, named.state)
    if not _is_about_something(session, subject):
        if decision.wall_number is None:
            raise ConsentWallMissing(number, decision.wall or "")
        return
    if not _meant(session, decision, subject, locked=True):
        raise ConsentWallMissing(number, decision.wall_number or decision.wall or "")


def bring_along(session: Session, decision: ConflictDecision, enquiry: str, *, by: Actor, now: datetime) -> None:
    """Let the wall of a decision that was made without an enquiry stand around the enquiry that relies on it.

    Raises:
        ConsentWallNotUp, PersonKeptOut: who relies on it is kept out themselves.
    """
    if decision.decision != "relative" or decision.wall_number is None:
        return
    wall = walls.locked(session, decision.wall_number)
    if wall.state != "up":
        raise ConsentWallNotUp(enquiry, wall.number, wall.state)
    walls.stand_around_enquiry(session, wall, enquiry, by=by, now=now)
    walls.require_not_kept_out(session, enquiry, [by.username], field="wall_number")


def require_not_rested_on(session: Session, wall: Wall, by: Actor) -> None:
    """Refuse to lift a wall with which the conflict of an open matter was approved, as long as there is a conflict.

    Each of these matters is looked at again now. Deciding anew about a check of the matter (another wall, or that
    there is no conflict) frees the wall, and so does closing the matter.

    Raises:
        WallHoldsConflict.
    """
    from practice.conflicts.operations import parties_of_matter  # noqa: PLC0415 - it asks this module
    from practice.conflicts.queries import find_hits  # noqa: PLC0415
    from practice.matters.queries import visible_to  # noqa: PLC0415

    held: list[str] = []
    for number, decision in _deciding(session, wall):
        if decision.decision != "relative":
            continue
        meant = _meant(session, decision, number)
        if wall not in meant or (decision.wall_number is None and len(meant) > 1):
            continue
        if any(hit.adverse for hit in find_hits(session, parties_of_matter(session, number), matter=number)):
            held.append(number)
    if held:
        seen = sa.select(Matter.number).where(Matter.number.in_(held), visible_to(by)).order_by(Matter.number)
        raise WallHoldsConflict(wall.number, list(session.scalars(seen)))


def _nameable(session: Session, check: ConflictCheck, number: str) -> Wall:
    """Return the wall that a decision about a check names.

    Raises:
        VariableInvalid: there is none of this number around the enquiry or matter of the check.
        WallNotInState: it was refused or lifted.
    """
    if "\x00" in number:
        raise VariableInvalid("wall_number", number[:80])
    query = sa.select(Wall).where(Wall.number == number.strip().upper()[:40])
    if _is_about_something(session, check.subject):
        around = queries.walls_around(check.subject, states=(*queries.NAMEABLE, "refused", "lifted"))
        query = query.where(Wall.id.in_(around))
    wall = session.scalar(query)
    if wall is None:
        raise VariableInvalid("wall_number", number[:80])
    if wall.state not in queries.NAMEABLE:
        raise WallNotInState(wall.number, wall.state)
    return wall


def _deciding(session: Session, wall: Wall) -> Iterable[tuple[str, ConflictDecision]]:
    """Yield each open matter behind a wall about which something was decided, with what was decided last."""
    behind = queries.numbers_behind(wall.id)
    matters = session.execute(
        sa.select(Matter.number, Matter.enquiry_number).where(Matter.number.in_(behind), Matter.state == "open")
    ).all()
    decided = (
        sa.select(ConflictCheck.subject, ConflictDecision)
        .join(ConflictDecision, ConflictDecision.check_id == ConflictCheck.id)
        .where(ConflictCheck.subject.in_(queries.numbers_behind(wall.id)))
        .order_by(ConflictDecision.decided_at, ConflictDecision.id)
    )
    by_subject = dict(session.execute(decided).all())
    for number, enquiry in sorted(matters):
        last = [by_subject[subject] for subject in (enquiry, number) if subject in by_subject]
        if last:
            yield number, max(last, key=lambda one: one.decided_at)


def _meant(session: Session, decision: ConflictDecision, subject: str, *, locked: bool = False) -> list[Wall]:
    """Return the walls up around an enquiry or matter that a decision rests on."""
    query = sa.select(Wall).where(Wall.id.in_(queries.walls_around(subject))).order_by(Wall.number)
    if locked:
        query = query.with_for_update()  # nobody lifts them while the matter is opened
    if decision.wall_number is not None:
        query = query.where(Wall.number == decision.wall_number)
    else:
        query = query.where(Wall.basis.in_(_FOR_CONFLICTS))
    return list(session.scalars(query))


def _is_about_something(session: Session, subject: str) -> bool:
    """Say whether a check was about an enquiry or a matter, and not only about names."""
    known = (sa.exists(sa.select(model.id).where(model.number == subject)) for model in (Enquiry, Matter))
    return bool(session.scalar(sa.select(sa.or_(*known))))


hooks.before_lift.append(require_not_rested_on)
