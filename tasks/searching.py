"""Searching everything at once: matters, parties, enquiries, tasks, letters, documents and deadlines.

Each kind is asked through its own search, so what somebody may not see is left out inside each query.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from engine.actor import Actor
from engine.database import planned_for_anyone
from engine.errors import Invalid
from practice.anyone import for_alike
from practice.clients import queries as clients
from practice.correspondence import queries as letters
from practice.deadlines.models import Deadline
from practice.documents import queries as documents
from practice.enquiries import queries as enquiries
from practice.gathering import gathered
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.paging import at_most, size
from practice.parties import queries as parties
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
        found = {kind: _SEARCHES[kind](session, actor, words, limit + 1, now) for kind in wanted if kind in _BY_WORDS}
    found |= {kind: _SEARCHES[kind](session, actor, words, limit + 1, now) for kind in wanted if kind not in _BY_WORDS}
    return [Found(kind, found[kind][:limit], len(found[kind]) > limit) for kind in wanted if found[kind]]


def _matters(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> list[Hit]:
    items = matters.search(session, actor=actor, text=text, limit=limit).items
    return [Hit("matter", one.number, one.title, one.number, one.opened_at) for one in items]


def _parties(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> list[Hit]:
    items = parties.search(session, actor=actor, text=text, limit=limit).items
    return [Hit("party", str(one.id), one.name, one.kind, one.created_at) for one in items]


def _clients(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> list[Hit]:
    items = clients.search(session, actor=actor, text=text, limit=limit).items
    return [Hit("client", client.number, party.name, client.number) for client, party in items]


def _enquiries(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> list[Hit]:
    items = enquiries.search(session, actor=actor, text=text, limit=limit).items
    return [
        Hit(
            "enquiry",
            one.number,
            " – ".join(name for name in (one.client_name, one.opponent_name) if name),
            one.number,
            one.received_at,
        )
        for one in items
    ]


def _user_tasks(session: Session, actor: Actor, text: str, limit: int, now: datetime) -> list[Hit]:
    items = inbox.page(session, actor, scope="all", q=text, limit=limit, now=now).items
    return [
        Hit("user_task", str(one.id), one.name, one.business_key or "", one.due_at, one.process_key) for one in items
    ]


def _documents(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> list[Hit]:
    items = documents.search(session, actor=actor, text=text, limit=limit).items
    return [
        Hit(
            "document",
            str(one.document.id),
            one.document.title,
            one.document.owner,
            one.document.changed_at,
            owner_kind=one.document.owner_kind,
        )
        for one in items
    ]


def _letters(session: Session, actor: Actor, text: str, limit: int, now: datetime) -> list[Hit]:
    items = letters.search(session, actor=actor, text=text, now=now, limit=limit).items
    return [
        Hit("letter", one.letter.number, one.letter.subject, one.letter.number, one.letter.registered_at)
        for one in items
    ]


def _deadlines(session: Session, actor: Actor, text: str, limit: int, _now: datetime) -> list[Hit]:
    words, holding = _rarest_first(session, text.split())
    values = text_index.values_of(words) | holding.values
    # Common words soon fill a page of the open ones, which are read in the order of their index.
    ranges: tuple[bool | None, ...] = (True, False)
    way: Way = "asked"
    if holding.is_rare:
        ranges, way = (None,), "looked_up"
    elif matters.has_few(session, actor):
        ranges, way = (None,), "gathered"
    rows: list[Any] = []
    for are_open in ranges:
        if len(rows) < limit:
            asked = _first_deadlines(actor, way, holding.looked, len(words), are_open, size(limit))
            rows += asked.execute(session, **values)
    return [Hit("deadline", str(deadline.id), deadline.name, number) for deadline, number in rows[:limit]]


@for_alike
def _first_deadlines(
    actor: Actor, way: Way, looked: Looked, words: int, are_open: bool | None, count: int
) -> sa.Select[Deadline, str]:
    query = sa.select(Deadline, Matter.number).join(Matter, Matter.id == Deadline.matter_id)
    for place in range(words):
        held = sa.or_(text_index.holds(_NAME, place), text_index.holds(Matter.search_text, place))
        query = query.where(looked.asked(held))
    if way == "looked_up":
        query = query.where(gathered(Deadline.id, _of_a_rare_word(looked)), matters.seen_by(actor))
    elif way == "gathered":
        seen = sa.select(Matter.id).where(matters.visible_to(actor)).correlate(None)
        query = query.where(gathered(Deadline.matter_id, seen))
    else:
        query = query.where(matters.seen_by(actor))
    order: list[Any] = [Deadline.sort_on, Deadline.id]
    if are_open is None:
        order.insert(0, Deadline.ended_at.is_not(None))
    else:
        query = query.where(Deadline.ended_at.is_(None) if are_open else Deadline.ended_at.is_not(None))
    return query.order_by(*order).limit(at_most(count))


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


_SEARCHES: Final[dict[str, Callable[[Session, Actor, str, int, datetime], list[Any]]]] = {
    "matter": _matters,
    "party": _parties,
    "client": _clients,
    "enquiry": _enquiries,
    "user_task": _user_tasks,
    "letter": _letters,
    "document": _documents,
    "deadline": _deadlines,
}
