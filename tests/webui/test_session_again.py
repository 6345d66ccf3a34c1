"""Signing in again from a page that stayed open, and telling who else has a task open."""

import pytest

from engine import clock
from engine.actor import SYSTEM
from practice.people import operations as people
from tests.webui.conftest import PASSWORD, serving
from tests.webui.listening import listening


def enter(browser, username="ana", password=PASSWORD):
    token = browser.get("/session").json["csrf_token"]
    sent = {"username": username, "password": password}
    return browser.post("/session", json=sent, headers={"X-CSRFToken": token})


@pytest.fixture
def browser(office):
    return office.app.test_client()


def test_who_is_not_signed_in_is_told_so_with_a_token_to_sign_in_with(browser):
    answer = browser.get("/session")

    assert (answer.status_code, answer.json["username"]) == (401, None)
    assert answer.json["csrf_token"]


def test_signing_in_again_answers_a_token_that_is_good_for_what_is_sent_next(browser):
    entered = enter(browser)

    assert (entered.status_code, entered.json["username"]) == (200, "ana")
    assert browser.get("/session").json["username"] == "ana"
    body = {"process_key": "leave"}
    headers = {"X-CSRFToken": entered.json["csrf_token"]}
    assert browser.post("/api/v1/process-instances", json=body, headers=headers).status_code == 201


@pytest.mark.parametrize(
    "sent", [["ana", "wrong"], ["nobody", PASSWORD], ["", ""], ["ana\0", PASSWORD], ["🙂" * 300, "x"]]
)
def test_a_wrong_password_is_refused_in_words(browser, sent):
    answer = enter(browser, *sent)

    assert answer.status_code == 422
    assert "wrong" in answer.json["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b'{"username": 7, "password": {}}', b"{"])
def test_what_is_no_sign_in_signs_nobody_in(browser, body):
    token = browser.get("/session").json["csrf_token"]
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}

    assert browser.post("/session", data=body, headers=headers).status_code == 422


def test_without_its_token_nobody_is_signed_in(browser):
    assert browser.post("/session", json={"username": "ana", "password": PASSWORD}).status_code == 400


def test_guessing_here_is_slowed_down_too(browser):
    answers = [enter(browser, password="wrong").status_code for _ in range(11)]

    assert answers[-1] == 429


@pytest.mark.parametrize(("headers", "carries"), [
    ({"Sec-Fetch-Mode": "navigate"}, True), ({}, True),
    ({"Sec-Fetch-Mode": "cors"}, False), ({"Sec-Fetch-Mode": "same-origin", "HX-Request": "true"}, False),
])  # fmt: skip
def test_only_pages_prolong_a_session(browser, headers, carries):
    """The late answer to something beside a page must not bring back a session that was signed out of."""
    enter(browser)

    answer = browser.get("/inbox", headers=headers)

    assert answer.status_code == 200
    assert (answer.headers.get("Set-Cookie", "").startswith("matterflow_session=")) is carries


def looked_at(office, http, who, task, method="PUT"):
    headers = {"Authorization": f"Bearer {office.tokens[who]}"}
    return http.request(method, f"/inbox/{task['id']}/looking", json={}, headers=headers)


@pytest.fixture
def task(office):
    return office.task(office.start())


def test_who_else_has_a_task_open_is_told_to_those_who_have(office, over_http, task):
    assert looked_at(office, over_http, "bo", task).json() == {"others": []}

    with listening(over_http, office.tokens["bo"]) as bo, listening(over_http, office.tokens["pia"]) as pia:
        assert looked_at(office, over_http, "ana", task).json() == {"others": ["Bo"]}
        bo.wait(lambda ear: ear.of("looking") == [{"task": task["id"], "others": ["Ana"]}])
        looked_at(office, over_http, "ana", task, "DELETE")
        bo.wait(lambda ear: ear.of("looking")[-1] == {"task": task["id"], "others": []})

    assert pia.of("looking") == []


def test_a_task_that_one_may_not_see_cannot_be_looked_at(office, over_http, task):
    assert looked_at(office, over_http, "otto", task).status_code == 404
    looked_at(office, over_http, "otto", task, "DELETE")

    assert looked_at(office, over_http, "bo", task).json() == {"others": []}


def test_who_may_see_a_task_no_more_is_not_told_who_looks(office, over_http, task):
    looked_at(office, over_http, "bo", task)

    with listening(over_http, office.tokens["bo"]) as bo:
        with office.transaction() as session:
            people.change_groups(session, "bo", {"reception"}, by=SYSTEM, now=clock.utc_now())
        looked_at(office, over_http, "ana", task)
        office.start("parcel", by="otto")
        looked_at(office, over_http, "bo", task, "DELETE")

    assert bo.of("looking") == []


@pytest.mark.parametrize("each_office", ["postgresql"], indirect=True)
def test_who_looks_through_another_server_is_known_here_too(each_office):
    from webui.app import create_app
    from webui.db import db

    office, other = each_office, create_app(each_office.settings)
    task = office.task(office.start())
    there = type(office)(other, office.settings, office.tokens)
    with serving(office) as near, serving(there) as far, listening(near, office.tokens["bo"]) as bo:
        looked_at(office, near, "bo", task)
        looked_at(office, far, "ana", task)
        # Bo may have been told before that nobody else was there.
        bo.wait(lambda ear: ear.of("looking")[-1:] == [{"task": task["id"], "others": ["Ana"]}])
    with other.app_context():
        db.engine.dispose()
