"""What every noun of the API shares: sign-in first, strict JSON, unknown fields refused, pages by cursor."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import Any, NoReturn

import marshmallow as ma
from flask import Request, abort, request
from flask_smorest import Blueprint
from marshmallow import Schema, fields, validate
from webargs import core
from webargs.flaskparser import FlaskParser
from webargs.flaskparser import abort as abort_with

from practice.paging import MOST_ITEMS
from webui.api.v1.document import complete
from webui.app_json import loads
from webui.auth import current_actor

#: Larger bodies than this are uploads, and those are multipart.
LARGEST_JSON = 2 * 1024 * 1024
DEEPEST_JSON = 50


class Parser(FlaskParser):
    """Reads a request; what the schema does not name is refused by name."""

    DEFAULT_UNKNOWN_BY_LOCATION = {**FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION, "query": ma.RAISE, "json": ma.RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        req.max_content_length = min(LARGEST_JSON, req.max_content_length or LARGEST_JSON)
        body = req.get_data(cache=True)
        if not body.strip():
            return core.missing
        if not req.is_json:
            abort(415, "Send application/json.")
        try:
            value = loads(body)
        except ValueError as broken:
            abort(400, f"The body is not JSON: {broken}.")
        flaw = _flaw_of(value)
        if flaw is not None:
            abort_with(422, messages={"json": {flaw[0]: [flaw[1]]}})
        return value


class ApiBlueprint(Blueprint):
    """One noun of the API; nobody comes in without being signed in."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, name: str, import_name: str, *, url_prefix: str, description: str) -> None:
        # The pages have blueprints of the same nouns.
        super().__init__(
            f"api_v1_{name.replace(' ', '_')}", import_name, url_prefix=f"/api/v1{url_prefix}", description=description
        )
        #: What the description groups the noun's operations under.
        self.tag = name
        self.before_request(_somebody)
        self._prepare_doc_cbks: list[Any] = [_schemas, _operation_id, *self._prepare_doc_cbks, complete]
        self._undescribed: list[tuple[Any, dict[str, Any]]] = []

    def arguments(self, schema: Any, **kwargs: Any) -> Any:
        """Read a request by a schema; one instance serves all requests."""
        return super().arguments(_shared(schema), **kwargs)

    def response(self, status_code: Any, schema: Any = None, **kwargs: Any) -> Any:
        """Write an answer by a schema; one instance serves all requests."""
        return super().response(status_code, _shared(schema), **kwargs)

    def add_url_rule(self, *args: Any, **kwargs: Any) -> None:
        """Serve an address and describe it under the noun's tag."""
        super().add_url_rule(*args, **{**kwargs, "tags": [self.tag]})

    def _store_endpoint_docs(self, *told: Any, **options: Any) -> None:
        """Keep what describes an address until somebody asks for the description."""
        self._undescribed.append((told, options))

    def register_views_in_doc(self, *args: Any, **kwargs: Any) -> None:
        """Describe every address of the noun."""
        while self._undescribed:
            told, options = self._undescribed.pop(0)
            super()._store_endpoint_docs(*told, **options)
        super().register_views_in_doc(*args, **kwargs)


class _Shared:
    """One instance of a schema for all requests and for the description, made when it is first needed.

    flask-smorest copies what it knows of an operation with every decorator, each time with all fields of its schemas
    (measured: an eighth of the server's start); nobody changes them.
    """

    def __init__(self, schema: type[Schema]) -> None:
        self._schema = schema

    @cached_property
    def made(self) -> Schema:
        """The instance."""
        return self._schema()

    def __call__(self, _request: Request) -> Schema:
        """Return what webargs reads a request by."""
        return self.made

    def dump(self, value: Any) -> Any:
        """Write an answer."""
        return self.made.dump(value)

    def __deepcopy__(self, _memo: Any) -> _Shared:
        return self


def _shared(schema: Any) -> Any:
    return _Shared(schema) if isinstance(schema, type) else schema


def _schemas(operation: dict[str, Any], info: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Put the schemas themselves where the description is made from."""
    answers = info.get("response", {}).get("responses", {}).values()
    for told in (*info.get("arguments", {}).get("parameters", ()), *(one for some in answers for one in some)):
        if isinstance(told, dict) and isinstance(told.get("schema"), _Shared):
            told["schema"] = told["schema"].made
    return operation


def _somebody() -> None:
    current_actor()


def _operation_id(operation: dict[str, Any], info: dict[str, Any], **_: Any) -> dict[str, Any]:
    if "operation_id" in info:
        operation["operationId"] = info["operation_id"]
    return operation


def operation(name: str, *problems: int) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Name an operation in the description and list the problems that only it may answer."""

    def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
        doc = view.__dict__.setdefault("_apidoc", {})
        doc["operation_id"] = name
        doc["problems"] = problems
        return view

    return decorate


class Query(Schema):
    """What an address asks for."""

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """An address has no null: a filter is there or it is not, and the description says so."""
        super().on_bind_field(field_name, field_obj)
        if field_obj.load_default is None:
            field_obj.load_default = _absent
            field_obj.allow_none = False


class PageArgs(Query):
    """Which page of a list, and which of its items."""

    limit = fields.Integer(
        load_default=50,
        validate=validate.Range(min=1, max=MOST_ITEMS),
        metadata={"description": "How many items at most."},
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=500),
        metadata={"description": "`next_cursor` of the page before."},
    )


def _absent() -> None:
    """Stand for a filter that was not given."""


def page_of(item: type[Schema], name: str) -> type[Schema]:
    """Make the schema of a page of ``item``."""
    page: Any = Schema.from_dict(
        {
            "items": fields.List(fields.Nested(item), required=True),
            "next_cursor": fields.String(
                required=True, allow_none=True, metadata={"description": "Hand it back as `cursor`; null at the end."}
            ),
        },
        name=name,
    )
    return page


def _flaw_of(value: Any) -> tuple[str, str] | None:
    """Find what no database column takes: NUL characters, and nesting without end."""
    ahead: list[tuple[str, Any, int]] = [("", value, 0)]
    while ahead:
        name, found, depth = ahead.pop()
        if depth > DEEPEST_JSON:
            return name[:200], f"Nested deeper than {DEEPEST_JSON}."
        if isinstance(found, str) and "\0" in found:
            return name, "A NUL character cannot be stored."
        if isinstance(found, dict):
            if any("\0" in key for key in found):
                return name, "A NUL character cannot be stored."
            ahead.extend((f"{name}.{key}" if name else key, below, depth + 1) for key, below in found.items())
        elif isinstance(found, list):
            ahead.extend((f"{name}.{index}", below, depth + 1) for index, below in enumerate(found))
    return None


def refuse(**fields_: str) -> NoReturn:
    """Refuse arguments by name, with what is wrong with each."""
    abort_with(422, messages={"query" if request.method == "GET" else "json": {k: [v] for k, v in fields_.items()}})
