"""What is remembered of a database, and forgotten again."""

from practice import much
from practice.much import Much


def test_what_was_noted_is_there_for_a_while_and_then_to_be_counted_again(session, monkeypatch):
    monkeypatch.setattr(much, "_TIMES", 2)
    known = Much()
    assert not known.has(session, "lawyers")

    known.note(session, "lawyers")

    assert [known.has(session, "lawyers") for _ in range(4)] == [True, True, False, False]
    assert not known.has(session, "partners")


def test_no_more_is_remembered_than_there_is_room_for(session, monkeypatch):
    monkeypatch.setattr(much, "_MOST", 2)
    known = Much()

    for name in ("a", "b", "c"):
        known.note(session, name)

    assert [known.has(session, name) for name in ("a", "b", "c")] == [False, False, True]
