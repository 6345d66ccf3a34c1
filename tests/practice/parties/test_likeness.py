"""Duplicates are proposed by names that are alike in any script, and seldom for people who are two."""

from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa

from engine.models.base import new_id
from practice.name_index import operations as name_index
from practice.parties import duplicates, likeness
from practice.parties.models import Party, PartyName
from practice.parties.names import normalise
from tests.conftest import NOON
from tests.practice.parties.people import LAWYER, ROSA, record

LABELLED = Path(__file__).parents[3] / "benchmarks" / "names" / "labelled.tsv"
STEP = 2


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Сергей Иванов", "Sergei Ivanov"),
        ("IVANOV Sergey", "Sergei Ivanov"),
        ("欧阳锋", "歐陽鋒"),
        ("歐陽鋒", "Ouyang Feng"),
        ("Αθηνά Παπαδοπούλου", "Athina Papadopoulou"),
        ("Jürgen Müller", "Juergen Mueller"),
        ("Margaret Thatcher", "Маргарет Тэтчер"),
    ],
)
def test_one_name_in_two_scripts_proposes_that_two_parties_are_one(session, one, other):
    first, second = record(session, one), record(session, other)
    record(session, "Somebody Else")

    [row] = duplicates.propose(session, second, now=NOON)

    assert {row.first_id, row.second_id} == {first.id, second.id}
    assert (row.reasons, row.score) == (["like_name"], duplicates.WEIGHTS["like_name"])
    [(_, shown)] = duplicates.proposed_for(session, first, actor=ROSA)
    assert shown.id == second.id
    assert duplicates.proposed_for(session, first, actor=LAWYER) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ivanov S.", "Sergei Ivanov"),
        ("王伟", "王薇"),
        ("Petr Ivanov", "Pavel Ivanov"),
        ("Martin Weber", "Martin Becker"),
        ("Acme Holding", "Acme"),
    ],
)
def test_initials_and_names_that_only_sound_alike_propose_nobody(session, one, other):
    record(session, one)

    assert duplicates.propose(session, record(session, other), now=NOON) == []


def test_numbers_and_birthdays_that_differ_tell_two_of_like_names_apart(session):
    record(session, "Сергей Иванов", born_on=date(1970, 1, 1))
    record(session, "Serguei Ivanov", identifiers=[("passport", "X-2", "RU")])

    asked = record(session, "Sergei Ivanov", born_on=date(1980, 1, 1), identifiers=[("passport", "X-1", "RU")])

    assert duplicates.propose(session, asked, now=NOON) == []


def test_a_name_that_everybody_bears_says_nothing(session):
    for _ in range(9):
        record(session, "Сергей Иванов")

    assert likeness.like(session, record(session, "Sergei Ivanov")) == {}


def test_of_labelled_names_nearly_all_that_is_proposed_is_right(session):
    """Each person stands there under two names in different spellings or scripts; all of them are in one firm."""
    pairs: list[tuple[Party, Party]] = []
    owner: dict[object, int] = {}
    for number, line in enumerate(LABELLED.read_text(encoding="utf-8").splitlines()[::STEP]):
        forms = [form.strip() for form in line.split("\t")[1].split(" | ")]
        two = [
            _party(session, forms[0], f"{number}a"),
            _party(session, forms[1 + number % (len(forms) - 1)], f"{number}b"),
        ]
        owner |= {party.id: number for party in two}
        pairs.append((two[0], two[1]))
    name_index.note_current(session)

    proposed = [(one.id, other) for one, _ in pairs for other in likeness.like(session, one)]

    right = sum(owner[one] == owner[other] for one, other in proposed)
    assert right / len(proposed) >= 0.95, (right, len(proposed))
    assert right / len(pairs) >= 0.45, (right, len(pairs))


def _party(session, name, tag):
    party = Party(
        id=new_id(), kind="unknown", name=name, normalised_name=f"{normalise(name)} ~{tag}", is_discreet=False,
        search_text="", created_at=NOON, created_by="rita",
    )  # fmt: skip
    session.add(party)
    session.flush()
    session.execute(
        sa.insert(PartyName).values(
            id=new_id(), party_id=party.id, kind="main", written=name, script="Zyyy", normalised=normalise(name),
            created_at=NOON, created_by="rita",
        )
    )  # fmt: skip
    name_index.put(session, "party", party.id, names=[name])
    return party
