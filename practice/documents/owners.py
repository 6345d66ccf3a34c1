"""What a document can belong to; who may see its owner may see it.

The packages above and beside this one register their own kinds: a letter's scans, the papers of an instance that is of
no matter. A kind is a name and a filter: which of its numbers an actor sees, asked of each row.
"""

from collections.abc import Callable, Collection
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.documents.errors import DocumentOwnerNotFound
from practice.documents.models import Document
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.matters import guards
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.people.models import User

#: From the column that holds the owner's number and the actor: whether the actor sees that owner.
Seen = Callable[[sa.SQLColumnExpression[str], Actor], sa.ColumnElement[bool]]
MATTER: Final = "matter"
ENQUIRY: Final = "enquiry"
#: Not filed yet: only who brought it in sees it.
PERSON: Final = "person"


class Owner(NamedTuple):
    """What a document belongs to."""

    kind: str
    number: str


_kinds: dict[str, Seen] = {}


def register(kind: str, seen: Seen) -> None:
    """Let documents belong to a kind of record."""
    if _kinds.get(kind, seen) is not seen:
        raise ValueError(f"documents of '{kind}' are known already")
    _kinds[kind] = seen


def kinds() -> list[str]:
    """Name every kind of record that documents can belong to."""
    return sorted(_kinds)


def seen_by(actor: Actor, among: Collection[str] | None = None) -> sa.ColumnElement[bool]:
    """Filter on ``Document``: those whose owner the actor sees; of some kinds alone where no others can come."""
    kinds = {kind: seen for kind, seen in _kinds.items() if among is None or kind in among}
    seen = (sa.and_(Document.owner_kind == kind, seen(Document.owner, actor)) for kind, seen in kinds.items())
    return sa.or_(sa.false(), *seen)


def require(session: Session, owner: Owner, *, by: Actor) -> None:
    """Refuse to file something with what the actor does not see, or what is closed.

    Raises:
        DocumentOwnerNotFound, NotOnTheTeam, MatterArchived.
    """
    seen = _kinds.get(owner.kind)
    number = sa.select(sa.literal(owner.number).label("number")).subquery()
    if seen is None or not session.scalar(sa.select(number.c.number).where(seen(number.c.number, by))):
        raise DocumentOwnerNotFound(owner.kind[:40], owner.number[:100])
    if owner.kind == MATTER:
        guards.writable(session, owner.number, by=by)


def of_business_key(session: Session, business_key: str | None) -> Owner | None:
    """Return the matter or enquiry with this number; None when it names neither."""
    if business_key is None:
        return None
    for kind, column in ((MATTER, Matter.number), (ENQUIRY, Enquiry.number)):
        if session.scalar(sa.select(column).where(column == business_key)) is not None:
            return Owner(kind, business_key)
    return None


def _matter_seen(number: Any, actor: Actor) -> sa.ColumnElement[bool]:
    return sa.exists(
        sa.select(Matter.id).where(Matter.number == number, matters.seen_by(actor)).correlate(number.table)
    )


def _enquiry_seen(number: Any, actor: Actor) -> sa.ColumnElement[bool]:
    query = sa.select(Enquiry.id).where(Enquiry.number == number, enquiries.seen_by(actor))
    return sa.exists(query.correlate(number.table))


def _person_seen(number: Any, actor: Actor) -> sa.ColumnElement[bool]:
    query = sa.select(User.id).where(User.username == number, User.username == actor.username)
    return sa.exists(query.correlate(number.table))


register(MATTER, _matter_seen)
register(ENQUIRY, _enquiry_seen)
register(PERSON, _person_seen)
