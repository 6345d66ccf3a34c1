"""New work goes to somebody by itself: whom the diagram's criteria leave."""

import pytest

import tasks.rules  # noqa: F401 - what the engine asks
from engine import user_tasks
from engine.actor import SYSTEM
from practice.organisation.models import OrgUnit, OrgUnitReach, StaffRecord
from practice.people import operations as people
from practice.skills.models import StaffSkill
from tasks.absences import operations as absences
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, properties, start, user_task
from tests.practice.firm import LEA, PETRA


@pytest.fixture
def routed(session, firm):
    """Return a function that starts a process whose one task is routed, and returns who got it."""

    def run(route, *, key=None, by=PETRA, **variables):
        body = start() + user_task("work", inner=properties(route=route)) + end() + path("started", "work", "ended")
        deploy(session, body)
        instance = begin(session, by=by, business_key=key, variables=variables)
        return open_tasks(session, instance.id)["work"].assignee

    return run


def record(session, username, **facts):
    session.merge(StaffRecord(username=username, **{"languages": [], **facts}))
    session.flush()


def test_work_goes_to_who_holds_least_and_then_in_turn(session, routed):
    assert [routed("load"), routed("load"), routed("load")] == ["lea", "leo", "lea"]


def test_without_load_several_go_on_sharing_it(session, routed):
    assert routed("matter_team") is None
    people.deactivate_user(session, "leo", by=SYSTEM, now=NOON)
    assert routed("matter_team") == "lea"


def test_the_matters_team_comes_first(session, routed, matter):
    made = matter(responsible="leo")

    assert routed("matter_team,load", key=made.number) == "leo"


def test_skills_and_languages_narrow_and_are_passed_over_when_nobody_has_them(session, routed):
    session.add(StaffSkill(username="leo", skill="maritime"))
    record(session, "lea", languages=["zh-Hant", "en"])
    record(session, "leo", languages=["en"])

    assert routed("skill:maritime") == "leo"
    assert routed("skill:tax,load") in {"lea", "leo"}
    assert routed("language", language="zh") == "lea"
    assert routed("language:zh-Hant") == "lea"
    assert routed("language", language="el") is None
    assert routed("skill:maritime,language:zh") == "leo"


def test_the_branch_is_the_matters_or_whoever_led_here(session, routed):
    head = OrgUnit(code="head", name="Head", kind="branch", created_at=NOON)
    south = OrgUnit(code="south", name="South", kind="branch", created_at=NOON)
    session.add_all([head, south])
    session.flush()
    south.parent_id = head.id
    session.add_all(
        [OrgUnitReach(ancestor_id=a.id, unit_id=b.id) for a, b in ((head, head), (head, south), (south, south))]
    )
    record(session, "petra", org_unit_id=south.id)
    record(session, "leo", org_unit_id=south.id)
    record(session, "lea", org_unit_id=head.id)

    assert routed("branch") == "leo"


def test_who_is_away_or_kept_out_or_may_not_check_it_gets_nothing(session, firm, routed, matter, wall):
    absences.book(session, {"first_on": "2026-09-01", "last_on": "2026-09-02"}, by=LEA, now=NOON)
    assert routed("load") == "leo"

    made = matter(responsible="lea")
    wall({"matter_id": made.id}, out=["leo"])
    assert routed("load", key=made.number) is None


def test_a_check_is_not_routed_to_who_did_what_it_checks(session, firm):
    deploy(
        session,
        start()
        + user_task("draft")
        + user_task("check", inner=properties(route="load", notPerformedBy="draft"))
        + end()
        + path("started", "draft", "check", "ended"),
    )
    begin(session)
    user_tasks.complete(session, open_tasks(session)["draft"].id, by=LEA, now=NOON)

    assert open_tasks(session)["check"].assignee == "leo"


def test_restricted_matters_are_routed_to_their_team_alone(session, routed, matter):
    made = matter(responsible="leo")
    made.confidentiality = "restricted"
    session.flush()

    assert routed("load", key=made.number) == "leo"
    assert routed("language:en,load", key=made.number) == "leo"
