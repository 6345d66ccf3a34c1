"""Who works on a matter, from when to when."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.audit import operations as audit
from practice.errors import NotAnActiveLawyer, NotAnActivePerson, VariableInvalid
from practice.matters.errors import AlreadyOnTheTeam, ResponsibleIsNeeded, TeamMemberNotFound
from practice.matters.guards import writable
from practice.matters.models import MEMBER_ROLES, Matter, MatterMember
from practice.people import queries as people
from practice.walls import operations as walls


def join(
    session: Session, number: str, username: str, *, role: str = "member", by: Actor, now: datetime
) -> MatterMember:
    """Put somebody on a matter's team; from now on they may see it.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, NotAnActivePerson, PersonKeptOut,
        AlreadyOnTheTeam.
        VariableInvalid: no such role, or ``responsible``, for which there is ``change_responsible``.
    """
    if role not in MEMBER_ROLES or role == "responsible":
        raise VariableInvalid("role", role[:80])
    matter = writable(session, number, by=by)
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson("username", username[:80])
    walls.require_not_kept_out(session, number, [user.username], field="username")
    if _present(session, matter, user.username, role) is not None:
        raise AlreadyOnTheTeam(number, user.username, role)
    return _enter(session, matter, user.username, role, by=by, now=now)


def leave(session: Session, number: str, username: str, *, by: Actor, now: datetime) -> list[MatterMember]:
    """Take somebody off the team in every role; their time on it stays on record.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, TeamMemberNotFound.
        ResponsibleIsNeeded: it is the lawyer who answers for the matter.
    """
    matter = writable(session, number, by=by)
    present = list(
        session.scalars(
            sa.select(MatterMember).where(
                MatterMember.matter_id == matter.id,
                MatterMember.username == username,
                MatterMember.until.is_(None),
            )
        )
    )
    if not present:
        raise TeamMemberNotFound(number, username[:80])
    if any(member.role == "responsible" for member in present):
        raise ResponsibleIsNeeded(number, username)
    for member in present:
        _exit(session, matter, member, by=by, now=now)
    session.flush()
    return present


def change_responsible(session: Session, number: str, username: str, *, by: Actor, now: datetime) -> Matter:
    """Make another lawyer answer for the matter; who did so before stays on the team as a member.

    Raises:
        MatterNotFound, NotOnTheTeam, MatterArchived, NotAnActiveLawyer, PersonKeptOut.
    """
    matter = writable(session, number, by=by)
    user = people.by_username(session, username)
    if user is None or not user.is_active or "lawyers" not in user.groups:
        raise NotAnActiveLawyer("responsible", username[:80])
    if matter.responsible == user.username:
        return matter
    walls.require_not_kept_out(session, number, [user.username], field="responsible")
    before = matter.responsible
    old = _present(session, matter, before, "responsible")
    if old is not None:
        _exit(session, matter, old, by=by, now=now)
    if _present(session, matter, before, "member") is None:
        _enter(session, matter, before, "member", by=by, now=now)
    matter.responsible = user.username
    _enter(session, matter, user.username, "responsible", by=by, now=now)
    audit.append(
        session,
        "matter",
        number,
        "responsible_changed",
        by=by,
        now=now,
        before={"responsible": before},
        after={"responsible": user.username},
    )
    return matter


def _present(session: Session, matter: Matter, username: str, role: str) -> MatterMember | None:
    return session.scalar(
        sa.select(MatterMember).where(
            MatterMember.matter_id == matter.id,
            MatterMember.username == username,
            MatterMember.role == role,
            MatterMember.until.is_(None),
        )
    )


def _enter(session: Session, matter: Matter, username: str, role: str, *, by: Actor, now: datetime) -> MatterMember:
    member = MatterMember(matter_id=matter.id, username=username, role=role, since=now)
    session.add(member)
    session.flush()
    after = {"username": username, "role": role}
    audit.append(session, "matter", matter.number, "team_joined", by=by, now=now, after=after)
    return member


def _exit(session: Session, matter: Matter, member: MatterMember, *, by: Actor, now: datetime) -> None:
    member.until = now
    before = {"username": member.username, "role": member.role, "since": member.since.isoformat()}
    audit.append(session, "matter", matter.number, "team_left", by=by, now=now, before=before)
