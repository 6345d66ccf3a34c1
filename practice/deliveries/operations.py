"""At least once, with an effect of exactly once."""

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from engine.delegates import DelegateCall
from practice.deliveries.models import Delivery


def once(
    session: Session, topic: str, call: DelegateCall, effect: Callable[[], dict[str, Any] | None]
) -> dict[str, Any] | None:
    """Carry out a service task unless this job was delivered before; then return what it returned.

    Effect and record are in the caller's transaction: both stay or neither does.
    """
    delivered = session.get(Delivery, call.job_id)
    if delivered is not None:
        return delivered.result
    result = effect()
    session.add(Delivery(job_id=call.job_id, topic=topic, result=result, delivered_at=call.now))
    session.flush()
    return result


def known_facts(call: DelegateCall) -> dict[str, Any]:
    """Return all variables of the process, those that the diagram maps for this service task in their mapped form."""
    return {**call.variables, **call.inputs}
