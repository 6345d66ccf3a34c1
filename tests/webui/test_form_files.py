"""Files that a form asks for: taken in first, filed with what the form is about when it is sent."""

from io import BytesIO

import pytest

from engine import deployments
from engine.actor import SYSTEM
from tests.factories import end, model, path, start, user_task
from tests.webui.conftest import MORNING

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"
FORM = b"""{"type": "default", "id": "hand_in", "schemaVersion": 19, "components": [
  {"type": "textfield", "key": "note", "label": "Note", "id": "f1"},
  {"type": "filepicker", "key": "papers", "label": "Papers", "id": "f2", "multiple": true, "validate": {"required": true}}]}"""
OTHER_FORM = FORM.replace(b"Note", b"Remark")
PAPERS = model(
    start().replace("<bpmn:startEvent ", '<bpmn:startEvent camunda:formKey="hand_in" ')
    + user_task("check", groups="lawyers", attributes='camunda:formKey="hand_in"')
    + end()
    + path("started", "check", "ended"),
    key="papers",
    attributes='camunda:candidateStarterGroups="lawyers"',
)


@pytest.fixture
def papers(office):
    """A process that asks for papers at its start and in its task."""
    with office.transaction() as session:
        deployments.deploy(session, {"papers.bpmn": PAPERS, "forms/hand_in.form": FORM}, by=SYSTEM, now=MORNING)
    return office


def sent(client, name="claim.pdf", content=PDF, **fields):
    filed = client.post("documents", data={"file": (BytesIO(content), name), **fields}).json
    return {"id": filed["id"], "name": filed["title"]}


def test_what_a_start_form_names_is_filed_with_what_has_begun(papers):
    paper = sent(papers.ana)

    instance = papers.start("papers", variables={"papers": [paper]})

    filed = papers.bo.get(f"documents/{paper['id']}").json
    assert (filed["owner_kind"], filed["owner"]) == ("process_instance", instance["id"].replace("-", ""))


def test_nobody_files_what_somebody_else_brought_in(papers):
    loose = sent(papers.bo)

    refused = papers.ana.post("process-instances", {"process_key": "papers", "variables": {"papers": [loose]}})
    unknown = {"id": "0190e6f0-0000-7000-8000-000000000001", "name": "x"}
    missing = papers.ana.post("process-instances", {"process_key": "papers", "variables": {"papers": [unknown]}})

    for answer in (refused, missing):
        assert (answer.status_code, answer.json["code"], set(answer.json["fields"])) == (
            422,
            "form_invalid",
            {"papers"},
        )
    assert papers.ana.get("process-instances?process_key=papers").json["items"] == []


def test_a_task_is_completed_with_papers_of_its_own(papers):
    task = papers.task(papers.start("papers", variables={"papers": [sent(papers.ana)]}))
    paper = sent(papers.ana, "reply.pdf", PDF + b"2", user_task_id=task["id"])

    without = papers.ana.post(f"user-tasks/{task['id']}/complete", {"variables": {"note": "x"}})
    done = papers.ana.post(f"user-tasks/{task['id']}/complete", {"variables": {"papers": [paper]}})

    assert (without.status_code, set(without.json["fields"])) == (422, {"papers"})
    assert done.status_code == 200
    assert papers.ana.get(f"documents/{paper['id']}").json["user_task_id"] == task["id"]


def test_answers_to_a_form_of_yesterday_are_refused_and_told(papers):
    task = papers.task(papers.start("papers", variables={"papers": [sent(papers.ana)]}))
    address = f"user-tasks/{task['id']}"
    shown = papers.ana.get(address).json["form_digest"]
    with papers.transaction() as session:
        deployments.deploy(session, {"papers.bpmn": PAPERS, "forms/hand_in.form": OTHER_FORM}, by=SYSTEM, now=MORNING)
    plan = {"process_key": "papers", "from_version": 1, "to_version": 2, "dry_run": False}
    moved = papers.ada.post("process-instances/migrate", plan)
    assert moved.status_code == 200, moved.json
    body = {"variables": {"papers": [sent(papers.ana)]}, "form_digest": shown}

    refused = papers.ana.post(f"{address}/complete", body)
    now = papers.ana.get(address).json["form_digest"]

    assert (refused.status_code, refused.json["code"]) == (409, "form_changed")
    assert refused.json["form_digest"] == now != shown
    assert papers.ana.post(f"{address}/complete", body | {"form_digest": now}).status_code == 200
