"""What is taken in, what it is called, and what is refused before it fills the disk."""

import hashlib
import shutil
from io import BytesIO

import pytest

from practice.documents import file_names, store
from practice.documents.errors import (
    DocumentEmpty,
    DocumentTooLarge,
    DocumentTypeFalse,
    DocumentTypeRefused,
    NoRoomForDocuments,
)
from tests.practice.documents.conftest import PDF

ZIP = b"PK\x03\x04" + b"\0" * 60
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 60


def files(folder):
    return [file for file in folder.rglob("*") if file.is_file()]


def test_a_file_lies_under_the_hash_of_what_is_in_it(folder):
    content = store.take_in(BytesIO(PDF), "claim.pdf")

    assert content.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (content.size, content.media_type, content.file_name) == (len(PDF), "application/pdf", "claim.pdf")
    assert store.path(content.sha256).read_bytes() == PDF


def test_the_same_scan_twice_is_kept_once(folder):
    store.take_in(BytesIO(PDF), "claim.pdf")
    store.take_in(BytesIO(PDF), "claim (1).pdf")

    assert len(files(folder)) == 1


def test_an_empty_file_is_refused(folder):
    with pytest.raises(DocumentEmpty) as refusal:
        store.take_in(BytesIO(b""), "claim.pdf")

    assert refusal.value.field == "file"
    assert files(folder) == []


class Endless:
    """A stream that never ends, and counts what was asked of it."""

    def __init__(self):
        self.given = 0

    def read(self, size):
        piece = PDF if self.given == 0 else b"x" * size
        self.given += len(piece)
        return piece


def test_a_file_without_end_is_refused_at_the_first_byte_too_many_and_leaves_nothing(folder):
    stream = Endless()

    with pytest.raises(DocumentTooLarge) as refusal:
        store.take_in(stream, "film.pdf")

    assert refusal.value.limit == 1_000_000
    assert stream.given < 1_600_000
    assert files(folder) == []


def test_a_full_disk_is_said_before_anything_is_written(folder, monkeypatch):
    usage = shutil.disk_usage("/")._replace(free=store.LEFT_FREE)
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: usage)

    with pytest.raises(NoRoomForDocuments):
        store.take_in(BytesIO(PDF), "claim.pdf")

    assert files(folder) == []


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (ZIP, "claim.pdf", "application/zip"),
        (PDF, "photo.jpg", "application/pdf"),
        (b"<html><script>alert(1)</script></html>", "scan.png", "text/html"),
        (b"plain words", "contract.docx", "text/plain"),
        (b"\x00\x01\x02\x03binary", "notes.txt", "application/octet-stream"),
    ],
)
def test_a_file_that_is_not_what_its_name_says_is_refused(content, name, found):
    with pytest.raises(DocumentTypeFalse) as refusal:
        store.take_in(BytesIO(content), name)

    assert refusal.value.found == found


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"MZ\x90\0" + b"\0" * 80, "invoice.pdf"),
        (b"MZ\x90\0" + b"\0" * 80, "invoice"),
        (b"\x7fELF" + b"\0" * 80, "photo.png"),
        (b"@echo off", "start.BAT"),
        (b"var a = 1;", "letter.js"),
    ],
)
def test_programs_are_refused_whatever_they_are_called(content, name, folder):
    with pytest.raises(DocumentTypeRefused):
        store.take_in(BytesIO(content), name)

    assert files(folder) == []


@pytest.mark.parametrize(
    ("content", "name", "media_type"),
    [
        (PNG, "PHOTO.PNG", "image/png"),
        (ZIP, "contract.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        ("Übersicht\n案件".encode(), "notes.txt", "text/plain"),
        ("Übersicht".encode("utf-16"), "notes.txt", "text/plain"),
        ("Übersicht".encode("cp1252"), "notes.txt", "text/plain"),
        (b"<html></html>", "page.html", "text/html"),
        (b"a,b\n1,2\n", "list.csv", "text/csv"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 60, "old.doc", "application/msword"),
        (b"{\\rtf1 hello}", "old.doc", "application/rtf"),
        (b"\x01\x02\x03", "measured.dat", "application/octet-stream"),
    ],
)
def test_the_true_type_is_found(content, name, media_type):
    assert store.take_in(BytesIO(content), name).media_type == media_type


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\ana\\claim.pdf", "claim.pdf"),
        ("..", "document"),
        ("", "document"),
        (None, "document"),
        (".htaccess", "htaccess"),
        ("con.pdf", "document_con.pdf"),
        ("inv\u202efdp.exe", "invfdp.exe"),
        ("a\r\nSet-Cookie: x.pdf", "aSet-Cookie_ x.pdf"),
        ("起訴狀 (終).pdf", "起訴狀 (終).pdf"),
        ("دعوى.pdf", "دعوى.pdf"),
        ("📎.pdf", "📎.pdf"),
        ('<img src=x onerror="a">.pdf', "_img src=x onerror=_a__.pdf"),
    ],
)
def test_a_files_name_loses_its_path_and_whatever_could_harm(given, kept):
    assert file_names.clean(given) == kept


def test_a_very_long_name_keeps_its_ending():
    name = file_names.clean("x" * 5000 + ".pdf")

    assert len(name) <= file_names.LONGEST
    assert name.endswith("x.pdf")
