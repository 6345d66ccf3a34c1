"""Words the mail that asks for a yes; what it is about stands behind its link, for whom it is for."""

from __future__ import annotations

from datetime import datetime

from flask import render_template
from flask_babel import gettext

from tasks.notifications.channels import Mail, Person
from webui.languages import formats
from webui.notifying.writer import PageWriter


class ApprovalWriter(PageWriter):
    """Words it with the pages' templates and catalogues."""

    def asking(self, person: Person, *, task: str | None, number: str | None, token: str, until: datetime) -> Mail:
        """Ask for a yes; the link decides nothing until a button is pressed behind it."""
        with self._speaking(person):
            told = {
                "person": person,
                "what": " · ".join(part for part in (task, number) if part),
                "link": f"{self._url}/approve/{token}",
                "until": formats.moment(until),
            }
            return Mail(
                gettext("Something waits for your approval"),
                render_template("approvals/mail.txt", **told),
                render_template("approvals/mail.html", **told),
            )
