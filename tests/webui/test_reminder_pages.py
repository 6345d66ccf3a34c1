"""Reminders and the ways people hear of things, on the pages and over the API."""

import re

import pytest

from engine import jobs
from engine.actor import SYSTEM
from tasks.notifications import channels, web_push
from tests.factories import end, model, path, properties, start, user_task
from tests.webui.conftest import PASSWORD

BROWSER = {
    "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
    "keys": {
        "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        "auth": "BTBZMqHH6r4Tts7J_aSIgg",
    },
}


@pytest.fixture
def letters(office):
    """The firm with a letter that is offered to the lawyers, and a call that only a record ends."""
    from engine import clock, database, deployments
    from webui.db import db

    body = (
        start()
        + user_task("take_letter", groups="lawyers", inner=properties(reminder="R/PT30M"))
        + user_task(
            "call_client",
            groups="",
            attributes='camunda:assignee="ana"',
            inner=properties(reminderEndsWith="call_recorded"),
        )
        + end()
        + path("started", "take_letter", "call_client", "ended")
    )
    with office.transaction() as session:
        deployments.deploy(session, {"proc.bpmn": model(body)}, by=SYSTEM, now=clock.utc_now())
    instance = office.start("proc", by="ada", business_key="2026-CV-0007")
    from datetime import timedelta

    with office.app.app_context():
        engine = db.engine
    jobs.run_due(lambda: database.transaction(engine), now=lambda: clock.utc_now() + timedelta(minutes=31))
    return instance


def page_of(office, name):
    client = office.app.test_client()
    form = client.get("/sign-in").text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)[1]
    answer = client.post("/sign-in", data={"username": name, "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 303, answer.text
    return client


def post(client, address, **data):
    token = re.search(r'name="csrf-token" content="([^"]+)"', client.get("/notices").text)[1]
    return client.post(address, data={"csrf_token": token, **data}, follow_redirects=True)


def test_a_reminder_is_on_the_page_and_who_accepts_first_has_it(office, letters):
    ana, bo = page_of(office, "ana"), page_of(office, "bo")
    task = office.task(letters)
    assert "take_letter" in ana.get("/notices").text
    assert "2026-CV-0007" in bo.get("/notices").text
    assert "take_letter" not in page_of(office, "otto").get("/notices").text

    post(ana, f"/notices/reminders/{task['id']}/accept")
    late = post(bo, f"/notices/reminders/{task['id']}/accept")

    assert "Ana is already working on this." in late.text
    assert f"/notices/reminders/{task['id']}/accept" not in late.text


def test_over_the_api_a_reminder_is_put_aside_accepted_and_refused_to_others(office, letters):
    task = office.task(letters)
    assert [one["user_task"]["id"] for one in office.ana.get("reminders").json["items"]] == [task["id"]]
    assert office.otto.get("reminders").json["items"] == []
    assert office.otto.get(f"reminders/{task['id']}").status_code == 404
    assert office.otto.post(f"reminders/{task['id']}/aside").status_code == 404

    assert office.ana.post(f"reminders/{task['id']}/aside").status_code == 200
    assert office.ana.get("reminders").json["items"] == []
    assert office.bo.post(f"reminders/{task['id']}/accept").json["assignee"] == "bo"
    refused = office.ana.post(f"reminders/{task['id']}/accept")

    assert (refused.status_code, refused.json["code"], refused.json["assignee"]) == (
        409,
        "user_task_already_claimed",
        "bo",
    )


def test_a_blocking_reminder_stays_on_every_page_until_the_record_comes(office, letters):
    office.ana.post(f"reminders/{office.task(letters)['id']}/accept")
    office.ana.post(f"user-tasks/{office.task(letters)['id']}/complete", {"variables": {}})
    call = office.task(letters)
    page = page_of(office, "ana")

    for address in ("/matters", "/notices", "/inbox"):
        assert f'data-blocking-reminder="{call["id"]}"' in page.get(address).text
    for address, body in (("aside", None), ("waive", {"reason": "none of yours"})):
        assert office.ana.post(f"reminders/{call['id']}/{address}", body).status_code in (403, 409)
    refused = office.ana.post(f"user-tasks/{call['id']}/complete", {"variables": {}})
    assert (refused.status_code, refused.json["code"]) == (409, "reminder_blocks")
    event = {"event": "call_recorded", "business_key": "2026-CV-0007", "facts": {"seconds": 40}}
    assert office.ana.post("reminders/events", event).status_code == 403
    assert office.ada.post("reminders/events", event).json == {"user_task_ids": [call["id"]]}

    assert "data-blocking-reminder" not in page.get("/matters").text
    assert office.ana.post(f"user-tasks/{call['id']}/complete", {"variables": {}}).status_code == 200


def test_people_say_on_a_page_how_they_hear_of_things(office):
    page = page_of(office, "ana")
    assert "Once a day, all together" in page.get("/notices/settings").text

    saved = post(
        page, "/notices/settings", email="digest", digest_at="06:30", quiet="on", quiet_from="21:00", quiet_to="06:00",
        kinds=["task_reminder"],
    )  # fmt: skip

    assert saved.status_code == 200
    settings = office.ana.get("notification-settings").json
    assert settings["email"] == "digest"
    assert (settings["digest_at"], settings["quiet_from"], settings["quiet_to"]) == ("06:30", "21:00", "06:00")
    assert (settings["push"], settings["quiet_days_off"]) == (False, False)
    assert "task_reminder" not in settings["muted"]
    assert "deadline_nears" in settings["muted"]
    assert office.bo.get("notification-settings").json["email"] == "each"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "pigeon"),
        ("digest_at", "25:00"),
        ("digest_at", "<b>"),
        ("quiet_to", ""),
        ("quiet_from", "10:00+02:00"),
    ],
)
def test_a_wish_that_cannot_be_kept_is_refused_by_its_field_and_nothing_is_saved(office, field, value):
    page = page_of(office, "ana")
    said = {"email": "each", "digest_at": "08:00", "quiet": "on", "quiet_from": "20:00", "quiet_to": "07:00"}

    refused = post(page, "/notices/settings", **{**said, field: value})

    assert refused.status_code == 422
    assert f'id="{field}-problem"' in refused.text
    assert office.ana.get("notification-settings").json["digest_at"] == "08:00"


def test_settings_are_changed_over_the_api_one_by_one(office):
    changed = office.ana.patch("notification-settings", {"quiet_from": None, "quiet_to": None, "muted": ["task_late"]})

    assert changed.json["quiet_from"] is None
    assert (changed.json["email"], changed.json["muted"]) == ("each", ["task_late"])
    half = office.ana.patch("notification-settings", {"quiet_from": "20:00"})
    assert (half.status_code, half.json["field"]) == (422, "quiet_to")
    assert office.ana.patch("notification-settings", {"colour": "red"}).status_code == 422


def test_a_browser_is_told_only_when_its_push_service_is_one_that_is_trusted(office):
    public_key = office.ana.get("notification-settings/browsers").json["public_key"]
    assert len(web_push.decoded(public_key)) == 65

    added = office.ana.post("notification-settings/browsers", BROWSER)
    again = office.ana.post("notification-settings/browsers", BROWSER | {"label": "Firefox"})

    assert (added.status_code, again.json["id"]) == (201, added.json["id"])
    assert len(office.ana.get("notification-settings/browsers").json["items"]) == 1
    assert office.bo.get("notification-settings/browsers").json["items"] == []
    for wrong in ("http://fcm.googleapis.com/x", "https://127.0.0.1/x", "https://evil.example/fcm.googleapis.com"):
        refused = office.ana.post("notification-settings/browsers", BROWSER | {"endpoint": wrong})
        assert (refused.status_code, refused.json["field"]) == (422, "endpoint")
    refused = office.ana.post("notification-settings/browsers", BROWSER | {"keys": {"p256dh": "AAAA", "auth": "AAAA"}})
    assert (refused.status_code, refused.json["field"]) == (422, "keys")
    assert office.bo.post(f"notification-settings/browsers/{added.json['id']}/remove").status_code == 404
    assert office.ana.post(f"notification-settings/browsers/{added.json['id']}/remove").status_code == 204


def test_the_key_of_web_push_is_made_once_and_lies_beside_the_other_keys(office):
    file = office.settings.keys_dir / "web_push.pem"

    assert file.stat().st_mode & 0o077 == 0
    assert channels.current().push.public_key == web_push.WebPush(file.read_text(), "mailto:x@firm.example").public_key
