"""What people of the demo firm fill into the forms: one recipe for each user task of the shipped processes."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any, Final

from webui.demo.absence_answers import ABSENCE_RECIPES
from webui.demo.access_answers import ACCESS_RECIPES
from webui.demo.cases import Case
from webui.demo.cast import CAST
from webui.demo.paper_answers import PAPER_RECIPES


class NoRecipe(LookupError):
    """A shipped process has a user task that the demo firm does not know how to do."""

    def __init__(self, element_id: str) -> None:
        super().__init__(f"webui/demo/answers.py has no recipe for the user task '{element_id}'.")


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody has in front of them when they fill a form in."""

    case: Case
    #: The day on which it happens.
    today: date
    chance: random.Random
    #: Looks up the data that the task sees.
    look: Callable[[], Mapping[str, Any]]
    #: What the matter's way needs; it also goes into the answers.
    choices: Mapping[str, Any]
    #: Who does it.
    full_name: str

    def day(self, days: int) -> str:
        """Return a date so many days from today, as forms write it."""
        return (self.today + timedelta(days=days)).isoformat()

    def some(self, *texts: str) -> str:
        """Return one of the texts."""
        return self.chance.choice(texts)

    def share(self, part: float) -> float:
        """Return a part of the claim's value, in whole hundreds."""
        return float(round(self.case.value * part / 100) * 100)


def answers(element_id: str, desk: Desk) -> dict[str, Any]:
    """Return the answers to a user task's form.

    Raises:
        NoRecipe: the task is not known here.
    """
    recipe = RECIPES.get(element_id)
    if recipe is None:
        raise NoRecipe(element_id)
    return {**desk.choices, **recipe(desk)}


def enquiry(case: Case, today: date, chance: random.Random) -> dict[str, Any]:
    """Return the answers to the form that starts an intake."""
    said: dict[str, Any] = {
        "client_kind": "company" if case.contact else "person",
        "client_name": case.client,
        "client_phone": _nobodys_number(chance),
        "opponent_name": case.opponent,
        "case_type": "civil",
        "urgency": "urgent" if case.urgent else "normal",
        "summary": case.summary,
        "claim_value": case.value,
        "currency": case.currency,
        "source": case.source,
    }
    if case.contact:
        said["contact_person"] = case.contact
    if case.others:
        said["other_parties"] = "\n".join(case.others)
    if case.urgent:
        said["deadline_on"] = (today + timedelta(days=10)).isoformat()
    if case.source == "referral":
        said["referred_by"] = "A former client"
    return said


def _nobodys_number(chance: random.Random) -> str:
    """Return a telephone number that regulators keep free for plays (Ofcom, North America, Bundesnetzagentur)."""
    return chance.choice(("+44 20 7946 0{:03d}", "+1 202 555 01{:02d}", "+49 30 23125 {:03d}")).format(
        chance.randint(0, 99)
    )


# -- intake ---------------------------------------------------------------------------------------------


def _decide_conflict(desk: Desk) -> dict[str, Any]:
    if desk.choices.get("absolute_confirmed"):
        return {"conflict_note": "The firm acts against them at this moment. There is nothing to weigh."}
    return {
        "conflict_note": "The earlier matter is closed and had nothing to do with this one; no secret of it helps here."
    }


def _decide_enquiry(desk: Desk) -> dict[str, Any]:
    decision = desk.choices["partner_decision"]
    if decision == "refuse":
        return {"refusal_reason": "Not our field; a specialised colleague will serve the client better."}
    if decision == "ask_back":
        return {
            "question": "Is there a written contract, and has anybody else in the family or the firm been our client?"
        }
    lawyers = [person.username for person in CAST if "lawyers" in person.groups]
    return {
        "responsible": desk.case.responsible or desk.chance.choice(lawyers),
        "fee_mode": desk.some("hourly", "hourly", "fixed", "statutory"),
        "approval_note": desk.some(
            "Worth doing.", "Keep an eye on the costs.", "The client wants to hear from us this week."
        ),
    }


def _answer_question(desk: Desk) -> dict[str, Any]:
    if desk.choices["client_still_interested"] == "no":
        return {"withdrawal_reason": "They have come to an agreement with the other side."}
    said = {
        "answer": "There is a signed contract, a copy is on its way. Nobody close to them was ever our client.",
        "client_name": desk.case.client,
        "opponent_name": desk.case.opponent,
    }
    return said | ({"other_parties": "\n".join(desk.case.others)} if desk.case.others else {})


def _chase(desk: Desk) -> dict[str, Any]:
    return {
        "chase_result": "reminded",
        "chase_note": desk.some("Will be done today.", "On the phone about it.", "Back tomorrow."),
    }


def _send_decline_letter(desk: Desk) -> dict[str, Any]:
    return {"declined_on": desk.day(0), "decline_way": desk.some("email", "registered_mail"), "limitation_warned": True}


# -- civil ----------------------------------------------------------------------------------------------


def _assess_claim(desk: Desk) -> dict[str, Any]:
    case = desk.case
    said = {
        "facts": f"{case.summary} Documents and photographs are in the file; the client can name two witnesses.",
        "limitation_on": desk.day(desk.chance.randint(200, 700)),
        "limitation_basis": desk.some(
            "Three years from the end of the year", "Two years from delivery", "By the contract"
        ),
        "evidence_gaps": desk.some(
            "Written notice of the defect", "An expert's first opinion", "Proof of what was paid"
        ),
        "court": case.court,
        "claim_value": case.value,
        "currency": case.currency,
        "cost_risk": desk.share(0.12),
        "client_informed": True,
    }
    if desk.choices["strategy"] == "decline":
        said["decline_reason"] = "The contract excludes exactly this, and the sum does not carry the costs."
    return said


def _make_settlement_offer(desk: Desk) -> dict[str, Any]:
    said = {
        "offer_sent_on": desk.day(-4),
        "offer_amount": desk.share(0.7),
        "offer_terms": "Payment within 30 days, each side bears its own costs.",
    }
    return said | ({"settled_on": desk.day(0)} if desk.choices["offer_result"] == "accepted" else {})


def _send_demand_letter(desk: Desk) -> dict[str, Any]:
    return {
        "demand_sent_on": desk.day(0),
        "demand_way": desk.some("registered_mail", "courier"),
        "demand_pay_until": desk.day(14),
        "demand_proof": f"RR {desk.chance.randint(100_000, 999_999)} {desk.chance.randint(100, 999)}",
        "demand_text": f"Payment of {desk.case.value:,.2f} {desk.case.currency} for the reasons set out in the annex.",
    }


def _record_demand_response(desk: Desk) -> dict[str, Any]:
    response = desk.choices["demand_response"]
    said: dict[str, Any] = {"demand_response_on": desk.day(-1)}
    if response == "refused":
        return said | {"refusal_grounds": desk.some("The other side denies everything.", "They blame a subcontractor.")}
    if response == "settled":
        said |= {"settlement_terms": "Half at once, the rest in three months.", "amount_received": desk.share(0.5)}
    else:
        said |= {"amount_received": desk.case.value}
    return said


def _draft_claim(desk: Desk) -> dict[str, Any]:
    return {
        "court": desk.case.court,
        "claim_value": desk.case.value,
        "currency": desk.case.currency,
        "relief_sought": f"Payment of {desk.case.value:,.2f} {desk.case.currency} with interest, and the costs.",
        "annexes": "K1 contract\nK2 letters\nK3 photographs",
        "limitation_checked": True,
        "authority_attached": True,
    }


def _pay_filing_fee(desk: Desk) -> dict[str, Any]:
    return {
        "fee_paid_on": desk.day(0),
        "fee_receipt_number": f"F-{desk.chance.randint(10_000, 99_999)}",
        "fee_paid_from": desk.some("client_funds", "firm"),
    }


def _file_claim(desk: Desk) -> dict[str, Any]:
    return {
        "filing_claim_signed": True,
        "filing_annexes_complete": True,
        "filing_authority_included": True,
        "filing_receipt_included": True,
        "filed_on": desk.day(0),
        "filing_way": desk.some("electronic_filing", "courier", "by_hand"),
        "filing_proof": f"P {desk.chance.randint(1000, 9999)}/{desk.today.year}",
    }


def _record_docket_number(desk: Desk) -> dict[str, Any]:
    if desk.choices["court_receipt"] == "returned":
        return {"defects": "The power of attorney is not signed on its second page.", "cure_until": desk.day(7)}
    return {
        "court_number": f"{desk.chance.randint(2, 28)} C {desk.chance.randint(101, 998)}/{desk.today.year % 100}",
        "registered_on": desk.day(0),
    }


def _cure_defects(_desk: Desk) -> dict[str, Any]:
    return {"cure_note": "Signed again on both pages.", "cure_checked": True}


def _serve_claim(desk: Desk) -> dict[str, Any]:
    return {"claim_served_on": desk.day(0), "service_way": desk.some("court", "bailiff", "mail")}


def _record_answer(desk: Desk) -> dict[str, Any]:
    return {
        "answer_on": desk.day(0),
        "answer_summary": desk.some(
            "They admit the contract and deny the damage.",
            "They say that the client gave notice too late.",
            "They say that a third party is to blame.",
        ),
        "jurisdiction_objection": False,
        "counterclaim": False,
    }


def _decide_without_answer(desk: Desk) -> dict[str, Any]:
    chosen = desk.choices.get("default_judgment")
    return {"default_note": "Service is proved." if chosen == "yes" else "Better to be heard on the merits."}


def _write_reply(desk: Desk) -> dict[str, Any]:
    return {
        "reply_filed_on": desk.day(0),
        "reply_summary": "Answers each point; offers the two witnesses and an expert.",
    }


def _compile_evidence(desk: Desk) -> dict[str, Any]:
    return {
        "evidence_list": "Contract, 11 letters, 24 photographs, two invoices, the surveyor's report",
        "evidence_items": desk.chance.randint(9, 60),
        "evidence_filed_on": desk.day(0),
    }


def _call_witnesses(desk: Desk) -> dict[str, Any]:
    said: dict[str, Any] = {
        "witness_list": "The foreman; the neighbour from the ground floor",
        "witnesses_invited": True,
    }
    if desk.chance.random() < 0.5:  # noqa: PLR2004 - half of them
        return said | {"expert_needed": "no"}
    return said | {"expert_needed": "yes", "expert_name": "Dr. Lena Hartwig", "expert_opinion_due_on": desk.day(30)}


def _schedule_hearing(desk: Desk) -> dict[str, Any]:
    return {
        "hearing_on": desk.day(21),
        "hearing_time": desk.some("09:00", "10:30", "13:15"),
        "hearing_room": f"Room {desk.chance.randint(1, 4)}{desk.chance.randint(1, 29):02d}",
        "hearing_representative": desk.some("The responsible lawyer", "Tomás Herrera"),
        "hearing_client_told": True,
    }


def _prepare_hearing(_desk: Desk) -> dict[str, Any]:
    return {
        "brief_ready": True,
        "authorities_ready": True,
        "evidence_ready": True,
        "hearing_aim": "A hearing of the expert.",
    }


def _attend_hearing(desk: Desk) -> dict[str, Any]:
    result = desk.choices["hearing_result"]
    if result == "settled":
        return {
            "hearing_note": "The court proposed a sum and both sides took it.",
            "settlement_terms": "60 per cent within a month, costs shared.",
            "settlement_consented": True,
        }
    if result == "adjourned":
        return {"hearing_note": "The expert was ill; the court sets a new date."}
    return {"hearing_note": "Both witnesses heard; judgment was announced."}


def _record_judgment(desk: Desk) -> dict[str, Any]:
    part = {"won": 1.0, "partly_won": 0.6, "lost": 0.0}[desk.choices["judgment_result"]]
    return {
        "judgment_on": desk.day(-1),
        "judgment_served_on": desk.day(0),
        "amount_awarded": desk.share(part),
        "judgment_summary": "The court follows the expert; the reasons are in the file.",
    }


def _verify_appeal_deadline(desk: Desk) -> dict[str, Any]:
    return {
        "appeal_deadline_on": desk.look()["appeal_deadline_on"],
        "appeal_deadline_basis": "15 days from service, the day of service not counted",
        "appeal_deadline_verified": True,
    }


def _verify_deadline(desk: Desk) -> dict[str, Any]:
    return {"verification": "agree", "verified_on": desk.look()["due_on"], "document_seen": True}


def _settle_disagreement(_desk: Desk) -> dict[str, Any]:
    return {"decision": "as_proposed", "settlement_note": "The stamp of receipt is clear."}


def _establish_facts(_desk: Desk) -> dict[str, Any]:
    return {"kept": "no", "facts_note": "Nobody saw the reminder over the holidays.", "restoration": "no"}


def _tell_client(desk: Desk) -> dict[str, Any]:
    return {"client_told_on": desk.day(0), "client_told": "By telephone, and in writing the same day."}


def _tell_insurer(desk: Desk) -> dict[str, Any]:
    return {"insurer_told_on": desk.day(0), "insurer_reference": "Reported on the insurer's form."}


def _apply_for_restoration(desk: Desk) -> dict[str, Any]:
    return {
        "restoration_filed_on": desk.day(0),
        "restoration_reasons": "A strike of the post, with its own confirmation.",
        "missed_act_enclosed": True,
    }


def _record_root_cause(_desk: Desk) -> dict[str, Any]:
    return {"root_cause": "One person held the list alone.", "prevention": "Two look through it every evening."}


def _confirm_deadline_end(_desk: Desk) -> dict[str, Any]:
    return {"confirmation": "ended", "proof_seen": True}


def _advise_client(desk: Desk) -> dict[str, Any]:
    return {
        "appeal_prospects": "The findings are hard to shake; the costs award could be better.",
        "advice_sent_on": desk.day(0),
        "choice_wanted_until": desk.day(6),
    }


def _record_client_choice(desk: Desk) -> dict[str, Any]:
    return {"choice_on": desk.day(0), "choice_way": desk.some("email", "by_hand")}


def _decide_for_silent_client(_desk: Desk) -> dict[str, Any]:
    return {
        "appeal_choice": "appeal",
        "appeal_choice_reason": "Nothing is lost by an appeal that can be withdrawn.",
        "contact_attempts": "Three calls and a letter in five days",
    }


def _file_appeal(desk: Desk) -> dict[str, Any]:
    return {
        "appeal_court": f"Court of appeal for {desk.case.court}"[:200],
        "appeal_filed_on": desk.day(0),
        "appeal_grounds": "The expert's second report was not discussed with the parties.",
        "appeal_proof": f"A {desk.chance.randint(1000, 9999)}/{desk.today.year}",
    }


def _record_appeal_decision(desk: Desk) -> dict[str, Any]:
    return {
        "appeal_decided_on": desk.day(-2),
        "appeal_number": f"{desk.chance.randint(1, 9)} U {desk.chance.randint(10, 99)}/{desk.today.year % 100}",
        "appeal_note": "Decided without another hearing.",
    }


def _complete_closing_checklist(desk: Desk) -> dict[str, Any]:
    points = ("deadlines", "mail", "appeal_period", "conflict_rerun", "final_bill", "trust_zero", "letter", "originals")
    return {f"closing_{point}": desk.some("done", "done", "not_needed") for point in points}


def _record_archive_location(desk: Desk) -> dict[str, Any]:
    return {
        "archive_location": f"Cellar {desk.chance.randint(1, 3)}, shelf {desk.chance.randint(1, 40)}",
        "retain_until": desk.today.replace(year=desk.today.year + 10, day=1).isoformat(),
    }


def _nothing_more(_desk: Desk) -> dict[str, Any]:
    return {}


RECIPES: Final[Mapping[str, Callable[[Desk], dict[str, Any]]]] = MappingProxyType(
    {
        **ABSENCE_RECIPES,
        **ACCESS_RECIPES,
        **PAPER_RECIPES,
        "decide_conflict": _decide_conflict,
        "decide_enquiry": _decide_enquiry,
        "answer_question": _answer_question,
        "chase_conflict_decision": _chase,
        "chase_enquiry_decision": _chase,
        "chase_answer": _chase,
        "send_decline_letter": _send_decline_letter,
        "assess_claim": _assess_claim,
        "make_settlement_offer": _make_settlement_offer,
        "send_demand_letter": _send_demand_letter,
        "record_demand_response": _record_demand_response,
        "draft_claim": _draft_claim,
        "approve_claim": _nothing_more,
        "pay_filing_fee": _pay_filing_fee,
        "file_claim": _file_claim,
        "record_docket_number": _record_docket_number,
        "cure_defects": _cure_defects,
        "serve_claim": _serve_claim,
        "record_answer": _record_answer,
        "decide_without_answer": _decide_without_answer,
        "write_reply": _write_reply,
        "compile_evidence": _compile_evidence,
        "call_witnesses": _call_witnesses,
        "schedule_hearing": _schedule_hearing,
        "prepare_hearing": _prepare_hearing,
        "attend_hearing": _attend_hearing,
        "record_judgment": _record_judgment,
        "verify_appeal_deadline": _verify_appeal_deadline,
        "verify_deadline": _verify_deadline,
        "confirm_deadline_end": _confirm_deadline_end,
        "chase_verification": _chase,
        "chase_confirmation": _chase,
        "settle_disagreement": _settle_disagreement,
        "establish_facts": _establish_facts,
        "tell_client": _tell_client,
        "tell_insurer": _tell_insurer,
        "apply_for_restoration": _apply_for_restoration,
        "record_root_cause": _record_root_cause,
        "advise_client": _advise_client,
        "record_client_choice": _record_client_choice,
        "decide_for_silent_client": _decide_for_silent_client,
        "file_appeal": _file_appeal,
        "record_appeal_decision": _record_appeal_decision,
        "complete_closing_checklist": _complete_closing_checklist,
        "confirm_closing": _nothing_more,
        "record_archive_location": _record_archive_location,
    }
)
