"""Service tasks that open, keep and archive matters."""

from typing import Any

from sqlalchemy.orm import Session

from engine.delegates import DelegateCall, delegate
from practice.conflicts import delegates as conflicts
from practice.deliveries.operations import known_facts, once
from practice.enquiries.delegates import enquiry_of
from practice.errors import MatterNotFound
from practice.matters import operations, queries, units
from practice.people import queries as people
from practice.walls import queries as walls


@delegate("propose_team")
def propose_team(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Offer the active lawyers as ``lawyers`` for a form's select, those with the fewest open matters first.

    Whom a wall keeps out of the enquiry or the matter is not among them. The open branches and departments are
    offered as ``units``.
    """
    busy = queries.open_matters_by_lawyer(session)
    kept_out = walls.kept_out(session, call.business_key)
    fit = [user for user in people.members(session, "lawyers") if user.username not in kept_out]
    lawyers = sorted(fit, key=lambda user: (busy.get(user.username, 0), user.full_name))
    return {
        "lawyers": [{"label": user.full_name, "value": user.username} for user in lawyers],
        "units": units.offered(session),
    }


@delegate("open_matter")
def open_matter(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Open the matter for the calling intake's enquiry."""

    def effect() -> dict[str, Any]:
        enquiry = enquiry_of(session, call)
        conflicts.keep_decision(session, enquiry, known_facts(call), by=call.by, now=call.now)
        matter = operations.open_matter(session, enquiry, known_facts(call), by=call.by, now=call.now)
        return {"matter_number": matter.number}

    return once(session, "open_matter", call, effect)


@delegate("set_matter_facts")
def set_matter_facts(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Keep what the process found out about its matter."""

    def effect() -> None:
        operations.keep_facts(session, _matter_number(call), call.inputs, by=call.by, now=call.now)

    return once(session, "set_matter_facts", call, effect)


@delegate("archive_matter")
def archive_matter(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Make the calling process's matter read-only."""

    def effect() -> dict[str, Any]:
        matter = operations.archive(
            session,
            _matter_number(call),
            call.inputs,
            process_instance_id=call.process_instance_id,
            by=call.by,
            now=call.now,
        )
        return {"archived_on": (matter.archived_at or call.now).date().isoformat()}

    return once(session, "archive_matter", call, effect)


def _matter_number(call: DelegateCall) -> str:
    if call.business_key is None:
        raise MatterNotFound("")
    return call.business_key
