"""JSON by orjson: fast, strict, bounded in depth; instants in UTC end in ``Z``."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider

_OPTIONS = orjson.OPT_NON_STR_KEYS | orjson.OPT_UTC_Z


def loads(text: str | bytes) -> Any:
    """Read JSON.

    Raises:
        ValueError: it is not JSON (NaN and Infinity are not), or it is nested deeper than 1024.
    """
    return orjson.loads(text)


class Json(JSONProvider):
    """Flask's JSON."""

    def dumps(self, obj: Any, **_: Any) -> str:
        """Write compact JSON."""
        return orjson.dumps(obj, default=str, option=_OPTIONS).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        """Read JSON (:func:`loads`)."""
        return loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Response:
        """Answer with JSON."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), default=str, option=_OPTIONS)
        return Response(body, mimetype="application/json")
