"""Somebody is away: their substitute sees the work, does it for them, and hands back what is left."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

import tasks.rules  # noqa: F401 - what the engine asks
from engine import history, user_tasks
from engine.actor import SYSTEM, Actor
from engine.errors import NotACandidate, NotTheAssignee, UserTaskAlreadyClaimed, UserTaskDelegated
from engine.models import UserTaskCandidate
from practice.audit.models import AuditEvent
from practice.errors import NotAnActivePerson, VariableInvalid, VariableMissing
from practice.notices import queries as notices
from practice.people import operations as people
from practice.time import away as hours_away
from tasks import access
from tasks.absences import operations, queries
from tasks.absences.errors import (
    AbsenceNotFound,
    AbsenceNotInState,
    AbsenceOfAnother,
    AbsencesOverlap,
    AbsenceTooLong,
    BookedForAnother,
    SubstitutesClash,
    SubstituteUnfit,
)
from tasks.inbox import queries as inbox
from tasks.separation.errors import DutiesNotSeparated
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, properties, start, user_task
from tests.practice.firm import CORA, LEA, LEO, PETRA, RITA, STRANGER

CHIEF = Actor("petra", frozenset({"partners"}), frozenset({"assign_user_tasks"}))
DAYS = {"first_on": "2026-09-01", "last_on": "2026-09-14"}
LEAS = {"person": "lea", **DAYS}


@pytest.fixture
def work(session, firm):
    """A task of Lea's, an approval that is Lea's, and one for all lawyers."""
    deploy(
        session,
        start()
        + user_task("draft", attributes='camunda:assignee="lea" camunda:dueDate="P2D"')
        + user_task("sign", attributes='camunda:assignee="lea"', inner=properties(kind="approval"))
        + user_task("file_away")
        + "".join(end(f"end_{n}") for n in ("draft", "sign", "file_away"))
        + "".join(path("started", n, f"end_{n}") for n in ("draft", "sign", "file_away")),
    )
    begin(session, by=PETRA)
    return open_tasks(session)


def away(session, substitutes=({"username": "cora"},), **facts):
    absence = operations.book(session, {**LEAS, "substitutes": list(substitutes), **facts}, by=CHIEF, now=NOON)
    return operations.begin(session, absence.number, by=SYSTEM, now=NOON)


def mine(session, actor):
    return sorted(task.element_id for task in inbox.page(session, actor, scope="mine").items)


def test_the_substitute_sees_the_work_beside_who_is_away_and_nobody_else_does(session, work):
    away(session)

    assert mine(session, CORA) == mine(session, LEA) == ["draft", "sign"]
    assert inbox.counts(session, CORA, now=NOON)["mine"] == 2
    assert access.visible_user_task(session, CORA, work["draft"].id).assignee == "lea"
    assert mine(session, STRANGER) == mine(session, LEO) == []


def test_nothing_is_seen_before_the_first_day(session, work):
    operations.book(session, {**LEAS, "substitute": "cora"}, by=CHIEF, now=NOON)

    assert mine(session, CORA) == []
    with pytest.raises(NotACandidate):
        user_tasks.complete(session, work["draft"].id, by=CORA, now=NOON)


def test_work_that_comes_during_the_absence_is_seen_too(session, work):
    away(session)

    begin(session, by=PETRA)
    user_tasks.assign(session, work["file_away"].id, "lea", by=CHIEF, now=NOON)

    assert mine(session, CORA) == ["draft", "draft", "file_away", "sign", "sign"]


def test_work_comes_to_who_stands_in_when_the_absence_begins_or_when_it_is_given_to_who_is_away(session, work):
    booked = operations.book(session, {**LEAS, "substitute": "cora"}, by=CHIEF, now=NOON)
    begun, given = NOON + timedelta(hours=1), NOON + timedelta(hours=2)

    operations.begin(session, booked.number, by=SYSTEM, now=begun)
    user_tasks.assign(session, work["file_away"].id, "lea", by=CHIEF, now=given)

    came = {
        (row.principal, row.user_task_id): row.came_at
        for row in session.execute(sa.select(UserTaskCandidate.__table__))
    }
    assert came["user:lea", work["draft"].id] == NOON
    assert came["user:cora", work["draft"].id] == begun
    assert came["user:cora", work["file_away"].id] == came["user:lea", work["file_away"].id] == given


def test_the_closest_rule_says_who_stands_in(session, work):
    away(
        session,
        [{"username": "cora"}, {"username": "leo", "kind": "approval"}, {"username": "rita", "process_key": "other"}],
    )

    assert (mine(session, CORA), mine(session, LEO), mine(session, RITA)) == (["draft"], ["sign"], [])
    with pytest.raises(NotACandidate):
        user_tasks.complete(session, work["sign"].id, by=CORA, now=NOON)


def test_what_a_substitute_does_is_on_record_as_done_for_somebody(session, work):
    away(session)

    done = user_tasks.complete(session, work["draft"].id, by=CORA, now=NOON)

    assert (done.assignee, done.ended_by, done.ended_for) == ("lea", "cora", "lea")
    event = next(e for e in history.for_instance(session, done.process_instance_id) if e.kind == "user_task_completed")
    assert (event.actor, event.data["for"]) == ("cora", "lea")
    audited = session.scalars(sa.select(AuditEvent).where(AuditEvent.kind == "user_task_completed_for")).one()
    assert (audited.by, audited.entity_id, audited.after["for"]) == ("cora", str(done.id), "lea")


def test_what_people_do_themselves_is_not_done_for_anybody(session, work):
    away(session)

    done = user_tasks.complete(session, work["draft"].id, by=LEA, now=NOON)
    shared = user_tasks.complete(session, work["file_away"].id, by=LEO, now=NOON)

    assert (done.ended_for, shared.ended_for) == (None, None)


def test_a_colleague_who_stands_in_for_nobody_is_still_refused(session, work):
    away(session)

    with pytest.raises(UserTaskAlreadyClaimed):
        user_tasks.claim(session, work["draft"].id, by=LEO, now=NOON)
    with pytest.raises(NotTheAssignee):
        user_tasks.delegate(session, work["draft"].id, "rita", by=LEO, now=NOON)


def test_what_was_taken_over_and_not_finished_goes_back_at_the_return(session, work):
    absence = away(session)
    user_tasks.claim(session, work["draft"].id, by=CORA, now=NOON)
    assert (work["draft"].assignee, work["draft"].owner) == ("cora", "lea")

    returned = operations.end(session, absence.number, by=LEA, now=NOON + timedelta(days=14))

    assert [task.element_id for task in returned] == ["draft"]
    assert (work["draft"].assignee, work["draft"].owner) == ("lea", None)
    assert mine(session, LEA) == ["draft", "sign"]
    assert mine(session, CORA) == []
    assert [one.kind for one in notices.of(session, actor=LEA).items] == ["absence_ended"]
    with pytest.raises(NotACandidate):
        user_tasks.complete(session, work["draft"].id, by=CORA, now=NOON)


def test_what_was_taken_over_is_finished_for_who_is_away_and_may_be_given_back_before(session, work):
    away(session)
    user_tasks.claim(session, work["draft"].id, by=CORA, now=NOON)
    user_tasks.claim(session, work["sign"].id, by=CORA, now=NOON)

    user_tasks.unclaim(session, work["sign"].id, by=CORA, now=NOON)
    done = user_tasks.complete(session, work["draft"].id, by=CORA, now=NOON)

    assert (done.ended_by, done.ended_for) == ("cora", "lea")
    assert (work["sign"].assignee, work["sign"].owner) == ("lea", None)


def test_what_somebody_delegated_before_they_left_is_not_taken_back(session, work):
    user_tasks.delegate(session, work["draft"].id, "cora", by=LEA, now=NOON)
    absence = away(session)

    with pytest.raises(UserTaskDelegated):
        user_tasks.complete(session, work["draft"].id, by=CORA, now=NOON)

    assert operations.end(session, absence.number, by=LEA, now=NOON) == []
    assert (work["draft"].assignee, work["draft"].owner) == ("cora", "lea")


def test_a_substitute_of_a_substitute_sees_only_what_is_the_substitutes_own(session, work):
    away(session)
    second = operations.book(session, {"person": "rita", **DAYS, "substitute": "leo"}, by=CHIEF, now=NOON)
    operations.begin(session, second.number, by=SYSTEM, now=NOON)

    assert mine(session, LEO) == []


def test_the_separation_of_duties_counts_both_who_did_it_and_for_whom(session, firm):
    deploy(
        session,
        start()
        + user_task("draft", attributes='camunda:assignee="lea"')
        + user_task("check", groups="lawyers,cashiers", inner=properties(notPerformedBy="draft"))
        + end()
        + path("started", "draft", "check", "ended"),
    )
    begin(session)
    away(session)
    user_tasks.complete(session, open_tasks(session)["draft"].id, by=CORA, now=NOON)
    check = open_tasks(session)["check"]

    for person in (CORA, LEA):
        with pytest.raises(DutiesNotSeparated):
            user_tasks.complete(session, check.id, by=person, now=NOON)
    user_tasks.complete(session, check.id, by=LEO, now=NOON)


def test_a_wall_keeps_a_substitute_out_whoever_is_away(session, work, matter, wall):
    made = matter(responsible="lea")
    away(session)
    deploy(
        session,
        start() + user_task("plead", attributes='camunda:assignee="lea"') + end() + path("started", "plead", "ended"),
    )
    begin(session, business_key=made.number)
    assert "plead" in mine(session, CORA)

    wall({"matter_id": made.id}, out=["cora"])

    assert "plead" not in mine(session, CORA)
    assert "plead" in mine(session, LEA)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"first_on": None}, VariableMissing),
        ({"first_on": "soon"}, VariableInvalid),
        ({"last_on": "2026-08-31"}, AbsenceTooLong),
        ({"first_on": "2026-08-01", "last_on": "2026-08-31"}, AbsenceTooLong),
        ({"last_on": "2029-09-14"}, AbsenceTooLong),
        ({"reason": "boredom"}, VariableInvalid),
        ({"person": "ghost"}, NotAnActivePerson),
        ({"substitute": "ghost"}, NotAnActivePerson),
        ({"substitute": "lea"}, SubstituteUnfit),
        ({"substitutes": "cora"}, VariableInvalid),
        ({"substitutes": [7]}, VariableInvalid),
        ({"substitutes": [{"kind": "approval"}]}, VariableMissing),
        ({"substitute": "cora", "substitutes": [{"username": "leo"}]}, SubstitutesClash),
        ({"note": "x" * 5000}, VariableInvalid),
    ],
)
def test_bad_bookings_are_refused_by_name_and_leave_nothing(session, firm, facts, refusal):
    with pytest.raises(refusal):
        operations.book(session, {**LEAS, **facts}, by=CHIEF, now=NOON)

    assert queries.search(session, actor=PETRA) == []


def test_a_note_may_be_html_and_emoji_and_written_from_right_to_left(session, firm):
    absence = operations.book(session, {**LEAS, "note": "<b>إجازة</b> 🏖"}, by=LEA, now=NOON)

    assert absence.note == "<b>إجازة</b> 🏖"


def test_nobody_is_away_twice_at_once_and_nobody_away_stands_in(session, firm):
    operations.book(session, LEAS, by=LEA, now=NOON)

    with pytest.raises(AbsencesOverlap):
        operations.book(session, {**DAYS, "first_on": "2026-09-14"}, by=LEA, now=NOON)
    with pytest.raises(SubstituteUnfit):
        operations.book(session, {**DAYS, "substitute": "lea"}, by=LEO, now=NOON)
    operations.book(session, {"first_on": "2026-09-15", "last_on": "2026-09-20"}, by=LEA, now=NOON)


def test_people_book_for_themselves_and_who_gives_out_work_for_others(session, firm):
    with pytest.raises(BookedForAnother):
        operations.book(session, LEAS, by=LEO, now=NOON)

    assert operations.book(session, LEAS, by=CHIEF, now=NOON).number == "AB-2026-0001"
    assert operations.book(session, DAYS, by=LEO, now=NOON).username == "leo"


def test_a_substitute_named_later_sees_the_work_at_once(session, work):
    absence = away(session, [])
    assert mine(session, CORA) == []

    operations.name_substitute(session, absence.number, "cora", by=CHIEF, now=NOON)
    assert mine(session, CORA) == ["draft", "sign"]
    operations.name_substitute(session, absence.number, "rita", by=LEA, now=NOON)

    assert (mine(session, CORA), mine(session, RITA)) == ([], ["draft", "sign"])
    with pytest.raises(AbsenceOfAnother):
        operations.name_substitute(session, absence.number, "leo", by=LEO, now=NOON)


def test_an_absence_goes_its_way_once(session, firm):
    absence = away(session)

    for wrong in (operations.begin, operations.cancel):
        with pytest.raises(AbsenceNotInState):
            wrong(session, absence.number, by=LEA, now=NOON)
    operations.end(session, absence.number, by=LEA, now=NOON)
    with pytest.raises(AbsenceNotInState):
        operations.end(session, absence.number, by=LEA, now=NOON)
    with pytest.raises(AbsenceNotFound):
        operations.end(session, "AB-1999-0001", by=LEA, now=NOON)
    called_off = operations.book(session, DAYS, by=LEO, now=NOON)
    assert operations.cancel(session, called_off.number, by=LEO, now=NOON).state == "cancelled"


def test_booking_tells_which_group_would_have_nobody_and_when(session, firm):
    operations.book(session, {"person": "leo", "first_on": "2026-09-10", "last_on": "2026-09-20"}, by=CHIEF, now=NOON)

    lawyers = queries.gaps(session, "lea", date(2026, 9, 1), date(2026, 9, 14))
    partners = queries.gaps(session, "petra", date(2026, 9, 1), date(2026, 9, 2))

    assert [(gap.group, gap.first_on, gap.last_on) for gap in lawyers] == [
        ("lawyers", date(2026, 9, 10), date(2026, 9, 14))
    ]
    assert [gap.group for gap in partners] == ["partners"]
    assert queries.gaps(session, "lea", date(2026, 9, 1), date(2026, 9, 9)) == []


def test_people_from_outside_do_not_learn_who_is_away(session, firm):
    people.create_user(session, "kim", "Kim", password=None, groups={"clients"}, by=SYSTEM, now=NOON)
    absence = operations.book(session, LEAS, by=LEA, now=NOON)
    client = Actor("kim", frozenset({"clients"}))

    assert queries.search(session, actor=client) == []
    with pytest.raises(AbsenceNotFound):
        queries.get(session, absence.number, actor=client)
    assert queries.search(session, actor=LEO, on=date(2026, 9, 3)) == [absence]
    assert not queries.may_read_note(LEO, absence)
    assert queries.may_read_note(LEA, absence)


def test_nobody_is_asked_for_hours_of_days_on_which_they_are_away(session, firm):
    absence = operations.book(session, LEAS, by=LEA, now=NOON)

    assert hours_away.is_away(session, "lea", date(2026, 9, 14))
    assert not hours_away.is_away(session, "lea", date(2026, 9, 15))
    assert not hours_away.is_away(session, "leo", date(2026, 9, 14))
    operations.cancel(session, absence.number, by=LEA, now=NOON)
    assert not hours_away.is_away(session, "lea", date(2026, 9, 14))
