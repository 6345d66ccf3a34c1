"""A mail server that keeps what it is given, a push service, and a writer of plain words."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller

from tasks.notifications import channels, web_push
from tasks.notifications.channels import Channels, Item, Mail, Person, PushMessage
from tasks.notifications.errors import ChannelFailed


class PlainWriter:
    """Words messages as the tests compare them."""

    def mail(self, person: Person, items: Any, *, is_digest: bool) -> Mail:
        told = [self._told(item) for item in items]
        return Mail(f"{'Digest: ' if is_digest else ''}{len(told)}", "\n".join(told), "<p>x</p>")

    def push(self, person: Person, items: Any) -> PushMessage:
        return PushMessage("Matterflow", "\n".join(self._told(item) for item in items), "/notices", "tag")

    def _told(self, item: Item) -> str:
        return (
            "guarded"
            if item.facts.get("is_guarded")
            else f"{item.kind} {item.facts.get('name')} {item.facts.get('round')}"
        )


@dataclass
class Outbox:
    """Takes mails and pushes, or fails as a server that is down."""

    public_key: str = "key"
    fails: bool = False
    mails: list[tuple[str, Mail, str, datetime]] = field(default_factory=list)
    pushes: list[tuple[str, PushMessage]] = field(default_factory=list)
    gone: set[str] = field(default_factory=set)

    def send(self, to: Any, mail: Any, *, now: datetime, message_id: str = "") -> bool:
        if self.fails:
            raise ChannelFailed("the server is down")
        if isinstance(to, Person):
            self.mails.append((to.username, mail, message_id, now))
            return True
        self.pushes.append((to.endpoint, mail))
        return to.endpoint not in self.gone

    def trusts(self, endpoint: str) -> bool:
        return endpoint.startswith("https://push.example/")


@contextmanager
def installed(email: Any = None, push: Any = None, writer: Any = None) -> Iterator[None]:
    """Reach people by these for a while."""
    before = channels.current()
    channels.install(Channels(writer or PlainWriter(), email, push))
    try:
        yield
    finally:
        channels.install(before)


@dataclass
class Letterbox:
    """What an SMTP server was given."""

    taken: list[Any] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refuses:
            return "550 nobody of this name"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:  # noqa: N802
        self.taken.append(envelope)
        return "250 taken"


@contextmanager
def mail_server(box: Letterbox) -> Iterator[tuple[str, int]]:
    controller = Controller(box, hostname="127.0.0.1", port=0, enable_SMTPUTF8=True)
    controller.port = _free_port()
    controller.start()
    try:
        yield "127.0.0.1", controller.port
    finally:
        controller.stop()


@contextmanager
def push_service(status: int = 201) -> Iterator[tuple[str, list[Any]]]:
    """A push service on this machine: its address, and the requests it was sent."""
    taken: list[Any] = []

    class Service(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.path, dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", taken
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def sender(address: str) -> web_push.WebPush:
    return web_push.WebPush(web_push.new_key(), "mailto:it@firm.example", services=(address,))


def _free_port() -> int:
    import socket

    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]
