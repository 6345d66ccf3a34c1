"""The middle of it: one thread follows the history for all streams of a server, and hands out what it finds."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from engine import clock, database
from tasks.feed.bell import Bell
from tasks.feed.queries import may_concern
from tasks.feed.tail import Change, Reading, Tail, since
from webui.live import commits
from webui.live.nodes import Announcer, Listener
from webui.live.presence import Onlooker, Presence
from webui.live.telling import Teller, event

if TYPE_CHECKING:
    from sqlalchemy.engine import Engine

    from config.settings import Settings
    from engine.actor import Actor

log = logging.getLogger(__name__)

#: Seconds after which the history is looked at although nobody said that something happened.
POLL_S = 0.8
#: After a look, the time until the next one: a burst of commits is looked at together.
PAUSE_S = 0.05
#: Streams of one person, of all their windows and devices; the oldest gives way to one more.
MOST_OF_ONE = 12
#: Streams of one server; who comes later asks again in a while.
MOST = 5000
#: What is kept for a stream that takes nothing in; with more it is told to look anew.
MOST_WAITING = 100


class Stream:
    """One browser that listens; lives in the event loop."""

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.is_closed = False
        #: The number in the history up to which it has been told.
        self.mark = 0
        self._waiting: list[bytes] = []
        self._woken = asyncio.Event()

    async def something(self, seconds: float) -> bool:
        """Wait for something to say; tell whether there is."""
        try:
            async with asyncio.timeout(seconds):
                await self._woken.wait()
        except TimeoutError:
            return False
        self._woken.clear()
        return True

    def say(self, text: bytes) -> None:
        """Have something said; to who takes nothing in, only that they have to look anew."""
        if len(self._waiting) >= MOST_WAITING:
            self._waiting = [event("reset", {}, self.mark)]
        else:
            self._waiting.append(text)
        self._woken.set()

    def close(self) -> None:
        """End it."""
        self.is_closed = True
        self._woken.set()

    def take(self) -> bytes:
        """Return what there is to say, and keep none of it."""
        taken, self._waiting = self._waiting, []
        return b"".join(taken)


class Hub:
    """The streams of one server, and what keeps them up to date."""

    def __init__(
        self, engine: Engine, settings: Settings, rights_of: Callable[[frozenset[str]], frozenset[str]]
    ) -> None:
        self.presence = Presence()
        self._teller = Teller(rights_of, self.presence)
        self._engine = database.read_only(engine)
        self._announcer = Announcer(engine)
        self._listener: Listener | None = None
        if not settings.is_sqlite:
            self._listener = Listener(settings.database_direct_url, self._hear, deaf_to=self._announcer.name)
        #: In the order in which they came.
        self._streams: dict[Stream, None] = {}
        self._tail = Tail()
        self._bell = Bell()
        self._tail_lock = threading.Lock()
        #: Held from asking who looks until it is on its way: what is asked first is told first.
        self._looks_lock = threading.Lock()
        self._is_following = False
        self._woken = threading.Event()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    @property
    def open_streams(self) -> int:
        """The number of streams."""
        return len(self._streams)

    def start(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to follow the history for streams that live in ``loop``."""
        self._loop = loop
        commits.call(self._wake)
        self._announcer.start()
        if self._listener is not None:
            self._listener.start()
        self._thread = threading.Thread(target=self._follow, name="matterflow-live", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End all streams and threads."""
        if self._thread is None:
            return
        commits.call_no_more(self._wake)
        self._stopped.set()
        self._woken.set()
        self._thread.join()
        self._thread = None
        self._announcer.stop()
        if self._listener is not None:
            self._listener.stop()

    def end_streams(self) -> None:
        """End all streams; called in the loop, when the server is asked to stop."""
        for stream in list(self._streams):
            stream.close()

    # -- in the event loop ----------------------------------------------------------------------------

    def open(self, stream: Stream) -> bool:
        """Take a stream in; False when there are too many."""
        if len(self._streams) >= MOST:
            return False
        of_one = [other for other in self._streams if other.actor.username == stream.actor.username]
        if len(of_one) >= MOST_OF_ONE:
            of_one[0].close()
        self._streams[stream] = None
        return True

    def close(self, stream: Stream) -> None:
        """Let a stream go."""
        self._streams.pop(stream, None)

    def _hand_out(self, told: Mapping[str, Any], mark: int, *, is_too_much: bool = False) -> None:
        """Say to each person's streams what they are told; whoever was to be told and may not come in is let go."""
        for stream in list(self._streams):
            stream.mark = mark
            if is_too_much:
                stream.say(event("reset", {}, mark))
            elif stream.actor.username in told:
                said = told[stream.actor.username]
                if said is None:
                    stream.close()
                elif said:
                    stream.say(event("tasks", said, mark))

    def _ring(self, principals: frozenset[str]) -> None:
        """Have those look anew in front of whom a notice or a reminder now stands."""
        for stream in self._streams:
            if not principals.isdisjoint(stream.actor.principals):
                stream.say(event("notices", {}, stream.mark))

    def _hand_out_looks(self, looks: Sequence[tuple[str, Any]]) -> None:
        for username, said in looks:
            for stream in self._streams:
                if stream.actor.username == username:
                    stream.say(event("looking", said, stream.mark))

    # -- in any thread --------------------------------------------------------------------------------

    def follow(self) -> int:
        """See to it that the history is followed from now on; return where it has got to."""
        with self._tail_lock:
            now = clock.utc_now()
            if not self._is_following:
                with Session(self._engine) as session:
                    self._tail.begin(session, now=now)
                self._is_following = True
            return self._tail.mark(now)

    def missed(self, actor: Actor, after: int) -> tuple[str, Any]:
        """Return what somebody is told who has heard nothing since a number in the history: event and data."""
        with Session(self._engine) as session:
            reading = since(session, after)
            if reading.is_too_much:
                return "reset", {}
            wanted = {actor.username: [change for change in reading.changes if may_concern(change, actor)]}
            return "tasks", self._teller.tasks(session, wanted).get(actor.username, [])

    def look(self, user_task_id: UUID, person: Onlooker) -> list[Onlooker]:
        """Note that somebody looks at a task, on all servers; return who else does."""
        if self.presence.came(user_task_id, person):
            self._tell_of_looks([user_task_id])
        self._announcer.say({"task": str(user_task_id), "came": [person.username, person.full_name]})
        return self.presence.others(user_task_id, person.username)

    def look_away(self, user_task_id: UUID, username: str) -> None:
        """Note that they do no more."""
        if self.presence.went(user_task_id, username):
            self._tell_of_looks([user_task_id])
        self._announcer.say({"task": str(user_task_id), "went": username})

    def _tell_of_looks(self, user_task_ids: Sequence[UUID]) -> None:
        if self._loop is not None and user_task_ids and self._streams:
            with self._looks_lock, Session(self._engine) as session:
                looks = self._teller.looks(session, user_task_ids)
                self._loop.call_soon_threadsafe(self._hand_out_looks, looks)

    def _hear(self, message: dict[str, Any]) -> None:
        """Take what another server says."""
        match message:
            case {"task": str(task), "came": [str(username), str(full_name)]}:
                if self.presence.came(UUID(task), Onlooker(username, full_name)):
                    self._tell_of_looks([UUID(task)])
            case {"task": str(task), "went": str(username)}:
                if self.presence.went(UUID(task), username):
                    self._tell_of_looks([UUID(task)])
            case _:
                self._wake()

    def _wake(self) -> None:
        """Look at the history now, if somebody listens: a thread that wakes holds up the answer of who committed."""
        if self._streams:
            self._woken.set()

    # -- the thread that follows ----------------------------------------------------------------------

    def _follow(self) -> None:
        failures = 0
        while not self._stopped.is_set():
            self._woken.wait(POLL_S)
            self._woken.clear()
            try:
                self._look()
                failures = 0
            except Exception:
                log.warning("the history could not be looked at; trying again", exc_info=failures == 0)
                failures += 1
                self._stopped.wait(min(10.0, POLL_S * failures))
            self._stopped.wait(PAUSE_S)

    def _look(self) -> None:
        if self._loop is None or self._stopped.is_set():
            return
        self._tell_of_looks(list(self.presence.sweep()))
        with self._tail_lock:
            if not self._streams or not self._is_following:
                self._is_following = False
                return
            now = clock.utc_now()
            with Session(self._engine) as session:
                reading = self._tail.read(session, now=now)
                mark, told = self._tail.mark(now), self._told(session, reading)
                rung = self._bell.listen(session, now=now)
        if told or reading.is_too_much:
            hand_out = partial(self._hand_out, told, mark, is_too_much=reading.is_too_much)
            self._loop.call_soon_threadsafe(hand_out)
        if rung:
            self._loop.call_soon_threadsafe(self._ring, rung)

    def _told(self, session: Session, reading: Reading) -> dict[str, Any]:
        wanted: dict[str, list[Change]] = {}
        for actor in {stream.actor.username: stream.actor for stream in list(self._streams)}.values():
            concern = [change for change in reading.changes if may_concern(change, actor)]
            if concern:
                wanted[actor.username] = concern
        if not wanted:
            return {}
        return dict.fromkeys(wanted) | self._teller.tasks(session, wanted)
