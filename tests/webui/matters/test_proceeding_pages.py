"""Proceedings, hearings and decisions on a matter's page, and the calendar of hearings."""

import re

import pytest

from engine import clock, deployments
from engine.actor import SYSTEM
from practice.directories import operations as directories
from tests.conftest import NOON
from tests.practice.firm import civil
from tests.webui.closed_doors import sign_in
from tests.webui.matters.test_matter_pages import send, text_of
from tests.webui.matters.test_matters_api import NEW, SOME

KNOWN = {
    **SOME,
    "court": [{"key": "district", "name": "District Court"}],
    "decision_result": [{"key": "won", "name": "Claim granted"}],
}


@pytest.fixture
def firm(office, monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: NOON)
    with office.transaction() as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=NOON)
        directories.seed(session, KNOWN, by=SYSTEM, now=NOON)
    return office


@pytest.fixture
def page(firm):
    return f"/matters/{firm.pia.post('matters', NEW).json['number']}"


@pytest.fixture
def ana(firm):
    return sign_in(firm, "ana")


def test_a_proceeding_lives_on_the_page_of_its_matter(firm, page, ana):
    def do(address, **fields):
        answer = send(ana, page, f"{page}/{address}", **fields)
        assert answer.status_code == 303
        assert "toast late" not in text_of(ana, page), address

    do("proceedings", level="first_instance", court="District Court", court_number="12 <C> 34/26", value="100.50",
       currency="EUR")  # fmt: skip
    do("proceedings/1", judge="Judge Ωμέγα", state="stayed")
    do("proceedings/1/hearings", starts_at="2026-10-01T09:00", room="3", representative="ana")
    text = text_of(ana, page)
    for word in ("12 &lt;C&gt; 34/26", "Judge Ωμέγα", "Stayed", "Planned", '<option value="District Court">'):
        assert word in text, word
    hearing = re.search(r"/hearings/([0-9a-f-]{36})/end", text)[1]
    do(f"hearings/{hearing}", starts_at="2026-10-02T10:00", ends_at="2026-10-02T11:00", room="4", representative="")
    do(f"hearings/{hearing}/end", state="held", result="Witness heard", next_starts_at="2026-11-05T09:30")
    following = re.search(r"/hearings/([0-9a-f-]{36})/end", text_of(ana, page))[1]
    do(f"hearings/{following}/end", state="cancelled")
    do("proceedings/1/decisions", pronounced_on="2026-11-20", result="won", summary="In full")
    decision = re.search(r"/decisions/([0-9a-f-]{36})/serve", text_of(ana, page))[1]
    do(f"decisions/{decision}/serve", served_on="2026-11-25", service_method="post")
    do("proceedings/1/close", outcome="won", closed_on="2026-12-01")
    do("proceedings", level="appeal", previous="1", link="appeal", court="Court of Appeal")
    text = text_of(ana, page)
    for word in ("Witness heard", "Claim granted", "Closed", "appeal from 1", "Court of Appeal"):
        assert word in text, word


def test_what_is_refused_is_told_on_the_page_and_nothing_changes(page, ana):
    send(ana, page, f"{page}/proceedings", level="first_instance")
    for address, fields in {
        "proceedings": {"level": "moon"},
        "proceedings/1/hearings": {"starts_at": "soon"},
        "proceedings/1/close": {"outcome": ""},
        "proceedings/1/decisions": {"pronounced_on": "2026-02-31"},
    }.items():
        assert send(ana, page, f"{page}/{address}", **fields).status_code == 303
        assert "toast late" in text_of(ana, page), address

    assert "Pending" in text_of(ana, page)


def test_hearings_stand_in_the_calendar_of_who_may_see_the_matter(firm, page, ana):
    number = page.rsplit("/", 1)[1]
    send(ana, page, f"{page}/proceedings", level="first_instance", court="District Court")
    send(ana, page, f"{page}/proceedings/1/hearings", starts_at="2026-09-03T09:00", room="3", representative="ana")
    send(ana, page, f"{page}/proceedings/1/hearings", starts_at="2026-09-30T09:00")

    week, month = text_of(ana, "/hearings?on=2026-09-01"), text_of(ana, "/hearings?on=2026-09-01&span=month")
    assert (week.count(f">{number}<"), month.count(f">{number}<")) == (1, 2)
    assert text_of(ana, "/hearings?on=2026-09-01&span=month&scope=mine").count(f">{number}<") == 1
    assert "Nobody appears yet" in month
    bo = sign_in(firm, "bo")
    assert number not in text_of(bo, "/hearings?on=2026-09-01&span=month&scope=all")
    assert bo.get("/hearings?on=nonsense&span=century&scope=x").status_code == 200
    api = "hearings?starts_from=2026-09-01T00:00:00Z&starts_before=2026-10-01T00:00:00Z"
    items = firm.ana.get(api).json["items"]
    assert [one["matter"] for one in items] == [number] * 2
    assert firm.bo.get(api).json["items"] == []
    assert (
        firm.ana.get("hearings?starts_from=2026-09-01T00:00:00Z&starts_before=2036-10-01T00:00:00Z").status_code == 422
    )
    assert firm.bo.patch(f"hearings/{items[0]['id']}", {"room": "9"}).status_code == 404
    assert firm.ana.patch(f"hearings/{items[0]['id']}", {"room": "9"}).json["room"] == "9"
