"""Events with several responsible people, and the facts of how long they took."""

from dataclasses import replace
from datetime import timedelta

import pytest

from config import directories as shipped
from engine.actor import SYSTEM, Actor
from engine.models.base import new_id
from practice.audit import queries as audit
from practice.directories import operations as directories
from practice.directories import queries as entries
from practice.directories.errors import EntryUnknown
from practice.errors import CursorInvalid, MatterNotFound, NotAnActivePerson, VariableInvalid, VariableMissing
from practice.events import operations, queries
from practice.events.errors import EventNotFound, EventOver, NotResponsible
from practice.events.models import DurationFact
from practice.matters import classification, teams
from practice.matters import queries as matters
from practice.matters.errors import NotOnTheTeam
from practice.proceedings import operations as proceedings
from practice.proceedings.errors import ProceedingNotFound
from tests.conftest import NOON
from tests.factories import later
from tests.practice.firm import AUDITOR, LEA, LEO, STRANGER

REFERRALS = frozenset({"see_court_referrals"})


def of_matter(session, number, *, actor):
    return queries.of_read_matter(session, matters.get_by_number(session, number, actor=actor), actor=actor)


@pytest.fixture
def opened(session, matter):
    directories.seed(session, shipped.load(), by=SYSTEM, now=NOON)
    opened = matter()
    teams.join(session, opened.number, "leo", by=LEA, now=NOON)
    return opened


@pytest.fixture
def plan(session, opened):
    def make(*, by=LEA, now=NOON, **facts):
        return operations.plan(session, opened.number, {"kind": "client_meeting", **facts}, by=by, now=now)

    return make


def facts_of(session):
    return list(session.query(DurationFact).order_by(DurationFact.ended_at))


def test_an_event_has_who_plans_it_as_responsible_when_nobody_is_named(session, plan):
    event = plan()

    assert (event.title, event.state, [one.username for one in event.responsible]) == (
        "Meeting with the client",
        "planned",
        ["lea"],
    )
    assert audit.of(session, "event", event.id)[0].kind == "event_planned"


def test_two_responsible_people_both_see_their_event(session, plan):
    event = plan(responsible=["lea", "leo"])

    for username, actor in (("lea", LEA), ("leo", LEO)):
        page = queries.search(session, actor=actor, responsible=username)
        assert [one.id for one in page.items] == [event.id]


@pytest.mark.parametrize("soon", [queries._SOON_READ, -1], ids=["few in that time", "many in that time"])
def test_events_of_a_colleague_are_found_within_some_time(session, plan, monkeypatch, soon):
    monkeypatch.setattr(queries, "_SOON_READ", soon)
    early, late = (plan(responsible=["leo"], planned_start_at=later(days=days)) for days in (1, 9))
    plan(responsible=["lea"], planned_start_at=later(days=9))

    def found(actor, **when):
        return [one.id for one in queries.search(session, actor=actor, responsible="leo", **when).items]

    assert found(LEA, planned_from=later(days=5)) == [late.id]
    assert found(LEA, planned_before=later(days=5)) == [early.id]
    assert found(LEA, planned_from=later(days=0), planned_before=later(days=20)) == [early.id, late.id]
    assert found(STRANGER, planned_from=later(days=0)) == []


def test_either_of_two_responsible_people_ends_their_event(session, plan):
    event = plan(responsible=["lea", "leo"])

    operations.finish(session, event.id, {"result": "Agreed"}, by=LEO, now=later(days=3))

    assert (event.state, event.result) == ("ended", "Agreed")
    with pytest.raises(EventOver):
        operations.finish(session, event.id, {}, by=LEA, now=later(days=3))


def test_when_all_have_to_end_it_the_last_one_does(session, plan):
    event = plan(responsible=["lea", "leo"], ended_by="all")

    operations.finish(session, event.id, {}, by=LEO, now=later(days=1))
    assert (event.state, facts_of(session)) == ("started", [])
    operations.finish(session, event.id, {}, by=LEA, now=later(days=2))

    assert event.state == "ended"
    assert [event.kind for event in audit.of(session, "event", event.id)] == [
        "event_planned",
        "event_part_done",
        "event_ended",
    ]


def test_ending_an_event_writes_its_days_under_group_direction_and_court(session, opened, plan):
    directories.add_entry(session, "court", {"key": "district", "name": "District Court"}, by=SYSTEM, now=NOON)
    classification.classify(session, opened.number, {"direction": "railway"}, by=LEA, now=NOON)
    proceedings.open_proceeding(
        session, opened.number, {"level": "first_instance", "court": "district"}, by=LEA, now=NOON
    )
    event = plan(kind="expert_examination", proceeding=1)
    operations.begin(session, event.id, at=later(days=-2), by=LEA, now=NOON)
    operations.begin(session, event.id, by=LEA, now=NOON)

    operations.finish(session, event.id, {}, by=LEA, now=later(days=5))

    (fact,) = facts_of(session)
    key = {name: entries.get(session, directory, name).id for directory, name in (
        ("event_kind", "evidence_group"), ("direction", "railway"), ("direction", "injury_compensation"), ("court", "district")
    )}  # fmt: skip
    assert fact.days == 7
    assert fact.group_id == key["evidence_group"]
    assert (fact.direction_id, fact.direction_top_id) == (key["railway"], key["injury_compensation"])
    assert (fact.court, fact.court_id) == ("District Court", key["district"])
    (told,) = queries.durations(session, actor=LEA)
    assert (told.group.key, told.direction.key, told.court, told.number, told.mean) == (
        "evidence_group",
        "injury_compensation",
        "District Court",
        1,
        7.0,
    )


def test_an_event_without_direction_and_proceeding_has_a_fact_under_the_matter_s_court(session, opened, plan):
    opened.court = "Somewhere"
    event = plan()

    operations.finish(session, event.id, {"started_at": "2026-08-30T12:00:00Z"}, by=LEA, now=NOON)

    (fact,) = facts_of(session)
    assert (fact.days, fact.direction_id, fact.court, fact.court_id) == (2, None, "Somewhere", None)


def test_an_event_ended_on_the_day_it_began_took_no_day(session, plan):
    operations.finish(session, plan().id, {}, by=LEA, now=NOON + timedelta(minutes=5))

    assert facts_of(session)[0].days == 0


def test_who_is_not_responsible_does_not_end_an_event_but_who_edits_any_matter_does(session, plan):
    event = plan(responsible=["leo"], ended_by="all")
    with pytest.raises(NotResponsible):
        operations.finish(session, event.id, {}, by=LEA, now=NOON)

    chief = replace(LEA, rights=frozenset({"edit_matters"}))
    operations.finish(session, event.id, {}, by=chief, now=NOON)

    assert event.state == "ended"


def test_an_event_is_changed_and_cancelled_with_a_reason(session, plan):
    event = plan(planned_end_at="2026-09-02T12:00:00Z")
    facts = {
        "title": "Second meeting",
        "planned_start_at": "2026-09-03T09:00:00Z",
        "planned_end_at": "2026-09-03T10:00:00Z",
        "responsible": ["lea", "leo"],
        "ended_by": "all",
    }
    operations.change(session, event.id, facts, by=LEA, now=NOON)
    operations.change(session, event.id, facts, by=LEA, now=NOON)
    operations.cancel(session, event.id, {"reason": "Client ill"}, by=LEA, now=NOON)

    assert [event.kind for event in audit.of(session, "event", event.id)] == [
        "event_planned",
        "event_changed",
        "event_cancelled",
    ]
    assert (event.state, event.result, len(event.responsible)) == ("cancelled", "Client ill", 2)
    for verb in (operations.change, operations.cancel, operations.finish):
        with pytest.raises(EventOver):
            verb(session, event.id, {"reason": "x"}, by=LEA, now=NOON)
    assert facts_of(session) == []


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({"kind": None}, VariableMissing, "kind"),
        ({"kind": "party"}, EntryUnknown, "kind"),
        ({"title": "x" * 301}, VariableInvalid, "title"),
        ({"planned_end_at": "2026-08-31T12:00:00Z"}, VariableInvalid, "planned_end_at"),
        ({"responsible": ["ghost"]}, NotAnActivePerson, "responsible"),
        ({"responsible": "lea"}, VariableInvalid, "responsible"),
        ({"ended_by": "none"}, VariableInvalid, "ended_by"),
        ({"proceeding": True}, VariableInvalid, "proceeding"),
    ],
)
def test_an_event_that_cannot_be_is_refused_by_name(plan, facts, error, field):
    with pytest.raises(error) as refusal:
        plan(**facts)

    assert refusal.value.field == field


def test_an_event_is_not_planned_in_a_proceeding_that_there_is_not(plan):
    with pytest.raises(ProceedingNotFound):
        plan(proceeding=3)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"planned_end_at": "2026-01-01T00:00:00Z"}, "planned_end_at"),
        ({"responsible": []}, "responsible"),
        ({"title": ""}, "title"),
    ],
)
def test_an_event_is_not_changed_into_what_cannot_be(session, plan, facts, field):
    event = plan()

    with pytest.raises((VariableInvalid, VariableMissing)) as refusal:
        operations.change(session, event.id, facts, by=LEA, now=NOON)

    assert refusal.value.field == field


def test_nothing_ends_or_begins_in_the_future_or_before_it_began(session, plan):
    event = plan()

    with pytest.raises(VariableInvalid):
        operations.begin(session, event.id, at=later(days=1), by=LEA, now=NOON)
    with pytest.raises(VariableInvalid):
        operations.finish(session, event.id, {"ended_at": later(days=1)}, by=LEA, now=NOON)
    facts = {"started_at": NOON, "ended_at": later(days=-1)}
    with pytest.raises(VariableInvalid):
        operations.finish(session, event.id, facts, by=LEA, now=NOON)


def test_an_outsider_finds_no_event_and_a_reader_changes_none(session, opened, plan):
    event = plan()
    operations.finish(session, plan().id, {}, by=LEA, now=NOON)

    assert queries.search(session, actor=STRANGER).items == []
    assert queries.durations(session, actor=STRANGER) == []
    with pytest.raises(EventNotFound):
        queries.get(session, event.id, actor=STRANGER)
    with pytest.raises(EventNotFound):
        queries.get(session, new_id(), actor=LEA)
    with pytest.raises(MatterNotFound):
        of_matter(session, opened.number, actor=STRANGER)
    with pytest.raises(NotOnTheTeam):
        operations.cancel(session, event.id, {"reason": "x"}, by=AUDITOR, now=NOON)


def test_a_referral_to_court_is_hidden_without_its_right_everywhere(session, opened, plan):
    knows = replace(LEA, rights=REFERRALS)
    event = plan(kind="sent_to_court", by=knows)
    operations.finish(session, event.id, {}, by=knows, now=NOON)

    for actor, number in ((LEA, 0), (knows, 1), (SYSTEM, 1)):
        assert len(queries.search(session, actor=actor).items) == number
        assert len(of_matter(session, opened.number, actor=actor)) == number
        assert len(queries.durations(session, actor=actor)) == number
    with pytest.raises(EventNotFound):
        queries.get(session, event.id, actor=LEA)


def test_events_are_found_by_state_kind_group_direction_and_time(session, opened, plan):
    classification.classify(session, opened.number, {"direction": "railway"}, by=LEA, now=NOON)
    meeting = plan(planned_start_at="2026-10-01T09:00:00Z")
    expert = plan(kind="expert_examination", planned_start_at="2026-10-05T09:00:00Z")
    operations.begin(session, expert.id, by=LEA, now=NOON)

    def found(**filters):
        return [event.id for event in queries.search(session, actor=LEA, **filters).items]

    assert found() == [meeting.id, expert.id]
    assert found(state="started") == [expert.id]
    assert found(kind=entries.get(session, "event_kind", "intake_group")) == [meeting.id]
    assert found(direction=entries.get(session, "direction", "injury_compensation")) == [meeting.id, expert.id]
    assert found(direction=entries.get(session, "direction", "advice")) == []
    assert found(planned_from=later(days=32)) == [expert.id]
    assert found(planned_before=later(days=32)) == [meeting.id]
    first = queries.search(session, actor=LEA, limit=1)
    assert [event.id for event in queries.search(session, actor=LEA, cursor=first.next_cursor).items] == [expert.id]
    with pytest.raises(CursorInvalid):
        found(cursor="x")


def test_a_holder_of_one_right_still_does_not_see_what_asks_for_another(session, opened, plan):
    plan(kind="sent_to_court", by=replace(LEA, rights=REFERRALS))

    other = Actor("lea", LEA.groups, frozenset({"see_everything_else"}))

    assert of_matter(session, opened.number, actor=other) == []
