"""The pages of people, units and rights: by whom they are read and what each form does."""

import re

import pytest

from engine.actor import SYSTEM
from practice.audit import queries as audit
from practice.directories import operations as directories
from practice.organisation import operations as organisation
from practice.people import operations as people
from practice.people import queries as known
from tests.webui.closed_doors import sign_in
from tests.webui.conftest import MORNING, PASSWORD


@pytest.fixture
def browse(office):
    return lambda username: sign_in(office, username)


@pytest.fixture
def outsider(office, browse):
    with office.transaction() as session:
        people.create_user(
            session, "carl", "Carl Client", password=PASSWORD, groups=["clients"], by=SYSTEM, now=MORNING
        )
    return browse("carl")


def send(browser, address, page=None, **data):
    shown = browser.get(page or "/people").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', shown).group(1)
    return browser.post(
        address, data={"csrf_token": token, "back": page or "/people", **data}, follow_redirects=True
    ).text


def test_somebody_joins_and_gets_record_skills_and_by_two_persons_groups_and_place(office, browse):
    ada, pia = browse("ada"), browse("pia")
    send(ada, "/units", code="taipei", name="Taipei <b>", kind="branch")
    made = send(ada, "/people", username="NEWT", full_name="李 Newt 🦎", password="a long enough password")
    assert "李 Newt 🦎" in made
    send(ada, "/people/newt/record", staff_class="senior", languages="zh-TW, en", joined_on="2026-09-01")
    send(ada, "/people/newt/skills", skills="Maritime\ntax law, 海商")
    send(ada, "/people/newt/groups", groups=["lawyers"], reason="Starts today")
    card = send(ada, "/people/newt/place", unit="taipei", post="Head of <i>rail</i>", reason="Starts today")
    assert "zh-TW, en" in card
    assert "海商" in card
    assert "Head of &lt;i&gt;rail" in card
    assert "Taipei &lt;b&gt;" in card
    assert 'value="approve"' not in card

    waiting = re.findall(r"/rights/([0-9a-f-]{36})/decide", pia.get("/rights").text)
    assert len(waiting) == 2
    for change in waiting:
        assert "in force" in send(pia, f"/rights/{change}/decide", decision="approve")

    with office.transaction() as session:
        assert known.get(session, "newt").groups == {"lawyers"}
    listed = pia.get("/people?unit=taipei&skill=tax+law").text
    assert "李 Newt 🦎" in listed
    assert "Bo" not in re.findall(r"<bdi>(\w+)</bdi>", listed)
    assert "Head of &lt;i&gt;rail" in pia.get("/people?q=RAIL").text


def test_an_account_is_locked_and_opened_and_its_tokens_and_password_are_kept(office, browse):
    ada, bo = browse("ada"), browse("bo")
    assert "a reason" in send(ada, "/people/bo/lock", reason="")
    assert bo.get("/people/bo").status_code == 200

    assert "Account locked" in send(ada, "/people/bo/lock", reason="Laptop lost")
    assert bo.get("/people/bo").status_code == 302
    assert "Works here" in send(ada, "/people/bo/unlock", reason="Laptop found")
    assert bo.get("/people/bo").status_code == 200
    token = re.search(r'value="(mf_[^"]+)"', send(bo, "/people/bo/tokens", name="Reports"))[1]
    assert office.nobody.get("me", headers={"Authorization": f"Bearer {token}"}).status_code == 200
    card = ada.get("/people/bo").text
    assert token not in card
    for address in re.findall(r"/people/bo/tokens/[0-9a-f-]{36}/revoke", card):
        send(ada, address)
    assert office.nobody.get("me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    send(ada, "/people/bo/password", password="another long password")
    assert bo.get("/people/bo").status_code == 302


def test_who_leaves_is_among_the_former_and_comes_back(browse):
    ada = browse("ada")
    assert "Left" in send(ada, "/people/bo/leave")
    assert "/people/bo" not in ada.get("/people").text
    assert "/people/bo" in ada.get("/people?state=gone").text
    assert "Works here" in send(ada, "/people/bo/return")


def test_authority_is_given_on_the_card_and_taken_away(office, browse):
    with office.transaction() as session:
        people.create_user(
            session, "max", "Max", password=PASSWORD, groups=["managing_partners"], by=SYSTEM, now=MORNING
        )
    boss = browse("max")
    card = send(boss, "/people/bo/limits", kind="payment", limit="1500.00", currency="EUR", valid_until="2026-12-31")
    assert "1,500.00" in card
    assert "1,500.00" in browse("bo").get("/people/bo").text
    assert "1,500.00" not in browse("ana").get("/people/bo").text
    gone = send(boss, re.search(r"/people/bo/limits/[0-9a-f-]{36}/revoke", card)[0])
    assert "1,500.00" not in gone


def test_units_are_founded_renamed_moved_by_two_and_closed(browse):
    ada, pia = browse("ada"), browse("pia")
    for code in ("south", "tainan"):
        send(ada, "/units", code=code, name=code.title(), kind="branch")
    assert "Südwest" in send(ada, "/units/south", name="Südwest", kind="department")
    send(ada, "/units/tainan/move", parent="south", reason="Merged")
    moved = re.search(r"/rights/([0-9a-f-]{36})/decide", pia.get("/rights").text)[1]
    send(pia, f"/rights/{moved}/decide", decision="approve")
    tree = ada.get("/units").text
    assert "– <a" in tree
    assert "at the top" in tree
    assert "cannot lie under itself" in send(ada, "/units/south/move", parent="tainan", reason="A ring")
    assert "lies under it" in send(ada, "/units/south/close")
    assert "Closed on" in send(ada, "/units/tainan/close")


def test_a_rule_is_proposed_agreed_to_and_taken_away_again(office, browse):
    ada, pia = browse("ada"), browse("pia")
    with office.transaction() as session:
        directories.add_entry(session, "event_kind", {"name": "Referral", "key": "referral"}, by=SYSTEM, now=MORNING)
    assert "needs an effect" in send(ada, "/rights/rules", effect="deny", action="read", reason="None named")
    said = send(
        ada, "/rights/rules", effect="deny", action="read", group_name="lawyers", event_kind="referral", reason="C28"
    )
    assert "Lawyers may not read: Referral" in said
    change = re.search(r"/rights/([0-9a-f-]{36})/decide", pia.get("/rights").text)[1]
    assert "Denied" in send(pia, f"/rights/{change}/decide", decision="approve", remark="Agreed")
    rule = re.search(r"/rights/rules/([0-9a-f-]{36})/remove", ada.get("/rights").text)[1]
    send(ada, f"/rights/rules/{rule}/remove", reason="No longer")
    change = re.search(r"/rights/([0-9a-f-]{36})/withdraw", ada.get("/rights").text)[1]
    send(ada, f"/rights/{change}/withdraw")
    assert "No longer" in ada.get("/rights?state=withdrawn").text


def test_without_the_right_no_form_is_offered_and_none_works(office, browse):
    ana = browse("ana")
    for page in ("/people", "/people/bo", "/units", "/rights"):
        assert not re.search(r'action="/(people|units|rights)/', ana.get(page).text), page
    assert ana.get("/people/new").status_code == 403
    for address, said in {
        "/people": {"username": "x1", "full_name": "X"},
        "/people/bo/record": {"staff_class": "senior"},
        "/people/bo/skills": {"skills": "tax"},
        "/people/bo/lock": {"reason": "A joke"},
        "/people/bo/leave": {},
        "/people/bo/password": {"password": "a long enough password"},
        "/people/bo/tokens": {"name": "mine"},
        "/people/bo/groups": {"groups": "partners", "reason": "Please"},
        "/people/bo/place": {"post": "Boss", "reason": "Please"},
        "/people/bo/limits": {"kind": "payment"},
        "/units": {"code": "x", "name": "X", "kind": "branch"},
        "/rights/rules": {"effect": "deny", "action": "read", "reason": "Please"},
    }.items():
        assert "toast late" in send(ana, address, **said), address
    with office.transaction() as session:
        kinds = {one.kind for one in audit.of(session, "user", "bo")}
    assert kinds == {"user_created", "api_token_issued"}


def test_people_from_outside_see_nobody_but_themselves(outsider, office):
    with office.transaction() as session:
        organisation.found_unit(session, "taipei", "Taipei", "branch", by=SYSTEM, now=MORNING)

    assert re.findall(r'href="/people/(\w+)"', outsider.get("/people").text) == ["carl"]
    assert outsider.get("/people/carl").status_code == 200
    assert outsider.get("/people/ana").status_code == 404
    assert "Taipei" not in outsider.get("/units").text + outsider.get("/people").text
