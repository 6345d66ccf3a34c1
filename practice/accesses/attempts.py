"""Keeping an attempt on record, and what follows from it at once: a case, a lock, notices.

Called in a transaction of its own after the request itself was refused, so that nothing of the request is kept and
everything of this is. All of it happens without the process ``access_breach``; that is started by a job.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import job_table
from engine.actor import Actor
from engine.models import UserTask
from practice.accesses import locks
from practice.accesses.models import AccessAttempt, BreachCase
from practice.audit import operations as audit
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.notices import operations as notices
from practice.people import queries as people
from practice.people.models import User
from practice.sequences.operations import next_number
from practice.walls import queries as walls

#: The same attempt again within this time is the same attempt.
SAME: Final = timedelta(minutes=1)
LONGEST_SUBJECT: Final = 100
LONGEST_ADDRESS: Final = 300
#: They are told of every attempt and decide about the cases.
COMPLIANCE: Final = "conflicts_officers"
REVIEW_JOB: Final = "access_review"


class Door(NamedTuple):
    """Where somebody stood: what they wanted to do, and how."""

    #: ``view``, ``edit`` or ``search``.
    action: str
    #: ``page`` or ``api``.
    channel: str
    address: str


class Limits(NamedTuple):
    """From how many attempts of one person on, within which time, the account is locked until somebody has looked."""

    #: Different matters and enquiries: that is not a mistake any more.
    bulk: int = 5
    #: Different numbers under which there is nothing: that is guessing.
    guesses: int = 30
    #: Attempts at what a wall keeps the person out of.
    walled: int = 1
    window: timedelta = timedelta(minutes=10)


USUAL: Final = Limits()


class _Subject(NamedTuple):
    kind: str
    number: str
    owner: str | None
    is_walled: bool


def note_refusal(
    session: Session, number: str, door: Door, *, by: Actor, now: datetime, limits: Limits = USUAL
) -> AccessAttempt | None:
    """Keep on record that ``by`` was refused a matter or an enquiry; None when it is open to them.

    What does not exist is kept, too: guessing leaves a trace, and both take the same time.
    """
    number = number.strip()[:LONGEST_SUBJECT]
    # Attempts of one person are counted one after the other.
    user = session.scalar(sa.select(User).where(User.username == by.username).with_for_update())
    if user is None or not number or "\x00" in number or _is_open_to(session, number, by):
        return None
    if door.action == "search" and _has_worked_on(session, number, by):
        return None  # a list narrowed to a matter is asked for again when its last task was done
    subject = _subject(session, number, by)
    attempt = _repeated(session, subject, door, by, now)
    if attempt is None:
        attempt = _attempt(session, subject, door, None, by, now)
        _follow(session, attempt, subject, user, limits, by=by, now=now)
    return attempt


def note_emergency(
    session: Session, matter: Matter, reason: str, door: Door, *, by: Actor, now: datetime
) -> BreachCase:
    """Keep on record that ``by`` opened a matter with a reason; open the case that looks into it."""
    user = session.scalars(sa.select(User).where(User.username == by.username).with_for_update()).one()
    subject = _Subject("matter", matter.number, matter.responsible, is_walled=False)
    attempt = _attempt(session, subject, door, reason, by, now)
    case = _follow(session, attempt, subject, user, USUAL, by=by, now=now)
    assert case is not None, "an emergency always has a case"
    return case


def _is_open_to(session: Session, number: str, by: Actor) -> bool:
    matter = sa.select(Matter.id).where(Matter.number == number, matters.visible_to(by))
    enquiry = sa.select(Enquiry.id).where(Enquiry.number == number, enquiries.visible_to(by))
    return session.scalar(matter) is not None or session.scalar(enquiry) is not None


def _has_worked_on(session: Session, number: str, by: Actor) -> bool:
    done = sa.select(UserTask.id).where(UserTask.business_key == number, UserTask.ended_by == by.username)
    return session.scalar(done.limit(1)) is not None


def _subject(session: Session, number: str, by: Actor) -> _Subject:
    matter = session.execute(
        sa.select(Matter.responsible, walls.walled_off(by).label("is_walled")).where(Matter.number == number)
    ).one_or_none()
    if matter is not None:
        return _Subject("matter", number, matter.responsible, bool(matter.is_walled))
    enquiry = session.execute(
        sa.select(Enquiry.received_by, walls.walled_off_enquiries(by).label("is_walled")).where(
            Enquiry.number == number
        )
    ).one_or_none()
    if enquiry is not None:
        return _Subject("enquiry", number, enquiry.received_by, bool(enquiry.is_walled))
    return _Subject("unknown", number, None, is_walled=False)


def _repeated(session: Session, subject: _Subject, door: Door, by: Actor, now: datetime) -> AccessAttempt | None:
    query = sa.select(AccessAttempt).where(
        AccessAttempt.username == by.username,
        AccessAttempt.at > now - SAME,
        AccessAttempt.subject == subject.number,
        AccessAttempt.action == door.action,
        AccessAttempt.channel == door.channel,
        AccessAttempt.outcome == "refused",
        AccessAttempt.is_walled == subject.is_walled,
    )
    known = session.scalar(query.order_by(AccessAttempt.at.desc()).limit(1))
    if known is not None:
        known.times += 1
        known.last_at = now
    return known


def _attempt(
    session: Session, subject: _Subject, door: Door, reason: str | None, by: Actor, now: datetime
) -> AccessAttempt:
    attempt = AccessAttempt(
        at=now,
        last_at=now,
        times=1,
        username=by.username,
        subject_kind=subject.kind,
        subject=subject.number,
        action=door.action,
        channel=door.channel,
        address=door.address[:LONGEST_ADDRESS],
        outcome="refused" if reason is None else "break_glass",
        is_walled=subject.is_walled,
        reason=reason,
    )
    session.add(attempt)
    session.flush()
    kind = "access_refused" if reason is None else "opened_in_emergency"
    facts = {"subject": subject.number, "action": door.action, "channel": door.channel, "reason": reason}
    about = subject.number if subject.kind == "matter" else None
    if reason is None:
        audit.deny(session, "access_attempt", attempt.id, kind, by=by, now=now, reason=facts, matter=about)
    else:
        audit.append(session, "access_attempt", attempt.id, kind, by=by, now=now, after=facts, matter=about)
    return attempt


def _follow(
    session: Session,
    attempt: AccessAttempt,
    subject: _Subject,
    user: User,
    limits: Limits,
    *,
    by: Actor,
    now: datetime,
) -> BreachCase | None:
    """Open or find the case, lock the account when it has to be, tell owner and compliance."""
    case = _case(session, attempt, subject, limits, by, now)
    if case is None:
        return None
    attempt.breach_case_id = case.id
    if case.opened_because == "bulk" or (subject.is_walled and _is_past_walls(session, attempt, limits, now)):
        case.has_locked = locks.lock(session, user.username, case.number, by=by, now=now) or case.has_locked
    session.flush()
    if subject.kind != "unknown":
        _tell(session, case, subject, user, now)
    return case


def _case(
    session: Session, attempt: AccessAttempt, subject: _Subject, limits: Limits, by: Actor, now: datetime
) -> BreachCase | None:
    open_cases = session.scalars(
        sa.select(BreachCase).where(BreachCase.username == attempt.username, BreachCase.state == "open")
    ).all()
    is_bulk = _is_bulk(session, attempt, limits, now)
    known = next((case for case in open_cases if case.opened_because == "bulk"), None) or next(
        (case for case in open_cases if case.subject == subject.number and not is_bulk), None
    )
    if known is not None or (subject.kind == "unknown" and not is_bulk):
        return known if subject.kind != "unknown" else None
    breaches = session.scalar(
        sa.select(sa.func.count()).where(BreachCase.username == attempt.username, BreachCase.finding == "breach")
    )
    case = BreachCase(
        number=f"B-{now.year}-{next_number(session, 'breach', year=now.year):04d}",
        username=attempt.username,
        subject=None if is_bulk else subject.number,
        owner=None if is_bulk else subject.owner,
        opened_because=_why(attempt, is_bulk=is_bulk, breaches=breaches or 0),
        breaches_before=breaches or 0,
        has_locked=False,
        state="open",
        opened_at=now,
    )
    session.add(case)
    session.flush()
    facts = {"username": case.username, "subject": case.subject, "because": case.opened_because}
    audit.append(session, "breach_case", case.number, "breach_case_opened", by=by, now=now, after=facts)
    job_table.promise(
        session, REVIEW_JOB, due_at=now, by=attempt.username, now=now, payload={"case_number": case.number}
    )
    return case


def _why(attempt: AccessAttempt, *, is_bulk: bool, breaches: int) -> str:
    if is_bulk:
        return "bulk"
    if attempt.is_walled:
        return "walled"
    if attempt.outcome == "break_glass":
        return "emergency"
    return "repeated" if breaches else "outsider"


def _is_bulk(session: Session, attempt: AccessAttempt, limits: Limits, now: datetime) -> bool:
    is_guess = attempt.subject_kind == "unknown"
    recent = sa.select(sa.func.count(sa.distinct(AccessAttempt.subject))).where(
        AccessAttempt.username == attempt.username,
        AccessAttempt.at > now - limits.window,
        (AccessAttempt.subject_kind == "unknown") == is_guess,
    )
    return (session.scalar(recent) or 0) >= (limits.guesses if is_guess else limits.bulk)


def _is_past_walls(session: Session, attempt: AccessAttempt, limits: Limits, now: datetime) -> bool:
    recent = sa.select(sa.func.count(AccessAttempt.id)).where(
        AccessAttempt.username == attempt.username, AccessAttempt.at > now - limits.window, AccessAttempt.is_walled
    )
    return (session.scalar(recent) or 0) >= limits.walled


def _tell(session: Session, case: BreachCase, subject: _Subject, user: User, now: datetime) -> None:
    facts = {"case": case.number, "person": user.full_name, "subject": subject.number, "because": case.opened_because}
    told = {*owners(case, subject.owner), *(member.username for member in people.members(session, COMPLIANCE))}
    notices.tell(session, told - {user.username}, "access_attempted", f"{case.number} {subject.number}", facts, now=now)


def owners(case: BreachCase, of_subject: str | None = None) -> Sequence[str]:
    """Return who answers for what the case is about."""
    return [name for name in dict.fromkeys((case.owner, of_subject)) if name]
