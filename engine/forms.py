"""Checks a person's answers against a form-js schema, as the browser did, for those who do not ask a browser.

Source of the schema's meaning: form-js, https://github.com/bpmn-io/form-js (schema version 19).
"""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from typing import Any, cast

from engine.errors import FormInvalid
from engine.feel import expressions, patterns
from engine.variables import checked

_PASSIVE = ("text", "html", "image", "button", "spacer", "separator", "table", "iframe", "documentPreview")
_CHOICES = ("select", "radio")
_MANY = ("checklist", "taglist")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+\Z")
_PHONE = re.compile(r"\+?[\d\s().\-/]{5,}\Z")
MAX_TEXT = 100_000
MOST_FILES = 100
LONGEST_FILE_NAME = 300


def validate(
    schema: Mapping[str, Any], answers: Mapping[str, Any], *, context: Mapping[str, Any], now: datetime | None = None
) -> dict[str, Any]:
    """Return the answers that a form accepts, hidden fields left out.

    ``context`` is what the form could show: the variables of its user task.

    Raises:
        FormInvalid: with one sentence for each field that is missing, wrong, or not the form's.
    """
    fields = {field["key"]: field for field in _fields(schema.get("components") or [])}
    wrong = {key: "This form has no such field." for key in answers if key not in fields}
    hidden = _hidden(fields, {**context, **{key: answers.get(key) for key in fields}}, now)
    accepted: dict[str, Any] = {}
    for key, field in fields.items():
        if key in hidden or field.get("disabled") or field.get("readonly") is True or field["type"] == "expression":
            continue
        value = answers.get(key)
        problem = _problem(field, value, context)
        if problem:
            wrong[key] = problem
        elif not _is_missing(value):
            accepted[key] = value
        elif key in answers:
            accepted[key] = None
    if wrong:
        raise FormInvalid(wrong)
    return checked(accepted)


def prefilled(schema: Mapping[str, Any], variables: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a form shows when it opens: all that is known, but for decisions, which are made anew each time.

    In a loop a task comes back with its earlier answers: texts, dates and amounts are shown again, radio buttons and
    boxes to tick are not, unless the field's custom property ``keep`` is ``true`` (a checklist that grows).
    """
    fresh = {
        field["key"]
        for field in _fields(schema.get("components") or [])
        if field["type"] in ("radio", "checkbox") and _as_object(field.get("properties")).get("keep") != "true"
    }
    return {name: value for name, value in variables.items() if name not in fresh}


def open_keys(schema: Mapping[str, Any]) -> set[str]:
    """Return the keys that a person may answer: the form's fields but for disabled, read-only and computed ones."""
    return {
        field["key"]
        for field in _fields(schema.get("components") or [])
        if not field.get("disabled") and field.get("readonly") is not True and field["type"] != "expression"
    }


def _fields(components: list[Any]) -> Iterator[dict[str, Any]]:
    for item in components:
        component = _as_object(item)
        if component.get("type") in _PASSIVE:
            continue
        if component.get("type") == "group" and not component.get("path"):
            hide = _as_object(component.get("conditional")).get("hide")
            for field in _fields(component.get("components") or []):
                yield {**field, "hides": [*field["hides"], *([hide] if hide else [])]}
        elif component.get("key"):
            hide = _as_object(component.get("conditional")).get("hide")
            yield {**component, "hides": [hide] if hide else []}
        elif component.get("path"):
            yield {**component, "key": component["path"], "hides": []}


def _as_object(value: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else {}


def _hidden(fields: Mapping[str, dict[str, Any]], data: Mapping[str, Any], now: datetime | None) -> set[str]:
    conditions = [(key, text) for key, field in fields.items() for text in field["hides"]]
    if not conditions:
        return set()
    results = expressions.evaluate_many([text for _, text in conditions], data, now=now)
    return {key for (key, _), result in zip(conditions, results, strict=True) if result is True}


def _is_missing(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _problem(field: Mapping[str, Any], value: Any, context: Mapping[str, Any]) -> str | None:
    rules: Mapping[str, Any] = field.get("validate") or {}
    if _is_missing(value) or (field["type"] == "checkbox" and value is False):
        return "This is required." if rules.get("required") else None
    kind = field["type"]
    if kind in ("textfield", "textarea"):
        return _text_problem(rules, value)
    if kind == "number":
        return _number_problem(field, rules, value)
    if kind == "checkbox":
        return None if isinstance(value, bool) else "This is either ticked or not."
    if kind == "datetime":
        return _date_problem(field, value)
    if kind in _CHOICES:
        return None if _is_offered(field, value, context) else "This is not one of the choices."
    if kind in _MANY:
        if not isinstance(value, list):
            return "This is a list of choices."
        chosen = cast("list[Any]", value)
        offered = all(_is_offered(field, item, context) for item in chosen)
        return None if offered else "One of these is not among the choices."
    if kind == "dynamiclist":
        return _list_problem(field, value, context)
    if kind == "filepicker":
        return _files_problem(field, value)
    return None


def _files_problem(field: Mapping[str, Any], value: Any) -> str | None:
    """Files are named by whoever keeps them, as ``[{"id": ..., "name": ...}]``: the form holds none itself."""
    if not isinstance(value, list):
        return "This is a list of files."
    files = [_as_object(item) for item in cast("list[Any]", value)]
    if len(files) > MOST_FILES:
        return f"These are more than {MOST_FILES} files."
    if not all(set(file) == {"id", "name"} and all(_is_short(file[key]) for key in file) for file in files):
        return "Each file has an id and a name."
    return "This is one file." if len(files) > 1 and not field.get("multiple") else None


def _is_short(value: Any) -> bool:
    return isinstance(value, str) and 0 < len(value) <= LONGEST_FILE_NAME


def _text_problem(rules: Mapping[str, Any], value: Any) -> str | None:
    if not isinstance(value, str):
        return "This is a text."
    if len(value) > int(rules.get("maxLength") or MAX_TEXT):
        return f"This has at most {rules.get('maxLength') or MAX_TEXT} characters."
    if rules.get("minLength") is not None and len(value) < int(rules["minLength"]):
        return f"This has at least {rules['minLength']} characters."
    if rules.get("pattern") and not patterns.matches(str(rules["pattern"]), value):
        return str(rules.get("patternErrorMessage") or "This does not have the form that is asked for.")
    if rules.get("validationType") == "email" and not _EMAIL.match(value):
        return "This is no e-mail address."
    if rules.get("validationType") == "phone" and not _PHONE.match(value):
        return "This is no telephone number."
    return None


def _number_problem(field: Mapping[str, Any], rules: Mapping[str, Any], value: Any) -> str | None:
    if field.get("serializeToString") and isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return "This is a number."
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return "This is a number."
    if rules.get("min") is not None and value < float(rules["min"]):
        return f"This is at least {rules['min']}."
    if rules.get("max") is not None and value > float(rules["max"]):
        return f"This is at most {rules['max']}."
    digits = field.get("decimalDigits")
    if digits is not None and round(value, int(digits)) != value:
        return f"This has at most {digits} decimal places." if int(digits) else "This is a whole number."
    return None


def _date_problem(field: Mapping[str, Any], value: Any) -> str | None:
    kind = field.get("subtype") or "date"
    readers = {"date": date.fromisoformat, "time": time.fromisoformat, "datetime": datetime.fromisoformat}
    try:
        readers[kind](value)
    except (ValueError, TypeError, KeyError):
        return {"time": "This is no time of day.", "datetime": "This is no date and time."}.get(
            kind, "This is no date (YYYY-MM-DD)."
        )
    return None


def _is_offered(field: Mapping[str, Any], value: Any, context: Mapping[str, Any]) -> bool:
    """Say whether a choice is among those the form offers; choices computed in the browser accept any text."""
    if isinstance(field.get("values"), list):
        offered = cast("list[Any]", field["values"])
    elif field.get("valuesKey"):
        named = context.get(field["valuesKey"])
        if not isinstance(named, list):
            return isinstance(value, str | int | float)
        offered = cast("list[Any]", named)
    else:
        return isinstance(value, str | int | float)
    return any(type(item) is type(value) and item == value for item in (_choice_value(choice) for choice in offered))


def _choice_value(choice: Any) -> Any:
    return _as_object(choice).get("value") if isinstance(choice, dict) else choice


def _list_problem(field: Mapping[str, Any], value: Any, context: Mapping[str, Any]) -> str | None:
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in cast("list[Any]", value)):
        return "This is a list of entries."
    inner = {item["key"]: item for item in _fields(field.get("components") or [])}
    for number, entry in enumerate(cast("list[dict[str, Any]]", value), start=1):
        for key in entry:
            if key not in inner:
                return f"Entry {number} has a field '{key}' that the form has not."
        for key, item in inner.items():
            problem = _problem(item, entry.get(key), context)
            if problem:
                return f"Entry {number}, {item.get('label') or key}: {problem}"
    return None
