"""The conflict report: made for a partner's decision, and silent about what its reader may not see."""

import re

import pytest

from engine import deployments
from engine.actor import SYSTEM
from tests.webui.conftest import MORNING, PASSWORD
from tests.webui.test_conflict_checks import WALL, bundle, check, open_against


@pytest.fixture
def browser(office):
    def sign_in(username):
        client = office.app.test_client()
        token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
        assert token
        client.post("/sign-in", data={"csrf_token": token[1], "username": username, "password": PASSWORD})
        return client

    return sign_in


def token_of(page):
    found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
    assert found
    return found[1]


def test_an_absolute_conflict_offers_no_decision(office, browser):
    number = open_against(office, "Сергей Иванов")
    made = check(office.pia, "Ivanov S.").json

    page = browser("ada").get(f"/conflicts/{made['id']}")

    assert page.status_code == 200
    assert "The firm must not act." in page.text
    assert "Сергей Иванов" in page.text
    assert number in page.text
    assert "Same name in Cyrillic" in page.text
    assert "Keep the decision" not in page.text


def test_a_partner_decides_on_the_report_and_reasons_are_kept(office, browser):
    number = open_against(office, "Nordlicht GmbH", client="Сергей Иванов")
    with office.transaction() as session:
        deployments.deploy(session, bundle("ethical_wall"), by=SYSTEM, now=MORNING)
    wall = office.pia.post("walls", WALL | {"around": [number]}).json["number"]
    made = check(office.ada, "Sergei Ivanov", role="other").json
    client = browser("pia")
    url = f"/conflicts/{made['id']}"
    form = {"csrf_token": token_of(client.get(url)), "decision": "relative", "note": "He agrees to it."}

    refused = client.post(f"{url}/decisions", data=form)
    unknown = {"consent_from": "Sergei Ivanov", "consent_on": "2026-09-01", "wall_number": "W-2026-0099"}
    wrong = client.post(f"{url}/decisions", data=form | unknown)
    form |= unknown | {"wall_number": wall}
    done = client.post(f"{url}/decisions", data=form)

    assert refused.status_code == 422
    assert "needs the written consent" in refused.text
    assert done.status_code == 303
    assert f'<option value="{wall}" selected>' not in wrong.text
    assert f'<option value="{wall}">{wall} East (' in wrong.text
    page = client.get(url).text
    assert "He agrees to it." in page
    assert f'href="/walls/{wall}"' in page


def test_names_are_checked_on_the_page_and_an_outsider_reads_nothing(office, browser):
    number = open_against(office, "Сергей Иванов")
    client = browser("bo")
    form = {"csrf_token": token_of(client.get("/conflicts")), "client": "Sergei Ivanov", "opponent": "", "other": ""}

    made = client.post("/conflicts", data=form)
    page = client.get(made.headers["Location"])

    assert page.status_code == 200
    assert "The firm must not act." in page.text
    assert number not in page.text
    assert "Сергей" not in page.text
    assert browser("otto").get(made.headers["Location"]).status_code == 404


def test_ties_are_declared_and_ended_on_a_page(office, browser):
    client = browser("ana")
    token = token_of(client.get("/conflicts/interests"))

    refused = client.post("/conflicts/interests", data={"csrf_token": token, "name": " ", "kind": "own"})
    client.post("/conflicts/interests", data={"csrf_token": token, "name": "<b>Beton</b> AG", "kind": "own"})

    page = client.get("/conflicts/interests").text
    assert refused.status_code == 422
    assert "&lt;b&gt;Beton&lt;/b&gt; AG" in page
    end = re.search(r'action="(/conflicts/interests/[^"]+/end)"', page)[1]
    assert client.post(end, data={"csrf_token": token}).status_code == 303
    assert "Beton" not in browser("bo").get("/conflicts/interests").text
    assert re.search(r'action="/conflicts/interests/[^"]+/end"', client.get("/conflicts/interests").text) is None
