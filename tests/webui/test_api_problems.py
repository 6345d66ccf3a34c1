"""Every refusal of the API is a problem document."""

import json
from uuid import uuid4

import pytest

from webui.errors import PROBLEM_JSON


def problem(answer, status, code):
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == PROBLEM_JSON
    told = answer.json
    assert {"type", "title", "status", "detail", "code", "instance"} <= told.keys()
    assert (told["status"], told["code"]) == (status, code)
    assert told["type"] == f"urn:matterflow:problem:{code}"
    return told


def test_nobody_gets_in_without_a_token(office):
    for path in ("me", "user-tasks", "process-instances", "matters", "incidents", "process-definitions"):
        answer = office.nobody.get(path)
        problem(answer, 401, "not_signed_in")
        assert answer.headers["WWW-Authenticate"] == "Bearer"
    for path in ("process-instances", "messages", "deployments", "deployments/check"):
        problem(office.nobody.post(path, {}), 401, "not_signed_in")


@pytest.mark.parametrize(
    "given", ["Bearer mf_wrong", "Bearer", "Basic YWRhOmFkYQ==", "Bearer \x80", "Bearer " + "x" * 5000]
)
def test_a_wrong_authorization_header_lets_nobody_in(office, given):
    problem(office.nobody.get("me", headers={"Authorization": given}), 401, "not_signed_in")


def test_an_address_that_is_none_is_a_problem_document(office):
    problem(office.ana.get("nothing-here"), 404, "no_such_address")
    problem(office.ana.get("/api/v2/me"), 404, "no_such_address")
    problem(office.ana.get("user-tasks/not-a-uuid"), 404, "no_such_address")


def test_a_method_that_is_not_answered_names_those_that_are(office):
    answer = office.ana.open("DELETE", "user-tasks")

    problem(answer, 405, "method_not_allowed")
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("body", [b"{", b"nul", b"\xff\xfe", b'{"a": NaN}', b"[" * 10_000 + b"]" * 10_000])
def test_what_is_not_json_is_malformed(office, body):
    answer = office.ana.post("process-instances", data=body, headers={"Content-Type": "application/json"})

    problem(answer, 400, "malformed_request")


@pytest.mark.parametrize("body", [b"[]", b"7", b'"leave"', b"null"])
def test_json_that_is_no_object_is_invalid(office, body):
    answer = office.ana.post("process-instances", data=body, headers={"Content-Type": "application/json"})

    problem(answer, 422, "fields_invalid")


def test_a_body_that_is_not_json_is_not_read(office):
    answer = office.ana.post("process-instances", data="process_key=leave")

    problem(answer, 415, "unsupported_media_type")


def test_missing_and_unknown_fields_are_named(office):
    told = problem(office.ana.post("process-instances", {"proces_key": "leave"}), 422, "fields_invalid")

    assert set(told["fields"]) == {"process_key", "proces_key"}
    assert "process_key" in told["detail"]


def test_unknown_arguments_of_an_address_are_named(office):
    told = problem(office.ana.get("user-tasks?scpoe=all"), 422, "fields_invalid")

    assert list(told["fields"]) == ["scpoe"]


@pytest.mark.parametrize("limit", ["0", "201", "-1", "many", "1e9", "9" * 30])
def test_a_page_size_out_of_bounds_is_refused_by_name(office, limit):
    told = problem(office.ana.get(f"user-tasks?limit={limit}"), 422, "fields_invalid")

    assert list(told["fields"]) == ["limit"]


@pytest.mark.parametrize("cursor", ["x", "AAAA", "eyJ9", "W10", "\u00fc"])
@pytest.mark.parametrize("path", ["user-tasks", "process-instances", "matters", "incidents"])
def test_a_cursor_from_nowhere_is_refused_by_name(office, path, cursor):
    told = problem(office.ada.get(path, query_string={"cursor": cursor}), 422, "cursor_invalid")

    assert told["cursor"] == cursor


def test_unknown_things_are_not_found_by_their_own_names(office):
    problem(office.ana.get(f"user-tasks/{uuid4()}"), 404, "user_task_not_found")
    problem(office.ana.get(f"process-instances/{uuid4()}"), 404, "process_instance_not_found")
    problem(office.ana.get("process-definitions/nothing/1"), 404, "process_definition_not_found")
    problem(office.ana.get("matters/2026-CV-9999"), 404, "matter_not_found")
    problem(office.ada.post(f"incidents/{uuid4()}/retry"), 404, "incident_not_found")
    problem(office.ana.post("process-instances", {"process_key": "nothing"}), 404, "process_definition_not_found")


def test_who_lacks_a_right_is_told_which(office):
    told = problem(office.ana.post("messages", {"name": "parcel_arrived"}), 403, "right_missing")
    assert told["right"] == "send_messages"
    problem(office.otto.post("process-instances", {"process_key": "leave"}), 403, "not_allowed_to_start")
    problem(office.ana.post("deployments", data={}), 403, "right_missing")


def test_what_cannot_be_stored_is_refused_by_name(office):
    nul = json.dumps({"process_key": "leave", "variables": {"note": "a\0b"}})
    told = problem(
        office.ana.post("process-instances", data=nul, headers={"Content-Type": "application/json"}),
        422,
        "fields_invalid",
    )
    assert list(told["fields"]) == ["variables.note"]

    deep: dict = {}
    level = deep
    for _ in range(200):
        level["a"] = {}
        level = level["a"]
    problem(
        office.ana.post("process-instances", {"process_key": "leave", "variables": {"v": deep}}), 422, "fields_invalid"
    )
    problem(office.ana.get("user-tasks?q=%00"), 400, "malformed_request")
    problem(office.ana.get("matters/a%00b"), 400, "malformed_request")


def test_variables_with_names_that_are_none_are_refused_by_name(office):
    told = problem(
        office.ana.post("process-instances", {"process_key": "leave", "variables": {"two words": 1}}),
        422,
        "variables_invalid",
    )

    assert list(told["fields"]) == ["two words"]


def test_a_body_that_is_too_large_is_refused_before_it_is_read(office):
    answer = office.ana.post(
        "process-instances",
        data=b"{}",
        headers={"Content-Type": "application/json"},
        environ_overrides={"CONTENT_LENGTH": "100000000"},
    )

    problem(answer, 413, "too_large")


def test_json_that_is_too_large_for_json_is_refused(office):
    answer = office.ana.post("process-instances", {"process_key": "leave", "variables": {"note": "x" * 2_100_000}})

    problem(answer, 413, "too_large")


def test_a_bug_tells_nothing_but_the_request_id(office, monkeypatch, caplog):
    def broken(*_args, **_kwargs):
        raise RuntimeError("the password is swordfish")

    monkeypatch.setattr("webui.api.v1.user_tasks.inbox.page", broken)

    told = problem(office.ana.get("user-tasks"), 500, "internal_error")

    assert "swordfish" not in json.dumps(told)
    assert told["instance"].rpartition(":")[2] in told["detail"]
    assert "swordfish" in caplog.text


def test_a_database_that_is_away_is_a_503(office, monkeypatch):
    from sqlalchemy.exc import OperationalError

    def away(*_args, **_kwargs):
        raise OperationalError("SELECT 1", {}, Exception("connection refused"))

    monkeypatch.setattr("webui.api.v1.user_tasks.inbox.page", away)

    answer = office.ana.get("user-tasks")

    problem(answer, 503, "unavailable")
    assert answer.headers["Retry-After"]


def test_a_race_that_the_database_decides_is_a_409(office, monkeypatch):
    from sqlalchemy.exc import IntegrityError

    def raced(*_args, **_kwargs):
        raise IntegrityError("INSERT", {}, Exception("UNIQUE constraint failed: matter.number"))

    monkeypatch.setattr("webui.api.v1.process_instances.process_instances.start", raced)

    problem(office.ana.post("process-instances", {"process_key": "leave"}), 409, "faster_elsewhere")


def test_the_request_id_that_is_sent_comes_back(office):
    assert office.ana.get("me", headers={"X-Request-Id": "abc-1"}).headers["X-Request-Id"] == "abc-1"
    assert office.ana.get("me", headers={"X-Request-Id": "a b\tc"}).headers["X-Request-Id"] != "a b\tc"


def test_pages_get_no_problem_documents(office):
    answer = office.nobody.get("/there-is-no-such-page")

    assert answer.status_code == 404
    assert answer.content_type.startswith("text/")
