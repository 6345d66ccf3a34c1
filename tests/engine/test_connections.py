"""What a connection is told when it is opened."""

import pytest
import sqlalchemy as sa

from engine import database
from tests import postgres

pytestmark = pytest.mark.postgres


def jit_on(url):
    engine = database.create_engine(url)
    with engine.connect() as connection:
        told = connection.exec_driver_sql("SHOW jit").scalar_one()
    engine.dispose()
    return told


def test_statements_are_not_compiled_to_machine_code():
    assert jit_on(postgres.postgres_url()) == "off"


def test_what_the_address_says_of_the_session_goes_first():
    address = f"{postgres.postgres_url()}&options=-c%20jit%3Don"

    assert jit_on(address) == "on"


def test_what_pages_ask_again_and_again_stays_planned():
    engine = database.create_engine(postgres.postgres_url())
    asked = sa.select(sa.literal(1, sa.Integer).label("again"))

    for _ in range(5):
        with database.read_only(engine).connect() as connection:
            connection.execute(asked)

    with engine.connect() as connection:
        kept = connection.exec_driver_sql("SELECT count(*) FROM pg_prepared_statements").scalar_one()
    engine.dispose()
    assert kept >= 1


def test_what_is_planned_for_anyone_is_never_planned_for_one_value_and_what_follows_may_be():
    engine = database.create_engine(postgres.postgres_url())
    asked = sa.select((sa.bindparam("value", type_=sa.Integer()) + 1).label("for_anyone"))
    mode = sa.text("SHOW plan_cache_mode")

    with database.transaction(database.read_only(engine)) as session:
        with database.planned_for_anyone(session):
            with database.planned_for_anyone(session):
                found = [session.scalar(asked, {"value": value}) for value in range(4)]
            meanwhile = session.scalar(mode)
        afterwards = session.scalar(mode)
        kept = session.connection().exec_driver_sql(
            "SELECT sum(generic_plans) > 0, sum(custom_plans) FROM pg_prepared_statements "
            "WHERE statement LIKE '%%AS for_anyone%%'"
        )
        plans = tuple(kept.one())

    engine.dispose()
    assert found == [1, 2, 3, 4]
    assert plans == (True, 0)
    assert (meanwhile, afterwards) == ("force_generic_plan", "auto")


def test_what_is_rolled_back_is_gone_and_the_connection_goes_on():
    engine = database.create_engine(postgres.postgres_url())

    with engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE rolled_back (id int)")
        with pytest.raises(sa.exc.ProgrammingError):
            connection.exec_driver_sql("SELECT nothing")
        connection.rollback()
        there = connection.exec_driver_sql("SELECT to_regclass('rolled_back')").scalar_one()

    engine.dispose()
    assert there is None


def backend_of(engine):
    """Return the process of the server that answers."""
    with engine.connect() as connection:
        return connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()


def test_a_connection_that_is_lost_is_replaced_by_another():
    engine = database.create_engine(postgres.postgres_url())

    with engine.connect() as connection:
        lost = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one()
        with pytest.raises(sa.exc.OperationalError):
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    found = backend_of(engine)

    engine.dispose()
    assert found != lost


def test_a_connection_that_went_while_it_lay_unused_is_replaced_before_anybody_notices(monkeypatch):
    engine = database.create_engine(postgres.postgres_url())
    monkeypatch.setattr(database, "_TRUSTED_S", 0.0)
    lost = backend_of(engine)
    other = database.create_engine(postgres.postgres_url())
    with other.connect() as connection:
        connection.exec_driver_sql(f"SELECT pg_terminate_backend({lost}, 5000)")
    other.dispose()

    found = backend_of(engine)

    engine.dispose()
    assert found != lost


def test_a_connection_that_was_used_just_now_is_not_asked_whether_it_is_there(monkeypatch):
    engine = database.create_engine(postgres.postgres_url())
    asked = []
    monkeypatch.setattr(engine.dialect, "do_ping", asked.append)

    for _ in range(3):
        with engine.connect() as connection:
            connection.exec_driver_sql("SELECT 1")

    engine.dispose()
    assert asked == []
