"""Putting into words what people may be told, in one go for everybody whom it concerns.

A change often concerns many at once. Rights are those of the moment: the groups of all who listen are read anew each
time, and whoever may no longer come in is told nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from engine import clock
from engine.actor import Actor
from practice.people.identity import groups_today
from tasks import access
from tasks.feed.queries import Told, told_to_each
from tasks.feed.tail import Change
from webui.live.presence import Presence


class Teller:
    """Knows who may hear what."""

    def __init__(self, rights_of: Callable[[frozenset[str]], frozenset[str]], presence: Presence) -> None:
        self._rights_of = rights_of
        self._presence = presence

    def tasks(self, session: Session, wanted: Mapping[str, Sequence[Change]]) -> dict[str, Any]:
        """Return what each username is told of the changes that can concern them; nothing for who may not come in."""
        actors = self._here(session, wanted)
        told = told_to_each(session, {actor: wanted[actor.username] for actor in actors})
        return {actor.username: [_as_told(one, actor) for one in said] for actor, said in told.items()}

    def looks(self, session: Session, user_task_ids: Iterable[UUID]) -> list[tuple[str, Any]]:
        """Return for each who looks at one of the tasks who else does."""
        onlookers = {user_task_id: self._presence.usernames(user_task_id) for user_task_id in user_task_ids}
        actors = {actor.username: actor for actor in self._here(session, set[str]().union(*onlookers.values()))}
        known = access.known_user_tasks(session, list(onlookers))
        return [
            (username, {"task": str(key), "others": [one.full_name for one in self._presence.others(key, username)]})
            for key, usernames in onlookers.items()
            for username in sorted(usernames & actors.keys())
            if key in known and access.seen_among(session, actors[username], [known[key]])
        ]

    def _here(self, session: Session, usernames: Iterable[str]) -> list[Actor]:
        now = clock.utc_now()
        groups = groups_today(session, list(usernames), now.astimezone(clock.zone()).date())
        return [Actor(name, held, self._rights_of(held), now) for name, held in groups.items()]


def event(name: str, data: Any, mark: int) -> bytes:
    """Return one event as it goes over the wire."""
    return b"id: %d\nevent: %s\ndata: %s\n\n" % (mark, name.encode(), orjson.dumps(data))


def _as_told(told: Told, actor: Actor) -> dict[str, Any]:
    task = told.task
    return {
        "id": str(task.id),
        "kind": told.change.kind.removeprefix("user_task_"),
        "state": task.state,
        "by": told.by_name,
        "is_own": told.change.actor == actor.username,
        "holder": told.holder_name if task.state == "created" else None,
        "is_mine": task.state == "created" and task.assignee == actor.username,
    }
