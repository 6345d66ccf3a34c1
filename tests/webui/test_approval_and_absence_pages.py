"""The pages of approvals and absences, and the link in a mail that looks at nothing twice."""

import re
from datetime import timedelta

import pytest

from engine import bundles, clock, deployments
from engine.actor import SYSTEM, Actor
from tasks.approvals import operations as approvals
from tests.processes.shipped import ROOT
from tests.webui.conftest import MORNING, PASSWORD
from tests.webui.test_absences_and_approvals_api import ASK, FIRST, LAST, asked, waiting

SCANNER = {"User-Agent": "MailScanner/9.1 (link preview)"}


@pytest.fixture
def firm(office):
    with office.transaction() as session:
        deployments.deploy(session, bundles.read(ROOT / "absence"), by=SYSTEM, now=MORNING)
        deployments.deploy(session, {"request.bpmn": ASK}, by=SYSTEM, now=MORNING)
    return office


@pytest.fixture
def browser(firm):
    """Return a function that signs somebody in and posts with what their pages hand out."""

    def sign_in(username):
        client = firm.app.test_client()
        page = client.get("/sign-in").get_data(as_text=True)
        client.post("/sign-in", data={"username": username, "password": PASSWORD, "csrf_token": csrf_of(page)})
        return client

    return sign_in


def csrf_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def link(firm, username="bo", groups=("lawyers",)):
    asked(firm)
    task = waiting(getattr(firm, username))[0]["user_task_id"]
    to = Actor(username, frozenset(groups))
    with firm.transaction() as session:
        from uuid import UUID

        return approvals.issue_link(session, UUID(task), to=to, by=SYSTEM, now=clock.utc_now())


def test_ticked_ones_are_approved_and_the_page_says_why_others_are_not(firm, browser):
    asked(firm, "ana")
    asked(firm, "bo")
    bo = browser("bo")
    page = bo.get("/approvals").get_data(as_text=True)
    items = re.findall(r'name="item" value="([^"]+)"', page)
    assert len(items) == 2

    told = bo.post("/approvals", data={"csrf_token": csrf_of(page), "item": [*items, "rubbish", "<b>:x"]})

    text = told.get_data(as_text=True)
    assert "1 approved" in text
    assert "1 dropped out" in text
    assert "Another person has to do this" in text
    assert len(waiting(firm.bo)) == 1


def test_nothing_ticked_approves_nothing(firm, browser):
    asked(firm)
    bo = browser("bo")

    told = bo.post("/approvals", data={"csrf_token": csrf_of(bo.get("/approvals").get_data(as_text=True))})

    assert "Nothing was ticked" in told.get_data(as_text=True)
    assert len(waiting(firm.bo)) == 1


def test_a_scanner_that_opens_the_link_decides_nothing_and_the_person_does_once(firm):
    token = link(firm)
    scanner, person = firm.app.test_client(), firm.app.test_client()

    for method in ("get", "head", "options"):
        getattr(scanner, method)(f"/approve/{token}", headers=SCANNER)
    assert scanner.post(f"/approve/{token}", headers=SCANNER).status_code == 400
    page = person.get(f"/approve/{token}")
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert len(waiting(firm.bo)) == 1

    form = {"csrf_token": csrf_of(page.get_data(as_text=True))}
    assert person.post(f"/approve/{token}", data=form).status_code == 200
    assert waiting(firm.bo) == []
    again = person.post(f"/approve/{token}", data=form)
    assert again.status_code == 404
    assert "does not work any more" in again.get_data(as_text=True)


@pytest.mark.parametrize("token", ["x", "a" * 43, "%3Cscript%3Ealert(1)%3C%2Fscript%3E", "../../etc/passwd", "ü" * 40])
def test_links_that_never_were_are_dead_like_any_other(firm, token):
    answer = firm.app.test_client().get(f"/approve/{token}")

    assert answer.status_code == 404
    assert "<script>alert" not in answer.get_data(as_text=True)


def test_the_link_of_somebody_who_left_is_dead(firm):
    token = link(firm)
    with firm.transaction() as session:
        from practice.people import operations as people

        people.deactivate_user(session, "bo", by=SYSTEM, now=clock.utc_now())

    assert firm.app.test_client().get(f"/approve/{token}").status_code == 404


def test_booking_asks_again_when_a_group_would_have_nobody_and_then_books(firm, browser):
    otto = browser("otto")
    form = {"first_on": FIRST, "last_on": LAST, "reason": "leave", "note": "<script>x</script>"}
    form["csrf_token"] = csrf_of(otto.get("/absences/new").get_data(as_text=True))

    warned = otto.post("/absences", data=form).get_data(as_text=True)

    assert "Reception would have nobody" in warned
    assert firm.otto.get("absences").json["items"] == []
    assert otto.post("/absences", data={**form, "seen": "1"}).status_code == 303
    listed = otto.get("/absences").get_data(as_text=True)
    assert "AB-" in listed
    assert "&lt;script&gt;x" in listed
    assert "&lt;script&gt;x" not in browser("ana").get("/absences").get_data(as_text=True)


def test_a_bad_booking_keeps_what_was_typed(firm, browser):
    ana = browser("ana")
    form = {"first_on": LAST, "last_on": FIRST, "note": "Naxos", "substitute": "bo"}
    form["csrf_token"] = csrf_of(ana.get("/absences/new").get_data(as_text=True))

    answer = ana.post("/absences", data=form)

    assert answer.status_code == 422
    assert "Naxos" in answer.get_data(as_text=True)


def test_a_substitute_fills_the_form_in_and_the_matter_says_for_whom(firm, browser):
    instance = firm.start("leave", by="pia")
    task = firm.task(instance)
    assert firm.ana.post(f"user-tasks/{task['id']}/claim").status_code == 200
    today = clock.utc_now().date()
    booked = firm.ana.post(
        "absences",
        {
            "first_on": today.isoformat(),
            "last_on": (today + timedelta(days=3)).isoformat(),
            "substitutes": [{"username": "otto"}],
        },
    )
    assert booked.status_code == 201, booked.json
    with firm.transaction() as session:
        from tasks.absences import operations as absences

        absences.begin(session, booked.json["number"], by=SYSTEM, now=clock.utc_now())

    page = browser("otto").get(f"/inbox/{task['id']}").get_data(as_text=True)
    assert "You can read it; they fill it in." not in page
    done = firm.otto.post(f"user-tasks/{task['id']}/complete", {"variables": {"decision": "approve"}})
    assert (done.status_code, done.json["ended_by"], done.json["ended_for"]) == (200, "otto", "ana")
