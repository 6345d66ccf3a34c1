"""Which processes are deployed."""

from __future__ import annotations

from typing import Any

from flask import Response
from marshmallow import Schema, fields, validate

from engine import deployments
from engine.models import ProcessDefinition
from webui.api.v1.blueprint import ApiBlueprint, operation, page_of
from webui.api.v1.schemas import ProcessDefinitionSchema, StartFormSchema
from webui.auth import current_actor
from webui.db import db
from webui.languages import model_texts

bp = ApiBlueprint(
    "process definitions", __name__, url_prefix="/process-definitions", description="Processes that are deployed."
)
ProcessDefinitionsSchema = page_of(ProcessDefinitionSchema, "ProcessDefinitions")
XML = {"200": {"description": "BPMN 2.0 XML.", "content": {"application/xml": {"schema": {"type": "string"}}}}}


class DiagramArgsSchema(Schema):
    """How a diagram is wanted."""

    language = fields.String(
        load_default=None,
        validate=validate.Length(max=35),
        metadata={"description": "Show the texts in this language (IETF tag) where they are translated."},
    )


@bp.get("")
@bp.response(200, ProcessDefinitionsSchema)
@operation("list_process_definitions")
def list_latest() -> dict[str, Any]:
    """List the newest version of each process (all on one page: a firm has tens)."""
    return {"items": [_shown(definition) for definition in deployments.all_latest(db.session())], "next_cursor": None}


@bp.get("/<string:key>/<int:version>")
@bp.response(200, ProcessDefinitionSchema)
@operation("get_process_definition", 404)
def show(key: str, version: int) -> dict[str, Any]:
    """Show one version of a process."""
    return _shown(deployments.get(db.session(), key, version))


@bp.get("/<string:key>/<int:version>/xml")
@bp.doc(responses=XML)
@bp.arguments(DiagramArgsSchema, location="query", as_kwargs=True)
@operation("get_process_definition_xml", 404)
def xml(key: str, version: int, language: str | None) -> Response:
    """Return the diagram as it was deployed, or with its texts in a language to be shown in."""
    session = db.session()
    content = deployments.xml(session, deployments.get(session, key, version))
    shown = model_texts.diagram_in_words(key, content, language) if language else content
    return Response(shown, mimetype="application/xml")


@bp.get("/<string:key>/<int:version>/start-form")
@bp.response(200, StartFormSchema)
@operation("get_start_form", 404)
def start_form(key: str, version: int) -> dict[str, Any]:
    """Return the form whose answers are the variables of ``POST /process-instances``."""
    session = db.session()
    form_key, form = deployments.start_form(session, deployments.get(session, key, version)) or (None, None)
    return {"form_key": form_key, "form": form}


def _shown(definition: ProcessDefinition) -> dict[str, Any]:
    return {
        "id": definition.id,
        "key": definition.key,
        "version": definition.version,
        "name": definition.name,
        "deployment_id": definition.deployment_id,
        "deployed_at": definition.deployed_at,
        "may_start": deployments.may_start(db.session(), definition, current_actor()),
    }
