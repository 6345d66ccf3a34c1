"""What somebody has to know about the matter or the enquiry when they do its work."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.models import UserTask
from engine.prepared import Prepared
from practice import listed, money
from practice.conflicts import queries as conflicts
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.errors import CaseTypeUnknown
from practice.matters import case_types
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.people import queries as people
from practice.time.models import TimeEntry
from tasks import access


@dataclass(frozen=True, slots=True)
class Facts:
    """A matter or an enquiry in front of a person; money with the digits its currency has."""

    #: ``matter`` or ``enquiry``.
    kind: str
    number: str
    title: str
    state: str
    case_type: str | None
    case_type_name: str | None
    client_name: str
    opponent_name: str | None
    #: Username and name of the lawyer who answers for it (matters only).
    responsible: str | None
    responsible_name: str | None
    claim_value: Decimal | None
    currency: str | None
    summary: str | None
    court: str | None
    court_number: str | None
    limitation_on: date | None
    outcome: str | None
    #: UTC; when it was opened or received, and when it was archived or decided.
    opened_at: datetime
    closed_at: datetime | None
    enquiry_number: str | None
    #: Outcome of the last conflict check: ``clear``, ``relative``, ``absolute``, None before the first.
    conflict_outcome: str | None


class Subject(NamedTuple):
    """What a list of user tasks shows of the matter or enquiry behind each."""

    kind: str
    number: str
    title: str
    client_name: str
    opponent_name: str | None


def for_user_task(session: Session, task: UserTask, *, actor: Actor) -> Facts | None:
    """Return the facts behind a task that the actor may see, None when it is about no matter or enquiry.

    Raises:
        UserTaskNotFound: the task is not for this person.
    """
    access.visible_user_task(session, actor, task.id)
    if task.business_key is None:
        return None
    matter = session.scalar(sa.select(Matter).where(Matter.number == task.business_key))
    if matter is not None:
        return of_matter(session, matter)
    enquiry = session.scalar(sa.select(Enquiry).where(Enquiry.number == task.business_key))
    return of_enquiry(session, enquiry) if enquiry else None


def for_matter(session: Session, number: str, *, actor: Actor) -> Facts:
    """Return the facts of a matter, or raise ``MatterNotFound`` for people whom it does not concern."""
    return of_matter(session, matters.get_by_number(session, number, actor=actor))


def for_enquiry(session: Session, number: str, *, actor: Actor) -> Facts:
    """Return the facts of an enquiry, or raise ``EnquiryNotFound`` for people whom it does not concern."""
    return of_enquiry(session, enquiries.get_by_number(session, number, actor=actor))


def subjects(session: Session, tasks: Collection[UserTask]) -> dict[str, Subject]:
    """Return by business key what the given tasks are about; the tasks were read with the reader's rights."""
    keys = {task.business_key for task in tasks if task.business_key}
    if not keys:
        return {}
    found: dict[str, Subject] = {}
    session.flush()
    connection, numbers = session.connection(), {"numbers": listed.written(keys)}
    for enquiry in _ENQUIRIES.rows(connection, numbers):
        title = _title(enquiry.client_name, enquiry.opponent_name)
        found[enquiry.number] = Subject("enquiry", enquiry.number, title, enquiry.client_name, enquiry.opponent_name)
    for matter in _MATTERS.rows(connection, numbers):
        found[matter.number] = Subject("matter", matter.number, matter.title, matter.client_name, matter.opponent_name)
    return found


_NUMBERS: Final = listed.texts("numbers")
_ENQUIRIES: Final = Prepared(
    sa.select(Enquiry.number, Enquiry.client_name, Enquiry.opponent_name).where(Enquiry.number.in_(_NUMBERS))
)
_MATTERS: Final = Prepared(
    sa.select(Matter.number, Matter.title, Matter.client_name, Matter.opponent_name).where(Matter.number.in_(_NUMBERS))
)


def of_matter(session: Session, matter: Matter) -> Facts:
    """Return the facts of a matter that was read with the reader's rights."""
    check = conflicts.last_check(session, matter.enquiry_number) if matter.enquiry_number else None
    return Facts(
        kind="matter",
        number=matter.number,
        title=matter.title,
        state=matter.state,
        case_type=matter.case_type,
        case_type_name=_case_type_name(session, matter.case_type),
        client_name=matter.client_name,
        opponent_name=matter.opponent_name,
        responsible=matter.responsible,
        responsible_name=people.display_names(session, [matter.responsible]).get(matter.responsible),
        claim_value=_value(matter.claim_value_minor, matter.currency),
        currency=matter.currency,
        summary=matter.summary,
        court=matter.court,
        court_number=matter.court_number,
        limitation_on=matter.limitation_on,
        outcome=matter.outcome,
        opened_at=matter.opened_at,
        closed_at=matter.archived_at,
        enquiry_number=matter.enquiry_number,
        conflict_outcome=check.outcome if check else None,
    )


def of_enquiry(session: Session, enquiry: Enquiry) -> Facts:
    """Return the facts of an enquiry that was read with the reader's rights."""
    check = conflicts.last_check(session, enquiry.number)
    return Facts(
        kind="enquiry",
        number=enquiry.number,
        title=_title(enquiry.client_name, enquiry.opponent_name),
        state=enquiry.state,
        case_type=enquiry.case_type,
        case_type_name=_case_type_name(session, enquiry.case_type),
        client_name=enquiry.client_name,
        opponent_name=enquiry.opponent_name,
        responsible=None,
        responsible_name=None,
        claim_value=_value(enquiry.claim_value_minor, enquiry.currency),
        currency=enquiry.currency,
        summary=enquiry.summary,
        court=None,
        court_number=None,
        limitation_on=None,
        outcome=enquiry.reason,
        opened_at=enquiry.received_at,
        closed_at=enquiry.closed_at,
        enquiry_number=enquiry.number,
        conflict_outcome=check.outcome if check else None,
    )


def hours(session: Session, matter: Matter) -> Decimal | None:
    """Return the hours handed in for a matter that was read with the reader's rights; None before the first."""
    counted = sa.select(sa.func.sum(TimeEntry.minutes)).where(
        TimeEntry.matter_id == matter.id, TimeEntry.state.in_(("submitted", "approved"))
    )
    minutes = session.scalar(counted)
    return None if minutes is None else (Decimal(int(minutes)) / 60).quantize(Decimal("0.01"))


def _title(client_name: str, opponent_name: str | None) -> str:
    return f"{client_name} – {opponent_name}" if opponent_name else client_name


def _value(minor: int | None, currency: str | None) -> Decimal | None:
    return None if minor is None or currency is None else money.from_minor(minor, currency)


def _case_type_name(session: Session, key: str | None) -> str | None:
    if key is None:
        return None
    try:
        return case_types.get(session, key).name
    except CaseTypeUnknown:
        return key
