"""A folder for the files of each test."""

from io import BytesIO

import pytest

from practice.documents import store

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


@pytest.fixture(autouse=True)
def folder(tmp_path):
    """Keep documents in a folder of this test, and take none of more than 1,000,000 bytes."""
    before = store._place.folder, store._place.limit
    store.use(lambda: tmp_path / "documents", limit=1_000_000)
    yield tmp_path / "documents"
    store._place.folder, store._place.limit = before


@pytest.fixture
def pdf():
    """Return a function that takes a small PDF in; each ``text`` makes another one."""

    def take_in(name="claim.pdf", text=b""):
        return store.take_in(BytesIO(PDF + text), name)

    return take_in
