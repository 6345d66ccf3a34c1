"""The trail never says a secret, and still shows that one changed."""

import orjson
import pytest

from engine.actor import SYSTEM, Actor
from practice.audit import operations as audit
from practice.audit import queries, secrets
from practice.people import operations as people
from tests.conftest import NOON

ANA = Actor("ana", rights=frozenset({"manage_users"}))
NUMBER = "+43 660 1234567"


def kept(session, **values):
    audit.append(session, "party", 1, "party_changed", by=ANA, now=NOON, **values)
    return queries.of(session, "party", 1)[-1]


@pytest.mark.parametrize("field", [*secrets.SECRET_FIELDS, "client_phone", "PASSWORD", "old_email"])
def test_a_field_that_is_called_a_secret_is_hashed(session, field):
    event = kept(session, after={field: NUMBER})

    assert NUMBER not in orjson.dumps(event.after).decode()
    assert event.after[field].startswith("hmac:")


def test_secrets_are_found_however_deep_they_lie(session):
    event = kept(session, after={"people": [{"name": "Ana", "contacts": {"phone": NUMBER}}], "numbers": (NUMBER[:3],)})

    assert NUMBER not in orjson.dumps(event.after).decode()
    assert event.after["people"][0]["name"] == "Ana"


def test_what_is_wrapped_is_hashed_whatever_it_is_called(session):
    event = kept(session, after={"value": secrets.Secret(NUMBER), "values": [secrets.Secret(NUMBER)]})

    assert NUMBER not in orjson.dumps(event.after).decode()
    assert event.after["values"] == [event.after["value"]]


def test_the_same_value_has_the_same_hash_and_another_one_another(session):
    event = kept(session, before={"phone": NUMBER}, after={"phone": "+43 1 0000000"})

    assert event.before["phone"] == secrets.keyed(NUMBER) != event.after["phone"]


def test_nothing_said_stays_nothing(session):
    assert kept(session, after={"phone": None, "email": ""}).after == {"phone": None, "email": ""}


def test_the_hash_depends_on_the_installations_key(monkeypatch):
    ours = secrets.keyed(NUMBER)
    monkeypatch.setattr(secrets, "_source", [lambda: b"another key"])

    assert secrets.keyed(NUMBER) != ours


def test_what_a_person_is_created_with_stands_in_the_trail_without_their_address(session):
    people.seed_groups(session)
    people.create_user(
        session, "eva", "Eva Muster", password="correct horse battery", groups=["lawyers"],
        email="eva@example.org", by=SYSTEM, now=NOON,
    )  # fmt: skip
    token = people.issue_token(session, "eva", "laptop", by=ANA, now=NOON)

    told = "".join(orjson.dumps([event.before, event.after]).decode() for event in queries.of(session, "user", "eva"))
    assert "Eva Muster" in told
    assert not [secret for secret in ("eva@example.org", "horse", "$argon2", token) if secret in told]
