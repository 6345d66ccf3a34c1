"""What a matter is filed under, its parties, its team over time: who may change them, and what is recorded."""

from dataclasses import replace

import pytest

from config import directories as shipped
from engine.actor import SYSTEM
from practice.audit import queries as audit
from practice.directories import operations as directories
from practice.directories.errors import EntryUnknown
from practice.errors import (
    ConflictIsAbsolute,
    MatterArchived,
    MatterNotFound,
    NotAnActiveLawyer,
    NotAnActivePerson,
    VariableInvalid,
)
from practice.matters import classification, parties, queries, teams
from practice.matters.errors import (
    AlreadyOnTheTeam,
    ClientIsNeeded,
    MatterPartyNotFound,
    MatterRelatedToItself,
    NotOnTheTeam,
    PartyAlreadyThere,
    ResponsibleIsNeeded,
    TeamMemberNotFound,
)
from practice.matters.models import MatterMember
from tests.conftest import NOON
from tests.factories import later
from tests.practice.firm import AUDITOR, LEA, LEO, PETRA, STRANGER


@pytest.fixture
def opened(session, matter):
    directories.seed(session, shipped.load(), by=SYSTEM, now=NOON)
    return matter()


def kinds(session, number):
    return [event.kind for event in audit.of(session, "matter", number)]


def test_a_matter_is_filed_under_direction_region_and_tags(session, opened):
    directories.add_entry(session, "region", {"key": "north", "name": "North"}, by=SYSTEM, now=NOON)
    facts = {"direction": "railway", "region": "north", "tags": ["urgent", "civil_law"]}

    classification.classify(session, opened.number, facts, by=LEA, now=NOON)
    classification.classify(session, opened.number, facts, by=LEA, now=NOON)

    changes = [e for e in audit.of(session, "matter", opened.number) if e.kind == "matter_classified"]
    assert [change.after for change in changes] == [
        {"direction": "railway", "region": "north", "tags": ["civil_law", "urgent"]}
    ]


def test_tags_are_exactly_those_named_and_what_is_empty_is_taken_away(session, opened):
    classification.classify(
        session, opened.number, {"direction": "railway", "tags": ["urgent", "civil_law"]}, by=LEA, now=NOON
    )

    classification.classify(session, opened.number, {"direction": "", "tags": ["precedent"]}, by=LEA, now=NOON)

    last = audit.of(session, "matter", opened.number)[-1]
    assert last.after == {"direction": None, "tags": ["precedent"]}


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"direction": "nowhere"}, EntryUnknown),
        ({"region": "nowhere"}, EntryUnknown),
        ({"tags": ["nothing"]}, EntryUnknown),
        ({"confidentiality": "top"}, VariableInvalid),
    ],
)
def test_a_matter_is_not_filed_under_what_there_is_not(session, opened, facts, error):
    with pytest.raises(error) as refusal:
        classification.classify(session, opened.number, facts, by=LEA, now=NOON)

    assert refusal.value.field == next(iter(facts))


def test_who_may_only_read_a_matter_does_not_change_it(session, opened):
    with pytest.raises(NotOnTheTeam):
        classification.classify(session, opened.number, {"tags": []}, by=AUDITOR, now=NOON)
    with pytest.raises(MatterNotFound):
        classification.classify(session, opened.number, {"tags": []}, by=STRANGER, now=NOON)


def test_only_the_responsible_lawyer_and_who_edits_any_matter_change_how_secret_it_is(session, opened):
    with pytest.raises(NotOnTheTeam):
        classification.classify(session, opened.number, {"confidentiality": "secret"}, by=PETRA, now=NOON)

    classification.classify(session, opened.number, {"confidentiality": "secret"}, by=LEA, now=NOON)
    chief = replace(PETRA, rights=frozenset({"edit_matters"}))
    classification.classify(session, opened.number, {"confidentiality": "restricted"}, by=chief, now=NOON)

    assert opened.confidentiality == "restricted"


def test_an_archived_matter_is_not_filed_anew(session, opened):
    opened.state, opened.archived_at = "archived", NOON
    session.flush()

    with pytest.raises(MatterArchived):
        classification.classify(session, opened.number, {"tags": []}, by=LEA, now=NOON)


def test_two_matters_are_related_from_either_end_and_once(session, opened, matter):
    other = matter("Cy Young", "Delta Ltd")

    classification.relate(session, opened.number, other.number, by=LEA, now=NOON)
    classification.relate(session, other.number, opened.number, "same_facts", by=LEA, now=NOON)
    classification.relate(session, other.number, opened.number, "same_facts", by=LEA, now=NOON)

    assert [(one.number, kind) for one, kind in queries.related(session, opened, actor=LEA)] == [
        (other.number, "same_facts")
    ]
    assert [(one.number, kind) for one, kind in queries.related(session, other, actor=LEA)] == [
        (opened.number, "same_facts")
    ]
    assert queries.related(session, opened, actor=STRANGER) == []


def test_a_relation_ends_and_is_never_to_itself(session, opened, matter):
    other = matter("Cy Young", "Delta Ltd")
    classification.relate(session, opened.number, other.number, by=LEA, now=NOON)

    classification.unrelate(session, opened.number, other.number, by=LEA, now=NOON)

    assert queries.related(session, opened, actor=LEA) == []
    with pytest.raises(MatterNotFound):
        classification.unrelate(session, opened.number, other.number, by=LEA, now=NOON)
    with pytest.raises(MatterRelatedToItself):
        classification.relate(session, opened.number, opened.number, by=LEA, now=NOON)
    with pytest.raises(VariableInvalid):
        classification.relate(session, opened.number, other.number, "cousin", by=LEA, now=NOON)


def test_somebody_joins_the_team_sees_the_matter_leaves_and_sees_it_no_more(session, opened):
    leo = replace(LEO, groups=frozenset())
    with pytest.raises(MatterNotFound):
        queries.get_by_number(session, opened.number, actor=leo)

    teams.join(session, opened.number, "leo", by=LEA, now=later(hours=1))
    assert queries.get_by_number(session, opened.number, actor=leo) is opened
    teams.leave(session, opened.number, "leo", by=LEA, now=later(hours=2))

    with pytest.raises(MatterNotFound):
        queries.get_by_number(session, opened.number, actor=leo)
    assert kinds(session, opened.number)[-2:] == ["team_joined", "team_left"]


def test_who_comes_back_to_the_team_has_two_stints_on_record(session, opened):
    teams.join(session, opened.number, "leo", by=LEA, now=later(hours=1))
    teams.leave(session, opened.number, "leo", by=LEA, now=later(hours=2))
    teams.join(session, opened.number, "leo", by=LEA, now=later(hours=3))

    stints = session.query(MatterMember).filter_by(matter_id=opened.id, username="leo").order_by(MatterMember.since)
    assert [(one.since, one.until) for one in stints] == [
        (later(hours=1), later(hours=2)),
        (later(hours=3), None),
    ]


def test_the_team_refuses_who_is_there_who_is_not_and_who_does_not_work_here(session, opened):
    teams.join(session, opened.number, "leo", by=LEA, now=NOON)

    with pytest.raises(AlreadyOnTheTeam):
        teams.join(session, opened.number, "leo", by=LEA, now=NOON)
    with pytest.raises(NotAnActivePerson):
        teams.join(session, opened.number, "ghost", by=LEA, now=NOON)
    with pytest.raises(VariableInvalid):
        teams.join(session, opened.number, "cora", role="responsible", by=LEA, now=NOON)
    with pytest.raises(TeamMemberNotFound):
        teams.leave(session, opened.number, "cora", by=LEA, now=NOON)
    with pytest.raises(ResponsibleIsNeeded):
        teams.leave(session, opened.number, "lea", by=LEA, now=NOON)


def test_another_lawyer_answers_for_the_matter_and_the_first_stays_on_the_team(session, opened):
    teams.change_responsible(session, opened.number, "leo", by=LEA, now=later(hours=1))
    teams.change_responsible(session, opened.number, "leo", by=LEA, now=later(hours=2))

    roles = {(one.username, one.role) for one in session.query(MatterMember).filter_by(matter_id=opened.id, until=None)}
    assert opened.responsible == "leo"
    assert roles == {("leo", "responsible"), ("lea", "member"), ("petra", "approver")}
    with pytest.raises(NotAnActiveLawyer):
        teams.change_responsible(session, opened.number, "cora", by=LEA, now=later(hours=3))


def test_a_party_joins_with_role_side_and_capacity(session, opened):
    row = parties.add_party(
        session,
        opened.number,
        {"name": "Vita Insurance", "role": "other", "side": "theirs", "capacity": "insurer"},
        by=LEA,
        now=NOON,
    )

    told = audit.of(session, "matter", opened.number)[-1]
    assert row.stands == "theirs"
    assert (told.kind, told.after["name"], told.after["side"]) == ("party_added", "Vita Insurance", "theirs")
    assert parties.add_party(session, opened.number, {"name": "Wit Ness"}, by=LEA, now=NOON).stands == "neutral"


def test_a_party_is_there_once_a_role(session, opened):
    parties.add_party(session, opened.number, {"name": "Vita", "role": "other"}, by=LEA, now=NOON)

    with pytest.raises(PartyAlreadyThere):
        parties.add_party(session, opened.number, {"name": "VITA", "role": "other"}, by=LEA, now=NOON)


@pytest.mark.parametrize(
    ("facts", "field"),
    [
        ({"role": "friend"}, "role"),
        ({"side": "up"}, "side"),
        ({"capacity": "wizard"}, "capacity"),
        ({"name": "!"}, "name"),
    ],
)
def test_a_party_that_cannot_be_is_refused_by_name(session, opened, facts, field):
    with pytest.raises((VariableInvalid, EntryUnknown)) as refusal:
        parties.add_party(session, opened.number, {"name": "Vita", **facts}, by=LEA, now=NOON)

    assert refusal.value.field == field


def test_our_client_of_an_open_matter_never_becomes_an_opponent(session, opened, matter):
    other = matter("Cy Young", "Delta Ltd")

    with pytest.raises(ConflictIsAbsolute):
        parties.add_party(session, other.number, {"name": "ana RUIZ", "role": "opponent"}, by=LEA, now=NOON)


def test_a_party_leaves_and_the_title_names_who_is_still_there(session, opened):
    opponent = next(row for row in opened.parties if row.role == "opponent")
    parties.add_party(session, opened.number, {"name": "Second AG", "role": "opponent"}, by=LEA, now=NOON)

    parties.remove_party(session, opened.number, opponent.party_id, by=LEA, now=NOON)

    assert opened.title == "Ana Ruiz – Second AG"
    assert "second" in opened.search_text
    with pytest.raises(MatterPartyNotFound):
        parties.remove_party(session, opened.number, opponent.party_id, by=LEA, now=NOON)


def test_the_client_stays_in_the_matter_that_is_kept_for_it(session, opened):
    with pytest.raises(ClientIsNeeded):
        parties.remove_party(session, opened.number, opened.client_party_id, by=LEA, now=NOON)


def test_the_first_opponent_gives_the_matter_its_title(session, matter):
    alone = matter("Solo Client", None)

    parties.add_party(session, alone.number, {"name": "New Foe", "role": "opponent"}, by=LEA, now=NOON)

    assert alone.title == "Solo Client – New Foe"
