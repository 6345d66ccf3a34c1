"""Somebody of whom is told, for one transaction, what opens matters to them and what keeps them from any.

Walls, rules, emergencies and units name little, but spelled out in every part of a statement they make it so long that
it is put together, compiled and planned for longer than it runs. Told, they stand in it as lists, which come along as
values: ``practice.matters.telling`` gathers them. Whatever is asked of an ``Actor`` may be asked of one who is told; it
says the same.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from engine.actor import Actor
from practice import listed

#: There are restricted matters at all.
RESTRICTED: Final = "restricted"
#: Walls or rules keep them from matters, from clients or from enquiries.
DENIED: Final = "denied"
#: Rules or emergencies open clients or matters to them.
OPENED: Final = "opened"
#: They see what belongs to their units.
UNITS: Final = "units"
DENIED_MATTERS: Final = "denied_matters"
DENIED_CLIENTS: Final = "denied_clients"
DENIED_ENQUIRIES: Final = "denied_enquiries"
OPENED_MATTERS: Final = "opened_matters"
OPENED_CLIENTS: Final = "opened_clients"
OPENED_UNITS: Final = "opened_units"


@dataclass(frozen=True, slots=True)
class Told(Actor):
    """A person, what there is for or against them at all, and the lists that statements about them take."""

    #: Of ``RESTRICTED``, ``DENIED``, ``OPENED`` and ``UNITS``: statements are kept by them.
    kinds: frozenset[str] = field(default=frozenset())
    lists: dict[str, str] = field(default_factory=dict, compare=False)


def ids(actor: Told, kind: str, name: str) -> list[sa.Select[Any]]:
    """Select the ids of a list; there is no such select where nothing of the kind is told."""
    return [listed.ids(name)] if kind in actor.kinds else []


def texts(actor: Told, kind: str, name: str) -> list[sa.Select[Any]]:
    """Select the texts of a list; there is no such select where nothing of the kind is told."""
    return [listed.texts(name)] if kind in actor.kinds else []
