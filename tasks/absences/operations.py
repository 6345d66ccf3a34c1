"""Booking an absence, letting it begin and end."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any, Final, cast
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import clock, user_tasks
from engine.actor import Actor
from engine.errors import Forbidden
from engine.models import UserTask, UserTaskCandidate
from practice.audit import operations as audit
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.notices import operations as notices
from practice.organisation.queries import OUTSIDE
from practice.people import queries as people
from practice.people.models import User
from practice.sequences import operations as sequences
from practice.variables import Variables, day, long_text, text
from tasks.absences import queries
from tasks.absences.errors import (
    AbsenceNotFound,
    AbsenceNotInState,
    AbsenceOfAnother,
    AbsencesOverlap,
    AbsenceTooLong,
    BookedForAnother,
    SubstitutesClash,
    SubstituteUnfit,
)
from tasks.absences.models import REASONS, Absence, AbsenceSubstitute, AbsenceTaking

#: Longer ones are a matter for the personnel file.
_LONGEST: Final = timedelta(days=731)
_MOST_SUBSTITUTES: Final = 20


def book(
    session: Session, facts: Variables, *, process_instance_id: UUID | None = None, by: Actor, now: datetime
) -> Absence:
    """Book an absence: of ``person`` (or of ``by``) from ``first_on`` to ``last_on``, local dates, both away.

    ``substitute`` stands in for everything; ``substitutes`` is a list of ``{username, process_key, kind,
    with_authority}``, of which the closest rule that fits a task counts. Nobody has to be named.

    Raises:
        BookedForAnother: ``by`` books for somebody else and may not assign user tasks.
        VariableMissing, VariableInvalid, NotAnActivePerson, AbsenceTooLong, AbsencesOverlap, SubstituteUnfit,
        SubstitutesClash.
    """
    username = text(facts, "person", longest=150) or by.username
    require_may_book(username, by)
    user = _active(session, "person", username)
    first_on, last_on = require_days(facts, now=now)
    reason = text(facts, "reason", longest=10) or "leave"
    if reason not in REASONS:
        raise VariableInvalid("reason", reason)
    _require_here(session, username, first_on, last_on)
    year = now.astimezone(clock.zone()).year
    absence = Absence(
        number=f"AB-{year}-{sequences.next_number(session, 'absence', year=year):04}",
        username=user.username,
        first_on=first_on,
        last_on=last_on,
        reason=reason,
        note=long_text(facts, "note", longest=4000),
        state="booked",
        process_instance_id=process_instance_id,
        booked_at=now,
        booked_by=by.username,
    )
    absence.substitutes = _substitutes(session, absence, _rules(facts))
    session.add(absence)
    session.flush()
    audit.append(session, "absence", absence.number, "absence_booked", by=by, now=now, after=_told(absence))
    return absence


def name_substitute(session: Session, number: str, username: str, *, by: Actor, now: datetime) -> Absence:
    """Let somebody stand in for everything that no closer rule gives to another, instead of who did so far.

    Raises:
        AbsenceNotFound, AbsenceNotInState, AbsenceOfAnother, NotAnActivePerson, SubstituteUnfit.
    """
    absence = _locked(session, number, ("booked", "active"))
    if by.username != absence.username and not by.may("assign_user_tasks"):
        raise AbsenceOfAnother(absence.username)
    before = _told(absence)
    kept = [rule for rule in absence.substitutes if rule.rank]
    named = _substitutes(session, absence, [{"username": username}])
    named[0].is_active = absence.state == "active"
    absence.substitutes = [*kept, *named]
    session.flush()
    if absence.state == "active":
        _show_anew(session, absence.username, now=now)
        _tell(session, absence, now=now)
    audit.append(session, "absence", number, "substitute_named", by=by, now=now, before=before, after=_told(absence))
    return absence


def begin(session: Session, number: str, *, by: Actor, now: datetime) -> Absence:
    """Let the first day begin: the work of who is away stands in front of their substitutes, too.

    Raises:
        AbsenceNotFound, AbsenceNotInState.
    """
    absence = _locked(session, number, ("booked",))
    absence.state, absence.began_at = "active", now
    for rule in absence.substitutes:
        rule.is_active = True
    session.flush()
    _show_anew(session, absence.username, now=now)
    _tell(session, absence, now=now)
    audit.append(
        session,
        "absence",
        number,
        "absence_began",
        by=by,
        now=now,
        before={"state": "booked"},
        after={"state": "active"},
    )
    return absence


def end(session: Session, number: str, *, by: Actor, now: datetime) -> list[UserTask]:
    """Hand everything back: substitutes see it no longer, and what they took over and did not finish returns.

    Returns the user tasks that went back.

    Raises:
        AbsenceNotFound, AbsenceNotInState.
    """
    absence = _locked(session, number, ("active",))
    absence.state, absence.ended_at = "ended", now
    for rule in absence.substitutes:
        rule.is_active = False
    session.flush()
    returned = _hand_back(session, absence, by=by, now=now)
    _show_anew(session, absence.username, now=now)
    names = [task.name for task in returned]
    notices.tell(
        session, [absence.username], "absence_ended", number, {"number": number, "returned": names[:20]}, now=now
    )
    audit.append(
        session,
        "absence",
        number,
        "absence_ended",
        by=by,
        now=now,
        before={"state": "active"},
        after={"state": "ended", "returned": [str(task.id) for task in returned]},
    )
    return returned


def cancel(session: Session, number: str, *, by: Actor, now: datetime) -> Absence:
    """Call an absence off before it begins.

    Raises:
        AbsenceNotFound, AbsenceNotInState.
    """
    absence = _locked(session, number, ("booked",))
    absence.state, absence.ended_at = "cancelled", now
    session.flush()
    _note_state(session, absence, "absence_cancelled", "booked", by=by, now=now)
    return absence


def require_may_change(absence: Absence, by: Actor) -> None:
    """Refuse whoever is neither away, nor booked it, nor gives out work.

    Raises:
        AbsenceOfAnother.
    """
    if by.username not in (absence.username, absence.booked_by) and not by.may("assign_user_tasks"):
        raise AbsenceOfAnother(absence.username)


def require_may_book(username: str, by: Actor) -> None:
    """Refuse whoever books for somebody else without giving out work.

    Raises:
        BookedForAnother.
    """
    if username != by.username and not by.may("assign_user_tasks"):
        raise BookedForAnother("person", username)


def require_days(facts: Variables, *, now: datetime) -> tuple[date, date]:
    """Return the first and the last day, local dates.

    Raises:
        VariableMissing, VariableInvalid, AbsenceTooLong.
    """
    first_on, last_on = day(facts, "first_on"), day(facts, "last_on")
    if first_on is None:
        raise VariableMissing("first_on")
    if last_on is None:
        raise VariableMissing("last_on")
    today = now.astimezone(clock.zone()).date()
    if last_on < first_on or last_on < today or last_on - first_on > _LONGEST or first_on - today > _LONGEST:
        raise AbsenceTooLong("last_on", last_on)
    return first_on, last_on


def begins_at(absence: Absence) -> datetime:
    """Return the instant at which the first day begins, in the firm's zone."""
    return datetime.combine(absence.first_on, time(), clock.zone())


def ends_at(absence: Absence) -> datetime:
    """Return the instant at which the last day is over."""
    return datetime.combine(absence.last_on + timedelta(days=1), time(), clock.zone())


def _require_here(session: Session, username: str, first_on: date, last_on: date) -> None:
    # Two bookings side by side wait for each other here.
    session.scalar(sa.select(User.id).where(User.username == username).with_for_update(key_share=True))
    known = session.scalar(
        sa.select(Absence.number)
        .where(
            Absence.username == username,
            Absence.state.in_(queries.OPEN),
            Absence.first_on <= last_on,
            Absence.last_on >= first_on,
        )
        .limit(1)
    )
    if known is not None:
        raise AbsencesOverlap("first_on", known)


def _rules(facts: Variables) -> list[dict[str, Any]]:
    said = facts.get("substitutes")
    rules: list[Any] = cast("list[Any]", said) if isinstance(said, list) else []
    if said not in (None, "") and not isinstance(said, list):
        raise VariableInvalid("substitutes", str(cast("object", said))[:80])
    if len(rules) > _MOST_SUBSTITUTES or not all(isinstance(rule, dict) for rule in rules):
        raise VariableInvalid("substitutes", str(rules)[:80])
    general = text(facts, "substitute", longest=150)
    first = [{"username": general, "with_authority": facts.get("with_authority")}] if general else []
    return [*first, *rules]


def _substitutes(session: Session, absence: Absence, rules: Iterable[dict[str, Any]]) -> list[AbsenceSubstitute]:
    made: list[AbsenceSubstitute] = []
    for rule in rules:
        username = text(rule, "username", longest=150)
        if username is None:
            raise VariableMissing("substitute")
        process_key, kind = text(rule, "process_key", longest=200), text(rule, "kind", longest=60)
        if any((one.process_key, one.kind) == (process_key, kind) for one in made):
            raise SubstitutesClash("substitutes")
        _require_fit(session, absence, username)
        made.append(
            AbsenceSubstitute(
                username=username,
                absent=absence.username,
                process_key=process_key,
                kind=kind,
                rank=(2 if process_key else 0) + (1 if kind else 0),
                with_authority=rule.get("with_authority") is True,
            )
        )
    return made


def _require_fit(session: Session, absence: Absence, username: str) -> None:
    user = _active(session, "substitute", username)
    is_outside = bool(user.groups) and user.groups <= OUTSIDE
    is_away = session.scalar(
        sa.select(sa.literal(1)).where(sa.literal(username).in_(queries.away(absence.first_on, absence.last_on)))
    )
    if username == absence.username or is_outside or is_away:
        raise SubstituteUnfit("substitute", username)


def _active(session: Session, field: str, username: str) -> User:
    user = people.by_username(session, username)
    if user is None or not user.is_active or user.username != username:
        raise NotAnActivePerson(field, username[:80])
    return user


def _hand_back(session: Session, absence: Absence, *, by: Actor, now: datetime) -> list[UserTask]:
    taken = (
        sa.select(UserTask)
        .join(AbsenceTaking, AbsenceTaking.user_task_id == UserTask.id)
        .where(
            AbsenceTaking.absence_id == absence.id,
            UserTask.state == "created",
            UserTask.assignee == AbsenceTaking.taken_by,
            UserTask.owner == absence.username,
        )
        .order_by(UserTask.id)
    )
    giving = Actor(by.username, rights=frozenset({"assign_user_tasks"}))
    returned: list[UserTask] = []
    for task in session.scalars(taken).all():
        try:
            returned.append(user_tasks.assign(session, task.id, absence.username, by=giving, now=now))
        except Forbidden:  # they may not do it any more: meanwhile they did what it checks
            if task.candidate_groups:
                user_tasks.unclaim(session, task.id, by=giving, now=now)
    return returned


def _show_anew(session: Session, username: str, *, now: datetime) -> None:
    """Let the database decide afresh in front of whom the tasks that somebody holds stand."""
    held = (
        sa.select(UserTask.id)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
        .where(UserTaskCandidate.principal == f"user:{username}", UserTask.assignee == username)
        .order_by(UserTask.id)
    )
    for user_task_id in session.scalars(held).all():
        user_tasks.offer_again(session, user_task_id, now=now)


def _locked(session: Session, number: str, states: tuple[str, ...]) -> Absence:
    absence = session.scalar(
        sa.select(Absence).where(Absence.number == number).with_for_update().execution_options(populate_existing=True)
    )
    if absence is None:
        raise AbsenceNotFound(number[:40])
    if absence.state not in states:
        raise AbsenceNotInState(number, absence.state)
    return absence


def _note_state(session: Session, absence: Absence, kind: str, before: str, *, by: Actor, now: datetime) -> None:
    audit.append(
        session,
        "absence",
        absence.number,
        kind,
        by=by,
        now=now,
        before={"state": before},
        after={"state": absence.state},
    )


def _tell(session: Session, absence: Absence, *, now: datetime) -> None:
    name = people.display_names(session, [absence.username]).get(absence.username, absence.username)
    facts = {"number": absence.number, "name": name, "until": absence.last_on.isoformat()}
    standing = {rule.username for rule in absence.substitutes}
    notices.tell(session, standing, "standing_in", absence.number, facts, now=now)


def _told(absence: Absence) -> dict[str, Any]:
    return {
        "person": absence.username,
        "first_on": absence.first_on.isoformat(),
        "last_on": absence.last_on.isoformat(),
        "reason": absence.reason,
        "substitutes": [
            {
                "username": rule.username,
                "process_key": rule.process_key,
                "kind": rule.kind,
                "with_authority": rule.with_authority,
            }
            for rule in absence.substitutes
        ],
    }
