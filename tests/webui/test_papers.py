"""Letters, papers from clients and hours, over the API and on their pages."""

import re
from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest

from engine import bundles, clock, deployments
from engine.actor import SYSTEM
from practice.time.calendars import local_day
from tests.processes.shipped import ROOT
from tests.webui.test_deadline_pages import browse, token_of  # noqa: F401 - fixtures
from tests.webui.test_deadlines_api import MORNING, ruiz  # noqa: F401 - fixtures

LETTER = {
    "sender": "Beton <b>AG</b> 😀",
    "addressee": "The firm",
    "subject": "Reply of the 3rd, مرحبا",
    "reference": "B-77",
    "to_department": "lawyers",
    "reason": "Who knows them?",
}
ASK = {"matter": "2026-CV-0001", "items": ["Contract", "Invoice <i>7</i>"], "way": "email"}


@pytest.fixture
def papers(office, ruiz):  # noqa: F811
    with office.transaction() as session:
        for key in ("correspondence", "document_request", "timesheet"):
            deployments.deploy(session, bundles.read(ROOT / key), by=SYSTEM, now=MORNING)
    return office


def open_task(client, element_id):
    tasks = client.get("user-tasks?scope=all&limit=100").json["items"]
    return next(task for task in tasks if task["element_id"] == element_id)


# -- letters ----------------------------------------------------------------------------------------------


def test_a_letter_goes_from_hand_to_hand_and_every_hop_is_told(papers):
    made = papers.pia.post("letters", LETTER)
    assert made.status_code == 201, made.json
    number = made.json["number"]
    assert (made.json["status"], made.json["holder_group"]) == ("handed_over", "lawyers")
    task = open_task(papers.ana, "accept_letter")

    accepted = papers.ana.post(f"user-tasks/{task['id']}/complete", {"variables": {"acceptance": "accept"}})
    assert accepted.status_code == 200, accepted.json
    late = papers.bo.post(f"user-tasks/{task['id']}/complete", {"variables": {"acceptance": "accept"}})
    assert (late.status_code, late.json["ended_by"]) == (409, "ana")

    told = papers.pia.get(f"letters/{number}").json
    assert [(hop["kind"], hop["by"], hop["to_username"], hop["to_group"]) for hop in told["hops"]] == [
        ("registered", "pia", "pia", None),
        ("handed_over", "pia", None, "lawyers"),
        ("accepted", "ana", "ana", None),
    ]
    assert told["holder"] == "ana"


def test_a_letter_without_a_reason_or_to_nobody_is_refused_and_nothing_is_registered(papers):
    without = papers.pia.post("letters", {**LETTER, "reason": None})
    nobody = papers.pia.post("letters", {**LETTER, "to_department": "archivists"})
    unknown = papers.pia.post("letters", {**LETTER, "matter": "2026-CV-9999"})

    assert without.status_code == 422
    assert (nobody.status_code, nobody.json["code"]) == (422, "department_empty")
    assert (unknown.status_code, unknown.json["code"]) == (422, "letter_matter_unknown")
    assert papers.pia.get("letters").json["items"] == []


def test_an_outsider_finds_no_letter_of_others(papers):
    number = papers.pia.post("letters", {**LETTER, "matter": "2026-CV-0001"}).json["number"]

    assert papers.otto.get("letters").json["items"] == []
    assert papers.otto.get("letters?scope=hung").json["items"] == []
    assert papers.otto.get(f"letters/{number}").status_code == 404


def test_the_register_shows_what_was_typed_as_text(papers, browse):  # noqa: F811
    number = papers.pia.post("letters", LETTER).json["number"]
    pia = browse("pia")

    for address in ("/letters", "/letters?scope=department&q=beton", "/letters?scope=hung", f"/letters/{number}"):
        answer = pia.get(address)
        assert answer.status_code == 200
        assert "<b>AG</b>" not in answer.get_data(as_text=True)
    assert "Beton &lt;b&gt;AG" in pia.get(f"/letters/{number}").get_data(as_text=True)
    assert browse("otto").get(f"/letters/{number}").status_code == 404


# -- papers from clients ----------------------------------------------------------------------------------


def test_papers_are_ticked_on_the_card_and_with_the_last_the_process_ends(papers, browse):  # noqa: F811
    made = papers.ana.post("document-requests", ASK)
    assert made.status_code == 201, made.json
    number = made.json["number"]
    sent = open_task(papers.ana, "send_request")
    today = local_day(clock.utc_now()).isoformat()
    body = {"variables": {"sent_way": "email", "request_sent_on": today}}
    assert papers.ana.post(f"user-tasks/{sent['id']}/complete", body).status_code == 200
    ana = browse("ana")
    card = ana.get(f"/document-requests/{number}").get_data(as_text=True)
    assert "Invoice &lt;i&gt;7" in card
    said = {"csrf_token": token_of(card), "item": "1", "as": "received", "place": "Binder 7"}
    said["file"] = (BytesIO(b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"), "scan 0001.pdf")

    assert "Ticked." in ana.post(f"/document-requests/{number}/settle", data=said, follow_redirects=True).get_data(True)
    half = papers.ana.get(f"document-requests/{number}").json
    assert [(item["state"], item["original_place"]) for item in half["items"]] == [
        ("received", "Binder 7"),
        ("missing", None),
    ]
    filed = half["items"][0]["document_id"]
    (document,) = papers.ana.get(f"documents?owner_kind=matter&owner={half['matter_number']}").json["items"]
    assert (document["id"], document["title"]) == (filed, half["items"][0]["name"])
    assert f"/documents/{filed}" in ana.get(f"/document-requests/{number}").get_data(as_text=True)
    stray = papers.ana.post(f"document-requests/{number}/settle", {"received": [2], "document_id": str(uuid4())})
    assert (stray.status_code, stray.json["field"]) == (422, "document_id"), stray.json
    done = papers.ana.post(f"document-requests/{number}/settle", {"received": [2]})

    assert done.json["state"] == "complete"
    instances = papers.ana.get("process-instances?process_key=document_request").json["items"]
    assert [one["state"] for one in instances] == ["completed"]
    assert papers.ana.post(f"document-requests/{number}/settle", {"received": [2]}).status_code == 409


def test_the_matter_shows_what_is_missing_and_outsiders_see_nothing(papers, browse):  # noqa: F811
    number = papers.ana.post("document-requests", ASK).json["number"]

    assert "2 missing" in browse("ana").get("/matters/2026-CV-0001").get_data(as_text=True)
    assert number in browse("ana").get("/document-requests").get_data(as_text=True)
    assert papers.bo.get("document-requests").json["items"] == []
    assert papers.bo.post(f"document-requests/{number}/settle", {"received": [1]}).status_code == 404
    assert papers.bo.post("document-requests", ASK).json["code"] in ("not_allowed_to_start", "matter_not_found")


@pytest.mark.parametrize("items", [["A", " a "], [""], ["x" * 301]])
def test_a_list_of_papers_names_each_once(papers, items):
    assert papers.ana.post("document-requests", {**ASK, "items": items}).status_code == 422


# -- hours ------------------------------------------------------------------------------------------------


def test_a_day_is_typed_handed_in_and_approved_line_by_line(papers, browse):  # noqa: F811
    ana, today = browse("ana"), local_day(clock.utc_now()).isoformat()
    page = ana.get("/hours").get_data(as_text=True)
    line = {"csrf_token": token_of(page), "matter-0": "2026-CV-0001", "hours-0": "1,5", "work-0": "Drafted <u>it</u>"}

    saved = ana.post(f"/hours/{today}", data={**line, "hours-1": "0:30", "work-1": "Office", "internal-1": "1"})
    assert saved.status_code == 303, saved.get_data(as_text=True)[:500]
    items = papers.ana.get("time-entries").json["items"]
    assert [(one["minutes"], one["hours"], one["matter_number"], one["state"]) for one in items] == [
        (90, "1.50", "2026-CV-0001", "draft"),
        (30, "0.50", None, "draft"),
    ]
    assert papers.ana.post("time-entries/submit", {"on_day": today}).status_code == 200
    assert papers.ana.patch(f"time-entries/{items[0]['id']}", {"hours": "9"}).json["code"] == "hours_locked"

    own = papers.ana.post(f"time-entries/{items[0]['id']}/decide", {"decision": "approve"})
    assert (own.status_code, own.json["code"]) == (422, "own_hours")
    review = browse("pia")
    page = review.get("/hours/review").get_data(as_text=True)
    assert "Drafted &lt;u&gt;" in page
    said = {"csrf_token": token_of(page), "line": items[0]["id"], "decision": "approve"}
    assert "1 line is approved" in review.post("/hours/review", data=said, follow_redirects=True).get_data(True)
    back = papers.pia.post(f"time-entries/{items[1]['id']}/decide", {"decision": "return"})
    assert back.json["code"] == "return_reason_missing"
    assert papers.otto.get("time-entries").json["items"] == []


def test_what_is_approved_is_corrected_by_a_further_line(papers):
    today = local_day(clock.utc_now()).isoformat()
    new = {"on_day": today, "matter": "2026-CV-0001", "hours": "2h", "work": "Hearing"}
    entry = papers.ana.post("time-entries", new).json["id"]
    papers.ana.post("time-entries/submit", {"on_day": today})
    assert papers.pia.post(f"time-entries/{entry}/decide", {"decision": "approve"}).json["state"] == "approved"

    too_much = papers.ana.post(f"time-entries/{entry}/correct", {"hours": "-3", "reason": "Lunch"})
    corrected = papers.ana.post(f"time-entries/{entry}/correct", {"hours": "-0:30", "reason": "Lunch"})

    assert too_much.json["code"] == "correction_too_large"
    assert (corrected.status_code, corrected.json["minutes"], corrected.json["corrects_id"]) == (201, -30, entry)
    totals = papers.ana.get(f"time-entries/totals?first={today}&last={today}&by=matter").json["items"]
    assert totals == [{"name": "2026-CV-0001", "approved_minutes": 120, "handed_in_minutes": 90}]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"hours": "25"}, "hours_invalid"),
        ({"hours": "soon"}, "hours_invalid"),
        ({"hours": "-1"}, "hours_invalid"),
        ({"matter": "2026-CV-9999"}, "hours_matter_unknown"),
        ({"on_day": "1999-01-04"}, "day_closed"),
    ],
)
def test_hours_that_cannot_be_are_refused_by_name(papers, changed, code):
    today = local_day(clock.utc_now())
    new = {"on_day": today.isoformat(), "matter": "2026-CV-0001", "hours": "1", "work": "Read"}

    assert papers.ana.post("time-entries", {**new, **changed}).json["code"] == code
    tomorrow = (today + timedelta(days=1)).isoformat()
    assert papers.ana.post("time-entries", {**new, "on_day": tomorrow}).json["code"] == "day_closed"
    assert papers.ana.get("time-entries").json["items"] == []


def test_a_wrong_line_is_told_where_it_stands_and_what_was_typed_stays(papers, browse):  # noqa: F811
    ana, today = browse("ana"), local_day(clock.utc_now()).isoformat()
    page = ana.get("/hours").get_data(as_text=True)
    said = {"csrf_token": token_of(page), "hours-0": "half", "work-0": "Read the file", "matter-0": "2026-CV-0001"}

    answer = ana.post(f"/hours/{today}", data=said)

    assert answer.status_code == 422
    assert 'value="half"' in answer.get_data(as_text=True)
    assert papers.ana.get("time-entries").json["items"] == []


def test_the_register_counts_what_its_parts_list(papers, browse):  # noqa: F811
    for subject in ("The first", "The second"):
        assert papers.pia.post("letters", LETTER | {"subject": subject}).status_code == 201
    task = open_task(papers.ana, "accept_letter")
    papers.ana.post(f"user-tasks/{task['id']}/complete", {"variables": {"acceptance": "accept"}})

    page = browse("ana").get("/letters?scope=mine").get_data(as_text=True)

    told = dict(re.findall(r"/letters\?scope=(\w+)[^>]*>[^<]*(?:<b>(\d+)</b>)?</a>", page))
    # Of all there are closed ones too, so the figure of the open ones would belie the list.
    assert told == {"all": "", "mine": "1", "department": "1", "hung": "0"}


def test_nobody_is_offered_to_start_what_begins_with_facts(papers, browse):  # noqa: F811
    ada = browse("ada")

    assert "/start/correspondence" in ada.get("/start").get_data(as_text=True)
    assert "/start/timesheet" not in ada.get("/start").get_data(as_text=True)
    assert ada.get("/start/timesheet").status_code == 403
