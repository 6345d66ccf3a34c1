"""Importing and exporting clients and matters."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, request, send_file
from marshmallow import Schema, fields, validate

from engine import clock
from practice.exchange import sheets
from practice.exchange.columns import PROBLEMS
from practice.exchange.errors import FileUnreadable
from practice.exchange.imports import Problem
from webui import exchange
from webui.api.v1.blueprint import ApiBlueprint, operation
from webui.api.v1.schemas import Answer, said
from webui.auth import current_actor
from webui.db import db, reading, writing
from webui.errors import FieldsInvalid

bp = ApiBlueprint("exchange", __name__, url_prefix="", description="Lists that come in and go out as files.")
KINDS = ("clients", "matters")
UPLOAD = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": ["file"],
                "additionalProperties": False,
                "properties": {
                    "file": {
                        "type": "string",
                        "contentMediaType": "application/octet-stream",
                        "description": "CSV or XLSX; the first row holds the column names.",
                    },
                    "encoding": {"type": "string", "enum": list(sheets.ENCODINGS), "default": "utf-8"},
                },
            }
        }
    },
}


class ProblemOfRowSchema(Answer):
    """What is wrong with one cell or row."""

    row = fields.Integer(required=True, **said("The number that a spreadsheet shows; the first row is 1."))
    column = fields.String(required=True, **said("Empty when it is the whole row."))
    code = fields.String(required=True, validate=validate.OneOf(tuple(PROBLEMS)))
    message = fields.String(required=True)
    value = fields.String(required=True)


class ImportSchema(Answer):
    """What a file holds, and every problem in it."""

    rows = fields.Integer(required=True)
    known = fields.Integer(required=True, **said("Rows whose reference was imported before; they are passed over."))
    problem_rows = fields.Integer(required=True)
    imported = fields.Integer(required=True, **said("Rows that were stored; 0 in a check."))
    problems = fields.List(fields.Nested(ProblemOfRowSchema), required=True)


class ExportArgs(Schema):
    """In which form."""

    format = fields.String(load_default="csv", validate=validate.OneOf(tuple(exchange.FORMATS)))


@bp.post("/imports/<string:kind>/check")
@bp.doc(requestBody=UPLOAD)
@bp.response(200, ImportSchema)
@operation("check_import", 403, 404)
def check(kind: str) -> dict[str, Any]:
    """List every problem of a file of clients or matters; nothing is stored."""
    file, encoding = _uploaded()
    problems: list[Problem] = []
    counts = exchange.check(reading, kind, file, encoding=encoding, by=current_actor(), told=problems.append)
    return exchange.as_dict(counts, problems)


@bp.post("/imports/<string:kind>")
@bp.doc(requestBody=UPLOAD)
@bp.response(200, ImportSchema)
@operation("import_list", 403, 404)
def import_list(kind: str) -> dict[str, Any]:
    """Import a file of clients or matters, if no row of it has a problem.

    Rows are stored in batches. When something stops the import, send the same file again: what is stored is
    passed over.
    """
    file, encoding = _uploaded()
    by = current_actor()
    db.session.rollback()  # the batches have transactions of their own, and SQLite has one writer
    counts = exchange.run(reading, writing, kind, file, encoding=encoding, by=by, now=clock.utc_now())
    return exchange.as_dict(counts, [])


@bp.get("/exports/<string:kind>")
@bp.arguments(ExportArgs, location="query")
@bp.doc(
    responses={
        "200": {
            "description": "The list as a file, in the form in which it is imported.",
            "content": {media: {"schema": {"type": "string"}} for media in ("text/csv", exchange.FORMATS["xlsx"])},
        }
    }
)
@operation("export_list", 403, 404)
def export(args: dict[str, Any], kind: str) -> Response:
    """Export the clients or matters that the person may see and take out; it is on record who did."""
    wanted = args["format"]
    found = exchange.export(reading, writing, kind, wanted, by=current_actor(), criteria=None)
    return send_file(found, exchange.FORMATS[wanted], as_attachment=True, download_name=f"{kind}.{wanted}")


def _uploaded() -> tuple[Any, str]:
    if request.mimetype != "multipart/form-data":
        abort(415, "Send multipart/form-data with the list in `file`.")
    unknown = sorted({*request.files, *request.form} - {"file", "encoding"})
    if unknown:
        raise FieldsInvalid(dict.fromkeys(unknown, "Unknown field."))
    file = request.files.get("file")
    if file is None:
        raise FileUnreadable("file", "Send a file.")
    return file.stream, request.form.get("encoding") or "utf-8"
