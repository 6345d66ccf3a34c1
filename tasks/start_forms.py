"""What a form offers to choose from that no variable of its process can tell: lists as they are today."""

from collections.abc import Callable, Mapping
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine.actor import Actor
from practice.matters import case_types
from practice.organisation import queries as organisation
from practice.organisation.queries import OUTSIDE
from practice.people.models import Group, Membership, User
from practice.walls import queries as walls

#: So many people are a list to choose from; of more, those are offered whose names are typed.
MOST_WHOLE: Final = 400
MOST_FOUND: Final = 20
#: Texts of answers that may be usernames.
MOST_NAMED: Final = 5_000
_LONGEST_USERNAME: Final = 150


def choices(
    session: Session,
    schema: Mapping[str, Any],
    *,
    business_key: str | None = None,
    known: Mapping[str, Any] | None = None,
    actor: Actor,
) -> dict[str, Any]:
    """Return the lists that a form asks for by ``valuesKey``: ``case_types``, ``departments``, ``people``, ``walls``.

    In the work of a matter or an enquiry, people whom a wall keeps out of it are not among the ``people``, and the
    ``walls`` are those around it, asked for or up, that the actor may see. In a large firm the ``people`` are those
    alone whom the answers that are ``known`` name, and ``people_searched`` says that the others have to be asked for.
    """
    wanted = {name for name in _values_keys(schema.get("components")) if name in _LISTS}
    found: dict[str, Any] = {name: _LISTS[name](session, business_key, actor) for name in sorted(wanted)}
    if len(found.get("people", ())) > MOST_WHOLE:
        named = {text for text in _texts(known or {}) if len(text) <= _LONGEST_USERNAME}
        found["people"] = _people_named(session, named, business_key, actor)
        found["people_searched"] = True
    return found


def people_found(session: Session, text: str, *, business_key: str | None, actor: Actor) -> list[dict[str, str]]:
    """Return those of the people of a form who have the words in their names, the first few."""
    besides = walls.kept_out_of(business_key) if business_key is not None else None
    found = organisation.find(session, actor=actor, text=text, besides=besides, limit=MOST_FOUND)
    return [{"label": name, "value": username} for username, name in found]


def _case_types(session: Session, _business_key: str | None, _actor: Actor) -> list[dict[str, str]]:
    return [{"label": kind.name, "value": kind.key} for kind in case_types.deployed(session)]


def _people(session: Session, business_key: str | None, actor: Actor) -> list[dict[str, str]]:
    besides = walls.kept_out_of(business_key) if business_key is not None else None
    found = organisation.find(session, actor=actor, besides=besides, limit=MOST_WHOLE + 1)
    return [{"label": name, "value": username} for username, name in found]


def _people_named(session: Session, named: set[str], business_key: str | None, actor: Actor) -> list[dict[str, str]]:
    besides = User.username.not_in(sorted(named)[:MOST_NAMED])
    if business_key is not None:
        besides = sa.or_(besides, walls.kept_out_of(business_key))
    found = organisation.find(session, actor=actor, besides=besides, limit=MOST_WHOLE)
    return [{"label": name, "value": username} for username, name in found]


def _departments(session: Session, _business_key: str | None, _actor: Actor) -> list[dict[str, str]]:
    """List the groups in which somebody works: a letter is handed to one of them as a whole."""
    query = sa.select(Group.title, Group.name).join(Membership, Membership.group_name == Group.name)
    query = query.join(User, User.id == Membership.user_id).where(User.is_active, Group.name.not_in(OUTSIDE))
    found = session.execute(query.distinct().order_by(Group.title, Group.name))
    return [{"label": title, "value": name} for title, name in found]


def _walls(session: Session, business_key: str | None, actor: Actor) -> list[dict[str, str]]:
    if business_key is None:
        return []
    found = session.scalars(walls.nameable(actor, business_key))
    return [{"label": f"{wall.number} {wall.name}", "value": wall.number, "state": wall.state} for wall in found]


_LISTS: Final[Mapping[str, Callable[[Session, str | None, Actor], list[dict[str, str]]]]] = {
    "case_types": _case_types,
    "departments": _departments,
    "people": _people,
    "walls": _walls,
}


def _texts(value: Any) -> set[str]:
    """Return every text of answers, at any depth."""
    if isinstance(value, str):
        return {value}
    items: list[Any] = []
    if isinstance(value, Mapping):
        items = list(cast("Mapping[str, Any]", value).values())
    elif isinstance(value, list):
        items = cast("list[Any]", value)
    return {text for item in items for text in _texts(item)}


def _values_keys(components: Any) -> set[str]:
    found: set[str] = set()
    for item in cast("list[Any]", components) if isinstance(components, list) else []:
        component = cast("dict[str, Any]", item) if isinstance(item, dict) else {}
        if isinstance(component.get("valuesKey"), str):
            found.add(component["valuesKey"])
        found |= _values_keys(component.get("components"))
    return found
