"""Process instances, messages and incidents over the API."""

from uuid import uuid4

from tests.webui.conftest import COURT


def test_an_instance_starts_and_says_where(office):
    answer = office.ana.post(
        "process-instances", {"process_key": "leave", "business_key": "2026-LV-0001", "variables": {"days": 3}}
    )

    told = answer.json
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith(f"/api/v1/process-instances/{told['id']}")
    assert told == {
        "id": told["id"],
        "state": "active",
        "process_key": "leave",
        "version": 1,
        "business_key": "2026-LV-0001",
    }
    assert office.ana.get(f"process-instances/{told['id']}/variables").json == {"variables": {"days": 3}}
    assert office.ana.get(f"process-instances/{told['id']}/activities").json["active"] == ["approve_leave"]


def test_an_older_version_can_be_started_by_number(office):
    assert office.start(version=1)["version"] == 1
    assert office.ana.post("process-instances", {"process_key": "leave", "version": 9}).status_code == 404


def test_the_list_is_filtered_and_paged_newest_first(each_office):
    office = each_office
    ids = [office.start(business_key=f"K-{number}")["id"] for number in range(5)]
    task = office.task({"id": ids[0]})
    office.pia.post(f"user-tasks/{task['id']}/complete", {"variables": {"decision": "approve"}})

    first = office.ana.get("process-instances?limit=3").json
    rest = office.ana.get(f"process-instances?limit=3&cursor={first['next_cursor']}").json

    assert [item["id"] for item in first["items"] + rest["items"]] == ids[::-1]
    assert rest["next_cursor"] is None
    assert [i["id"] for i in office.ana.get("process-instances?state=completed").json["items"]] == [ids[0]]
    assert [i["id"] for i in office.ana.get("process-instances?business_key=K-3").json["items"]] == [ids[3]]
    assert office.ana.get("process-instances?process_key=parcel").json["items"] == []
    assert office.ana.get("process-instances?state=odd").status_code == 422


def test_an_outsider_sees_no_instance(each_office):
    office = each_office
    instance = office.start()

    assert office.otto.get("process-instances").json["items"] == []
    for part in ("", "/history", "/activities", "/variables"):
        answer = office.otto.get(f"process-instances/{instance['id']}{part}")
        assert (answer.status_code, answer.json["code"]) == (404, "process_instance_not_found")


def test_a_message_wakes_who_waits_and_a_repeated_one_changes_nothing(each_office):
    office = each_office
    instance = office.start("parcel", by="ada", business_key="P-7")
    message = {"name": "parcel_arrived", "correlation_key": "P-7", "variables": {"kilos": 2}, "message_id": "m-1"}

    first = office.ada.post("messages", message)
    again = office.ada.post("messages", message)

    assert (first.status_code, again.status_code) == (202, 202)
    assert first.json == {
        "delivered_to": instance["id"],
        "process_instance_id": instance["id"],
        "started": False,
        "waiting": 1,
        "buffered_until": None,
        "duplicate": False,
    }
    assert again.json["duplicate"] is True
    assert office.otto.get("user-tasks?scope=group").json["items"][0]["element_id"] == "unpack"


def test_a_message_that_nobody_waits_for_is_kept_or_not_and_one_that_nobody_knows_is_refused(office):
    kept = office.ada.post("messages", {"name": "parcel_arrived", "correlation_key": "P-0"})
    nobody = office.ada.post(
        "messages", {"name": "parcel_arrived", "correlation_key": {"shelf": 7, "hall": "B"}, "time_to_live": "PT0S"}
    )
    unknown = office.ada.post("messages", {"name": "unheard_of", "correlation_key": "P-0"})

    assert (kept.status_code, kept.json["delivered_to"]) == (202, None)
    assert kept.json["buffered_until"] is not None
    assert (nobody.status_code, nobody.json["delivered_to"], nobody.json["buffered_until"]) == (202, None, None)
    assert (unknown.status_code, unknown.json["code"]) == (422, "message_unknown")


def test_a_failed_step_is_an_incident_that_can_be_mended(each_office):
    office = each_office
    instance = office.start("fragile", by="ada", business_key="F-1")
    assert office.ada.get(f"process-instances/{instance['id']}").json["state"] == "incident"
    incident = office.ada.get("incidents?process_key=fragile&business_key=F-1").json["items"][0]
    assert (incident["element_id"], incident["process_instance_id"]) == ("call_court", instance["id"])
    assert "court" in incident["message"]

    COURT["answers"] = True
    answer = office.ada.post(f"incidents/{incident['id']}/retry")

    assert answer.status_code == 200
    assert answer.json["resolved_by"] == "ada"
    assert office.ada.get(f"process-instances/{instance['id']}").json["state"] == "completed"
    assert office.ada.get("incidents").json["items"] == []


def test_incidents_are_seen_by_who_sees_the_instance_and_mended_by_who_may(office):
    office.start("fragile", by="ana")
    incident = office.ana.get("incidents").json["items"][0]["id"]

    assert office.otto.get("incidents").json["items"] == []
    assert office.otto.post(f"incidents/{incident}/retry").status_code == 404
    assert office.ana.post(f"incidents/{incident}/retry").json["code"] == "right_missing"
    assert office.ada.post(f"incidents/{uuid4()}/retry").status_code == 404


def test_a_start_form_is_shown_before_a_process_is_started(office):
    assert office.ana.get("process-definitions/leave/1/start-form").json == {"form_key": None, "form": None}
    listed = office.otto.get("process-definitions").json["items"]
    assert {item["key"]: item["may_start"] for item in listed} == {"fragile": True, "leave": False, "parcel": True}
