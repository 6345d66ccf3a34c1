"""The ports by which messages leave, and who words them; the composition root says what is behind each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID


class Person(NamedTuple):
    """Whom a message is for."""

    username: str
    full_name: str
    email: str | None
    #: IETF tag, or None: the firm's language.
    language: str | None
    #: IANA zone, or None: the firm's.
    time_zone: str | None = None


class Item(NamedTuple):
    """One thing that a person has to hear."""

    id: UUID
    kind: str
    facts: Mapping[str, Any]
    created_at: datetime


class Mail(NamedTuple):
    """A mail, worded. Its subject is read on locked screens and by servers on the way."""

    subject: str
    text: str
    html: str


class PushMessage(NamedTuple):
    """What a browser shows; a later one of the same tag takes its place."""

    title: str
    body: str
    url: str
    tag: str


class Browser(NamedTuple):
    """Where a push goes, and the browser's own keys (base64url)."""

    endpoint: str
    p256dh: str
    auth: str


class Writer(Protocol):
    """Words messages in the reader's language."""

    def mail(self, person: Person, items: Sequence[Item], *, is_digest: bool) -> Mail:
        """Put what a person has to hear into one mail."""
        ...

    def push(self, person: Person, items: Sequence[Item]) -> PushMessage:
        """Put it into a line or two."""
        ...


class MailServer(Protocol):
    """Takes mails."""

    def send(self, to: Person, mail: Mail, *, message_id: str, now: datetime) -> None:
        """Hand a mail over.

        Raises:
            AddressRefused: never again to this address.
            ChannelFailed: try again later.
        """
        ...


class PushServer(Protocol):
    """Takes messages for browsers."""

    @property
    def public_key(self) -> str:
        """What browsers are told to expect messages from; base64url."""
        ...

    def trusts(self, endpoint: str) -> bool:
        """Say whether an address is one of a push service that messages may be sent to."""
        ...

    def send(self, browser: Browser, message: PushMessage, *, now: datetime) -> bool:
        """Hand a message over; False when the browser is gone for good.

        Raises:
            ChannelFailed: try again later.
        """
        ...


@dataclass(frozen=True, slots=True)
class Channels:
    """What this installation can tell people by; the product's own pages are always there."""

    writer: Writer | None = None
    email: MailServer | None = None
    push: PushServer | None = None
    #: Names of the channels that are there.
    known: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        there = {"email": self.email, "push": self.push}
        names = frozenset(name for name, server in there.items() if server is not None and self.writer is not None)
        object.__setattr__(self, "known", names)


_installed: list[Channels] = [Channels()]


def install(channels: Channels) -> None:
    """Say by what this process reaches people."""
    _installed[0] = channels


def current() -> Channels:
    """Return by what people are reached."""
    return _installed[0]
