"""People open matters at the same moment, again and again: no number is missing, none comes twice."""

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor

import pytest
import sqlalchemy as sa

import practice.delegates  # noqa: F401 - the service tasks of the practice
from engine import database, deployments
from engine.actor import SYSTEM, Actor
from practice.conflicts import operations as conflicts
from practice.enquiries import operations as enquiries
from practice.enquiries.models import Enquiry
from practice.matters import operations as matters
from practice.matters.models import Matter
from practice.people import operations as people
from tests.conftest import NOON
from tests.practice.firm import civil

#: ``MATTERFLOW_TEST_OPENINGS=1000`` takes minutes.
OPENINGS = int(os.environ.get("MATTERFLOW_TEST_OPENINGS", "150"))
#: Every so many openings end in a mistake after the number was given out.
MISTAKE_EVERY = 25
AT_ONCE = 12
LEA = Actor("lea", frozenset({"lawyers"}))


class Mistake(Exception):
    """Somebody's opening fails at the last moment."""


@pytest.fixture
def founded(fresh_engine):
    with database.transaction(fresh_engine) as session:
        people.seed_groups(session)
        people.create_user(session, "lea", "Lea", password=None, groups={"lawyers"}, by=SYSTEM, now=NOON)
        deployments.deploy(session, civil(), by=SYSTEM, now=NOON)
    return fresh_engine


def name_of(index):
    """Names that have nothing in common: what is tested is numbers, not how a thousand namesakes are compared."""
    letters = (
        hashlib.md5(str(index).encode(), usedforsecurity=False)
        .hexdigest()
        .translate(str.maketrans("0123456789", "ghijklmnop"))
    )
    return f"{letters[:9]} {letters[9:20]}".title()


def open_one(engine, index):
    facts = {"client_name": name_of(index), "case_type": "civil", "responsible": "lea"}
    with database.transaction(engine) as session:
        enquiry = enquiries.register(session, facts, by=LEA, now=NOON)
        conflicts.check(session, enquiry, by=SYSTEM, now=NOON)
        number = matters.open_matter(session, enquiry, facts, by=LEA, now=NOON).number
        if index % MISTAKE_EVERY == 0:
            raise Mistake
        return number


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_parallel_openings_leave_no_gap_and_no_double(founded):
    def attempt(index):
        try:
            return open_one(founded, index)
        except Mistake:
            return None

    with ThreadPoolExecutor(AT_ONCE) as pool:
        given = [number for number in pool.map(attempt, range(1, OPENINGS + 1)) if number]

    expected = [f"2026-CV-{number:04d}" for number in range(1, OPENINGS - OPENINGS // MISTAKE_EVERY + 1)]
    assert sorted(given) == expected
    with database.transaction(founded) as session:
        assert sorted(session.scalars(sa.select(Matter.number))) == expected
        assert sorted(session.scalars(sa.select(Enquiry.number))) == [
            f"E-2026-{number:04d}" for number in range(1, len(expected) + 1)
        ]
