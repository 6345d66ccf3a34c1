"""A program that listens to the server's events."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import httpx

#: Seconds after which news that does not come is missing.
PATIENCE_S = 10.0


@dataclass
class Ear:
    """What was heard so far."""

    heard: list[tuple[str, Any]] = field(default_factory=list)
    last_id: str = ""
    status: int = 0
    has_ended: threading.Event = field(default_factory=threading.Event)
    _news: threading.Condition = field(default_factory=threading.Condition)

    def listen(self, response: httpx.Response) -> None:
        name = ""
        for line in response.iter_lines():
            kind, _, value = line.partition(": ")
            if kind == "id":
                self.last_id = value
            elif kind == "event":
                name = value
            elif kind == "data":
                with self._news:
                    self.heard.append((name, json.loads(value)))
                    self._news.notify_all()

    def wait(self, wanted: Callable[["Ear"], bool]) -> None:
        with self._news:
            assert self._news.wait_for(lambda: wanted(self), PATIENCE_S), self.heard

    def of(self, name: str) -> list[Any]:
        return [data for heard, data in self.heard if heard == name]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        return [change for told in self.of("tasks") for change in told]

    @property
    def kinds(self) -> list[str]:
        return [change["kind"] for change in self.tasks]


@contextmanager
def listening(client: httpx.Client, token: str, **headers: str) -> Iterator[Ear]:
    """Listen with a bearer token until the block ends; returns when the stream is open."""
    ear = Ear()
    mine = httpx.Client(base_url=client.base_url, timeout=60, trust_env=False)
    request = mine.build_request(
        "GET",
        "/events",
        headers={"Authorization": f"Bearer {token}"} | {k.replace("_", "-"): v for k, v in headers.items()},
    )
    response = mine.send(request, stream=True)
    ear.status = response.status_code

    def read() -> None:
        with suppress(httpx.HTTPError, httpx.StreamError, RuntimeError):
            ear.listen(response)
        ear.has_ended.set()

    thread = threading.Thread(target=read, daemon=True)
    thread.start()
    if ear.status == httpx.codes.OK:
        ear.wait(lambda ear: bool(ear.of("hello")))
    try:
        yield ear
    finally:
        stream = response.extensions["network_stream"].get_extra_info("socket")
        if stream is not None and stream.fileno() >= 0:
            stream.shutdown(socket.SHUT_RDWR)
        thread.join(PATIENCE_S)
        mine.close()
