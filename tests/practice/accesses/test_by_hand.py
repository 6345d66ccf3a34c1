"""Accounts locked and opened because somebody says so."""

import pytest

from engine.actor import Actor
from engine.errors import RightMissing
from practice.accesses import by_hand
from practice.accesses.errors import AccountNotLocked, CaseDecides, LockReasonMissing, OwnAccount
from practice.accesses.models import BreachCase
from practice.audit import queries as audit
from practice.people import queries as people
from tests.conftest import NOON
from tests.practice.firm import LEA

KEEPER = Actor("petra", rights=frozenset({"manage_users"}))


def test_an_account_is_locked_and_opened_with_a_reason_on_record(session, firm):
    by_hand.lock(session, "lea", "Laptop lost", by=KEEPER, now=NOON)
    by_hand.lock(session, "lea", "Laptop lost", by=KEEPER, now=NOON)
    assert people.get(session, "lea").locked_at == NOON

    by_hand.unlock(session, "lea", "Laptop found", by=KEEPER, now=NOON)

    assert people.get(session, "lea").locked_at is None
    kinds = [(one.kind, one.after["because"]) for one in audit.of(session, "user", "lea") if "account_" in one.kind]
    assert kinds == [("account_locked", "Laptop lost"), ("account_unlocked", "Laptop found")]


@pytest.mark.parametrize("reason", [None, "  ", "x" * 2001])
def test_without_a_reason_nothing_is_locked_or_opened(session, firm, reason):
    for act in (by_hand.lock, by_hand.unlock):
        with pytest.raises(LockReasonMissing):
            act(session, "lea", reason, by=KEEPER, now=NOON)

    assert people.get(session, "lea").locked_at is None


def test_nobody_locks_themselves_or_without_the_right(session, firm):
    with pytest.raises(OwnAccount):
        by_hand.lock(session, "petra", "Holiday", by=KEEPER, now=NOON)
    with pytest.raises(RightMissing):
        by_hand.lock(session, "leo", "A joke", by=LEA, now=NOON)
    with pytest.raises(AccountNotLocked):
        by_hand.unlock(session, "leo", "No reason", by=KEEPER, now=NOON)


def test_what_a_case_locked_only_the_case_opens(session, firm):
    by_hand.lock(session, "lea", "B-2026-0001", by=KEEPER, now=NOON)
    case = BreachCase(number="B-2026-0001", username="lea", opened_because="bulk", has_locked=True, opened_at=NOON)
    session.add(case)
    session.flush()

    with pytest.raises(CaseDecides) as refusal:
        by_hand.unlock(session, "lea", "I know her", by=KEEPER, now=NOON)

    assert refusal.value.number == "B-2026-0001"
    assert people.get(session, "lea").locked_at is not None
