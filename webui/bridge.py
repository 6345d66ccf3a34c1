"""From uvicorn's asyncio to Flask's threads and back, in one hand-over each way.

``a2wsgi`` passes every piece of a request and of an answer between the loop and the thread on its own: five
waits for the other side in an ordinary API call, which is most of what such a call costs outside the
application. Here the loop reads a small request before a thread takes it up, and a small answer goes back
in one piece. What is larger streams as ``a2wsgi`` does it.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
from collections.abc import Callable, Coroutine
from io import BytesIO
from typing import Any

from a2wsgi.wsgi import WSGIMiddleware, WSGIResponder, build_environ

#: Bytes of a request that are read before a thread is taken, and of an answer that are kept back.
IN_ONE_PIECE = 256 * 1024


class Bridge(WSGIMiddleware):
    """``WSGIMiddleware`` that moves small requests and answers in one piece."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one HTTP request."""
        responder = _Responder(self.app, self.executor, self.send_queue_size)
        if _length_of(scope) is None:
            await responder(scope, receive, send)
        else:
            await responder.answer(scope, receive, send)


class _Responder(WSGIResponder):
    #: What was said so far and not sent yet; None once the answer streams.
    _held: list[Any] | None = None
    _held_bytes = 0
    #: What passes an answer on that streams, and the task that does.
    _stream: Callable[[], Coroutine[Any, Any, None]]
    _sender: asyncio.Task[None] | None = None

    async def answer(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer a request whose body is small and of known length."""
        body = await _read(receive)
        if body is None:
            return  # the client went away
        environ = build_environ(scope, BytesIO(body))  # type: ignore[arg-type]
        self._held, self._stream = [], functools.partial(self.sender, send)
        try:
            await self._in_a_thread(contextvars.copy_context().run, self.wsgi, environ, self.start_response)
            await self._send_the_rest(send)
            if self.exc_info is not None:
                raise self.exc_info[0].with_traceback(self.exc_info[1], self.exc_info[2])
        finally:
            if self._sender is not None:
                self._sender.cancel()

    async def _in_a_thread(self, work: Callable[..., Any], *arguments: Any) -> None:
        """Wait for ``work`` in one of the threads.

        As ``run_in_executor`` does, without its two futures that tell each other: a tenth of what the loop does for a
        request.
        """
        done = self.loop.create_future()

        def carry_out() -> None:
            raised: BaseException | None = None
            try:
                work(*arguments)
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is raised where it is awaited
                raised = error
            self.loop.call_soon_threadsafe(_tell, done, raised)

        self.executor.submit(carry_out)
        await done

    async def _send_the_rest(self, send: Any) -> None:
        if self._sender is not None:
            await self.send_queue.put(None)
            await self._sender
            return
        start, *pieces = self._held or []
        await send(start)
        await send({"type": "http.response.body", "body": b"".join(piece["body"] for piece in pieces)})

    def send(self, message: Any) -> None:
        """Keep a small answer until it is whole; let a larger one stream."""
        if self._held is None:
            super().send(message)
            return
        self._held.append(message)
        self._held_bytes += len(message.get("body") or b"")
        if self._held_bytes > IN_ONE_PIECE:
            held, self._held = self._held, None
            # Before the first piece is put into the queue, which the loop does after this.
            self.loop.call_soon_threadsafe(self._begin_to_stream)
            for kept in held:
                super().send(kept)

    def _begin_to_stream(self) -> None:
        self._sender = self.loop.create_task(self._stream())


def _tell(done: asyncio.Future[None], raised: BaseException | None) -> None:
    if done.cancelled():
        return
    if raised is None:
        done.set_result(None)
    else:
        done.set_exception(raised)


def _length_of(scope: Any) -> int | None:
    """Return the length of a small request's body, None when it is unknown or large."""
    length = 0
    for name, value in scope["headers"]:
        if name == b"transfer-encoding":
            return None
        if name == b"content-length":
            if not value.isdigit():
                return None
            length = int(value)
    return length if length <= IN_ONE_PIECE else None


async def _read(receive: Any) -> bytes | None:
    pieces: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] != "http.request":
            return None
        pieces.append(message.get("body", b""))
        if not message.get("more_body", False):
            return b"".join(pieces)
