"""What a bundle says to people, and how it says it in another language."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from engine import bundle_texts, bundles, deployments
from engine.actor import SYSTEM
from engine.bpmn import texts as model_texts
from engine.errors import DeploymentRefused
from tests.factories import end, model, path, start, user_task

NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)
SHIPPED = Path(__file__).resolve().parents[2] / "processes" / "bpmn"
MODEL = model(start() + user_task("weigh_case", groups="partners") + end() + path("started", "weigh_case", "ended"))
FORM = {
    "type": "default",
    "components": [
        {"type": "text", "text": "**Who** asks, {{client}}?"},
        {"type": "group", "label": "Parties", "components": [
            {"type": "radio", "key": "side", "label": "Side", "values": [
                {"label": "Claimant", "value": "claimant"}, {"label": "Defendant", "value": "defendant"}]},
            {"type": "number", "key": "sum", "label": "Sum", "appearance": {"suffixAdorner": "euros"},
             "validate": {"patternErrorMessage": "Digits only"}},
            {"type": "text", "text": '="computed"'},
        ]},
    ],
}  # fmt: skip


def bundle(**translations):
    files = {"a.bpmn": MODEL, "process.yaml": b"name: Weighing a case\nstages:\n  - {id: one, name: First look}\n"}
    files["forms/weigh.form"] = json.dumps(FORM).encode()
    return files | {f"translations/{name}.json": content for name, content in translations.items()}


def test_every_text_of_a_bundle_is_found_once():
    found = bundle_texts.of_bundle(bundle())

    assert found[:2] == ["Weighing a case", "First look"]
    assert [text for text in found if text in json.dumps(FORM)] == [
        "**Who** asks, {{client}}?", "Parties", "Side", "Claimant", "Defendant", "Sum", "euros", "Digits only",
    ]  # fmt: skip
    assert len(found) == len(set(found))


def test_the_sentences_that_decisions_answer_are_texts_and_their_codes_are_not():
    found = bundle_texts.of_bundle(bundles.read(SHIPPED / "civil"))

    assert "What is missing for closing" in found
    assert not {"done", "not_needed", "open"} & set(found)


def test_a_form_is_shown_in_other_words_and_keeps_its_keys_and_values():
    words = {"Parties": "Стороны", "Claimant": "Истец", "Sum": "Сумма", "euros": "евро", "Digits only": "Только цифры"}

    shown = bundle_texts.form_in_words(FORM, words)

    group = shown["components"][1]
    assert group["label"] == "Стороны"
    assert group["components"][0]["values"][0] == {"label": "Истец", "value": "claimant"}
    assert group["components"][0]["label"] == "Side"
    assert group["components"][1]["appearance"]["suffixAdorner"] == "евро"
    assert FORM["components"][1]["label"] == "Parties"


def test_a_diagram_is_shown_in_other_words():
    name = model_texts.texts(MODEL)[-1]

    shown = model_texts.translated(MODEL, {name: "権衡"})

    assert "権衡" in model_texts.texts(shown)
    assert name not in model_texts.texts(shown)


def test_the_newest_version_says_it_for_all(session):
    deployments.deploy(session, bundle(el=b'{"First look": "old", "Sum": ""}'), by=SYSTEM, now=NOON)
    deployments.deploy(session, bundle(el='{"First look": "Πρώτη ματιά"}'.encode()), by=SYSTEM, now=NOON)

    words = bundle_texts.latest(session, "el")

    assert [dict(one) for one in words.values()] == [{"First look": "Πρώτη ματιά"}]
    assert bundle_texts.latest(session, "ru") == {}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("ru", b"{"),
        ("ru", b"[]"),
        ("ru", b'{"Sum": 3}'),
        ("ru", b'{"Sum": {"a": "b"}}'),
        ("../ru", b"{}"),
        ("not a language", b"{}"),
        ("ru", b"{" + b" " * 1_000_001 + b"}"),
    ],
)
def test_a_translation_that_cannot_be_read_is_refused_by_its_name(session, name, content):
    with pytest.raises(DeploymentRefused) as refused:
        deployments.deploy(session, bundle(**{name: content}), by=SYSTEM, now=NOON)

    assert [finding.resource for finding in refused.value.findings if finding.severity == "error"] == [
        f"translations/{name}.json"
    ]
