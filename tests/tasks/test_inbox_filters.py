"""Narrowing the inbox: every filter, alone and with others, in every scope, and never more than one may see."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import user_tasks
from engine.actor import SYSTEM, Actor
from engine.models import UserTask
from practice.clients.models import Client
from practice.directories.models import DirectoryEntry, MatterTag
from tasks.errors import FilterInvalid
from tasks.inbox import filters as filtering
from tasks.inbox import queries as inbox
from tasks.inbox.filters import Filters
from tests.conftest import NOON
from tests.factories import begin, deploy, end, flow, gateway, open_tasks, path, start, user_task
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, STRANGER

DAY = timedelta(days=1)
SEES_ALL = Actor("boss", frozenset({"managing_partners"}), frozenset({"see_all_user_tasks"}))


def kind(name):
    return (
        "<bpmn:extensionElements><camunda:properties>"
        f'<camunda:property name="kind" value="{name}"/></camunda:properties></bpmn:extensionElements>'
    )


@pytest.fixture
def work(session):
    """Three tasks for lawyers: an approval above normal due in a day, a letter in three, and one without a date."""
    body = (
        start()
        + gateway("parallel", "split")
        + user_task("approve", groups="lawyers", attributes='camunda:dueDate="P1D" camunda:priority="80"',
                    inner=kind("approval"))
        + user_task("write", groups="lawyers", attributes='camunda:dueDate="P3D" camunda:priority="20"',
                    inner=kind("letter"))
        + user_task("muse", groups="lawyers")
        + gateway("parallel", "join")
        + end()
        + path("started", "split", "approve", "join", "ended")
        + "".join(flow("split", one) + flow(one, "join") for one in ("write", "muse"))
    )  # fmt: skip
    deploy(session, body)
    return begin(session, business_key="X-1", now=NOON)


def names(page):
    return [task.element_id for task in page.items]


NARROWED = {
    "kind": (Filters(kinds=("approval",)), ["approve"]),
    "one of several kinds": (Filters(kinds=("approval", "letter")), ["approve", "write"]),
    "process": (Filters(process_keys=("proc",)), ["approve", "write", "muse"]),
    "another process": (Filters(process_keys=("other",)), []),
    "matter": (Filters(business_key="X-1"), ["approve", "write", "muse"]),
    "another matter": (Filters(business_key="X-2"), []),
    "high": (Filters(priority="high"), ["approve"]),
    "normal": (Filters(priority="normal"), ["muse"]),
    "low": (Filters(priority="low"), ["write"]),
    "due before": (Filters(due_before=NOON + 2 * DAY), ["approve"]),
    "due from": (Filters(due_from=NOON + 2 * DAY, due_before=NOON + 9 * DAY), ["write"]),
    "without a date": (Filters(is_undated=True), ["muse"]),
    "words": (Filters(text="APPR x-1"), ["approve"]),
    "a word that is a pattern": (Filters(text="%"), []),
    "all at once": (
        Filters(kinds=("approval",), process_keys=("proc",), business_key="X-1", priority="high",
                due_before=NOON + 2 * DAY, text="approve"),
        ["approve"],
    ),
    "nothing holds for all": (Filters(kinds=("approval",), priority="low"), []),
}  # fmt: skip


@pytest.mark.parametrize("actor", [LEA, SEES_ALL])
def test_filters_narrow_and_counts_say_the_same(session, work, actor):
    for asked, (filters, expected) in NARROWED.items():
        for sort in inbox.SORTS:
            found = inbox.page(session, actor, filters=filters, sort=sort)
            assert (asked, sort, sorted(names(found))) == (asked, sort, sorted(expected))
        assert inbox.counts(session, actor, now=NOON, filters=filters)["all"] == len(expected), asked


@pytest.mark.parametrize("scope", inbox.SCOPES)
def test_nobody_else_gets_anything_whatever_they_filter_by(session, work, scope):
    for outsider in (STRANGER, CORA):
        for filters, _ in NARROWED.values():
            assert inbox.page(session, outsider, scope=scope, filters=filters).items == []
            assert set(inbox.counts(session, outsider, now=NOON, filters=filters).values()) == {0}
        assert inbox.page(session, outsider, asleep=True, now=NOON).items == []
        assert inbox.arrived(session, outsider, since=NOON - DAY, scope=scope, now=NOON) == 0


def test_by_urgency_a_day_of_time_outweighs_ten_points_of_priority(session, work):
    begin(session, business_key="X-2", now=NOON + 10 * DAY)

    order = [(task.element_id, task.business_key) for task in inbox.page(session, LEA, sort="urgency").items]

    assert order == [
        ("approve", "X-1"), ("write", "X-1"), ("approve", "X-2"), ("write", "X-2"), ("muse", "X-1"), ("muse", "X-2"),
    ]  # fmt: skip


@pytest.mark.parametrize("sort", inbox.SORTS)
def test_pages_follow_each_other_in_either_order(session, work, sort):
    for days in range(4):
        begin(session, business_key=f"Y-{days % 2}", now=NOON + days * DAY)
    for actor in (LEA, SEES_ALL):
        for filters in (Filters(), Filters(kinds=("approval", "letter")), Filters(text="e")):
            asked = {"sort": sort, "filters": filters}
            whole = [task.id for task in inbox.page(session, actor, limit=200, **asked).items]

            assert page_by_page(session, actor, **asked) == whole
            assert len(set(whole)) == len(whole) >= 8


def page_by_page(session, actor, **asked):
    seen, cursor = [], None
    while True:
        page = inbox.page(session, actor, limit=2, cursor=cursor, **asked)
        seen += [task.id for task in page.items]
        cursor = page.next_cursor
        if cursor is None:
            return seen


@pytest.mark.parametrize("most", [0, 1000])
def test_work_is_found_by_client_and_by_tag_of_its_matter(session, matter, monkeypatch, most):
    monkeypatch.setattr(filtering, "_FEW", most)
    alpha, beta = matter("Alpha", "Omega"), matter("Beta", "Omega")
    client = session.scalars(sa.select(Client).where(Client.party_id == alpha.client_party_id)).one()
    above, below = (
        DirectoryEntry(directory="tag", key=key, name=key, path=place, created_at=NOON, created_by="ada")
        for key, place in (("rail", "rail/"), ("tram", "rail/tram/"))
    )
    session.add_all([above, below])
    session.flush()
    session.add(MatterTag(matter_id=beta.id, tag_id=below.id))
    session.flush()

    for actor in (LEA, AUDITOR):
        by_client = inbox.page(session, actor, filters=Filters(client=f" {client.number.lower()} ")).items
        by_tag = inbox.page(session, actor, filters=Filters(tag="rail")).items
        assert {task.business_key for task in by_client} == {alpha.number}
        assert {task.business_key for task in by_tag} == {beta.number}
        assert inbox.counts(session, actor, now=NOON, filters=Filters(tag="tram"))["all"] == 1
    assert inbox.page(session, PETRA, filters=Filters(client=client.number)).items == []
    assert inbox.page(session, AUDITOR, filters=Filters(client="C-999999")).items == []


WAYS = {
    "what few have": {},
    "what many have, by what stands for the words": {"SHORT": -1},
    "what many have, task by task": {"SHORT": -1, "RARE": 0, "MOST": 0},
    "when names are not looked up": {"SHORT": -1, "_MOST_NAMES": 0},
}


@pytest.mark.parametrize("way", WAYS)
def test_words_find_the_same_work_in_whichever_way_they_are_looked_for(session, matter, work, monkeypatch, way):
    from tasks.inbox import statements, wording

    opened = matter("Παπαδόπουλος", "Beton AG")
    for name, value in WAYS[way].items():
        monkeypatch.setattr(statements if name == "SHORT" else wording, name, value)

    def found(actor, text):
        tasks = inbox.page(session, actor, q=text).items
        assert inbox.counts(session, actor, now=NOON, filters=Filters(text=text))["all"] == len(tasks)
        return sorted((task.element_id, task.business_key) for task in tasks)

    for actor in (LEA, AUDITOR):
        [first] = found(actor, "παπαδ beton")
        assert first[1] == opened.number
        assert first in found(actor, opened.number[3:])
        assert found(actor, "beton")[0] == first
        assert found(actor, "παπαδ nobody") == []
        assert found(actor, "x-1 APPR") == [("approve", "X-1")]
        assert found(actor, "muse") == [("muse", "X-1")]
        assert found(actor, "%") == found(actor, "nobody' OR") == found(actor, "🙂") == []
    assert found(STRANGER, "beton") == found(STRANGER, "muse") == found(STRANGER, "x-1") == []


def test_words_of_long_lists_are_looked_up_without_reading_a_task(session, matter):
    matter("Papadopoulos", "Beton AG")
    found = filtering.narrowing(session, Filters(text="papad beton 2026-7"), is_short=False)

    assert not filtering.needs_task(found.shape)


def test_a_task_is_found_by_its_name_in_any_script(session):
    deploy(
        session,
        start() + user_task("t").replace('name="t"', 'name="Оценить иск"') + end() + path("started", "t", "ended"),
    )
    begin(session, now=NOON)

    assert names(inbox.page(session, SEES_ALL, q="ОЦЕНИТЬ")) == ["t"]
    assert names(inbox.page(session, SEES_ALL, q="жалоба")) == []


def test_only_names_of_open_work_are_looked_through(session, work):
    from tasks.inbox import wording

    assert wording.open_names(session) == ["approve", "muse", "write"]
    for task_id in session.scalars(sa.select(UserTask.id).where(UserTask.element_id != "muse")).all():
        user_tasks.complete(session, task_id, by=LEA, now=NOON)
    assert wording.open_names(session) == ["muse"]


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Filters(priority="loud"),
        lambda: Filters(kinds=tuple("abcdefghijklmnopqrstuvwxyzabcdefgh")),
    ],
)
def test_what_is_no_filter_is_refused_by_name(wrong):
    with pytest.raises(FilterInvalid) as refused:
        wrong()

    assert refused.value.field in ("priority", "kinds")


def test_an_unknown_tag_or_order_is_refused(session):
    with pytest.raises(FilterInvalid, match="tag"):
        inbox.page(session, LEA, filters=Filters(tag="<b>nothing</b>"))
    with pytest.raises(FilterInvalid, match="sort"):
        inbox.page(session, LEA, sort="random")


def test_parts_of_a_list_are_counted_for_the_scope_that_is_looked_at(session, work):
    tasks = open_tasks(session, work.id)
    user_tasks.claim(session, tasks["approve"].id, by=LEA, now=NOON)
    bounds = (NOON, NOON + 2 * DAY, NOON + 7 * DAY)

    def parts(actor, scope, **more):
        return inbox.counts_of_list(session, actor, scope=scope, now=NOON, bounds=bounds, **more).parts

    assert parts(LEA, "mine") == (0, 1, 0, 0, 0)
    assert parts(LEA, "group") == (0, 0, 1, 0, 1)
    assert parts(LEA, "all") == parts(SEES_ALL, "all") == (0, 1, 1, 0, 1)
    assert parts(LEO, "all", filters=Filters(is_undated=True)) == (0, 0, 0, 0, 1)
    assert parts(STRANGER, "all") == parts(LEA, "watched") == (0, 0, 0, 0, 0)


def test_new_is_what_came_in_front_of_one_since(session, work):
    tasks = open_tasks(session, work.id)
    user_tasks.claim(session, tasks["muse"].id, by=LEO, now=NOON)
    user_tasks.assign(session, tasks["muse"].id, "lea", by=LEO, now=NOON + DAY)

    def new(actor, scope, since):
        return inbox.arrived(session, actor, scope=scope, since=since, now=NOON + DAY)

    assert new(LEA, "group", NOON - DAY) == 2
    assert new(LEA, "group", NOON) == 0
    assert new(LEA, "mine", NOON) == new(LEA, "all", NOON) == 1
    assert new(LEO, "all", NOON) == 0
    assert new(SEES_ALL, "all", NOON - DAY) == 3


def test_the_systems_own_view_has_no_rights_to_ask_for(session, work):
    assert len(inbox.page(session, SYSTEM, scope="all").items) == session.scalar(
        sa.select(sa.func.count()).where(UserTask.state == "created")
    )


def test_behind_a_wall_no_list_and_no_count_has_anything_of_it(session, matter, wall):
    opened = matter("Alpha")
    other = matter("Beta")
    walled = Actor("lea", frozenset({"lawyers", "partners"}))
    wall({"matter_id": opened.id}, out=["lea", "ada"])

    for actor in (walled, AUDITOR):
        for sort in inbox.SORTS:
            page = inbox.page(session, actor, scope="all", sort=sort, now=NOON)
            assert {task.business_key for task in page.items} == {other.number}
        for filters in (Filters(business_key=opened.number), Filters(text="alpha")):
            assert inbox.page(session, actor, filters=filters).items == []
            assert inbox.counts(session, actor, now=NOON, filters=filters)["all"] == 0
        assert inbox.counts(session, actor, now=NOON)["all"] == 1
        assert inbox.arrived(session, actor, since=NOON - DAY, now=NOON) == 1
        assert inbox.choices(session, actor) == inbox.Choices([], ["civil"])
    assert inbox.choices(session, STRANGER) == inbox.Choices([], [])


def test_a_sort_of_work_that_lies_behind_a_wall_only_is_not_offered_to_choose(session, matter, wall):
    opened, other = matter("Alpha"), matter("Beta")
    actors = (LEA, AUDITOR, Actor("ada", frozenset({"managing_partners"}), SEES_ALL.rights))
    for number, sort in ((opened.number, "merger"), (other.number, "claim")):
        session.execute(sa.update(UserTask).where(UserTask.business_key == number).values(kind=sort))
    assert all(inbox.choices(session, actor).kinds == ["claim", "merger"] for actor in actors)

    wall({"matter_id": opened.id}, out=["lea", "ada"])

    assert all(inbox.choices(session, actor).kinds == ["claim"] for actor in actors)
    assert inbox.choices(session, STRANGER).kinds == []
