"""Which processes are deployed."""

from __future__ import annotations

from typing import Any

from flask import Response

from engine import deployments
from engine.models import ProcessDefinition
from webui.api.v1.blueprint import ApiBlueprint, operation, page_of
from webui.api.v1.schemas import ProcessDefinitionSchema, StartFormSchema
from webui.auth import current_actor
from webui.db import db

bp = ApiBlueprint(
    "process definitions", __name__, url_prefix="/process-definitions", description="Processes that are deployed."
)
ProcessDefinitionsSchema = page_of(ProcessDefinitionSchema, "ProcessDefinitions")
XML = {"200": {"description": "BPMN 2.0 XML.", "content": {"application/xml": {"schema": {"type": "string"}}}}}


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
@operation("get_process_definition_xml", 404)
def xml(key: str, version: int) -> Response:
    """Return the diagram as it was deployed."""
    session = db.session()
    return Response(deployments.xml(session, deployments.get(session, key, version)), mimetype="application/xml")


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
