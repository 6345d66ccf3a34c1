"""Who may see which matter, reason by reason and denial by denial."""

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from engine import user_tasks
from engine.actor import SYSTEM
from engine.errors import UserTaskNotFound
from engine.models import ProcessInstance, UserTask
from practice.accesses.models import EmergencyAccess
from practice.enquiries import queries as enquiries
from practice.errors import EnquiryNotFound, MatterNotFound
from practice.matters import queries as matters
from practice.matters.models import Matter, MatterMember
from practice.organisation.models import OrgUnit, OrgUnitReach, StaffRecord
from practice.rights.models import RightRule
from practice.walls.models import Wall, WallMember, WallScope
from tasks import access
from tasks.inbox import queries as inbox
from tests.conftest import NOON
from tests.factories import open_tasks
from tests.practice.firm import AUDITOR, LEA, LEO, OTTO, PETRA, RITA, STRANGER

HOUR = timedelta(hours=1)
HEAD = replace(STRANGER, rights=frozenset({"see_unit_matters"}))
SEES_ALL = replace(OTTO, rights=frozenset({"see_all_matters"}))


def sees(session, actor, matter):
    """Ask every query that shows a matter; they have to agree."""
    is_listed = matter in matters.search(session, actor=actor).items
    counted = session.scalar(sa.select(sa.func.count()).select_from(Matter).where(matters.visible_to(actor)))
    try:
        matters.get_by_number(session, matter.number, actor=actor)
        is_found = True
    except MatterNotFound:
        is_found = False
    assert is_listed == is_found == bool(counted)
    return is_found


def notices(session, actor, matter):
    """Ask what shows the work of a matter; True when anything does."""
    keys = [matter.number, matter.enquiry_number]
    seen = [
        session.scalars(sa.select(query.id).where(query.business_key.in_(keys), where(actor))).all()
        for query, where in ((ProcessInstance, access.instance_visible_to), (UserTask, access.user_task_visible_to))
    ]
    page = inbox.page(session, actor, business_key=matter.number).items
    counted = inbox.counts(session, actor, now=NOON)["all"]
    assert bool(page) == bool(counted)
    try:
        enquiries.get_by_number(session, matter.enquiry_number, actor=actor)
        seen.append([1])
    except EnquiryNotFound:
        seen.append([])
    return any(seen) or bool(page)


@pytest.fixture
def unit(session):
    """Return a function that founds a unit under another."""

    def make(code, parent=None):
        row = OrgUnit(code=code, name=code, kind="branch", parent_id=parent and parent.id, created_at=NOON)
        session.add(row)
        session.flush()
        above = [parent.id] if parent else []
        if parent:
            query = sa.select(OrgUnitReach.ancestor_id).where(OrgUnitReach.unit_id == parent.id)
            above = list(session.scalars(query))
        session.add_all(OrgUnitReach(ancestor_id=ancestor, unit_id=row.id) for ancestor in [row.id, *above])
        session.flush()
        return row

    return make


def works_in(session, actor, unit, post=None):
    session.add(StaffRecord(username=actor.username, org_unit_id=unit.id, post=post, languages=[]))
    session.flush()


def rule(session, matter, effect, **whom):
    session.add(
        RightRule(
            effect=effect,
            action="read",
            client_party_id=matter.client_party_id,
            created_at=NOON,
            created_by="otto",
            **whom,
        )
    )
    session.flush()


def test_a_membership_counts_until_it_ends(session, matter):
    opened = matter()
    row = MatterMember(matter_id=opened.id, username="nobody", role="member", since=NOON)
    session.add(row)
    session.flush()
    assert sees(session, STRANGER, opened)

    row.until = NOON + HOUR
    session.flush()
    assert not sees(session, STRANGER, opened)

    session.add(MatterMember(matter_id=opened.id, username="nobody", role="member", since=NOON + 2 * HOUR))
    session.flush()
    assert sees(session, STRANGER, opened)


def test_an_emergency_opens_a_matter_until_it_ends(session, matter):
    opened = matter()
    emergency = EmergencyAccess(
        matter_id=opened.id, username="nobody", reason="Hearing in an hour", since=NOON, until=NOON + HOUR
    )
    session.add(emergency)
    session.flush()

    assert sees(session, replace(STRANGER, at=NOON), opened)
    assert not sees(session, replace(STRANGER, at=NOON + HOUR), opened)
    assert not sees(session, STRANGER, opened)
    emergency.ended_at = NOON
    session.flush()
    assert not sees(session, replace(STRANGER, at=NOON), opened)


def test_who_reads_their_branch_sees_it_and_what_lies_under_it(session, matter, unit):
    opened = matter()
    taipei = unit("taipei")
    litigation = unit("litigation", taipei)
    works_in(session, HEAD, taipei)

    assert not sees(session, HEAD, opened)
    for place in (taipei, litigation):
        opened.org_unit_id = place.id
        session.flush()
        assert sees(session, HEAD, opened)
        assert not sees(session, STRANGER, opened)
    opened.org_unit_id = unit("athens").id
    session.flush()
    assert not sees(session, HEAD, opened)


def test_who_reads_a_department_does_not_see_the_branch_above_it(session, matter, unit):
    opened = matter()
    taipei = unit("taipei")
    works_in(session, HEAD, unit("litigation", taipei))
    opened.org_unit_id = taipei.id
    session.flush()

    assert not sees(session, HEAD, opened)


@pytest.mark.parametrize("confidentiality", ["restricted", "secret"])
def test_a_restricted_matter_exists_for_its_team_alone(session, matter, unit, confidentiality):
    opened = matter()
    taipei = unit("taipei")
    works_in(session, HEAD, taipei)
    opened.org_unit_id, opened.confidentiality = taipei.id, confidentiality
    session.flush()

    for insider in (LEA, PETRA, SYSTEM):
        assert sees(session, insider, opened)
    for outsider in (AUDITOR, SEES_ALL, HEAD, LEO, RITA):
        assert not sees(session, outsider, opened)
        assert not notices(session, outsider, opened)


def test_an_offer_to_a_group_is_no_need_to_know_but_a_task_in_hand_is(session, matter):
    opened = matter()
    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)
    cora = replace(STRANGER, username="cora", groups=frozenset({"cashiers"}))
    assert sees(session, cora, opened)

    opened.confidentiality = "secret"
    session.flush()

    task = open_tasks(session)["pay"]
    assert not sees(session, cora, opened)
    assert not notices(session, cora, opened)
    for refusing in (access.require_user_task, access.visible_user_task):
        with pytest.raises(UserTaskNotFound):
            refusing(session, cora, task.id)
    user_tasks.assign(session, task.id, "cora", by=SYSTEM, now=NOON)
    assert sees(session, cora, opened)
    assert notices(session, cora, opened)


@pytest.mark.parametrize("insider", [LEA, PETRA, AUDITOR, SEES_ALL], ids=lambda actor: actor.username)
@pytest.mark.parametrize("around", ["matter", "client", "enquiry"])
def test_whoever_is_walled_off_knows_nothing(session, matter, insider, around):
    opened = matter()
    task = open_tasks(session)["assess"]
    assert sees(session, insider, opened)

    wall(session, opened, around, insider)

    assert not sees(session, insider, opened)
    assert not notices(session, insider, opened)
    with pytest.raises(UserTaskNotFound):
        access.require_user_task(session, insider, task.id)


def wall(session, matter, around, *out):
    scope = {
        "matter": {"matter_id": matter.id},
        "client": {"client_party_id": matter.client_party_id},
        "enquiry": {"enquiry_number": matter.enquiry_number},
    }[around]
    row = Wall(
        number="W-2026-0001",
        name="North",
        kind="excluding",
        basis="conflict",
        reason="Acted for them",
        state="up",
        requested_at=NOON,
        requested_by="otto",
        approved_by="petra",
        up_at=NOON,
        members=[WallMember(username=actor.username, side="out", added_at=NOON, added_by="otto") for actor in out],
        scopes=[WallScope(**scope)],
    )
    session.add(row)
    session.flush()


@pytest.mark.parametrize("whom", [{"username": "nobody"}, {"group_name": "archivists"}, {"post": "Clerk"}, {}])
def test_a_rule_opens_one_client_to_whom_it_names(session, matter, unit, whom):
    opened, other = matter(), matter("Bo Chen", None)
    works_in(session, STRANGER, unit("taipei"), post="Clerk")

    rule(session, opened, "allow", **whom)

    assert sees_only(session, STRANGER, opened, not_=other)
    assert sees(session, LEO, opened) == (whom == {})


def test_a_rule_for_a_unit_is_for_those_under_it(session, matter, unit):
    opened, other = matter(), matter("Bo Chen", None)
    taipei = unit("taipei")
    works_in(session, STRANGER, unit("litigation", taipei))

    rule(session, opened, "allow", org_unit_id=taipei.id, group_name="archivists")

    assert sees_only(session, STRANGER, opened, not_=other)
    assert not sees_only(session, replace(STRANGER, groups=frozenset()), opened, not_=other)


@pytest.mark.parametrize("insider", [LEA, SEES_ALL], ids=lambda actor: actor.username)
def test_a_rule_closes_one_client_to_the_team_and_to_who_sees_all(session, matter, insider):
    opened = matter()
    rule(session, opened, "allow", username=insider.username)

    rule(session, opened, "deny", username=insider.username)

    assert not sees(session, insider, opened)
    assert not notices(session, insider, opened)


def sees_only(session, actor, matter, *, not_):
    found = set(session.scalars(sa.select(Matter.number).where(matters.visible_to(actor))))
    assert not_.number not in found
    return found == {matter.number}


def test_the_filter_stays_itself_inside_other_queries(session, matter):
    opened = matter()
    joined = (
        sa.select(Matter.number)
        .join(MatterMember, MatterMember.matter_id == Matter.id)
        .join(UserTask, UserTask.business_key == Matter.number)
        .where(MatterMember.username == "petra", matters.visible_to(LEA))
    )

    assert session.scalars(joined).all() == [opened.number]
    assert session.scalars(joined.where(matters.visible_to(LEO))).all() == []
