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
from engine.errors import Invalid
from practice.clients import queries as clients
from practice.correspondence import queries as letters
from practice.deadlines.models import Deadline
from practice.documents import queries as documents
from practice.enquiries import queries as enquiries
from practice.gathering import gathered
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.parties import queries as parties
from practice.parties.names import fold
from practice.text_index import queries as text_index
from tasks.inbox import queries as inbox

KINDS: Final = ("matter", "party", "client", "enquiry", "user_task", "letter", "document", "deadline")
#: Beyond this nobody types, and each word is a condition.
LONGEST: Final = 100
MOST_WORDS: Final = 8
MOST_HITS: Final = 50


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
    found = [(kind, _SEARCHES[kind](session, actor, words, limit + 1, now)) for kind in dict.fromkeys(kinds)]
    return [Found(kind, hits[:limit], len(hits) > limit) for kind, hits in found if hits]


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
    words = text.split()
    query = sa.select(Deadline, Matter.number).join(Matter, Matter.id == Deadline.matter_id)
    for word in words:
        query = query.where(sa.or_(_names(Deadline, word), Matter.search_text.contains(word, autoescape=True)))
    rare = _of_a_rare_word(session, words)
    if rare is not None:
        ranges = [query.where(gathered(Deadline.id, rare), matters.seen_by(actor))]
    elif matters.has_few(session, actor):
        seen = sa.select(Matter.id).where(matters.visible_to(actor)).correlate(None)
        ranges = [query.where(gathered(Deadline.matter_id, seen))]
    else:
        # Common words soon fill a page of the open ones, which are read in the order of their index.
        is_open = Deadline.ended_at.is_(None)
        ranges = [query.where(one, matters.seen_by(actor)) for one in (is_open, sa.not_(is_open))]
    rows: list[Any] = []
    for one in ranges:
        order = (Deadline.ended_at.is_not(None), Deadline.sort_on, Deadline.id)
        if len(rows) < limit:
            ordered = one.order_by(*(order[1:] if len(ranges) > 1 else order)).limit(limit - len(rows))
            rows += session.execute(ordered).all()
    return [Hit("deadline", str(deadline.id), deadline.name, number) for deadline, number in rows]


def _of_a_rare_word(session: Session, words: Sequence[str]) -> sa.CompoundSelect[Any] | None:
    """Select the deadlines of which one of the words says something, a word that few matters hold; None without one."""
    deadline = aliased(Deadline)
    for word in words:
        holding = text_index.holding(session, [word], key=Matter.id, text=Matter.search_text)
        if holding.is_rare:
            of = sa.select(Matter.id).where(*holding.conditions).correlate(None)
            return sa.union_all(
                sa.select(deadline.id).where(gathered(deadline.matter_id, of)).correlate(None),
                sa.select(deadline.id).where(_names(deadline, word)).correlate(None),
            )
    return None


def _names(deadline: Any, word: str) -> sa.ColumnElement[bool]:
    """Say whether a deadline's name holds the word. It is not folded: case alone is (SQLite: of ASCII alone)."""
    return sa.func.lower(deadline.name).contains(word, autoescape=True)


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
