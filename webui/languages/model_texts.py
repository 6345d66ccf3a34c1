"""What models, forms and decisions say, in the reader's language (``engine/bundle_texts.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask, g
from flask_babel import gettext

from engine import bundle_texts
from engine.bpmn import texts as diagram_texts
from engine.models import UserTask
from practice.people.groups import GROUPS
from webui.db import db
from webui.languages import pseudo, speech


def init_app(app: Flask) -> None:
    """Offer ``model_text(process_key, text)`` and ``form_in_words(process_key, form)`` to templates."""
    app.add_template_global(model_text, "model_text")
    app.add_template_global(form_in_words, "form_in_words")
    app.add_template_global(values_in_words, "values_in_words")
    app.add_template_filter(task_name, "task_name")


def model_text(process_key: str | None, text: Any) -> str:
    """Return a text of a model in the reader's language, as it is where nobody has translated it."""
    return words(process_key).get(str(text)) or str(text)


def task_name(task: UserTask) -> str:
    """Return the name of a user task in the reader's language."""
    return model_text(task.process_key, task.name)


def form_in_words(process_key: str | None, schema: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return a form in the reader's language."""
    known = words(process_key)
    return bundle_texts.form_in_words(schema, known) if schema and known else schema


def choices_in_words(choices: Mapping[str, Any]) -> dict[str, Any]:
    """Return the lists that forms choose from with what the firm's processes and groups are called, by that name."""
    known = {
        "case_types": lambda one: model_text(one["value"], one["label"]),
        "departments": _department,
        "walls": _wall,
    }
    return {
        name: sorted(({**one, "label": known[name](one)} for one in offered), key=lambda one: one["label"])
        if name in known
        else offered
        for name, offered in choices.items()
    }


def _wall(one: Mapping[str, str]) -> str:
    return one["label"] if one["state"] == "up" else gettext("%(wall)s (not up yet)", wall=one["label"])


def diagram_in_words(process_key: str | None, xml: bytes, tag: str) -> bytes:
    """Return a diagram in a language; its lanes are called what the groups are called."""
    titles = {name: gettext(title) for name, title in GROUPS.items()}
    return diagram_texts.translated(xml, words(process_key, tag), titles)


def values_in_words(process_key: str | None, values: Mapping[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows with the sentences of decisions in the reader's language.

    What the form asks for stays as it is: it is sent back.
    """
    known = words(process_key)
    asked = bundle_texts.keys_of(schema)
    return {name: value if name in asked else _said(value, known) for name, value in values.items()}


def words(process_key: str | None, tag: str | None = None) -> bundle_texts.Words:
    """Return what is said differently in a language; None: the reader's."""
    if process_key is None:
        return {}
    tag = tag or speech.tag()
    if tag == speech.PSEUDO:
        return _Turned()
    by_language: dict[str, dict[str, bundle_texts.Words]] = g.setdefault("model_texts", {})
    if tag not in by_language:
        by_language[tag] = bundle_texts.latest(db.session(), tag)
    return by_language[tag].get(process_key, {})


def _department(group: Mapping[str, str]) -> str:
    title = group["label"]
    # The firm may have called a role something else.
    return gettext(title) if GROUPS.get(group["value"]) == title else title


def _said(value: Any, known: bundle_texts.Words) -> Any:
    if isinstance(value, str):
        # One word is an identifier or a name; sentences are what a decision says.
        return known.get(value) or value if " " in value else value
    return [_said(one, known) for one in value] if isinstance(value, list) else value


class _Turned(dict[str, str]):
    """Everything, in the language that nobody had to learn."""

    def __bool__(self) -> bool:
        return True

    def get(self, key: str, default: Any = None) -> Any:
        return pseudo.turned(key)
