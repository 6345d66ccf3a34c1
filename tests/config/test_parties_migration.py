"""What the release before knew of parties is there under their names."""

from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from engine import database
from practice.clients.models import Client
from practice.parties.models import Party, PartyName
from tests import postgres
from tests.factories import NOON
from webui import upgrades

BEFORE = "0945"


@pytest.fixture
def empty(database_url, tmp_path):
    url = f"sqlite:///{tmp_path / 'before.db'}" if database_url.startswith("sqlite") else postgres.new_database()
    engine = database.create_engine(url)
    yield engine
    engine.dispose()
    if not url.startswith("sqlite"):
        postgres.drop_database(url)


def test_the_parties_of_the_release_before_keep_their_names_and_its_clients_are_clients(empty):
    upgrades.upgrade(empty, BEFORE)
    client, opponent = uuid4(), uuid4()
    with empty.begin() as connection:
        known = sa.MetaData()
        known.reflect(connection)
        as_stored = (lambda found: found) if empty.dialect.name == "postgresql" else (lambda found: found.hex)
        for party, name in ((client, "Иван Петров"), (opponent, "Beton AG")):
            connection.execute(
                known.tables["party"].insert(),
                {
                    "id": as_stored(party),
                    "kind": "unknown",
                    "name": name,
                    "normalised_name": name.casefold(),
                    "created_at": NOON.replace(tzinfo=None) if empty.dialect.name == "sqlite" else NOON,
                    "created_by": "ana",
                },
            )
        _user_and_matter(connection, known.tables, as_stored(client), as_stored(uuid4()), as_stored(uuid4()))

    upgrades.upgrade(empty)

    with Session(empty) as session:
        names = {name.party_id: name for name in session.scalars(sa.select(PartyName))}
        assert (names[client].written, names[client].script, names[client].kind) == ("Иван Петров", "Cyrl", "main")
        assert names[opponent].normalised == "beton ag"
        assert session.get_one(Party, client).search_text == "иван петров"
        made = session.scalars(sa.select(Client)).one()
        assert (made.number, made.party_id, made.since) == ("C-2026-0001", client, NOON)


def _user_and_matter(connection, tables, client, user_id, matter_id):
    at = NOON.replace(tzinfo=None) if connection.dialect.name == "sqlite" else NOON
    connection.execute(
        tables["user_account"].insert(),
        {"id": user_id, "username": "ana", "full_name": "Ana", "is_active": True, "created_at": at},
    )
    connection.execute(
        tables["matter"].insert(),
        {
            "id": matter_id,
            "number": "2026-CV-0001",
            "title": "Petrov",
            "case_type": "civil",
            "client_party_id": client,
            "client_name": "Иван Петров",
            "responsible": "ana",
            "search_text": "",
            "state": "open",
            "opened_at": at,
        },
    )
