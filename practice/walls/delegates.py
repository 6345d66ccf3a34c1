"""Service tasks of the process ``ethical_wall``."""

from typing import Any

from sqlalchemy.orm import Session

from engine import process_instances
from engine.delegates import DelegateCall, delegate
from practice.deliveries.operations import known_facts, once
from practice.notices import operations as notices
from practice.people import queries as people
from practice.variables import long_text, needed_text
from practice.walls import operations
from practice.walls.errors import WallNotFound

#: They decide about walls.
COMPLIANCE = "conflicts_officers"


@delegate("register_wall")
def register_wall(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Record the request and give the process its number as business key."""

    def effect() -> dict[str, Any]:
        wall = operations.request(
            session, known_facts(call), process_instance_id=call.process_instance_id, by=call.by, now=call.now
        )
        process_instances.set_business_key(session, call.process_instance_id, wall.number, by=call.by, now=call.now)
        return {"wall_number": wall.number, "wall_requested_by": wall.requested_by}

    return once(session, "register_wall", call, effect)


@delegate("put_up_wall")
def put_up_wall(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Let the wall take effect, tell those whom it keeps out, and return who has to acknowledge as ``screened``."""

    def effect() -> dict[str, Any]:
        wall = operations.put_up(session, _number(call), by=call.by, now=call.now)
        screened = operations.unacknowledged(wall)
        facts = {"wall": wall.number, "name": wall.name}
        notices.tell(session, screened, "wall_put_up", wall.number, facts, now=call.now)
        return {"screened": screened, "screened_count": len(screened)}

    return once(session, "put_up_wall", call, effect)


@delegate("refuse_wall")
def refuse_wall(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """File the request as refused."""

    def effect() -> None:
        reason = long_text(call.inputs, "reason")
        wall = operations.refuse(session, _number(call), reason, by=call.by, now=call.now)
        facts = {"wall": wall.number, "name": wall.name, "reason": reason}
        notices.tell(session, [wall.requested_by], "wall_refused", wall.number, facts, now=call.now)

    return once(session, "refuse_wall", call, effect)


@delegate("acknowledge_wall")
def acknowledge_wall(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Note that the person ``username`` knows of the wall."""

    def effect() -> None:
        username = needed_text(call.inputs, "username", longest=150)
        operations.acknowledge(session, _number(call), username, by=call.by, now=call.now)

    return once(session, "acknowledge_wall", call, effect)


@delegate("keep_wall")
def keep_wall(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Note that the wall stays as it is."""

    def effect() -> None:
        operations.keep(session, _number(call), by=call.by, now=call.now)

    return once(session, "keep_wall", call, effect)


@delegate("extend_wall")
def extend_wall(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Keep more people out, or stand around more."""

    def effect() -> None:
        operations.extend(session, _number(call), call.inputs, by=call.by, now=call.now)

    return once(session, "extend_wall", call, effect)


@delegate("propose_wall_lift")
def propose_wall_lift(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Note who wants the wall lifted, and why: the first of two persons."""

    def effect() -> dict[str, Any]:
        reason = needed_text(call.inputs, "reason", longest=2000)
        wall = operations.propose_lift(session, _number(call), reason, by=call.by, now=call.now)
        name = people.display_names(session, [wall.lift_proposed_by]).get(call.by.username, call.by.username)
        return {"lift_proposed_by": call.by.username, "lift_proposed_by_name": name}

    return once(session, "propose_wall_lift", call, effect)


@delegate("lift_wall")
def lift_wall(session: Session, call: DelegateCall) -> dict[str, Any] | None:
    """Lift the wall: the second of two persons. Those whom it kept out and compliance are told."""

    def effect() -> None:
        wall = operations.lift(session, _number(call), by=call.by, now=call.now)
        told = {member.username for member in wall.members if member.side == "out"}
        told |= {member.username for member in people.members(session, COMPLIANCE)}
        notices.tell(session, told, "wall_lifted", wall.number, {"wall": wall.number, "name": wall.name}, now=call.now)

    return once(session, "lift_wall", call, effect)


def _number(call: DelegateCall) -> str:
    if call.business_key is None:
        raise WallNotFound("")
    return call.business_key
