"""Opening, keeping and archiving matters, and who may see them."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from engine import database, deployments, user_tasks
from engine.actor import SYSTEM
from engine.models import UserTask
from practice.audit import queries as audit
from practice.conflicts import operations as conflicts
from practice.conflicts.errors import ConflictNotDecided
from practice.enquiries import operations as enquiries
from practice.enquiries.models import Enquiry
from practice.errors import (
    AmountInvalid,
    CaseTypeUnknown,
    ConflictCheckMissing,
    ConflictCheckOutdated,
    ConflictIsAbsolute,
    CurrencyUnknown,
    EnquiryClosed,
    MatterArchived,
    MatterHasOpenWork,
    MatterNotFound,
    NotAnActiveLawyer,
    NotAnActivePerson,
    VariableInvalid,
    VariableMissing,
)
from practice.matters import case_types, queries
from practice.matters import operations as matters
from practice.matters.models import Matter
from practice.parties.models import Party
from practice.people import operations as people
from tests.conftest import NOON
from tests.factories import open_tasks
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, RITA, STRANGER, civil

FACTS = {"client_name": "Ana Ruiz", "opponent_name": "Beton AG", "case_type": "civil", "responsible": "lea"}


@pytest.fixture
def checked(session, enquiry):
    conflicts.check(session, enquiry, by=SYSTEM, now=NOON)
    return enquiry


def test_a_matter_gets_number_parties_team_and_its_process(session, checked):
    facts = FACTS | {"claim_value": 12500.5, "currency": "EUR", "client_kind": "person", "team": ["leo", "lea"]}

    matter = matters.open_matter(session, checked, facts, by=PETRA, now=NOON)

    assert (matter.number, matter.title, matter.state) == ("2026-CV-0001", "Ana Ruiz – Beton AG", "open")
    assert (matter.claim_value_minor, matter.currency) == (1_250_050, "EUR")
    assert {party.role for party in matter.parties} == {"client", "opponent"}
    assert {(member.username, member.role) for member in matter.members} == {
        ("lea", "responsible"),
        ("petra", "approver"),
        ("leo", "member"),
    }
    assert session.get_one(Party, matter.client_party_id).kind == "person"
    assert (checked.state, matter.enquiry_number) == ("accepted", checked.number)
    task = open_tasks(session, matter.process_instance_id)["assess"]
    assert (task.business_key, task.assignee) == (matter.number, "lea")
    assert user_tasks.variables(session, task)["claim_value"] == 12500.5
    assert [event.kind for event in audit.of(session, "matter", matter.number)] == ["matter_opened"]


def test_a_client_who_comes_back_is_the_same_party(session, matter):
    first, second = matter("Acme Ltd", "Beton AG"), matter("ACME limited", "Dora")

    assert first.client_party_id == second.client_party_id
    assert (first.client_name, second.client_name) == ("Acme Ltd", "ACME limited")
    assert session.scalar(sa.select(sa.func.count()).select_from(Party)) == 3


def test_what_kind_of_party_a_client_is_stays_as_it_was_first_said(session, matter):
    first = matter("Acme", "Beton AG", client_kind="company")

    matter("Acme", "Dora", client_kind="person")

    assert session.get_one(Party, first.client_party_id).kind == "organisation"


def test_a_matter_may_have_no_opponent_and_no_value(matter):
    opened = matter("Ana Ruiz", None)

    assert (opened.title, opened.opponent_name, opened.claim_value_minor) == ("Ana Ruiz", None, None)


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({"case_type": None}, VariableMissing, "case_type"),
        ({"case_type": "sorcery"}, CaseTypeUnknown, "case_type"),
        ({"responsible": None}, VariableMissing, "responsible"),
        ({"responsible": "ghost"}, NotAnActiveLawyer, "responsible"),
        ({"responsible": "petra"}, NotAnActiveLawyer, "responsible"),
        ({"responsible": 7}, VariableInvalid, "responsible"),
        ({"team": ["ghost"]}, NotAnActivePerson, "team"),
        ({"team": "leo"}, VariableInvalid, "team"),
        ({"claim_value": "much", "currency": "EUR"}, AmountInvalid, "claim_value"),
        ({"claim_value": 1.5, "currency": "JPY"}, AmountInvalid, "claim_value"),
        ({"claim_value": 1, "currency": "Taler"}, CurrencyUnknown, "currency"),
        ({"claim_value": 1}, VariableMissing, "currency"),
    ],
)
def test_a_matter_is_not_opened_on_wrong_facts_and_the_refusal_names_the_field(session, checked, facts, error, field):
    with pytest.raises(error) as refusal:
        matters.open_matter(session, checked, FACTS | facts, by=PETRA, now=NOON)

    assert refusal.value.field == field


def test_a_lawyer_who_left_is_not_responsible(session, checked):
    people.deactivate_user(session, "lea", by=SYSTEM, now=NOON)

    with pytest.raises(NotAnActiveLawyer):
        matters.open_matter(session, checked, FACTS, by=PETRA, now=NOON)


def test_no_matter_without_a_conflict_check(session, enquiry):
    with pytest.raises(ConflictCheckMissing):
        matters.open_matter(session, enquiry, FACTS, by=PETRA, now=NOON)


@pytest.mark.parametrize("facts", [{"client_name": "Anna Ruiz"}, {"opponent_name": "Cleo"}, {"other_parties": "Dora"}])
def test_no_matter_under_names_that_were_not_checked(session, checked, facts):
    with pytest.raises(ConflictCheckOutdated):
        matters.open_matter(session, checked, FACTS | facts, by=PETRA, now=NOON)


def test_an_absolute_conflict_never_becomes_a_matter_whoever_says_so(session, matter, register):
    matter("Cleo", "Ana Ruiz")
    asked = register("Ana Ruiz", "Beton AG")
    conflicts.check(session, asked, by=SYSTEM, now=NOON)

    with pytest.raises(ConflictIsAbsolute) as refusal:
        matters.open_matter(session, asked, FACTS, by=SYSTEM, now=NOON)

    assert refusal.value.reasons == ["same name; is the opponent in 2026-CV-0001 (open)"]


def test_a_conflict_that_came_up_after_the_check_stops_the_opening_too(session, checked, matter):
    matter("Beton AG", "Cleo")

    with pytest.raises(ConflictIsAbsolute) as refusal:
        matters.open_matter(session, checked, FACTS, by=PETRA, now=NOON)

    assert refusal.value.reasons == ["same name; is our client in 2026-CV-0001 (open)"]


def test_an_enquiry_becomes_one_matter(session, checked):
    matters.open_matter(session, checked, FACTS, by=PETRA, now=NOON)

    with pytest.raises(EnquiryClosed):
        matters.open_matter(session, checked, FACTS, by=PETRA, now=NOON)


def test_what_becomes_known_is_kept_and_on_record(session, matter):
    opened = matter(claim_value=100, currency="EUR")

    matters.keep_facts(
        session,
        opened.number,
        {
            "court": "Landgericht Köln",
            "court_number": "3 O 17/26",
            "claim_value": "99.50",
            "limitation_on": "2027-12-31",
            "judgment_served_on": date(2026, 10, 1),
            "outcome": "",
            "currency": None,
            "unheard_of": 1,
        },
        by=LEA,
        now=NOON,
    )
    matters.keep_facts(session, opened.number, {"court": None}, by=LEA, now=NOON)

    assert (opened.court, opened.court_number, opened.claim_value_minor) == ("Landgericht Köln", "3 O 17/26", 9950)
    assert (opened.limitation_on, opened.judgment_served_on) == (date(2027, 12, 31), date(2026, 10, 1))
    assert [row.number for row in queries.search(session, actor=AUDITOR, text="koln 17").items] == [opened.number]
    changes = [event.kind for event in audit.of(session, "matter", opened.number)]
    assert changes == ["matter_opened", "matter_facts_changed"]


@pytest.mark.parametrize("value", ["31.12.2027", 5, "2027-02-30"])
def test_a_date_that_is_none_is_refused_by_field(session, matter, value):
    with pytest.raises(VariableInvalid) as refusal:
        matters.keep_facts(session, matter().number, {"limitation_on": value}, by=LEA, now=NOON)

    assert refusal.value.field == "limitation_on"


def test_a_matter_with_open_work_is_not_archived(session, matter):
    opened = matter()

    with pytest.raises(MatterHasOpenWork) as refusal:
        matters.archive(session, opened.number, {}, by=LEA, now=NOON)

    assert refusal.value.open_user_tasks == ["assess"]


def test_an_archived_matter_is_read_only(session, matter):
    opened = matter()
    facts = {"location": "Cellar 3", "retain_until": "2036-09-01"}

    for _ in range(2):
        matters.archive(session, opened.number, facts, process_instance_id=opened.process_instance_id, by=LEA, now=NOON)

    assert (opened.state, opened.archived_at, opened.archive_location) == ("archived", NOON, "Cellar 3")
    assert opened.retain_until == date(2036, 9, 1)
    with pytest.raises(MatterArchived):
        matters.keep_facts(session, opened.number, {"court": "Any"}, by=LEA, now=NOON)
    with pytest.raises(MatterNotFound):
        matters.archive(session, "2026-XX-0001", {}, by=LEA, now=NOON)


def test_a_matter_is_there_only_for_whom_it_concerns(session, matter):
    opened = matter()

    for insider in (LEA, PETRA, AUDITOR):
        assert queries.get_by_number(session, opened.number, actor=insider) is opened
    for outsider in (LEO, CORA, RITA, STRANGER):
        assert queries.search(session, actor=outsider).items == []
        with pytest.raises(MatterNotFound) as refusal:
            queries.get_by_number(session, opened.number, actor=outsider)
        assert refusal.value.number == opened.number


def test_open_work_shows_its_matter_for_as_long_as_it_is_open(session, matter):
    opened = matter()
    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)
    assert queries.get_by_number(session, opened.number, actor=CORA) is opened

    user_tasks.complete(session, open_tasks(session)["pay"].id, {}, by=CORA, now=NOON)

    with pytest.raises(MatterNotFound):
        queries.get_by_number(session, opened.number, actor=CORA)


def test_matters_are_found_by_parts_and_paged_by_key(session, matter):
    for number in range(4):
        matter(f"Παπαδόπουλος {number}", "Beton", now=NOON + timedelta(minutes=number))
    late = matter("王伟", "Beton", now=NOON + timedelta(hours=1))

    first = queries.search(session, actor=LEA, text="ΠΑΠΑΔ", limit=3)
    rest = queries.search(session, actor=LEA, text="ΠΑΠΑΔ", limit=3, cursor=first.next_cursor)

    assert [row.number[-1] for row in (*first.items, *rest.items)] == ["4", "3", "2", "1"]
    assert queries.search(session, actor=LEA, text="伟").items == [late]
    assert queries.search(session, actor=LEA, text="2026-CV-0002").items[0].number == "2026-CV-0002"
    assert len(queries.search(session, actor=LEA, state="open", case_type="civil").items) == 5
    assert queries.search(session, actor=LEA, case_type="criminal").items == []
    assert queries.search(session, actor=LEA, state="archived").items == []


def test_case_types_are_the_deployed_processes_that_name_one(session, case_type):
    assert [(known.key, known.code, known.name) for known in case_types.deployed(session)] == [
        ("civil", "CV", "Civil litigation")
    ]


def test_many_openings_at_once_get_neither_gaps_nor_doubles(fresh_engine):
    openings = 12
    with database.transaction(fresh_engine) as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=NOON)
        people.seed_groups(session)
        for username, group in (("lea", "lawyers"), ("petra", "partners")):
            people.create_user(session, username, username, password=None, groups=[group], by=SYSTEM, now=NOON)
        numbers = []
        for turn in range(openings):
            asked = enquiries.register(session, {"client_name": f"Client {turn}"}, by=RITA, now=NOON)
            conflicts.check(session, asked, by=SYSTEM, now=NOON)
            numbers.append(asked.number)

    def open_one(number: str) -> str:
        with database.transaction(fresh_engine) as session:
            asked = session.scalars(sa.select(Enquiry).where(Enquiry.number == number)).one()
            facts = {"client_name": asked.client_name, "case_type": "civil", "responsible": "lea"}
            return matters.open_matter(session, asked, facts, by=PETRA, now=NOON).number

    with ThreadPoolExecutor(6) as pool:
        opened = list(pool.map(open_one, numbers))

    assert sorted(opened) == [f"2026-CV-{n:04d}" for n in range(1, openings + 1)]


def test_of_two_sides_who_are_accepted_at_once_only_one_gets_a_matter(fresh_engine):
    with database.transaction(fresh_engine) as session:
        deployments.deploy(session, civil(), by=SYSTEM, now=NOON)
        people.seed_groups(session)
        people.create_user(session, "lea", "Lea", password=None, groups=["lawyers"], by=SYSTEM, now=NOON)
        pairs = [("Ana", "Beton"), ("Beton", "Ana")]
        for client, opponent in pairs:
            facts = {"client_name": client, "opponent_name": opponent}
            asked = enquiries.register(session, facts, by=RITA, now=NOON)
            conflicts.check(session, asked, by=SYSTEM, now=NOON)

    def open_one(client: str) -> str | None:
        try:
            with database.transaction(fresh_engine) as session:
                asked = session.scalars(sa.select(Enquiry).where(Enquiry.client_name == client)).one()
                facts = {"client_name": client, "opponent_name": asked.opponent_name}
                facts |= {"case_type": "civil", "responsible": "lea"}
                return matters.open_matter(session, asked, facts, by=SYSTEM, now=NOON).number
        except (ConflictIsAbsolute, ConflictNotDecided):  # Beton's check knows of Ana's enquiry, and may come first
            return None

    with ThreadPoolExecutor(2) as pool:
        opened = list(pool.map(open_one, ["Ana", "Beton"]))

    assert sorted(opened, key=str) == ["2026-CV-0001", None]
    with database.transaction(fresh_engine) as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Matter)) == 1
        assert session.scalar(sa.select(sa.func.count()).select_from(UserTask)) == 1
