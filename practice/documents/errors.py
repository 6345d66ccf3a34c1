"""What documents refuse."""

from dataclasses import dataclass
from uuid import UUID

from engine.errors import Conflict, Invalid, NotFound


@dataclass(eq=False, repr=False)
class DocumentNotFound(NotFound):
    """There is no such document."""

    code = "document_not_found"
    document_id: UUID


@dataclass(eq=False, repr=False)
class DocumentVersionNotFound(NotFound):
    """This document has no such version."""

    code = "document_version_not_found"
    document_id: UUID
    number: int


@dataclass(eq=False, repr=False)
class DocumentOwnerNotFound(NotFound):
    """There is nothing that a document could be filed with under this number."""

    code = "document_owner_not_found"
    owner_kind: str
    owner: str


@dataclass(eq=False, repr=False)
class DocumentOutdated(Conflict):
    """Somebody added another version of this document meanwhile."""

    code = "document_outdated"
    document_id: UUID
    #: Number of the newest version.
    version: int


@dataclass(eq=False, repr=False)
class DocumentWithdrawn(Conflict):
    """This document was taken off the file."""

    code = "document_withdrawn"
    document_id: UUID


@dataclass(eq=False, repr=False)
class NoRoomForDocuments(Conflict):
    """The server's disk has no room for this file."""

    code = "no_room_for_documents"
    size: int


@dataclass(eq=False, repr=False)
class DocumentEmpty(Invalid):
    """The file is empty."""

    code = "document_empty"
    file_name: str
    field: str = "file"


@dataclass(eq=False, repr=False)
class DocumentTooLarge(Invalid):
    """The file is larger than a document may be."""

    code = "document_too_large"
    file_name: str
    #: Bytes.
    limit: int
    field: str = "file"


@dataclass(eq=False, repr=False)
class DocumentTypeFalse(Invalid):
    """The file is not what its name says it is."""

    code = "document_type_false"
    file_name: str
    #: Media type of what is in it.
    found: str
    field: str = "file"


@dataclass(eq=False, repr=False)
class DocumentTypeRefused(Invalid):
    """Programs are not kept among a matter's documents."""

    code = "document_type_refused"
    file_name: str
    found: str
    field: str = "file"


@dataclass(eq=False, repr=False)
class DocumentClassUnknown(Invalid):
    """There is no such class of documents."""

    code = "document_class_unknown"
    doc_class: str
    field: str = "doc_class"
