"""What people of the demo firm fill into the forms about walls and access."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from webui.demo.answers import Desk


def _approve_wall(_desk: Desk) -> dict[str, Any]:
    return {"wall_decision": "approve"}


def _acknowledge_wall(_desk: Desk) -> dict[str, Any]:
    return {"acknowledged": True}


def _chase(desk: Desk) -> dict[str, Any]:
    return {"chase_result": desk.some("reminded", "settled")}


def _review_wall(_desk: Desk) -> dict[str, Any]:
    return {"review_result": "keep"}


def _confirm_lift(_desk: Desk) -> dict[str, Any]:
    return {"lift_decision": "agree"}


def _explain_access(desk: Desk) -> dict[str, Any]:
    return {"explanation": desk.some("I mistyped the number.", "An old link in a mail.")}


def _hear_person(desk: Desk) -> dict[str, Any]:
    return {"heard_on": desk.day(0), "explanation": "They wanted to look up a name for a colleague."}


def _decide_access(_desk: Desk) -> dict[str, Any]:
    return {"finding": "mistake", "finding_note": "Wrong number, nothing was seen."}


def _impose_sanction(_desk: Desk) -> dict[str, Any]:
    return {"sanction": "Spoken warning.", "tell_the_client": "no"}


def _tell_client_of_breach(desk: Desk) -> dict[str, Any]:
    return {"client_told_on": desk.day(0), "client_told": "By letter."}


ACCESS_RECIPES: Final[Mapping[str, Callable[[Desk], dict[str, Any]]]] = MappingProxyType(
    {
        "approve_wall": _approve_wall,
        "chase_approval": _chase,
        "acknowledge_wall": _acknowledge_wall,
        "chase_acknowledgement": _chase,
        "review_wall": _review_wall,
        "confirm_lift": _confirm_lift,
        "explain_access": _explain_access,
        "hear_person": _hear_person,
        "decide_access": _decide_access,
        "chase_decision": _chase,
        "impose_sanction": _impose_sanction,
        "tell_client_of_breach": _tell_client_of_breach,
    }
)
