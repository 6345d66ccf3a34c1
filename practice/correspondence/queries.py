"""The register of letters (read side). Who may see a letter is part of every query."""

from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from engine.actor import Actor
from practice import access
from practice.anyone import for_alike
from practice.correspondence.errors import LetterNotFound
from practice.correspondence.models import Letter, LetterHop
from practice.correspondence.operations import KEEP
from practice.matters import colleagues, telling
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.paging import ROWS_OF_PAGE, Page, bounded, place, size
from practice.parties.names import fold
from practice.text_index import queries as text_index
from practice.time import calendars

#: Working days without a hop after which a letter hangs (C39).
HUNG_AFTER = 2
#: Sent, and the proof of delivery is still to come: nobody here can hurry it.
OUTSIDE = "dispatched"
#: ``mine``: I have it, or it is on its way to me. ``department``: one of my groups has to accept it.
#: ``hung``: nothing happened for days. ``all``: every letter I may see.
SCOPES = ("mine", "department", "hung", "all")


class Row(NamedTuple):
    """A letter of a list with the number of its matter."""

    letter: Letter
    matter_number: str | None


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """Filter on ``Letter``: registered or held by the actor, on its way to them, theirs once, or of what they see.

    Letters of a matter that the actor may not know of are left out, whatever rights they hold.
    """
    if actor.may("*"):
        return sa.true()
    denied = sa.select(Matter.id).where(matters.denied_to(actor))
    nothing_denies = sa.or_(Letter.matter_id.is_(None), Letter.matter_id.not_in(denied))
    if actor.may(KEEP):
        return nothing_denies
    had = sa.select(LetterHop.letter_id).where(
        sa.or_(LetterHop.by == actor.username, LetterHop.to_username == actor.username)
    )
    reasons = (
        Letter.registered_by == actor.username,
        Letter.holder == actor.username,
        Letter.holder_group.in_(sorted(actor.groups)),
        Letter.id.in_(had),
        Letter.matter_id.in_(sa.select(Matter.id).where(matters.visible_to(actor))),
        Letter.process_instance_id.in_(access.instances_with_open_work_for(actor)),
    )
    return sa.and_(sa.or_(*reasons), nothing_denies)


def get_by_number(session: Session, number: str, *, actor: Actor) -> Letter:
    """Return a letter with its hops; for people whom it does not concern there is none (``LetterNotFound``)."""
    query = sa.select(Letter).where(Letter.number == number, visible_to(actor)).options(selectinload(Letter.hops))
    letter = session.scalar(query)
    if letter is None:
        raise LetterNotFound(number[:80])
    return letter


def matter_number(session: Session, letter: Letter) -> str | None:
    """Return the number of the matter of a letter that was read with the reader's rights."""
    if letter.matter_id is None:
        return None
    return session.scalar(sa.select(Matter.number).where(Matter.id == letter.matter_id))


def answers_of(session: Session, letter: Letter, *, actor: Actor) -> list[Letter]:
    """Return the letters that answer one, the oldest first."""
    query = sa.select(Letter).where(Letter.answers_id == letter.id, visible_to(actor))
    return list(session.scalars(query.order_by(Letter.registered_at, Letter.id)))


def search(  # noqa: PLR0913 - each of them narrows the list in its own way
    session: Session,
    *,
    actor: Actor,
    scope: str = "all",
    direction: str | None = None,
    status: str | None = None,
    matter: str | None = None,
    text: str | None = None,
    person: str | None = None,
    now: datetime,
    limit: int = 50,
    cursor: str | None = None,
) -> Page[Row]:
    """Return letters, the newest first; those that hang, the longest hanging first.

    With ``person`` those that a colleague has or registered, and those of their matters.
    """
    limit = bounded(limit)
    wanted = _of_scope(session, actor, scope, now)
    theirs = (Letter.holder, Letter.registered_by)
    wanted += colleagues.of(person, *theirs, matter_id=Letter.matter_id, actor=actor)
    for column, value in ((Letter.direction, direction), (Letter.status, status), (Matter.number, matter)):
        if value is not None:
            wanted.append(column == value)
    at = Letter.moved_at if scope == "hung" else Letter.registered_at
    key: Any = sa.tuple_(at, Letter.id)
    if cursor:
        after = sa.tuple_(*place(cursor), types=[at.type, Letter.id.type])
        wanted.append(key > after if scope == "hung" else key < after)
    words = fold(text or "").split()
    if not text_index.is_anywhere(session, words, text=Letter.search_text):
        return Page([], None)
    reader, longest_first = telling.of(session, actor), scope == "hung"
    asked = _listed(reader, len(words), longest_first=longest_first).narrowed(*wanted)
    rows = [Row(*row) for row in asked.execute(session, **text_index.values_of(words), rows_of_page=size(limit))]
    return Page.cut(
        rows, limit, lambda row: (row.letter.moved_at if scope == "hung" else row.letter.registered_at, row.letter.id)
    )


@for_alike
def _listed(actor: Actor, words: int, *, longest_first: bool) -> sa.Select[Letter, str]:
    query = sa.select(Letter, Matter.number).outerjoin(Matter, Matter.id == Letter.matter_id)
    held = [text_index.holds(Letter.search_text, place) for place in range(words)]
    newest = (Letter.registered_at.desc(), Letter.id.desc())
    order = (Letter.moved_at, Letter.id) if longest_first else newest
    return query.where(visible_to(actor), *held).order_by(*order).limit(ROWS_OF_PAGE)


def counts(session: Session, *, actor: Actor, now: datetime) -> dict[str, int]:
    """Count the letters of each scope but ``all``, which has closed ones too."""
    found: dict[str, int] = {}
    for scope in SCOPES:
        if scope != "all":
            query = sa.select(sa.func.count()).select_from(Letter).where(visible_to(actor))
            query = query.where(*_of_scope(session, actor, scope, now))
            found[scope] = session.scalar(query) or 0
    return found


def of_read_matter(session: Session, matter: Matter, *, limit: int = 50) -> list[Letter]:
    """Return the letters of a matter that was read with the reader's rights, the newest first."""
    return list(session.scalars(_OF_MATTER.limit(bounded(limit)), {"matter_id": matter.id}))


_OF_MATTER: Final = (
    sa.select(Letter)
    .where(Letter.matter_id == sa.bindparam("matter_id"))
    .order_by(Letter.registered_at.desc(), Letter.id.desc())
)


def is_hung(letter: Letter, *, before: datetime) -> bool:
    """Say whether nothing has happened to an open letter since ``before`` (``hangs_since``)."""
    return letter.is_open and letter.status != OUTSIDE and letter.moved_at <= before


def hangs_since(session: Session, now: datetime) -> datetime:
    """Return the instant before which a letter's last hop makes it hang: working days of the firm's calendar back."""
    return calendars.working_days_before(session, now, HUNG_AFTER)


def _of_scope(session: Session, actor: Actor, scope: str, now: datetime) -> list[sa.ColumnElement[bool]]:
    wanted: list[sa.ColumnElement[bool]] = []
    if scope == "mine":
        wanted += [Letter.closed_at.is_(None), Letter.holder == actor.username]
    elif scope == "department":
        wanted += [Letter.closed_at.is_(None), Letter.holder_group.in_(sorted(actor.groups))]
    elif scope == "hung":
        wanted += [Letter.closed_at.is_(None), Letter.status != OUTSIDE, Letter.moved_at <= hangs_since(session, now)]
    return wanted
