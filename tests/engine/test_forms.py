"""The server checks a form's answers as the browser did."""

import pytest

from engine import forms
from engine.errors import FormInvalid


def field(kind, key="f", **options):
    return {"type": kind, "key": key, "label": "Field", **options}


def wrong(component, answers, context=None):
    with pytest.raises(FormInvalid) as refusal:
        forms.validate({"components": [component]}, answers, context=context or {})
    return refusal.value.fields


def accepted(components, answers, context=None):
    return forms.validate({"components": components}, answers, context=context or {})


REQUIRED = {"required": True}
YES_NO = [{"label": "Yes", "value": "yes"}, {"label": "No", "value": "no"}]


@pytest.mark.parametrize(
    ("component", "value"),
    [
        (field("textfield", validate=REQUIRED), "  "),
        (field("textfield", validate=REQUIRED), None),
        (field("textfield"), 5),
        (field("textfield"), "x" * 100_001),
        (field("textfield", validate={"maxLength": 3}), "four"),
        (field("textfield", validate={"minLength": 3}), "on"),
        (field("textfield", validate={"pattern": "^[A-Z]+$"}), "abc"),
        (field("textfield", validate={"validationType": "email"}), "ana at home"),
        (field("textfield", validate={"validationType": "phone"}), "call me"),
        (field("number"), "12"),
        (field("number"), True),
        (field("number"), float("nan")),
        (field("number", validate={"min": 1}), 0),
        (field("number", validate={"max": 1}), 2),
        (field("number", decimalDigits=0), 1.5),
        (field("number", serializeToString=True), "many"),
        (field("checkbox"), "on"),
        (field("checkbox", validate=REQUIRED), False),
        (field("datetime", subtype="date"), "1.2.2026"),
        (field("datetime", subtype="date"), "2026-02-30"),
        (field("datetime", subtype="time"), "25:00"),
        (field("datetime", subtype="datetime"), "tomorrow"),
        (field("select", values=YES_NO), "maybe"),
        (field("radio", values=YES_NO), ["yes"]),
        (field("checklist", values=YES_NO), "yes"),
        (field("checklist", values=YES_NO), ["yes", "maybe"]),
        (field("taglist", values=YES_NO, validate=REQUIRED), []),
    ],
)
def test_a_wrong_answer_is_named(component, value):
    assert list(wrong(component, {"f": value})) == ["f"]


@pytest.mark.parametrize(
    ("component", "value"),
    [
        (field("textfield"), "Αθηνά"),
        (field("textfield", validate={"validationType": "phone"}), "+44 20 7946 0958"),
        (field("number", validate={"min": 1}), 1),
        (field("number", decimalDigits=2), 1.25),
        (field("number", serializeToString=True), "12.50"),
        (field("checkbox"), False),
        (field("datetime", subtype="date"), "2026-02-28"),
        (field("datetime", subtype="time"), "09:30"),
        (field("datetime", subtype="datetime"), "2026-02-28T09:30"),
        (field("select", values=YES_NO), "yes"),
        (field("checklist", values=YES_NO), ["yes", "no"]),
    ],
)
def test_a_right_answer_is_accepted_as_it_is(component, value):
    assert accepted([component], {"f": value}) == {"f": value}


def test_a_choice_must_be_among_those_the_task_offers():
    chooser = field("select", valuesKey="lawyers")
    context = {"lawyers": [{"label": "Ana", "value": "ana"}]}

    assert accepted([chooser], {"f": "ana"}, context) == {"f": "ana"}
    assert "f" in wrong(chooser, {"f": "otto"}, context)


def test_a_hidden_field_is_neither_required_nor_kept():
    reason = field("textfield", "reason", validate=REQUIRED, conditional={"hide": '=decision != "refuse"'})
    decision = field("radio", "decision", values=[{"value": "approve"}, {"value": "refuse"}])

    assert accepted([decision, reason], {"decision": "approve", "reason": "left over"}) == {"decision": "approve"}
    with pytest.raises(FormInvalid) as refusal:
        accepted([decision, reason], {"decision": "refuse"})
    assert list(refusal.value.fields) == ["reason"]


def test_a_hidden_group_hides_its_fields():
    group = {
        "type": "group",
        "conditional": {"hide": "=not(injury)"},
        "components": [field("textfield", "act", validate=REQUIRED)],
    }

    assert accepted([field("checkbox", "injury"), group], {"injury": False}) == {"injury": False}


def test_a_field_that_the_form_has_not_is_refused():
    assert list(wrong(field("textfield"), {"f": "a", "approved_by": "me"})) == ["approved_by"]


def test_what_a_form_only_shows_cannot_be_answered():
    assert accepted([field("textfield", disabled=True), {"type": "text", "text": "# Hello"}], {"f": "forged"}) == {}


def test_a_list_names_the_entry_and_the_field():
    costs = {"type": "dynamiclist", "path": "costs", "components": [field("number", "amount", validate=REQUIRED)]}

    assert accepted([costs], {"costs": [{"amount": 1}, {"amount": 2}]}) == {"costs": [{"amount": 1}, {"amount": 2}]}
    assert "Entry 2" in wrong(costs, {"costs": [{"amount": 1}, {}]})["costs"]
    assert "currency" in wrong(costs, {"costs": [{"amount": 1, "currency": "EUR"}]})["costs"]


def test_a_form_that_comes_back_shows_what_is_known_but_not_the_last_decision():
    schema = {
        "components": [
            field("radio", "decision", values=YES_NO),
            field("checkbox", "checked"),
            field("radio", "letter_sent", values=YES_NO, properties={"keep": "true"}),
            field("textarea", "note"),
        ]
    }
    known = {"decision": "no", "checked": True, "letter_sent": "yes", "note": "Called twice", "client": "Acme"}

    assert forms.prefilled(schema, known) == {"letter_sent": "yes", "note": "Called twice", "client": "Acme"}


FILE = {"id": "0190e6f0-0000-7000-8000-000000000001", "name": "claim.pdf"}


@pytest.mark.parametrize(
    ("options", "value"),
    [
        ({}, "files::1"),
        ({}, [{"id": "x"}]),
        ({}, [{**FILE, "path": "/etc"}]),
        ({}, [{"id": 5, "name": "x"}]),
        ({}, [{"id": "", "name": "x"}]),
        ({}, [FILE, FILE]),
        ({"multiple": True}, [FILE] * 101),
        ({"validate": REQUIRED}, []),
    ],
)
def test_files_are_named_and_not_sent_with_the_form(options, value):
    assert set(wrong(field("filepicker", **options), {"f": value})) == {"f"}


def test_a_file_or_several_are_taken_as_the_field_says():
    assert accepted([field("filepicker")], {"f": [FILE]}) == {"f": [FILE]}
    assert accepted([field("filepicker", multiple=True)], {"f": [FILE, FILE]}) == {"f": [FILE, FILE]}
    assert accepted([field("filepicker")], {"f": None}) == {"f": None}
