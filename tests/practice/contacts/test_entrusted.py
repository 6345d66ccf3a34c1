"""What is typed into forms is sealed before any process knows it."""

import pytest
import sqlalchemy as sa

from engine import modifications, process_instances, safekeeping, user_tasks
from practice.contacts import entrusted, queries, sealing
from practice.contacts.models import ContactPoint
from practice.parties.models import Party
from tasks.drafts import operations as drafts
from tests.factories import ANA, CHIEF, NOON, begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import LEA

PHONE, MAIL = "+44 20 7946 0958", "orhan.demir@example.org"


@pytest.fixture(autouse=True)
def _sealing(request):
    entrusted.install(lambda: "a key of the tests that seals nothing but tests")
    yield
    safekeeping.forget(entrusted.sealed)


@pytest.fixture
def instance(session):
    deploy(session, start() + user_task("ask") + user_task("after") + end() + path("started", "ask", "after", "ended"))
    return begin(session, variables={"client_phone": PHONE, "note": "calls at noon"})


def digits(text):
    return "".join(sign for sign in text if sign.isdigit())


def all_that_is_stored(session):
    """Every row of every table but the seals, as text."""
    found = []
    for table in ("process_instance", "history_event", "user_task", "contact_point", "job", "buffered_message"):
        for row in session.execute(sa.text(f"SELECT * FROM {table}")).mappings():
            found += [str(value) for name, value in row.items() if name not in ("sealed", "state_blob")]
    return "\n".join(found)


def test_a_process_starts_with_what_stands_for_the_number(session, instance):
    variables = process_instances.variables(session, instance.id)

    assert variables["client_phone"].startswith("••• ••• 58 · ")
    assert variables["note"] == "calls at noon"
    assert "7946 0958" not in all_that_is_stored(session)
    point = session.scalars(sa.select(ContactPoint)).one()
    assert sealing.opened(point.sealed, row_id=point.id) == PHONE


def test_answers_corrections_and_messages_are_sealed_however_deep(session, instance):
    task = open_tasks(session)["ask"]
    user_tasks.complete(
        session, task.id, {"people": [{"name": "Orhan", "email": MAIL}], "fax2": "020 7946 0959"}, by=ANA, now=NOON
    )
    modifications.modify(
        session,
        instance.id,
        [modifications.SetVariables({"clientMobile": "07700 900123", "odd_phone": "either 020 7946 0960 or mail"})],
        reason="A typing error",
        by=CHIEF,
        now=NOON,
    )

    variables = process_instances.variables(session, instance.id)
    assert variables["people"][0]["name"] == "Orhan"
    assert variables["people"][0]["email"].startswith("o•••@•••.org · ")
    assert variables["fax2"].startswith("••• ••• 59 · ")
    assert variables["clientMobile"].startswith("••• ••• 23 · ")
    assert variables["odd_phone"].startswith("••• · ")
    stored = all_that_is_stored(session)
    assert not any(secret in stored for secret in (MAIL, "7946 095", "900123", "0960"))


def test_what_stands_for_a_number_is_sent_back_as_it_is(session, instance):
    stands = process_instances.variables(session, instance.id)["client_phone"]

    user_tasks.complete(session, open_tasks(session)["ask"].id, {"client_phone": stands}, by=ANA, now=NOON)

    assert process_instances.variables(session, instance.id)["client_phone"] == stands
    assert session.scalar(sa.select(sa.func.count()).select_from(ContactPoint)) == 1


@pytest.mark.parametrize("name", ["email_subject", "phone_book", "telephoned", "hotel", "choice_way", "mail"])
def test_other_names_are_no_contact_points(name):
    assert entrusted.kind_of(name) is None


def test_a_draft_is_kept_without_the_number(session, instance, firm):
    assert drafts.save(
        session, LEA, user_task_id=open_tasks(session)["ask"].id, values={"client_phone": PHONE, "note": "x"}, now=NOON
    ).values == {"note": "x"}


def test_an_opened_matter_gives_the_number_to_its_client(session, matter):
    given = entrusted.sealed(session, {"client_phone": PHONE, "opponent_email": MAIL}, LEA, NOON)

    matter("Orhan Demir", "Beton AG", **given)

    client, opponent = (
        session.scalars(sa.select(Party).where(Party.name == name)).one() for name in ("Orhan Demir", "Beton AG")
    )
    assert [point.masked for point in queries.of_party(session, client)] == ["••• ••• 58"]
    assert [point.masked for point in queries.of_party(session, opponent)] == ["o•••@•••.org"]
    assert queries.parties_with(session, "phone", "020 7946 0958")[0][0] == client.id
