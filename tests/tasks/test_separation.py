"""Four eyes, drawn in the model: who did one step does not do the other, whichever way they try."""

import pytest

import tasks.rules  # noqa: F401 - what the engine asks
from engine import deployments, user_tasks
from engine.actor import SYSTEM, Actor
from engine.errors import DeploymentRefused
from practice.people import operations as people
from tasks.separation.errors import DutiesNotSeparated
from tests.conftest import NOON
from tests.factories import begin, deploy, end, model, open_tasks, path, properties, start, user_task
from tests.practice.firm import LEA, LEO

CHIEF = Actor("petra", frozenset({"partners"}), frozenset({"assign_user_tasks"}))

#: Both at once: no order says who does which.
DRAFT_AND_CHECK = (
    start()
    + user_task("draft", groups="lawyers")
    + user_task("check", groups="lawyers", inner=properties(notPerformedBy="draft"))
    + end("drafted")
    + end("checked")
    + path("started", "draft", "drafted")
    + path("started", "check", "checked")
)


def body(named="draft", groups="lawyers"):
    return (
        start()
        + user_task("draft", groups="lawyers")
        + user_task("check", groups=groups, inner=properties(notPerformedBy=named))
        + end()
        + path("started", "draft", "check", "ended")
    )


def bundle(text):
    return {"proc.bpmn": model(text)}


@pytest.fixture
def to_check(session, firm):
    """A draft by Lea that waits for its check."""
    deploy(session, body())
    begin(session, by=LEO)
    user_tasks.complete(session, open_tasks(session)["draft"].id, {}, by=LEA, now=NOON)
    return open_tasks(session)["check"]


def test_who_did_the_first_step_neither_claims_nor_completes_the_second(session, to_check):
    for attempt in (user_tasks.claim, user_tasks.complete):
        with pytest.raises(DutiesNotSeparated) as refusal:
            attempt(session, to_check.id, by=LEA, now=NOON)
        assert (refusal.value.username, refusal.value.element_id) == ("lea", "draft")

    user_tasks.complete(session, to_check.id, by=LEO, now=NOON)
    assert open_tasks(session) == {}


def test_nobody_gives_it_to_them_either(session, to_check):
    user_tasks.claim(session, to_check.id, by=LEO, now=NOON)

    with pytest.raises(DutiesNotSeparated):
        user_tasks.assign(session, to_check.id, "lea", by=CHIEF, now=NOON)
    with pytest.raises(DutiesNotSeparated):
        user_tasks.delegate(session, to_check.id, "lea", by=LEO, now=NOON)

    assert to_check.assignee == "leo"


def test_what_was_claimed_before_the_first_step_was_done_is_refused_at_completion(session, firm):
    deploy(session, DRAFT_AND_CHECK)
    begin(session)
    user_tasks.claim(session, open_tasks(session)["check"].id, by=LEA, now=NOON)
    user_tasks.complete(session, open_tasks(session)["draft"].id, by=LEA, now=NOON)

    with pytest.raises(DutiesNotSeparated):
        user_tasks.complete(session, open_tasks(session)["check"].id, by=LEA, now=NOON)


def test_what_was_handed_on_does_not_go_back_to_who_meanwhile_did_the_other_step(session, firm):
    deploy(session, DRAFT_AND_CHECK)
    begin(session)
    tasks = open_tasks(session)
    user_tasks.claim(session, tasks["check"].id, by=LEA, now=NOON)
    user_tasks.delegate(session, tasks["check"].id, "leo", by=LEA, now=NOON)
    user_tasks.complete(session, tasks["draft"].id, by=LEA, now=NOON)

    with pytest.raises(DutiesNotSeparated):
        user_tasks.resolve(session, tasks["check"].id, by=LEO, now=NOON)

    assert open_tasks(session)["check"].assignee == "leo"
    user_tasks.assign(session, tasks["check"].id, "leo", by=CHIEF, now=NOON)
    assert user_tasks.complete(session, tasks["check"].id, by=LEO, now=NOON).state == "completed"


def test_who_started_a_process_may_be_kept_from_a_step_of_it(session, firm):
    deploy(session, body(named="started"))
    begin(session, by=LEA)
    user_tasks.complete(session, open_tasks(session)["draft"].id, by=LEO, now=NOON)

    with pytest.raises(DutiesNotSeparated):
        user_tasks.complete(session, open_tasks(session)["check"].id, by=LEA, now=NOON)
    user_tasks.complete(session, open_tasks(session)["check"].id, by=LEO, now=NOON)


@pytest.mark.parametrize(
    ("named", "told"),
    [
        ("nowhere", "no such element"),
        ("ended", "which no person does"),
        ("check", "nobody could do it twice"),
        ("", "does not say who"),
    ],
)
def test_a_name_that_stands_for_nothing_is_found_before_anything_is_stored(named, told):
    findings = [one for one in deployments.check(bundle(body(named))) if one.severity == "error"]

    assert [(one.severity, one.rule, one.element_id) for one in findings] == [("error", "not_performed_by", "check")]
    assert told in findings[0].message
    if named:
        assert named in findings[0].message


def test_the_property_means_nothing_on_what_no_person_performs():
    text = (
        start(inner=properties(notPerformedBy="draft")) + user_task("draft") + end() + path("started", "draft", "ended")
    )

    assert [one.rule for one in deployments.check(bundle(text)) if one.severity == "error"] == ["not_performed_by"]


def test_a_check_that_only_one_person_could_make_of_their_own_work_is_refused(session, firm):
    people.create_user(session, "solo", "Solo", password=None, groups={"archivists"}, by=SYSTEM, now=NOON)
    people.deactivate_user(session, "nobody", by=SYSTEM, now=NOON)
    alone = (
        start()
        + user_task("draft", groups="archivists")
        + user_task("check", groups="archivists", inner=properties(notPerformedBy="draft"))
        + end()
        + path("started", "draft", "check", "ended")
    )

    with pytest.raises(DeploymentRefused) as refusal:
        deploy(session, alone)

    assert [one.rule for one in refusal.value.findings if one.severity == "error"] == ["four_eyes_of_one"]
    assert "solo" in str(refusal.value)
    deploy(session, body(groups="archivists"))  # Solo checks what lawyers draft
