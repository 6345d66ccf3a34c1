"""The generated firm is one that the product itself could have become."""

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from benchmarks.firm.generation import Firm
from benchmarks.firm.plan import Plan, groups_of, username
from config import directories as shipped_directories
from config import rights
from engine.actor import SYSTEM, Actor
from engine.models import Base
from engine.models.base import LookUpIndex
from practice.audit import verification
from practice.directories import operations as directories
from practice.matters import queries as matters
from practice.matters.models import Matter, MatterMember
from practice.people import operations as people
from tests.conftest import NOON

SMALL = Plan().scaled(0.001)


@pytest.fixture
def firm(fresh_engine):
    with Session(fresh_engine) as session:
        people.seed_groups(session)
        directories.seed(session, shipped_directories.load(), by=SYSTEM, now=NOON)
        session.commit()
    Firm(fresh_engine, SMALL, lambda _what, _count: None).generate()
    return fresh_engine


def count(engine, table):
    with engine.connect() as connection:
        return connection.scalar(sa.select(sa.func.count()).select_from(Base.metadata.tables[table]))


def test_it_has_the_size_that_was_planned_and_its_indexes_are_back(firm):
    counts = {table: count(firm, table) for table in ("client", "matter", "event", "enquiry", "deadline")}

    assert counts == {
        "client": SMALL.clients,
        "matter": SMALL.matters,
        "event": SMALL.events,
        "enquiry": SMALL.enquiries,
        "deadline": SMALL.deadlines,
    }
    made = Base.metadata.tables["matter"].indexes
    if firm.dialect.name == "sqlite":
        made = [index for index in made if not isinstance(index, LookUpIndex)]
    wanted = {index.name for index in made}
    assert wanted <= {index["name"] for index in sa.inspect(firm).get_indexes("matter")}


def test_its_audit_trail_holds(firm):
    with Session(firm) as session:
        report = verification.verify(session)

    seeded = report.checked - SMALL.audit_events
    assert (report.findings, report.late) == ([], 0)
    assert 0 <= seeded < 200


def test_its_people_see_their_own_matters_and_no_others(firm):
    name = username(10)
    lawyer = Actor(name, frozenset(groups_of(10)) - {"unit_heads"}, rights.load().of({"lawyers"}))
    with Session(firm) as session:
        team = sa.select(MatterMember.matter_id).where(MatterMember.username == name, MatterMember.until.is_(None))
        seen = set(session.scalars(sa.select(Matter.id).where(matters.visible_to(lawyer))))

        assert seen <= set(session.scalars(team))
        assert len(list(session.scalars(sa.select(Matter.id).where(matters.visible_to(SYSTEM))))) == SMALL.matters
