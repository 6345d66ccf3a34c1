"""Who finds what in the trail."""

import base64
import io
from datetime import timedelta

import orjson
import pytest

from engine.actor import SYSTEM, Actor
from practice.audit import exports, queries
from practice.audit import operations as audit
from practice.audit.queries import Wanted
from practice.errors import CursorInvalid
from practice.matters.models import Matter
from tests.conftest import NOON
from tests.practice.firm import LEA, PETRA, STRANGER

READER = Actor("ada", frozenset({"auditors"}), frozenset({"see_audit", "see_all_matters", "see_all_instances"}))
#: May read the trail and is in no matter.
OUTSIDER = Actor("olga", frozenset({"auditors"}), frozenset({"see_audit"}))


@pytest.fixture
def trail(session):
    for number, (by, kind) in enumerate([(LEA, "opened"), (PETRA, "changed"), (LEA, "changed")]):
        audit.append(session, "thing", number % 2, kind, by=by, now=NOON + timedelta(days=number))
    audit.deny(session, "request", "/matters", "request_refused", by=LEA, now=NOON + timedelta(days=9))
    session.flush()


def found(session, actor=READER, **wanted):
    page = queries.search(session, Wanted(**wanted), actor=actor)
    return [(event.by, event.kind, event.entity_id) for event in page.items]


def test_the_newest_come_first(session, trail):
    assert found(session) == [
        ("lea", "request_refused", "/matters"),
        ("lea", "changed", "0"),
        ("petra", "changed", "1"),
        ("lea", "opened", "0"),
    ]


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"by": "lea"}, 3),
        ({"kind": "changed"}, 2),
        ({"entity": "thing"}, 3),
        ({"entity": "thing", "entity_id": "1"}, 1),
        ({"since": NOON + timedelta(days=1)}, 3),
        ({"until": NOON + timedelta(days=1)}, 1),
        ({"only_denials": True}, 1),
        ({"by": "lea", "kind": "changed", "since": NOON, "until": NOON + timedelta(days=3)}, 1),
        ({"matter": "2026-CV-0001"}, 0),
    ],
)
def test_the_trail_is_filtered_by_who_what_when_and_which_record(session, trail, wanted, count):
    assert len(found(session, **wanted)) == count


def test_pages_follow_one_another_without_loss(session, trail):
    first = queries.search(session, Wanted(), actor=READER, limit=3)
    second = queries.search(session, Wanted(), actor=READER, limit=3, cursor=first.next_cursor)

    assert [len(first.items), len(second.items), second.next_cursor] == [3, 1, None]
    assert not {event.id for event in first.items} & {event.id for event in second.items}


CURSORS = ["2026-01-01_1", "2026-01-01T00:00:00+00:00_x", f"2026-01-01T00:00:00Z_{2**70}", "2026-01-01T00:00:00_1"]


@pytest.mark.parametrize("cursor", ["x", "é", *(base64.urlsafe_b64encode(text.encode()).decode() for text in CURSORS)])
def test_a_cursor_of_somebody_elses_is_refused(session, cursor):
    with pytest.raises(CursorInvalid):
        queries.search(session, Wanted(), actor=READER, cursor=cursor)


def test_who_lacks_the_right_finds_nothing(session, trail):
    for actor in (LEA, PETRA, STRANGER):
        assert found(session, actor=actor) == []
        assert list(queries.export(session, Wanted(), actor=actor)) == []


def test_a_reader_outside_a_matter_finds_nothing_of_it_nor_of_its_enquiry(session, matter):
    opened = matter()
    audit.append(session, "deadline", "77", "deadline_set", by=LEA, now=NOON, matter=opened.number)
    session.flush()

    mine = {(event.entity, event.entity_id) for event in queries.search(session, Wanted(), actor=READER).items}
    theirs = {(event.entity, event.entity_id) for event in queries.search(session, Wanted(), actor=OUTSIDER).items}

    hidden = {("matter", opened.number), ("deadline", "77"), ("enquiry", opened.enquiry_number)}
    assert hidden <= mine
    assert not hidden & theirs
    assert ("user", "lea") in theirs
    exported = {row.AuditEvent.entity_id for row in queries.export(session, Wanted(), actor=OUTSIDER)}
    assert not exported & {opened.number, "77", opened.enquiry_number}


def test_a_reader_finds_nothing_of_parties_and_clients_whom_they_may_not_see(session, matter):
    opened = matter()
    party_id = str(opened.client_party_id)

    mine, theirs = (
        {(event.entity, event.entity_id) for event in queries.search(session, Wanted(), actor=actor, limit=200).items}
        for actor in (READER, OUTSIDER)
    )

    assert ("party", party_id) in mine
    assert {"client"} & {entity for entity, _ in mine}
    assert not {"client", "party", "lead"} & {entity for entity, _ in theirs}


def test_what_is_said_of_a_party_by_another_name_than_its_id_is_shown_and_breaks_nothing(session):
    audit.append(session, "party", "not an id", "party_recorded", by=LEA, now=NOON)
    session.flush()

    assert found(session, entity="party") == [("lea", "party_recorded", "not an id")]


def test_a_member_of_the_team_who_may_read_the_trail_finds_their_matter(session, matter):
    opened = matter(responsible="lea")
    member = Actor("lea", frozenset({"lawyers"}), frozenset({"see_audit"}))

    assert (SYSTEM.username, "matter_opened") not in found(session, actor=member)
    assert opened.number in {entity_id for _, _, entity_id in found(session, actor=member, matter=opened.number)}


def test_what_is_told_of_a_matter_that_is_no_longer_there_stays(session, trail):
    audit.append(session, "matter", "1999-CV-0001", "matter_opened", by=LEA, now=NOON)
    session.flush()

    assert session.query(Matter).count() == 0
    assert found(session, actor=OUTSIDER, matter="1999-CV-0001") == [("lea", "matter_opened", "1999-CV-0001")]


def test_what_there_is_to_filter_by_is_listed_once(session, trail):
    assert queries.kinds(session) == ["changed", "opened", "request_refused"]
    assert queries.entities(session) == ["request", "thing"]


def test_an_empty_trail_offers_nothing_to_filter_by(session):
    assert (queries.kinds(session), queries.entities(session)) == ([], [])


def test_an_export_names_each_events_place_in_the_chain(fresh_engine):
    from engine import database

    with database.transaction(fresh_engine) as session:
        audit.append(session, "thing", 1, "opened", by=LEA, now=NOON, after={"title": "歐陽鋒"})
        audit.append(session, "thing", "=1+1", "opened", by=LEA, now=NOON)
    lines, sheet = io.StringIO(), io.StringIO()
    with database.transaction(fresh_engine) as session:
        counts = [
            exports.write(session, Wanted(), into, form=form, actor=READER)
            for into, form in ((lines, "jsonl"), (sheet, "csv"))
        ]

    first = orjson.loads(lines.getvalue().splitlines()[0])
    assert counts == [2, 2]
    assert (first["position"], len(first["hash"]), first["after"]) == (1, 64, {"title": "歐陽鋒"})
    assert sheet.getvalue().splitlines()[0].startswith("position,hash,id,at,by")
    assert "'=1+1" in sheet.getvalue()
