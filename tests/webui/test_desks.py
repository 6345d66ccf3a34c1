"""The home of each post: its own functions, live numbers, and nothing that belongs to another duty."""

import pytest

from config import desks
from webui.pages.desks.actions import ACTIONS
from webui.pages.desks.numbers import NUMBERS
from webui.pages.desks.parts import PARTS
from webui.pages.desks.words import TITLES

#: What the firm's posts are (A08, E09).
POSTS = {
    "managing_partners": "managing_partner",
    "partners": "partner",
    "lawyers": "lawyer",
    "court_representatives": "court_representative",
    "case_managers": "case_manager",
    "secretaries": "registrar",
    "registrars": "registrar",
    "reception": "reception",
    "cashiers": "cashier",
    "call_centre": "call_centre_operator",
    "call_centre_heads": "call_centre_head",
    "administrators": "administrator",
}


def browser_of(office, username):
    from flask_login import login_user

    from practice.people.identity import by_id
    from practice.people.queries import by_username
    from webui.auth import Person

    with office.transaction() as session:
        identity = by_id(session, by_username(session, username).id)
    browser = office.app.test_client()
    with office.app.test_request_context():
        person = Person(identity)
        login_user(person)
        kept = person.get_id()
    with browser.session_transaction() as session:
        session["_user_id"] = kept
        session["_fresh"] = True
    return browser


def test_every_post_has_a_desk_and_every_piece_of_a_desk_exists():
    assert {group: desks.of([group])[0].key for group in POSTS} == POSTS
    for desk in desks.load().values():
        assert set(desk.numbers) <= NUMBERS.keys()
        assert set(desk.parts) <= PARTS.keys()
        assert set(desk.actions) <= ACTIONS.keys()
        assert desk.key in TITLES


def test_who_has_no_post_has_a_desk_too():
    assert [desk.key for desk in desks.of([])] == ["colleague"]
    assert [desk.key for desk in desks.of(["clients"])] == ["colleague"]


@pytest.mark.parametrize(
    ("who", "shown", "hidden"),
    [
        ("otto", ["enquiries received today", "To take"], ["steps that stand still", "open matters of yours"]),
        ("pia", ["decisions to take", "Your deadlines of the week"], ["Who has how much to do", "payments"]),
        ("ada", ["steps that stand still", "What stands still"], ["deadlines of yours"]),
    ],
)
def test_a_desk_shows_its_duty_and_no_other(office, who, shown, hidden):
    page = browser_of(office, who).get("/").text

    assert [text for text in shown if text not in page] == []
    assert [text for text in hidden if text in page] == []


def test_numbers_and_lists_are_read_anew_on_their_own(office):
    office.start("leave")
    browser = browser_of(office, "pia")

    numbers = browser.get("/desk/partner/numbers")
    part = browser.get("/desk/partner/parts/my_work")

    assert (numbers.status_code, part.status_code) == (200, 200)
    assert "<html" not in numbers.text + part.text
    assert 'hx-trigger="live"' in numbers.text
    assert 'hx-trigger="live"' in part.text


@pytest.mark.parametrize(
    "address", ["/desk/managing_partner/numbers", "/desk/partner/parts/incidents", "/desk/none/numbers"]
)
def test_another_posts_desk_is_not_there(office, address):
    assert browser_of(office, "pia").get(address).status_code == 404


def test_nobody_has_no_desk(office):
    answer = office.app.test_client().get("/")

    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in?next=/")


def test_the_palette_offers_what_one_may_do_and_finds_what_one_may_see(office):
    partner, clerk = browser_of(office, "pia"), browser_of(office, "otto")

    everything = {item["label"] for group in partner.get("/palette").json["groups"] for item in group["items"]}
    audit = [group for group in clerk.get("/palette?q=audit").json["groups"] if group["title"] == "Go to and do"]
    ours = partner.get("/palette?q=MATT").json["groups"][0]["items"]

    assert {"Inbox", "Matters", "Deadlines"} <= everything
    assert not {"Audit trail", "Incidents"} & everything
    assert audit == []
    assert {"label": "Matters", "detail": "G M", "address": "/matters"} in ours


@pytest.mark.parametrize("text", ["<img src=x>", "🙂", "%", "'", "a" * 3000, "\u202e"])
def test_anything_can_be_typed_into_the_search(office, text):
    page = browser_of(office, "pia").get("/search", query_string={"q": text})

    assert page.status_code == 200
    assert "<img src=x>" not in page.text


def test_the_search_over_the_api_tells_kind_by_kind_and_refuses_by_name(office):
    instance = office.start("leave")

    found = office.pia.get("search?q=approve")
    wrong = office.pia.get("search?q=approve&kinds=secrets")

    assert [group["kind"] for group in found.json["items"]] == ["user_task"]
    assert found.json["items"][0]["hits"][0]["key"] == office.task(instance)["id"]
    assert office.otto.get("search?q=approve").json == {"items": []}
    assert (wrong.status_code, wrong.json["code"], wrong.json["field"]) == (422, "search_invalid", "kinds")
    assert office.pia.get("search").status_code == 422
    assert office.nobody.get("search?q=approve").status_code == 401
