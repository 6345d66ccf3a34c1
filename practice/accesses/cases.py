"""Looking into a case: what the person says, what is found, what follows."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.accesses import locks
from practice.accesses.errors import BreachCaseClosed, BreachCaseNotFound, ExplainsForAnother, FindingMissing, OwnCase
from practice.accesses.models import FINDINGS, BreachCase, EmergencyAccess
from practice.audit import operations as audit
from practice.errors import NotAnActivePerson, VariableInvalid
from practice.matters.models import Matter, MatterMember
from practice.people import queries as people
from practice.people.models import User
from practice.sequences.operations import next_number
from practice.variables import long_text, needed_text, text
from practice.walls.errors import MatterUnknown
from practice.walls.operations import require_not_kept_out

#: Longest text that a person writes about a case.
LONGEST: Final = 4000


def report(
    session: Session, facts: Mapping[str, Any], *, process_instance_id: UUID | None = None, by: Actor, now: datetime
) -> BreachCase:
    """Open a case by hand, for what the product did not see itself: paper, a screen, a talk in the lift.

    ``facts`` hold ``reported_person`` (username), ``reported_subject`` (number of a matter), ``reported_what`` and
    ``lock_now`` (true: nobody comes in with the account until the case is decided).

    Raises:
        VariableMissing, VariableInvalid, NotAnActivePerson, OwnCase, MatterUnknown.
    """
    username = needed_text(facts, "reported_person", longest=150)
    user = people.by_username(session, username)
    if user is None or not user.is_active:
        raise NotAnActivePerson("reported_person", username[:80])
    subject = needed_text(facts, "reported_subject", longest=40).upper()
    matter = _matter_seen_by(session, subject, by)
    breaches = session.scalar(
        sa.select(sa.func.count()).where(BreachCase.username == user.username, BreachCase.finding == "breach")
    )
    case = BreachCase(
        number=f"B-{now.year}-{next_number(session, 'breach', year=now.year):04d}",
        username=user.username,
        subject=matter.number,
        owner=matter.responsible,
        opened_because="repeated" if breaches else "outsider",
        breaches_before=breaches or 0,
        has_locked=False,
        state="open",
        opened_at=now,
        process_instance_id=process_instance_id,
    )
    session.add(case)
    session.flush()
    if user.username == by.username:
        raise OwnCase(case.number, by.username)
    what = needed_text(facts, "reported_what", longest=LONGEST)
    after = {"username": case.username, "subject": case.subject, "because": case.opened_because, "what": what}
    audit.append(session, "breach_case", case.number, "breach_case_reported", by=by, now=now, after=after)
    if facts.get("lock_now") is True:
        case.has_locked = locks.lock(session, user.username, case.number, by=by, now=now)
        session.flush()
    return case


def explain(session: Session, number: str, said: str | None, *, by: Actor, now: datetime) -> BreachCase:
    """Keep what the person said, or what they told whoever heard them; None when they said nothing.

    Raises:
        BreachCaseNotFound, BreachCaseClosed.
        ExplainsForAnother: a locked person is heard by somebody else, everybody else explains it themselves.
    """
    case = locked(session, number)
    _require_open(case)
    if (by.username == case.username) == case.has_locked:
        raise ExplainsForAnother(number, by.username)
    case.explanation = said
    case.explained_at = now
    audit.append(session, "breach_case", number, "access_explained", by=by, now=now, after={"explanation": said})
    return case


def find(session: Session, number: str, facts: Mapping[str, Any], *, by: Actor, now: datetime) -> BreachCase:
    """Decide what it was: ``finding`` (justified, mistake or breach) with ``finding_note``. The case stays open.

    Raises:
        BreachCaseNotFound, BreachCaseClosed, VariableMissing, VariableInvalid.
        OwnCase: somebody else has to decide.
    """
    case = locked(session, number)
    _require_open(case)
    if by.username == case.username:
        raise OwnCase(number, by.username)
    finding = needed_text(facts, "finding", longest=20)
    if finding not in FINDINGS:
        raise VariableInvalid("finding", finding)
    before = {"finding": case.finding, "note": case.finding_note}
    case.finding = finding
    case.finding_note = long_text(facts, "finding_note", longest=LONGEST)
    case.decided_by = by.username
    after = {"finding": finding, "note": case.finding_note}
    audit.append(session, "breach_case", number, "access_judged", by=by, now=now, before=before, after=after)
    return case


def join_team(session: Session, number: str, *, by: Actor, now: datetime) -> BreachCase:
    """Put the person of a justified attempt into the matter's team; twice is once.

    Raises:
        BreachCaseNotFound, BreachCaseClosed, FindingMissing, OwnCase.
        PersonKeptOut: a wall keeps them out; it is lifted first, or the finding is another one.
    """
    case = locked(session, number)
    _require_open(case)
    if case.finding != "justified":
        raise FindingMissing(number)
    if by.username == case.username:
        raise OwnCase(number, by.username)
    matter = session.scalar(sa.select(Matter).where(Matter.number == case.subject).with_for_update())
    if matter is None:
        return case
    require_not_kept_out(session, matter.number, [case.username], field="finding")
    if case.username not in {member.username for member in matter.members}:
        matter.members.append(MatterMember(username=case.username, role="member", since=now))
        session.flush()
        after = {"username": case.username, "role": "member", "case": number}
        audit.append(session, "matter", matter.number, "matter_member_joined", by=by, now=now, after=after)
    return case


def close(session: Session, number: str, facts: Mapping[str, Any], *, by: Actor, now: datetime) -> BreachCase:
    """End a case that was decided: emergency access ends with it, and the account opens again.

    After a breach a locked account opens only when ``unlock`` is true. ``facts`` may also hold ``sanction`` and
    ``client_told``. An account that another open case locks stays locked.

    Raises:
        BreachCaseNotFound, FindingMissing, OwnCase, VariableInvalid.
    """
    case = locked(session, number)
    if case.state == "closed":
        return case
    if case.finding is None or case.decided_by is None:
        raise FindingMissing(number)
    if by.username == case.username:
        raise OwnCase(number, by.username)
    case.state = "closed"
    case.closed_at = now
    case.sanction = long_text(facts, "sanction", longest=LONGEST)
    case.client_told = text(facts, "client_told", longest=LONGEST)
    session.flush()
    end_emergencies(session, case, now=now)
    after = {"state": "closed", "finding": case.finding, "sanction": case.sanction, "client_told": case.client_told}
    audit.append(
        session, "breach_case", number, "breach_case_closed", by=by, now=now, before={"state": "open"}, after=after
    )
    if case.has_locked and (case.finding != "breach" or facts.get("unlock") is True):
        _unlock(session, case, by=by, now=now)
    return case


def end_emergencies(session: Session, case: BreachCase, *, now: datetime) -> int:
    """End the emergency access that a case is about; return how many there were."""
    result = session.execute(
        sa.update(EmergencyAccess)
        .where(EmergencyAccess.breach_case_id == case.id, EmergencyAccess.ended_at.is_(None))
        .values(ended_at=now)
        .execution_options(synchronize_session=False)
    )
    return int(result.rowcount)  # type: ignore[attr-defined]


def locked(session: Session, number: str) -> BreachCase:
    """Return the case with its row locked, or raise ``BreachCaseNotFound``; no person's rights are asked."""
    case = session.scalar(sa.select(BreachCase).where(BreachCase.number == number).with_for_update())
    if case is None:
        raise BreachCaseNotFound(number)
    return case


def _unlock(session: Session, case: BreachCase, *, by: Actor, now: datetime) -> None:
    others = sa.select(BreachCase.id).where(
        BreachCase.username == case.username,
        BreachCase.state == "open",
        BreachCase.has_locked,
        BreachCase.id != case.id,
    )
    is_locked = sa.select(User.locked_at).where(User.username == case.username)
    if session.scalar(others.limit(1)) is None and session.scalar(is_locked) is not None:
        locks.unlock(session, case.username, case.number, by=by, now=now)


def _require_open(case: BreachCase) -> None:
    if case.state != "open":
        raise BreachCaseClosed(case.number)


def _matter_seen_by(session: Session, number: str, by: Actor) -> Matter:
    from practice.matters.queries import visible_to  # noqa: PLC0415 - it asks this package who is let in

    matter = session.scalar(sa.select(Matter).where(Matter.number == number, visible_to(by)))
    if matter is None:
        raise MatterUnknown("reported_subject", number)
    return matter
