"""The OpenAPI 3.1 description: what flask-smorest derives from the views, made complete.

To each operation are added the bearer token, the ``Idempotency-Key`` of writes, a stable
``operationId``, and every problem that may come instead of the answer.
"""

from __future__ import annotations

from copy import deepcopy
from threading import Lock
from typing import Any

from apispec import APISpec
from flask import Flask
from flask_smorest import Api
from marshmallow import Schema, fields

from webui.errors import PROBLEM_JSON, WEB_REFUSALS

VERSION = "1.0.0"
DESCRIPTION = """\
A firm's matters, driven by its BPMN models.

Send `Authorization: Bearer TOKEN` (`matterflow token create --user NAME` makes one). Times are ISO 8601 in UTC.
Every refusal is a problem document (RFC 9457) whose `code` never changes. Every write takes an `Idempotency-Key`:
the same request sent again with the same key within a day is carried out once and answered twice. Lists come in
pages: hand `next_cursor` back as `cursor` until it is null. What a person may not see does not exist for them.
"""
IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes the request safe to send again: 1 to 255 visible ASCII characters, kept for a day.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
}
REPLAYED = {
    "description": "`true` when the request had been carried out before and this is its first answer.",
    "schema": {"type": "string", "enum": ["true"]},
}
_ALWAYS = (401, 500, 503)
_WITH_BODY = (400, 413, 415, 422)


class ProblemSchema(Schema):
    """A refusal (RFC 9457), with the facts of the refusal beside the fixed members."""

    type = fields.String(required=True, metadata={"format": "uri", "description": "`urn:matterflow:problem:CODE`"})
    title = fields.String(required=True, metadata={"description": "The refusal in one sentence."})
    status = fields.Integer(required=True, metadata={"description": "The HTTP status code."})
    detail = fields.String(required=True, metadata={"description": "What was refused this time."})
    code = fields.String(required=True, metadata={"description": "Names the refusal for programs; never changes."})
    instance = fields.String(
        required=True, metadata={"format": "uri", "description": "Names this request in the server's log."}
    )
    fields_ = fields.Dict(
        keys=fields.String(),
        values=fields.String(),
        data_key="fields",
        metadata={"description": "What is wrong, by field (for codes such as `form_invalid` and `fields_invalid`)."},
    )
    findings = fields.List(
        fields.Dict(), metadata={"description": "What is wrong with a bundle (`deployment_refused`)."}
    )
    element_id = fields.String(allow_none=True, metadata={"description": "The BPMN element concerned."})
    assignee = fields.String(allow_none=True, metadata={"description": "Who was faster (`user_task_already_claimed`)."})


class ApiDocument(Api):
    """Flask-smorest's description, completed; refusals are answered by ``webui.errors``."""

    DEFAULT_ERROR_RESPONSE_NAME = None  # type: ignore[assignment]

    def __init__(self, app: Flask) -> None:
        self._undescribed: list[Any] = []
        self._describing = Lock()
        super().__init__(
            app,
            spec_kwargs={
                "info": {"description": DESCRIPTION},
                "servers": [{"url": "/"}],
                "security": [{"bearer": []}],
            },
        )
        self._description.components.security_scheme(
            "bearer", {"type": "http", "scheme": "bearer", "description": "A token of `matterflow token create`."}
        )

    @property
    def _description(self) -> APISpec:
        assert self.spec is not None, "made by init_app"
        return self.spec

    def register_blueprint(self, blp: Any, **options: Any) -> None:
        """Serve a noun; it is described when somebody first asks, because that takes longer than all else at start."""
        assert self._app is not None, "given to __init__"
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blp.name] = self
        self._app.register_blueprint(blp, **options)
        self._undescribed.append(blp)

    def describe(self) -> APISpec:
        """Return the description of every noun that is served; each goes by its tag, not by its blueprint's name."""
        with self._describing:
            while self._undescribed:
                noun = self._undescribed.pop(0)
                noun.register_views_in_doc(self, self._app, self._description, name=noun.name, parameters=None)
                self._description.tag({"name": noun.tag, "description": noun.description})
        return self._description

    def _register_error_handlers(self) -> None:
        """Leave refusals to ``webui.errors``."""

    def _register_responses(self) -> None:
        self._description.components.schema("Problem", schema=ProblemSchema)
        schema = self._description.components.schemas["Problem"]
        schema["additionalProperties"] = True
        for status, (_code, title) in WEB_REFUSALS.items():
            self._description.components.response(
                f"Problem{status}",
                {
                    "description": title,
                    "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
                },
                lazy=True,
            )

    def _register_pagination_header(self) -> None:
        """Pages are told in the body."""

    def _register_etag_headers(self) -> None:
        """None are sent."""

    def _openapi_json(self) -> Any:
        self.describe()
        response = super()._openapi_json()
        response.headers["Cache-Control"] = "no-cache"
        return response


def complete(operation: dict[str, Any], info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
    """Add to one operation what is true of all of its kind; registered with each blueprint."""
    operation = deepcopy(operation)
    refused = set(info.get("problems", ())) | set(_ALWAYS)
    if method in ("post", "put", "patch", "delete"):
        refused |= {409, *_WITH_BODY}
        for status, answer in operation["responses"].items():
            if str(status).startswith("2"):
                answer.setdefault("headers", {})["Idempotency-Replayed"] = REPLAYED
        operation.setdefault("parameters", []).append(IDEMPOTENCY_KEY)
    elif operation.get("parameters"):
        refused |= {400, 422}
    responses = operation.setdefault("responses", {})
    responses.pop(422, None)
    responses.pop("422", None)
    for status in sorted(refused):
        responses[str(status)] = f"Problem{status}"
    return operation
