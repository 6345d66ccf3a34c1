"""What people of the demo firm fill into the forms about letters, hours and papers from clients."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from webui.demo.answers import Desk


def _chase(desk: Desk) -> dict[str, Any]:
    return {"chase_result": desk.some("reminded", "waiting")}


def _always(**said: Any) -> Callable[[Desk], dict[str, Any]]:
    return lambda _desk: dict(said)


def _today(field: str, **said: Any) -> Callable[[Desk], dict[str, Any]]:
    return lambda desk: {field: desk.day(0), **said}


PAPER_RECIPES: Final[Mapping[str, Callable[[Desk], dict[str, Any]]]] = MappingProxyType(
    {
        "route_letter": _always(hand_to="department", hand_to_department="lawyers", hand_reason="Please look into it."),
        "accept_letter": _always(acceptance="accept"),
        "chase_acceptance": _chase,
        "work_on_letter": _always(work_outcome="file", work_note="Nothing new in it."),
        "chase_letter": _chase,
        "search_original": _always(original_found=True, original_place="Binder 4"),
        "draft_letter": _always(draft_outcome="send", draft_text="We refer to your letter and keep to ours."),
        "sign_letter": _always(sign_off="approve"),
        "dispatch_letter": _today("sent_on", sent_channel="registered_post", sent_with_proof=True),
        "record_proof": _today("proof_on", proof="Return receipt, signed"),
        "enter_deadline": _today(
            "deadline_on",
            deadline_name="Answer to the letter",
            deadline_citation="The letter itself",
            deadline_source="An answer is asked for.",
        ),
        "enter_hours": _always(hours_outcome="submit"),
        "chase_hours": _chase,
        "review_hours": _always(review="approve_rest"),
        "chase_review": _chase,
        "send_request": _today("request_sent_on", sent_way="email"),
        "collect_documents": _always(hold_outcome="wait"),
        "call_client": _always(call_result="reached", call_note="The rest comes next week."),
        "chase_request": _chase,
        "decide_on_gap": _always(gap_decision="wait", gap_reason="The client is abroad."),
        "ask_elsewhere": _always(elsewhere="asked", elsewhere_note="The insurer has a copy."),
    }
)
