"""The event stream: who may know of a change hears of it at once, on every server, and nobody else does."""

from contextlib import ExitStack

import httpx
import pytest

from engine import clock, process_instances
from engine.actor import SYSTEM
from practice.notices import operations as notices
from practice.people import operations as people
from tests.webui.conftest import serving
from tests.webui.listening import listening
from webui.app import create_app
from webui.db import db
from webui.live import streams


@pytest.fixture
def http(each_office):
    with serving(each_office) as client:
        yield client


def act(office, http, who, method, address, body=None):
    headers = {"Authorization": f"Bearer {office.tokens[who]}"}
    answer = http.request(method, f"/api/v1/{address}", json=body or {}, headers=headers)
    assert answer.is_success, answer.text
    return answer.json()


def begin(office, http, who="ana"):
    instance = act(office, http, who, "POST", "process-instances", {"process_key": "leave"})
    return office.task(instance)


def test_a_new_task_and_what_becomes_of_it_is_told_to_whom_it_concerns(each_office, http):
    with listening(http, each_office.tokens["bo"]) as bo, listening(http, each_office.tokens["otto"]) as otto:
        task = begin(each_office, http)
        bo.wait(lambda ear: ear.kinds == ["created"])
        act(each_office, http, "ana", "POST", f"user-tasks/{task['id']}/claim")
        bo.wait(lambda ear: ear.kinds == ["created", "claimed"])
        act(
            each_office, http, "ana", "POST", f"user-tasks/{task['id']}/complete", {"variables": {"decision": "refuse"}}
        )
        bo.wait(lambda ear: ear.kinds == ["created", "claimed", "completed"])

    assert bo.tasks[1] == {
        "id": task["id"],
        "kind": "claimed",
        "state": "created",
        "by": "Ana",
        "is_own": False,
        "holder": "Ana",
        "is_mine": False,
    }
    assert bo.tasks[2]["state"] == "completed"
    assert otto.tasks == []


def test_whoever_comes_back_hears_what_they_missed(each_office, http):
    with listening(http, each_office.tokens["bo"]) as before:
        pass
    begin(each_office, http)

    with listening(http, each_office.tokens["bo"], Last_Event_ID=before.last_id) as after:
        after.wait(lambda ear: ear.kinds == ["created"])

    with listening(http, each_office.tokens["otto"], Last_Event_ID=before.last_id) as outsider:
        begin(each_office, http)
    assert outsider.tasks == []


@pytest.mark.parametrize("number", ["", "-1", "²", "x" * 40, "9" * 40, "1 OR 1=1"])
def test_a_number_that_is_none_is_as_good_as_no_number(office, over_http, number):
    headers = {"Last-Event-ID": number.encode()}
    with (
        httpx.Client(base_url=over_http.base_url, trust_env=False) as client,
        client.stream(
            "GET", "/events", headers={"Authorization": f"Bearer {office.tokens['bo']}", **headers}
        ) as stream,
    ):
        assert stream.status_code == httpx.codes.OK
        assert next(stream.iter_lines()).startswith("retry:")


def test_after_too_much_one_is_told_to_look_anew(each_office, http, monkeypatch):
    monkeypatch.setattr("tasks.feed.tail.MOST", 0)

    with listening(http, each_office.tokens["bo"]) as bo:
        begin(each_office, http)
        bo.wait(lambda ear: ear.of("reset") == [{}])

    assert bo.tasks == []


@pytest.mark.parametrize("each_office", ["postgresql"], indirect=True)
def test_another_server_on_the_same_database_tells_it_too(each_office, http):
    office, other = each_office, create_app(each_office.settings)
    there = type(office)(other, office.settings, office.tokens)
    with serving(there) as far, listening(far, office.tokens["bo"]) as bo:
        begin(office, http)
        bo.wait(lambda ear: ear.kinds == ["created"])
    with other.app_context():
        db.engine.dispose()


def test_what_another_program_writes_is_told_without_a_word_from_it(office, over_http):
    """As the command line does on SQLite: the server looks by itself."""
    with listening(over_http, office.tokens["bo"]) as bo, office.transaction() as session:
        process_instances.start(session, "leave", by=SYSTEM, now=clock.utc_now())
        session.commit()
        bo.wait(lambda ear: ear.kinds == ["created"])


def test_nobody_and_who_was_locked_out_hear_nothing(office, over_http):
    assert over_http.get("/events").status_code == httpx.codes.UNAUTHORIZED
    assert over_http.post("/events").status_code == httpx.codes.METHOD_NOT_ALLOWED
    assert over_http.get("/events").json()["code"] == "not_signed_in"

    with listening(over_http, office.tokens["bo"]) as bo:
        with office.transaction() as session:
            people.deactivate_user(session, "bo", by=SYSTEM, now=clock.utc_now())
        begin(office, over_http)
        assert bo.has_ended.wait(10)

    assert bo.tasks == []


def test_a_stream_of_somebody_locked_out_ends_at_the_next_heartbeat(office, over_http, monkeypatch):
    monkeypatch.setattr(streams, "HEARTBEAT_S", 0.2)

    with listening(over_http, office.tokens["bo"]) as bo:
        with office.transaction() as session:
            people.deactivate_user(session, "bo", by=SYSTEM, now=clock.utc_now())
        assert bo.has_ended.wait(10)


def test_one_person_has_only_so_many_streams(office, over_http, monkeypatch):
    monkeypatch.setattr("webui.live.hub.MOST_OF_ONE", 2)

    with (
        listening(over_http, office.tokens["bo"]) as first,
        listening(over_http, office.tokens["bo"]) as second,
        listening(over_http, office.tokens["bo"]),
    ):
        assert first.has_ended.wait(10)
        assert not second.has_ended.is_set()


def test_when_there_are_too_many_streams_one_is_asked_to_come_later(office, over_http, monkeypatch):
    monkeypatch.setattr("webui.live.hub.MOST", 1)

    with listening(over_http, office.tokens["bo"]), listening(over_http, office.tokens["ana"]) as late:
        assert late.status == httpx.codes.SERVICE_UNAVAILABLE


def test_the_stream_of_who_went_is_let_go(office, over_http):
    hub = office.app.extensions["matterflow_live"]
    with listening(over_http, office.tokens["bo"]) as bo:
        assert hub.open_streams == 1

    begin(office, over_http)
    assert bo.has_ended.wait(10)
    for _ in range(100):
        if not hub.open_streams:
            break
        over_http.get("/healthz")
    assert hub.open_streams == 0


def test_a_server_that_is_asked_to_stop_does_not_wait_for_its_streams(office):
    with ExitStack() as stack:
        with serving(office) as client:
            bo = stack.enter_context(listening(client, office.tokens["bo"]))

        assert bo.has_ended.wait(1)
        assert office.app.extensions["matterflow_live"].open_streams == 0


def test_whoever_is_told_something_hears_that_there_is_something(each_office, http):
    with listening(http, each_office.tokens["bo"]) as bo, listening(http, each_office.tokens["ana"]) as ana:
        begin(each_office, http)
        bo.wait(lambda ear: ear.kinds == ["created"])
        with each_office.transaction() as session:
            notices.tell(session, ["bo"], "standing_in", "AB-2026-0001", {}, now=clock.utc_now())
            session.commit()
        bo.wait(lambda ear: ear.of("notices") == [{}])

    assert ana.of("notices") == []
