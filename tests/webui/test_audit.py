"""The trail over the web: refusals become rows, the page and the API show who may see what, heads are kept."""

import json
import re

import pytest
import sqlalchemy as sa

from engine import clock
from practice.audit import operations as audit
from practice.audit import queries, verification
from practice.audit.models import AuditEvent
from tests.webui.conftest import MORNING, PASSWORD
from webui import trail
from webui.db import db
from webui.worker import Worker


@pytest.fixture
def browser(office):
    """Return a function that signs somebody in."""

    def enter(username="ada"):
        client = office.app.test_client()
        page = client.get("/sign-in").get_data(as_text=True)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
        form = {"username": username, "password": PASSWORD, "csrf_token": token}
        assert client.post("/sign-in", data=form).status_code in (302, 303)
        return client

    return enter


def denials(office):
    with office.transaction() as session:
        rows = session.scalars(sa.select(AuditEvent).where(AuditEvent.is_denial).order_by(AuditEvent.id))
        return [(event.by, event.kind, event.entity_id, event.after) for event in rows]


def test_a_refused_request_is_on_record_although_it_changed_nothing(each_office):
    answer = each_office.ana.post("incidents/retry", {"incident_ids": ["0199d3a0-0000-7000-8000-000000000000"]})
    assert answer.status_code == 403

    assert denials(each_office) == [
        (
            "ana",
            "request_refused",
            "/api/v1/incidents/retry",
            {"method": "POST", "code": "right_missing", "right": "retry_incidents", "username": "ana"},
        )
    ]
    with each_office.transaction() as session:
        assert verification.verify(session).holds


def test_a_refused_reading_is_on_record_as_well(office):
    assert office.bo.get("audit-events").status_code == 403

    assert [(by, path) for by, _, path, _ in denials(office)] == [("bo", "/api/v1/audit-events")]


def test_the_same_refusal_again_and_again_is_counted_and_not_written_each_time(office, monkeypatch):
    for _ in range(5):
        office.bo.get("audit-events")
    later = clock.utc_now() + trail.ONCE_IN
    monkeypatch.setattr(clock, "utc_now", lambda: later)
    office.bo.get("audit-events")

    assert [after.get("also_before") for _, _, _, after in denials(office)] == [None, 4]


def test_a_refused_sign_in_is_on_record_and_never_says_what_was_typed_as_a_name_nobody_has(office):
    client = office.app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").get_data(as_text=True))[1]
    for name in ("ana", "my secret password"):
        client.post("/sign-in", data={"username": name, "password": "wrong", "csrf_token": token})

    told = denials(office)
    assert [(by, kind) for by, kind, _, _ in told] == [("-", "sign_in_refused")] * 2
    assert told[0][2] == "ana"
    assert told[1][2].startswith("hmac:")


def test_nothing_is_recorded_of_requests_that_are_answered(office):
    assert office.ana.get("me").status_code == 200

    assert denials(office) == []


def test_the_api_lists_the_trail_with_each_events_place(each_office):
    page = each_office.ada.get("audit-events?kind=user_created&limit=2").json

    assert [item["kind"] for item in page["items"]] == ["user_created"] * 2
    assert page["items"][0]["position"] > page["items"][1]["position"]
    following = each_office.ada.get(f"audit-events?kind=user_created&limit=200&cursor={page['next_cursor']}")
    assert following.status_code == 200
    assert {item["kind"] for item in following.json["items"]} == {"user_created"}


def test_the_api_filters_by_when_and_whom(office):
    assert office.ada.get("audit-events?by=system&since=2026-09-01T00:00:00Z").json["items"]
    assert office.ada.get("audit-events?by=ana").json["items"] == []
    assert office.ada.get("audit-events?until=2026-08-01T00:00:00Z").json["items"] == []
    assert office.ada.get("audit-events?since=yesterday").status_code == 422


def test_the_head_is_told_to_whoever_may_read_the_trail(office):
    head = office.ada.get("audit-events/head").json

    with office.transaction() as session:
        assert str(verification.verify(session).head) == f"{head['position']}:{head['hash']}"
    assert office.bo.get("audit-events/head").status_code == 403


def test_an_outsider_gets_neither_page_nor_export(office, browser):
    client = browser("bo")

    assert client.get("/audit").status_code == 403
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/inbox").get_data(as_text=True))[1]
    assert client.post("/audit/export", data={"csrf_token": token}).status_code == 403
    assert "/audit" not in client.get("/inbox").get_data(as_text=True)


def test_the_page_shows_filters_and_refusals(office, browser):
    office.bo.get("audit-events")
    page = browser().get("/audit?denials=1&by=bo").get_data(as_text=True)

    assert "Request refused" in page
    assert "User created" not in page.partition('<ol class="timeline">')[2]
    assert "Nothing found" in browser().get("/audit?by=otto&since=2026-01-01&until=nonsense").get_data(as_text=True)


def test_what_was_written_by_people_is_shown_as_text(office, browser):
    with office.transaction() as session:
        actor = audit.NOBODY
        audit.append(session, "thing", "<b>1", "thing_changed", by=actor, now=MORNING, after={"t": "<script>x"})

    page = browser().get("/audit?entity=thing").get_data(as_text=True)

    assert "&lt;script&gt;x" in page
    assert "<script>x" not in page
    assert "&lt;b&gt;1" in page


def test_an_export_is_a_file_and_is_itself_on_record(office, browser):
    client = browser()
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/audit").get_data(as_text=True))[1]
    answer = client.post("/audit/export", data={"csrf_token": token, "form": "jsonl", "kind": "user_created"})

    lines = [json.loads(line) for line in answer.get_data(as_text=True).splitlines()]
    assert answer.headers["Content-Disposition"].endswith('.jsonl"')
    assert {line["kind"] for line in lines} == {"user_created"}
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    with office.transaction() as session:
        told = queries.of(session, "audit", "trail")[-1]
        assert (told.by, told.after["events"], told.after["filters"]) == ("ada", len(lines), {"kind": "user_created"})


def test_the_worker_keeps_a_signed_head_whenever_the_chain_has_grown(office):
    with office.app.app_context():
        worker = Worker(db.engine, database_file=office.settings.database_file, heads=trail.HeadKeeper(office.settings))
    worker.tick()
    worker._swept_at = None
    worker.tick()
    with office.transaction() as session:
        audit.append(session, "thing", 1, "opened", by=audit.NOBODY, now=MORNING)
    worker._swept_at = None
    worker.tick()

    heads = trail.kept_heads(office.settings)
    with office.transaction() as session:
        report = verification.verify(session, heads=heads)
    assert [head.position for head in heads] == [report.checked - 1, report.checked]
    assert report.holds


def test_a_head_that_somebody_wrote_into_the_file_is_refused(office):
    from practice.audit.anchors import AnchorForged, HeadInvalid

    file = office.settings.data_dir / trail.HEADS
    file.write_text(json.dumps({"at": "2026-01-01T00:00:00+00:00", "head": "1:" + "0" * 64, "signature": "0" * 64}))
    with pytest.raises(AnchorForged):
        trail.kept_heads(office.settings)
    file.write_text("rubbish")
    with pytest.raises(HeadInvalid):
        trail.kept_heads(office.settings)
