"""The conflict check as a service task."""

from typing import Any

from sqlalchemy.orm import Session

from engine.delegates import DelegateCall, delegate
from practice.conflicts import operations
from practice.deliveries.operations import known_facts, once
from practice.enquiries import operations as enquiries
from practice.enquiries.delegates import enquiry_of


@delegate("check_conflicts")
def check_conflicts(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Take over corrected names, check them and tell the process what was found.

    Only hits on the other side are for people to decide (``conflict_hits``); that a client or an
    opponent comes back on the same side is in the stored check.
    """

    def effect() -> dict[str, Any]:
        enquiry = enquiries.revise(session, enquiry_of(session, call), known_facts(call), by=call.by, now=call.now)
        check, hits = operations.check(session, enquiry, by=call.by, now=call.now)
        adverse = [hit.as_dict() for hit in hits if hit.adverse]
        return {
            "conflict_hits": adverse,
            "conflict_count": len(adverse),
            "conflict_absolute": check.outcome == "absolute",
            "conflict_summary": operations.summary(hits),
        }

    return once(session, "check_conflicts", call, effect)
