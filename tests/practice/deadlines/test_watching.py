"""People are warned on the rule's own schedule, and a missed deadline is noted when its day is over at the court."""

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta

import pytest
import sqlalchemy as sa

from engine import deployments, jobs
from engine.actor import SYSTEM
from engine.models import Job, ProcessInstance
from practice.deadlines import operations, watching
from practice.notices.models import Notice
from tests.conftest import NOON
from tests.factories import end, model, path, start, user_task
from tests.practice.deadlines.conftest import LEA, PETRA

DUE = date(2026, 9, 16)
#: Midnight after 16 September in Shanghai.
OVER = datetime(2026, 9, 16, 16, 0, tzinfo=UTC)


@pytest.fixture
def let_pass(session):
    """Return a function that lets every job happen that is due up to an instant."""

    @contextmanager
    def part():
        with session.begin_nested():
            yield session

    def run(until):
        for _ in range(100):
            due = jobs.next_due_at(session)
            if due is None or due > until:
                return
            jobs.run_due(part, now=lambda due=due: due, limit=1)

    return run


def notices(session, username, kind="deadline_nears"):
    found = session.scalars(
        sa.select(Notice).where(Notice.username == username, Notice.kind == kind).order_by(Notice.created_at, Notice.id)
    )
    return list(found)


def test_the_team_is_warned_at_eight_in_the_morning_where_the_court_is(session, appeal, let_pass):
    # 8:00 in Shanghai is midnight in London: -10 days is 6 September, the firm's own decision the 4th.
    let_pass(datetime(2026, 9, 5, 23, 59, tzinfo=UTC))
    assert [one.facts["pre_deadline"] for one in notices(session, "lea")] == ["The firm's own decision"]

    let_pass(datetime(2026, 9, 6, 0, 0, tzinfo=UTC))

    assert [one.facts["days"] for one in notices(session, "lea")] == [12, 10]
    assert [one.facts["matter"] for one in notices(session, "petra")] == ["2026-CV-0001", "2026-CV-0001"]
    assert notices(session, "leo") == []


def test_every_warning_of_the_rule_comes_once(session, appeal, let_pass):
    let_pass(OVER - timedelta(seconds=1))

    plain = [one.facts["days"] for one in notices(session, "lea") if one.facts["pre_deadline"] is None]
    assert plain == [10, 7, 5, 3, 2, 1, 0]
    assert [one.kind for one in appeal.changes].count("warned") == 10


def test_what_is_registered_late_warns_once_and_not_for_all_that_was(session, propose, let_pass):
    propose(anchor_on="2026-08-21")  # 5 September is a Saturday, so Monday the 7th

    let_pass(NOON)

    plain = [one for one in notices(session, "lea") if one.facts["pre_deadline"] is None]
    assert [one.facts["days"] for one in plain] == [6]


def test_a_day_that_is_over_is_missed_and_not_a_second_earlier(session, appeal, let_pass):
    let_pass(OVER - timedelta(seconds=1))
    assert appeal.state == "proposed"

    let_pass(OVER)

    assert (appeal.state, appeal.ended_by) == ("missed", "system")
    assert len(notices(session, "lea", "deadline_missed")) == 1


def test_what_only_one_person_calls_met_is_missed_with_what_they_said(session, appeal, let_pass):
    operations.end(session, appeal.id, "met", reason="Filed on the 15th", by=LEA, now=NOON)

    let_pass(OVER)

    assert appeal.state == "missed"
    assert "lea said: Filed on the 15th" in appeal.end_reason

    operations.confirm_end(session, appeal.id, by=PETRA, now=OVER)

    assert (appeal.state, appeal.end_reason) == ("met", "Filed on the 15th")


def test_what_was_met_is_watched_no_longer(session, propose, let_pass):
    remarks = propose(pack="ru", rule="minutes_remarks")
    operations.end(session, remarks.id, "met", reason="Filed", by=LEA, now=NOON)

    let_pass(NOON + timedelta(days=60))

    assert remarks.state == "met"
    assert notices(session, "lea") == []
    assert session.scalar(sa.select(sa.func.count()).select_from(Job).where(Job.kind == watching.KIND)) == 0


def test_what_was_superseded_is_watched_no_longer(session, appeal, let_pass):
    later = operations.change(session, appeal.id, {"anchor_on": "2026-10-12"}, reason="Served again", by=LEA, now=NOON)

    let_pass(OVER + timedelta(days=1))

    assert (appeal.state, later.state) == ("superseded", "proposed")
    assert notices(session, "lea", "deadline_missed") == []


def test_a_missed_deadline_starts_its_incident_on_the_same_day(session, appeal, let_pass):
    body = start() + user_task("assess", groups="partners") + end() + path("started", "assess", "ended")
    deployments.deploy(session, {"deadline_missed.bpmn": model(body, key="deadline_missed")}, by=SYSTEM, now=NOON)

    let_pass(OVER)

    instance = session.scalars(sa.select(ProcessInstance).where(ProcessInstance.process_key == "deadline_missed")).one()
    assert (instance.business_key, instance.started_at) == ("2026-CV-0001", OVER)
