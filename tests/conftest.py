"""What every test may ask for: a database of each kind, a session that is rolled back, a clock that stands."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

import practice.models  # noqa: F401 - every table is known before any is created
import tasks.models  # noqa: F401
from engine import database, definitions
from engine.models import Base
from practice.contacts import sealing
from tests import postgres

sealing.use(lambda: "a key of the tests that seals nothing but tests")

#: A Tuesday morning, early enough for all that the tests let happen after it.
NOON = datetime(2026, 9, 1, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of an empty database of each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path_factory.mktemp('database')}/matterflow.sqlite"
        return
    url = postgres.new_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def database_engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on a database with every table."""
    engine = database.create_engine(database_url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(database_engine: sa.Engine) -> Iterator[Session]:
    """A session whose work is rolled back after the test, commits included."""
    definitions.forget()
    with database_engine.connect() as connection:
        transaction = connection.begin()
        session = Session(connection, join_transaction_mode="create_savepoint", expire_on_commit=False)
        yield session
        session.close()
        transaction.rollback()


@pytest.fixture
def fresh_engine(database_url: str, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine on a database of this test alone, for tests of commits, locks and threads."""
    definitions.forget()
    url = f"sqlite:///{tmp_path}/matterflow.sqlite" if database_url.startswith("sqlite") else postgres.new_database()
    engine = database.create_engine(url)
    Base.metadata.create_all(engine)
    yield engine
    engine.dispose()
    if not url.startswith("sqlite"):
        postgres.drop_database(url)


@pytest.fixture
def now() -> datetime:
    """The instant at which the test takes place."""
    return NOON
