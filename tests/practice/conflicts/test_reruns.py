"""Whatever becomes known of a party, its open matters are checked again (A17)."""

import sqlalchemy as sa

from engine.actor import Actor
from engine.models import Job
from practice.conflicts import queries, reruns
from practice.contacts import operations as contacts
from practice.notices.models import Notice
from practice.parties import merging, records
from practice.parties.models import Party
from practice.parties.records import IdentifierGiven, NameGiven
from tests.conftest import NOON

OTTO = Actor(
    "otto", frozenset({"conflicts_officers"}), frozenset({"record_parties", "see_all_parties", "merge_parties"})
)


def party(session, name):
    return session.query(Party).filter_by(name=name).one()


def waiting(session):
    return sorted(session.scalars(sa.select(Job.element_id).where(Job.kind == reruns.KIND)))


def carry_out(session):
    for job in session.scalars(sa.select(Job).where(Job.kind == reruns.KIND)).all():
        reruns.rerun(session, job, NOON)
        session.delete(job)
    session.flush()


def told(session):
    query = sa.select(Notice.username).where(Notice.kind == reruns.FOUND).order_by(Notice.username)
    return list(session.scalars(query))


def test_another_name_of_a_party_is_checked_in_each_of_its_open_matters(session, matter):
    first, second = matter("Acme Ltd", "Beton AG"), matter("Acme Ltd", "Gus")
    matter("Dora", "Eve")

    records.add_name(session, party(session, "Acme Ltd").id, NameGiven("Eve"), by=OTTO, now=NOON)

    assert waiting(session) == [first.number, second.number]
    carry_out(session)
    assert [queries.last_check(session, one.number).trigger for one in (first, second)] == ["party_change"] * 2


def test_what_is_new_is_told_to_the_team_and_to_who_decides(session, matter):
    mine = matter("Acme Ltd", "Beton AG")
    matter("Dora", "Eve")
    contacts.record(session, party(session, "Eve").id, "phone", "+30 210 555 0158", by=OTTO, now=NOON)
    carry_out(session)
    before = told(session)

    contacts.record(session, party(session, "Acme Ltd").id, "phone", "+30 210 555 0158", by=OTTO, now=NOON)
    carry_out(session)

    assert before == []
    assert told(session) == ["lea", "otto", "petra"]
    assert queries.last_check(session, mine.number).outcome == "relative"


def test_what_was_known_before_is_not_told_again(session, matter):
    matter("Acme Ltd", "Beton AG")
    records.add_name(session, party(session, "Acme Ltd").id, NameGiven("Acme"), by=OTTO, now=NOON)

    carry_out(session)

    assert told(session) == []


def test_several_changes_before_the_check_are_one_check(session, matter):
    mine = matter("Acme Ltd", "Beton AG")
    acme = party(session, "Acme Ltd")

    records.add_name(session, acme.id, NameGiven("Acme"), by=OTTO, now=NOON)
    records.identify(session, acme.id, IdentifierGiven("tax_number", "77"), by=OTTO, now=NOON)

    assert waiting(session) == [mine.number]


def test_a_merger_is_a_change(session, matter):
    mine = matter("Acme Ltd", "Beton AG")
    other = matter("Nordlicht GmbH", "Gus")

    merging.merge(
        session,
        party(session, "Nordlicht GmbH").id,
        into=party(session, "Acme Ltd").id,
        reason="One firm.",
        by=OTTO,
        now=NOON,
    )

    assert waiting(session) == sorted([mine.number, other.number])


def test_a_matter_that_was_archived_meanwhile_is_left(session, matter):
    mine = matter("Acme Ltd", "Beton AG")
    records.add_name(session, party(session, "Acme Ltd").id, NameGiven("Acme"), by=OTTO, now=NOON)
    mine.state = "archived"
    mine.archived_at = NOON
    count = len(queries.checks_of(session, mine.number))

    carry_out(session)

    assert len(queries.checks_of(session, mine.number)) == count
