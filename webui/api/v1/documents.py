"""The papers of matters, enquiries and other records."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Response, abort, request
from marshmallow import Schema, fields, validate

from engine import clock
from practice.documents import operations, queries
from practice.documents.models import CLASSES, Document
from practice.documents.owners import PERSON, Owner
from practice.documents.queries import Filed
from practice.paging import Page
from tasks import access, attachments
from webui import uploads
from webui.api.v1.blueprint import ApiBlueprint, PageArgs, operation, page_of
from webui.api.v1.schemas import names_of, said, text
from webui.api.v1.work_schemas import (
    ChangedDocumentSchema,
    DocumentSchema,
    DocumentVersionsSchema,
    FiledSchema,
    WithdrawnDocumentSchema,
)
from webui.auth import current_actor
from webui.db import db
from webui.errors import FieldsInvalid

bp = ApiBlueprint("documents", __name__, url_prefix="/documents", description="The papers of matters.")
DocumentsSchema = page_of(FiledSchema, "Documents")
_TEXT = {"type": "string"}
_FILE = {"type": "string", "contentMediaType": "application/octet-stream"}


def _upload(**properties: Any) -> dict[str, Any]:
    schema = {
        "type": "object",
        "required": ["file"],
        "additionalProperties": False,
        "properties": {"file": _FILE, **properties},
    }
    return {"required": True, "content": {"multipart/form-data": {"schema": schema}}}


NEW = _upload(
    owner_kind=_TEXT | {"description": "`matter`, `enquiry`, ...; without it the file is kept for its sender alone."},
    owner=_TEXT | {"description": "The owner's number."},
    user_task_id=_TEXT | {"format": "uuid", "description": "Files it with what the user task is about."},
    title=_TEXT | {"maxLength": 200, "description": "The file's name when it is missing."},
    doc_class=_TEXT | {"enum": list(CLASSES)},
)
VERSION = _upload(
    based_on=_TEXT | {"pattern": "^[0-9]+$", "description": "The version that was worked on; refused when it is old."},
    note=_TEXT | {"maxLength": 500},
)


class DocumentFilters(PageArgs):
    """Which documents to list; everything that is given has to hold."""

    owner_kind = text(30, load_default=None)
    owner = text(100, load_default=None, **said("A number; those of a matter include those of its enquiry."))
    user_task_id = fields.UUID(load_default=None)
    doc_class = fields.String(load_default=None, validate=validate.OneOf(CLASSES))
    q = text(200, load_default=None, **said("Words of title and file name."))
    withdrawn = fields.Boolean(load_default=False, **said("Also what was taken off the file."))


class VersionArgs(Schema):
    """Which version."""

    version = fields.Integer(validate=validate.Range(min=1), **said("The newest when it is missing."))


@bp.get("")
@bp.arguments(DocumentFilters, location="query")
@bp.response(200, DocumentsSchema)
@operation("list_documents")
def list_documents(args: dict[str, Any]) -> Page[dict[str, Any]]:
    """List the documents one may see, the last changed first."""
    if (args["owner"] is None) != (args["owner_kind"] is None):
        raise FieldsInvalid({"owner": "Name owner and owner_kind together."})
    owner = Owner(args["owner_kind"], args["owner"]) if args["owner"] else None
    found = queries.search(
        db.session(), actor=current_actor(), owner=owner, user_task_id=args["user_task_id"], text=args["q"],
        doc_class=args["doc_class"], withdrawn=args["withdrawn"], limit=args["limit"], cursor=args["cursor"],
    )  # fmt: skip
    return Page([_shown(row) for row in found.items], found.next_cursor)


@bp.post("")
@bp.doc(requestBody=NEW)
@bp.response(201, FiledSchema)
@operation("file_document", 403, 404)
def file() -> dict[str, Any]:
    """File a document; one version of one file."""
    sent = _fields("owner_kind", "owner", "user_task_id", "title", "doc_class")
    session, by, now = db.session(), current_actor(), clock.utc_now()
    owner, task_id = _owner(sent), None
    if "user_task_id" in sent:
        task = access.visible_user_task(session, by, _uuid(sent["user_task_id"]))
        task_id, owner = task.id, attachments.owner_of(session, task)
    content = uploads.taken_in()
    document = operations.file(
        session, owner, content, title=sent.get("title"), doc_class=sent.get("doc_class", "other"),
        user_task_id=task_id, by=by, now=now,
    )  # fmt: skip
    return _shown(Filed(document, queries.version(session, document)))


@bp.get("/<uuid:document_id>")
@bp.response(200, FiledSchema)
@operation("get_document", 404)
def show(document_id: UUID) -> dict[str, Any]:
    """Show a document and its newest version."""
    session = db.session()
    document = queries.get(session, document_id, actor=current_actor())
    return _shown(Filed(document, queries.version(session, document)))


@bp.patch("/<uuid:document_id>")
@bp.arguments(ChangedDocumentSchema)
@bp.response(200, DocumentSchema)
@operation("change_document", 403, 404)
def change(args: dict[str, Any], document_id: UUID) -> Document:
    """Call a document something else."""
    return operations.change(db.session(), document_id, **args, by=current_actor(), now=clock.utc_now())


@bp.post("/<uuid:document_id>/withdraw")
@bp.arguments(WithdrawnDocumentSchema)
@bp.response(200, DocumentSchema)
@operation("withdraw_document", 403, 404)
def withdraw(args: dict[str, Any], document_id: UUID) -> Document:
    """Take a document off the file; it stays on record."""
    return operations.withdraw(db.session(), document_id, args["reason"], by=current_actor(), now=clock.utc_now())


@bp.get("/<uuid:document_id>/versions")
@bp.response(200, DocumentVersionsSchema)
@operation("list_document_versions", 404)
def list_versions(document_id: UUID) -> dict[str, Any]:
    """List the versions of a document."""
    session = db.session()
    return {"items": queries.versions(session, queries.get(session, document_id, actor=current_actor()))}


@bp.post("/<uuid:document_id>/versions")
@bp.doc(requestBody=VERSION)
@bp.response(201, FiledSchema)
@operation("add_document_version", 403, 404)
def add_version(document_id: UUID) -> dict[str, Any]:
    """Add a version; the same content again changes nothing."""
    sent = _fields("based_on", "note")
    session, by = db.session(), current_actor()
    queries.get(session, document_id, actor=by)
    based_on = sent.get("based_on")
    if based_on is not None and not (based_on.isascii() and based_on.isdigit() and len(based_on) < 9):  # noqa: PLR2004
        raise FieldsInvalid({"based_on": "A whole number."})
    document = operations.add_version(
        session, document_id, uploads.taken_in(), based_on=None if based_on is None else int(based_on),
        note=sent.get("note"), by=by, now=clock.utc_now(),
    )  # fmt: skip
    return _shown(Filed(document, queries.version(session, document)))


@bp.get("/<uuid:document_id>/content")
@bp.arguments(VersionArgs, location="query")
@bp.doc(
    responses={
        "200": {"description": "The file.", "content": {"application/octet-stream": {"schema": {"type": "string"}}}}
    }
)
@operation("get_document_content", 404)
def content(args: dict[str, Any], document_id: UUID) -> Response:
    """Hand a file over."""
    session = db.session()
    document = queries.get(session, document_id, actor=current_actor())
    return uploads.handed_over(queries.version(session, document, args.get("version")))


def _shown(row: Filed) -> dict[str, Any]:
    return {name: getattr(row.document, name) for name in names_of(DocumentSchema)} | {"newest": row.newest}


def _owner(sent: dict[str, str]) -> Owner:
    if "user_task_id" in sent and {"owner", "owner_kind"} & sent.keys():
        raise FieldsInvalid({"user_task_id": "Name a user task or an owner, not both."})
    if ("owner" in sent) != ("owner_kind" in sent):
        raise FieldsInvalid({"owner": "Name owner and owner_kind together."})
    return Owner(sent["owner_kind"], sent["owner"]) if "owner" in sent else Owner(PERSON, current_actor().username)


def _fields(*known: str) -> dict[str, str]:
    if request.mimetype != "multipart/form-data":
        abort(415, "Send multipart/form-data with the file in `file`.")
    unknown = sorted({*request.files, *request.form} - {"file", *known})
    if unknown:
        raise FieldsInvalid(dict.fromkeys(unknown, "Unknown field."))
    return {name: value for name, value in request.form.items() if value}


def _uuid(value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError:
        raise FieldsInvalid({"user_task_id": "Not a valid UUID."}) from None
