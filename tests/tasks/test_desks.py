"""What desks count and list, each within the reader's rights."""

from dataclasses import replace
from datetime import timedelta

from engine import user_tasks
from engine.models import Incident
from practice.matters.queries import Criteria
from tasks.desks import queries
from tests.conftest import NOON
from tests.factories import open_tasks
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, OTTO, PETRA, RITA, STRANGER

LATE = NOON + timedelta(days=30)
CHIEF = replace(PETRA, rights=frozenset({"assign_user_tasks", "retry_incidents", "see_all_instances"}))


def test_matters_are_counted_for_who_may_see_them(session, matter):
    matter()
    matter()

    counted = {
        actor.username: queries.count_matters(session, actor=actor, criteria=Criteria(state="open"))
        for actor in (LEA, LEO, AUDITOR, STRANGER)
    }

    assert counted == {"lea": 2, "leo": 0, "ada": 2, "nobody": 0}
    assert queries.count_matters(session, actor=AUDITOR, criteria=Criteria(state="archived")) == 0


def test_enquiries_are_counted_by_state_and_day_for_who_may_see_them(session, register):
    register()
    register(now=NOON - timedelta(days=2))

    assert queries.count_enquiries(session, actor=RITA, state="open") == 2
    assert queries.count_enquiries(session, actor=RITA, received_from=NOON - timedelta(hours=1)) == 1
    assert queries.count_enquiries(session, actor=RITA, state="accepted") == 0
    assert queries.count_enquiries(session, actor=STRANGER) == 0
    assert len(queries.newest_enquiries(session, actor=RITA, limit=1)) == 1


def test_steps_that_stand_still_are_told_to_who_mends_and_may_see_them(session, matter, wall):
    opened = matter()
    session.add(
        Incident(
            process_instance_id=opened.process_instance_id, element_id="pay", kind="job", message="no", created_at=NOON
        )
    )
    session.flush()

    assert [found.message for found, _ in queries.incidents(session, actor=CHIEF, limit=5)[0]] == ["no"]
    assert queries.incidents(session, actor=PETRA, limit=5) == ([], 0)
    assert queries.incidents(session, actor=STRANGER, limit=5) == ([], 0)
    wall({"matter_id": opened.id}, out=["petra"])
    assert queries.incidents(session, actor=CHIEF, limit=5) == ([], 0)


def test_what_is_late_is_listed_once_for_who_may_see_the_task(session, matter):
    matter()

    assert [task.name for task in queries.late_work(session, actor=AUDITOR, now=LATE, limit=5)] == ["assess"]
    assert [task.name for task in queries.late_work(session, actor=LEA, now=LATE, limit=5)] == ["assess"]
    assert queries.late_work(session, actor=LEA, now=NOON, limit=5) == []
    assert queries.late_work(session, actor=STRANGER, now=LATE, limit=5) == []


def test_who_gives_work_sees_how_much_everybody_has_but_not_behind_a_wall(session, matter, wall):
    matter()
    opened = matter()

    (load,) = queries.load_of(session, actor=CHIEF, now=LATE, limit=5)
    assert (load.username, load.full_name, load.open, load.overdue) == ("lea", "Lea", 2, 2)
    assert queries.load_of(session, actor=LEO, now=LATE, limit=5) == []
    wall({"matter_id": opened.id}, out=["petra"])
    (behind,) = queries.load_of(session, actor=CHIEF, now=LATE, limit=5)
    assert (behind.open, behind.overdue) == (1, 1)


def test_what_is_done_is_nobodys_load(session, matter):
    matter()
    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)

    assert queries.load_of(session, actor=CHIEF, now=LATE, limit=5) == []
    assert {CORA.username, OTTO.username}.isdisjoint(
        load.username for load in queries.load_of(session, actor=CHIEF, now=LATE, limit=5)
    )
