"""Rights are changed by two persons."""

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from engine.actor import SYSTEM, Actor
from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.errors import GroupUnknown, UserNotFound
from practice.matters import queries as matters
from practice.matters.models import Matter
from practice.organisation import operations as organisation
from practice.organisation import queries as units
from practice.organisation.errors import OrgTreeCyclic, OrgUnitNotFound
from practice.people import operations as people
from practice.people import queries as users
from practice.rights import operations as rights
from practice.rights import queries
from practice.rights.errors import (
    NothingToChange,
    OwnProposal,
    ReasonMissing,
    RightsChangeDecided,
    RightsChangeNotFound,
    RightsChangeOutdated,
    RuleInvalid,
    TwoPersonsNeeded,
)
from practice.rights.models import RightRule, RightsChange
from tests.conftest import NOON
from tests.practice.firm import LEA, STRANGER

ADA = Actor("adm", frozenset({"administrators"}), frozenset({"propose_rights_changes", "approve_rights_changes"}))
BEA = Actor("bea", frozenset({"partners"}), frozenset({"approve_rights_changes", "manage_organisation"}))
WHY = "Joins the litigation team"


@pytest.fixture
def change(session, firm):
    """Lea is to be a partner, too."""
    return rights.propose_groups(session, "lea", ["lawyers", "partners"], WHY, by=ADA, now=NOON)


def groups(session):
    return users.get(session, "lea").groups


def test_what_one_proposes_another_makes_true(session, change):
    assert groups(session) == {"lawyers"}

    rights.approve(session, change.id, remark="Agreed", by=BEA, now=NOON)

    assert groups(session) == {"lawyers", "partners"}
    assert (change.state, change.decided_by, change.remark) == ("applied", "bea", "Agreed")
    told = audit.of(session, "rights_change", change.id)
    assert [(event.kind, event.by) for event in told] == [
        ("rights_change_proposed", "adm"),
        ("rights_change_applied", "bea"),
    ]
    assert audit.of(session, "user", "lea")[-1].kind == "groups_changed"


def test_nobody_decides_what_they_proposed(session, change):
    for decide in (rights.approve, rights.reject):
        with pytest.raises(OwnProposal):
            decide(session, change.id, by=ADA, now=NOON)

    assert groups(session) == {"lawyers"}


def test_nobody_decides_about_themselves(session, change):
    herself = Actor("lea", rights=frozenset({"approve_rights_changes"}))

    with pytest.raises(OwnProposal):
        rights.approve(session, change.id, by=herself, now=NOON)


def test_the_database_itself_knows_that_it_takes_two(session, change):
    for decided_by in ("adm", "lea"):
        with pytest.raises(IntegrityError), session.begin_nested():
            session.execute(sa.update(RightsChange).values(state="applied", decided_by=decided_by, decided_at=NOON))


def test_who_lacks_the_right_neither_proposes_nor_decides(session, change):
    for attempt in (
        lambda: rights.approve(session, change.id, by=LEA, now=NOON),
        lambda: rights.propose_groups(session, "leo", [], WHY, by=BEA, now=NOON),
        lambda: rights.propose_place(session, "leo", None, "Head", WHY, by=BEA, now=NOON),
        lambda: rights.propose_move(session, "x", None, WHY, by=BEA, now=NOON),
        lambda: rights.propose_rule(session, rights.Rule("deny", "read"), WHY, by=BEA, now=NOON),
        lambda: queries.rules(session, actor=LEA),
    ):
        with pytest.raises(RightMissing):
            attempt()


def test_a_proposal_is_decided_once(session, change):
    rights.reject(session, change.id, by=BEA, now=NOON)

    for decide in (rights.approve, rights.reject):
        with pytest.raises(RightsChangeDecided):
            decide(session, change.id, by=BEA, now=NOON)
    assert groups(session) == {"lawyers"}


def test_who_proposed_may_take_it_back_and_nobody_else(session, change):
    with pytest.raises(RightsChangeNotFound):
        rights.withdraw(session, change.id, by=BEA, now=NOON)

    rights.withdraw(session, change.id, by=ADA, now=NOON)

    assert change.state == "withdrawn"


def test_what_changed_in_the_meantime_makes_a_proposal_worthless(session, change):
    people.change_groups(session, "lea", ["auditors"], by=SYSTEM, now=NOON)

    with pytest.raises(RightsChangeOutdated):
        rights.approve(session, change.id, by=BEA, now=NOON)

    assert groups(session) == {"auditors"}


def test_a_reason_is_needed_and_something_to_change(session, firm):
    for reason in ("", "   ", "x" * 2001):
        with pytest.raises(ReasonMissing):
            rights.propose_groups(session, "lea", ["partners"], reason, by=ADA, now=NOON)
    with pytest.raises(NothingToChange):
        rights.propose_groups(session, "lea", ["lawyers"], WHY, by=ADA, now=NOON)
    with pytest.raises(GroupUnknown):
        rights.propose_groups(session, "lea", ["wizards"], WHY, by=ADA, now=NOON)
    with pytest.raises(UserNotFound):
        rights.propose_groups(session, "ghost", ["partners"], WHY, by=ADA, now=NOON)


def test_no_way_leads_around_the_second_person(session, firm):
    manager = Actor("mia", rights=frozenset({"manage_users"}))

    with pytest.raises(TwoPersonsNeeded):
        people.change_groups(session, "lea", ["partners"], by=manager, now=NOON)
    with pytest.raises(TwoPersonsNeeded):
        people.create_user(session, "twin", "Twin", password=None, groups=["partners"], by=manager, now=NOON)
    people.create_user(session, "twin", "Twin", password=None, groups=[], by=manager, now=NOON)


def test_unit_and_post_change_by_two(session, firm):
    organisation.found_unit(session, "taipei", "Taipei", "branch", by=BEA, now=NOON)
    change = rights.propose_place(session, "lea", "taipei", " Head  of branch ", WHY, by=ADA, now=NOON)
    assert units.unit_of(session, "lea") is None

    rights.approve(session, change.id, by=BEA, now=NOON)

    found = units.colleague(session, "lea")
    assert (found.unit.code, found.record.post) == ("taipei", "Head of branch")
    with pytest.raises(OrgUnitNotFound):
        rights.propose_place(session, "lea", "nowhere", None, WHY, by=ADA, now=NOON)


def test_a_unit_moves_by_two_and_never_in_a_circle(session, firm):
    for code, under in (("firm", None), ("taipei", "firm"), ("athens", "firm")):
        organisation.found_unit(session, code, code, "branch", parent=under, by=BEA, now=NOON)
    with pytest.raises(OrgTreeCyclic):
        rights.propose_move(session, "firm", "taipei", WHY, by=ADA, now=NOON)
    first = rights.propose_move(session, "taipei", "athens", WHY, by=ADA, now=NOON)
    second = rights.propose_move(session, "athens", "taipei", WHY, by=ADA, now=NOON)

    rights.approve(session, first.id, by=BEA, now=NOON)

    with pytest.raises(OrgTreeCyclic):
        rights.approve(session, second.id, by=BEA, now=NOON)
    assert [place.parent_code for place in units.units(session)] == [None, "firm", "athens"]


def test_a_rule_comes_and_goes_by_two(session, matter):
    opened = matter()
    rule = rights.Rule("allow", "read", username="nobody", client_party_id=opened.client_party_id)
    visible = sa.select(Matter.number).where(matters.visible_to(STRANGER))

    coming = rights.propose_rule(session, rule, WHY, by=ADA, now=NOON)
    assert session.scalars(visible).all() == []
    rights.approve(session, coming.id, by=BEA, now=NOON)
    assert session.scalars(visible).all() == [opened.number]

    (row,) = queries.rules(session, actor=ADA)
    going = rights.propose_removal(session, row.id, WHY, by=ADA, now=NOON)
    rights.approve(session, going.id, by=BEA, now=NOON)
    assert session.scalars(visible).all() == []
    assert session.scalars(sa.select(RightRule)).all() == []


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"effect": "maybe"}, "effect"),
        ({"action": "burn"}, "action"),
        ({"client_party_id": None}, "client_party_id"),
        ({"client_party_id": None, "event_kind": "no_such_kind"}, "event_kind"),
        ({"post": "x" * 121}, "post"),
    ],
)
def test_what_is_no_rule_is_refused_by_name(session, matter, facts, field):
    given = {"effect": "deny", "action": "read", "client_party_id": matter().client_party_id, **facts}

    with pytest.raises(RuleInvalid) as refusal:
        rights.propose_rule(session, rights.Rule(**given), WHY, by=ADA, now=NOON)

    assert refusal.value.field == field
    assert session.scalars(sa.select(RightsChange)).all() == []


def test_people_read_the_proposals_about_themselves_and_officers_all(session, change):
    assert queries.changes(session, actor=BEA) == [change]
    assert queries.changes(session, actor=LEA) == [change]
    assert queries.changes(session, actor=STRANGER) == []
    assert queries.changes(session, actor=BEA, state="applied") == []
    assert queries.changes(session, actor=BEA, subject="leo") == []
