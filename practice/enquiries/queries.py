"""Enquiries (read side). Who may see one is part of every query that a person's page makes."""

from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.database import planned_for_anyone
from engine.models import UserTask, UserTaskCandidate
from engine.prepared import Prepared
from practice import access
from practice.anyone import for_alike
from practice.enquiries.models import Enquiry
from practice.errors import EnquiryNotFound
from practice.gathering import each, gathered
from practice.matters import colleagues, telling
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.paging import ROWS_OF_PAGE, Page, bounded, place, size
from practice.parties.names import fold
from practice.text_index import queries as text_index
from practice.text_index.queries import SOON_ASKED, Holding, Looked, Way
from practice.walls import queries as walls

#: Up to so many matters that came of enquiries in the whole firm, each is asked who may see it.
_FEW_CAME: Final = 2_000
_CAME: Final = Prepared(
    sa.select(sa.func.count().label("rows")).select_from(
        sa.select(Matter.id)
        .where(Matter.enquiry_number.is_not(None))
        .limit(sa.literal_column(str(_FEW_CAME + 1), sa.Integer()))
        .subquery()
    )
)
#: Matters from which on the enquiries are read in their order: few enquiries became a matter of one person's.
FEW: Final = 20_000


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Enquiry``: whoever received it, has open work on it, or may see the matter that came of it.

    Who may not know of it or of that matter (``matters.denied_numbers``) sees nothing, whatever rights they hold.
    """
    if actor.may("*"):
        return sa.true()
    nothing_denies = Enquiry.number.not_in(matters.denied_numbers(actor))
    if actor.may("see_all_matters"):
        return nothing_denies
    return sa.and_(
        sa.or_(
            Enquiry.received_by == actor.username,
            Enquiry.number.in_(access.business_keys_with_open_work_for(actor)),
            sa.exists(_came_of_it(actor)),
        ),
        nothing_denies,
    )


def seen_by(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Enquiry``: the same as ``visible_to``, asked of each row, for queries that look at few of them."""
    if actor.may("*"):
        return sa.true()
    return sa.and_(has_reason(actor), _nothing_denies(actor))


def has_reason(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Enquiry``, asked of each row: the actor has a reason to see it. Nothing is denied here."""
    if actor.may("see_all_matters"):
        return sa.true()
    with_work = (
        sa.select(UserTask.id)
        .join(UserTaskCandidate, UserTaskCandidate.user_task_id == UserTask.id)
        .where(UserTask.business_key == Enquiry.number, UserTaskCandidate.principal.in_(actor.principals))
        .correlate(Enquiry)
    )
    came = sa.select(Matter.id).where(Matter.enquiry_number == Enquiry.number, matters.has_reason(actor))
    return sa.or_(
        Enquiry.received_by == actor.username,
        sa.exists(each(with_work)),
        # Who may not know of the matter that came of it may not know of the enquiry either.
        sa.exists(each(came.correlate(Enquiry))),
    )


def _gathered_for(actor: Actor, *, few_came: bool) -> sa.ColumnElement[bool]:
    """Filter on ``Enquiry``: the same as ``visible_to``, for whoever has few matters: theirs are gathered first."""
    some = aliased(Enquiry)
    received = sa.select(some.number).where(some.received_by == actor.username).correlate(None)
    seen = matters.seen_by(actor) if few_came else matters.visible_to(actor)
    came = sa.select(Matter.enquiry_number).where(Matter.enquiry_number.is_not(None), seen)
    # A group's open work is much, and nearly all of it of matters, whose numbers lie elsewhere.
    key, numbered = UserTaskCandidate.business_key, aliased(Enquiry)
    first, last = (sa.select(end(numbered.number)).scalar_subquery() for end in (sa.func.min, sa.func.max))
    with_work = access.business_keys_with_open_work_for(actor).where(key >= first, key <= last)
    theirs = sa.union_all(received, with_work, came.correlate(None))
    return sa.and_(gathered(Enquiry.number, theirs), _nothing_denies(actor))


def _nothing_denies(actor: Actor) -> sa.ColumnElement[bool]:
    denied = sa.select(Matter.id).where(Matter.enquiry_number == Enquiry.number, matters.denied_to(actor))
    return sa.and_(
        sa.not_(sa.exists(each(denied.correlate(Enquiry)))),
        Enquiry.number.not_in(walls.enquiry_numbers_walled_off(actor)),
    )


def _came_of_it(actor: Actor) -> sa.Select[Any]:
    """Select the matter that came of the enquiry at hand, when the actor may see it."""
    seen = sa.select(Matter.id).where(Matter.enquiry_number == Enquiry.number, matters.seen_by(actor))
    return each(seen.correlate(Enquiry))


def get_by_number(session: Session, number: str, *, actor: Actor) -> Enquiry:
    """Return the enquiry; for people whom it does not concern there is none (``EnquiryNotFound``)."""
    enquiry = session.scalar(sa.select(Enquiry).where(Enquiry.number == number, seen_by(actor)))
    if enquiry is None:
        raise EnquiryNotFound(number)
    return enquiry


def of_process(session: Session, process_instance_id: UUID) -> Enquiry | None:
    """Return the enquiry that an intake decides. For delegates: no person's rights are asked."""
    return session.scalar(sa.select(Enquiry).where(Enquiry.process_instance_id == process_instance_id))


def search(
    session: Session,
    *,
    actor: Actor,
    text: str | None = None,
    state: str | None = None,
    person: str | None = None,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Enquiry]:
    """Return the enquiries the actor may see, the newest first; with ``person`` those they took or now work on."""
    limit = bounded(limit)
    holding = text_index.holding(session, fold(text or "").split(), key=Enquiry.id, text=Enquiry.search_text)
    if holding.is_nothing:
        return Page([], None)
    wanted: list[sa.ColumnElement[bool]] = []
    if state:
        wanted.append(Enquiry.state == state)
    if person:
        became_theirs = Enquiry.number.in_(colleagues.enquiry_numbers(person, actor=actor))
        wanted.append(sa.or_(Enquiry.received_by == person, became_theirs))
    if cursor:
        key: Any = sa.tuple_(Enquiry.received_at, Enquiry.id)
        wanted.append(key < sa.tuple_(*place(cursor), types=[Enquiry.received_at.type, Enquiry.id.type]))
    way, few_came = _way_for(session, actor, holding)
    held, reader = holding.read(way), telling.of(session, actor)
    asked = _newest(reader, way, held.looked, few_came=few_came).narrowed(*wanted)
    with planned_for_anyone(session):
        rows = list(asked.scalars(session, **held.values, rows_of_page=size(limit)))
    return Page.cut(rows, limit, lambda row: (row.received_at, row.id))


def _way_for(session: Session, actor: Actor, holding: Holding) -> tuple[Way, bool]:
    """Choose how the list is read: few rows are looked up by the words, a person's few are gathered.

    Say also whether few enquiries of the firm became a matter.
    """
    if holding.count <= SOON_ASKED:
        return "looked_up", False
    if actor.may("*") or actor.may("see_all_matters"):
        return "asked", False
    if _CAME.rows(session.connection(), {})[0].rows <= _FEW_CAME:
        return "gathered", True
    return "gathered" if matters.has_few(session, actor, FEW) else "asked", False


@for_alike
def _newest(actor: Actor, way: Way, looked: Looked, *, few_came: bool) -> sa.Select[Enquiry]:
    held = looked.by_row(Enquiry.search_text)
    if way == "looked_up":
        held = looked.conditions(Enquiry.id, Enquiry.search_text)
    seen = _gathered_for(actor, few_came=few_came) if way == "gathered" else seen_by(actor)
    query = sa.select(Enquiry).where(seen, *held)
    return query.order_by(Enquiry.received_at.desc(), Enquiry.id.desc()).limit(ROWS_OF_PAGE)
