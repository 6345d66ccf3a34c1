"""What was done in the firm before the day begins: by the services that clicks call, so that it takes no time."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from config import rights
from engine import clock, database, process_instances, user_tasks
from engine.actor import Actor
from engine.models import UserTask
from practice.matters.models import Matter
from webui.demo.cast import CAST

ENQUIRY = {
    "client_kind": "person",
    "client_phone": "+44 20 7946 0958",
    "case_type": "civil",
    "urgency": "normal",
    "summary": "The carrier lost two pallets of machine parts and refuses to pay for them.",
    "claim_value": 60400.5,
    "currency": "EUR",
    "source": "call",
}
ASSESSMENT = {
    "facts": "Contract of carriage of 3 January, loss noted on the consignment note in March.",
    "limitation_on": "2029-03-14",
    "limitation_basis": "One year from delivery day",
    "court": "Regional Court Hamburg",
    "claim_value": 60400.5,
    "currency": "EUR",
    "prospects": "good",
    "strategy": "sue",
    "client_informed": True,
}
DEMAND = {"demand_way": "registered_mail", "demand_text": "Pay 60400.50 EUR within two weeks."}
CLAIM = {
    "court": "Regional Court Hamburg",
    "claim_value": 60400.5,
    "currency": "EUR",
    "relief_sought": "Order the defendant to pay 60400.50 EUR with interest.",
    "limitation_checked": True,
    "authority_attached": True,
}


def actor(username: str) -> Actor:
    """Return somebody of the cast with the rights of their groups."""
    groups = next(frozenset(member.groups) for member in CAST if member.username == username)
    return Actor(username, groups, rights.load().of(groups))


class Past:
    """Does in an instant what took the firm weeks."""

    def __init__(self, session: Session, now: datetime | None = None) -> None:
        self.session = session
        self.now = now or clock.utc_now()

    def matter(self, client: str, *, responsible: str) -> str:
        """Open a matter whose claim is to be assessed; return its number."""
        said = ENQUIRY | {"client_name": client, "opponent_name": f"Opponent of {client}"}
        intake = process_instances.start(self.session, "intake", variables=said, by=actor("rosa"), now=self.now)
        yes = {"partner_decision": "approve", "responsible": responsible, "fee_mode": "hourly"}
        self.complete(intake.business_key, "decide_enquiry", yes, by="katharina")
        number = self.session.scalar(sa.select(Matter.number).where(Matter.enquiry_number == intake.business_key))
        assert number is not None, client
        return number

    def drafted_claim(self, client: str, *, responsible: str, drafted_by: str | None = None) -> str:
        """Bring a matter to where a partner signs its claim off; return its number."""
        number = self.matter(client, responsible=responsible)
        today = self.now.date()
        self.complete(number, "assess_claim", ASSESSMENT, by=responsible)
        letter = {"demand_sent_on": f"{today}", "demand_pay_until": f"{today + timedelta(days=14)}"}
        self.complete(number, "send_demand_letter", DEMAND | letter, by=responsible)
        refused = {"demand_response": "refused", "demand_response_on": f"{today}", "refusal_grounds": "Badly packed."}
        self.complete(number, "record_demand_response", refused, by=responsible)
        if drafted_by:
            user_tasks.assign(
                self.session, self.open(number, "draft_claim").id, drafted_by, by=actor(responsible), now=self.now
            )
        self.complete(number, "draft_claim", CLAIM, by=drafted_by or responsible)
        return number

    def complete(self, number: str | None, element_id: str, answers: dict[str, Any], *, by: str) -> None:
        """Complete an open task of a matter or an enquiry."""
        user_tasks.complete(self.session, self.open(number, element_id).id, answers, by=actor(by), now=self.now)

    def claim(self, number: str, element_id: str, *, by: str) -> None:
        """Let somebody take an open task."""
        user_tasks.claim(self.session, self.open(number, element_id).id, by=actor(by), now=self.now)

    def release(self, number: str, element_id: str, *, by: str) -> None:
        """Let who has a task give it back to the group."""
        user_tasks.unclaim(self.session, self.open(number, element_id).id, by=actor(by), now=self.now)

    def open(self, number: str | None, element_id: str) -> UserTask:
        """Return an open task by what it is about and its element."""
        found = sa.select(UserTask).where(
            UserTask.business_key == number, UserTask.element_id == element_id, UserTask.state == "created"
        )
        task = self.session.scalar(found)
        assert task is not None, f"{element_id} of {number} is not open"
        return task


class Books:
    """What the database says, anew with each question."""

    def __init__(self, engine: Engine) -> None:
        self._engine = database.read_only(engine)

    def ask(self, query: sa.Select[Any]) -> list[Any]:
        """Return the first column of what a query finds."""
        with Session(self._engine) as session:
            return list(session.scalars(query))

    def times_completed(self, number: str, element_id: str) -> int:
        """Return how often a task of a matter was completed."""
        return len(self.ask(self._tasks(number, "completed").where(UserTask.element_id == element_id)))

    def open_elements(self, number: str) -> list[str]:
        """Return the elements of the open tasks of a matter."""
        return sorted(self.ask(self._tasks(number, "created")))

    def id_of(self, number: str, element_id: str) -> UUID:
        """Return the id of the one open task of this element."""
        found = self.ask(self._tasks(number, "created", UserTask.id).where(UserTask.element_id == element_id))
        assert len(found) == 1, f"{element_id} of {number}: {found}"
        return found[0]

    @staticmethod
    def _tasks(number: str, state: str, column: Any = UserTask.element_id) -> sa.Select[Any]:
        return sa.select(column).where(UserTask.business_key == number, UserTask.state == state)
