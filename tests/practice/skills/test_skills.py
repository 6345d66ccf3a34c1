"""What people are good at."""

import pytest

from engine.actor import Actor
from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.errors import UserNotFound
from practice.organisation import queries as organisation
from practice.organisation.errors import FactInvalid
from practice.people import operations as people
from practice.skills import operations, queries
from tests.conftest import NOON
from tests.practice.firm import LEA

KEEPER = Actor("keeper", rights=frozenset({"manage_users"}))
OUTSIDER = Actor("carl", frozenset({"clients"}))


def test_skills_are_kept_as_a_whole_in_lower_case_and_on_record(session, firm):
    operations.keep(session, "lea", ["Maritime", " tax  law ", "maritime"], by=KEEPER, now=NOON)
    operations.keep(session, "lea", ["tax law", "maritime"], by=KEEPER, now=NOON)
    kept = operations.keep(session, "lea", ["海商", "tax law"], by=KEEPER, now=NOON)

    assert kept == queries.of(session, "lea") == ["tax law", "海商"]
    changes = [one for one in audit.of(session, "user", "lea") if one.kind == "skills_changed"]
    assert [one.after["skills"] for one in changes] == [["maritime", "tax law"], ["tax law", "海商"]]


@pytest.mark.parametrize("wrong", [[""], ["   "], ["x" * 61], ["a\0b"], [f"skill {n}" for n in range(51)]])
def test_what_is_no_skill_is_refused_and_nothing_changes(session, firm, wrong):
    operations.keep(session, "lea", ["tax"], by=KEEPER, now=NOON)

    with pytest.raises(FactInvalid) as refusal:
        operations.keep(session, "lea", wrong, by=KEEPER, now=NOON)

    assert refusal.value.field == "skills"
    assert queries.of(session, "lea") == ["tax"]


def test_only_who_manages_people_keeps_skills_and_only_of_people(session, firm):
    with pytest.raises(RightMissing):
        operations.keep(session, "lea", ["tax"], by=LEA, now=NOON)
    with pytest.raises(UserNotFound):
        operations.keep(session, "nobody-at-all", ["tax"], by=KEEPER, now=NOON)


def test_skills_of_former_colleagues_are_not_offered_and_outsiders_see_none(session, firm):
    operations.keep(session, "lea", ["tax", "rail"], by=KEEPER, now=NOON)
    operations.keep(session, "leo", ["tax"], by=KEEPER, now=NOON)
    people.deactivate_user(session, "leo", by=KEEPER, now=NOON)

    assert queries.known(session, actor=LEA) == [("rail", 1), ("tax", 1)]
    assert queries.known(session, actor=OUTSIDER) == []
    assert queries.of_people(session, ["lea", "leo"]) == {"lea": ["rail", "tax"], "leo": ["tax"]}


def test_colleagues_are_found_by_skill(session, firm):
    operations.keep(session, "lea", ["tax"], by=KEEPER, now=NOON)

    def found(actor):
        return [one.user.username for one in organisation.colleagues(session, actor=actor, skill="Tax")]

    assert found(LEA) == ["lea"]
    assert found(OUTSIDER) == []
    assert organisation.colleague_for(session, "lea", actor=OUTSIDER) is None
