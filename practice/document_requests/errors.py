"""What requests for documents refuse."""

from dataclasses import dataclass

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class DocumentRequestNotFound(NotFound):
    """There is no such request."""

    code = "document_request_not_found"
    number: str


@dataclass(eq=False, repr=False)
class DocumentRequestEnded(Conflict):
    """Nobody waits for these documents any more."""

    code = "document_request_ended"
    number: str
    state: str


@dataclass(eq=False, repr=False)
class DocumentsUnnamed(Invalid):
    """A request names at least one document, each once, one on a line."""

    code = "documents_unnamed"
    field: str


@dataclass(eq=False, repr=False)
class DocumentUnknown(Invalid):
    """The request has no such document, or it has been settled already."""

    code = "document_unknown"
    field: str
    document: str
