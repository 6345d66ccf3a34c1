"""Sums of money as the API writes them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, utils, validate

from practice import money


class Amount(fields.String):
    """A sum of money as a decimal text."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("validate", validate.Length(max=40))
        super().__init__(**kwargs)


def amount_of(attribute: str) -> fields.Function:
    """Write a column of minor units as a decimal text in the row's currency."""

    def told(row: Any) -> str | None:
        minor, currency = utils.get_value(row, attribute), utils.get_value(row, "currency")
        return None if minor is None else str(money.from_minor(minor, currency))

    return fields.Function(told, metadata={"type": ["string", "null"], "description": "A decimal number."})
