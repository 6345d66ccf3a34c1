"""The migrations make exactly the schema that the models say, on both databases."""

import ast

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from engine import database
from tests import postgres
from webui import upgrades


@pytest.fixture
def empty(database_url, tmp_path):
    url = f"sqlite:///{tmp_path / 'empty.db'}" if database_url.startswith("sqlite") else postgres.new_database()
    engine = database.create_engine(url)
    yield engine
    engine.dispose()
    if not url.startswith("sqlite"):
        postgres.drop_database(url)


def test_the_migrated_schema_is_the_models_schema(empty):
    upgrades.upgrade(empty)

    with empty.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "render_as_batch": True, "include_object": upgrades.is_compared}
        )
        assert compare_metadata(context, upgrades.metadata()) == []
        assert upgrades.current_revision(connection) == upgrades.head_revision()


def test_every_constraint_of_the_models_is_in_the_migrated_schema(empty):
    upgrades.upgrade(empty)
    inspector = sa.inspect(empty)

    for table in upgrades.metadata().sorted_tables:
        wanted = {c.name for c in table.constraints if isinstance(c, sa.CheckConstraint)}
        found = {c["name"] for c in inspector.get_check_constraints(table.name)}
        assert wanted <= found, table.name


def test_the_migrated_triggers_are_those_of_the_models(empty, tmp_path):
    # By its number: an upgrade to the newest would make anew what is missing.
    upgrades.upgrade(empty, str(upgrades.head_revision()))
    is_sqlite = empty.dialect.name == "sqlite"
    other_url = f"sqlite:///{tmp_path / 'made.db'}" if is_sqlite else postgres.new_database()
    other = database.create_engine(other_url)

    upgrades.metadata().create_all(other)

    assert triggers(empty) == triggers(other)
    other.dispose()
    if not is_sqlite:
        postgres.drop_database(other_url)


def triggers(engine):
    """Every trigger and what it does, white space aside."""
    if engine.dialect.name == "sqlite":
        query = "SELECT name, replace(sql, ' IF NOT EXISTS', '') FROM sqlite_master WHERE type = 'trigger'"
    else:
        query = (
            "SELECT t.tgname, pg_get_triggerdef(t.oid) || p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
            "WHERE NOT t.tgisinternal"
        )
    with engine.connect() as connection:
        found = {name: "".join(said.split()) for name, said in connection.exec_driver_sql(query)}
    assert found
    return found


def test_upgrading_twice_changes_nothing(empty):
    upgrades.upgrade(empty)
    upgrades.upgrade(empty)

    with empty.connect() as connection:
        upgrades.require_current(connection)


def test_the_way_back_leaves_nothing(empty):
    from alembic import command
    from alembic.config import Config

    upgrades.upgrade(empty)
    config = Config(upgrades.CONFIG_DIR / "alembic.ini")
    with empty.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
        connection.commit()
        assert set(sa.inspect(connection).get_table_names()) <= {"alembic_version"}


def test_there_is_one_newest_revision():
    assert upgrades.head_revision() is not None


def test_every_migration_says_whether_the_previous_release_runs_on_it():
    for file in (upgrades.MIGRATIONS / "versions").glob("*.py"):
        docstring = ast.get_docstring(ast.parse(file.read_text(encoding="utf-8"))) or ""
        assert "previous release" in docstring, file.name
        assert "SAY YES OR NO" not in docstring, file.name


def test_an_older_and_an_unknown_schema_are_refused_with_what_to_do(empty):
    upgrades.upgrade(empty)
    with empty.begin() as connection:
        connection.execute(sa.text("UPDATE alembic_version SET version_num = 'f00d'"))
    with empty.connect() as connection, pytest.raises(upgrades.SchemaBehind, match="newer release"):
        upgrades.require_current(connection)

    with empty.begin() as connection:
        connection.execute(sa.text("DROP TABLE alembic_version"))
    with empty.connect() as connection, pytest.raises(upgrades.SchemaBehind, match="matterflow db upgrade"):
        upgrades.require_current(connection)


def test_on_sqlite_indexes_and_storage_are_the_models_own(tmp_path):
    """What Alembic's comparison does not look at: partial indexes and tables without a row id."""

    def schema(engine):
        with engine.connect() as connection:
            rows = connection.execute(sa.text("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL"))
            texts = {name: (kind, " ".join(sql.replace('"', "").split())) for name, kind, sql in rows}
        return {
            name: sql if kind == "index" else sql.endswith("WITHOUT ROWID")
            for name, (kind, sql) in texts.items()
            if name != "alembic_version"
        }

    migrated, made = (database.create_engine(f"sqlite:///{tmp_path / name}.db") for name in ("migrated", "made"))
    upgrades.upgrade(migrated)
    upgrades.metadata().create_all(made)

    assert schema(migrated) == schema(made)
    migrated.dispose()
    made.dispose()


def test_postgresql_looks_matters_up_in_an_index_without_order(empty):
    if empty.dialect.name == "sqlite":
        pytest.skip("SQLite has no such index")
    upgrades.upgrade(empty)

    indexes = {index["name"]: index for index in sa.inspect(empty).get_indexes("matter")}

    assert indexes["ix_matter_number"]["dialect_options"]["postgresql_using"] == "hash"
