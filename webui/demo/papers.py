"""Letters on their way, papers that a client owes, and hours, so that the demo firm shows all three."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import process_instances, user_tasks
from engine.actor import Actor
from engine.models import UserTask
from practice.matters.models import Matter
from practice.time import calendars, operations, sheets

#: What the demo needs of the shipped processes; a firm without one of them shows none of this.
NEEDED: Final = frozenset({"correspondence", "document_request", "timesheet"})
REGISTRAR: Final = "jonas"
_DAYS_OF_HOURS = 3


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who does what, and when, seen from the midnight before today."""

    session: Session
    midnight: datetime
    actor_of: Callable[[str], Actor]

    def start(self, key: str, variables: dict[str, Any], by: str, hours_ago: int) -> UUID:
        """Start a process."""
        at = self.midnight - timedelta(hours=hours_ago)
        instance = process_instances.start(self.session, key, variables=variables, by=self.actor_of(by), now=at)
        return instance.id

    def complete(self, instance_id: UUID, element_id: str, said: dict[str, Any], by: str, hours_ago: int) -> None:
        """Complete the open task of an instance at an element."""
        query = sa.select(UserTask.id).where(
            UserTask.process_instance_id == instance_id, UserTask.element_id == element_id, UserTask.state == "created"
        )
        at = self.midnight - timedelta(hours=hours_ago)
        user_tasks.complete(self.session, self.session.scalars(query).one(), said, by=self.actor_of(by), now=at)


def furnish(session: Session, *, today: date, actor_of: Callable[[str], Actor]) -> None:
    """Let letters arrive, a client owe papers and people write hours in the last days before ``today``."""
    matter = session.scalars(sa.select(Matter).where(Matter.state == "open").order_by(Matter.number)).first()
    if matter is None:
        return
    desk = _Desk(session, datetime.combine(today, time(), UTC), actor_of)
    _letters(desk, matter)
    _papers(desk, matter)
    _hours(desk, matter, today)


def _letters(desk: _Desk, matter: Matter) -> None:
    arrived = {"letter_direction": "incoming", "letter_addressee": "The firm", "letter_channel": "post"}
    handed = {"hand_to": "department", "hand_to_department": "lawyers", "hand_reason": "Who knows the insurer?"}
    desk.start(
        "correspondence",
        {
            **arrived,
            **handed,
            "letter_sender": "Baltic Mutual Insurance",
            "letter_subject": "Request for information",
            "letter_original_place": "Tray 3",
        },
        REGISTRAR,
        6,
    )
    hangs = desk.start(
        "correspondence",
        {
            **arrived,
            "letter_sender": matter.opponent_name or "The opponent",
            "letter_subject": f"Your letter in {matter.number}",
            "letter_matter": matter.number,
            "letter_channel": "registered_post",
            "letter_receipt_number": "RR 4711 0815 9",
            "hand_to": "person",
            "hand_to_person": matter.responsible,
            "hand_reason": "Your matter; they answer.",
        },
        REGISTRAR,
        24 * 8,
    )
    desk.complete(hangs, "accept_letter", {"acceptance": "accept"}, matter.responsible, 24 * 8 - 3)
    filed = desk.start(
        "correspondence",
        {**arrived, **handed, "letter_sender": "Bar association", "letter_subject": "Circular 7: new forms"},
        REGISTRAR,
        24 * 6,
    )
    desk.complete(filed, "accept_letter", {"acceptance": "accept"}, "eleni", 24 * 6 - 2)
    desk.complete(filed, "work_on_letter", {"work_outcome": "file", "work_note": "Passed round."}, "eleni", 24 * 5)
    sent = desk.start(
        "correspondence",
        {
            "letter_direction": "outgoing",
            "letter_sender": "The firm",
            "letter_addressee": matter.client_name,
            "letter_subject": "Where your matter stands",
            "letter_channel": "post",
            "letter_matter": matter.number,
        },
        matter.responsible,
        24 * 4,
    )
    desk.complete(
        sent, "draft_letter", {"draft_outcome": "send", "draft_text": "We report."}, matter.responsible, 24 * 3
    )
    posted = {"sent_channel": "registered_post", "sent_on": (desk.midnight - timedelta(days=2)).date().isoformat()}
    desk.complete(sent, "dispatch_letter", {**posted, "sent_with_proof": True}, "grace", 24 * 2)


def _papers(desk: _Desk, matter: Matter) -> None:
    wanted = "Contract with all annexes\nInvoices\nLetters to the other side\nPower of attorney, signed"
    asked = desk.start(
        "document_request",
        {"request_matter": matter.number, "request_items": wanted, "request_way": "email"},
        matter.responsible,
        24 * 9,
    )
    sent_on = (desk.midnight - timedelta(days=9)).date().isoformat()
    desk.complete(
        asked, "send_request", {"sent_way": "email", "request_sent_on": sent_on}, matter.responsible, 24 * 9 - 1
    )
    came = {"received_documents": ["1", "4"], "documents_place": "Binder 2", "hold_outcome": "wait"}
    desk.complete(asked, "collect_documents", came, matter.responsible, 24 * 4)


def _hours(desk: _Desk, matter: Matter, today: date) -> None:
    """Write the hours of the last working days: locked, waiting for approval, and still open."""
    person, session = matter.responsible, desk.session
    calendar = calendars.of(session, person)
    for back in range(_DAYS_OF_HOURS, 0, -1):
        on_day = calendar.add_working_days(today, -back)
        evening = calendars.at_local(on_day, time(18))
        desk.start(
            sheets.KEY,
            {"timesheet_person": person, "timesheet_on": on_day.isoformat()},
            "ada",
            int((desk.midnight - evening).total_seconds() // 3600),
        )
        for hours, work in (("2:30", "Studied the file and the other side's letter"), ("0:45", "Call with the client")):
            said = {"on_day": on_day.isoformat(), "matter": matter.number, "hours": hours, "work": work}
            operations.enter(session, said, by=desk.actor_of(person), now=evening)
        if back > 1:
            for line in operations.submit_day(session, on_day, by=desk.actor_of(person), now=evening):
                if back == _DAYS_OF_HOURS:
                    morning = evening + timedelta(hours=15)
                    operations.decide(session, line.id, "approve", by=desk.actor_of("katharina"), now=morning)
