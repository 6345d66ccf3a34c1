"""Receiving enquiries and deciding them."""

import base64
from datetime import timedelta

import pytest

from practice.audit import queries as audit
from practice.enquiries import operations as enquiries
from practice.enquiries import queries
from practice.errors import (
    CaseTypeUnknown,
    CursorInvalid,
    EnquiryClosed,
    EnquiryNotFound,
    SamePartyTwice,
    VariableInvalid,
    VariableMissing,
)
from tests.conftest import NOON
from tests.practice.firm import AUDITOR, CORA, LEA, RITA


@pytest.fixture(params=[queries.FEW, -1], ids=["gathered", "row by row"])
def way(request, monkeypatch):
    """Ask in both ways: as for whoever has few matters, and as for whoever has many."""
    monkeypatch.setattr(queries, "FEW", request.param)


def test_an_enquiry_gets_the_next_number_of_the_year(register):
    first, second = register(), register("Bo")

    assert (first.number, second.number) == ("E-2026-0001", "E-2026-0002")
    assert register("Cleo", now=NOON.replace(year=2027)).number == "E-2027-0001"


def test_an_enquiry_keeps_what_was_said(session, register):
    enquiry = register(
        " Ana  Ruiz ",
        "Beton AG",
        other_parties="Clara Insurance\n\n Ana Ruiz \nClara insurance",
        summary="A wall\nfell down.",
        claim_value=12500.5,
        currency="EUR",
        source="call",
        something_else=1,
    )

    assert (enquiry.client_name, enquiry.opponent_name, enquiry.state) == ("Ana Ruiz", "Beton AG", "open")
    assert (enquiry.claim_value_minor, enquiry.currency) == (1_250_050, "EUR")
    assert enquiry.summary == "A wall\nfell down."
    assert [(party.role, party.name) for party in enquiry.parties] == [
        ("client", "Ana Ruiz"),
        ("opponent", "Beton AG"),
        ("other", "Clara Insurance"),
    ]
    assert [event.kind for event in audit.of(session, "enquiry", enquiry.number)] == ["enquiry_received"]


def test_without_an_opponent_there_is_only_a_client(register):
    enquiry = register(opponent_name=None, case_type=None)

    assert [party.role for party in enquiry.parties] == ["client"]
    assert enquiry.case_type is None


@pytest.mark.parametrize(
    ("facts", "error", "field"),
    [
        ({"client_name": ""}, VariableMissing, "client_name"),
        ({"client_name": None}, VariableMissing, "client_name"),
        ({"client_name": "!!"}, VariableInvalid, "client_name"),
        ({"client_name": ["Ana"]}, VariableInvalid, "client_name"),
        ({"client_name": "A" * 301}, VariableInvalid, "client_name"),
        ({"client_name": "ﷺ" * 40}, VariableInvalid, "client_name"),
        ({"client_name": "A\x00"}, VariableInvalid, "client_name"),
        ({"opponent_name": "ANA RUIZ"}, SamePartyTwice, "opponent_name"),
        ({"opponent_name": "..."}, VariableInvalid, "opponent_name"),
        ({"other_parties": "?!"}, VariableInvalid, "other_parties"),
        ({"other_parties": "A" * 301}, VariableInvalid, "other_parties"),
        ({"other_parties": "\n".join(f"Party {n}" for n in range(60))}, VariableInvalid, "other_parties"),
        ({"other_parties": ["Clara"]}, VariableInvalid, "other_parties"),
        ({"case_type": "sorcery"}, CaseTypeUnknown, "case_type"),
        ({"summary": 5}, VariableInvalid, "summary"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_field(register, facts, error, field):
    with pytest.raises(error) as refusal:
        register(**facts)

    assert refusal.value.field == field


def test_corrected_facts_are_taken_over_and_on_record(session, register):
    enquiry = register(other_parties="Clara\nDora")

    enquiries.revise(
        session,
        enquiry,
        {"client_name": "Ana Ruis", "opponent_name": "Beton AG", "other_parties": "Dora Ltd"},
        by=RITA,
        now=NOON,
    )
    session.refresh(enquiry)

    assert enquiry.client_name == "Ana Ruis"
    assert [(party.role, party.name) for party in enquiry.parties] == [
        ("client", "Ana Ruis"),
        ("opponent", "Beton AG"),
        ("other", "Dora Ltd"),
    ]
    change = audit.of(session, "enquiry", enquiry.number)[-1]
    assert (change.kind, change.before["client_name"], change.after["client_name"]) == (
        "enquiry_revised",
        "Ana Ruiz",
        "Ana Ruis",
    )


def test_client_and_opponent_can_change_places(session, register):
    enquiry = register("Ana", "Beton")

    enquiries.revise(session, enquiry, {"client_name": "Beton", "opponent_name": "Ana"}, by=RITA, now=NOON)

    assert {party.name: party.role for party in enquiry.parties} == {"Ana": "opponent", "Beton": "client"}


def test_the_same_facts_again_change_nothing(session, enquiry):
    facts = {"client_name": "Ana Ruiz", "opponent_name": "Beton AG", "case_type": "civil"}

    enquiries.revise(session, enquiry, facts, by=RITA, now=NOON)

    assert [event.kind for event in audit.of(session, "enquiry", enquiry.number)] == ["enquiry_received"]


def test_an_enquiry_is_decided_once(session, enquiry):
    enquiries.close(session, enquiry, "declined", reason="No capacity", by=RITA, now=NOON)
    enquiries.close(session, enquiry, "declined", by=RITA, now=NOON + timedelta(days=1))

    assert (enquiry.state, enquiry.reason, enquiry.closed_at) == ("declined", "No capacity", NOON)
    with pytest.raises(EnquiryClosed):
        enquiries.close(session, enquiry, "accepted", by=RITA, now=NOON)
    with pytest.raises(EnquiryClosed):
        enquiries.revise(session, enquiry, {"client_name": "Ana"}, by=RITA, now=NOON)


@pytest.mark.parametrize("outcome", ["open", "maybe", ""])
def test_there_are_three_ways_to_decide(session, enquiry, outcome):
    with pytest.raises(VariableInvalid):
        enquiries.close(session, enquiry, outcome, by=RITA, now=NOON)


def test_an_enquiry_is_there_only_for_whom_it_concerns(session, enquiry):
    assert queries.get_by_number(session, enquiry.number, actor=RITA) is enquiry
    assert queries.get_by_number(session, enquiry.number, actor=AUDITOR) is enquiry
    for outsider in (LEA, CORA):
        with pytest.raises(EnquiryNotFound):
            queries.get_by_number(session, enquiry.number, actor=outsider)
        assert queries.search(session, actor=outsider).items == []


def test_who_may_see_a_matter_may_see_the_enquiry_it_came_from(session, matter):
    opened = matter()

    assert queries.get_by_number(session, opened.enquiry_number, actor=LEA).state == "accepted"
    assert [row.number for row in queries.search(session, actor=LEA).items] == [opened.enquiry_number]
    with pytest.raises(EnquiryNotFound):
        queries.get_by_number(session, opened.enquiry_number, actor=CORA)
    assert queries.search(session, actor=CORA).items == []


def test_enquiries_are_found_by_parts_of_names_and_page_by_page(session, register):
    for number in range(5):
        register(f"Ünal {number}", "Beton", now=NOON + timedelta(minutes=number))
    register("Zoë", "Beton")

    first = queries.search(session, actor=RITA, text="UNAL", limit=3)
    second = queries.search(session, actor=RITA, text="UNAL", limit=3, cursor=first.next_cursor)

    assert [row.client_name for row in (*first.items, *second.items)] == [f"Ünal {n}" for n in (4, 3, 2, 1, 0)]
    assert second.next_cursor is None
    assert [row.client_name for row in queries.search(session, actor=RITA, text="zoe bet").items] == ["Zoë"]
    assert queries.search(session, actor=RITA, text="unal9").items == []
    assert queries.search(session, actor=RITA, state="declined").items == []


#: Names an instant without a time zone.
NAIVE = base64.urlsafe_b64encode(b'["2026-01-01","01a20172-58fb-7502-89de-4b325a1edb3d"]').decode()


@pytest.mark.parametrize("cursor", ["x", "%%%", "W10", "bnVsbA", "WyIyMDI2LTAxLTAxIiwieCJd", "{}", "é", NAIVE])
def test_a_cursor_that_was_not_given_out_is_refused(session, enquiry, cursor):
    with pytest.raises(CursorInvalid):
        queries.search(session, actor=RITA, cursor=cursor)
