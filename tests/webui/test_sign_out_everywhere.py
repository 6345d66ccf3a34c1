"""Every session under a name ends at once: one's own by oneself, anybody's by who manages people, on record."""

import re

import pytest

from engine.actor import SYSTEM
from practice.audit import queries as audit
from practice.people import queries as people
from tests.webui.closed_doors import sign_in

HERE = "/people/bo"


def press(browser, username="bo"):
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/people").text).group(1)
    return browser.post(f"/people/{username}/sign-out", data={"csrf_token": token, "back": f"/people/{username}"})


def is_in(browser):
    return browser.get("/inbox").status_code == 200


def on_record(office):
    with office.transaction() as session:
        found = audit.search(session, audit.Wanted(kind="signed_out_everywhere"), actor=SYSTEM).items
        return [(event.by, event.entity_id) for event in found]


@pytest.fixture
def at_work(each_office):
    return sign_in(each_office, "bo")


def test_a_person_ends_all_their_sessions_and_signs_in_anew(each_office, at_work):
    at_home = sign_in(each_office, "bo")
    ana = sign_in(each_office, "ana")

    assert "/sign-in" in press(at_home).headers["Location"]

    assert (is_in(at_work), is_in(at_home), is_in(ana)) == (False, False, True)
    assert is_in(sign_in(each_office, "bo"))
    assert each_office.bo.get("user-tasks").status_code == 200, "programs go on"
    assert on_record(each_office) == [("bo", "bo")]


def test_who_manages_people_signs_a_colleague_out_and_stays_in(each_office, at_work):
    ada = sign_in(each_office, "ada")
    assert "Sign out everywhere" in ada.get(HERE).text

    assert press(ada).headers["Location"].startswith(HERE)
    assert (is_in(at_work), is_in(ada)) == (False, True)
    at_work = sign_in(each_office, "bo")
    assert each_office.ada.post("people/bo/sign-out").status_code == 204
    assert not is_in(at_work)
    assert on_record(each_office) == [("ada", "bo")] * 2


def test_nobody_else_signs_a_colleague_out(each_office, at_work):
    ana = sign_in(each_office, "ana")

    assert "Sign out everywhere" not in ana.get(HERE).text
    press(ana)
    assert each_office.ana.post("people/bo/sign-out").status_code == 403
    assert each_office.ada.post("people/nobody-of-that-name/sign-out").status_code == 404
    assert each_office.nobody.post("people/bo/sign-out").status_code == 401

    assert is_in(at_work)
    assert on_record(each_office) == []
    with each_office.transaction() as session:
        assert people.get(session, "bo").session_round == 0
