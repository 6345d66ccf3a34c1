"""Who may see which process instance."""

import pytest
import sqlalchemy as sa

from engine import user_tasks
from engine.actor import Actor
from engine.errors import ProcessInstanceNotFound, UserTaskNotFound
from engine.models import ProcessInstance, UserTask
from practice.accesses import cases
from tasks import access
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, RITA, STRANGER


def seen(session, actor):
    return set(session.scalars(sa.select(ProcessInstance.id).where(access.instance_visible_to(actor))))


def test_who_started_an_instance_and_who_has_its_work_sees_it(session, firm):
    deploy(session, start() + user_task("pay", groups="cashiers") + end() + path("started", "pay", "ended"))
    instance = begin(session, by=RITA)

    for insider in (RITA, CORA, AUDITOR):
        assert seen(session, insider) == {instance.id}
        assert access.visible_instance(session, insider, instance.id).id == instance.id
    for outsider in (LEA, STRANGER):
        assert seen(session, outsider) == set()
        with pytest.raises(ProcessInstanceNotFound):
            access.visible_instance(session, outsider, instance.id)


def test_who_may_see_a_matter_sees_its_instances_and_tasks(session, matter):
    opened = matter()
    task = open_tasks(session)["assess"]

    assert seen(session, LEA) == seen(session, PETRA) == {opened.process_instance_id}
    assert access.visible_user_task(session, PETRA, task.id) is task
    assert seen(session, LEO) == set()
    with pytest.raises(UserTaskNotFound):
        access.visible_user_task(session, RITA, task.id)


def test_a_command_is_refused_like_a_look(session, matter):
    matter()
    task = open_tasks(session)["assess"]

    for insider in (LEA, LEO, PETRA, AUDITOR):
        access.require_user_task(session, insider, task.id)
    for outsider in (RITA, STRANGER):
        with pytest.raises(UserTaskNotFound):
            access.require_user_task(session, outsider, task.id)


def test_who_completed_a_task_may_look_at_it_again(session, matter):
    matter()
    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)
    task = open_tasks(session)["pay"]
    user_tasks.complete(session, task.id, {}, by=CORA, now=NOON)

    mine = set(session.scalars(sa.select(UserTask.id).where(access.user_task_visible_to(CORA))))

    assert mine == {task.id}
    assert set(session.scalars(sa.select(UserTask.id).where(access.user_task_visible_to(STRANGER)))) == set()
    assert len(session.scalars(sa.select(UserTask.id).where(access.user_task_visible_to(AUDITOR))).all()) == 3


def test_who_may_see_a_matter_may_see_the_enquiry_it_came_from(session, matter):
    opened = matter()

    keys = set(session.scalars(access.visible_business_keys(PETRA)))

    assert keys == {opened.number, opened.enquiry_number}
    assert set(session.scalars(access.visible_business_keys(STRANGER))) == set()


def test_nobody_looks_into_the_run_of_a_case_about_themselves_whatever_rights_they_hold(session, matter):
    opened = matter()
    chief = Actor("otto", frozenset({"conflicts_officers"}), frozenset({"see_all_instances", "see_all_user_tasks"}))
    deploy(session, start() + user_task("hear", groups="partners") + end() + path("started", "hear", "ended"))
    report = {"reported_person": "otto", "reported_subject": opened.number, "reported_what": "Read the paper file"}
    case = cases.report(session, report, by=LEA, now=NOON)
    instance = begin(session, business_key=case.number)

    assert instance.id not in seen(session, chief)
    assert instance.id in seen(session, AUDITOR)
    assert session.scalars(sa.select(UserTask.element_id).where(access.user_task_visible_to(chief))).all() == ["assess"]
