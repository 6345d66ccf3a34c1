"""Addresses: matched at once, built when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from werkzeug.routing import IntegerConverter, Rule


class Number(IntegerConverter):
    """A number in an address, of nine digits at most: no database column keeps a larger one."""

    regex = r"\d{1,9}"


class SpareRule(Rule):
    """A rule whose way back, from an endpoint to an address, is compiled when somebody first goes it.

    Werkzeug compiles two functions for every rule at once, which is most of what registering hundreds of rules takes.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        compile_now = super()._compile_builder
        compiled: list[Callable[..., tuple[str, str]]] = []

        def build(rule: Rule, /, **values: Any) -> tuple[str, str]:
            if not compiled:
                compiled.append(compile_now(append_unknown))
            return compiled[0](rule, **values)

        return build
