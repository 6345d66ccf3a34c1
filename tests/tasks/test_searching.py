"""The search over everything: what somebody may see, kind by kind, and nothing else."""

from dataclasses import replace
from datetime import timedelta
from io import BytesIO

import pytest
import sqlalchemy as sa

from practice.clients import operations as clients
from practice.correspondence import operations as letters
from practice.correspondence import scans  # noqa: F401 - documents may belong to letters
from practice.deadlines import operations as deadline_operations
from practice.deadlines.models import Deadline
from practice.deadlines.operations import KEEP
from practice.documents import operations as documents
from practice.documents import store
from practice.documents.owners import Owner
from practice.enquiries import queries as enquiries
from practice.matters import belongings
from practice.matters.models import Matter
from practice.matters.visibility import visible_to
from practice.parties.models import Party
from practice.parties.names import fold
from practice.text_index import queries as text_index
from tasks import searching
from tasks.searching import KINDS, SearchInvalid
from tests.conftest import NOON
from tests.practice.firm import AUDITOR, CORA, LEA, LEO, PETRA, RITA, STRANGER

LATER = NOON + timedelta(hours=1)
KEEPER = replace(AUDITOR, rights=AUDITOR.rights | {KEEP})
LETTER = {
    "letter_direction": "incoming",
    "letter_channel": "post",
    "letter_sender": "Nordhafen Logistik GmbH",
    "letter_addressee": "The firm",
    "letter_subject": "Answer about the pallets",
    "letter_received_on": "2026-09-01",
}


@pytest.fixture(
    autouse=True,
    params=[
        (belongings.FEW, text_index.COMMON),
        (belongings.FEW, 0),
        (belongings.FEW, 0, -1),
        (-1, 0, -1),
        (-1, 0, -1, -1),
    ],
    ids=["rare words", "few matters", "few matters among enquiries", "many matters", "most matters"],
)
def way(request, monkeypatch):
    """Search in each way: by the index of words, among what somebody has, and among everything in its order."""
    monkeypatch.setattr(belongings, "FEW", request.param[0])
    monkeypatch.setattr(text_index, "COMMON", request.param[1])
    if request.param[2:]:
        monkeypatch.setattr(enquiries, "_FEW_CAME", request.param[2])
    if request.param[0] < 0:
        monkeypatch.setattr(enquiries, "FEW", -1)
    if request.param[3:]:
        monkeypatch.setattr(searching, "_SOON_WALKED", request.param[3])


def kinds(session, actor, text, **more):
    found = searching.search(session, actor=actor, text=text, now=LATER, **more)
    return {group.kind: [hit.title for hit in group.hits] for group in found}


def test_one_word_finds_matter_parties_enquiry_and_task_for_who_may_see_them(session, matter):
    opened = matter(client_name="Νίκος Παπαδόπουλος", opponent_name="Beton AG")

    found = kinds(session, LEA, "παπαδοπουλοσ")

    assert found["matter"] == [opened.title]
    assert found["party"] == ["Νίκος Παπαδόπουλος"]
    assert found["user_task"] == ["assess"]


def test_an_outsider_finds_nothing(session, matter):
    opened = matter(client_name="Zhang Weilun")

    for word in ("zhang", opened.number, opened.enquiry_number, "assess"):
        assert kinds(session, STRANGER, word) == {}
        assert kinds(session, LEO, word) == {}


def test_a_wall_closes_the_search_for_whoever_sees_all_matters(session, matter, wall):
    opened = matter(client_name="Zhang Weilun")
    assert "matter" in kinds(session, AUDITOR, "zhang")

    wall({"matter_id": opened.id}, out=["ada"])

    assert kinds(session, AUDITOR, "zhang") == {}


@pytest.mark.parametrize("text", ["", "   ", "?!", "%", "_", "“”"])
def test_no_words_find_nothing(session, matter, text):
    matter()

    assert kinds(session, AUDITOR, text) == {}


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "🙂", "a" * 5000, "' OR 1=1 --", "\u202eabc", "\x00"])
def test_whatever_is_typed_is_only_looked_for(session, matter, text):
    matter()

    assert kinds(session, AUDITOR, text) == {}


def test_every_word_has_to_occur(session, matter):
    matter(client_name="Ana Ruiz", opponent_name="Beton AG")

    assert "matter" in kinds(session, LEA, "ruiz BETON")
    assert kinds(session, LEA, "ruiz cement") == {}


def test_only_the_kinds_asked_for_are_searched_and_more_is_said_to_be_there(session, matter):
    for _ in range(3):
        matter(client_name="Ana Ruiz")

    (found,) = searching.search(session, actor=LEA, text="ruiz", kinds=["matter"], limit=2, now=LATER)

    assert (found.kind, len(found.hits), found.is_more) == ("matter", 2, True)


def test_an_unknown_kind_and_a_limit_out_of_bounds_are_refused_by_name(session):
    for wrong, field in (({"kinds": ["secret"]}, "kinds"), ({"limit": 0}, "limit"), ({"limit": 51}, "limit")):
        with pytest.raises(SearchInvalid) as refused:
            searching.search(session, actor=LEA, text="ruiz", now=LATER, **wrong)
        assert refused.value.field == field


def test_the_receptionist_finds_the_enquiry_and_not_the_matter_that_came_of_it(session, matter):
    opened = matter(client_name="Ana Ruiz")

    found = kinds(session, RITA, "ruiz")

    assert "enquiry" in found
    assert "matter" not in found
    assert opened.title not in [title for titles in found.values() for title in titles if titles is found.get("matter")]


def test_a_task_offered_to_a_group_is_found_by_its_people(session, matter):
    from engine import user_tasks
    from tests.factories import open_tasks

    matter(client_name="Ana Ruiz")
    user_tasks.complete(session, open_tasks(session)["assess"].id, {}, by=LEA, now=NOON)

    assert kinds(session, CORA, "pay")["user_task"] == ["pay"]
    assert set(kinds(session, PETRA, "ruiz")) <= set(KINDS)


@pytest.fixture
def scan(tmp_path):
    before = store._place.folder, store._place.limit
    store.use(lambda: tmp_path / "documents", limit=1_000_000)
    yield store.take_in(BytesIO(b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"), "scan.pdf")
    store._place.folder, store._place.limit = before


def test_a_letter_and_its_scan_are_found_by_who_may_see_the_letter(session, firm, scan):
    letter = letters.register(session, LETTER, by=RITA, now=NOON)
    owner = Owner("letter", letter.number)
    documents.file(session, owner, scan, title="Scan of the answer", by=RITA, now=NOON)

    assert kinds(session, RITA, "pallets")["letter"] == [LETTER["letter_subject"]]
    (group,) = searching.search(session, actor=RITA, text="scan answer", kinds=["document"], now=LATER)
    assert [(hit.detail, hit.owner_kind) for hit in group.hits] == [(letter.number, "letter")]
    assert kinds(session, STRANGER, "pallets") == kinds(session, STRANGER, "scan") == {}


@pytest.fixture
def deadlines_of_two(session, matter):
    """Deadlines of a matter of Lea's and of one of Leo's, some of them ended."""
    numbers = [matter(client_name="Ana Ruiz").number, matter(client_name="Zhang Weilun", responsible="leo").number]
    for number in numbers:
        for place, name in enumerate(("Appeal Court", "APPEAL of Ruiz", "Reply_50%", "Appeal: evidence")):
            facts = {"name": name, "due_on": f"2026-10-0{place + 1}", "citation": "Rule 1", "source": "The order"}
            row = deadline_operations.register(session, number, facts, by=KEEPER, now=NOON)[0]
            if place == 3:
                session.execute(sa.update(Deadline).where(Deadline.id == row.id).values(state="met", ended_at=NOON))
    session.flush()
    return numbers


@pytest.mark.parametrize("actor", [LEA, AUDITOR, STRANGER], ids=lambda actor: actor.username)
def test_deadlines_are_found_by_their_names_and_their_matters_as_reading_all_would(session, deadlines_of_two, actor):
    query = sa.select(Deadline, Matter).join(Matter, Matter.id == Deadline.matter_id).where(visible_to(actor))
    rows = session.execute(query.order_by(Deadline.ended_at.is_not(None), Deadline.sort_on, Deadline.id)).all()
    for text in ("appeal", "ruiz", "APPEAL ruiz", "ruiz appeal", "reply_5", "50%", "court", "of", "zhang evidence"):
        words = fold(text).split()
        wanted = [
            str(deadline.id)
            for deadline, of in rows
            if all(word in deadline.name.lower() or word in of.search_text for word in words)
        ]

        groups = searching.search(session, actor=actor, text=text, kinds=["deadline"], now=LATER, limit=50)

        assert [hit.key for group in groups for hit in group.hits] == wanted
    assert bool(rows) == (actor is not STRANGER)


def test_a_deadline_is_found_by_the_name_that_it_has_now(session, deadlines_of_two):
    chosen = session.scalars(sa.select(Deadline).where(Deadline.name == "Appeal Court")).first()
    session.execute(sa.update(Deadline).where(Deadline.id == chosen.id).values(name="Cassation"))

    assert kinds(session, AUDITOR, "cassation") == {"deadline": ["Cassation"]}
    assert kinds(session, AUDITOR, "court")["deadline"] == ["Appeal Court"]


@pytest.fixture
def engaged(session, matter):
    """Return a function: the matter's client is a client of the firm; returns both records, and the matter."""

    def make(**more):
        opened = matter(**more)
        party = session.get(Party, opened.client_party_id)
        return clients.engage(session, party, by=AUDITOR, now=NOON), party, opened

    return make


def shown(session, actor, text, **more):
    found = searching.search(session, actor=actor, text=text, now=LATER, **more)
    return {group.kind: ([hit.key for hit in group.hits], group.is_more) for group in found}


def test_clients_are_found_with_the_parties_that_they_are_and_alone(session, engaged):
    client, party, _ = engaged(client_name="Zhang Weilun", opponent_name="Zhang Beton AG")

    both = shown(session, AUDITOR, "zhang", kinds=["party", "client"])

    assert both["client"] == ([client.number], False)
    assert str(party.id) in both["party"][0]
    assert len(both["party"][0]) == 2
    assert shown(session, AUDITOR, "zhang", kinds=["client"]) == {"client": both["client"]}
    assert shown(session, AUDITOR, "zhang", kinds=["party"]) == {"party": both["party"]}
    assert shown(session, STRANGER, "zhang", kinds=["party", "client"]) == {}
    assert shown(session, LEO, "zhang", kinds=["party", "client"]) == {}


def test_a_client_is_found_by_number_beside_the_parties(session, engaged):
    client, _, _ = engaged(client_name="Zhang Weilun")

    assert shown(session, AUDITOR, client.number.lower(), kinds=["party", "client"]) == {
        "client": ([client.number], False)
    }
    assert shown(session, STRANGER, client.number, kinds=["party", "client"]) == {}


def test_behind_a_wall_a_client_is_found_no_more_than_the_party(session, engaged, wall):
    _, _, opened = engaged(client_name="Zhang Weilun")

    wall({"matter_id": opened.id}, out=["ada"])

    assert shown(session, AUDITOR, "zhang", kinds=["party", "client"]) == {}


@pytest.mark.parametrize("others", [0, 9], ids=["all of them clients", "behind parties that are none"])
def test_as_many_clients_are_told_as_there_are(session, engaged, others):
    """Whether they are among the parties that were looked at, or none of those is a client."""
    made = [engaged(client_name=f"Zhang Number{letter}")[0].number for letter in "abc"]
    for place in range(others):
        party = Party(name=f"Zhang Other{place}", normalised_name=f"zhang other{place}", kind="person")
        party.search_text, party.created_at, party.created_by = f"zhang other{place}", LATER, "ada"
        session.add(party)
    session.flush()

    keys, is_more = shown(session, AUDITOR, "zhang", kinds=["party", "client"], limit=2)["client"]

    assert len(keys) == 2
    assert set(keys) <= set(made)
    assert is_more
