"""Who else has to know when a party changes; called in the transaction of the change, after its rows are written."""

from collections.abc import Callable
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from engine.actor import Actor

#: Called with a party's id and all its names (retired ones and transliterations, too) whenever that set changed;
#: without names it was merged into another.
on_names: Final[list[Callable[[Session, UUID, list[str]], None]]] = []
#: Called with the party's id and what happened: ``name_written``, ``identifier_recorded``, ``contact_recorded``,
#: ``relation_recorded``, ``merged``.
on_party_changed: Final[list[Callable[[Session, UUID, str, Actor, datetime], None]]] = []


def names_changed(session: Session, party_id: UUID, names: list[str]) -> None:
    """Tell who keeps an index of names."""
    for tell in on_names:
        tell(session, party_id, names)


def party_changed(session: Session, party_id: UUID, what: str, *, by: Actor, now: datetime) -> None:
    """Tell who decides by what is known of a party."""
    for tell in on_party_changed:
        tell(session, party_id, what, by, now)
