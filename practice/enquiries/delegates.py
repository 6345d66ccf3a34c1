"""Service tasks of the intake that keep its enquiry."""

from typing import Any

from sqlalchemy.orm import Session

from engine import process_instances
from engine.delegates import DelegateCall, delegate
from practice.deliveries.operations import known_facts, once
from practice.enquiries import operations, queries
from practice.enquiries.models import Enquiry
from practice.errors import EnquiryNotFound
from practice.variables import long_text, needed_text


@delegate("register_enquiry")
def register_enquiry(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Record the enquiry and give the intake its number as business key."""

    def effect() -> dict[str, Any]:
        known = queries.of_process(session, call.process_instance_id)
        if known is not None:
            operations.revise(session, known, known_facts(call), by=call.by, now=call.now)
            return {"enquiry_number": known.number, "taken_by": known.received_by}
        enquiry = operations.register(
            session, known_facts(call), process_instance_id=call.process_instance_id, by=call.by, now=call.now
        )
        process_instances.set_business_key(session, call.process_instance_id, enquiry.number, by=call.by, now=call.now)
        return {"enquiry_number": enquiry.number, "taken_by": enquiry.received_by}

    return once(session, "register_enquiry", call, effect)


@delegate("close_enquiry")
def close_enquiry(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Decide the enquiry as the inputs ``outcome`` and ``reason`` say."""

    def effect() -> None:
        operations.close(
            session,
            enquiry_of(session, call),
            needed_text(call.inputs, "outcome", longest=40),
            reason=long_text(call.inputs, "reason"),
            by=call.by,
            now=call.now,
        )

    return once(session, "close_enquiry", call, effect)


def enquiry_of(session: Session, call: DelegateCall) -> Enquiry:
    """Return the enquiry that the calling intake decides, or raise ``EnquiryNotFound``."""
    enquiry = queries.of_process(session, call.process_instance_id)
    if enquiry is None:
        raise EnquiryNotFound(call.business_key or str(call.process_instance_id))
    return enquiry
