"""Signing in, staying signed in, and who a session or a token speaks for."""

import re
from datetime import timedelta

import pytest
from flask import Flask, jsonify, request

from engine import clock
from engine.actor import SYSTEM
from practice.people import operations as people
from tests.webui.conftest import PASSWORD
from webui import auth
from webui.errors import SignInRefused, TooManySignIns


def with_sign_in(app: Flask):
    """Give the application the smallest pages that sign in and out."""

    @app.post("/test-sign-in")
    def enter():
        person = auth.sign_in(request.form["username"], request.form["password"])
        return jsonify({"username": person.username})

    @app.post("/test-sign-out")
    def leave():
        auth.sign_out()
        return {}

    @app.get("/test-token")
    def token():
        from flask_wtf.csrf import generate_csrf

        return {"csrf": generate_csrf()}

    return app


@pytest.fixture
def browser(office):
    return with_sign_in(office.app).test_client()


def csrf(browser):
    return browser.get("/test-token").json["csrf"]


def enter(browser, username="ana", password=PASSWORD, token=None):
    form = {"username": username, "password": password, "csrf_token": token or csrf(browser)}
    return browser.post("/test-sign-in", data=form)


def test_who_knows_the_password_comes_in_and_stays(browser):
    assert enter(browser).status_code == 200

    me = browser.get("/api/v1/me")

    assert (me.status_code, me.json["username"], me.json["groups"]) == (200, "ana", ["lawyers"])


def test_names_are_taken_in_any_case(browser):
    assert enter(browser, "  ANA ").status_code == 200


@pytest.mark.parametrize(
    ("username", "password"), [("ana", "wrong"), ("nobody", PASSWORD), ("", ""), ("ana\0", "x"), ("x" * 10_000, "y")]
)
def test_all_failures_are_answered_alike(browser, username, password):
    answer = enter(browser, username, password)

    assert answer.status_code == 422
    assert SignInRefused.__doc__ in answer.get_data(as_text=True)
    assert browser.get("/api/v1/me").status_code == 401


def test_a_closed_account_does_not_come_in_and_is_thrown_out(office, browser):
    enter(browser)
    with office.transaction() as session:
        people.deactivate_user(session, "ana", by=SYSTEM, now=clock.utc_now())

    assert browser.get("/api/v1/me").status_code == 401
    assert office.ana.get("me").status_code == 401
    assert enter(browser).status_code == 422


def test_signing_in_begins_a_new_session(browser):
    browser.get("/test-token")
    before = browser.get_cookie("matterflow_session").value

    enter(browser)

    cookie = browser.get_cookie("matterflow_session")
    assert cookie.value != before
    with browser.session_transaction() as session:
        assert set(session) <= {"_user_id", "_fresh", "_id", "_permanent"}


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(make_office):
    browser = with_sign_in(make_office(https=True).app).test_client()

    answer = browser.get("/test-token", base_url="https://firm.example")

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" in cookie
    assert "max-age" in answer.headers["Strict-Transport-Security"]


def test_a_new_password_ends_the_sessions_of_the_old_one(office, browser):
    enter(browser)
    with office.transaction() as session:
        people.change_password(session, "ana", "another long password", by=SYSTEM, now=clock.utc_now())

    assert browser.get("/api/v1/me").status_code == 401


def test_signing_out_ends_the_session(browser):
    enter(browser)

    browser.post("/test-sign-out", data={"csrf_token": csrf(browser)})

    assert browser.get("/api/v1/me").status_code == 401


def test_a_session_that_was_tampered_with_is_none(browser):
    enter(browser)
    cookie = browser.get_cookie("matterflow_session").value
    browser.set_cookie("matterflow_session", cookie[:-2] + ("aa" if not cookie.endswith("aa") else "bb"))

    assert browser.get("/api/v1/me").status_code == 401


# Throttling ---------------------------------------------------------------------------------------


def test_a_name_is_throttled_after_ten_failures_even_for_the_right_password(browser):
    token = csrf(browser)
    for _ in range(10):
        assert enter(browser, "ana", "wrong", token).status_code == 422

    answer = enter(browser, "ana", PASSWORD, token)

    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 301
    assert enter(browser, "bo", PASSWORD, token).status_code == 200


def test_an_address_is_throttled_whatever_names_it_tries(make_office):
    browser = with_sign_in(make_office(sign_in_attempts=2).app).test_client()
    token = csrf(browser)
    for name in range(8):
        assert enter(browser, f"somebody{name}", "wrong", token).status_code == 422

    assert enter(browser, "ana", PASSWORD, token).status_code == 429


def test_a_success_forgets_the_failures_before_it(browser):
    for _ in range(3):
        for _ in range(8):
            enter(browser, "ana", "wrong")
        assert enter(browser).status_code == 200


def test_too_many_sign_ins_say_how_long_to_wait():
    assert TooManySignIns(17).details() == {"retry_after_s": 17}


# CSRF ---------------------------------------------------------------------------------------------


def test_a_form_without_its_token_is_refused(browser):
    answer = browser.post("/test-sign-in", data={"username": "ana", "password": PASSWORD})

    assert answer.status_code == 400
    assert browser.get("/api/v1/me").status_code == 401


def test_the_api_asks_a_session_for_the_token_and_a_bearer_for_none(office, browser):
    enter(browser)
    body = {"process_key": "leave"}

    without = browser.post("/api/v1/process-instances", json=body)
    with_token = browser.post("/api/v1/process-instances", json=body, headers={"X-CSRFToken": csrf(browser)})
    bearer = office.ana.post("process-instances", body)

    assert (without.status_code, without.json["code"]) == (400, "csrf_missing")
    assert with_token.status_code == 201
    assert bearer.status_code == 201


def test_an_authorization_header_that_is_wrong_does_not_let_the_cookie_in(browser):
    enter(browser)

    answer = browser.post(
        "/api/v1/process-instances", json={"process_key": "leave"}, headers={"Authorization": "Bearer x"}
    )

    assert answer.status_code == 401


def test_who_is_not_signed_in_is_told_so_and_not_about_tokens(office):
    assert office.nobody.post("process-instances", {"process_key": "leave"}).status_code == 401


# Bearer tokens ------------------------------------------------------------------------------------


def test_a_token_speaks_for_its_person(office):
    assert office.ada.get("me").json["rights"] == sorted(
        office.app.extensions["matterflow_rights"].groups["administrators"]
    )


def test_a_revoked_token_is_none(office):
    from practice.people.queries import by_username, tokens_of

    with office.transaction() as session:
        for token in tokens_of(session, by_username(session, "ana")):
            people.revoke_token(session, token.id, by=SYSTEM, now=clock.utc_now())

    assert office.ana.get("me").status_code == 401


def test_when_a_token_was_used_is_noted_once_an_hour(office, monkeypatch):
    from practice.people.queries import by_username, tokens_of

    def last_used_at():
        with office.transaction() as session:
            return tokens_of(session, by_username(session, "ana"))[0].last_used_at

    assert last_used_at() is None
    office.ana.get("me")
    first = last_used_at()
    office.ana.post("process-instances", {"process_key": "leave"})
    assert last_used_at() == first
    monkeypatch.setattr(clock, "_offset", timedelta(hours=2))
    office.ana.get("me")
    assert last_used_at() > first


def test_no_cookie_is_set_for_programs(office):
    assert "Set-Cookie" not in office.ana.get("me").headers


def test_tokens_never_reach_the_log(office, caplog):
    caplog.set_level("DEBUG")
    office.ana.get("me")

    assert not re.search(re.escape(office.tokens["ana"]), caplog.text)
