"""Words mails and push messages: the reader's language and zone, sentences as on the pages, links to them.

What a matter's walls, class or rules close to anybody is never named outside: the message says that something
waits, and the link leads to the pages, which know who asks.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace

from babel.dates import get_timezone
from flask import Flask, g, render_template
from flask_babel import gettext, ngettext

from practice.notices.models import Notice
from tasks.notifications.channels import Item, Mail, Person, PushMessage
from webui.languages import formats, speech
from webui.pages.accesses import words as sentences
from webui.pages.notices.words import reminded

#: Characters of a subject.
_SUBJECT_LONGEST = 150


@dataclass(frozen=True, slots=True)
class Line:
    """One thing, worded."""

    sentence: str
    when: str
    url: str


class PageWriter:
    """Words messages with the pages' templates and catalogues."""

    def __init__(self, app: Flask, public_url: str) -> None:
        self._app = app
        self._url = public_url

    def mail(self, person: Person, items: Sequence[Item], *, is_digest: bool) -> Mail:
        """Put what a person has to hear into one mail."""
        with self._speaking(person):
            lines = [self._line(item) for item in items]
            if len(lines) == 1 and not is_digest:
                subject = lines[0].sentence
            else:
                subject = ngettext("%(num)s thing waits for you", "%(num)s things wait for you", len(lines))
            told = {
                "lines": lines,
                "person": person,
                "is_digest": is_digest,
                "home": f"{self._url}/notices",
                "settings": f"{self._url}/notices/settings",
                "subject": subject,
            }
            return Mail(
                _short(subject),
                render_template("notifying/mail.txt", **told),
                render_template("notifying/mail.html", **told),
            )

    def push(self, person: Person, items: Sequence[Item]) -> PushMessage:
        """Put it into a line or two."""
        with self._speaking(person):
            lines = [self._line(item) for item in items]
            if len(lines) == 1:
                return PushMessage("Matterflow", lines[0].sentence, lines[0].url, str(items[0].id))
            body = ngettext("%(num)s thing waits for you", "%(num)s things wait for you", len(lines))
            return PushMessage("Matterflow", body, f"{self._url}/notices", "many")

    def _line(self, item: Item) -> Line:
        task = item.facts.get("user_task_id")
        url = f"{self._url}/inbox/{task}" if task else f"{self._url}/notices"
        return Line(_sentence(item), formats.moment(item.created_at), url)

    @contextmanager
    def _speaking(self, person: Person) -> Generator[None]:
        headers = {"Accept-Language": person.language} if person.language else {}
        with self._app.test_request_context("/static/", base_url=self._url, headers=headers):
            if person.time_zone:
                g._flask_babel = SimpleNamespace(babel_tzinfo=get_timezone(person.time_zone))  # noqa: SLF001 - its cache
            with speech.speaking(person.language):
                yield


def _sentence(item: Item) -> str:
    if item.facts.get("is_guarded"):
        return gettext("Something waits for you.")
    if item.kind == "task_reminder":
        return reminded(item.facts)
    return sentences.told(Notice(kind=item.kind, about="", facts=dict(item.facts)))


def _short(subject: str) -> str:
    return subject if len(subject) <= _SUBJECT_LONGEST else subject[: _SUBJECT_LONGEST - 1].rstrip() + "…"
