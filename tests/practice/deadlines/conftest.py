"""The shipped packs, and a matter whose deadlines are kept."""

from dataclasses import replace
from pathlib import Path

import pytest

from engine.actor import Actor
from practice.deadlines import library as libraries
from practice.deadlines import operations
from practice.deadlines.operations import KEEP, KEEP_CALENDARS, VERIFY
from tests.conftest import NOON
from tests.practice import firm

PACKS = Path(__file__).resolve().parents[3] / "config" / "jurisdictions"

LEA = replace(firm.LEA, rights=frozenset({KEEP, VERIFY}))
LEO = replace(firm.LEO, rights=frozenset({KEEP, VERIFY}))
PETRA = replace(firm.PETRA, rights=frozenset({KEEP, VERIFY, KEEP_CALENDARS}))
RITA = replace(firm.RITA, rights=frozenset({KEEP}))
STRANGER = Actor("nobody", frozenset({"archivists"}), frozenset({KEEP, VERIFY, KEEP_CALENDARS}))

SOURCE = "Judgment of 20 August, 12 O 345/26, received on 1 September by the registry's stamp"
#: 15 days from 1 September 2026: Wednesday the 16th.
APPEAL = {"pack": "cn", "rule": "appeal_judgment", "anchor_on": "2026-09-01", "source": SOURCE}


@pytest.fixture(scope="session")
def library():
    """Every pack that ships."""
    return libraries.read_folder(PACKS)


@pytest.fixture(autouse=True)
def shipped():
    """Work with the packs that ship, whichever test of this process was the first."""
    libraries.use_folder(PACKS)


@pytest.fixture
def ruiz(matter, shipped):
    """A matter of the lawyer Lea that the partner Petra has opened."""
    return matter()


@pytest.fixture
def propose(session, ruiz):
    """Return a function that registers one deadline."""

    def make(*, by=LEA, now=NOON, **said):
        facts = said if "name" in said else {**APPEAL, **said}
        return operations.register(session, ruiz.number, facts, by=by, now=now)[0]

    return make


@pytest.fixture
def appeal(propose):
    """The appeal against a judgment in China, registered by Lea, fatal and not verified yet."""
    return propose()
