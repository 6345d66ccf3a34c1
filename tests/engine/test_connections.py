"""What a connection is told when it is opened."""

import pytest

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
