"""The pages of deadlines: the list, the matter's section, registering by rule, two persons, and nothing for outsiders."""

import re

import pytest

from tests.webui.conftest import PASSWORD
from tests.webui.test_deadlines_api import APPEAL, appeal, ruiz  # noqa: F401 - fixtures


def token_of(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page).group(1)


@pytest.fixture
def browse(office):
    """Return a signed-in browser of a person."""

    def sign_in(username):
        client = office.app.test_client()
        page = client.get("/sign-in").get_data(as_text=True)
        answer = client.post(
            "/sign-in", data={"username": username, "password": PASSWORD, "csrf_token": token_of(page)}
        )
        assert answer.status_code in (302, 303), answer.get_data(as_text=True)[:500]
        return client

    return sign_in


def test_a_deadline_is_calculated_registered_and_verified_by_another(office, ruiz, browse):  # noqa: F811
    ana, pia = browse("ana"), browse("pia")
    chosen = "/deadlines/new?matter=2026-CV-0001&pack=cn&rule=appeal_judgment&anchor_on=2026-09-16"
    page = ana.get(chosen).get_data(as_text=True)
    # 1 October is National Day; the 9th is the first working day.
    assert "2 Oct 2026" not in page
    assert "National Day" in page
    data = {
        "csrf_token": token_of(page),
        "matter": "2026-CV-0001",
        "pack": "cn",
        "rule": "appeal_judgment",
        "anchor_on": "2026-09-01",
    }

    refused = ana.post("/deadlines", data=data, follow_redirects=True).get_data(as_text=True)
    assert "compared with a document" in refused
    made = ana.post("/deadlines", data={**data, "source": APPEAL["source"]})
    address = made.headers["Location"]
    own = ana.get(address).get_data(as_text=True)
    assert "16 Sept 2026" in own or "16 Sep 2026" in own
    assert "You are the second person" not in own

    theirs = pia.get(address).get_data(as_text=True)
    assert "You are the second person" in theirs
    body = {"csrf_token": token_of(theirs), "due_on": "2026-09-17", "document_seen": "1"}
    assert "is not the day on record" in pia.post(f"{address}/verify", data=body, follow_redirects=True).get_data(True)
    done = pia.post(f"{address}/verify", data={**body, "due_on": "2026-09-16"}, follow_redirects=True)
    assert "Verified by" in done.get_data(as_text=True)
    assert "Appeal against a judgment" in ana.get("/matters/2026-CV-0001").get_data(as_text=True)


def test_the_list_shows_what_waits_for_the_second_person(office, appeal, browse):  # noqa: F811
    page = browse("pia").get("/deadlines?scope=mine").get_data(as_text=True)
    assert "Waiting for you" in page
    assert re.findall("<span><bdi>(.*?)</bdi></span>", page) == ["Ana"]
    own = browse("ana").get("/deadlines?scope=mine&period=30").get_data(as_text=True)
    assert "Waiting for you" not in own


def test_an_end_is_said_by_one_and_confirmed_by_another(office, appeal, browse):  # noqa: F811
    ana, pia, address = browse("ana"), browse("pia"), f"/deadlines/{appeal['id']}"
    page = ana.get(address).get_data(as_text=True)
    said = {"csrf_token": token_of(page), "outcome": "met", "reason": "Receipt 7741"}
    assert "Said to be over" in ana.post(f"{address}/end", data=said, follow_redirects=True).get_data(as_text=True)

    page = pia.get(address).get_data(as_text=True)
    done = pia.post(f"{address}/confirm", data={"csrf_token": token_of(page)}, follow_redirects=True)

    assert "Ended because" in done.get_data(as_text=True)


def test_an_outsider_sees_no_page_of_it(office, appeal, browse):  # noqa: F811
    bo = browse("bo")

    assert "Appeal against" not in bo.get("/deadlines?scope=all").get_data(as_text=True)
    assert bo.get(f"/deadlines/{appeal['id']}").status_code == 404
    assert bo.get("/deadlines/new?matter=2026-CV-0001").status_code == 404
    page = bo.get("/deadlines").get_data(as_text=True)
    answer = bo.post(f"/deadlines/{appeal['id']}/verify", data={"csrf_token": token_of(page)}, follow_redirects=True)
    assert answer.status_code == 404


def test_a_chain_is_registered_as_a_whole_from_one_day(office, ruiz, browse):  # noqa: F811
    ana = browse("ana")
    page = ana.get("/deadlines/new?matter=2026-CV-0001&pack=cn").get_data(as_text=True)
    assert "Complaint served on our client" in page
    data = {"csrf_token": token_of(page), "matter": "2026-CV-0001", "pack": "cn", "chain": "claim_served"}

    refused = ana.post("/deadlines", data={**data, "anchor_on": "2026-09-01"}, follow_redirects=True)
    assert "compared with a document" in refused.get_data(as_text=True)
    said = {**data, "anchor_on": "2026-09-01", "source": "Summons of 28 August"}
    shown = ana.post("/deadlines", data=said, follow_redirects=True).get_data(as_text=True)

    registered = ana.get("/deadlines?scope=all").get_data(as_text=True)
    assert "A second person has to verify" in shown
    assert len(set(re.findall(r'href="/deadlines/([0-9a-f-]{36})"', registered))) >= 2


def test_no_jurisdiction_is_taken_for_granted(office, ruiz, browse):  # noqa: F811
    page = browse("ana").get("/deadlines/new?matter=2026-CV-0001").get_data(as_text=True)

    assert '<option value="cn">' in page
    assert " selected" not in page.split('id="pack"')[1].split("</select>")[0]
    assert 'id="rule"' not in page
    assert 'id="chain"' not in page
