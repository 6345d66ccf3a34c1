"""What a form shows of earlier answers, in the reader's words: dates, figures, labels of choices, people's names.

The data that conditions are asked of stays as it is. A text that names a value (``{{due_on}}``) is shown with what is
under the same name in ``in_words`` beside it, when there are words for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import Any, Final, NamedTuple

from flask import Flask

from engine import bundle_texts, form_choices
from engine.models import UserTask
from practice.people import queries as people
from practice.people.groups import GROUPS
from tasks.approvals.queries import Item, plain
from webui.db import db
from webui.languages import formats, sentences
from webui.languages.model_texts import form_in_words, values_in_words, words
from webui.pages.texts import group_title
from webui.pages.vocabulary import OUTCOMES, outcome

#: Where a form finds the words.
PLACE: Final = "in_words"
#: A value by its name, alone or with the underscores of its code taken out.
_VALUE: Final = re.compile(r'\{\{\s*(?:replace\((\w+),\s*"_",\s*" "\)|([A-Za-z_]\w*(?:\.\w+)*))\s*\}\}')
#: What stands for each line of a list, and names what belongs to the line.
_LOOP: Final = re.compile(r"(\{\{#loop\b.*?\{\{/loop\}\})", re.DOTALL)
_DAY: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
#: Names of values that hold a person's username, or a group's.
_PERSON: Final = re.compile(r"(?:^|_)(?:by|person|holder|to|responsible|lawyer|addressee)$")
#: Below it a figure may be a year or a number of something.
_GROUPED_FROM: Final = 10_000


class Shown(NamedTuple):
    """A form as its reader is shown it, and the data for it."""

    schema: Mapping[str, Any]
    values: dict[str, Any]


def init_app(app: Flask) -> None:
    """Offer the words to templates."""
    app.add_template_global(shown_form, "shown_form")
    app.add_template_global(shown_sentence, "shown_sentence")
    app.add_template_global(shown_value, "shown_value")
    app.add_template_filter(sentences.say_refusal, "refusal")


def shown_form(task: UserTask, schema: Mapping[str, Any], values: Mapping[str, Any]) -> Shown:
    """Return a task's form and its data in the reader's words."""
    translated = form_in_words(task.process_key, schema) or schema
    given = values_in_words(task.process_key, values, schema)
    said = _said_of(task, translated, given)
    if not said:
        return Shown(translated, given)
    return Shown(bundle_texts.form_with(translated, lambda text: _with_words(text, said)), {**given, PLACE: said})


def shown_sentence(item: Item, pattern: str) -> str:
    """Return a text of the form of something that waits for a yes, its values in the reader's words, line by line."""
    task = item.task
    given = values_in_words(task.process_key, item.known, {})
    text = words(task.process_key).get(pattern) or pattern
    said = _said_of(task, {"components": [{"text": text}]}, given)
    pattern, known = _with_words(text, said), {**given, **{f"{PLACE}.{name}": value for name, value in said.items()}}
    told = (plain(line, known) for line in pattern.split("\n"))
    return "\n".join(filter(None, told)) if plain(pattern, known) else ""


def shown_value(item: Item, key: str, value: Any) -> Any:
    """Return one answer in the reader's words."""
    labels = form_choices.of_user_task(db.session(), item.task).get(key, {})
    if isinstance(value, str) and value in labels:
        return words(item.task.process_key).get(labels[value]) or labels[value]
    if isinstance(value, str) and _DAY.fullmatch(value):
        return _day(value)
    return value


def _said_of(task: UserTask, schema: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, str]:
    """Return by its name each value that the texts of a form show and that is said differently than it is kept."""
    named: dict[str, Any] = {}
    asked = bundle_texts.keys_of(schema)

    def note(text: str) -> str:
        for part in _LOOP.split(text)[::2]:
            for found in _VALUE.finditer(part):
                path = found[1] or found[2]
                value = _at(values, path)
                if path.partition(".")[0] not in asked and value not in (None, ""):
                    named[path] = value
        return text

    bundle_texts.form_with(schema, note)
    if not named:
        return {}
    labels, known = form_choices.of_user_task(db.session(), task), words(task.process_key)
    names = _names(named)
    said: dict[str, str] = {}
    for path, value in named.items():
        shown = names.get(value) if isinstance(value, str) and _PERSON.search(path) else None
        shown = shown or _said(path, value, labels, known)
        if shown is not None and shown != value:
            said[path.replace(".", "__")] = shown
    return said


def _said(path: str, value: Any, labels: form_choices.Labels, known: bundle_texts.Words) -> str | None:
    if isinstance(value, str):
        if value in labels.get(path, {}):
            label = labels[path][value]
            # "GBP – pound sterling" is for who chooses it; beside the sum its code is enough.
            return None if label.startswith(f"{value} – ") else known.get(label) or label
        if _DAY.fullmatch(value):
            return _day(value)
        if value in OUTCOMES or "_" in value:
            return outcome(value)
        return known.get(value) if "." in path else None
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool) and value >= _GROUPED_FROM):
        return formats.number(value)
    return None


def _with_words(text: str, said: Mapping[str, str]) -> str:
    def named(found: re.Match[str]) -> str:
        name = (found[1] or found[2]).replace(".", "__")
        return f"{{{{{PLACE}.{name}}}}}" if name in said else found[0]

    parts = _LOOP.split(text)
    parts[::2] = [_VALUE.sub(named, part) for part in parts[::2]]
    return "".join(parts)


def _names(named: Mapping[str, Any]) -> dict[str, str]:
    """Return the names of the people, and the titles of the groups, that values stand for."""
    asked = {value for path, value in named.items() if isinstance(value, str) and _PERSON.search(path)}
    if not asked:
        return {}
    titles = {name: group_title(name) for name in asked if name in GROUPS}
    return titles | people.display_names(db.session(), asked - titles.keys())


def _at(values: Mapping[str, Any], path: str) -> Any:
    found: Any = values
    for name in path.split("."):
        found = found.get(name) if isinstance(found, Mapping) else None
    return found


def _day(value: str) -> str | None:
    try:
        return formats.day(date.fromisoformat(value))
    except ValueError:
        return None
