"""``GET /events``: the event stream of one person, beside Flask and not inside it, for a stream takes no thread.

Who asks is found out as for any page, by the session's cookie or a bearer token, and again every few seconds. What
somebody hears is asked of the database with the rights they have at that moment (``webui.live.telling``).

The events: ``hello`` (the stream is open), ``tasks`` (what happened to user tasks), ``looking`` (who else has a task
open), ``notices`` (a notice or a reminder came; what it says is on the page) and ``reset`` (too much happened to tell:
read the list anew).
"""

from __future__ import annotations

import asyncio
import logging
import random
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import orjson
from a2wsgi.wsgi import build_environ
from flask_login import current_user

from engine.actor import Actor
from webui.auth import current_actor
from webui.live.hub import Hub, Stream
from webui.live.telling import event

if TYPE_CHECKING:
    from webui.app import Matterflow

log = logging.getLogger(__name__)

PATH = "/events"
#: Threads that ask the database for all streams.
THREADS = 4
#: Seconds without news after which a line says that the stream lives, and the session is looked at again.
HEARTBEAT_S = 20.0
#: Milliseconds after which a browser that lost the stream comes back.
RETRY_MS = 2000

_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-accel-buffering", b"no"),
]


class EventStreams:
    """The ASGI application that answers at ``PATH``."""

    def __init__(self, app: Matterflow, hub: Hub) -> None:
        self._app = app
        self._hub = hub
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="matterflow-events")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one stream until its browser or the server goes."""
        if scope["method"] not in ("GET", "HEAD"):
            await _refuse(send, 405, "method_not_allowed", "The events are read with GET.")
            return
        actor = await self._ask(self._who, scope)
        if actor is None:
            await _refuse(send, 401, "not_signed_in", "Nobody is signed in.")
            return
        stream = Stream(actor)
        if not self._hub.open(stream):
            await _refuse(send, 503, "too_many_streams", "Too many event streams are open; come back later.")
            return
        gone = asyncio.create_task(_until_gone(receive, stream))
        try:
            await self._serve(stream, scope, send, is_head=scope["method"] == "HEAD")
        except OSError:
            pass  # the browser went while something was being said
        finally:
            gone.cancel()
            self._hub.close(stream)

    async def _serve(self, stream: Stream, scope: Any, send: Any, *, is_head: bool) -> None:
        stream.mark = await self._ask(self._hub.follow)
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        if is_head:
            await send({"type": "http.response.body"})
            return
        await _say(send, f"retry: {RETRY_MS}\n".encode() + event("hello", {"mark": stream.mark}, stream.mark))
        missed = _last_seen(scope)
        if missed is not None:
            name, said = await self._ask(self._hub.missed, stream.actor, missed)
            if said or name == "reset":
                await _say(send, event(name, said, stream.mark))
        # Streams that were opened together do not all look at the same moment.
        pause = HEARTBEAT_S * random.uniform(0.6, 1.0)  # noqa: S311 - spreads load, hides nothing
        while not stream.is_closed:
            if await stream.something(pause):
                if text := stream.take():
                    await _say(send, text)
                continue
            actor = await self._ask(self._who, scope)
            if actor is None:
                return
            stream.actor, pause = actor, HEARTBEAT_S
            await _say(send, b":\n\n")

    async def _ask(self, question: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, question, *arguments)

    # -- in a thread ----------------------------------------------------------------------------------

    def _who(self, scope: Any) -> Actor | None:
        with self._app.request_context(_environ(scope)):
            return current_actor() if current_user.is_authenticated else None


def _environ(scope: Any) -> Any:
    return build_environ(scope, BytesIO())  # type: ignore[arg-type]


def _last_seen(scope: Any) -> int | None:
    """Return the number that the browser has seen last, from the header it sends or the address it asks for."""
    given = dict(scope["headers"]).get(b"last-event-id", b"").decode("latin-1")
    given = given or parse_qs(scope["query_string"].decode("latin-1")).get("after", [""])[0]
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None  # noqa: PLR2004 - 64 bits


async def _say(send: Any, text: bytes) -> None:
    await send({"type": "http.response.body", "body": text, "more_body": True})


async def _until_gone(receive: Any, stream: Stream) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    stream.close()


async def _refuse(send: Any, status: int, code: str, detail: str) -> None:
    body = orjson.dumps({"type": "about:blank", "status": status, "code": code, "detail": detail})
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
    ]
    if status == 503:  # noqa: PLR2004
        headers.append((b"retry-after", b"30"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
