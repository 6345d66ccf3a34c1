"""The pages of access, walls and notices: what compliance reads, and what an outsider does not."""

import pytest

from tests.webui.closed_doors import cases, client, furnish, let_worker_run, put_up_wall, sign_in

WHY = "Ana is in hospital and the hearing is today."


def post(browser, address, **fields):
    page = browser.get("/notices").get_data(as_text=True)
    token = page.split('name="csrf-token" content="')[1].split('"')[0]
    return browser.post(address, data={"csrf_token": token, **fields})


@pytest.fixture
def number(each_office):
    (number,) = furnish(each_office)
    return number


def test_compliance_reads_case_attempt_and_wall(each_office, number):
    put_up_wall(each_office, number, "otto")
    each_office.bo.get(f"matters/{number}")
    let_worker_run(each_office)
    case = client(each_office, "olga").get("breach-cases").json["items"][0]["number"]
    browser = sign_in(each_office, "olga")

    pages = {
        "/access": ["Bo", case, "An outsider at a closed door"],
        "/access?state=open": [case],
        f"/access/cases/{case}": ["Bo", number, "wanted to see", "Explain your access"],
        "/access/attempts?person=bo": [number, "by a program"],
        "/walls": ["North", "1 of 1 not acknowledged"],
        "/walls/W-2026-0900": ["Kept out", "Otto", number, "Acted for them"],
        "/notices": ["Bo, who does not belong to it, tried to open", number],
        f"/matters/{number}": ["To outsiders this matter is", "W-2026-0900"],
    }

    for address, words in pages.items():
        answer = browser.get(address)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 200, address
        for word in words:
            assert word in text, (address, word)
    assert case not in browser.get("/access?state=closed").get_data(as_text=True)


def test_an_outsider_reads_nothing_of_it(each_office, number):
    put_up_wall(each_office, number, "otto")
    each_office.bo.get(f"matters/{number}")
    case = client(each_office, "olga").get("breach-cases").json["items"][0]["number"]
    browser = sign_in(each_office, "pia")

    for address in ("/access", "/access/attempts", "/walls", "/notices"):
        text = browser.get(address).get_data(as_text=True)
        assert number not in text, address
        assert "North" not in text, address
    for address in (f"/access/cases/{case}", "/walls/W-2026-0900"):
        assert browser.get(address).status_code == 404
    assert post(browser, "/walls/W-2026-0900/review").status_code == 404


def test_the_door_for_an_emergency_opens_only_where_it_may(each_office, number):
    browser = sign_in(each_office, "bo")

    assert post(browser, "/access/emergency", number=number, reason=WHY).status_code == 404
    assert post(sign_in(each_office, "ana"), f"/access/policy/{number}", policy="break_glass").status_code == 303
    assert post(browser, "/access/emergency", number=number, reason="now").status_code == 422
    opened = post(browser, "/access/emergency", number=number, reason=WHY)

    assert (opened.status_code, opened.location) == (303, f"/matters/{number}")
    assert browser.get(f"/matters/{number}").status_code == 200
    assert cases(each_office)[0][:2] == ("bo", number)


def test_notices_count_on_every_page_until_they_were_seen(each_office, number):
    each_office.bo.get(f"matters/{number}")
    browser = sign_in(each_office, "ana")
    assert "1 new notice" in browser.get("/matters").get_data(as_text=True)

    assert post(browser, "/notices/seen").status_code == 303

    assert "1 new notice" not in browser.get("/matters").get_data(as_text=True)
