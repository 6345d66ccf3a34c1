"""Who is looking at which task: known in memory, for a moment, and nowhere written down."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

#: Seconds for which a look counts; pages say every fifteen that they are still there.
LASTS_S = 40.0
#: People shown on one task: beyond that it is a crowd.
MOST = 20


class Onlooker(NamedTuple):
    """Somebody who has a task open."""

    username: str
    full_name: str


class Presence:
    """Who looks at what, on every server of the firm as far as they have said."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._looks: dict[UUID, dict[str, tuple[Onlooker, float]]] = {}

    def came(self, user_task_id: UUID, person: Onlooker) -> bool:
        """Note that somebody looks at a task; say whether that is news."""
        with self._lock:
            now = self._clock()
            looks = self._fresh(user_task_id, now)
            is_new = person.username not in looks
            looks[person.username] = (person, now + LASTS_S)
            self._looks[user_task_id] = looks
            return is_new

    def went(self, user_task_id: UUID, username: str) -> bool:
        """Note that somebody looks at it no more; say whether that is news."""
        with self._lock:
            looks = self._fresh(user_task_id, self._clock())
            return looks.pop(username, None) is not None

    def others(self, user_task_id: UUID, username: str) -> list[Onlooker]:
        """Return who else looks at a task, by name."""
        with self._lock:
            looks = self._fresh(user_task_id, self._clock())
            people = [person for person, _ in looks.values() if person.username != username]
        return sorted(people, key=lambda person: (person.full_name, person.username))[:MOST]

    def usernames(self, user_task_id: UUID) -> set[str]:
        """Return the usernames of all who look at a task."""
        with self._lock:
            return set(self._fresh(user_task_id, self._clock()))

    def sweep(self) -> set[UUID]:
        """Forget whose look has run out; return the tasks at which fewer look now."""
        with self._lock:
            now, thinner = self._clock(), set[UUID]()
            for user_task_id in list(self._looks):
                if any(until <= now for _, until in self._looks[user_task_id].values()):
                    thinner.add(user_task_id)
                    self._fresh(user_task_id, now)
            return thinner

    def _fresh(self, user_task_id: UUID, now: float) -> dict[str, tuple[Onlooker, float]]:
        looks = {name: look for name, look in self._looks.get(user_task_id, {}).items() if look[1] > now}
        if looks:
            self._looks[user_task_id] = looks
        else:
            self._looks.pop(user_task_id, None)
        return looks
