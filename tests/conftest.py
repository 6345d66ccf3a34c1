"""What every test may ask for: a database of each kind, a session that is rolled back, a clock that stands."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
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


@dataclass
class Schema:
    """Databases with every table and no row: each is a copy of one that is made when the first is asked for."""

    folder: Path
    _templates: dict[str, str] = field(default_factory=dict)

    def copy(self, kind: str, path: Path) -> str:
        """Return the address of a new database of a kind (on SQLite the file ``path``)."""
        if kind not in self._templates:
            self._templates[kind] = self._make(kind)
        if kind == "sqlite":
            shutil.copyfile(self._templates[kind].removeprefix("sqlite:///"), path)
            return f"sqlite:///{path}"
        return postgres.new_database(postgres.name_of(self._templates[kind]))

    def drop(self) -> None:
        """Remove what the copies were made from."""
        if "postgresql" in self._templates:
            postgres.drop_database(self._templates["postgresql"])

    def _make(self, kind: str) -> str:
        url = f"sqlite:///{self.folder}/template.sqlite" if kind == "sqlite" else postgres.new_database()
        engine = database.create_engine(url)
        Base.metadata.create_all(engine)
        if kind == "sqlite":  # a copy of the file alone is whole
            connection = engine.raw_connection()
            connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            connection.close()
        engine.dispose()
        return url


@pytest.fixture(scope="session")
def schema(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Schema]:
    """Where a test gets a database from that has every table."""
    schema = Schema(tmp_path_factory.mktemp("schema"))
    yield schema
    schema.drop()


@pytest.fixture(scope="session", params=["sqlite", "postgresql"])
def database_url(
    request: pytest.FixtureRequest, schema: Schema, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a database of each kind, with every table."""
    url = schema.copy(request.param, tmp_path_factory.mktemp("database") / "matterflow.sqlite")
    yield url
    if request.param == "postgresql":
        postgres.drop_database(url)


@pytest.fixture(scope="session")
def database_engine(database_url: str) -> Iterator[sa.Engine]:
    """An engine on a database with every table."""
    engine = database.create_engine(database_url)
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
def fresh_engine(database_url: str, schema: Schema, tmp_path: Path) -> Iterator[sa.Engine]:
    """An engine on a database of this test alone, for tests of commits, locks and threads."""
    definitions.forget()
    kind = database_url.partition("+")[0].partition(":")[0]
    url = schema.copy(kind, tmp_path / "matterflow.sqlite")
    engine = database.create_engine(url)
    yield engine
    engine.dispose()
    if kind == "postgresql":
        postgres.drop_database(url)


@pytest.fixture
def now() -> datetime:
    """The instant at which the test takes place."""
    return NOON
