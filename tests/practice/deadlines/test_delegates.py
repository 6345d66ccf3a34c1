"""Diagrams register, verify and end deadlines; nobody is the second person to themselves, whatever a diagram says."""

from datetime import date

import pytest
import sqlalchemy as sa

from engine.delegates import BpmnError
from practice.deadlines import delegates, operations, queries
from practice.deadlines.errors import DeadlineNotFound
from practice.deadlines.models import Deadline
from practice.errors import MatterNotFound, VariableInvalid
from tests.conftest import NOON
from tests.practice.deadlines.conftest import APPEAL, LEA, PETRA, SOURCE
from tests.practice.firm import call

DUE = "2026-09-16"


@pytest.fixture
def run(session, ruiz):
    """Return a function that calls a service task of the matter's process."""

    def do(topic, *, by=LEA, business_key=None, instance=None, **inputs):
        made = call(instance, inputs=inputs, business_key=business_key or ruiz.number, by=by)
        return topic(session, made)

    return do


def the_only(session):
    return session.scalars(sa.select(Deadline)).one()


def test_a_diagram_registers_a_deadline_and_gets_its_day(session, run):
    told = run(delegates.register_deadline, **APPEAL, **{"as": "appeal"})

    deadline = the_only(session)
    assert told == {"appeal_id": str(deadline.id), "appeal_on": DUE}
    assert (deadline.state, deadline.created_by) == ("proposed", "lea")


def test_a_job_that_is_delivered_twice_registers_once(session, ruiz):
    made = call(inputs=APPEAL, business_key=ruiz.number, by=LEA)

    assert delegates.register_deadline(session, made) == delegates.register_deadline(session, made)
    the_only(session)


def test_a_day_that_had_passed_is_kept_on_record_as_waived(session, run):
    run(delegates.register_deadline, **{**APPEAL, "anchor_on": "2026-01-05"})

    deadline = the_only(session)
    assert (deadline.state, deadline.end_reason) == ("waived", "The day had passed before it was registered.")


def test_another_person_verifies_through_the_diagram(session, run, appeal):
    run(delegates.verify_deadline, by=PETRA, deadline_id=str(appeal.id), due_on=DUE)

    assert (appeal.state, appeal.verified_by) == ("verified", "petra")


def test_whoever_registered_it_does_not_verify_it(session, run, appeal):
    run(delegates.verify_deadline, deadline_id=str(appeal.id), due_on=DUE)

    assert appeal.state == "proposed"
    with pytest.raises(BpmnError) as thrown:
        run(delegates.verify_deadline, deadline_id=str(appeal.id), due_on=DUE, same_person="error")
    assert thrown.value.code == "second_person_needed"


def test_another_day_becomes_a_proposal_of_whoever_came_to_it(session, run, appeal):
    told = run(
        delegates.verify_deadline, by=PETRA, deadline_id=str(appeal.id), due_on="2026-09-14", reason="Served earlier"
    )

    assert told["deadline_on"] == "2026-09-14"
    newer = queries.replaced_by(session, appeal.id)
    assert (appeal.state, newer.state, newer.created_by) == ("superseded", "proposed", "petra")


def test_what_was_replaced_meanwhile_is_followed(session, run, appeal):
    newer = operations.change(session, appeal.id, {"anchor_on": "2026-09-03"}, reason="Stamp", by=LEA, now=NOON)

    run(delegates.verify_deadline, by=PETRA, deadline_id=str(appeal.id), due_on="2026-09-18")

    assert newer.state == "verified"


def test_what_was_verified_or_ended_on_its_page_stays_as_it_is(session, run, appeal):
    operations.verify(session, appeal.id, due_on=date(2026, 9, 16), document_seen=True, by=PETRA, now=NOON)

    told = run(delegates.verify_deadline, by=LEA, deadline_id=str(appeal.id), due_on=DUE)

    assert told["deadline_on"] == DUE
    assert appeal.verified_by == "petra"


def test_the_first_person_asks_for_the_end_and_the_next_confirms(session, run, appeal):
    end = {"deadline_id": str(appeal.id), "outcome": "met", "reason": "Filed"}
    run(delegates.end_deadline, **end)
    run(delegates.end_deadline, **end)
    assert (appeal.is_open, appeal.ending_by) == (True, "lea")

    run(delegates.end_deadline, by=PETRA, **end)
    run(delegates.end_deadline, by=PETRA, **end)

    assert (appeal.state, appeal.ended_by) == ("met", "petra")


def test_without_a_deadline_there_is_none_to_end(session, run, appeal):
    run(delegates.end_deadline, deadline_id=None, outcome="met", reason="Filed")

    assert appeal.ending is None


def test_an_outcome_that_is_none_is_refused(session, run, appeal):
    with pytest.raises(VariableInvalid):
        run(delegates.end_deadline, deadline_id=str(appeal.id), outcome="forgotten", reason="x")


def test_closing_a_matter_ends_all_that_run(session, run, appeal, propose):
    other = propose(name="Answer the court", due_on="2026-10-01", citation="Order", source=SOURCE)
    for by in (LEA, PETRA):
        run(delegates.end_deadlines, by=by, outcome="waived", reason="Closed")

    assert {appeal.state, other.state} == {"waived"}


def test_the_answer_to_a_proposed_end_is_somebody_elses(session, run, appeal):
    operations.end(session, appeal.id, "met", reason="Filed", by=LEA, now=NOON)
    with pytest.raises(BpmnError):
        run(delegates.confirm_deadline_end, deadline_id=str(appeal.id))
    run(delegates.refuse_deadline_end, by=PETRA, deadline_id=str(appeal.id), reason="No receipt")
    assert (appeal.is_open, appeal.ending) == (True, None)

    operations.end(session, appeal.id, "met", reason="Filed", by=LEA, now=NOON)
    run(delegates.confirm_deadline_end, by=PETRA, deadline_id=str(appeal.id))

    assert appeal.state == "met"


def test_a_doubt_and_another_day_are_kept_with_their_reasons(session, run, appeal):
    run(delegates.dispute_deadline, by=PETRA, deadline_id=str(appeal.id), reason="Not served then")
    told = run(
        delegates.change_deadline, by=PETRA, deadline_id=str(appeal.id), due_on="2026-09-14", reason="Served before"
    )

    assert told["deadline_on"] == "2026-09-14"
    assert [one.kind for one in appeal.changes] == ["proposed", "disputed", "superseded"]


@pytest.mark.parametrize("given", ["no-uuid", "018f0000-0000-7000-8000-000000000000"])
def test_a_deadline_that_is_not_there_is_refused(session, run, given):
    with pytest.raises(DeadlineNotFound):
        run(delegates.verify_deadline, deadline_id=given, due_on=DUE)


def test_a_process_reaches_deadlines_of_its_own_matter_only(session, run, appeal, matter):
    other = matter("Carl Berg", "Dora Holm")

    with pytest.raises(DeadlineNotFound):
        run(delegates.verify_deadline, by=PETRA, business_key=other.number, deadline_id=str(appeal.id), due_on=DUE)
    with pytest.raises(MatterNotFound):
        run(delegates.register_deadline, business_key="2026-CV-9999", **APPEAL)
