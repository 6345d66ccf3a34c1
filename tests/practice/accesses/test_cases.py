"""Attempts, cases, locks and emergency access, and what they refuse."""

from dataclasses import replace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.actor import SYSTEM, Actor
from engine.errors import RightMissing
from engine.models import Job
from practice.accesses import attempts, cases, delegates, emergency, locks, queries
from practice.accesses.attempts import Door
from practice.accesses.errors import (
    AccountNotLocked,
    BreachCaseClosed,
    BreachCaseNotFound,
    EmergencyAccessNotNeeded,
    ExplainsForAnother,
    FindingMissing,
    OwnCase,
)
from practice.accesses.models import AccessAttempt, BreachCase, EmergencyAccess
from practice.audit import queries as audit
from practice.errors import MatterNotFound, NotAnActivePerson, VariableInvalid, VariableMissing
from practice.matters import queries as matters
from practice.notices import operations as notices
from practice.notices import queries as notice_queries
from practice.notices.models import Notice
from practice.people import queries as people
from practice.walls.errors import MatterUnknown, PersonKeptOut
from tests.conftest import NOON
from tests.factories import later
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, OTTO, PETRA, RITA, STRANGER, call

#: Clients and opponents that nobody takes for one another.
NAMES = (
    ("Orhan Demir", "Nordhafen Logistik GmbH"),
    ("Ingrid Falk", "Baltic Cold Stores AB"),
    ("Camille Brun", "Hafenbau SARL"),
    ("Yusuf Tekin", "Kessler Brauerei KG"),
    ("Mei Tanaka", "Pemberton Shipping plc"),
    ("Paulo Reis", "Quarry Works Ltd"),
)
DOOR = Door("view", "page", "GET /matters/2026-CV-0001")
OVERSEER = Actor("otto", frozenset({"conflicts_officers"}), frozenset({"oversee_access"}))
WHY = "The lawyer is ill and the hearing is today."
REPORT = {"reported_person": "leo", "reported_subject": "2026-CV-0001", "reported_what": "Read the paper file."}


def attempt(session, number, by=LEO, now=NOON, door=DOOR):
    return attempts.note_refusal(session, number, door, by=by, now=now)


def sees(session, actor, number):
    found = session.scalar(
        sa.select(matters.Matter.id).where(matters.Matter.number == number, matters.visible_to(actor))
    )
    return found is not None


def the_case(session):
    return session.scalars(sa.select(BreachCase)).one()


@pytest.fixture
def case(session, matter):
    attempt(session, matter().number)
    return the_case(session)


def test_an_attempt_at_an_enquiry_tells_who_received_it(session, enquiry):
    assert attempt(session, enquiry.number).subject_kind == "enquiry"

    assert (the_case(session).subject, the_case(session).owner) == (enquiry.number, "rita")
    assert set(session.scalars(sa.select(Notice.username))) == {"rita", "otto"}


def test_programs_of_the_product_and_nonsense_leave_no_attempt(session, matter):
    number = matter().number

    assert attempt(session, number, by=SYSTEM) is None
    assert attempt(session, "  ") is None
    assert attempt(session, "2026\x00") is None
    assert attempt(session, number, by=LEA) is None
    assert session.scalar(sa.select(sa.func.count()).select_from(AccessAttempt)) == 0


def test_an_attempt_a_minute_later_is_another_one_in_the_same_case(session, matter):
    number = matter().number
    first = attempt(session, number)
    again = attempt(session, number, now=later(seconds=59))
    other = attempt(session, number, now=later(seconds=61))

    assert first is again
    assert (first.times, first.last_at) == (2, later(seconds=59))
    assert other.breach_case_id == first.breach_case_id == the_case(session).id


def test_matters_far_apart_in_time_are_not_many_at_once(session, matter):
    numbers = [matter(*NAMES[n]).number for n in range(attempts.USUAL.bulk)]

    for hours, number in enumerate(numbers):
        attempt(session, number, now=later(hours=hours))

    assert people.get(session, "leo").locked_at is None
    assert {one.opened_because for one in session.scalars(sa.select(BreachCase))} == {"outsider"}


def test_everything_after_a_bulk_belongs_to_its_case(session, matter):
    numbers = [matter(*NAMES[n]).number for n in range(attempts.USUAL.bulk + 1)]

    rows = [attempt(session, number) for number in numbers]

    bulk = session.scalars(sa.select(BreachCase).where(BreachCase.opened_because == "bulk")).one()
    assert [row.breach_case_id == bulk.id for row in rows] == [False] * 4 + [True] * 2
    assert people.get(session, "leo").locked_at == NOON
    assert attempt(session, "2026-CV-7777").breach_case_id is None


def test_who_was_found_in_breach_before_is_a_repeated_case(session, matter, case):
    cases.find(session, case.number, {"finding": "breach"}, by=OTTO, now=NOON)
    cases.close(session, case.number, {}, by=OTTO, now=NOON)

    attempt(session, matter("Cleo", "Dora").number, now=later(days=1))

    again = session.scalars(sa.select(BreachCase).where(BreachCase.state == "open")).one()
    assert (again.opened_because, again.breaches_before) == ("repeated", 1)


def test_attempts_are_denials_in_the_audit_trail(session, matter):
    row = attempt(session, matter().number)

    (event,) = audit.of(session, "access_attempt", row.id)
    assert (event.kind, event.by) == ("access_refused", "leo")
    assert event.after["subject"] == "2026-CV-0001"


def test_a_case_is_decided_by_somebody_else_and_only_once(session, case):
    with pytest.raises(FindingMissing):
        cases.close(session, case.number, {}, by=OTTO, now=NOON)
    with pytest.raises(OwnCase):
        cases.find(session, case.number, {"finding": "mistake"}, by=LEO, now=NOON)
    with pytest.raises(VariableInvalid):
        cases.find(session, case.number, {"finding": "perhaps"}, by=OTTO, now=NOON)
    cases.find(session, case.number, {"finding": "mistake", "finding_note": "Wrong number"}, by=OTTO, now=NOON)
    with pytest.raises(OwnCase):
        cases.close(session, case.number, {}, by=LEO, now=NOON)

    cases.close(session, case.number, {}, by=OTTO, now=later(hours=1))

    assert (case.state, case.closed_at) == ("closed", later(hours=1))
    assert cases.close(session, case.number, {"sanction": "None"}, by=PETRA, now=later(hours=2)).sanction is None
    for verb in (cases.find, cases.join_team):
        arguments = [{"finding": "breach"}] if verb is cases.find else []
        with pytest.raises(BreachCaseClosed):
            verb(session, case.number, *arguments, by=OTTO, now=NOON)
    with pytest.raises(BreachCaseNotFound):
        cases.find(session, "B-1", {"finding": "breach"}, by=OTTO, now=NOON)


def test_the_table_itself_refuses_that_somebody_judges_themselves(session, case):
    with pytest.raises(IntegrityError), session.begin_nested():
        session.execute(sa.update(BreachCase).where(BreachCase.id == case.id).values(decided_by="leo"))


def test_a_person_explains_and_a_locked_one_is_heard(session, case):
    with pytest.raises(ExplainsForAnother):
        cases.explain(session, case.number, "They said so", by=OTTO, now=NOON)
    cases.explain(session, case.number, "A wrong number", by=LEO, now=NOON)
    case.has_locked = True
    with pytest.raises(ExplainsForAnother):
        cases.explain(session, case.number, "From home", by=LEO, now=NOON)

    cases.explain(session, case.number, "They wanted to finish at home", by=OTTO, now=NOON)

    assert case.explanation == "They wanted to finish at home"


def test_only_a_justified_attempt_leads_to_the_team_and_no_wall_is_walked_through(session, matter, wall, case):
    with pytest.raises(FindingMissing):
        cases.join_team(session, case.number, by=OTTO, now=NOON)
    cases.find(session, case.number, {"finding": "justified"}, by=OTTO, now=NOON)
    with pytest.raises(OwnCase):
        cases.join_team(session, case.number, by=LEO, now=NOON)
    opened = matters.get_by_number(session, "2026-CV-0001", actor=LEA)
    up = wall({"matter_id": opened.id}, out=["leo"])
    with pytest.raises(PersonKeptOut):
        cases.join_team(session, case.number, by=OTTO, now=NOON)
    up.state, up.lift_proposed_by, up.lifted_by, up.lifted_at = "lifted", "otto", "petra", NOON
    session.flush()

    for _ in range(2):
        cases.join_team(session, case.number, by=OTTO, now=NOON)

    assert [one.role for one in opened.members if one.username == "leo"] == ["member"]
    assert sees(session, LEO, opened.number)


@pytest.mark.parametrize(
    ("finding", "unlock", "locked"), [("mistake", False, False), ("breach", False, True), ("breach", True, False)]
)
def test_an_account_opens_again_unless_it_was_a_breach(session, matter, finding, unlock, locked):
    matter()
    case = cases.report(session, {**REPORT, "lock_now": True}, by=LEA, now=NOON)
    assert people.get(session, "leo").locked_at == NOON
    cases.find(session, case.number, {"finding": finding}, by=OTTO, now=NOON)

    cases.close(session, case.number, {"unlock": unlock, "sanction": "A talk"}, by=OTTO, now=NOON)

    assert (people.get(session, "leo").locked_at is not None) == locked


def test_an_account_that_two_cases_lock_opens_with_the_second(session, matter, wall):
    first = cases.report(session, {**REPORT, "reported_subject": matter().number, "lock_now": True}, by=LEA, now=NOON)
    other = matter("Cleo", "Dora")
    wall({"matter_id": other.id}, out=["leo"])
    attempt(session, other.number)
    second = session.scalars(sa.select(BreachCase).where(BreachCase.id != first.id)).one()
    second.has_locked = True
    session.flush()

    open_again = []
    for one in (first, second):
        cases.find(session, one.number, {"finding": "mistake"}, by=OTTO, now=NOON)
        cases.close(session, one.number, {}, by=OTTO, now=NOON)
        open_again.append(people.get(session, "leo").locked_at is None)

    assert open_again == [False, True]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"reported_person": ""}, VariableMissing),
        ({"reported_person": "ghost"}, NotAnActivePerson),
        ({"reported_person": "lea"}, OwnCase),
        ({"reported_subject": "2026-CV-0099"}, MatterUnknown),
        ({"reported_what": None}, VariableMissing),
    ],
)
def test_a_report_that_cannot_be_stores_nothing(session, matter, wrong, error):
    matter()

    with pytest.raises(error), session.begin_nested():
        cases.report(session, REPORT | wrong, by=LEA, now=NOON)

    assert session.scalar(sa.select(sa.func.count()).select_from(BreachCase)) == 0


def test_a_locked_account_is_locked_once_and_an_open_one_cannot_be_opened(session, firm):
    assert locks.lock(session, "leo", "B-1", by=OTTO, now=NOON)
    assert not locks.lock(session, "leo", "B-2", by=OTTO, now=later(hours=1))
    locks.unlock(session, "leo", "B-1", by=OTTO, now=NOON)

    with pytest.raises(AccountNotLocked):
        locks.unlock(session, "leo", "B-1", by=OTTO, now=NOON)
    kinds = [event.kind for event in audit.of(session, "user", "leo")]
    assert kinds[-2:] == ["account_locked", "account_unlocked"]


def test_who_reads_attempts_and_cases(session, case):
    assert [row.subject for row in queries.attempts(session, actor=OVERSEER).items] == [case.subject]
    assert [row.number for row in queries.cases(session, actor=LEA, state="open", username="leo").items] == [
        case.number
    ]
    assert queries.attempts(
        session, actor=LEA, username="leo", subject=case.subject, case=case.number, since=NOON
    ).items
    assert queries.attempts(session, actor=OVERSEER, since=later(hours=1)).items == []
    assert queries.cases(session, actor=OVERSEER, subject="2026-CV-0099").items == []
    culprit = Actor("leo", rights=frozenset({"oversee_access"}))
    for outsider in (LEO, CORA, STRANGER, AUDITOR):
        assert queries.attempts(session, actor=outsider).items == queries.cases(session, actor=outsider).items == []
    assert queries.cases(session, actor=culprit).items == []
    with pytest.raises(BreachCaseNotFound):
        queries.case_by_number(session, case.number, actor=culprit)
    assert queries.case_by_number(session, case.number, actor=SYSTEM) is case


def test_lists_of_attempts_and_cases_page_by_cursor(session, matter):
    for n in range(3):
        attempt(session, matter(*NAMES[n]).number, now=later(hours=n))

    for read in (queries.attempts, queries.cases):
        first = read(session, actor=OVERSEER, limit=2)
        second = read(session, actor=OVERSEER, limit=2, cursor=first.next_cursor)
        assert [row.subject for row in [*first.items, *second.items]] == [f"2026-CV-000{n}" for n in (3, 2, 1)]
        assert second.next_cursor is None


@pytest.fixture
def breakable(session, matter):
    opened = matter()
    emergency.set_policy(session, opened.number, "break_glass", by=LEA, now=NOON)
    return opened


def test_emergency_access_lasts_a_day_and_ends_with_its_case(session, breakable):
    access = emergency.break_glass(session, breakable.number, WHY, DOOR, by=LEO, now=NOON)

    assert sees(session, replace(LEO, at=later(hours=23)), breakable.number)
    assert not sees(session, replace(LEO, at=later(hours=24)), breakable.number)
    case = the_case(session)
    assert (case.opened_because, access.breach_case_id) == ("emergency", case.id)
    cases.find(session, case.number, {"finding": "mistake"}, by=OTTO, now=NOON)
    cases.close(session, case.number, {}, by=OTTO, now=later(hours=2))
    assert not sees(session, replace(LEO, at=later(hours=3)), breakable.number)


def test_a_job_ends_emergency_access_when_its_time_is_over(session, breakable):
    access = emergency.break_glass(session, breakable.number, WHY, DOOR, by=LEO, now=NOON)
    job = session.scalars(sa.select(Job).where(Job.kind == emergency.END_JOB)).one()

    for _ in range(2):
        delegates.end_emergency(session, job, later(days=1))

    assert job.due_at == access.until
    assert session.get(EmergencyAccess, access.id).ended_at == later(days=1)


def test_who_sees_a_matter_breaks_no_glass(session, breakable):
    with pytest.raises(EmergencyAccessNotNeeded):
        emergency.break_glass(session, breakable.number, WHY, DOOR, by=LEA, now=NOON)


@pytest.mark.parametrize("number", ["2026-CV-0001", "2026-CV-0099"])
def test_a_matter_that_denies_reads_like_one_that_does_not_exist(session, matter, number):
    matter()

    with pytest.raises(MatterNotFound) as refusal:
        emergency.break_glass(session, number, WHY, DOOR, by=LEO, now=NOON)

    assert refusal.value.number == number


def test_the_policy_is_set_by_who_answers_for_the_matter_or_holds_the_right(session, matter):
    number = matter().number

    with pytest.raises(RightMissing):
        emergency.set_policy(session, number, "break_glass", by=PETRA, now=NOON)
    with pytest.raises(MatterNotFound):
        emergency.set_policy(session, number, "break_glass", by=LEO, now=NOON)
    with pytest.raises(VariableInvalid):
        emergency.set_policy(session, number, "open", by=LEA, now=NOON)
    holder = Actor("petra", frozenset({"partners"}), frozenset({"set_access_policy"}))
    emergency.set_policy(session, number, "break_glass", by=holder, now=NOON)

    event = audit.of(session, "matter", number)[-1]
    assert (event.before, event.after) == ({"access_policy": "deny"}, {"access_policy": "break_glass"})


def test_a_review_begins_once_and_not_for_a_case_that_was_decided(session, case):
    job = session.scalars(sa.select(Job).where(Job.kind == attempts.REVIEW_JOB)).one()
    assert job.payload == {"case_number": case.number}
    cases.find(session, case.number, {"finding": "mistake"}, by=OTTO, now=NOON)
    cases.close(session, case.number, {}, by=OTTO, now=NOON)

    delegates.begin_review(session, job, NOON)

    assert case.process_instance_id is None


def test_telling_owner_and_compliance_again_tells_nobody_twice(session, case):
    before = session.scalar(sa.select(sa.func.count()).select_from(Notice))

    delegates.notify_about_access(session, call(variables={"case_number": case.number}))

    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == before == 2
    with pytest.raises(BreachCaseNotFound):
        delegates.notify_about_access(session, call())


def test_notices_are_for_active_people_and_ones_own(session, firm):
    told = notices.tell(session, ["lea", "lea", "ghost"], "access_attempted", "B-1 X", {"case": "B-1"}, now=NOON)
    again = notices.tell(session, ["lea", "rita"], "access_attempted", "B-1 X", {"case": "B-1"}, now=NOON)

    assert ([one.username for one in told], [one.username for one in again]) == (["lea"], ["rita"])
    assert notice_queries.unseen_count(session, actor=LEA) == 1
    assert notices.mark_seen(session, [told[0].id], by=RITA, now=NOON) == 0
    assert notices.mark_seen(session, [told[0].id], by=LEA, now=NOON) == 1
    assert notice_queries.of(session, actor=LEA, unseen=True).items == []
    assert [one.id for one in notice_queries.of(session, actor=LEA).items] == [told[0].id]
