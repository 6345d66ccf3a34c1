"""Which matter a letter may belong to: by the numbers and names that stand on it."""

import re
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.correspondence.models import Letter
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.parties.names import fold

_MOST: Final = 8
#: Letters that a word of a name has to have.
_SHORTEST: Final = 3
_TOKEN: Final = re.compile(r"[\w./-]{4,100}")
#: Words of firms' names that say nothing about which one it is.
_COMMON: Final = frozenset({"gmbh", "ltd", "limited", "inc", "corp", "company", "sarl", "court", "the", "and", "von"})


def for_letter(session: Session, letter: Letter, *, actor: Actor) -> list[Matter]:
    """Return open matters that the actor may see and that the letter seems to be about, the likeliest first.

    First those whose own or court number stands on the letter, then those in which the sender or addressee is named.
    """
    written = " ".join(part for part in (letter.subject, letter.reference) if part)
    tokens = {token.upper() for token in _TOKEN.findall(written)}
    query = sa.select(Matter).where(Matter.state == "open", matters.visible_to(actor))
    found: dict[Any, Matter] = {}
    if tokens:
        numbered = query.where(
            sa.or_(Matter.number.in_(tokens), sa.func.upper(Matter.court_number).in_(tokens))
        ).order_by(Matter.number)
        found |= {matter.id: matter for matter in session.scalars(numbered.limit(_MOST))}
    other = letter.sender if letter.direction == "incoming" else letter.addressee
    words = [word for word in fold(other).split() if len(word) >= _SHORTEST and word not in _COMMON]
    if words and len(found) < _MOST:
        named = query.where(*(Matter.search_text.contains(word, autoescape=True) for word in words))
        named = named.order_by(Matter.opened_at.desc(), Matter.id).limit(_MOST)
        found |= {matter.id: matter for matter in session.scalars(named) if matter.id not in found}
    return list(found.values())[:_MOST]
