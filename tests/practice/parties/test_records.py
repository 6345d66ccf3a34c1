"""Recording parties: names in every script, namesakes, identifiers and relations."""

import pytest

from engine.errors import RightMissing
from practice.audit import queries as audit
from practice.errors import VariableInvalid, VariableMissing
from practice.parties import hooks, naming, queries, records
from practice.parties.errors import MainNameNeeded, PartyNotFound, RelatedToItself
from practice.parties.facts import Named
from practice.parties.names import normalise
from practice.parties.operations import known_or_new
from practice.parties.records import IdentifierGiven, NameGiven, Profile
from tests.factories import NOON, later
from tests.practice.firm import PETRA
from tests.practice.parties.people import LAWYER, OTHER_LAWYER, ROSA, record


def named(name, role="client"):
    return Named(name, normalise(name), role)


def test_a_party_has_names_in_several_scripts(session):
    party = record(session, "Сергей Иванов", names=[("Sergei Ivanov", "transliteration"), ("谢尔盖", "alias", "Xie")])

    names = {name.written: (name.script, name.kind) for name in queries.names_of(session, party)}
    assert names == {
        "Сергей Иванов": ("Cyrl", "main"),
        "Sergei Ivanov": ("Latn", "transliteration"),
        "谢尔盖": ("Hani", "alias"),
    }
    found = [queries.search(session, actor=ROSA, text=text).items for text in ("иванов", "IVANOV", "谢", "xie")]
    assert found == [[party]] * 4


@pytest.mark.parametrize("name", ["", "   ", "\u200f\u200e", "🙂", "...", "x" * 301])
def test_what_is_no_name_is_refused_by_name(session, name):
    with pytest.raises((VariableMissing, VariableInvalid)) as refusal:
        record(session, name)

    assert refusal.value.field == "name"
    assert queries.search(session, actor=ROSA).items == []


@pytest.mark.parametrize(
    "name", ["李", "X", "e\u0301lan vital", "Ｐｅｔｅｒ", "\u200fمحمد\u200f", "Ann 🙂 Lee", "x" * 300]
)
def test_strange_names_are_kept_as_written_and_found(session, name):
    party = record(session, name)

    assert party.name == " ".join(name.split())
    assert [each.id for each in queries.named(session, normalise(name), actor=ROSA)] == [party.id]


def test_two_people_may_have_one_name_and_openings_still_make_no_double(session):
    first = record(session, "Ana Ruiz")
    second = record(session, "ANA  RUIZ", now=later(hours=1))

    opened = known_or_new(session, [named("Ana Ruiz")], by=PETRA, now=later(hours=2))
    chosen = known_or_new(session, [named("Ana Ruiz")], chosen={"ana ruiz": second.id}, by=PETRA, now=later(hours=3))

    assert first.id != second.id
    assert opened["ana ruiz"].id == first.id
    assert chosen["ana ruiz"].id == second.id
    assert len(queries.named(session, "ana ruiz", actor=ROSA)) == 2


def test_an_opening_finds_a_party_by_a_former_name_and_by_an_alias(session):
    party = record(session, "Ana Ruiz", names=[("A. Ruiz Gómez",)])
    records.add_name(session, party.id, NameGiven("Ana Weber", "main"), by=ROSA, now=later(days=1))

    found = known_or_new(
        session, [named("Ana Ruiz"), named("A. Ruiz Gomez"), named("Ana Weber")], by=PETRA, now=later(days=2)
    )

    assert {each.id for each in found.values()} == {party.id}
    assert party.name == "Ana Weber"
    kinds = {name.written: name.kind for name in queries.names_of(session, party)}
    assert kinds == {"Ana Weber": "main", "Ana Ruiz": "former", "A. Ruiz Gómez": "alias"}


def test_a_party_that_the_release_before_wrote_gets_its_name(session):
    party = record(session, "Ana Ruiz")
    for name in naming.of(session, party.id):
        session.delete(name)
    session.flush()

    assert naming.some_are_unnamed(session)
    assert naming.name_the_unnamed(session, by=PETRA, now=NOON) == 1
    assert not naming.some_are_unnamed(session)
    assert [each.id for each in queries.named(session, "ana ruiz", actor=ROSA)] == [party.id]


def test_the_same_name_again_is_spelt_anew_and_not_doubled(session):
    party = record(session, "Jose Garcia")

    records.add_name(session, party.id, NameGiven("José García"), by=ROSA, now=later(days=1))

    assert [(name.written, name.kind) for name in queries.names_of(session, party)] == [("José García", "main")]
    assert party.name == "José García"


def test_a_name_is_retired_and_still_found_but_the_main_one_stays(session):
    party = record(session, "Ana Ruiz", names=[("Anita",)])
    alias = next(name for name in queries.names_of(session, party) if name.kind == "alias")

    records.retire_name(session, party.id, alias.id, by=ROSA, now=later(days=1))

    assert alias.retired_at == later(days=1)
    assert queries.search(session, actor=ROSA, text="anita").items == [party]
    main = queries.names_of(session, party)[0]
    with pytest.raises(MainNameNeeded):
        records.retire_name(session, party.id, main.id, by=ROSA, now=later(days=1))


def test_whoever_keeps_an_index_of_names_is_told_all_of_them_at_every_change(session, monkeypatch):
    told = []
    monkeypatch.setattr(hooks, "on_names", [lambda _session, party_id, names: told.append((party_id, names))])

    party = record(session, "Сергей Иванов")
    records.add_name(session, party.id, NameGiven("Иванов С.", "alias", "Ivanov S."), by=ROSA, now=NOON)

    assert told == [
        (party.id, ["Сергей Иванов"]),
        (party.id, ["Сергей Иванов", "Иванов С.", "Ivanov S."]),
    ]


def test_identifiers_are_compared_without_their_punctuation_and_found(session):
    party = record(session, "Beton AG", kind="organisation", identifiers=[("tax_number", "DE 123.456-78", "de")])

    again = records.identify(session, party.id, IdentifierGiven("tax_number", "de12345678", "DE"), by=ROSA, now=NOON)

    assert (again.normalised, again.country) == ("DE12345678", "DE")
    assert len(queries.identifiers_of(session, party)) == 1
    assert queries.search(session, actor=ROSA, text="123.456").items == [party]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (IdentifierGiven("shoe_size", "44"), "kind"),
        (IdentifierGiven("passport", " - "), "value"),
        (IdentifierGiven("passport", "1" * 101), "value"),
        (IdentifierGiven("passport", "AB1", "Germany"), "country"),
    ],
)
def test_an_impossible_identifier_is_refused_by_field(session, given, field):
    party = record(session, "Ana Ruiz")

    with pytest.raises(VariableInvalid) as refusal:
        records.identify(session, party.id, given, by=ROSA, now=NOON)

    assert refusal.value.field == field


def test_relations_have_a_direction_and_an_end(session):
    owner, company = record(session, "Ana Ruiz"), record(session, "Beton AG", kind="organisation")

    relation = records.relate(session, owner.id, company.id, "owner", since_on=NOON.date(), by=ROSA, now=NOON)
    records.end_relation(session, relation.id, until_on=later(days=30).date(), by=ROSA, now=later(days=30))

    [(row, other)] = queries.relations_of(session, company, actor=ROSA)
    assert (row.kind, row.from_party_id, other.id) == ("owner", owner.id, owner.id)
    assert row.until_on == later(days=30).date()
    kinds = [event.kind for event in audit.of(session, "party", owner.id)]
    assert kinds == ["party_recorded", "relation_recorded", "relation_ended"]


def test_nobody_is_related_to_themselves_and_no_relation_ends_before_it_began(session):
    party, other = record(session, "Ana Ruiz"), record(session, "Bo Ruiz")

    with pytest.raises(RelatedToItself):
        records.relate(session, party.id, party.id, "relative", by=ROSA, now=NOON)
    with pytest.raises(VariableInvalid):
        records.relate(session, party.id, other.id, "enemy", by=ROSA, now=NOON)
    with pytest.raises(VariableInvalid):
        records.relate(
            session,
            party.id,
            other.id,
            "relative",
            since_on=NOON.date(),
            until_on=later(days=-1).date(),
            by=ROSA,
            now=NOON,
        )


def test_what_is_said_of_a_party_is_changed_with_its_before_and_after(session):
    party = record(session, "Ana Ruiz", language="es")

    records.revise(
        session, party.id, Profile(language="", is_discreet=True, sensitivities="Hard of hearing"), by=ROSA, now=NOON
    )
    records.revise(session, party.id, Profile(is_discreet=True), by=ROSA, now=NOON)

    events = [event for event in audit.of(session, "party", party.id) if event.kind == "party_revised"]
    assert [(event.before, event.after) for event in events] == [
        (
            {"language": "es", "is_discreet": False, "sensitivities": None},
            {"language": None, "is_discreet": True, "sensitivities": "Hard of hearing"},
        )
    ]


def test_who_may_not_keep_parties_records_none_and_who_may_not_see_one_changes_none(session):
    party = record(session, "Ana Ruiz")

    with pytest.raises(RightMissing):
        record(session, "Bo", by=PETRA)
    with pytest.raises(PartyNotFound):
        records.revise(session, party.id, Profile(language="en"), by=LAWYER, now=NOON)
    mine = record(session, "Carl", by=LAWYER)
    assert queries.search(session, actor=LAWYER).items == [mine]
    assert queries.search(session, actor=OTHER_LAWYER).items == []
