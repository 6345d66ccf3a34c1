"""Reading the audit trail."""

import base64
import binascii
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from engine.actor import Actor
from engine.database import planned_for_anyone
from practice.anyone import for_alike
from practice.audit.chain import Head
from practice.audit.models import AuditEvent, AuditSeal
from practice.clients import queries as clients
from practice.clients.models import Client
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.errors import CursorInvalid
from practice.gathering import each
from practice.leads import queries as leads
from practice.leads.models import Lead
from practice.matters import queries as matters
from practice.matters import telling
from practice.matters.models import Matter
from practice.paging import MOST_ITEMS, ROWS_OF_PAGE, Page, size
from practice.parties import queries as parties
from practice.parties.models import Party

_BATCH = 1_000
_UUID_LENGTH = 36


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events somebody looks for; what is None does not matter."""

    #: Who did it: a username.
    by: str | None = None
    #: What was done: ``matter_opened``.
    kind: str | None = None
    #: To which kind of record, and to which one.
    entity: str | None = None
    entity_id: str | None = None
    #: In which matter, whatever the record.
    matter: str | None = None
    #: When: from this instant on, and before that one.
    since: datetime | None = None
    until: datetime | None = None
    only_denials: bool = False

    def filters(self) -> list[sa.ColumnElement[bool]]:
        """Return what a query filters by."""
        equal = {
            AuditEvent.by: self.by,
            AuditEvent.kind: self.kind,
            AuditEvent.entity: self.entity,
            AuditEvent.entity_id: self.entity_id,
            AuditEvent.matter_number: self.matter,
        }
        found = [column == value for column, value in equal.items() if value is not None]
        if self.since is not None:
            found.append(AuditEvent.at >= self.since)
        if self.until is not None:
            found.append(AuditEvent.at < self.until)
        return [*found, AuditEvent.is_denial == sa.true()] if self.only_denials else found


def of(session: Session, entity: str, entity_id: object) -> list[AuditEvent]:
    """Return every change of one record in the order in which it was made."""
    query = sa.select(AuditEvent).where(AuditEvent.entity == entity, AuditEvent.entity_id == str(entity_id))
    return list(session.scalars(query.order_by(AuditEvent.id)))


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``AuditEvent``: who holds ``see_audit``, but of no record that they may not see.

    Each record is looked up by its number, a row at a time, because a page has few. What is told of a record that is
    no longer there stays visible.
    """
    if not actor.may("see_audit"):
        return sa.false()
    return _is_of_nothing_hidden(actor)


def _is_of_nothing_hidden(actor: Actor) -> sa.ColumnElement[bool]:
    if actor.may("*"):
        return sa.true()
    of_party = sa.case(
        (
            sa.and_(AuditEvent.entity == "party", sa.func.length(AuditEvent.entity_id) == _UUID_LENGTH),
            sa.cast(sa.func.replace(AuditEvent.entity_id, "-", ""), sa.Uuid()),
        )
    )
    return sa.and_(
        ~_hidden(Matter.number == AuditEvent.matter_number, Matter, matters.seen_by(actor)),
        ~_hidden(_is("enquiry", Enquiry.number), Enquiry, enquiries.seen_by(actor)),
        ~_hidden(_is("client", Client.number), Client, clients.visible_to(actor)),
        ~_hidden(_is("lead", Lead.number), Lead, leads.visible_to(actor)),
        ~_hidden(Party.id == of_party, Party, parties.seen_by(actor)),
    )


def _is(entity: str, number: Any) -> sa.ColumnElement[bool]:
    return number == sa.case((AuditEvent.entity == entity, AuditEvent.entity_id))


def _hidden(same: sa.ColumnElement[bool], model: type[Any], visible: sa.ColumnElement[bool]) -> sa.Exists:
    """Say that there is the record that an event speaks of, and that it is not visible."""
    not_visible = sa.not_(sa.func.coalesce(visible, sa.false()))
    return sa.exists(each(sa.select(sa.literal(1)).select_from(model).where(same, not_visible)))


def search(
    session: Session, wanted: Wanted, *, actor: Actor, limit: int = 50, cursor: str | None = None
) -> Page[AuditEvent]:
    """Return the events the actor may see, the newest first."""
    limit = max(1, min(limit, MOST_ITEMS))
    if not actor.may("see_audit"):
        return Page([], None)
    conditions = wanted.filters()
    if cursor:
        key: Any = sa.tuple_(AuditEvent.at, AuditEvent.id)
        conditions.append(key < sa.tuple_(*_place(cursor), types=[AuditEvent.at.type, AuditEvent.id.type]))
    asked = _newest(telling.of(session, actor)).narrowed(*conditions)
    with planned_for_anyone(session):
        rows = list(asked.scalars(session, rows_of_page=size(limit)))
    items = rows[:limit]
    return Page(items, _cursor(items[-1]) if len(rows) > limit else None)


@for_alike
def _newest(actor: Actor) -> sa.Select[AuditEvent]:
    query = sa.select(AuditEvent).where(_is_of_nothing_hidden(actor))
    return query.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(ROWS_OF_PAGE)


def export(session: Session, wanted: Wanted, *, actor: Actor) -> Iterator[Any]:
    """Yield the events the actor may see, the oldest first, each with its position and hash in the chain."""
    query = (
        sa.select(AuditEvent, AuditSeal.position, AuditSeal.hash)
        .outerjoin(AuditSeal, AuditSeal.event_id == AuditEvent.id)
        .where(*wanted.filters(), visible_to(actor))
        .order_by(AuditEvent.at, AuditEvent.id)
        .execution_options(yield_per=_BATCH)
    )
    for row in session.execute(query):
        yield row
        session.expunge(row.AuditEvent)


def kinds(session: Session) -> list[str]:
    """Return what was ever done, by name; reads one index entry for each."""
    return _distinct(session, AuditEvent.kind)


def entities(session: Session) -> list[str]:
    """Return to which kinds of record something was ever done."""
    return _distinct(session, AuditEvent.entity)


def _distinct(session: Session, column: InstrumentedAttribute[str]) -> list[str]:
    steps = sa.select(sa.func.min(column).label("value")).cte("steps", recursive=True)
    following = sa.select(sa.func.min(column)).where(column > steps.c.value).scalar_subquery()
    steps = steps.union_all(sa.select(following).where(steps.c.value.is_not(None)))
    return list(session.scalars(sa.select(steps.c.value).where(steps.c.value.is_not(None))))


def _cursor(event: AuditEvent) -> str:
    return base64.urlsafe_b64encode(f"{event.at.isoformat()}_{event.id}".encode()).decode().rstrip("=")


def _place(text: str) -> tuple[datetime, int]:
    try:
        padded = text + "=" * (-len(text) % 4)
        at, _, event_id = base64.b64decode(padded, altchars=b"-_", validate=True).decode().rpartition("_")
        place = datetime.fromisoformat(at), int(event_id)
    except (ValueError, binascii.Error) as broken:
        raise CursorInvalid(text[:100]) from broken
    if place[0].tzinfo is None or not 0 <= place[1] < 2**63:
        raise CursorInvalid(text[:100])
    return place


def places(session: Session, event_ids: Collection[int]) -> dict[int, Head]:
    """Return the place in the chain of each of these events; one that is not sealed yet has none."""
    query = sa.select(AuditSeal.event_id, AuditSeal.position, AuditSeal.hash).where(AuditSeal.event_id.in_(event_ids))
    return {event_id: Head(position, value) for event_id, position, value in session.execute(query)}
