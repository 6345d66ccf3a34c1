"""Importing and exporting over the API and on the command line."""

import io

import pytest

from engine import deployments
from engine.actor import SYSTEM
from practice.audit.models import AuditEvent
from practice.matters.models import Matter
from tests.conftest import NOON
from tests.practice.firm import civil

HEAD = "reference,case_type,client,opponent,responsible,opened_on"
GOOD = f"{HEAD}\nA1,civil,Ana Ruiz,Beton AG,ana,2020-03-01\nA2,civil,Cy Young,,bo,2020-03-01\n"
BAD = f"{GOOD}A3,civil,Zed,,ghost,2020-03-01\n"


@pytest.fixture
def firm(each_office):
    with each_office.transaction() as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=NOON)
    return each_office


def send(client, path, text, **fields):
    file = (io.BytesIO(text.encode()), "list.csv")
    return client.open("POST", path, data={"file": file, **fields}, content_type="multipart/form-data")


def test_a_check_lists_every_problem_and_stores_nothing(firm):
    answer = send(firm.ada, "imports/matters/check", BAD)

    assert answer.status_code == 200, answer.json
    assert (answer.json["rows"], answer.json["problem_rows"], answer.json["imported"]) == (3, 1, 0)
    assert answer.json["problems"] == [
        {
            "row": 4,
            "column": "responsible",
            "code": "not_active_lawyer",
            "message": "No active lawyer has this username.",
            "value": "ghost",
        }
    ]


def test_a_file_with_a_problem_is_not_imported_at_all(firm):
    answer = send(firm.ada, "imports/matters", BAD)

    assert (answer.status_code, answer.json["code"]) == (409, "rows_have_problems")
    assert answer.json["first"] == "row 4, responsible: not_active_lawyer"
    with firm.transaction() as session:
        assert session.query(Matter).count() == 0


def test_a_file_is_imported_once_however_often_it_is_sent(firm):
    first, again = send(firm.ada, "imports/matters", GOOD), send(firm.ada, "imports/matters", GOOD)

    assert (first.status_code, first.json["imported"], first.json["known"]) == (200, 2, 0)
    assert (again.json["imported"], again.json["known"]) == (0, 2)
    assert [one["client_name"] for one in firm.ana.get("matters").json["items"]] == ["Ana Ruiz"]


@pytest.mark.parametrize(
    ("path", "fields", "code"),
    [
        ("imports/matters/check", {"colour": "red"}, "fields_invalid"),
        ("imports/matters/check", {"encoding": "rot13"}, "file_unreadable"),
        ("imports/clients/check", {}, "columns_wrong"),
    ],
)
def test_what_cannot_be_sent_is_refused(firm, path, fields, code):
    assert send(firm.ada, path, GOOD, **fields).json["code"] == code


def test_a_list_that_there_is_not_and_a_file_that_is_missing_are_refused(firm):
    assert send(firm.ada, "imports/judges", GOOD).status_code == 404
    assert firm.ada.post("imports/matters", {}).status_code == 415
    empty = firm.ada.open("POST", "imports/matters", data={}, content_type="multipart/form-data")
    assert empty.json["code"] == "file_unreadable"
    assert firm.ada.get("exports/judges").status_code == 404


def test_nobody_imports_or_exports_without_the_right(firm):
    assert send(firm.ana, "imports/matters/check", GOOD).status_code == 403
    assert send(firm.ana, "imports/matters", GOOD).status_code == 403
    assert firm.ana.get("exports/matters").status_code == 403


def test_an_export_holds_what_the_person_may_see_and_is_on_record(firm):
    send(firm.ada, "imports/matters", GOOD)

    everything, nothing = firm.ada.get("exports/matters"), firm.pia.get("exports/matters")

    assert everything.headers["Content-Disposition"] == "attachment; filename=matters.csv"
    assert everything.get_data(as_text=True).count("\r\n") == 3
    assert nothing.get_data(as_text=True).count("\r\n") == 1
    workbook = firm.ada.get("exports/matters?format=xlsx")
    assert workbook.get_data()[:2] == b"PK"
    for answer in (everything, nothing, workbook):
        answer.close()
    with firm.transaction() as session:
        taken = session.query(AuditEvent).filter_by(kind="list_exported")
        assert sorted(event.by for event in taken) == ["ada", "ada", "pia"]
