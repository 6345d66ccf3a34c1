"""Documents on pages: sent with a form's file field or a small form of their own, and handed over as files."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, Response, flash, jsonify, redirect, request
from flask_babel import gettext
from werkzeug.wrappers import Response as Answer

from engine import clock
from practice.documents import operations, queries, store
from practice.documents.models import Document
from practice.documents.owners import PERSON, Owner
from practice.documents.queries import Filed
from practice.matters.models import Matter
from tasks import access, attachments
from webui import uploads
from webui.auth import current_actor
from webui.db import db
from webui.errors import FieldsInvalid
from webui.pages.parties import forms
from webui.pages.refusals import answers_json

bp = Blueprint("documents", __name__, url_prefix="/documents")
#: Documents that a page lists; the search finds the others.
SHOWN = 30


@bp.post("/take-in")
@answers_json
def take_in() -> Any:
    """Take in a file of a form: with the task's matter, or for its sender alone until the form is sent."""
    document = _filed(request.form.get("user_task_id"), None, title=None)
    return jsonify({"id": str(document.id), "name": document.title})


@bp.post("")
@forms.back_on_refusal
def file() -> Answer:
    """File a document from a page."""
    owner = None
    if request.form.get("owner"):
        owner = Owner(request.form.get("owner_kind", ""), request.form["owner"])
    document = _filed(request.form.get("user_task_id"), owner, title=forms.text("title"))
    flash(gettext("Filed: %(title)s.", title=document.title), "good")
    return redirect(forms.page_of_form(), 303)


@bp.get("/<uuid:document_id>")
def show(document_id: UUID) -> Response:
    """Hand a document over."""
    session = db.session()
    document = queries.get(session, document_id, actor=current_actor())
    number = request.args.get("version", type=int)
    return uploads.handed_over(queries.version(session, document, number))


@bp.post("/<uuid:document_id>/versions")
@forms.back_on_refusal
def add_version(document_id: UUID) -> Answer:
    """Add a version."""
    session, by = db.session(), current_actor()
    queries.get(session, document_id, actor=by)
    based_on = request.form.get("based_on", type=int)
    document = operations.add_version(
        session, document_id, uploads.taken_in(), based_on=based_on, by=by, now=clock.utc_now()
    )
    flash(gettext("%(title)s is in version %(number)s now.", title=document.title, number=document.version), "good")
    return redirect(forms.page_of_form(), 303)


@bp.post("/<uuid:document_id>/withdraw")
@forms.back_on_refusal
def withdraw(document_id: UUID) -> Answer:
    """Take a document off the file."""
    reason = forms.text("reason")
    document = operations.withdraw(db.session(), document_id, reason, by=current_actor(), now=clock.utc_now())
    flash(gettext("Taken off the file: %(title)s.", title=document.title), "good")
    return redirect(forms.page_of_form(), 303)


def documents_of(kind: str, number: str) -> list[Filed]:
    """Return the documents that a page shows of a record, as far as the reader sees them."""
    return queries.search(db.session(), actor=current_actor(), owner=Owner(kind, number), limit=SHOWN).items


def documents_of_read_matter(matter: Matter) -> list[Filed]:
    """Return the documents that the page of a matter shows, which was read with the reader's rights."""
    return queries.of_read_matter(db.session(), matter, limit=SHOWN)


def upload_limit() -> int:
    """Return how many bytes a file has at most."""
    return store.limit()


def file_size(size: int) -> str:
    """Write a number of bytes as people read it."""
    if size < 1000:  # noqa: PLR2004 - a kilobyte
        return gettext("%(n)s bytes", n=size)
    for unit in ("kB", "MB"):
        size = round(size / 1000)
        if size < 1000:  # noqa: PLR2004 - the next unit
            return f"{size}\N{NO-BREAK SPACE}{unit}"
    return f"{size / 1000:.1f}\N{NO-BREAK SPACE}GB"


def _filed(user_task_id: str | None, owner: Owner | None, *, title: str | None) -> Document:
    session, by = db.session(), current_actor()
    task_id = None
    if user_task_id:
        try:
            task = access.visible_user_task(session, by, UUID(user_task_id))
        except ValueError as broken:
            raise FieldsInvalid({"user_task_id": gettext("There is no such task.")}) from broken
        task_id, owner = task.id, owner or attachments.owner_of(session, task)
    content = uploads.taken_in()
    return operations.file(
        session, owner or Owner(PERSON, by.username), content, title=title,
        doc_class=request.form.get("doc_class") or "other", user_task_id=task_id, by=by, now=clock.utc_now(),
    )  # fmt: skip
