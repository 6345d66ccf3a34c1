"""Saying yes to many things at once: each by itself, and what needs a second look drops out with its reason."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

import tasks.rules  # noqa: F401 - what the engine asks
from engine import user_tasks
from engine.actor import Actor
from engine.errors import UserTaskAlreadyClaimed, UserTaskNotFound, UserTaskNotOpen
from practice.audit.models import AuditEvent
from practice.authority import operations as authority
from practice.authority import queries as limits
from practice.authority.errors import AuthorityExceeded, AuthorityForOneself, AuthorityLimitRevoked, NobodyNamed
from practice.errors import AmountInvalid, CurrencyUnknown, VariableInvalid, VariableMissing
from tasks.absences import operations as absences
from tasks.approvals import operations, queries
from tasks.approvals.errors import ApprovalLinkDead, ChangedSinceShown, InputNeeded
from tasks.approvals.models import ApprovalLink
from tasks.separation.errors import DutiesNotSeparated
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, properties, start, user_task
from tests.practice.firm import LEA, LEO, PETRA, STRANGER

ASSIGNER = Actor("petra", frozenset({"partners"}), frozenset({"assign_user_tasks", "manage_authority"}))
FORM = b"""{"type": "default", "id": "pay", "schemaVersion": 19, "components": [
  {"type": "text", "id": "t1", "text": "**{{payee}}** asks for {{amount}} {{currency}}."},
  {"type": "number", "id": "f1", "key": "amount", "label": "Amount", "readonly": true},
  {"type": "textfield", "id": "f2", "key": "purpose", "label": "Purpose", "validate": {"required": true}},
  {"type": "radio", "id": "f3", "key": "decision", "label": "Decision", "validate": {"required": true},
   "values": [{"label": "Pay", "value": "pay"}, {"label": "Send back", "value": "send_back"}]}]}"""
BILL = {"payee": "Court of Tirana", "amount": "120.50", "currency": "EUR", "purpose": "Fee"}


@pytest.fixture
def payments(session, firm):
    """Return a function that asks lawyers to approve a payment, by Petra."""
    rules = properties(approve="decision=pay", authority="payment", notPerformedBy="started")
    deploy(
        session,
        start()
        + user_task("approve", attributes='camunda:formKey="pay" camunda:dueDate="P1D"', inner=rules)
        + user_task("plain", groups="reception")
        + end()
        + path("started", "approve", "plain", "ended"),
        files={"forms/pay.form": FORM},
    )

    def ask(by=PETRA, key=None, **facts):
        instance = begin(session, by=by, business_key=key, variables={**BILL, **facts})
        return open_tasks(session, instance.id)["approve"]

    return ask


@pytest.fixture
def trusted(session, firm):
    """Lawyers may approve payments of up to 1000 euros."""
    facts = {"kind": "payment", "group": "lawyers", "limit": "1000", "currency": "EUR"}
    return authority.grant(session, facts, by=ASSIGNER, now=NOON)


def item(session, actor, task):
    return next(one for one in queries.waiting(session, actor).items if one.task.id == task.id)


def test_the_list_shows_the_facts_and_nobody_elses_work(session, payments, trusted):
    task = payments()

    shown = item(session, LEA, task)

    assert [(one.label, one.value) for one in shown.shown] == [
        (None, "Court of Tirana asks for 120.50 EUR."),
        ("Amount", "120.50"),
        ("Purpose", "Fee"),
    ]
    assert shown.answers == {"purpose": "Fee", "decision": "pay"}
    assert queries.waiting_count(session, LEA) == 1
    for outsider in (STRANGER, Actor("lone")):
        assert queries.waiting(session, outsider).items == []
        assert queries.waiting_count(session, outsider) == 0


def test_a_matter_behind_a_wall_is_not_on_the_list(session, payments, trusted, matter, wall):
    made = matter(responsible="leo")
    task = payments(key=made.number)
    assert item(session, LEA, task).about.number == made.number

    wall({"matter_id": made.id}, out=["lea"])

    assert queries.waiting(session, LEA).items == []
    assert queries.waiting_count(session, LEA) == 0
    with pytest.raises(UserTaskNotFound):
        operations.approve(session, task.id, None, by=LEA, now=NOON)


def test_the_list_goes_on_where_a_page_ended(session, payments):
    for _ in range(5):
        payments()

    first = queries.waiting(session, LEA, limit=3)
    second = queries.waiting(session, LEA, limit=3, cursor=first.next_cursor)

    assert len({one.task.id for one in (*first.items, *second.items)}) == 5
    assert second.next_cursor is None


def test_a_yes_completes_with_the_answers_that_the_model_names(session, payments, trusted):
    task = payments()

    done = operations.approve(session, task.id, item(session, LEA, task).version, by=LEA, now=NOON)

    assert (done.state, done.ended_by) == ("completed", "lea")
    assert user_tasks.variables(session, open_tasks(session)["plain"])["decision"] == "pay"
    assert operations.approve(session, task.id, "whatever", by=LEA, now=NOON).id == task.id
    with pytest.raises(UserTaskNotOpen):
        operations.approve(session, task.id, None, by=LEO, now=NOON)


def test_what_changed_since_it_was_shown_drops_out(session, payments, trusted, matter):
    made = matter(claim_value="500", currency="EUR")
    task = payments(key=made.number)
    seen = item(session, LEA, task).version
    made.claim_value_minor = 99_900
    session.flush()

    with pytest.raises(ChangedSinceShown):
        operations.approve(session, task.id, seen, by=LEA, now=NOON)

    assert task.state == "created"
    operations.approve(session, task.id, item(session, LEA, task).version, by=LEA, now=NOON)


def test_what_somebody_took_meanwhile_drops_out_with_their_name(session, payments, trusted):
    task = payments()
    seen = item(session, LEA, task).version
    user_tasks.claim(session, task.id, by=LEO, now=NOON)

    with pytest.raises(UserTaskAlreadyClaimed) as refusal:
        operations.approve(session, task.id, seen, by=LEA, now=NOON)

    assert refusal.value.assignee == "leo"


def test_what_needs_more_than_a_yes_drops_out_and_says_what(session, payments, trusted):
    task = payments(purpose="")

    with pytest.raises(InputNeeded) as refusal:
        operations.approve(session, task.id, item(session, LEA, task).version, by=LEA, now=NOON)

    assert list(refusal.value.fields) == ["purpose"]
    with pytest.raises(InputNeeded):
        plain = Actor("rita", frozenset({"reception"}))
        payments_done = payments()
        user_tasks.complete(session, payments_done.id, {"purpose": "x", "decision": "pay"}, by=LEA, now=NOON)
        operations.approve(session, open_tasks(session)["plain"].id, None, by=plain, now=NOON)


def test_nobody_approves_what_they_asked_for(session, payments, trusted):
    task = payments(by=LEA)

    with pytest.raises(DutiesNotSeparated):
        operations.approve(session, task.id, item(session, LEA, task).version, by=LEA, now=NOON)


def test_authority_ends_at_its_amount_and_sending_back_needs_none(session, payments, trusted):
    task = payments(amount="1000.01")

    with pytest.raises(AuthorityExceeded) as refusal:
        operations.approve(session, task.id, None, by=LEA, now=NOON)

    assert (refusal.value.amount, refusal.value.currency) == ("1000.01", "EUR")
    user_tasks.complete(session, task.id, {"purpose": "Fee", "decision": "send_back"}, by=LEA, now=NOON)
    operations.approve(session, payments(amount="1000").id, None, by=LEA, now=NOON)


@pytest.mark.parametrize(
    "facts",
    [
        {"limit": "1000", "currency": "USD"},
        {"valid_from": "2026-09-02"},
        {"valid_from": "2026-08-01", "valid_until": "2026-08-31"},
        {"kind": "settlement"},
        {"username": "leo", "group": None},
    ],
)
def test_another_limit_does_not_cover_it(session, payments, facts):
    authority.grant(session, {"kind": "payment", "group": "lawyers", **facts}, by=ASSIGNER, now=NOON)

    with pytest.raises(AuthorityExceeded):
        operations.approve(session, payments().id, None, by=LEA, now=NOON)


def test_authority_may_be_for_one_client_or_one_matter(session, payments, matter):
    made, other = matter("Ana Ruiz", "Beton AG"), matter("Wu Lan", "Gamma Ltd")
    authority.grant(session, {"kind": "payment", "username": "lea", "client_of": made.number}, by=LEGAL, now=NOON)

    operations.approve(session, payments(key=made.number).id, None, by=LEA, now=NOON)
    for key in (other.number, None):
        with pytest.raises(AuthorityExceeded):
            operations.approve(session, payments(key=key).id, None, by=LEA, now=NOON)


LEGAL = Actor("petra", frozenset({"partners"}), frozenset({"manage_authority", "see_all_matters"}))


def test_an_amount_that_is_none_is_refused_by_name(session, payments, trusted):
    with pytest.raises(VariableMissing):
        operations.approve(session, payments(currency="").id, None, by=LEA, now=NOON)
    with pytest.raises(CurrencyUnknown):
        operations.approve(session, payments(currency="XXX").id, None, by=LEA, now=NOON)
    with pytest.raises(AmountInvalid):
        operations.approve(session, payments(amount="-5").id, None, by=LEA, now=NOON)


@pytest.mark.parametrize(
    ("facts", "refusal"),
    [
        ({"group": None}, NobodyNamed),
        ({"username": "lea"}, NobodyNamed),
        ({"group": "ghosts"}, VariableInvalid),
        ({"group": "partners"}, AuthorityForOneself),
        ({"kind": " "}, VariableMissing),
        ({"limit": "12.345"}, AmountInvalid),
        ({"currency": "XXX"}, CurrencyUnknown),
        ({"valid_from": "2026-09-02", "valid_until": "2026-09-01"}, VariableInvalid),
    ],
)
def test_a_bad_limit_is_refused_by_name(session, firm, facts, refusal):
    whole = {"kind": "payment", "group": "lawyers", "limit": "10", "currency": "EUR", **facts}
    with pytest.raises(refusal):
        authority.grant(session, whole, by=ASSIGNER, now=NOON)

    assert limits.limits(session, actor=ASSIGNER) == []


def test_a_revoked_limit_covers_nothing_and_outsiders_read_none(session, payments, trusted):
    assert limits.limits(session, actor=LEA) == [trusted]
    assert limits.limits(session, actor=STRANGER) == []
    authority.revoke(session, trusted.id, by=ASSIGNER, now=NOON)

    with pytest.raises(AuthorityExceeded):
        operations.approve(session, payments().id, None, by=LEA, now=NOON)
    with pytest.raises(AuthorityLimitRevoked):
        authority.revoke(session, trusted.id, by=ASSIGNER, now=NOON)


@pytest.mark.parametrize("with_authority", [True, False])
def test_a_substitute_approves_for_who_is_away_only_when_they_lend_their_authority(session, payments, with_authority):
    authority.grant(session, {"kind": "payment", "username": "lea"}, by=ASSIGNER, now=NOON)
    task = payments()
    user_tasks.claim(session, task.id, by=LEA, now=NOON)
    booked = {"first_on": "2026-09-01", "last_on": "2026-09-09", "substitute": "leo", "with_authority": with_authority}
    absences.begin(session, absences.book(session, booked, by=LEA, now=NOON).number, by=LEA, now=NOON)

    if not with_authority:
        with pytest.raises(AuthorityExceeded):
            operations.approve(session, task.id, None, by=LEO, now=NOON)
        return
    done = operations.approve(session, task.id, item(session, LEO, task).version, by=LEO, now=NOON)
    assert (done.ended_by, done.ended_for) == ("leo", "lea")


def test_a_link_approves_once_and_looking_at_it_decides_nothing(session, payments, trusted):
    task = payments()
    token = operations.issue_link(session, task.id, to=LEA, by=LEA, now=NOON)

    for _ in range(3):
        assert operations.addressee(session, token, now=NOON) == "lea"
        assert operations.behind_link(session, token, by=LEA, now=NOON).task.id == task.id
    assert task.state == "created"
    assert token not in str(session.execute(sa.select(ApprovalLink.token_hash, ApprovalLink.version)).all())

    done = operations.approve_by_link(session, token, by=LEA, now=NOON)

    assert (done.state, done.ended_by) == ("completed", "lea")
    kinds = session.scalars(sa.select(AuditEvent.kind).where(AuditEvent.entity == "user_task").order_by(AuditEvent.id))
    assert list(kinds) == ["approval_link_issued", "approved_by_link"]
    with pytest.raises(ApprovalLinkDead):
        operations.approve_by_link(session, token, by=LEA, now=NOON)


def test_a_link_dies_with_time_with_another_link_and_with_whoever_gets_the_task(session, payments, trusted):
    task = payments()
    first = operations.issue_link(session, task.id, to=LEA, by=LEA, now=NOON)
    second = operations.issue_link(session, task.id, to=LEA, by=LEA, now=NOON)

    with pytest.raises(ApprovalLinkDead):
        operations.addressee(session, first, now=NOON)
    with pytest.raises(ApprovalLinkDead):
        operations.addressee(session, second, now=NOON + operations.LINK_LIVES)
    with pytest.raises(ApprovalLinkDead):
        operations.approve_by_link(session, second, by=LEO, now=NOON)
    user_tasks.assign(session, task.id, "leo", by=ASSIGNER, now=NOON)
    with pytest.raises(ApprovalLinkDead):
        operations.addressee(session, second, now=NOON)
    third = operations.issue_link(session, task.id, to=LEO, by=LEO, now=NOON)
    operations.approve(session, task.id, None, by=LEO, now=NOON + timedelta(hours=1))
    with pytest.raises(ApprovalLinkDead):
        operations.approve_by_link(session, third, by=LEO, now=NOON + timedelta(hours=1))


def test_a_link_to_what_changed_approves_nothing(session, payments, trusted, matter):
    made = matter(claim_value="500", currency="EUR")
    task = payments(key=made.number)
    token = operations.issue_link(session, task.id, to=LEA, by=LEA, now=NOON)
    made.claim_value_minor = 1
    session.flush()

    with pytest.raises(ChangedSinceShown):
        operations.approve_by_link(session, token, by=LEA, now=NOON)


def test_nobody_gets_a_link_to_what_is_not_for_them_or_needs_more_than_a_yes(session, payments):
    task = payments()

    with pytest.raises(UserTaskNotFound):
        operations.issue_link(session, task.id, to=STRANGER, by=LEA, now=NOON)
    user_tasks.complete(session, task.id, {"purpose": "Fee", "decision": "send_back"}, by=LEO, now=NOON)
    with pytest.raises(InputNeeded):
        clerk = Actor("rita", frozenset({"reception"}))
        operations.issue_link(session, open_tasks(session)["plain"].id, to=clerk, by=clerk, now=NOON)
