"""The card of a matter, combined searches, the directories and the import, as people use them."""

import io
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from engine import deployments
from engine.actor import SYSTEM
from practice.directories import operations as directories
from practice.events.models import Event
from practice.people import preferences
from practice.people.preferences import Preferences
from tests.conftest import NOON
from tests.practice.firm import civil
from tests.webui.closed_doors import sign_in
from tests.webui.matters.test_exchange import BAD, GOOD
from tests.webui.matters.test_matters_api import NEW, SOME


@pytest.fixture
def firm(each_office):
    with each_office.transaction() as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=NOON)
        directories.seed(session, SOME, by=SYSTEM, now=NOON)
    return each_office


@pytest.fixture
def opened(firm):
    return firm.pia.post("matters", NEW).json["number"]


def text_of(browser, address):
    answer = browser.get(address)
    assert answer.status_code == 200, address
    return answer.get_data(as_text=True)


def send(browser, page, address, **fields):
    token = text_of(browser, page).split('name="csrf_token" value="')[1].split('"')[0]
    return browser.post(address, data={"csrf_token": token, "back": page, **fields})


def test_an_event_begins_at_the_hour_that_was_typed_where_its_reader_is(firm, opened):
    with firm.transaction() as session:
        preferences.change(session, "ana", Preferences(time_zone="Asia/Taipei"), by=SYSTEM, now=NOON)
    browser, page = sign_in(firm, "ana"), f"/matters/{opened}"
    planned = {"kind": "client_meeting", "responsible": "ana", "planned_start_at": "2026-12-01T22:05"}

    assert send(browser, page, f"{page}/events", **planned).status_code == 303
    assert send(browser, page, f"{page}/events", **planned | {"planned_start_at": "<b>soon"}).status_code == 303

    with firm.transaction() as session:
        assert session.scalars(sa.select(Event.planned_start_at)).all() == [datetime(2026, 12, 1, 14, 5, tzinfo=UTC)]
    assert "22:05" in text_of(browser, page)


def test_the_card_holds_everything_about_a_matter_and_is_changed_in_place(firm, opened):
    firm.ana.post(f"matters/{opened}/proceedings", {"level": "first_instance", "court": "District Court"})
    line = {"recovery_kind": "treatment", "amount": "100", "currency": "EUR"}
    firm.ana.put(f"matters/{opened}/proceedings/1/claims", {"lines": [line]})
    browser, page = sign_in(firm, "ana"), f"/matters/{opened}"

    assert send(browser, page, f"{page}/parties", name="Vita Insurance", role="other", side="theirs").status_code == 303
    assert send(browser, page, f"{page}/team", username="bo").status_code == 303
    facts = {"direction": "railway", "tags": ["urgent"], "confidentiality": "restricted"}
    assert send(browser, page, f"{page}/file", **facts).status_code == 303
    planned = {"kind": "client_meeting", "title": "First talk", "responsible": ["ana", "bo"], "ended_by": "all"}
    assert send(browser, page, f"{page}/events", **planned).status_code == 303

    text = text_of(browser, page)
    for word in ("Vita Insurance", "the other side", "Bo", "Railway", "Urgent", "Need to know", "First talk", "Planned",
                 "District Court", "First instance", "Treatment", "100.00"):  # fmt: skip
        assert word in text, word
    event = text.split("/events/")[1].split("/finish")[0]
    send(browser, page, f"{page}/events/{event}/finish")
    send(sign_in(firm, "bo"), page, f"{page}/events/{event}/finish")
    assert "Ended" in text_of(browser, page)
    assert send(browser, page, f"{page}/team/bo/leave").status_code == 303
    assert "Before" in text_of(browser, page)
    assert sign_in(firm, "bo").get(page).status_code == 404


def test_a_form_that_is_refused_leads_back_and_says_why(firm, opened):
    browser, page = sign_in(firm, "ana"), f"/matters/{opened}"

    answer = send(browser, page, f"{page}/events", kind="nothing")

    assert (answer.status_code, answer.headers["Location"]) == (303, page)
    assert "no such one that is switched on" in text_of(browser, page)


def test_a_reader_sees_the_card_without_its_forms(firm, opened):
    text = text_of(sign_in(firm, "ada"), f"/matters/{opened}")

    assert "Ana Ruiz" in text
    assert f"/matters/{opened}/parties" not in text


def test_a_combined_search_is_kept_offered_and_forgotten(firm, opened):
    firm.ana.patch(f"matters/{opened}", {"direction": "railway"})
    browser, page = sign_in(firm, "ana"), "/matters?direction=injury&person=ana&state=nonsense"
    assert opened in text_of(browser, page)
    assert opened not in text_of(browser, "/matters?person=bo")

    kept = send(browser, page, "/searches", name="Rail & me", direction="injury", person="ana", is_shared="yes")

    assert kept.headers["Location"].startswith("/matters?")
    text = text_of(browser, "/matters?direction=injury&person=ana")
    assert "Rail &amp; me" in text
    assert "Rail &amp; me" in text_of(sign_in(firm, "bo"), "/matters")
    assert opened not in text_of(sign_in(firm, "bo"), "/matters?direction=injury&person=ana")
    selection = text.split("/searches/")[1].split("/forget")[0]
    assert send(browser, "/matters?direction=injury&person=ana", f"/searches/{selection}/forget").status_code == 303
    assert "Rail &amp; me" not in text_of(browser, "/matters")


def test_an_entry_is_called_what_it_is_called_in_the_readers_language(firm, opened):
    browser, page = sign_in(firm, "ada"), "/directories/event_kind"
    names = {"called-ru": "Встреча", "called-zh-Hant": "會面", "called-el": ""}
    kept = send(
        browser, page, f"{page}/client_meeting", name="Client meeting", parent="meetings", is_active="yes", **names
    )
    card = f"/matters/{opened}"
    reader = sign_in(firm, "ana")
    planned = {"kind": "client_meeting", "responsible": "ana", "planned_start_at": "2026-12-01T22:05"}
    send(reader, card, f"{card}/events", **planned)
    send(reader, card, f"{card}/events", **planned, title="Tea")
    with firm.transaction() as session:
        preferences.change(session, "ana", Preferences(language="ru"), by=SYSTEM, now=NOON)

    text = text_of(reader, card)

    assert kept.status_code == 303
    assert [text.count(f"<bdi>{title}</bdi>") for title in ("Встреча", "Client meeting", "Tea")] == [1, 0, 1]
    assert "Встреча" in text_of(reader, page)
    assert 'value="Встреча"' in text_of(browser, page)
    entries = firm.ada.get("directories/event_kind/entries").json["items"]
    assert entries[1]["names"] == {"ru": "Встреча", "zh-Hant": "會面"}


def test_a_directory_is_edited_by_an_administrator_on_its_page(firm):
    browser, page = sign_in(firm, "ada"), "/directories/direction"
    assert send(browser, page, page, name="Aviation", parent="injury").status_code == 303
    assert send(browser, page, f"{page}/railway", name="Rail", parent="", is_active="").status_code == 303
    firm.ada.post("directories/region/entries", {"name": "North"})
    assert (
        send(browser, "/directories/court", "/directories/court", name="District Court", region="north").status_code
        == 303
    )
    assert (
        send(
            browser, "/directories/court", "/directories/court/district_court", name="DC", region="", is_active="yes"
        ).status_code
        == 303
    )

    text = text_of(browser, page)
    assert "Aviation" in text
    assert "Off" in text
    assert "DC" in text_of(browser, "/directories/court")
    assert "Add an entry" not in text_of(sign_in(firm, "ana"), page)
    send(sign_in(firm, "ana"), "/matters", page, name="Mine")
    assert "Mine" not in text_of(browser, page)


def test_a_file_is_looked_over_and_brought_in_on_its_page(firm):
    browser = sign_in(firm, "ada")

    def upload(do, text):
        return send(browser, "/import", "/import", kind="matters", do=do, file=(io.BytesIO(text.encode()), "m.csv"))

    assert "Row 4, responsible: No active lawyer has this username." in upload("check", BAD).get_data(as_text=True)
    assert "1 with problems" in upload("import", BAD).get_data(as_text=True)
    assert "not_active_lawyer" in upload("list", BAD).get_data(as_text=True)
    assert "Missing columns: reference" in upload("check", "colour\n1\n").get_data(as_text=True)
    assert "2 imported now" in upload("import", GOOD).get_data(as_text=True)
    assert "2 imported before" in upload("check", GOOD).get_data(as_text=True)
    taken = browser.get("/import/export/matters.csv")
    assert b"Ana Ruiz" in taken.get_data()
    taken.close()
    assert sign_in(firm, "ana").get("/import").status_code == 403
