"""The conflict check as service tasks."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from engine.actor import Actor
from engine.delegates import DelegateCall, delegate
from practice.conflicts import operations
from practice.conflicts.queries import decisions_about, last_check
from practice.contacts import entrusted
from practice.deliveries.operations import known_facts, once
from practice.enquiries import operations as enquiries
from practice.enquiries.delegates import enquiry_of
from practice.enquiries.models import Enquiry
from practice.errors import MatterNotFound
from practice.variables import Variables, day, long_text, text

#: A form shows so many hits; the report page shows all of them.
_MOST_SHOWN = 40


@delegate("check_conflicts")
def check_conflicts(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Take over corrected names, check them and tell the process what was found.

    Only hits on the other side are for people to decide (``conflict_hits``); that a client or an
    opponent comes back on the same side is in the stored check.
    """

    def effect() -> dict[str, Any]:
        facts = known_facts(call)
        enquiry = enquiries.revise(session, enquiry_of(session, call), facts, by=call.by, now=call.now)
        check, hits = operations.check(
            session,
            enquiry,
            contact_codes=entrusted.codes_by_role(facts),
            identifiers=_identifiers(facts),
            by=call.by,
            now=call.now,
        )
        adverse = [hit.as_dict() for hit in hits if hit.adverse]
        return {
            "conflict_check_id": str(check.id),
            "conflict_hits": adverse[:_MOST_SHOWN],
            "conflict_count": len(adverse),
            "conflict_absolute": check.outcome == "absolute",
            "conflict_summary": operations.summary(hits),
        }

    return once(session, "check_conflicts", call, effect)


def _identifiers(facts: Variables) -> dict[str, tuple[tuple[str, str], ...]]:
    """Return the numbers that the form asked for; of which kind one is, nobody had to say."""
    return {
        role: (("", value),)
        for role in ("client", "opponent")
        if (value := text(facts, f"{role}_identifier", longest=100)) is not None
    }


@delegate("record_conflict_decision")
def record_conflict_decision(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Keep what the conflicts officer decided with the check that it is about.

    Inputs: ``conflict_decision``, ``conflict_note``, ``consent_from``, ``consent_on``, ``conflict_wall``
    (the wall's number) or ``wall_note``. What the check found to be absolute stays so, whatever was entered.
    """

    def effect() -> None:
        keep_decision(session, enquiry_of(session, call), call.inputs, by=call.by, now=call.now)

    return once(session, "record_conflict_decision", call, effect)


def keep_decision(session: Session, enquiry: Enquiry, facts: Variables, *, by: Actor, now: datetime) -> None:
    """Keep what the form says about the last check, once; intakes that were begun without this step say it late."""
    check = last_check(session, enquiry.number)
    if check is None or check.outcome == "clear" or decisions_about(session, check.id):
        return
    decision = "absolute" if check.outcome == "absolute" else text(facts, "conflict_decision", longest=20)
    if decision is None:
        return
    relative = decision == "relative"
    operations.decide(
        session,
        check.id,
        decision,
        note=long_text(facts, "conflict_note") or decision,
        consent_from=text(facts, "consent_from") if relative else None,
        consent_on=day(facts, "consent_on") if relative else None,
        wall=long_text(facts, "wall_note") if relative else None,
        wall_number=text(facts, "conflict_wall", longest=40) if relative else None,
        by=by,
        now=now,
    )


@delegate("recheck_conflicts")
def recheck_conflicts(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Check the parties of the calling process's matter again; ``trigger`` is ``closing`` or ``party_change``."""

    def effect() -> dict[str, Any]:
        if call.business_key is None:
            raise MatterNotFound("")
        trigger = text(call.inputs, "trigger", longest=20) or "closing"
        check = operations.recheck_matter(session, call.business_key, trigger=trigger, by=call.by, now=call.now)
        adverse = [hit for hit in check.hits if hit["adverse"]]
        return {
            "conflict_check_id": str(check.id),
            "conflict_count": len(adverse),
            "conflict_absolute": check.outcome == "absolute",
            "conflict_hits": adverse[:_MOST_SHOWN],
        }

    return once(session, "recheck_conflicts", call, effect)
