"""Reads YAML that nobody has to trust: plain values, no references, no types of its own, bounded."""

import math
import re
from typing import Any, cast

import yaml

from engine import limits


class YamlRefused(Exception):
    """The text is not YAML that we read; the sentence says why."""


class _Loader(yaml.SafeLoader):
    """YAML 1.2's core types: ``no``, ``09:30`` and ``2026-09-01`` stay the texts they look like."""

    yaml_implicit_resolvers = {}

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        """Refuse a key that is there twice."""
        names: set[Any] = set()
        for key, _ in node.value:
            if key.value in names if isinstance(key.value, str) else True:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key '{str(key.value)[:60]}' is there twice or is no text", node.start_mark
                )
            names.add(key.value)
        return super().construct_mapping(node, deep=deep)


for _tag, _pattern, _first in (
    ("null", r"^(?:null|~|)$", ["n", "~", ""]),
    ("bool", r"^(?:true|false)$", ["t", "f"]),
    ("int", r"^[-+]?[0-9]{1,18}$", list("-+0123456789")),
    ("float", r"^[-+]?[0-9]{1,18}\.[0-9]{1,18}$", list("-+0123456789")),
):
    _Loader.add_implicit_resolver(  # pyright: ignore[reportUnknownMemberType] - PyYAML has no types
        f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first
    )


def read(content: bytes, *, references: bool = False) -> Any:
    """Return what a YAML text says: texts, numbers, booleans, null, lists and mappings with text keys.

    With ``references`` a part may be taken up again by its name, as long as the whole, written out, stays small.

    Raises:
        YamlRefused: it is no such text, too large, nested too deep, refers to itself, or names a type.
    """
    if len(content) > limits.YAML_BYTES:
        raise YamlRefused(f"it is larger than {limits.YAML_BYTES // 1_000} kB")
    try:
        text = content.decode("utf-8-sig")
        _check_events(text, references=references)
        value = yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader with fewer types
    except UnicodeDecodeError:
        raise YamlRefused("it is not UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise YamlRefused(" ".join(str(error).split())[:500]) from None
    _check_values(value)
    return value


def _check_events(text: str, *, references: bool) -> None:
    depth, size = 0, 0
    sizes: dict[str, int] = {}
    open_parts: list[tuple[str | None, int]] = []
    for event in cast("Any", yaml).parse(text, _Loader):
        size += 1
        if isinstance(event, yaml.AliasEvent):
            if not references or event.anchor not in sizes:
                line = event.start_mark.line + 1
                raise YamlRefused(f"line {line} refers to another part (*{event.anchor}): write it out")
            size += sizes[event.anchor]
        if isinstance(event, (yaml.SequenceStartEvent, yaml.MappingStartEvent)):
            depth += 1
            open_parts.append((event.anchor, size))
            if depth > limits.YAML_DEPTH:
                raise YamlRefused(f"it is nested more than {limits.YAML_DEPTH} deep")
        elif isinstance(event, (yaml.SequenceEndEvent, yaml.MappingEndEvent)):
            depth -= 1
            anchor, before = open_parts.pop()
            if anchor:
                sizes[anchor] = size - before
        elif isinstance(event, yaml.ScalarEvent) and event.anchor:
            sizes[event.anchor] = 1
        if size > limits.YAML_VALUES:
            raise YamlRefused(f"it says more than {limits.YAML_VALUES} values")


def _check_values(value: Any) -> None:
    ahead: list[Any] = [value]
    while ahead:
        found = ahead.pop()
        if isinstance(found, str) and "\0" in found:
            raise YamlRefused("it holds a NUL character")
        if isinstance(found, dict):
            ahead.extend(cast("dict[Any, Any]", found).keys())
            ahead.extend(cast("dict[Any, Any]", found).values())
        elif isinstance(found, list):
            ahead.extend(cast("list[Any]", found))
        elif not isinstance(found, (str, int, float, type(None))) or (
            isinstance(found, float) and not math.isfinite(found)
        ):
            raise YamlRefused(f"a {type(found).__name__} is no plain value")
