"""What a start form offers before there is an instance."""

from engine import deployments
from engine.actor import SYSTEM, Actor
from practice.people import operations as people
from tasks import start_forms
from tests.factories import CHIEF, NOON, end, model, path, start, user_task
from tests.practice.firm import LEA, LEO

FORM = {"components": [{"type": "group", "components": [{"type": "select", "key": "kind", "valuesKey": "case_types"}]}]}
PEOPLE = {"components": [{"type": "taglist", "key": "team", "valuesKey": "people"}, {"type": "text", "text": "Who?"}]}
WALLS = {"components": [{"type": "select", "key": "wall", "valuesKey": "walls"}]}
LABOUR = model(start() + user_task("hear") + end() + path("started", "hear", "ended"), key="labour")


def test_a_case_type_is_offered_as_soon_as_its_bundle_is_deployed(session):
    before = start_forms.choices(session, FORM, actor=LEA)["case_types"]
    properties = b"name: Labour dispute\ncase_type: {code: LD, name: Labour dispute}\n"

    deployments.deploy(session, {"labour.bpmn": LABOUR, "process.yaml": properties}, by=CHIEF, now=NOON)

    added = [choice for choice in start_forms.choices(session, FORM, actor=LEA)["case_types"] if choice not in before]
    assert added == [{"label": "Labour dispute", "value": "labour"}]


def test_people_who_left_and_people_behind_a_wall_are_not_offered(session, firm, matter, wall):
    walled, other = matter(), matter("Cleo", "Dora")
    wall({"matter_id": walled.id}, out=["leo"])
    people.deactivate_user(session, "cora", by=SYSTEM, now=NOON)

    def offered(number):
        return {
            choice["value"] for choice in start_forms.choices(session, PEOPLE, business_key=number, actor=LEA)["people"]
        }

    assert offered(None) == {"ada", "lea", "leo", "nobody", "otto", "petra", "rita"}
    assert offered(other.number) == offered(None)
    assert offered(walled.number) == offered(None) - {"leo"}


def test_a_large_firm_offers_whom_the_answers_name_and_finds_the_others_by_name(
    session, firm, matter, wall, monkeypatch
):
    walled = matter()
    wall({"matter_id": walled.id}, out=["leo"])
    monkeypatch.setattr(start_forms, "MOST_WHOLE", 3)
    known = {"cover": "petra", "list": [{"who": "leo"}, {"who": "x" * 5000}], "n": 7}

    def offered(number, actor=LEA):
        made = start_forms.choices(session, PEOPLE, business_key=number, known=known, actor=actor)
        return made["people_searched"], [choice["value"] for choice in made["people"]]

    def found(text, number=None, actor=LEA):
        return [one["value"] for one in start_forms.people_found(session, text, business_key=number, actor=actor)]

    assert offered(None) == (True, ["leo", "petra"])
    assert offered(walled.number) == (True, ["petra"])
    assert found("LE") == ["lea", "leo"]
    assert found("le", walled.number) == ["lea"]
    assert found("x" * 5000) == []
    assert found("", actor=Actor("lea", frozenset({"clients"}))) == ["lea"]


def test_a_form_gets_only_the_lists_that_it_asks_for(session, firm):
    assert set(start_forms.choices(session, PEOPLE, actor=LEA)) == {"people"}
    assert start_forms.choices(session, {"components": None}, actor=LEA) == {}


def test_walls_around_the_work_are_offered_to_those_who_may_see_them(session, matter, wall):
    walled, other = matter(), matter("Cleo", "Dora")
    up, asked, _ = (wall({"matter_id": walled.id}, out=["leo"], state=one) for one in ("up", "requested", "lifted"))
    officer = Actor("petra", rights=frozenset({"oversee_access"}))

    def offered(number, actor):
        return [
            (choice["value"], choice["state"])
            for choice in start_forms.choices(session, WALLS, business_key=number, actor=actor)["walls"]
        ]

    assert sorted(offered(walled.number, officer)) == sorted([(up.number, "up"), (asked.number, "requested")])
    assert offered(other.number, officer) == []
    assert offered(None, officer) == []
    assert offered(walled.number, LEO) == []
