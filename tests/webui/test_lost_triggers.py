"""A database that lost a trigger is not served, for rights depend on it; an upgrade mends it."""

import pytest

from engine import database
from engine.models import triggers
from tests import postgres
from webui import upgrades

LOST = {
    "restricted_matter_changed": "matter",
    "access_offered": "user_task_candidate",
    "inbox_offered": "user_task_candidate",
}


@pytest.fixture
def upgraded(database_url, tmp_path):
    url = f"sqlite:///{tmp_path / 'lost.db'}" if database_url.startswith("sqlite") else postgres.new_database()
    engine = database.create_engine(url)
    upgrades.upgrade(engine)
    yield engine
    engine.dispose()
    if not url.startswith("sqlite"):
        postgres.drop_database(url)


def lose(engine):
    on = "" if engine.dialect.name == "sqlite" else " ON {}"
    with engine.begin() as connection:
        for name, table in LOST.items():
            connection.exec_driver_sql(f"DROP TRIGGER {name}" + on.format(table))


def test_a_database_with_all_triggers_is_served(upgraded):
    with upgraded.connect() as connection:
        upgrades.require_current(connection)


def test_what_is_lost_is_named_and_an_upgrade_brings_it_back(upgraded):
    lose(upgraded)
    with (
        upgraded.connect() as connection,
        pytest.raises(upgrades.TriggersLost, match=", ".join(sorted(LOST))) as refused,
    ):
        upgrades.require_current(connection)
    assert "matterflow db upgrade" in str(refused.value)

    upgrades.upgrade(upgraded)

    with upgraded.connect() as connection:
        upgrades.require_current(connection)
        assert triggers.missing(connection) == []
