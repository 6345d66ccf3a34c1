"""What the task page says about the matter or the enquiry."""

from decimal import Decimal

import pytest
import sqlalchemy as sa

from engine.errors import UserTaskNotFound
from engine.models import ProcessDefinition
from practice.errors import EnquiryNotFound, MatterNotFound
from tasks import facts
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import CORA, LEA, LEO, RITA


def test_a_task_shows_its_matters_facts(session, matter):
    opened = matter(claim_value="1000.50", currency="EUR", summary="A wall fell.")

    shown = facts.for_user_task(session, open_tasks(session)["assess"], actor=LEA)

    assert (shown.kind, shown.number, shown.case_type_name) == ("matter", opened.number, "Civil litigation")
    assert (shown.claim_value, shown.currency) == (Decimal("1000.50"), "EUR")
    assert (shown.responsible, shown.responsible_name, shown.conflict_outcome) == ("lea", "Lea", "clear")
    assert facts.for_matter(session, opened.number, actor=LEA) == shown


def test_facts_are_not_for_outsiders(session, matter):
    opened = matter()

    with pytest.raises(UserTaskNotFound):
        facts.for_user_task(session, open_tasks(session)["assess"], actor=RITA)
    with pytest.raises(MatterNotFound):
        facts.for_matter(session, opened.number, actor=LEO)
    with pytest.raises(EnquiryNotFound):
        facts.for_enquiry(session, opened.enquiry_number, actor=CORA)


def test_a_task_of_an_intake_shows_its_enquiry(session, register):
    enquiry = register(case_type=None)
    deploy(session, start() + user_task("decide") + end() + path("started", "decide", "ended"))
    begin(session, business_key=enquiry.number)

    shown = facts.for_user_task(session, open_tasks(session)["decide"], actor=LEA)

    assert (shown.kind, shown.number, shown.title) == ("enquiry", enquiry.number, "Ana Ruiz – Beton AG")
    assert (shown.case_type_name, shown.claim_value, shown.conflict_outcome) == (None, None, None)
    assert facts.for_enquiry(session, enquiry.number, actor=RITA) == shown


@pytest.mark.parametrize("business_key", [None, "Something else"])
def test_a_task_may_be_about_neither(session, firm, business_key):
    deploy(session, start() + user_task("tidy") + end() + path("started", "tidy", "ended"))
    begin(session, business_key=business_key)

    assert facts.for_user_task(session, open_tasks(session)["tidy"], actor=LEA) is None


def test_a_list_names_what_its_tasks_are_about(session, matter, register):
    opened, enquiry = matter(), register("Bo", None)
    deploy(session, start() + user_task("decide") + end() + path("started", "decide", "ended"))
    asked, neither = begin(session, business_key=enquiry.number), begin(session)
    tasks = [
        *open_tasks(session).values(),
        *open_tasks(session, asked.id).values(),
        *open_tasks(session, neither.id).values(),
    ]

    named = facts.subjects(session, tasks)

    assert named == {
        opened.number: facts.Subject("matter", opened.number, "Ana Ruiz – Beton AG", "Ana Ruiz", "Beton AG"),
        enquiry.number: facts.Subject("enquiry", enquiry.number, "Bo", "Bo", None),
    }
    assert facts.subjects(session, open_tasks(session, neither.id).values()) == {}


def test_a_case_type_that_is_no_longer_deployed_is_shown_by_its_key(session, matter):
    opened = matter()
    session.execute(sa.update(ProcessDefinition).values(properties={}))
    session.expire_all()

    assert facts.for_matter(session, opened.number, actor=LEA).case_type_name == "civil"
