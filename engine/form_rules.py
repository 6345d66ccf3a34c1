"""Is a form one that we can show and check? Looked at when its bundle is handed in, so that no answer fails later."""

import math
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any, Final, cast

import orjson

from engine import limits
from engine.feel import expressions, patterns
from engine.findings import Finding

_NUMBERS: Final = ("minLength", "maxLength", "min", "max")
_TEXTS: Final = ("pattern", "patternErrorMessage", "validationType")
_HOLDERS: Final = ("group", "dynamiclist")


class _Wrong(Exception):
    """Something about a form that its file's finding says."""


def read(name: str, content: bytes) -> tuple[dict[str, Any] | None, list[Finding]]:
    """Return a form's schema, None when it cannot be used, and what is wrong with it."""
    if len(content) > limits.FORM_BYTES:
        return None, [_finding(name, None, f"The form is larger than {limits.FORM_BYTES // 1_000_000} MB.")]
    try:
        schema = orjson.loads(content)
    except (orjson.JSONDecodeError, RecursionError) as error:
        return None, [Finding("error", "form_syntax", None, f"The form is not JSON: {error}", None, name)]
    if not isinstance(schema, dict) or not isinstance(cast("dict[str, Any]", schema).get("components"), list):
        return None, [_finding(name, None, "The form has no list of components.")]
    form = cast("dict[str, Any]", schema)
    try:
        components = list(_components(form["components"]))
    except _Wrong as wrong:
        return None, [_finding(name, None, str(wrong))]
    findings = [_finding(name, key, problem) for key, problem in _field_problems(components)]
    return (None if findings else form), findings


def key_of(name: str) -> str:
    """Return the form key of a file."""
    return PurePosixPath(name).stem


def _components(items: list[Any]) -> Iterator[dict[str, Any]]:
    ahead: list[tuple[Any, int]] = [(item, 1) for item in reversed(items)]
    count = 0
    while ahead:
        item, depth = ahead.pop()
        count += 1
        if count > limits.FORM_FIELDS:
            raise _Wrong(f"The form has more than {limits.FORM_FIELDS} components.")
        if depth > limits.FORM_DEPTH:
            raise _Wrong(f"The form's groups are nested more than {limits.FORM_DEPTH} deep.")
        component = _mapping(item)
        if component is None or not isinstance(component.get("type"), str):
            raise _Wrong(f"Component {count} of the form has no type.")
        for name in ("key", "path", "id"):
            if not isinstance(component.get(name, ""), str) or "\0" in component.get(name, ""):
                raise _Wrong(f"Component {count} of the form has a {name} that is no text.")
        inner: Any = component.get("components") or []
        if not isinstance(inner, list):
            raise _Wrong(f"Component {count} of the form holds no list of components.")
        yield component
        ahead.extend((child, depth + 1) for child in reversed(cast("list[Any]", inner)))


def _field_problems(components: list[dict[str, Any]]) -> Iterator[tuple[str | None, str]]:
    conditions: list[tuple[str | None, str]] = []
    for component in components:
        key = component.get("key") or component.get("path") or component.get("id")
        if len(key or "") > limits.VARIABLE_NAME:
            yield (key or "")[: limits.SHORT], f"The field's key is longer than {limits.VARIABLE_NAME} characters."
            continue
        rules, conditional = component.get("validate"), component.get("conditional")
        if rules is not None:
            problem = _rules_problem(rules)
            if problem:
                yield key, f"Field '{key}': {problem}"
        if component.get("decimalDigits") is not None and not _is_number(component["decimalDigits"]):
            yield key, f"Field '{key}': its number of decimal places is no number."
        if conditional is not None:
            hide = (_mapping(conditional) or {}).get("hide")
            if _mapping(conditional) is None or not isinstance(hide, str | None):
                yield key, f"Field '{key}': its condition is no text."
            elif hide:
                conditions.append((key, hide))
    for (key, _), problem in zip(conditions, expressions.check_many([text for _, text in conditions]), strict=True):
        if problem:
            yield key, f"Field '{key}': its condition does not parse as FEEL: {problem}"


def _rules_problem(given: Any) -> str | None:
    rules = _mapping(given)
    if rules is None:
        return "its rules are no mapping."
    for name in _NUMBERS:
        if rules.get(name) not in (None, "") and not _is_number(rules[name]):
            return f"its {name} is no number."
    for name in _TEXTS:
        if not isinstance(rules.get(name), str | None):
            return f"its {name} is no text."
    if rules.get("pattern"):
        return patterns.check(rules["pattern"])
    return None


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float | str) or len(str(value)) > limits.SHORT:
        return False
    try:
        return math.isfinite(float(value))
    except (ValueError, OverflowError):
        return False


def _mapping(value: Any) -> dict[str, Any] | None:
    return cast("dict[str, Any]", value) if isinstance(value, dict) else None


def _finding(resource: str, element_id: str | None, message: str) -> Finding:
    return Finding("error", "form_schema", element_id, message, None, resource)
