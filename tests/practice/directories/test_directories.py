"""Directories: edited without code, kept as trees, never losing an entry."""

import pytest

from config import directories as shipped
from engine.actor import SYSTEM, Actor
from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.directories import operations, queries
from practice.directories.errors import (
    DirectoryTooDeep,
    DirectoryUnknown,
    EntryKeyTaken,
    EntryNotFound,
    EntryUnderItself,
    EntryUnknown,
)
from practice.errors import VariableInvalid, VariableMissing
from tests.conftest import NOON

EDITOR = Actor("edda", rights=frozenset({"edit_directories"}))


@pytest.fixture
def add(session):
    def make(directory="direction", **facts):
        return operations.add_entry(session, directory, {"name": "Railway", **facts}, by=EDITOR, now=NOON)

    return make


def keys(session, directory="direction", **options):
    return [entry.key for entry in queries.entries(session, directory, **options)]


def test_an_entry_is_added_without_code_and_its_key_is_made_from_its_name(session, add):
    entry = add(name="Railway & tram")

    assert entry.key == "railway_tram"
    assert entry.path == "railway_tram/"
    assert audit.of(session, "directory_entry", "direction/railway_tram")[0].after["name"] == "Railway & tram"


def test_a_name_in_another_script_gets_a_key_and_a_second_one_another(session, add):
    assert [add(name="Железная дорога").key, add(name="鐵路").key] == ["direction", "direction_2"]


def test_a_tree_is_read_from_the_top_down_in_the_firms_own_order(session, add):
    add(key="b", name="B", position=2)
    add(key="a", name="A", position=3)
    add(key="below_b", name="Z", parent="b")
    add(key="also_below_b", name="Y", parent="b")

    assert keys(session) == ["b", "also_below_b", "below_b", "a"]


def test_only_who_has_the_right_edits_a_directory(session):
    with pytest.raises(RightMissing):
        operations.add_entry(session, "direction", {"name": "X"}, by=Actor("lea"), now=NOON)

    assert keys(session) == []


def test_a_key_is_taken_once_a_directory(session, add):
    add(key="x")
    add("region", key="x")

    with pytest.raises(EntryKeyTaken):
        add(key="x")


@pytest.mark.parametrize(
    ("facts", "error"),
    [
        ({"name": ""}, VariableMissing),
        ({"name": "x" * 201}, VariableInvalid),
        ({"key": "Über"}, VariableInvalid),
        ({"parent": "nobody"}, EntryUnknown),
        ({"region": "nowhere"}, EntryUnknown),
        ({"position": -1}, VariableInvalid),
        ({"position": "soon"}, VariableInvalid),
        ({"names": ["a"]}, VariableInvalid),
        ({"names": {"de": ""}}, VariableInvalid),
        ({"names": {"d!": "x"}}, VariableInvalid),
        ({"names": {f"x{n}": "x" for n in range(10, 60)}}, VariableInvalid),
    ],
)
def test_what_an_entry_cannot_be_is_refused_by_name(add, facts, error):
    with pytest.raises(error) as refusal:
        add(**facts)

    assert refusal.value.field.startswith(next(iter(facts)))


def test_an_unknown_directory_and_an_unknown_entry_are_not_found(session):
    with pytest.raises(DirectoryUnknown):
        queries.entries(session, "colours")
    with pytest.raises(EntryNotFound):
        operations.change_entry(session, "direction", "nobody", {}, by=EDITOR, now=NOON)


def test_an_entry_is_changed_and_the_trail_says_from_what_to_what(session, add):
    add("region", key="north", name="North")
    add("court", key="c", name="Court")

    facts = {"name": "High Court", "position": 5, "region": "north", "required_right": "x", "names": {"de": "Gericht"}}
    operations.change_entry(session, "court", "c", facts, by=EDITOR, now=NOON)
    operations.change_entry(session, "court", "c", facts, by=EDITOR, now=NOON)

    changes = audit.of(session, "directory_entry", "court/c")[1:]
    assert [change.before["name"] for change in changes] == ["Court"]
    assert changes[0].after["names"] == {"de": "Gericht"}
    assert queries.get(session, "court", "c").region_id == queries.get(session, "region", "north").id


def test_an_entry_switched_off_is_kept_and_no_longer_offered(session, add):
    add(key="old")
    operations.change_entry(session, "direction", "old", {"is_active": False}, by=EDITOR, now=NOON)

    assert keys(session, active_only=True) == []
    assert keys(session) == ["old"]
    with pytest.raises(EntryUnknown):
        queries.chosen(session, "direction", "old", field="direction")
    with pytest.raises(VariableInvalid):
        operations.change_entry(session, "direction", "old", {"is_active": "no"}, by=EDITOR, now=NOON)


def test_an_entry_below_one_that_is_switched_off_is_still_offered(session, add):
    add(key="top")
    add(key="below", parent="top")
    operations.change_entry(session, "direction", "top", {"is_active": False}, by=EDITOR, now=NOON)

    assert keys(session, active_only=True) == ["below"]


def test_moving_an_entry_takes_all_below_it_along(session, add):
    for key, parent in (("a", None), ("b", None), ("a1", "a"), ("a11", "a1")):
        add(key=key, parent=parent)

    operations.change_entry(session, "direction", "a1", {"parent": "b"}, by=EDITOR, now=NOON)

    assert queries.get(session, "direction", "a11").path == "b/a1/a11/"
    assert queries.top_of(session, queries.get(session, "direction", "a11")).key == "b"
    assert queries.level_of(queries.get(session, "direction", "a11")) == 2


def test_an_entry_is_never_put_under_itself_or_under_what_is_below_it(session, add):
    add(key="a")
    add(key="b", parent="a")

    for parent in ("a", "b"):
        with pytest.raises(EntryUnderItself):
            operations.change_entry(session, "direction", "a", {"parent": parent}, by=EDITOR, now=NOON)
    assert queries.get(session, "direction", "b").path == "a/b/"


def test_a_tree_has_ten_levels(session, add):
    parent = None
    for level in range(10):
        parent = add(key=f"l{level}", parent=parent).key
    add(key="branch")
    add(key="leaf", parent="branch")

    with pytest.raises(DirectoryTooDeep):
        add(key="l10", parent=parent)
    with pytest.raises(DirectoryTooDeep):
        operations.change_entry(session, "direction", "branch", {"parent": "l8"}, by=EDITOR, now=NOON)


def test_a_branch_is_all_below_an_entry_and_not_its_namesakes(session, add):
    for key, parent in (("a", None), ("a_b", None), ("b", "a")):
        add(key=key, parent=parent)

    found = session.scalars(queries.with_below(queries.get(session, "direction", "a")))

    assert set(found) == {queries.get(session, "direction", key).id for key in ("a", "b")}


def test_a_court_is_known_by_its_exact_name_when_only_one_bears_it(session, add):
    court = add("court", key="one", name="District Court")
    assert queries.by_name(session, "court", "District Court") is court

    add("court", key="two", name="District Court")

    assert queries.by_name(session, "court", "District Court") is None


def test_a_new_firm_has_the_shipped_directories_and_what_it_changed_stays(session):
    first = operations.seed(session, shipped.load(), by=SYSTEM, now=NOON)
    operations.change_entry(session, "direction", "railway", {"name": "Our railway"}, by=EDITOR, now=NOON)
    second = operations.seed(session, shipped.load(), by=SYSTEM, now=NOON)

    assert first > 60
    assert second == 0
    assert queries.get(session, "direction", "railway").name == "Our railway"
    assert queries.get(session, "direction", "railway").path == "injury_compensation/railway/"
    assert queries.get(session, "event_kind", "sent_to_court").required_right == "see_court_referrals"


def test_shipped_entries_are_called_something_in_every_language_unless_the_firm_says_otherwise(session):
    plain = {name: [{**one, "names": None} for one in entries] for name, entries in shipped.load().items()}
    operations.seed(session, plain, by=SYSTEM, now=NOON)
    operations.change_entry(session, "direction", "railway", {"name": "Our railway"}, by=EDITOR, now=NOON)
    operations.change_entry(session, "tag", "urgent", {"names": {}}, by=EDITOR, now=NOON)

    assert operations.seed(session, shipped.load(), by=SYSTEM, now=NOON) == 0

    assert queries.get(session, "direction", "criminal_defence").names["zh-Hant"] == "刑事辯護"
    assert queries.get(session, "decision_result", "acquitted").names["el"] == "Αθώωση"
    assert queries.get(session, "direction", "railway").names is None
    assert queries.get(session, "tag", "urgent").names == {}


@pytest.mark.parametrize(
    "text", ["tag: {gone: [a, b, c, d]}", "tag: {urgent: [a, b]}", "tag: {urgent: [a, b, c, '']}", "tag: {urgent: a}"]
)
def test_a_file_of_names_that_cannot_be_is_refused(tmp_path, text):
    path = tmp_path / "names.yaml"
    path.write_text(text)

    with pytest.raises(shipped.DirectoriesError):
        shipped.load(names=path)


@pytest.mark.parametrize("text", ["direction: {a: {name: A, below: {a: B}}}", "direction: {a: {}}"])
def test_a_file_of_directories_that_cannot_be_is_refused(tmp_path, text):
    path = tmp_path / "directories.yaml"
    path.write_text(text)

    with pytest.raises(shipped.DirectoriesError):
        shipped.load(path)
