"""Searching everything at once: matters, parties, enquiries, tasks, letters, documents and deadlines.

Each kind is asked through its own search, so what somebody may not see is left out inside each query.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.database import planned_for_anyone
from engine.errors import Invalid
from practice.anyone import for_alike
from practice.clients import queries as clients
from practice.clients.models import Client
from practice.correspondence import queries as letters
from practice.correspondence.models import Letter
from practice.deadlines.models import Deadline
from practice.documents import queries as documents
from practice.documents.models import Document
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.gathering import among, gathered
from practice.matters import queries as matters
from practice.matters import telling
from practice.matters.models import Matter
from practice.paging import ROWS_OF_PAGE, Page, size
from practice.parties import queries as parties
from practice.parties.models import Party
from practice.parties.names import fold
from practice.text_index import queries as text_index
from practice.text_index.queries import Holding, Looked, Way
from tasks.inbox import queries as inbox

KINDS: Final = ("matter", "party", "client", "enquiry", "user_task", "letter", "document", "deadline")
#: Those whose statements say themselves how words are looked for, so that one plan does for anybody.
_BY_WORDS: Final = frozenset({"matter", "party", "client", "enquiry", "deadline"})
#: Beyond this nobody types, and each word is a condition.
LONGEST: Final = 100
MOST_WORDS: Final = 8
MOST_HITS: Final = 50
#: So many parties are looked at for each client that is to be told: more than half of a firm's are clients.
_PARTIES_A_CLIENT: Final = 3
#: Of more matters than so many each deadline is asked about, instead of those that are among theirs.
_SOON_WALKED: Final = 10_000
#: A deadline's name is not folded: case alone is (SQLite: of ASCII alone).
_NAME: Final = sa.func.lower(Deadline.name)


@dataclass(eq=False)
class SearchInvalid(Invalid):
    """There is no such kind of thing to search for, or not so many of them."""

    code = "search_invalid"
    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    kind: str
    #: What its address is made of: a number, or an id.
    key: str
    title: str
    #: A number, a name, a file: what tells it from others of the same title.
    detail: str
    at: datetime | None = None
    #: Of user tasks: whose model says the title.
    process_key: str | None = None
    #: Of documents: what sort of record ``detail`` numbers.
    owner_kind: str | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What was found of one kind, best first; ``is_more``: there is more than is told."""

    kind: str
    hits: list[Hit]
    is_more: bool


#: Best first, and whether there are more.
_Hits = tuple[list[Hit], bool]
T = TypeVar("T")


def search(
    session: Session, *, actor: Actor, text: str, kinds: Sequence[str] = KINDS, limit: int = 6, now: datetime
) -> list[Found]:
    """Return what the actor may see and every word of ``text`` is in, kind by kind; nothing for no words.

    Raises:
        SearchInvalid: a kind is not known, or ``limit`` is not within 1 and ``MOST_HITS``.
    """
    for kind in kinds:
        if kind not in KINDS:
            raise SearchInvalid("kinds", kind[:40])
    if not 1 <= limit <= MOST_HITS:
        raise SearchInvalid("limit", str(limit))
    words = " ".join(fold(text[:LONGEST]).split()[:MOST_WORDS])
    if not words:
        return []
    wanted = list(dict.fromkeys(kinds))
    with planned_for_anyone(session):
        found = _parties_and_clients(session, actor, words, limit) if {"party", "client"} <= set(wanted) else {}
        by_words = (kind for kind in wanted if kind in _BY_WORDS and kind not in found)
        found |= {kind: _SEARCHES[kind](session, actor, words, limit, now) for kind in by_words}
    found |= {kind: _SEARCHES[kind](session, actor, words, limit, now) for kind in wanted if kind not in _BY_WORDS}
    return [Found(kind, *found[kind]) for kind in wanted if found[kind][0]]


def _matters(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> _Hits:
    page = matters.search(session, actor=actor, text=text, limit=limit)
    return _hits(page, lambda one: Hit("matter", one.number, one.title, one.number, one.opened_at))


def _parties(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> _Hits:
    return _hits(parties.search(session, actor=actor, text=text, limit=limit), _party)


def _party(one: Party) -> Hit:
    return Hit("party", str(one.id), one.name, one.kind, one.created_at)


def _clients(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> _Hits:
    return _hits(clients.search(session, actor=actor, text=text, limit=limit), _client)


def _client(one: tuple[Client, Party]) -> Hit:
    return Hit("client", one[0].number, one[1].name, one[0].number)


def _parties_and_clients(session: Session, actor: Actor, text: str, limit: int) -> dict[str, _Hits]:
    """Search for both in one: every client is a party, and to find out who may see one takes longer than the words.

    There is an answer for clients only where these are all there are, or as many as are told.
    """
    page = parties.search(session, actor=actor, text=text, limit=_PARTIES_A_CLIENT * (limit + 1))
    found: dict[str, _Hits] = {"party": _first_of([_party(one) for one in page.items], limit)}
    # Whoever may see a party may see that it is a client.
    known = clients.of_parties(session, [one.id for one in page.items])
    told = [_client((known[one.id], one)) for one in page.items if one.id in known]
    are_all = page.next_cursor is None and not clients.may_be_number(text)
    if are_all or len(told) > limit:
        found["client"] = _first_of(told, limit)
    return found


def _first_of(hits: list[Hit], limit: int) -> _Hits:
    return hits[:limit], len(hits) > limit


def _enquiries(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> _Hits:
    page = enquiries.search(session, actor=actor, text=text, limit=limit)
    return _hits(page, lambda one: Hit("enquiry", one.number, _names_of(one), one.number, one.received_at))


def _names_of(enquiry: Enquiry) -> str:
    return " – ".join(name for name in (enquiry.client_name, enquiry.opponent_name) if name)


def _user_tasks(session: Session, actor: Actor, text: str, limit: int, now: datetime) -> _Hits:
    page = inbox.page(session, actor, scope="all", q=text, limit=limit, now=now)
    return _hits(
        page,
        lambda one: Hit("user_task", str(one.id), one.name, one.business_key or "", one.due_at, one.process_key),
    )


def _documents(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> _Hits:
    page = documents.search(session, actor=actor, text=text, limit=limit)
    return _hits(page, lambda one: _document(one.document))


def _document(one: Document) -> Hit:
    return Hit("document", str(one.id), one.title, one.owner, one.changed_at, owner_kind=one.owner_kind)


def _letters(session: Session, actor: Actor, text: str, limit: int, now: datetime) -> _Hits:
    page = letters.search(session, actor=actor, text=text, now=now, limit=limit)
    return _hits(page, lambda one: _letter(one.letter))


def _letter(one: Letter) -> Hit:
    return Hit("letter", one.number, one.subject, one.number, one.registered_at)


def _hits(page: Page[T], hit: Callable[[T], Hit]) -> _Hits:
    return [hit(one) for one in page.items], page.next_cursor is not None


def _deadlines(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> _Hits:
    words, holding = _rarest_first(session, text.split())
    reader = telling.of(session, actor)
    # Common words soon fill a page of the open ones, which are read in the order of their index.
    ranges: tuple[bool | None, ...] = (True, False)
    way: Way = "asked"
    if holding.is_rare:
        ranges, way = (None,), "looked_up"
    elif matters.has_few(session, actor):
        ranges, way = (None,), "gathered"
    elif matters.has_few(session, actor, _SOON_WALKED):
        way = "walked"
    held, rows = holding.read(way), list[Any]()
    values = text_index.values_of(words) | held.values
    for are_open in ranges:
        if len(rows) <= limit:
            asked = _first_deadlines(reader, way, held.looked, len(words), are_open)
            rows += asked.execute(session, **values, rows_of_page=size(limit))
    hits = [Hit("deadline", str(deadline.id), deadline.name, number) for deadline, number in rows[:limit]]
    return hits, len(rows) > limit


@for_alike
def _first_deadlines(
    actor: Actor, way: Way, looked: Looked, words: int, are_open: bool | None
) -> sa.Select[Deadline, str]:
    query = sa.select(Deadline, Matter.number).join(Matter, Matter.id == Deadline.matter_id)
    if way != "gathered":
        query = query.where(*_hold(looked, words))
    if way == "looked_up":
        query = query.where(gathered(Deadline.id, _of_a_rare_word(looked)), matters.seen_by(actor))
    elif way == "gathered":
        query = query.where(gathered(Deadline.id, _of_their_matters(actor, looked, words)), matters.seen_by(actor))
    elif way == "walked":
        query = query.where(among(Deadline.matter_id, matters.reasons(actor)), matters.seen_by(actor))
    else:
        query = query.where(matters.seen_by(actor))
    order: list[Any] = [Deadline.sort_on, Deadline.id]
    if are_open is None:
        order.insert(0, Deadline.ended_at.is_not(None))
    else:
        query = query.where(Deadline.ended_at.is_(None) if are_open else Deadline.ended_at.is_not(None))
    return query.order_by(*order).limit(ROWS_OF_PAGE)


def _hold(looked: Looked, words: int) -> list[sa.ColumnElement[bool]]:
    """Say of each row that the deadline's name or its matter holds every word."""
    held = (
        sa.or_(text_index.holds(_NAME, place), text_index.holds(Matter.search_text, place)) for place in range(words)
    )
    return [looked.asked(one) for one in held]


def _of_their_matters(actor: Actor, looked: Looked, words: int) -> sa.Select[Any]:
    """Select the deadlines that hold the words, of matters that the actor has a reason to see.

    Words are cheaper to ask about than what may deny a matter, which SQLite would ask first, of each matter.
    """
    some = sa.select(Deadline.id).join(Matter, Matter.id == Deadline.matter_id)
    return some.where(gathered(Deadline.matter_id, matters.reasons(actor)), *_hold(looked, words)).correlate(None)


def _rarest_first(session: Session, words: list[str]) -> tuple[list[str], Holding]:
    """Return the words with one that is in few matters and deadlines first, where there is one, and what is known."""
    known: list[Holding] = []
    for place, word in enumerate(words):
        known.append(text_index.holding(session, [word], key=Matter.id, text=Matter.search_text))
        if known[-1].is_rare:
            named = text_index.holding(session, [word], key=Deadline.id, text=_NAME)
            if named.is_rare:
                return [word, *words[:place], *words[place + 1 :]], known[-1]
            known[-1] = named
    return words, known[0]


def _of_a_rare_word(looked: Looked) -> sa.CompoundSelect[Any]:
    """Select the deadlines of which the first word, one that is in few matters and deadlines, says something."""
    deadline = aliased(Deadline)
    of = sa.select(Matter.id).where(*looked.conditions(Matter.id, Matter.search_text)).correlate(None)
    return sa.union_all(
        sa.select(deadline.id).where(gathered(deadline.matter_id, of)).correlate(None),
        sa.select(Deadline.id).where(*looked.conditions(Deadline.id, _NAME)).correlate(None),
    )


_SEARCHES: Final[dict[str, Callable[[Session, Actor, str, int, datetime], _Hits]]] = {
    "matter": _matters,
    "party": _parties,
    "client": _clients,
    "enquiry": _enquiries,
    "user_task": _user_tasks,
    "letter": _letters,
    "document": _documents,
    "deadline": _deadlines,
}
