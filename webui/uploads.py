"""Files that come in and go out, for pages and programs alike."""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from flask import Response, request, send_file
from flask_babel import gettext

from practice.documents import media_types, queries, store
from practice.documents.models import DocumentVersion
from practice.documents.store import Content
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
