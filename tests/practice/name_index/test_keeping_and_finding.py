"""Names are found by their keys, in the transaction that writes them."""

import sqlalchemy as sa

from practice.name_index import operations, queries
from practice.name_index.models import NameBlock, NameEntry, NameTail
from practice.names import POSSIBLE, RULES_VERSION, spoken


def owners(session, name):
    return [(one.owner_id, one.match.score) for one in queries.find(session, [spoken(name)])[0]]


def test_a_name_is_found_as_soon_as_it_is_written(session):
    operations.put(session, "party", "ivanov", names=["Сергей Иванов"])
    operations.put(session, "party", "weber", names=["Martin Weber"])

    assert owners(session, "Sergei Ivanov") == [("ivanov", 1.0)]


def test_whoever_changes_names_is_found_by_the_new_ones_only(session):
    operations.put(session, "party", "one", names=["Anna Braun", "Anna Klein"])
    kept = session.scalar(sa.select(NameEntry.no).where(NameEntry.written == "Anna Klein"))
    operations.pack(session)

    operations.put(session, "party", "one", names=["Anna Klein", "歐陽鋒"])

    assert all(score < POSSIBLE for _, score in owners(session, "Anna Braun"))
    assert owners(session, "Ouyang Feng")[0] == ("one", 1.0)
    assert session.scalar(sa.select(NameEntry.no).where(NameEntry.written == "Anna Klein")) == kept
    operations.drop(session, "party", "one")
    assert owners(session, "Anna Klein") == []


def test_what_is_packed_is_found_like_what_is_not(session):
    names = {
        f"p{n}": name for n, name in enumerate(["Сергей Иванов", "Athina Papadopoulou", "김정은", "王小明", "😀 !"])
    }
    operations.put_many(session, "party", [(owner, [name]) for owner, name in names.items()])
    before = {name: owners(session, name) for name in names.values()}

    assert operations.pack(session) == len(names)
    assert operations.pack(session) == 0

    assert {name: owners(session, name) for name in names.values()} == before
    assert session.scalar(sa.select(sa.func.count()).select_from(NameTail)) == 0


def test_many_packings_become_one(session):
    for number in range(operations.MOST_PACKINGS + 2):
        operations.put(session, "party", f"p{number}", names=[f"Anna Braun {number}"])
        operations.pack(session)

    packings = set(session.scalars(sa.select(NameBlock.packing)))

    assert len(packings) <= operations.MOST_PACKINGS
    assert len(owners(session, "Anna Braun")) == operations.MOST_PACKINGS + 2


def test_a_long_tail_is_packed_by_whoever_looks(session, monkeypatch):
    monkeypatch.setattr(queries, "LONGEST_TAIL", 3)
    operations.put_many(session, "party", [(f"p{n}", [f"Anna Braun {n}"]) for n in range(5)], pack_after=None)

    assert len(owners(session, "Anna Braun")) == 5
    assert session.scalar(sa.select(sa.func.count()).select_from(NameTail)) == 0


def test_an_import_packs_at_its_end(session):
    count = operations.put_many(session, "party", [(f"p{n}", [f"Anna {n}"]) for n in range(5)], pack_after=2)

    assert count == 5
    assert session.scalar(sa.select(sa.func.count()).select_from(NameTail)) == 0


def test_candidates_are_no_more_than_asked_for_and_the_best_come_first(session):
    operations.put_many(session, "party", [(f"p{n}", [f"Anna Klein {n}"]) for n in range(30)])
    operations.put(session, "party", "she", names=["Anna Braun"])

    found = queries.find(session, [spoken("Anna Braun")], limit=10)[0]

    assert len(found) == 10
    assert found[0].owner_id == "she"


def test_the_index_knows_by_which_rules_it_was_made(session):
    assert not operations.is_current(session)

    operations.note_current(session)
    operations.note_current(session)

    assert operations.is_current(session)
    operations.put(session, "party", "one", names=["Anna"])
    operations.clear(session)
    assert session.scalar(sa.select(sa.func.count()).select_from(NameEntry)) == 0
    assert RULES_VERSION >= 2


def test_a_name_taken_apart_survives_being_kept():
    name = spoken("欧阳锋 12 Ltd")

    assert operations.loaded(name.written, operations.dumped(name)) == name
