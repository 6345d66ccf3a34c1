"""What forms and approvals show of earlier answers: dates, figures, labels and names in the reader's words."""

from types import SimpleNamespace

import pytest

from engine import form_choices
from webui.languages import sentences
from webui.pages import form_values, vocabulary

TEXT = 'Judgment: {{replace(judgment_result, "_", " ")}} of {{served_on}} by {{registered_by}} over {{claim_value}}'


def form_of(*texts, **fields):
    asked = [{"type": "textfield", "key": key, "label": key} for key in fields]
    return {"components": [*({"type": "text", "text": text} for text in texts), *asked]}


@pytest.fixture
def task(monkeypatch):
    labels = {"judgment_result": {"partly_won": "Won in part"}}
    monkeypatch.setattr(form_choices, "of_user_task", lambda *_: labels)
    return SimpleNamespace(process_key="judgment")


@pytest.fixture
def request_of_a_reader(office):
    with office.app.test_request_context("/inbox", headers={"Accept-Language": "en"}):
        yield


@pytest.mark.usefixtures("request_of_a_reader")
def test_a_text_shows_labels_days_names_and_figures_and_the_data_stays_as_it_was(office, task):
    given = {"judgment_result": "partly_won", "served_on": "2026-09-01", "registered_by": "ana", "claim_value": 84000.0}

    shown = form_values.shown_form(task, form_of(TEXT), given)

    text = shown.schema["components"][0]["text"]
    assert "replace(" not in text
    assert "{{in_words.judgment_result}}" in text
    said = shown.values[form_values.PLACE]
    assert said["judgment_result"] == "Won in part"
    assert said["served_on"] == "1 Sept 2026"
    assert said["claim_value"] == "84,000"
    assert said["registered_by"] not in ("", "ana")
    assert {name: shown.values[name] for name in given} == given


@pytest.mark.usefixtures("request_of_a_reader")
def test_what_the_form_asks_for_and_what_belongs_to_a_line_stays_what_it_is(office, task):
    schema = form_of("{{served_on}} {{#loop lines}}{{court_on}}{{/loop}}", served_on="")

    shown = form_values.shown_form(task, schema, {"served_on": "2026-09-01", "court_on": "2026-09-02"})

    assert shown.schema["components"][0]["text"] == "{{served_on}} {{#loop lines}}{{court_on}}{{/loop}}"
    assert form_values.PLACE not in shown.values


@pytest.mark.usefixtures("request_of_a_reader")
@pytest.mark.parametrize("value", ["2026-13-45", "Ana", "", None, [], {"a": 1}, True, 7])
def test_what_there_are_no_words_for_is_shown_as_it_is(office, task, value):
    shown = form_values.shown_form(task, form_of("{{thing}}"), {"thing": value})

    assert shown.schema["components"][0]["text"] == "{{thing}}"


@pytest.mark.usefixtures("request_of_a_reader")
def test_an_approval_says_the_same_without_marks(office, task):
    item = SimpleNamespace(task=task, known={"judgment_result": "partly_won", "client_name": "<b>Ana & Co</b>"})

    said = form_values.shown_sentence(item, "**Result** {{judgment_result}} for {{client_name}}")

    assert said == "Result Won in part for <b>Ana & Co</b>"


@pytest.mark.usefixtures("request_of_a_reader")
def test_an_approval_keeps_the_lines_of_the_form(office, task):
    item = SimpleNamespace(task=task, known={"court": "Athens", "client_name": "Ana"})

    assert (
        form_values.shown_sentence(item, "**{{client_name}}**  \n**Court** {{court}}\n\n{{nothing}}")
        == "Ana\nCourt Athens"
    )
    assert form_values.shown_sentence(item, "{{#loop parts}}\n{{this}}\n{{/loop}}") == ""


@pytest.mark.usefixtures("request_of_a_reader")
def test_a_sum_stands_beside_the_code_of_its_currency(office, task, monkeypatch):
    labels = {"currency": {"GBP": "GBP – pound sterling"}}
    monkeypatch.setattr(form_values.form_choices, "of_user_task", lambda *_: labels)
    item = SimpleNamespace(task=task, known={"value": 84000, "currency": "GBP"})

    assert form_values.shown_sentence(item, "{{value}} {{currency}}") == "84,000 GBP"


@pytest.mark.usefixtures("request_of_a_reader")
@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("partly_won", "Partly won in court"),
        ("struck_out", "Struck out"),
        ("The client died.", "The client died."),
        (None, ""),
    ],
)
def test_how_a_matter_ended_is_said_in_words(code, said):
    assert vocabulary.outcome(code) == said


@pytest.mark.usefixtures("request_of_a_reader")
@pytest.mark.parametrize(
    ("kept", "said"),
    [
        (
            "A matter with open user tasks cannot be archived. (number: 2026-CV-0023; open_user_tasks: Assess the claim)",
            "A matter with open user tasks cannot be archived. (2026-CV-0023; Assess the claim)",
        ),
        ("It broke (100% of it).", "It broke (100% of it)."),
        ("", ""),
    ],
)
def test_why_a_step_failed_is_said_without_the_names_of_fields(kept, said):
    assert sentences.say_refusal(kept) == said
