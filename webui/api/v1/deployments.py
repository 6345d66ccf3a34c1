"""Checking and deploying bundles."""

from __future__ import annotations

from typing import Any

from flask import abort, request

from engine import bundles, clock, deployments
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import CheckSchema, DeploymentSchema
from webui.auth import current_actor, require_right
from webui.db import db
from webui.errors import FieldsInvalid

bp = ApiBlueprint("deployments", __name__, url_prefix="/deployments", description="Process bundles.")
#: A bundle is a folder of small text files.
MOST_FILES = 500
UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["files"],
                "additionalProperties": False,
                "properties": {
                    "files": {
                        "type": "array",
                        "minItems": 1,
                        "maxItems": MOST_FILES,
                        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
                        "description": (
                            "The bundle's files, each part's filename being its path in the bundle "
                            "(`forms/enquiry.form`), or one zip of the bundle's folder."
                        ),
                    }
                },
            }
        }
    },
}


@bp.post("")
@bp.doc(requestBody=UPLOAD)
@bp.response(201, DeploymentSchema)
@operation("deploy", 403)
def deploy() -> dict[str, Any]:
    """Deploy a bundle; the same content again answers the deployment there is."""
    require_right("deploy_processes")
    deployment, findings = deployments.deploy_and_tell(
        db.session(), _uploaded(), by=current_actor(), now=clock.utc_now()
    )
    return {
        "id": deployment.id,
        "process_definitions": deployment.process_definitions,
        "findings": [finding.as_dict() for finding in findings],
    }


@bp.post("/check")
@bp.doc(requestBody=UPLOAD)
@bp.response(200, CheckSchema)
@operation("check_deployment", 403)
def check() -> dict[str, Any]:
    """Check a bundle; nothing is stored."""
    require_right("deploy_processes")
    findings = deployments.check(_uploaded())
    return {
        "ok": not any(finding.severity == "error" for finding in findings),
        "findings": [finding.as_dict() for finding in findings],
    }


def _uploaded() -> dict[str, bytes]:
    if request.mimetype != "multipart/form-data":
        abort(415, "Send multipart/form-data with the bundle's files in `files`.")
    unknown = sorted({*request.files, *request.form} - {"files"})
    if unknown:
        raise FieldsInvalid(dict.fromkeys(unknown, "Unknown field."))
    files = request.files.getlist("files")
    if not files:
        raise FieldsInvalid({"files": "Missing: send at least one file."})
    if len(files) > MOST_FILES:
        raise FieldsInvalid({"files": f"More than {MOST_FILES} files."})
    return bundles.from_uploads((file.filename or "", file.stream.read()) for file in files)
