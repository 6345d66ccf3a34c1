"""For random people, teams, walls, classes, units and rules: every list, search, count and call equals brute force."""

from unittest.mock import patch

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from sqlalchemy.orm import aliased

from engine import clock
from engine.models import ProcessInstance, UserTask
from practice.clients import queries as clients
from practice.enquiries import queries as enquiries
from practice.enquiries.models import Enquiry
from practice.events import queries as events
from practice.events.models import Event
from practice.matters import belongings, denials, telling
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.parties import queries as parties
from practice.rights.decisions import may
from tasks import access
from tasks.inbox import queries as inbox
from tasks.inbox import statements
from tests.webui import worlds
from tests.webui.worlds import MATTERS, PEOPLE, BruteForce

# Shrinking would take longer than reading the world that failed.
PATIENT = settings(
    max_examples=10,
    deadline=None,
    phases=(Phase.generate,),
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
IMPATIENT = settings(PATIENT, max_examples=3)


@pytest.fixture
def made(each_office, monkeypatch):
    monkeypatch.setattr(clock, "utc_now", lambda: worlds.NOW)
    with each_office.transaction() as session:
        return worlds.found(session)


@PATIENT
@given(world=worlds.worlds.map(worlds.tidied))
def test_every_query_equals_brute_force(each_office, made, world):
    with each_office.transaction() as session:
        worlds.live_in(session, made, world)
        for person in PEOPLE:
            actor, rules = worlds.actor(world, person), BruteForce(world, person)
            assert asked_of_matters(session, made, actor) == expected_of_matters(rules)
            assert asked_of_work(session, made, actor) == expected_of_work(rules)
            assert_parties_are_the_same_in_each_way(session, actor)


def asked_of_matters(session, made, actor):
    place = {matter.id: number for number, matter in enumerate(made.matters)}
    of_enquiry = {matter.enquiry_number: number for number, matter in enumerate(made.matters)}
    of_event = {event_id: number for number, event_id in enumerate(made.events)}
    found = sa.select(sa.func.count()).select_from(Matter)
    fresh = [session.get_one(Matter, matter.id, populate_existing=True) for matter in made.matters]
    return {
        "list": [place[row.id] for row in matters.search(session, actor=actor).items],
        "page by page": page_by_page(session, actor, place),
        "search": {place[row.id] for row in matters.search(session, actor=actor, text="alpha").items},
        "filter": {place[key] for key in session.scalars(sa.select(Matter.id).where(matters.visible_to(actor)))},
        "each": {place[key] for key in session.scalars(sa.select(Matter.id).where(matters.seen_by(actor)))},
        "count": session.scalar(found.where(matters.visible_to(actor))),
        "denied": session.scalar(found.where(matters.denied_to(actor))),
        **{f"told, {name}": value for name, value in asked_of_told(session, actor, place).items()},
        "denied numbers": set(session.scalars(matters.denied_numbers(actor))) & {row.number for row in fresh},
        "denied numbers, gathered": gathered_numbers(session, actor) & {row.number for row in fresh},
        "may": {place[row.id] for row in fresh if may(session, actor, "read", row)},
        "enquiries": {of_enquiry[row.number] for row in enquiries.search(session, actor=actor).items},
        "enquiries each": {
            of_enquiry[number] for number in session.scalars(sa.select(Enquiry.number).where(enquiries.seen_by(actor)))
        },
        "events": {of_event[key] for key in session.scalars(sa.select(Event.id).where(events.visible_to(actor)))},
        "events counted": {
            of_event[key]
            for key in session.scalars(sa.select(Event.id).where(belongings.among(Event.matter_id, actor)))
        },
        **{name: {of_event[key] for key in keys} for name, keys in events_listed(session, actor).items()},
    }


def asked_of_told(session, actor, place):
    told, some = telling.of(session, actor), aliased(Matter)
    found = sa.select(Matter.id)
    return {
        "filter": {place[key] for key in session.scalars(found.where(matters.visible_to(told)), told.lists)},
        "each": {place[key] for key in session.scalars(found.where(matters.seen_by(told)), told.lists)},
        "denied": len(session.scalars(found.where(matters.denied_to(told)), told.lists).all()),
        "enquiries each": len(session.scalars(sa.select(Enquiry.id).where(enquiries.seen_by(told)), told.lists).all()),
        "numbers": set(
            session.scalars(sa.select(some.id).where(some.number.in_(matters.numbers_by_rule(told))), told.lists)
        )
        == set(session.scalars(sa.select(some.id).where(some.number.in_(matters.numbers_by_rule(actor))))),
    }


def gathered_numbers(session, actor):
    kept, one = denials.of(session, actor), aliased(Matter)
    query = sa.select(one.number).where(denials.denied(one.number, actor, kept.reasons))
    return set(session.scalars(query, kept.values))


def events_listed(session, actor):
    """List events in each of the ways in which a list is read, one on a page."""
    found = {}
    ways = (("gathered", 1000, 1000, 1000), ("asked", 0, 1000, 1000), ("asked, then gathered", 0, 1, 1))
    for name, many, asked, most in (*ways, ("asked in stretches", 0, 1, 1000)):
        with patch.multiple(belongings, MANY=many, ASKED=asked, MOST_ASKED=most):
            found[f"events {name}"] = events_page_by_page(session, actor)
            with patch.object(belongings, "FEW", -1):
                assert events_page_by_page(session, actor) == found[f"events {name}"]
    return found


def assert_parties_are_the_same_in_each_way(session, actor):
    """List parties and clients as few, some, many and rare as they may be: the way changes what it costs alone."""
    ways = {"gathered": (1000, 1000), "among what is gathered": (-1, 1000), "asked": (-1, -1)}
    found = {}
    for text in ("", "alpha"):
        for name, (gathered, few) in ways.items():
            for soon in (0, 300):
                with (
                    patch.multiple(parties, SOON_GATHERED=gathered, SOON_ASKED=soon),
                    patch.object(belongings, "FEW", few),
                ):
                    found[name, soon] = (
                        [row.id for row in parties.search(session, actor=actor, text=text, limit=200).items],
                        [row.number for row, _ in clients.search(session, actor=actor, text=text, limit=200).items],
                    )
        assert all(one == found["asked", 0] for one in found.values()), found


def events_page_by_page(session, actor):
    found, cursor = [], None
    while True:
        page = events.search(session, actor=actor, limit=1, cursor=cursor)
        found += [row.id for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            assert len(found) == len(set(found))
            return found


def expected_of_matters(rules):
    seen, denied = rules.all(rules.sees), rules.all(rules.denied)
    return {
        "list": sorted(seen),
        "page by page": sorted(seen),
        "search": seen & {0, 1},
        "filter": seen,
        "each": seen,
        "count": len(seen),
        "denied": len(denied),
        "told, filter": seen,
        "told, each": seen,
        "told, denied": len(denied),
        "told, enquiries each": len(rules.all(rules.sees_enquiry)),
        "told, numbers": True,
        "denied numbers": {f"2026-CV-{number:04d}" for number in denied},
        "denied numbers, gathered": {f"2026-CV-{number:04d}" for number in denied},
        "may": seen,
        "enquiries": rules.all(rules.sees_enquiry),
        "enquiries each": rules.all(rules.sees_enquiry),
        "events": seen,
        "events counted": seen,
        "events gathered": seen,
        "events asked": seen,
        "events asked, then gathered": seen,
        "events asked in stretches": seen,
    }


def page_by_page(session, actor, place):
    found, cursor = [], None
    while True:
        page = matters.search(session, actor=actor, limit=1, cursor=cursor)
        found += [place[row.id] for row in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return found


def asked_of_work(session, made, actor):
    instances = {key: number for number, key in enumerate(made.instances)}
    tasks = {key: number for number, key in enumerate(made.tasks)}
    listed = sa.select(ProcessInstance.id).where(access.instance_visible_to(actor))
    seen = sa.select(UserTask.id).where(access.user_task_visible_to(actor))
    return {
        "instances": {instances[key] for key in session.scalars(listed)},
        "instances one by one": {
            number for key, number in instances.items() if is_there(access.visible_instance, session, actor, key)
        },
        # Who came late sees a task by its id; lists leave it out.
        "tasks in lists": {tasks[key] for key in session.scalars(seen)}
        <= {number for key, number in tasks.items() if is_there(access.visible_user_task, session, actor, key)},
        "tasks in lists, gathered": set(session.scalars(seen)) == gathered_tasks(session, actor),
        "tasks one by one": {
            number for key, number in tasks.items() if is_there(access.visible_user_task, session, actor, key)
        },
        "commands": {
            number for key, number in tasks.items() if is_there(access.require_user_task, session, actor, key)
        },
        **{
            scope: [tasks[row.id] for row in sorted_by(inbox.page(session, actor, scope=scope).items, tasks)]
            for scope in ("mine", "group", "all")
        },
        "counts": counted(session, actor),
        "counts where there is much": counted_as_much(session, actor),
    }


@PATIENT
@given(world=worlds.worlds.map(worlds.tidied))
def test_who_sees_a_matter_sees_all_the_work_that_its_card_lists(each_office, made, world):
    """The card asks no rights again of a matter that it has read with them."""
    is_open = UserTask.state == "created"
    with each_office.transaction() as session:
        worlds.live_in(session, made, world)
        for person in PEOPLE:
            actor = worlds.actor(world, person)
            for matter in session.scalars(sa.select(Matter).where(matters.seen_by(actor))).all():
                of_it = UserTask.business_key.in_([matter.number, matter.enquiry_number or ""])
                listed = sa.select(UserTask.id).where(of_it, is_open)

                seen = set(session.scalars(listed.where(access.user_task_visible_to(actor))))

                assert seen == set(session.scalars(listed))
                if matter.enquiry_number:
                    enquiry = sa.select(Enquiry.id).where(Enquiry.number == matter.enquiry_number)
                    assert session.scalar(enquiry.where(enquiries.seen_by(actor))) is not None


def gathered_tasks(session, actor):
    kept = denials.of(session, actor)
    return set(
        session.scalars(sa.select(UserTask.id).where(access.user_task_visible_to(actor, kept.reasons)), kept.values)
    )


def counted(session, actor):
    counts = inbox.counts(session, actor, now=worlds.NOW)
    return {scope: counts[scope] for scope in ("mine", "group", "all")}


def counted_as_much(session, actor):
    """Count in the way in which thousands of rows are: all of them, less those that are denied."""
    with patch.object(statements, "SHORT", -1):
        return counted(session, actor)


def sorted_by(rows, order):
    return sorted(rows, key=lambda row: order[row.id])


def is_there(look, session, actor, key):
    from engine.errors import NotFound

    try:
        look(session, actor, key)
    except NotFound:
        return False
    return True


def expected_of_work(rules):
    scopes = {scope: sorted(rules.inbox(scope)) for scope in ("mine", "group", "all")}
    return {
        "instances": rules.all(rules.sees_instance),
        "instances one by one": rules.all(rules.sees_instance),
        "tasks in lists": True,
        "tasks in lists, gathered": True,
        "tasks one by one": rules.all(rules.sees_task),
        "commands": rules.all(rules.sees_task),
        **scopes,
        "counts": {scope: len(found) for scope, found in scopes.items()},
        "counts where there is much": {scope: len(found) for scope, found in scopes.items()},
    }


@IMPATIENT
@given(world=worlds.worlds.map(worlds.tidied))
def test_every_call_of_the_api_equals_brute_force(each_office, made, world):
    with each_office.transaction() as session:
        worlds.live_in(session, made, world)
    for person in PEOPLE:
        rules, client = BruteForce(world, person), getattr(each_office, person)
        seen = rules.all(rules.sees)

        assert numbers(client, "matters?limit=200") == sorted(seen)
        assert numbers(client, "matters?q=Alpha") == sorted(seen & {0, 1})
        assert numbers(client, "process-instances?limit=200", "business_key") == sorted(rules.all(rules.sees_instance))
        for scope in ("mine", "group", "all"):
            assert numbers(client, f"user-tasks?scope={scope}&limit=200", "business_key") == sorted(rules.inbox(scope))
        for number in seen:
            assert client.get(f"matters/2026-CV-{number:04d}").status_code == 200
        for number in rules.all(rules.sees_instance):
            for part in ("", "/history", "/activities"):
                assert client.get(f"process-instances/{made.instances[number]}{part}").status_code == 200
        for number in set(range(MATTERS)) - rules.all(rules.sees_instance):
            for part in ("", "/history", "/activities"):
                # Who knocks at a wall, or too often, is locked out until somebody has looked: 401.
                answer = client.get(f"process-instances/{made.instances[number]}{part}")
                assert answer.status_code in (401, 404)


@IMPATIENT
@given(world=worlds.worlds.map(worlds.tidied))
def test_what_is_not_for_a_person_is_not_there_over_the_api(each_office, made, world):
    with each_office.transaction() as session:
        worlds.live_in(session, made, world)
    for person in PEOPLE:
        rules, client = BruteForce(world, person), getattr(each_office, person)
        for number in sorted(set(range(MATTERS)) - rules.all(rules.sees))[:1]:
            answer = client.get(f"matters/2026-CV-{number:04d}")
            assert answer.status_code in (401, 404)
            assert worlds.NAMES[worlds.CLIENT_OF[number]] not in answer.text


def numbers(client, url, name="number"):
    answer = client.get(url)
    assert answer.status_code == 200, answer.text
    keys = [item[name] for item in answer.json["items"]]
    return sorted(int(key[-4:]) for key in keys if key is not None and key.startswith("2026-CV-"))
