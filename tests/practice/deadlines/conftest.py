"""The shipped packs, and a matter whose deadlines are kept."""

from pathlib import Path

import pytest

from practice.deadlines import library as libraries

PACKS = Path(__file__).resolve().parents[3] / "config" / "jurisdictions"


@pytest.fixture(scope="session")
def library():
    """Every pack that ships."""
    return libraries.read_folder(PACKS)
