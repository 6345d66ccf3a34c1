"""The demo firm's people, offered on the sign-in page of a demo."""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple

from config.settings import Settings
from practice.people import queries
from webui.db import db
from webui.pages.texts import group_title


class DemoPerson(NamedTuple):
    """Somebody to sign in as."""

    username: str
    full_name: str
    #: Titles of their groups.
    groups: list[str]
    does: str


def people(settings: Settings) -> list[DemoPerson]:
    """Return the demo firm's people in the order of its cast; nobody unless this is a demo."""
    if not settings.demo or find_spec("webui.demo") is None:
        return []
    members: Any = import_module("webui.demo.cast").CAST
    order = {member.username: (place, member.does) for place, member in enumerate(members)}
    found: list[tuple[int, DemoPerson]] = []
    for user in queries.everybody(db.session(), active=True):
        if user.username in order:
            place, does = order[user.username]
            titles = [group_title(name) for name in sorted(user.groups)]
            found.append((place, DemoPerson(user.username, user.full_name, titles, does)))
    return [person for _, person in sorted(found, key=lambda pair: pair[0])]


def password() -> str:
    """Return the password that all of the demo firm's people share."""
    return import_module("webui.demo").PASSWORD
