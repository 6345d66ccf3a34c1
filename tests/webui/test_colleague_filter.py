"""Every list is narrowed to one colleague (E21), tells nothing by it, and finds people by name in a large firm."""

import re

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from practice.matters import teams
from practice.matters.models import MatterParty
from practice.matters.queries import get_by_number
from practice.people import operations as people
from tests.webui.closed_doors import MORNING, furnish, put_up_wall, sign_in
from tests.webui.conftest import PASSWORD
from webui.pages.colleagues import choices

#: Address of the list, and the name of the filter.
LISTS = (
    ("/matters", "person"), ("/clients", "person"), ("/parties", "person"), ("/leads", "originator"),
    ("/enquiries", "person"), ("/deadlines", "person"), ("/letters", "person"), ("/hearings", "person"),
    ("/document-requests", "person"), ("/conflicts", "person"), ("/conflicts/interests", "person"),
    ("/unmaskings", "person"), ("/walls", "person"), ("/access", "person"), ("/access/attempts", "person"),
    ("/absences", "person"), ("/audit", "by"), ("/inbox/narrow", "person"),
)  # fmt: skip
NUMBER = re.compile(r"2026-CV-\d{4}")


@pytest.fixture
def firm(office):
    furnish(office, 2)
    return office


@pytest.fixture
def chief(firm):
    """Somebody who reads every list of the firm."""
    with firm.transaction() as session:
        groups = ["managing_partners", "auditors", "conflicts_officers", "partners"]
        people.create_user(session, "rex", "Rex Chief", password=PASSWORD, groups=groups, by=SYSTEM, now=MORNING)
    return sign_in(firm, "rex")


def numbers(answer):
    assert answer.status_code == 200, answer.text
    return set(NUMBER.findall(re.sub(r'placeholder="[^"]*"', "", answer.text)))


def test_every_list_offers_the_colleagues_and_takes_one(firm, chief):
    for address, name in LISTS:
        page = chief.get(f"{address}?{name}=bo")
        assert page.status_code == 200, address
        assert re.search(rf'<select[^>]* name="{name}".*?<option value="bo" selected>Bo</option>', page.text), address


def test_a_list_holds_what_the_colleague_works_on_and_nothing_else(firm, chief):
    with firm.transaction() as session:
        teams.join(session, "2026-CV-0002", "bo", by=SYSTEM, now=MORNING)
    for address in ("/matters", "/clients", "/enquiries"):
        all_of_it, of_bo = chief.get(address).text, chief.get(f"{address}?person=bo").text
        assert "Orhan Demir" in all_of_it, address
        assert "Orhan Demir" not in of_bo, address
        assert "Ingrid Falk" in of_bo, address
        assert "Ingrid Falk" not in chief.get(f"{address}?person=otto").text, address
    parties = chief.get("/parties?person=bo").text
    assert "Baltic Cold Stores AB" in parties
    assert "Nordhafen Logistik GmbH" not in parties
    assert numbers(chief.get("/matters?person=nobody-of-that-name")) == set()


def test_the_inbox_is_narrowed_to_what_a_colleague_holds(firm, chief):
    held = chief.get("/inbox?scope=all&person=ana").text
    assert numbers(chief.get("/inbox?scope=all")) >= {"2026-CV-0001", "2026-CV-0002"}
    assert {"2026-CV-0001", "2026-CV-0002"} <= set(NUMBER.findall(held))
    assert NUMBER.findall(chief.get("/inbox?scope=all&person=bo").text) == []


def test_an_outsider_gets_nothing_by_naming_who_works_on_it(firm):
    bo = sign_in(firm, "bo")
    for address, name in LISTS:
        answer = bo.get(f"{address}?{name}=ana")
        assert answer.status_code in (200, 403), address
        assert set(NUMBER.findall(re.sub(r'placeholder="[^"]*"', "", answer.text))) == set(), address


def test_a_filter_does_not_tell_who_works_on_a_matter_that_the_reader_may_not_see(firm):
    """A client is visible by one matter; that somebody works on another one of theirs is not to be learnt."""
    with firm.transaction() as session:
        hidden = get_by_number(session, "2026-CV-0001", actor=SYSTEM)
        seen = get_by_number(session, "2026-CV-0002", actor=SYSTEM)
        seen.client_party_id = hidden.client_party_id
        as_client = sa.update(MatterParty).where(MatterParty.matter_id == seen.id, MatterParty.role == "client")
        session.execute(as_client.values(party_id=hidden.client_party_id))
        teams.join(session, "2026-CV-0002", "bo", by=SYSTEM, now=MORNING)
        teams.join(session, "2026-CV-0001", "pia", by=SYSTEM, now=MORNING)
    bo = sign_in(firm, "bo")

    assert "Orhan Demir" in bo.get("/clients").text
    assert "Orhan Demir" in bo.get("/clients?person=ana").text
    assert "Orhan Demir" not in bo.get("/clients?person=pia").text
    assert "Orhan Demir" not in bo.get("/parties?person=pia").text


def test_in_a_large_firm_colleagues_are_found_while_their_name_is_typed(firm, chief, monkeypatch):
    monkeypatch.setattr(choices, "MOST_WHOLE", 3)
    with firm.transaction() as session:
        for name, said in (("mei", "欧阳 Mei <b>"), ("omar", "عمر Omar"), ("gone", "Mei Gone")):
            people.create_user(session, name, said, password=PASSWORD, groups=["lawyers"], by=SYSTEM, now=MORNING)
        people.deactivate_user(session, "gone", by=SYSTEM, now=MORNING)

    page = chief.get("/matters?person=ana").text
    assert "<option" not in page.partition('id="person"')[2].partition("</datalist>")[0]
    assert 'value="Ana (ana)"' in page
    found = chief.get("/colleagues?field=person&person=mei").text
    assert '<option value="欧阳 Mei &lt;b&gt; (mei)">' in found
    assert "gone" not in found
    assert "(gone)" in chief.get("/colleagues?field=by&by=MEI+gone&former=1").text
    assert "(omar)" in chief.get("/colleagues?q=عمر").text
    assert chief.get("/colleagues?q=" + "x" * 5000).text.strip() == ""
    assert numbers(chief.get("/matters?person=Ana+(ana)")) == numbers(chief.get("/matters?person=ana")) != set()
    assert numbers(chief.get("/matters?person=Ana")) == numbers(chief.get("/matters?person=ana"))


def test_who_is_behind_a_wall_is_not_found_for_its_matter_and_a_stranger_learns_nothing(firm, chief):
    put_up_wall(firm, "2026-CV-0001", "bo")
    assert "(bo)" in chief.get("/colleagues?q=bo").text
    assert "(bo)" not in chief.get("/colleagues?q=bo&matter=2026-CV-0001").text
    assert sign_in(firm, "otto").get("/colleagues?q=bo&matter=2026-CV-0001").status_code == 404
    with firm.transaction() as session:
        people.create_user(
            session, "carl", "Carl Client", password=PASSWORD, groups=["clients"], by=SYSTEM, now=MORNING
        )
    carl = sign_in(firm, "carl")
    assert "(bo)" not in carl.get("/colleagues?q=bo").text
    assert 'name="person"' not in carl.get("/matters").text
