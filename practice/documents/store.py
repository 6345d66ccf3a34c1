"""The files of documents, each named after the SHA-256 of what is in it: the same scan twice is kept once.

A file is complete and on disk before a row names it, so a row never names what is not there. What a refused or
broken upload leaves behind is a file that no row names; it does no harm.
"""

import hashlib
import os
import secrets
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final, NamedTuple

from practice.documents import file_names, media_types
from practice.documents.errors import DocumentEmpty, DocumentTooLarge, NoRoomForDocuments

MIB: Final = 1024 * 1024
_PIECE: Final = 256 * 1024
#: Bytes of the disk that documents leave free: the database needs them.
LEFT_FREE: Final = 64 * MIB


class Content(NamedTuple):
    """What was taken in: the file is on disk under its hash."""

    #: Cleaned (``file_names.clean``).
    file_name: str
    sha256: str
    #: Bytes.
    size: int
    media_type: str


@dataclass(slots=True)
class _Place:
    folder: Callable[[], Path] | None = None
    limit: int = 20 * MIB


#: Where the files lie; the composition root says it once.
_place: Final = _Place()


def use(folder: Callable[[], Path], *, limit: int) -> None:
    """Keep files below ``folder()`` and take none of more than ``limit`` bytes."""
    _place.folder, _place.limit = folder, limit


def take_in(stream: IO[bytes], file_name: str | None) -> Content:
    """Write a file down, piece by piece, and say what it is.

    It stops at the first byte too many, and refuses programs and false types at the first piece.

    Raises:
        DocumentEmpty, DocumentTooLarge, DocumentTypeFalse, DocumentTypeRefused, NoRoomForDocuments.
    """
    name = file_names.clean(file_name)
    head = stream.read(media_types.HEAD)
    if not head:
        raise DocumentEmpty(name)
    if len(head) > _place.limit:
        raise DocumentTooLarge(name, _place.limit)
    media_type = media_types.true_type(head, name)
    folder = _folder()
    incoming = folder / "incoming"
    incoming.mkdir(parents=True, exist_ok=True, mode=0o700)
    _require_room(folder, len(head))
    half = incoming / secrets.token_hex(16)
    digest, size = hashlib.sha256(), 0
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            piece = head
            while piece:
                size += len(piece)
                if size > _place.limit:
                    raise DocumentTooLarge(name, _place.limit)
                digest.update(piece)
                file.write(piece)
                piece = stream.read(_PIECE)
            file.flush()
            os.fsync(file.fileno())
        _keep(half, path(digest.hexdigest()))
    finally:
        half.unlink(missing_ok=True)
    return Content(name, digest.hexdigest(), size, media_type)


def path(sha256: str) -> Path:
    """Return where the file with this content lies."""
    return _folder() / sha256[:2] / sha256[2:4] / sha256


def limit() -> int:
    """Return how many bytes a document has at most."""
    return _place.limit


def _folder() -> Path:
    if _place.folder is None:
        raise RuntimeError("nobody said where documents are kept (practice.documents.store.use)")
    return _place.folder()


def _keep(half: Path, target: Path) -> None:
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half.chmod(0o400)
    half.replace(target)
    # The name, too, has to survive a power cut before a row may speak of it.
    descriptor = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _require_room(folder: Path, size: int) -> None:
    if shutil.disk_usage(folder).free < size + LEFT_FREE:
        raise NoRoomForDocuments(size)
