"""What a file really is, found out from what is in it, whatever it is called."""

from functools import cache
from typing import Any, Final

from practice.documents import file_names
from practice.documents.errors import DocumentTypeFalse, DocumentTypeRefused

#: Bytes at the beginning that say what a file is.
HEAD: Final = 64 * 1024
OCTETS: Final = "application/octet-stream"
_ZIP, _OLE, _TEXT = "application/zip", "application/x-ole-storage", "text/plain"
#: Beginning -> media type; for what a law firm sees every day, decided here and not guessed.
_BEGINNINGS: Final = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"PK\x03\x04", _ZIP),
    (b"PK\x05\x06", _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLE),
    (b"{\\rtf", "application/rtf"),
)
_PROGRAMS: Final = ((b"MZ", "application/vnd.microsoft.portable-executable"), (b"\x7fELF", "application/x-elf"))
_PROGRAM_ENDINGS: Final = frozenset(
    (
        "exe", "com", "scr", "dll", "msi", "msp", "bat", "cmd", "ps1", "psm1", "vbs", "vbe", "js", "jse", "wsf", "wsh",
        "hta", "cpl", "jar", "lnk", "reg", "scf", "sh", "app", "apk",
    )
)  # fmt: skip
_OFFICE: Final = "application/vnd.openxmlformats-officedocument"
#: Extension -> what its content must be, and what it then is.
_CLAIMS: Final = {
    "pdf": ("application/pdf", "application/pdf"),
    "png": ("image/png", "image/png"),
    "jpg": ("image/jpeg", "image/jpeg"),
    "jpeg": ("image/jpeg", "image/jpeg"),
    "gif": ("image/gif", "image/gif"),
    "tif": ("image/tiff", "image/tiff"),
    "tiff": ("image/tiff", "image/tiff"),
    "zip": (_ZIP, _ZIP),
    "docx": (_ZIP, f"{_OFFICE}.wordprocessingml.document"),
    "xlsx": (_ZIP, f"{_OFFICE}.spreadsheetml.sheet"),
    "pptx": (_ZIP, f"{_OFFICE}.presentationml.presentation"),
    "odt": (_ZIP, "application/vnd.oasis.opendocument.text"),
    "ods": (_ZIP, "application/vnd.oasis.opendocument.spreadsheet"),
    "doc": (_OLE, "application/msword"),
    "xls": (_OLE, "application/vnd.ms-excel"),
    "ppt": (_OLE, "application/vnd.ms-powerpoint"),
    "msg": (_OLE, "application/vnd.ms-outlook"),
    "rtf": ("application/rtf", "application/rtf"),
    "txt": (_TEXT, _TEXT),
    "md": (_TEXT, _TEXT),
    "csv": (_TEXT, "text/csv"),
    "eml": (_TEXT, "message/rfc822"),
}
#: Types that a browser may be told of.
_HANDED_OVER: Final = frozenset(meant for needed, meant in _CLAIMS.values() if needed != _TEXT)
#: Tab, line ends, form feed, escape.
_WHITE: Final = frozenset((9, 10, 12, 13, 27))
#: Old Word files are now and then in rich text; both are what the name says.
_ALSO: Final = {"doc": frozenset({"application/rtf"})}


def true_type(head: bytes, file_name: str) -> str:
    """Return the media type of a file by its first bytes (``HEAD`` of them).

    Raises:
        DocumentTypeRefused: it is a program.
        DocumentTypeFalse: its name claims what it is not.
    """
    found, extension = _found(head), file_names.ending(file_name)
    for beginning, program in _PROGRAMS:
        if head.startswith(beginning):
            raise DocumentTypeRefused(file_name, program)
    if extension in _PROGRAM_ENDINGS:
        raise DocumentTypeRefused(file_name, found)
    claimed = _CLAIMS.get(extension)
    if claimed is None:
        return found
    needed, meant = claimed
    if found == needed:
        return meant
    if found in _ALSO.get(extension, ()):
        return found
    # Text of any kind (a page, a script) under a name for text is text: it is shown and sent as nothing else.
    if needed == _TEXT and _is_text(head):
        return meant
    raise DocumentTypeFalse(file_name, found)


def served_as(media_type: str) -> str:
    """Return what a browser is told that a file is: nothing that it would run or lay out as a page of ours."""
    if media_type in _HANDED_OVER:
        return media_type
    return _TEXT if media_type.startswith("text/") else OCTETS


def _found(head: bytes) -> str:
    for beginning, media_type in _BEGINNINGS:
        if head.startswith(beginning):
            return media_type
    if b"%PDF-" in head[:1024]:  # the standard lets other bytes come first
        return "application/pdf"
    guesses = _guess(head)
    if guesses:
        return guesses
    return _TEXT if _is_text(head) else OCTETS


def _guess(head: bytes) -> str | None:
    magic = _puremagic()
    try:
        found = magic.magic_string(head)
    except (magic.PureError, ValueError):
        return None
    sure = [one for one in found if one.mime_type and one.confidence >= 0.4]  # noqa: PLR2004 - two or more bytes fit
    return str(sure[0].mime_type) if sure else None


@cache
def _puremagic() -> Any:
    import puremagic  # noqa: PLC0415 - its tables take a while to read, and most processes never need them

    return puremagic


def _is_text(head: bytes) -> bool:
    """Say whether it is text: UTF-16 with its mark, or no control signs in UTF-8 or in a code page of old."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            head[: len(head) // 2 * 2].decode("utf-16")
        except UnicodeDecodeError:
            return False
        return True
    return not any(byte < 32 and byte not in _WHITE for byte in head)  # noqa: PLR2004 - the first that is printed
