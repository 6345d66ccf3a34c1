"""Whom a form offers to choose from, and who was meant by what it sends."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import sqlalchemy as sa
from flask import g
from sqlalchemy.orm import Session

from practice.organisation import queries as organisation
from practice.people import queries as people
from practice.people.models import User
from practice.walls.queries import kept_out_of
from webui.auth import current_actor
from webui.db import db

#: So many people are a list to choose from; of more, those are offered whose names are typed.
MOST_WHOLE: Final = 400
LONGEST: Final = 200
_USERNAME: Final = re.compile(r"[a-z0-9][a-z0-9._@+-]*")
_LABELLED: Final = re.compile(r".*\(([a-z0-9][a-z0-9._@+-]*)\)\Z", re.DOTALL)


def offered(number: str | None = None, *, with_former: bool = False) -> list[tuple[str, str]] | None:
    """Return username and name of everybody who may be picked; None when they are too many for a list.

    For the work of a matter or enquiry without those whom a wall keeps out of it.
    """
    kept: dict[tuple[str | None, bool], list[tuple[str, str]] | None] = g.setdefault("colleagues_offered", {})
    if (number, with_former) not in kept:
        found = organisation.find(
            db.session(),
            actor=current_actor(),
            active=None if with_former else True,
            besides=kept_out_of(number) if number else None,
            limit=MOST_WHOLE + 1,
        )
        kept[number, with_former] = found if len(found) <= MOST_WHOLE else None
    return kept[number, with_former]


def label(username: str | None) -> str:
    """Return how somebody stands in a field that is typed into."""
    if not username:
        return ""
    name = people.display_names(db.session(), [username]).get(username)
    return labelled(username, name) if name else username


def labelled(username: str, full_name: str) -> str:
    """Return name and username, so that of two of one name the right one is meant."""
    return f"{full_name} ({username})"


def meant(session: Session, said: str | None) -> str | None:
    """Return the username of who was meant by a username, a label or a name that one person bears.

    What means nobody is returned as it was said: a list finds nothing for it, and an operation refuses it.
    """
    said = " ".join((said or "")[:LONGEST].split())
    if not said:
        return None
    by_label = _LABELLED.fullmatch(said)
    if by_label:
        return by_label.group(1)
    if _USERNAME.fullmatch(said):
        return said
    named = session.scalars(sa.select(User.username).where(User.full_name == said).limit(2)).all()
    return named[0] if len(named) == 1 else said


def asked_for(args: Mapping[str, str], name: str = "person") -> str | None:
    """Return the colleague that an address narrows its list to."""
    return meant(db.session(), args.get(name))
