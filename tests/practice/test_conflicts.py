"""Whether the firm may act."""

import pytest

from practice.conflicts import operations as conflicts
from practice.conflicts import queries
from practice.enquiries import operations as enquiries
from practice.errors import EnquiryClosed
from practice.matters import operations as matters
from practice.names import RULES_VERSION
from tests.conftest import NOON
from tests.practice.firm import OTTO, PETRA, RITA


def check(session, enquiry):
    return conflicts.check(session, enquiry, by=OTTO, now=NOON)


def test_nobody_known_is_clear(session, matter, register):
    matter("Ana", "Beton AG")

    made, hits = check(session, register("Cleo", "Dora"))

    assert (made.outcome, hits) == ("clear", [])


def test_whom_we_act_for_cannot_become_an_opponent(session, matter, register):
    held = matter("Acme Ltd", "Beton AG")

    made, hits = check(session, register("Cleo", "ACME limited"))

    assert made.outcome == "absolute"
    assert [(hit.name, hit.role, hit.matches, hit.matches_role, hit.absolute) for hit in hits] == [
        ("ACME limited", "opponent", "Acme Ltd", "client", True)
    ]
    assert hits[0].reason == f"same name; is our client in {held.number} (open)"


def test_whom_we_act_against_cannot_become_a_client(session, matter, register):
    held = matter("Acme Ltd", "Beton AG")

    made, hits = check(session, register("BETON ag", "Cleo"))

    assert made.outcome == "absolute"
    assert hits[0].reason == f"same name; is the opponent in {held.number} (open)"


def test_what_is_over_can_be_decided(session, matter, register):
    held = matter("Acme Ltd", "Beton AG")
    matters.archive(session, held.number, {}, process_instance_id=held.process_instance_id, by=PETRA, now=NOON)

    made, hits = check(session, register("Beton AG", "Cleo"))

    assert made.outcome == "relative"
    assert [hit.reason for hit in hits] == [f"same name; was the opponent in {held.number} (archived)"]


def test_another_enquiry_is_met_as_long_as_it_is_open(session, register):
    other = register("Beton AG", "Ana")
    asked = register("Ana", "Beton AG")

    made, hits = check(session, asked)

    assert made.outcome == "relative"
    assert {(hit.name, hit.reason) for hit in hits} == {
        ("Ana", f"same name; would be the opponent in enquiry {other.number} (open)"),
        ("Beton AG", f"same name; would be our client in enquiry {other.number} (open)"),
    }

    enquiries.close(session, other, "withdrawn", by=RITA, now=NOON)
    assert check(session, asked)[0].outcome == "clear"


def test_who_comes_back_on_the_same_side_is_known_but_no_conflict(session, matter, register):
    matter("Ana", "Beton AG")

    made, hits = check(session, register("Ana", "Beton AG"))

    assert made.outcome == "clear"
    assert {(hit.matches_role, hit.adverse, hit.absolute) for hit in hits} == {
        ("client", False, False),
        ("opponent", False, False),
    }


@pytest.mark.parametrize(("client", "opponent", "others"), [("Cleo", "Dora", "Ana"), ("Eva", "Dora", "Gus")])
def test_others_who_are_involved_are_met_too_and_can_be_decided(session, matter, register, client, opponent, others):
    matter("Ana", "Beton AG", other_parties="Eva\nGus")

    made, hits = check(session, register(client, opponent, other_parties=others))

    expected = {"Ana": "relative", "Gus": "relative"}[others]
    assert made.outcome == expected
    assert not any(hit.absolute for hit in hits)


def test_the_worst_comes_first(session, matter, register):
    first = matter("Ana", "Beton AG")
    matters.archive(session, first.number, {}, process_instance_id=first.process_instance_id, by=PETRA, now=NOON)
    second = matter("Ana", "Dora")

    _, hits = check(session, register("Cleo", "Ana"))

    assert [hit.matter_number for hit in hits] == [second.number, first.number]


def test_question_and_answer_are_kept_for_ever(session, matter, register):
    matter("Ana", "Beton AG")
    asked = register("Cleo", "ANA", other_parties="Dora")
    made, hits = check(session, asked)

    enquiries.revise(session, asked, {"client_name": "Cleo", "opponent_name": "Eva"}, by=RITA, now=NOON)
    again, _ = check(session, asked)

    asked_then = {key: made.snapshot[key] for key in ("parties", "rules_version", "compared_with", "also_seen_count")}
    assert asked_then == {
        "parties": [
            {"name": "Cleo", "normalised": "cleo", "role": "client"},
            {"name": "ANA", "normalised": "ana", "role": "opponent"},
            {"name": "Dora", "normalised": "dora", "role": "other"},
        ],
        "rules_version": RULES_VERSION,
        "compared_with": {"open_matters": 1, "archived_matters": 0, "open_enquiries": 0},
        "also_seen_count": 0,
    }
    assert made.hits == [hit.as_dict() for hit in hits]
    assert queries.checks_of(session, asked.number) == [made, again]
    assert queries.last_check(session, asked.number) is again


def test_a_check_can_neither_be_changed_nor_deleted(session, enquiry):
    made, _ = check(session, enquiry)

    with pytest.raises(TypeError), session.begin_nested():
        made.outcome = "absolute"
        session.flush()
    session.expire(made)
    with pytest.raises(TypeError), session.begin_nested():
        session.delete(made)
        session.flush()


def test_what_was_decided_is_not_checked_again(session, enquiry):
    enquiries.close(session, enquiry, "withdrawn", by=RITA, now=NOON)

    with pytest.raises(EnquiryClosed):
        check(session, enquiry)


def test_a_summary_says_it_in_words_and_stays_short(session, matter, register):
    for number in range(25):
        matter("Ana", f"Opponent {number}")

    _, hits = check(session, register("Cleo", "Ana"))

    lines = conflicts.summary(hits).splitlines()
    assert lines[0] == "Ana (opponent): same name; is our client in 2026-CV-0001 (open)"
    assert lines[-1] == "... and 5 more"
    assert conflicts.summary([]).startswith("Nobody of these names")
