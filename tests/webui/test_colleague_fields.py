"""Fields that ask for a colleague: a list in a small firm, a search in a large one, and nobody from behind a wall."""

import re
from datetime import date, timedelta
from pathlib import Path

import pytest

from engine import bundles, deployments
from engine.actor import SYSTEM
from practice.matters import queries as matters
from practice.people import operations as people
from tasks.absences.models import Absence
from tests.webui.closed_doors import MORNING, furnish, put_up_wall, sign_in
from tests.webui.conftest import PASSWORD
from webui.pages.colleagues import choices

ABSENCE = Path(__file__).parents[2] / "processes" / "bpmn" / "absence"
MATTER = "2026-CV-0001"


@pytest.fixture
def firm(office):
    furnish(office, 2)
    with office.transaction() as session:
        deployments.deploy(session, bundles.read(ABSENCE), by=SYSTEM, now=MORNING)
        people.create_user(
            session, "mei", "欧阳 Mei <b>", password=PASSWORD, groups=["lawyers"], by=SYSTEM, now=MORNING
        )
        groups = ["managing_partners", "partners", "administrators"]
        people.create_user(session, "rex", "Rex Chief", password=PASSWORD, groups=groups, by=SYSTEM, now=MORNING)
    return office


def field(page, name):
    assert page.status_code == 200, page.text
    return re.search(rf'<(?:select|input)[^>]* name="{name}".*?(?:</select>|</datalist>)', page.text, re.DOTALL)[0]


def token(page):
    return re.search(r'name="csrf_token" value="([^"]+)"', page.text)[1]


def where(client):
    return (("/absences/new", "substitute"), ("/absences/new", "substitute_2"), ("/rights", "username"), (f"/matters/{MATTER}", "username"))  # fmt: skip


@pytest.mark.parametrize("username", ["rex"])
def test_a_small_firm_chooses_from_a_list(firm, username):
    client = sign_in(firm, username)

    for address, name in where(client):
        assert '<option value="mei">欧阳 Mei &lt;b&gt;</option>' in field(client.get(address), name), address


def test_a_large_firm_searches_while_a_name_is_typed(firm, monkeypatch):
    monkeypatch.setattr(choices, "MOST_WHOLE", 3)
    client = sign_in(firm, "rex")

    for address, name in where(client):
        found = field(client.get(address), name)
        assert "<option" not in found, address
        assert f"/colleagues?field={name}" in found, address


def test_nobody_from_behind_a_wall_is_offered_for_a_team(firm, monkeypatch):
    client = sign_in(firm, "rex")
    assert 'value="bo"' in field(client.get(f"/matters/{MATTER}"), "username")
    put_up_wall(firm, MATTER, "bo")
    assert 'value="bo"' not in field(client.get(f"/matters/{MATTER}"), "username")
    monkeypatch.setattr(choices, "MOST_WHOLE", 3)

    address = re.search(r'hx-get="([^"]+)"', field(client.get(f"/matters/{MATTER}"), "username"))[1]

    assert "(bo)" not in client.get(address.replace("&amp;", "&") + "&username=bo").text
    assert "(mei)" in client.get(address.replace("&amp;", "&") + "&username=mei").text


def test_what_was_found_is_understood_where_it_is_sent(firm):
    client = sign_in(firm, "rex")
    day = date.today() + timedelta(days=30)  # noqa: DTZ011 - far enough from midnight everywhere
    said = "欧阳 Mei <b> (mei)"
    form = {"csrf_token": token(client.get("/absences/new")), "first_on": str(day), "last_on": str(day), "reason": "leave", "seen": "1"}  # fmt: skip

    joined = client.post(f"/matters/{MATTER}/team", data=form | {"username": said})
    booked = client.post("/absences", data=form | {"substitute": said})
    unknown = client.post("/absences", data=form | {"substitute": "Nobody At All"})

    assert (joined.status_code, booked.status_code, unknown.status_code) == (303, 303, 422)
    with firm.transaction() as session:
        matter = session.scalars(matters.sa.select(matters.Matter).where(matters.Matter.number == MATTER)).one()
        assert "mei" in {member.username for member in matter.members}
        absence = session.scalars(matters.sa.select(Absence)).one()
        assert [rule.username for rule in absence.substitutes] == ["mei"]


def test_a_form_asks_for_people_and_those_behind_the_wall_of_its_task_are_not_among_them(firm):
    client = sign_in(firm, "ana")
    task = next(one for one in firm.ana.get("user-tasks?scope=all").json["items"] if one["business_key"] == MATTER)
    everybody = client.get("/colleagues/choices?q=bo").json
    put_up_wall(firm, MATTER, "bo")

    assert {"label": "Bo", "value": "bo"} in everybody
    assert {"label": "Bo", "value": "bo"} not in client.get(f"/colleagues/choices?q=bo&task={task['id']}").json
    assert {"label": "欧阳 Mei <b>", "value": "mei"} in client.get(f"/colleagues/choices?q=mei&task={task['id']}").json
    assert client.get("/colleagues/choices?q=bo&task=nonsense").status_code == 404
    assert sign_in(firm, "bo").get(f"/colleagues/choices?q=bo&task={task['id']}").status_code == 404
