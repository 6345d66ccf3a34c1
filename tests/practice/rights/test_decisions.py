"""One question for everything: may somebody do this with that?"""

from dataclasses import replace

import pytest
import sqlalchemy as sa

from engine.actor import SYSTEM
from practice.directories.models import DirectoryEntry
from practice.events.models import Event
from practice.rights import queries
from practice.rights.decisions import EventOf, RecoveryAmounts, Report, may
from practice.rights.models import RightRule
from tests.conftest import NOON
from tests.practice.firm import AUDITOR, LEA, LEO, RITA, STRANGER

EXPORTER = replace(LEA, rights=frozenset({"export_data"}))
EDITOR = replace(AUDITOR, rights=AUDITOR.rights | {"edit_matters"})


@pytest.fixture
def kind(session):
    """Return a function that adds a kind of event to the directory."""

    def make(key, under=None, required_right=None):
        row = DirectoryEntry(
            directory="event_kind",
            key=key,
            name=key,
            parent_id=under.id if under else None,
            path=(under.path if under else "") + key + "/",
            required_right=required_right,
            created_at=NOON,
            created_by="system",
        )
        session.add(row)
        session.flush()
        return row

    return make


@pytest.fixture
def event(session):
    """Return a function that adds an event to a matter."""

    def make(matter, kind):
        row = Event(
            matter_id=matter.id,
            kind_id=kind.id,
            title=kind.name,
            planned_start_at=NOON,
            created_at=NOON,
            created_by="lea",
        )
        session.add(row)
        session.flush()
        return row

    return make


@pytest.fixture
def rule(session, firm):
    """Return a function that adds a rule."""

    def make(effect, action, **about):
        session.add(RightRule(effect=effect, action=action, created_at=NOON, created_by="otto", **about))
        session.flush()

    return make


def test_an_action_that_there_is_not_and_a_thing_that_nobody_knows_are_refused(session, matter):
    with pytest.raises(ValueError, match="burn"):
        may(session, LEA, "burn", matter())
    with pytest.raises(TypeError):
        may(session, LEA, "read", object())


@pytest.mark.parametrize(
    ("actor", "may_read", "may_change", "may_export"),
    [
        (LEA, True, True, False),
        (EXPORTER, True, True, True),
        (AUDITOR, True, False, False),
        (EDITOR, True, True, False),
        (LEO, False, False, False),
        (SYSTEM, True, True, True),
    ],
    ids=["team", "team that exports", "auditor", "editor", "outsider", "system"],
)
def test_a_matter_is_read_changed_and_exported_by_whom_it_concerns(
    session, matter, actor, may_read, may_change, may_export
):
    opened = matter()

    assert may(session, actor, "read", opened) is may_read
    assert may(session, actor, "change", opened) is may_change
    assert may(session, actor, "export", opened) is may_export


def test_a_secret_matter_is_exported_by_nobody(session, matter):
    opened = matter()
    opened.confidentiality = "restricted"
    session.flush()
    assert may(session, EXPORTER, "export", opened)

    opened.confidentiality = "secret"
    session.flush()

    assert may(session, EXPORTER, "read", opened)
    assert not may(session, EXPORTER, "export", opened)


def test_an_archived_matter_is_changed_by_nobody_of_the_firm(session, matter):
    opened = matter()
    opened.state, opened.archived_at = "archived", NOON
    session.flush()

    assert may(session, LEA, "read", opened)
    assert not may(session, LEA, "change", opened)


def test_a_rule_for_one_client_takes_one_action_away_and_leaves_the_others(session, matter, rule):
    opened, other = matter(), matter("Bo Chen", None)
    rule("deny", "change", username="lea", client_party_id=opened.client_party_id)

    assert may(session, LEA, "read", opened)
    assert not may(session, LEA, "change", opened)
    assert may(session, LEA, "change", other)


def test_a_rule_lets_who_may_read_a_client_change_its_matters(session, matter, rule):
    opened = matter()
    assert not may(session, AUDITOR, "change", opened)

    rule("allow", "change", group_name="auditors", client_party_id=opened.client_party_id)

    assert may(session, AUDITOR, "change", opened)
    assert not may(session, STRANGER, "change", opened)


def test_a_department_is_denied_one_kind_of_event_and_what_lies_below_it(session, matter, kind, event, rule):
    filing, hearing = kind("filing"), kind("hearing")
    refiling = kind("refiling", under=filing)
    opened = matter()
    rows = {entry.key: event(opened, entry) for entry in (filing, hearing, refiling)}

    rule("deny", "read", group_name="lawyers", event_kind="filing")

    denied = set(session.scalars(sa.select(Event.id).where(queries.event_denied(LEA, "read"))))
    assert denied == {rows["filing"].id, rows["refiling"].id}
    assert {key for key, row in rows.items() if may(session, LEA, "read", row)} == {"hearing"}
    assert {key for key, row in rows.items() if may(session, LEA, "change", row)} == {"filing", "hearing", "refiling"}
    assert session.scalars(sa.select(Event.id).where(queries.event_denied(AUDITOR, "read"))).all() == []
    assert session.scalars(sa.select(Event.id).where(queries.event_denied(SYSTEM, "read"))).all() == []


def test_creating_is_a_right_of_its_own(session, matter, kind, rule):
    filing, hearing = kind("filing"), kind("hearing")
    opened = matter()

    rule("deny", "create", username="lea", event_kind="filing")

    assert not may(session, LEA, "create", EventOf(opened, filing))
    assert may(session, LEA, "create", EventOf(opened, hearing))
    assert not may(session, LEO, "create", EventOf(opened, hearing))


def test_a_rule_about_a_kind_and_a_client_leaves_other_clients_alone(session, matter, kind, event, rule):
    filing = kind("filing")
    first, second = matter(), matter("Bo Chen", None)
    here, there = event(first, filing), event(second, filing)

    rule("deny", "read", event_kind="filing", client_party_id=first.client_party_id)

    assert session.scalars(sa.select(Event.id).where(queries.event_denied(LEA, "read"))).all() == [here.id]
    assert not may(session, LEA, "read", here)
    assert may(session, LEA, "read", there)
    assert may(session, LEA, "read", first)


def test_a_kind_that_asks_for_a_right_is_open_to_who_holds_it_or_is_allowed_by_a_rule(
    session, matter, kind, event, rule
):
    referral = event(matter(), kind("referral", required_right="see_court_referrals"))
    assert not may(session, LEA, "read", referral)
    assert may(session, replace(LEA, rights=frozenset({"see_court_referrals"})), "read", referral)

    rule("allow", "read", username="lea", event_kind="referral")

    assert may(session, LEA, "read", referral)
    assert session.scalars(sa.select(Event.id).where(queries.event_allowed(LEA, "read"))).all() == [referral.id]
    assert session.scalars(sa.select(Event.id).where(queries.event_allowed(LEO, "read"))).all() == []


@pytest.mark.parametrize(
    ("report", "right"), [("finance", "see_finance_reports"), ("decisions", "see_decision_reports")]
)
def test_a_report_is_there_for_who_holds_its_right(session, report, right):
    holder = replace(LEO, rights=frozenset({right}))

    assert may(session, holder, "read", Report(report))
    assert not may(session, LEO, "read", Report(report))
    assert not may(session, holder, "export", Report(report))
    assert may(session, replace(holder, rights=holder.rights | {"export_data"}), "export", Report(report))
    assert may(session, LEO, "read", Report("workload"))


def test_sums_are_read_by_who_reads_the_matter_and_changed_by_right(session, matter):
    sums = RecoveryAmounts(matter())

    assert may(session, LEA, "read", sums)
    assert not may(session, LEA, "change", sums)
    assert may(session, replace(LEA, rights=frozenset({"edit_recoveries"})), "change", sums)
    assert not may(session, replace(LEO, rights=frozenset({"edit_recoveries"})), "change", sums)


def test_an_enquiry_is_changed_by_who_received_it_while_it_is_open(session, enquiry, register):
    assert may(session, RITA, "read", enquiry)
    assert may(session, RITA, "change", enquiry)
    assert not may(session, LEA, "read", enquiry)
    assert may(session, AUDITOR, "read", enquiry)
    assert not may(session, AUDITOR, "change", enquiry)
    enquiry.state, enquiry.closed_at = "declined", NOON
    session.flush()
    assert not may(session, RITA, "change", enquiry)
