"""A firm's first matter, from the enquiry to the archive, by programs that know the API's description and nothing else.

A real server on a port of its own; every answer is checked against ``openapi.json``. In the middle the server is stopped,
the clock is moved past the demand letter's fourteen days, and the server starts again.
"""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from openapi_core import Config, OpenAPI
from openapi_core.testing import MockRequest, MockResponse

from tests import postgres
from tests.installation import ROOT, Installation

PEOPLE = {
    "rosa": "reception",
    "pia": "partners",
    "lena": "lawyers",
    "sara": "secretaries",
    "jonas": "registrars",
    "carl": "cashiers",
    "arno": "archivists",
}
ENQUIRY = {
    "client_kind": "person",
    "client_name": "Orhan Demir",
    "client_phone": "+44 20 7946 0958",
    "opponent_name": "Nordhafen Logistik GmbH",
    "case_type": "civil",
    "urgency": "normal",
    "summary": "The carrier lost two pallets of machine parts and refuses to pay for them.",
    "claim_value": 18400.5,
    "currency": "EUR",
    "source": "call",
}
CLOSING = (
    "deadlines",
    "mail",
    "appeal_period",
    "conflict_rerun",
    "final_bill",
    "trust_zero",
    "letter",
    "originals",
)
#: What the people answer, in the order in which the matter asks.
BEFORE_THE_LETTER = [
    ("pia", "decide_enquiry", {"partner_decision": "approve", "responsible": "lena", "fee_mode": "hourly"}),
    (
        "lena",
        "assess_claim",
        {
            "facts": "Contract of carriage of 3 January, loss noted on the consignment note in March.",
            "limitation_on": "2027-03-14",
            "limitation_basis": "One year from delivery day",
            "court": "Regional Court Hamburg",
            "claim_value": 18400.5,
            "currency": "EUR",
            "prospects": "good",
            "cost_risk": 6200,
            "strategy": "sue",
            "client_informed": True,
        },
    ),
    (
        "lena",
        "send_demand_letter",
        {
            "demand_sent_on": "2026-09-01",
            "demand_way": "registered_mail",
            "demand_pay_until": "2026-09-15",
            "demand_text": "Pay 18400.50 EUR within two weeks.",
        },
    ),
]
AFTER_THE_SILENCE = [
    (
        "lena",
        "draft_claim",
        {
            "court": "Regional Court Hamburg",
            "claim_value": 18400.5,
            "currency": "EUR",
            "relief_sought": "Order the defendant to pay 18400.50 EUR with interest.",
            "limitation_checked": True,
            "authority_attached": True,
        },
    ),
    (
        "carl",
        "pay_filing_fee",
        {"fee_paid_on": "2026-09-20", "fee_receipt_number": "R-881", "fee_paid_from": "client_funds"},
    ),
    (
        "sara",
        "file_claim",
        {
            "filing_claim_signed": True,
            "filing_annexes_complete": True,
            "filing_authority_included": True,
            "filing_receipt_included": True,
            "filed_on": "2026-09-21",
            "filing_way": "electronic_filing",
            "filing_proof": "Receipt 7741",
        },
    ),
    (
        "jonas",
        "record_docket_number",
        {"court_receipt": "accepted", "court_number": "12 O 345/26", "registered_on": "2026-09-24"},
    ),
    ("sara", "serve_claim", {"claim_served_on": "2026-09-28", "service_way": "court"}),
    (
        "jonas",
        "record_answer",
        {"answer_on": "2026-10-05", "answer_summary": "Denies the loss.", "counterclaim": False},
    ),
    ("lena", "write_reply", {"reply_filed_on": "2026-10-12", "reply_summary": "The packing was as agreed."}),
    (
        "lena",
        "compile_evidence",
        {"evidence_list": "Consignment note, original with us", "evidence_items": 1, "evidence_filed_on": "2026-10-20"},
    ),
    (
        "sara",
        "call_witnesses",
        {"witness_list": "Driver of the carrier", "expert_needed": "no", "witnesses_invited": True},
    ),
    (
        "sara",
        "schedule_hearing",
        {
            "hearing_on": "2026-11-20",
            "hearing_time": "09:30",
            "hearing_representative": "Lena",
            "hearing_client_told": True,
        },
    ),
    ("lena", "prepare_hearing", {"brief_ready": True, "authorities_ready": True, "evidence_ready": True}),
    ("lena", "attend_hearing", {"hearing_result": "judgment", "hearing_note": "Judgment on 1 December."}),
    (
        "jonas",
        "record_judgment",
        {
            "judgment_on": "2026-12-01",
            "judgment_served_on": "2026-12-10",
            "judgment_result": "partly_won",
            "amount_awarded": 9200,
            "judgment_summary": "Half of the sum.",
        },
    ),
    (
        "pia",
        "verify_appeal_deadline",
        {
            "appeal_deadline_on": "2099-12-25",
            "appeal_deadline_basis": "15 days from service",
            "appeal_deadline_verified": True,
        },
    ),
    (
        "lena",
        "advise_client",
        {
            "appeal_advice": "accept",
            "appeal_prospects": "Poor; it would cost more than it brings.",
            "advice_sent_on": "2026-12-11",
            "choice_wanted_until": "2026-12-17",
        },
    ),
    (
        "lena",
        "record_client_choice",
        {"appeal_choice": "accept", "choice_on": "2026-12-15", "choice_way": "email"},
    ),
    ("lena", "complete_closing_checklist", {f"closing_{item}": "done" for item in CLOSING}),
    ("pia", "confirm_closing", {"closing_confirmation": "confirm"}),
    ("arno", "record_archive_location", {"archive_location": "Cellar 2 box 14", "retain_until": "2036-12-31"}),
]


class Firm:
    """The programs of all people: they send what the description allows and believe only answers that keep to it."""

    def __init__(self, installation: Installation, tokens: dict[str, str]) -> None:
        self._installation = installation
        self._tokens = tokens
        self._keys = (f"acceptance-{number}" for number in itertools.count())
        status, document = self._send("rosa", "GET", "/openapi.json")
        assert status == 200
        self._description = OpenAPI.from_dict(
            document, config=Config(extra_media_type_deserializers={"application/problem+json": json.loads})
        )

    def get(self, who: str, path: str, expect: int = 200) -> Any:
        """Read something."""
        return self._checked(who, "GET", path, None, expect)

    def post(self, who: str, path: str, body: dict[str, Any], expect: int = 200) -> Any:
        """Write something."""
        return self._checked(who, "POST", path, body, expect)

    def task(self, who: str, element_id: str, *, patience_s: float = 15) -> dict[str, Any]:
        """Return a task on somebody's desk, waiting for it a little: timers fire by themselves."""
        end = time.monotonic() + patience_s
        while True:
            _, page = self._send(who, "GET", "/user-tasks?scope=all&limit=200")
            for task in page["items"]:
                if task["element_id"] == element_id:
                    return self.get(who, f"/user-tasks/{task['id']}")
            assert time.monotonic() < end, f"{element_id} did not come onto {who}'s desk"
            time.sleep(0.2)

    def work_off(self, steps: list[tuple[str, str, dict[str, Any]]]) -> None:
        """Complete task after task."""
        for who, element_id, answers in steps:
            task = self.task(who, element_id)
            done = self.post(who, f"/user-tasks/{task['id']}/complete", {"variables": answers})
            assert (done["state"], done["ended_by"]) == ("completed", who)

    def _checked(self, who: str, method: str, path: str, body: dict[str, Any] | None, expect: int) -> Any:
        status, answer = self._send(who, method, path, body)
        assert status == expect, (path, status, answer)
        bare, _, query = path.partition("?")
        arguments = dict(pair.split("=", 1) for pair in query.split("&") if pair)
        data = json.dumps(body).encode() if body is not None else None
        request = MockRequest(
            f"http://127.0.0.1:{self._installation.port}",
            method.lower(),
            f"/api/v1{bare}",
            args=arguments,
            headers={"Authorization": "Bearer token"},
            data=data,
            content_type="application/json",
        )
        kind = "application/json" if status < 400 else "application/problem+json"
        response = MockResponse(json.dumps(answer).encode(), status_code=status, content_type=kind)
        if status < 400:
            self._description.validate_request(request)
        self._description.validate_response(request, response)
        return answer

    def _send(self, who: str, method: str, path: str, body: dict[str, Any] | None = None) -> tuple[int, Any]:
        client = self._installation.client(self._tokens[who])
        try:
            if method == "GET":
                return client.get(path)
            return client.post(path, body or {}, key=next(self._keys))
        finally:
            client.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of the test's own, of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path}/matterflow.sqlite"
        return
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Iterator[Installation]:
    """A server of the shipped processes that is stopped at the end, whatever happens."""
    made = Installation(tmp_path, processes=ROOT / "processes" / "bpmn", database_url=database_url)
    yield made
    made.stop()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_matter_runs_from_enquiry_to_archive_over_the_api_alone(installation: Installation) -> None:
    tokens = installation.set_up(**PEOPLE)
    installation.serve()
    firm = Firm(installation, tokens)

    intake = firm.post("rosa", "/process-instances", {"process_key": "intake", "variables": ENQUIRY}, expect=201)
    assert intake["business_key"].startswith("E-")
    decision = firm.task("pia", "decide_enquiry")
    assert firm.get("pia", "/user-tasks?scope=group&limit=200")["items"][0]["id"] == decision["id"]
    assert decision["variables"]["conflict_count"] == 0
    assert {"label", "value"} <= decision["variables"]["lawyers"][0].keys()
    firm.get("carl", f"/user-tasks/{decision['id']}", expect=404)
    refused = firm.post("pia", f"/user-tasks/{decision['id']}/complete", {"variables": {}}, expect=422)
    assert "partner_decision" in refused["fields"]

    firm.work_off(BEFORE_THE_LETTER)

    waiting = firm.task("lena", "record_demand_response")
    number = waiting["business_key"]
    installation.stop()
    installation.environment["MATTERFLOW_CLOCK_OFFSET"] = "P14DT1H"
    installation.serve()
    assert firm.task("lena", "draft_claim")["business_key"] == number
    late = firm.post("lena", f"/user-tasks/{waiting['id']}/complete", {"variables": {}}, expect=409)
    assert late["code"] == "user_task_not_open"

    firm.work_off(AFTER_THE_SILENCE)

    matter = firm.get("lena", f"/matters/{number}")
    assert (matter["state"], matter["number"]) == ("archived", number)
    instances = firm.get("lena", f"/process-instances?business_key={number}")["items"]
    (civil,) = [one for one in instances if one["process_key"] == "civil"]
    # Second persons were asked about deadlines; nothing of that is left open.
    assert {one["state"] for one in instances} <= {"completed", "cancelled"}
    assert civil["state"] == "completed"
    history = firm.get("lena", f"/process-instances/{civil['id']}/history?limit=200")["items"]
    kinds = [event["kind"] for event in history]
    assert {"timer_fired", "user_task_completed", "process_completed"} <= set(kinds)
    done = [event for event in history if event["kind"] == "user_task_completed"]
    assert [event["element_id"] for event in done] == [step[1] for step in (*BEFORE_THE_LETTER[1:], *AFTER_THE_SILENCE)]
    activities = firm.get("lena", f"/process-instances/{civil['id']}/activities")
    assert activities["active"] == []
    firm.get("rosa", f"/matters/{number}", expect=404)
    assert firm.get("carl", f"/process-instances?business_key={number}")["items"] == []
