"""Addresses with filters, numbers and days that are none: a clear refusal or an empty list, never an error of ours."""

import pytest

from tests.webui.closed_doors import sign_in
from tests.webui.test_api_problems import problem

HUGE = "9" * 21
#: A day that there is in Tonga and not in UTC, and the other way round.
BEYOND = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00")


@pytest.mark.parametrize("beyond", BEYOND)
@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("user-tasks", "due_from"),
        ("user-tasks/counts", "due_before"),
        ("user-tasks/new", "since"),
        ("matters", "opened_from"),
        ("audit-events", "until"),
        ("events", "planned_before"),
        ("access-attempts", "since"),
    ],
)
def test_an_instant_outside_the_calendar_is_refused_by_name(office, path, name, beyond):
    told = problem(office.ada.get(path, query_string={name: beyond}), 422, "fields_invalid")

    assert list(told["fields"]) == [name]


def test_an_empty_cursor_asks_for_the_first_page(office):
    office.start()

    first = office.ada.get("user-tasks?scope=all").json["items"]

    assert first
    assert office.ada.get("user-tasks?scope=all&cursor=").json["items"] == first


def test_who_asks_for_a_page_where_all_is_one_page_gets_it(office):
    assert office.ada.get("process-definitions?limit=200").json == office.ada.get("process-definitions").json


def test_a_number_that_no_database_keeps_is_not_found(office):
    for end in ("", "/xml", "/start-form"):
        problem(office.ada.get(f"process-definitions/leave/{HUGE}{end}"), 404, "no_such_address")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"x"'])
def test_a_party_that_is_no_object_is_invalid(office, body):
    answer = office.ada.post("parties", data=body, headers={"Content-Type": "application/json"})

    assert answer.status_code == 422


@pytest.mark.parametrize("asked", ["client=nobody", "tag=nothing", "client=😀"])
def test_an_inbox_narrowed_to_whom_nobody_knows_is_empty(office, asked):
    office.start()
    browser = sign_in(office, "ada")

    shown = browser.get(f"/inbox?scope=all&{asked}")

    assert shown.status_code == 200
    assert '<li class="task">' not in shown.get_data(as_text=True)
