"""The service tasks of the practice, called as the engine calls them and run in the shipped processes."""

from pathlib import Path

import pytest
import sqlalchemy as sa

from engine import bundles, delegates, deployments, process_instances, user_tasks
from engine.actor import SYSTEM
from engine.models import ProcessInstance
from engine.models.base import new_id
from practice.conflicts import queries as conflicts
from practice.enquiries.models import Enquiry
from practice.errors import (
    AmountInvalid,
    ConflictIsAbsolute,
    EnquiryNotFound,
    MatterNotFound,
    NotAnActiveLawyer,
    VariableInvalid,
    VariableMissing,
)
from practice.matters.models import Matter
from practice.people import operations as people
from tests.conftest import NOON
from tests.factories import begin, deploy, end, later, open_tasks, path, start, user_task
from tests.practice.firm import LEA, OTTO, PETRA, RITA, call

PROCESSES = Path(__file__).parents[2] / "processes" / "bpmn"
ENQUIRY = {
    "client_kind": "person",
    "client_name": "Ana Ruiz",
    "client_phone": "+30 210 000000",
    "opponent_name": "Beton AG",
    "case_type": "civil",
    "urgency": "normal",
    "summary": "A wall fell on the client's car and the builder does not pay.",
    "claim_value": 12500.5,
    "currency": "EUR",
    "source": "call",
}
APPROVAL = {"partner_decision": "approve", "responsible": "lea", "fee_mode": "hourly"}


def run(session, topic, delegate_call):
    return delegates.find(topic)(session, delegate_call)


@pytest.fixture
def instance(session, firm):
    deploy(session, start() + user_task("wait") + end() + path("started", "wait", "ended"), key="intake")
    return begin(session, key="intake", by=RITA)


def test_a_second_delivery_of_the_same_job_changes_nothing(session, instance):
    job = new_id()
    facts = {"client_name": "Ana", "opponent_name": "Beton"}

    first = run(session, "register_enquiry", call(instance.id, variables=facts, by=RITA, job_id=job))
    again = run(session, "register_enquiry", call(instance.id, variables=facts, by=RITA, job_id=job))

    assert first == again == {"enquiry_number": "E-2026-0001", "taken_by": "rita"}
    assert session.scalar(sa.select(sa.func.count()).select_from(Enquiry)) == 1
    assert process_instances.get(session, instance.id).business_key == "E-2026-0001"


def test_registering_again_in_the_same_intake_corrects_the_enquiry(session, instance):
    run(session, "register_enquiry", call(instance.id, variables={"client_name": "Ana"}, by=RITA))

    result = run(session, "register_enquiry", call(instance.id, variables={"client_name": "Anna"}, by=PETRA))

    assert result == {"enquiry_number": "E-2026-0001", "taken_by": "rita"}
    assert session.scalars(sa.select(Enquiry)).one().client_name == "Anna"


def test_mapped_inputs_win_over_variables(session, instance):
    variables, inputs = {"client_name": "Ana", "opponent_name": "Beton"}, {"client_name": "Cleo"}

    run(session, "register_enquiry", call(instance.id, variables=variables, inputs=inputs, by=RITA))

    enquiry = session.scalars(sa.select(Enquiry)).one()
    assert (enquiry.client_name, enquiry.opponent_name) == ("Cleo", "Beton")


@pytest.mark.parametrize("topic", ["check_conflicts", "close_enquiry", "open_matter"])
def test_without_an_enquiry_there_is_nothing_to_do(session, instance, topic):
    with pytest.raises(EnquiryNotFound):
        run(session, topic, call(instance.id, inputs={"outcome": "declined"}))


@pytest.mark.parametrize("topic", ["archive_matter", "set_matter_facts"])
def test_without_a_matter_there_is_nothing_to_do(session, instance, topic):
    with pytest.raises(MatterNotFound):
        run(session, topic, call(instance.id))


@pytest.mark.parametrize(
    ("inputs", "error"),
    [({}, VariableMissing), ({"outcome": 1}, VariableInvalid), ({"outcome": "lost"}, VariableInvalid)],
)
def test_closing_an_enquiry_needs_a_known_outcome(session, instance, inputs, error):
    run(session, "register_enquiry", call(instance.id, variables={"client_name": "Ana"}, by=RITA))

    with pytest.raises(error) as refusal:
        run(session, "close_enquiry", call(instance.id, inputs=inputs))

    assert refusal.value.field == "outcome"


def test_the_lawyer_with_the_fewest_open_matters_is_proposed_first(session, matter):
    matter("Ana", responsible="lea")

    result = run(session, "propose_team", call())

    assert result["lawyers"] == [{"label": "Leo", "value": "leo"}, {"label": "Lea", "value": "lea"}]


def test_the_last_steps_of_a_matter_keep_its_outcome_and_archive_it(session, matter):
    opened = matter()
    asked = {"business_key": opened.number, "by": LEA}

    kept = run(session, "set_matter_facts", call(opened.process_instance_id, inputs={"outcome": "won"}, **asked))
    inputs = {"location": "Cellar 3", "retain_until": "2036-09-30"}
    archived = run(session, "archive_matter", call(opened.process_instance_id, inputs=inputs, **asked))

    assert (kept, archived) == (None, {"archived_on": "2026-09-01"})
    assert (opened.outcome, opened.state, opened.archive_location) == ("won", "archived", "Cellar 3")


@pytest.fixture
def shipped(session, firm):
    for name in ("civil", "intake"):
        deployments.deploy(session, bundles.read(PROCESSES / name), by=SYSTEM, now=NOON)


def ask(session, **facts):
    return process_instances.start(session, "intake", variables=ENQUIRY | facts, by=RITA, now=NOON)


def complete(session, instance, element_id, answers, by, now=NOON):
    return user_tasks.complete(session, open_tasks(session, instance.id)[element_id].id, answers, by=by, now=now)


def test_a_clear_enquiry_becomes_a_matter_whose_process_runs(session, shipped):
    instance = ask(session)

    complete(session, instance, "decide_enquiry", APPROVAL, PETRA, later(hours=2))

    matter = session.scalars(sa.select(Matter)).one()
    assert (matter.number, matter.responsible, matter.opened_at) == ("2026-CV-0001", "lea", later(hours=2))
    assert process_instances.get(session, instance.id).state == "completed"
    run_by = session.get_one(ProcessInstance, matter.process_instance_id)
    assert (run_by.process_key, run_by.business_key, run_by.started_by) == ("civil", matter.number, "petra")
    task = open_tasks(session, run_by.id)["assess_claim"]
    assert (task.assignee, task.business_key) == ("lea", matter.number)
    assert user_tasks.variables(session, task)["claim_value"] == 12500.5


def test_a_relative_conflict_goes_to_the_officer_with_its_reasons(session, shipped):
    complete(session, ask(session), "decide_enquiry", APPROVAL, PETRA)
    instance = ask(session, client_name="Cleo", opponent_name="Dora", other_parties="Ana Ruiz")

    task = open_tasks(session, instance.id)["decide_conflict"]
    seen = user_tasks.variables(session, task)
    assert (seen["conflict_count"], seen["conflict_absolute"]) == (1, False)
    assert seen["conflict_hits"][0]["reason"] == "same name; is our client in 2026-CV-0001 (open)"

    complete(session, instance, "decide_conflict", {"conflict_decision": "clear", "conflict_note": "A namesake."}, OTTO)
    assert "decide_enquiry" in open_tasks(session, instance.id)


def test_an_absolute_conflict_ends_in_a_decline_whatever_the_officer_wants(session, shipped):
    complete(session, ask(session), "decide_enquiry", APPROVAL, PETRA)
    instance = ask(session, client_name="BETON ag", opponent_name="Dora")
    assert user_tasks.variables(session, open_tasks(session, instance.id)["decide_conflict"])["conflict_absolute"]

    answers = {"absolute_confirmed": True, "conflict_note": "We act against them."}
    complete(session, instance, "decide_conflict", answers, OTTO)

    assert "send_decline_letter" in open_tasks(session, instance.id)
    answers = {"declined_on": "2026-09-01", "decline_way": "email", "limitation_warned": True}
    complete(session, instance, "send_decline_letter", answers, RITA)
    enquiry = session.scalars(sa.select(Enquiry).where(Enquiry.client_name == "BETON ag")).one()
    assert enquiry.state == "declined"
    assert session.scalar(sa.select(sa.func.count()).select_from(Matter)) == 1


def test_a_conflict_that_comes_up_before_the_partner_decides_refuses_the_approval(session, shipped):
    mine, theirs = ask(session), ask(session, client_name="Beton AG", opponent_name="Ana Ruiz")
    answers = {"conflict_decision": "clear", "conflict_note": "Not seen yet."}
    complete(session, theirs, "decide_conflict", answers, OTTO)
    complete(session, mine, "decide_enquiry", APPROVAL, PETRA)

    with pytest.raises(ConflictIsAbsolute), session.begin_nested():
        complete(session, theirs, "decide_enquiry", APPROVAL, PETRA)

    assert "decide_enquiry" in open_tasks(session, theirs.id)
    assert session.scalar(sa.select(sa.func.count()).select_from(Matter)) == 1


def test_names_that_were_corrected_are_checked_again(session, shipped):
    complete(session, ask(session), "decide_enquiry", APPROVAL, PETRA)
    instance = ask(session, client_name="Cleo", opponent_name="Dora")
    question = {"partner_decision": "ask_back", "question": "Is it really Dora?"}
    complete(session, instance, "decide_enquiry", question, PETRA)

    answers = {"client_still_interested": "yes", "answer": "No", "client_name": "Cleo", "opponent_name": "Ana Ruiz"}
    complete(session, instance, "answer_question", answers, RITA)

    assert "decide_conflict" in open_tasks(session, instance.id)
    number = process_instances.get(session, instance.id).business_key
    assert [check.outcome for check in conflicts.checks_of(session, number)] == ["clear", "absolute"]


def test_a_refused_opening_stores_nothing_and_names_the_field(session, shipped):
    instance = ask(session)
    people.deactivate_user(session, "leo", by=SYSTEM, now=NOON)

    with pytest.raises(NotAnActiveLawyer) as refusal, session.begin_nested():
        complete(session, instance, "decide_enquiry", APPROVAL | {"responsible": "leo"}, PETRA)

    assert refusal.value.field == "responsible"
    assert open_tasks(session, instance.id)["decide_enquiry"].state == "created"
    assert session.scalar(sa.select(sa.func.count()).select_from(Matter)) == 0


def test_an_enquiry_with_a_wrong_amount_is_not_even_registered(session, shipped):
    with pytest.raises(AmountInvalid) as refusal, session.begin_nested():
        ask(session, claim_value=12500.5, currency="JPY")

    assert (refusal.value.field, refusal.value.decimals) == ("claim_value", 0)
    assert session.scalar(sa.select(sa.func.count()).select_from(Enquiry)) == 0


def test_a_withdrawn_enquiry_says_why(session, shipped):
    instance = ask(session)
    complete(session, instance, "decide_enquiry", {"partner_decision": "ask_back", "question": "Still?"}, PETRA)

    answers = {"client_still_interested": "no", "withdrawal_reason": "Found somebody else"}
    complete(session, instance, "answer_question", answers, RITA)

    enquiry = session.scalars(sa.select(Enquiry)).one()
    assert (enquiry.state, enquiry.reason) == ("withdrawn", "Found somebody else")
