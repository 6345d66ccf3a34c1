"""A write with an Idempotency-Key happens once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from io import BytesIO

import sqlalchemy as sa

from engine import clock
from engine.models import ProcessInstance
from tests.factories import end, model, path, start, user_task
from webui.api import idempotency
from webui.api.idempotency import IdempotencyKey

KEY = {"Idempotency-Key": "order-66"}
BODY = {"process_key": "leave", "variables": {"days": 3}}


def instances(office):
    with office.transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(ProcessInstance))


def test_the_same_request_again_is_answered_the_same_and_done_once(each_office):
    office = each_office

    first = office.ana.post("process-instances", BODY, headers=KEY)
    second = office.ana.post("process-instances", BODY, headers=KEY)

    assert (first.status_code, second.status_code) == (201, 201)
    assert second.json == first.json
    assert second.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert instances(office) == 1


def test_the_same_key_for_another_request_is_refused(office):
    office.ana.post("process-instances", BODY, headers=KEY)

    other_body = office.ana.post("process-instances", {"process_key": "leave"}, headers=KEY)
    other_address = office.ana.post("messages", BODY, headers=KEY)

    for answer in (other_body, other_address):
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert instances(office) == 1


def test_two_people_may_use_the_same_key(office):
    office.ana.post("process-instances", BODY, headers=KEY)
    office.bo.post("process-instances", BODY, headers=KEY)

    assert instances(office) == 2


def test_a_refused_request_uses_no_key_up(office):
    task = office.task(office.start())
    url = f"user-tasks/{task['id']}/complete"

    refused = office.ana.post(url, {"variables": {"decision": "perhaps"}}, headers=KEY)
    accepted = office.ana.post(url, {"variables": {"decision": "approve"}}, headers=KEY)
    repeated = office.ana.post(url, {"variables": {"decision": "approve"}}, headers=KEY)

    assert (refused.status_code, accepted.status_code, repeated.status_code) == (422, 200, 200)
    assert repeated.json == accepted.json


def test_eight_at_once_are_carried_out_once(each_office):
    office = each_office
    clients = [office.app.test_client(use_cookies=False) for _ in range(8)]
    headers = {"Authorization": f"Bearer {office.tokens['ana']}", **KEY}

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda c: c.post("/api/v1/process-instances", json=BODY, headers=headers), clients))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert sum("Idempotency-Replayed" not in answer.headers for answer in answers) == 1
    assert instances(office) == 1


def test_an_upload_sent_again_is_the_same_whatever_its_boundary(office):
    content = model(start() + user_task("work") + end() + path("started", "work", "ended"), key="other")

    def send():
        return office.ada.post("deployments", data={"files": (BytesIO(content), "other.bpmn")}, headers=KEY)

    first, second = send(), send()

    assert first.status_code == 201, first.json
    assert second.json == first.json
    assert second.headers["Idempotency-Replayed"] == "true"


def test_a_key_that_is_none_is_refused(office):
    for key in ("", "x" * 256, "two words", "\u00fc"):
        answer = office.ana.post("process-instances", BODY, headers={"Idempotency-Key": key})
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_invalid"), key


def test_a_key_is_forgotten_after_a_day(office):
    office.ana.post("process-instances", BODY, headers=KEY)
    with office.transaction() as session:
        session.execute(sa.update(IdempotencyKey).values(created_at=clock.utc_now() - timedelta(hours=25)))

    again = office.ana.post("process-instances", BODY, headers=KEY)

    assert "Idempotency-Replayed" not in again.headers
    assert instances(office) == 2


def test_the_sweep_forgets_old_keys_and_keeps_young_ones(office):
    office.ana.post("process-instances", BODY, headers=KEY)

    with office.transaction() as session:
        early = idempotency.sweep(session, now=clock.utc_now() + timedelta(hours=23))
        late = idempotency.sweep(session, now=clock.utc_now() + timedelta(hours=25))

    assert (early, late) == (0, 1)


def test_reading_needs_no_key_and_takes_none(office):
    assert office.ana.get("me", headers={"Idempotency-Key": "two words"}).status_code == 200
