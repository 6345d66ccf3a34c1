"""For random firms, no page, list of the API or export holds a matter that brute force says is not for its reader."""

import re

import pytest
from hypothesis import given

from engine import clock
from tests.webui import worlds
from tests.webui.closed_doors import sign_in
from tests.webui.test_rights_everywhere import IMPATIENT
from tests.webui.worlds import PEOPLE, BruteForce

NUMBER = re.compile(r"2026-CV-(\d{4})")
#: What a number looks like, in an empty field.
EXAMPLE = re.compile(r'placeholder="[^"]*"')
#: What is no list, or ends the session.
NOT_READ = {"/api/v1/openapi.json", "/healthz", "/readyz", "/metrics", "/sw.js", "/sign-in", "/offline"}


@pytest.fixture
def made(each_office, monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: worlds.NOW)
    with each_office.transaction() as session:
        return worlds.found(session)


@pytest.fixture
def browsers(each_office, made):
    return {person: sign_in(each_office, person) for person in PEOPLE}


def lists(app):
    """Every address without a variable part, each also with words to search for."""
    found = {rule.rule for rule in app.url_map.iter_rules() if "GET" in rule.methods and not rule.arguments}
    plain = sorted(found - NOT_READ)
    return plain + [f"{path}?q=Alpha" for path in plain] + ["/search?q=2026-CV", "/api/v1/search?q=2026-CV"]


@pytest.mark.slow
@IMPATIENT
@given(world=worlds.worlds.map(worlds.tidied))
def test_no_list_holds_what_is_not_for_its_reader(each_office, made, browsers, world):
    with each_office.transaction() as session:
        worlds.live_in(session, made, world)
    for person in PEOPLE:
        rules, client, browser = BruteForce(world, person), getattr(each_office, person), browsers[person]
        known = rules.all(rules.sees) | rules.all(rules.sees_instance) | rules.all(rules.sees_task)
        known |= rules.all(rules.sees_enquiry)
        for path in lists(each_office.app):
            answer = client.get(path) if path.startswith("/api/") else browser.get(path)
            assert answer.status_code in (200, 204, 302, 303, 400, 401, 403, 404, 422), (path, answer.status_code)
            assert numbers(answer) <= known, (path, person)


@IMPATIENT
@given(world=worlds.worlds.map(worlds.tidied))
def test_lists_and_exports_hold_all_that_is_for_their_reader(each_office, made, browsers, world):
    with each_office.transaction() as session:
        worlds.live_in(session, made, world)
    for person in PEOPLE:
        rules, client, browser = BruteForce(world, person), getattr(each_office, person), browsers[person]
        seen = rules.all(rules.sees)

        assert numbers(browser.get("/matters")) == seen
        # What is secret leaves the house by nobody.
        taken_out = {matter for matter in seen if world.secrecy[matter] != "secret"}
        for answer in (client.get("exports/matters?format=csv"), browser.get("/import/export/matters.csv")):
            held = numbers(answer)
            answer.close()
            if "export_data" in rules.rights:
                assert (answer.status_code, held) == (200, taken_out)
            else:
                assert answer.status_code == 403


def numbers(answer):
    return {int(found) for found in NUMBER.findall(EXAMPLE.sub("", answer.text))}
