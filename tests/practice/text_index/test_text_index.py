"""Words found in part by an index: the same rows as reading all of them would find."""

import pytest
import sqlalchemy as sa

from practice.matters.models import Matter
from practice.parties import names as party_names
from practice.text_index import queries
from tests.practice.firm import LEA

WORDS = [
    "ruiz",
    "rui",
    "iz b",
    "παπαδ",
    "2026-cv",
    "張偉",
    "張偉倫",
    "ooo",
    '"',
    "%",
    "a_b",
    "nothing at all",
    "🙂🙂🙂",
]


@pytest.fixture
def matters(session, matter):
    for client, opponent in (("Ana Ruiz", "Beton AG"), ("Νίκος Παπαδόπουλος", "張偉倫"), ('A_b "Q" 100%', None)):
        matter(client_name=client, opponent_name=opponent)


def found(session, *words):
    holding = queries.holding(session, words, key=Matter.id, text=Matter.search_text)
    conditions = holding.looked.conditions(Matter.id, Matter.search_text)
    return set(session.scalars(sa.select(Matter.number).where(*conditions), holding.values))


def by_reading(session, *words):
    return {
        number
        for number, text in session.execute(sa.select(Matter.number, Matter.search_text))
        if all(word in text for word in words)
    }


@pytest.mark.parametrize("word", WORDS)
def test_a_word_is_found_wherever_it_occurs(session, matters, word):
    folded = party_names.fold(word)

    assert found(session, *folded.split()) == by_reading(session, *folded.split())


def test_every_word_has_to_occur_and_the_rarest_is_looked_up(session, matters):
    assert found(session, "ruiz", "beton") == by_reading(session, "ruiz", "beton") != set()
    assert found(session, "ruiz", "cement") == set()


def test_what_is_in_many_rows_is_read_in_order(session, matters, monkeypatch):
    monkeypatch.setattr(queries, "COMMON", 2)

    assert found(session, "2026") == by_reading(session, "2026")
    assert len(found(session, "2026")) == 3


def test_the_index_follows_what_changes_and_what_goes(session, matters):
    chosen = session.scalar(sa.select(Matter).where(Matter.search_text.contains("ruiz")))
    session.execute(sa.update(Matter).where(Matter.id == chosen.id).values(search_text="somebody else"))

    assert found(session, "ruiz") == set()
    assert found(session, "somebody") == {chosen.number}


def test_a_search_by_the_index_keeps_to_the_readers_rights(session, matters):
    from practice.matters import queries as matters_queries
    from tests.practice.firm import STRANGER

    assert len(matters_queries.search(session, actor=LEA, text="ruiz").items) == 1
    assert matters_queries.search(session, actor=STRANGER, text="ruiz").items == []
