"""The way a demo matter takes through the shipped processes: which task after how many days, and what is chosen there.

The ways follow the diagrams of ``intake`` and ``civil``. When a diagram changes, the demo stops with
a sentence that says where it got lost (``simulation.LostTheWay``), and so does its test.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

#: Value from which a partner signs a claim off (``claim_sign_off.dmn``).
SIGNED_OFF_FROM: Final = 50_000


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that somebody does; most often completing a user task."""

    #: The user task; for a message its name, for a start the process's key.
    element_id: str
    #: Whole days after the step before, at least 1.
    days: int
    #: Answers that this way needs; the recipe gives the others.
    choices: dict[str, Any] = field(default_factory=dict[str, Any])
    kind: Literal["complete", "message", "start"] = "complete"


@dataclass(frozen=True, slots=True)
class Way:
    """What happens to one enquiry and to the matter that comes of it."""

    #: The task that waits today; None when everything is over.
    stands_at: str | None = None
    #: Whole days since the last thing that somebody did, at least 1.
    idle_days: int = 1
    #: What became of the enquiry.
    intake: Literal["approve", "refuse", "absolute", "withdrawn", "asked_back"] = "approve"
    #: Does the conflicts officer have to decide first?
    hits: bool = False
    strategy: Literal["sue", "negotiate", "decline"] = "sue"
    prospects: Literal["good", "even", "poor"] = "good"
    offer: Literal["accepted", "refused"] = "refused"
    #: What the opponent did about the demand letter.
    response: Literal["silence", "refused", "paid", "settled"] = "refused"
    returned_by_court: bool = False
    #: Whether the opponent answered the claim, and how that reached the firm.
    answer: Literal["recorded", "message", "none"] = "recorded"
    default_judgment: Literal["yes", "no"] = "no"
    hearings: tuple[Literal["adjourned", "settled", "judgment"], ...] = ("judgment",)
    judgment: Literal["won", "partly_won", "lost"] = "won"
    appeal: Literal["accept", "appeal"] = "accept"
    appeal_result: Literal["upheld", "reversed_for_client", "reversed_against_client"] = "upheld"
    #: A second proceeding is started by hand and left alone, so that archiving fails.
    second_proceeding: bool = False

    def steps(self, value: float) -> list[Step]:
        """Return the tasks that are completed, in order, up to the one that waits today.

        Raises:
            ValueError: the way never comes to ``stands_at``.
        """
        whole = self._intake()
        if self.intake in ("approve", "asked_back"):
            whole += self._civil(value)
        if self.stands_at is None:
            return whole
        for index, step in enumerate(whole):
            if step.element_id == self.stands_at:
                return whole[:index]
        raise ValueError(f"this way never comes to {self.stands_at}")

    def _intake(self) -> list[Step]:
        steps: list[Step] = []
        if self.intake == "absolute":
            return [Step("decide_conflict", 1, {"absolute_confirmed": True}), Step("send_decline_letter", 1)]
        if self.hits:
            steps.append(Step("decide_conflict", 1, {"conflict_decision": "clear"}))
        if self.intake == "refuse":
            return [*steps, Step("decide_enquiry", 1, {"partner_decision": "refuse"}), Step("send_decline_letter", 1)]
        if self.intake in ("asked_back", "withdrawn"):
            wanted = "yes" if self.intake == "asked_back" else "no"
            steps.append(Step("decide_enquiry", 1, {"partner_decision": "ask_back"}))
            steps.append(Step("answer_question", 1, {"client_still_interested": wanted}))
        if self.intake == "withdrawn":
            return steps
        return [*steps, Step("decide_enquiry", 1, {"partner_decision": "approve"})]

    def _civil(self, value: float) -> list[Step]:
        steps = [Step("assess_claim", 3, {"strategy": self.strategy, "prospects": self.prospects})]
        if self.strategy == "decline":
            return steps + self._closing()
        if self.strategy == "negotiate":
            steps.append(Step("make_settlement_offer", 5, {"offer_result": self.offer}))
            if self.offer == "accepted":
                return steps + self._closing()
        steps.append(Step("send_demand_letter", 2))
        if self.response != "silence":
            steps.append(Step("record_demand_response", 9, {"demand_response": self.response}))
        if self.response in ("paid", "settled"):
            return steps + self._closing()
        # Silence lets the demand's 14 days pass first.
        steps.append(Step("draft_claim", 18 if self.response == "silence" else 6))
        if value >= SIGNED_OFF_FROM or self.prospects == "poor":
            steps.append(Step("approve_claim", 1, {"claim_approval": "approve"}))
        steps += [Step("pay_filing_fee", 3), Step("file_claim", 1)]
        if self.returned_by_court:
            steps += [
                Step("record_docket_number", 4, {"court_receipt": "returned"}),
                Step("cure_defects", 2),
                Step("file_claim", 1),
            ]
        steps += [Step("record_docket_number", 5, {"court_receipt": "accepted"}), Step("serve_claim", 4)]
        return steps + self._pleadings()

    def _pleadings(self) -> list[Step]:
        if self.answer == "none":
            # The 15 days for the answer pass first.
            steps = [Step("decide_without_answer", 16, {"default_judgment": self.default_judgment})]
            if self.default_judgment == "yes":
                return steps + self._judgment(days=20)
        elif self.answer == "message":
            steps = [Step("answer_received", 6, kind="message"), Step("write_reply", 8)]
        else:
            steps = [Step("record_answer", 11), Step("write_reply", 8)]
        steps += [Step("call_witnesses", 6), Step("compile_evidence", 5)]
        for result in self.hearings:
            steps += [
                Step("schedule_hearing", 2),
                Step("prepare_hearing", 16),
                Step("attend_hearing", 5, {"hearing_result": result}),
            ]
        if self.hearings[-1] == "settled":
            return steps + self._closing()
        return steps + self._judgment(days=1)

    def _judgment(self, *, days: int) -> list[Step]:
        steps = [
            Step("record_judgment", days, {"judgment_result": self.judgment}),
            Step("verify_appeal_deadline", 1),
            Step("advise_client", 1, {"appeal_advice": self.appeal}),
            Step("record_client_choice", 3, {"appeal_choice": self.appeal}),
        ]
        if self.appeal == "appeal":
            steps += [Step("file_appeal", 3), Step("record_appeal_decision", 75, {"appeal_result": self.appeal_result})]
        return steps + self._closing()

    def _closing(self) -> list[Step]:
        steps = [
            Step("complete_closing_checklist", 7),
            Step("confirm_closing", 2, {"closing_confirmation": "confirm"}),
        ]
        if self.second_proceeding:
            steps.append(Step("civil", 1, kind="start"))
        return [*steps, Step("record_archive_location", 2)]
