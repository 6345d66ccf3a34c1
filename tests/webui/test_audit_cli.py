"""``matterflow audit`` and ``matterflow db grant``."""

import json
import sqlite3

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import ProgrammingError

from engine import database
from engine.actor import SYSTEM
from practice.audit import operations as audit
from practice.audit import verification
from tests import postgres
from tests.conftest import NOON
from tests.webui.test_cli import Shell
from webui import privileges, upgrades


@pytest.fixture
def shell(tmp_path):
    shell = Shell(tmp_path)
    shell("db", "upgrade")
    shell("user", "create", "eva", "--name", "Eva", "--no-password", "--group", "lawyers")
    return shell


def tamper(shell, *statements):
    with sqlite3.connect(shell.data / "matterflow.db") as connection:
        kept = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in kept:
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        for _, text in kept:
            connection.execute(text)


def test_a_trail_nobody_touched_is_verified(shell):
    told = json.loads(shell("audit", "verify", "--json"))

    assert (told["holds"], told["findings"], told["warnings"]) == (True, [], [])
    assert told["checked"] > 0
    assert f"the chain ends at {told['checked']}:" in shell("audit", "verify")


def test_a_changed_trail_is_refused_with_what_was_found(shell):
    tamper(shell, "UPDATE audit_event SET \"by\" = 'bo'")

    code, said, complained = shell.run("audit", "verify")

    assert (code, "changed: The event 1 at position 1" in said) == (1, True)
    assert "does not hold" in complained


def test_a_trail_that_was_cut_off_is_found_by_the_head_that_was_kept(shell):
    head = shell("audit", "head").strip()
    length = head.partition(":")[0]
    tamper(shell, "DELETE FROM audit_event", "DELETE FROM audit_seal")

    by_file, said, _ = shell.run("audit", "verify")
    (shell.data / "audit-heads.jsonl").unlink()
    alone = shell.run("audit", "verify")[0]
    by_option = shell.run("audit", "verify", "--head", head)[0]

    assert (by_file, alone, by_option) == (1, 0, 1)
    assert f"truncated: The chain ends at 0 and was once at {length}." in said


def test_what_is_no_head_is_refused(shell):
    assert "no head" in shell("audit", "verify", "--head", "12:xyz", fails=1)


def test_an_empty_trail_has_no_head(tmp_path):
    shell = Shell(tmp_path)
    shell("db", "upgrade")

    if json.loads(shell("audit", "verify", "--json"))["checked"] == 0:
        assert "empty" in shell("audit", "head", fails=1)


def test_the_trail_is_exported_to_a_new_file_only(shell, tmp_path):
    for name in ("trail.csv", "trail.jsonl"):
        assert "holds 1 events" in shell("audit", "export", tmp_path / name, "--kind", "user_created")
    assert "exists already" in shell("audit", "export", tmp_path / "trail.csv", fails=1)

    assert json.loads((tmp_path / "trail.jsonl").read_text())["entity_id"] == "eva"
    assert "holds 0 events" in shell("audit", "export", tmp_path / "none.csv", "--until", "2020-01-01")


def test_sqlite_has_no_roles_to_grant_to(shell):
    assert "no roles" in shell("db", "grant", "matterflow_app", fails=1)


@pytest.fixture
def two_roles():
    """A migrated PostgreSQL whose tables one role owns, and another role without any right yet."""
    url = postgres.new_database()
    for role in ("audit_owner", "audit_app"):
        postgres.execute(f"DROP ROLE IF EXISTS {role}")
        postgres.execute(f"CREATE ROLE {role} LOGIN")
    name = url.partition("?")[0].rsplit("/", 1)[1]
    postgres.execute(f'ALTER DATABASE "{name}" OWNER TO audit_owner')
    owner, app = (sa.make_url(url).set(username=role, password=None) for role in ("audit_owner", "audit_app"))
    superuser = database.create_engine(url)
    with superuser.begin() as connection:
        connection.exec_driver_sql("ALTER SCHEMA public OWNER TO audit_owner")
    superuser.dispose()
    yield owner.render_as_string(hide_password=False), app.render_as_string(hide_password=False)
    postgres.drop_database(url)
    for role in ("audit_app", "audit_owner"):
        postgres.execute(f"DROP ROLE {role}")


def test_the_application_role_on_postgresql_writes_the_trail_and_cannot_change_it(two_roles):
    owner, app = (database.create_engine(url) for url in two_roles)
    upgrades.upgrade(owner)
    with owner.begin() as connection:
        privileges.grant(connection, "audit_app")

    with database.transaction(app) as session:
        audit.append(session, "thing", 1, "opened", by=SYSTEM, now=NOON)
    with database.transaction(app) as session:
        report = verification.verify(session)
    assert (report.holds, report.warnings) == (True, [])
    for table in privileges.APPEND_ONLY:
        column = "hash" if table == "audit_seal" else "at"
        for statement in (f"UPDATE {table} SET {column} = {column}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
            with pytest.raises(ProgrammingError, match="permission denied"), app.begin() as connection:
                connection.exec_driver_sql(statement)
    with pytest.raises(ProgrammingError, match="must be owner"), app.begin() as connection:
        connection.exec_driver_sql("DROP TRIGGER audit_event_is_never_changed ON audit_event")
    with pytest.raises(ProgrammingError, match="permission denied"), owner.begin() as connection:
        connection.exec_driver_sql("UPDATE audit_event SET kind = 'closed'")
    owner.dispose()
    app.dispose()


@pytest.mark.parametrize(("role", "why"), [("nobody_at_all", "There is no role"), ("audit_owner", "could take")])
def test_a_role_that_could_take_the_right_back_is_refused(two_roles, role, why):
    owner = database.create_engine(two_roles[0])
    upgrades.upgrade(owner)

    with pytest.raises(privileges.GrantRefused, match=why), owner.begin() as connection:
        privileges.grant(connection, role)
    owner.dispose()
