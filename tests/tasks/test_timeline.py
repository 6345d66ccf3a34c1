"""How a matter got where it is."""

import pytest

from engine import bundles, deployments, process_instances, user_tasks
from engine.actor import SYSTEM
from practice.enquiries import queries as enquiries
from practice.matters import queries as matters
from practice.matters.models import Matter
from tasks import timeline
from tests.conftest import NOON
from tests.factories import begin, deploy, end, later, open_tasks, path, start, user_task
from tests.practice.firm import LEA, PETRA, RITA
from tests.practice.test_delegates import APPROVAL, ENQUIRY, PROCESSES


@pytest.fixture
def opened(session, firm):
    for name in ("civil", "intake"):
        deployments.deploy(session, bundles.read(PROCESSES / name), by=SYSTEM, now=NOON)
    instance = process_instances.start(session, "intake", variables=ENQUIRY, by=RITA, now=NOON)
    task = open_tasks(session, instance.id)["decide_enquiry"]
    user_tasks.complete(session, task.id, APPROVAL, by=PETRA, now=later(hours=2))
    return matters.get_by_number(session, "2026-CV-0001", actor=LEA)


def test_the_intake_belongs_to_the_matters_story(session, opened):
    told = timeline.for_matter(session, opened)

    assert [(entry.kind, entry.title, entry.actor) for entry in reversed(told)][:3] == [
        ("process_started", "Intake of an enquiry", "rita"),
        ("activity_completed", "Register the enquiry", "rita"),
        ("activity_completed", "Check for conflicts", "rita"),
    ]
    assert {entry.business_key for entry in told} == {opened.number, opened.enquiry_number}
    assert {entry.process_key for entry in told} == {"intake", "civil"}
    assert told[0].at == later(hours=2)
    assert "gateway" not in " ".join(entry.title for entry in told)


def test_a_completed_task_tells_who_did_it_and_what_was_answered(session, opened):
    (entry,) = [e for e in timeline.for_matter(session, opened) if e.kind == "user_task_completed"]

    assert (entry.title, entry.actor, entry.actor_name) == ("Decide on the enquiry", "petra", "Petra")
    answers = {answer.label: answer.value for answer in entry.answers}
    assert "lea" in answers.values()
    assert all(label != key for key in APPROVAL for label in answers)


def test_facts_are_told_without_the_sentence(session, opened):
    task = open_tasks(session, opened.process_instance_id)["assess_claim"]
    user_tasks.delegate(session, task.id, "leo", by=LEA, now=later(hours=3))
    process_instances.cancel(session, opened.process_instance_id, reason="Settled", by=PETRA, now=later(hours=4))

    told = timeline.for_matter(session, opened)

    by_kind = {entry.kind: entry for entry in told}
    assert by_kind["user_task_delegated"].data == {"before": "lea", "after": "leo"}
    assert by_kind["process_cancelled"].data == {"reason": "Settled"}
    assert by_kind["user_task_cancelled"].title == "Assess the claim"


def test_the_latest_come_first_and_only_as_many_as_asked(session, opened):
    told = timeline.for_matter(session, opened)

    assert timeline.for_matter(session, opened, limit=2) == told[:2]
    assert [entry.at for entry in told] == sorted((entry.at for entry in told), reverse=True)


def test_an_enquiry_has_a_story_of_its_own(session, opened):
    enquiry = enquiries.get_by_number(session, opened.enquiry_number, actor=RITA)

    assert {entry.process_key for entry in timeline.for_enquiry(session, enquiry)} == {"intake"}


def test_several_choices_are_told_by_their_labels(session):
    form = b"""{"components": [{"type": "group", "components": [
        {"type": "checklist", "key": "sent", "label": "Sent", "values": [{"label": "By post", "value": "post"}]},
        {"type": "datetime", "key": "on", "dateLabel": "On"},
        {"type": "checkbox", "key": "done", "label": "Done"},
        {"type": "textfield", "key": "note"}]}]}"""
    body = start() + user_task("send", attributes='camunda:formKey="letter"') + end() + path("started", "send", "ended")
    deploy(session, body, files={"forms/letter.form": form})
    instance = begin(session, business_key="2026-CV-0009")
    answers = {"sent": ["post"], "on": "2026-09-01", "done": True, "note": ""}
    user_tasks.complete(session, open_tasks(session, instance.id)["send"].id, answers, by=LEA, now=NOON)

    (entry,) = [
        entry
        for entry in timeline.for_matter(session, Matter(number="2026-CV-0009"))
        if entry.kind == "user_task_completed"
    ]

    assert [(answer.label, answer.value) for answer in entry.answers] == [
        ("Sent", ["By post"]),
        ("On", "2026-09-01"),
        ("Done", True),
    ]
