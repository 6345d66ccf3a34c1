"""Files that come in and go out, for pages and programs alike."""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO, cast

from flask import Response, request, send_file
from flask_babel import gettext
from sqlalchemy.orm import Session

from engine import deployments, user_tasks
from engine.actor import Actor
from engine.models import ProcessDefinition, ProcessInstance, UserTask
from practice.documents import media_types, queries, store
from practice.documents.models import DocumentVersion
from practice.documents.store import Content
from tasks import attachments, forms_shown
from webui.errors import FieldsInvalid

#: What comes with a file can run nothing and read nothing of ours, whatever a browser makes of it.
_HARMLESS = "sandbox; default-src 'none'; frame-ancestors 'none'"


def taken_in(field: str = "file") -> Content:
    """Take in the one file that was sent.

    Raises:
        FieldsInvalid: none was sent.
        DocumentEmpty, DocumentTooLarge, DocumentTypeFalse, DocumentTypeRefused, NoRoomForDocuments.
    """
    file = request.files.get(field)
    if file is None or not file.filename:
        raise FieldsInvalid({field: gettext("Choose a file.")})
    return store.take_in(cast("BinaryIO", file.stream), file.filename)


def handed_over(found: DocumentVersion) -> Response:
    """Return a version of a document as a file to keep: never as a page, whatever is in it."""
    served = media_types.served_as(found.media_type)
    response: Any = send_file(
        queries.content(found), served, as_attachment=True, download_name=found.file_name, etag=found.sha256
    )
    response.headers["Content-Security-Policy"] = _HARMLESS
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return cast("Response", response)


def settle_task(
    session: Session, task: UserTask, answers: dict[str, Any], *, by: Actor, now: datetime, shown: str | None = None
) -> None:
    """File what a task's form names, and refuse answers to a form that is no longer the task's (``shown``).

    Raises:
        FormInvalid, FormChanged.
    """
    forms_shown.require_same(session, task, shown)
    if task.state == "created" and attachments.may_name_files(answers):
        owner = attachments.owner_of(session, task)
        attachments.settle(session, user_tasks.form(session, task), answers, owner, by=by, now=now)


def settle_started(
    session: Session, instance: ProcessInstance, answers: dict[str, Any], *, by: Actor, now: datetime
) -> None:
    """File what a start form names with what has begun.

    Raises:
        FormInvalid.
    """
    if not attachments.may_name_files(answers):
        return
    form = deployments.start_form(session, session.get_one(ProcessDefinition, instance.definition_id))
    owner = attachments.owner_of_instance(session, instance)
    attachments.settle(session, form[1] if form else None, answers, owner, by=by, now=now)
