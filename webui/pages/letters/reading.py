"""What a matter's page says of its letters, of the papers its client owes, and of its hours."""

from __future__ import annotations

from typing import Any

from engine import clock
from practice.correspondence import queries as letters
from practice.document_requests import queries as requests
from practice.matters.models import Matter
from practice.time import queries as hours
from practice.time.calendars import local_day
from practice.time.hours import written
from webui.db import db

_MOST_LETTERS = 8


def papers_of(matter: Matter) -> dict[str, Any]:
    """Return the newest letters, the requests that wait or have waited, and the sums of hours.

    The matter was read with the reader's rights, and who sees it sees all of that.
    """
    session = db.session()
    sums = hours.minutes_of_read_matter(session, matter)
    return {
        "letters": letters.of_read_matter(session, matter, limit=_MOST_LETTERS),
        "requests": requests.of_read_matter(session, matter),
        "approved": written(sums["approved"]) if sums["approved"] else "",
        "handed_in": written(sums["handed_in"]) if sums["handed_in"] else "",
        "today": local_day(clock.utc_now()),
    }
