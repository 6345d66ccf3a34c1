"""Two windows, a helper and a delegate: whatever was typed is kept."""

import pytest
import sqlalchemy as sa

from engine import user_tasks
from engine.errors import NotTheAssignee, UserTaskNotDelegated, UserTaskNotFound
from tasks import forms_shown
from tasks.drafts import copies, sharing
from tasks.drafts import operations as drafts
from tasks.drafts.models import DraftCopy
from tasks.errors import DraftCopyNotFound, DraftTooLarge, FormChanged, HelperNotFound
from tasks.helpers import operations as helpers
from tests.conftest import NOON
from tests.factories import later, open_tasks
from tests.practice.firm import CORA, LEA, LEO, PETRA, STRANGER


@pytest.fixture
def task(session, matter):
    """The assessment of a claim, which Lea holds."""
    return open_tasks(session, matter().process_instance_id)["assess"]


@pytest.fixture
def both(session, task):
    """Two windows began with version 1: one saved version 2, the other comes late."""
    for version, text in ((0, "first"), (1, "second")):
        copies.save(session, LEA, user_task_id=task.id, values={"n": text}, version=version, now=NOON)
    return copies.save(session, LEA, user_task_id=task.id, values={"n": "late"}, version=1, now=later(minutes=1))


def test_what_comes_late_is_kept_beside_and_overwrites_nothing(session, task, both):
    assert (both.draft.values, both.draft.version) == ({"n": "second"}, 2)
    assert (both.beside.values, both.beside.based_on) == ({"n": "late"}, 1)
    assert copies.of(session, both.draft) == [both.beside]


def test_the_same_late_answers_are_kept_once(session, task, both):
    again = copies.save(session, LEA, user_task_id=task.id, values={"n": "late"}, version=1, now=later(minutes=2))
    same = copies.save(session, LEA, user_task_id=task.id, values={"n": "second"}, version=1, now=later(minutes=2))

    assert again.beside is both.beside
    assert same.beside is None
    assert len(copies.of(session, both.draft)) == 1


def test_one_goes_on_with_either_and_both_stay(session, task, both):
    draft = copies.take(session, LEA, both.beside.id, now=later(minutes=2))

    assert (draft.values, draft.version) == ({"n": "late"}, 3)
    (kept,) = copies.of(session, draft)
    assert kept.values == {"n": "second"}
    copies.drop(session, LEA, kept.id)
    assert copies.of(session, draft) == []


def test_nobody_else_reaches_what_one_keeps(session, both):
    for somebody in (LEO, STRANGER):
        with pytest.raises(DraftCopyNotFound):
            copies.take(session, somebody, both.beside.id, now=NOON)
        with pytest.raises(DraftCopyNotFound):
            copies.drop(session, somebody, both.beside.id)


def test_there_are_never_more_than_twenty_copies(session, task, both):
    for number in range(30):
        copies.save(session, LEA, user_task_id=task.id, values={"n": number}, version=1, now=later(minutes=number + 2))

    kept = copies.of(session, both.draft)

    assert len(kept) == copies.MOST
    assert kept[0].values == {"n": 29}


def test_a_draft_that_is_gone_is_begun_again(session, task):
    saved = copies.save(session, LEA, user_task_id=task.id, values={"n": 1}, version=7, now=NOON)

    assert (saved.draft.version, saved.beside) == (1, None)


def test_copies_go_with_their_draft(session, task, both):
    drafts.discard(session, LEA, user_task_id=task.id)

    assert session.scalars(sa.select(DraftCopy)).all() == []


def test_a_late_draft_without_end_is_refused_too(session, task, both):
    with pytest.raises(DraftTooLarge):
        copies.save(session, LEA, user_task_id=task.id, values={"n": "x" * 300_000}, version=1, now=NOON)


def test_who_completes_the_task_goes_on_with_what_a_helper_typed(session, task):
    helpers.add(session, task.id, "cora", by=LEA, now=NOON)
    drafts.save(session, CORA, user_task_id=task.id, values={"fee": 12}, now=NOON)
    drafts.save(session, LEA, user_task_id=task.id, values={"fee": 1}, now=NOON)

    (offered,) = sharing.of_helpers(session, task.id, actor=LEA)
    taken = sharing.take_over(session, task.id, "cora", by=LEA, now=later(minutes=1))

    assert (offered.username, taken.username, taken.values) == ("cora", "lea", {"fee": 12})
    assert [copy.values for copy in copies.of(session, taken)] == [{"fee": 1}]
    assert drafts.load(session, CORA, user_task_id=task.id).values == {"fee": 12}


def test_helpers_do_not_read_each_others_drafts_and_nobody_takes_what_is_not_there(session, task):
    helpers.add(session, task.id, "cora", by=LEA, now=NOON)
    helpers.add(session, task.id, "petra", by=LEA, now=NOON)
    drafts.save(session, CORA, user_task_id=task.id, values={"fee": 12}, now=NOON)

    assert sharing.of_helpers(session, task.id, actor=PETRA) == []
    with pytest.raises(HelperNotFound):
        sharing.take_over(session, task.id, "cora", by=PETRA, now=NOON)
    with pytest.raises(HelperNotFound):
        sharing.take_over(session, task.id, "petra", by=LEA, now=NOON)
    with pytest.raises(UserTaskNotFound):
        sharing.of_helpers(session, task.id, actor=STRANGER)


def test_a_delegate_hands_back_with_what_they_typed(session, task):
    drafts.save(session, LEA, user_task_id=task.id, values={"note": "mine"}, now=NOON)
    user_tasks.delegate(session, task.id, "leo", by=LEA, now=NOON)
    drafts.save(session, LEO, user_task_id=task.id, values={"note": "leo's"}, now=NOON)

    back = sharing.hand_back(session, task.id, by=LEO, now=later(hours=1))

    assert (back.task.assignee, back.with_draft) == ("lea", True)
    draft = drafts.load(session, LEA, user_task_id=task.id)
    assert draft.values == {"note": "leo's"}
    assert [copy.values for copy in copies.of(session, draft)] == [{"note": "mine"}]


def test_a_task_that_nobody_delegated_is_not_handed_back(session, task):
    with pytest.raises(UserTaskNotDelegated):
        sharing.hand_back(session, task.id, by=LEA, now=NOON)
    with pytest.raises(UserTaskNotFound):
        sharing.hand_back(session, task.id, by=STRANGER, now=NOON)
    user_tasks.delegate(session, task.id, "cora", by=LEA, now=NOON)
    with pytest.raises(NotTheAssignee):
        sharing.hand_back(session, task.id, by=LEO, now=NOON)
    assert sharing.hand_back(session, task.id, by=LEA, now=NOON).with_draft is False


def test_answers_to_another_form_are_refused_with_the_one_that_holds(session, task):
    shown = forms_shown.digest(user_tasks.form(session, task))
    forms_shown.require_same(session, task, shown)
    forms_shown.require_same(session, task, None)

    with pytest.raises(FormChanged) as refusal:
        forms_shown.require_same(session, task, forms_shown.digest({"components": []}))

    assert refusal.value.form_digest == shown
    assert forms_shown.digest({"a": 1, "b": 2}) == forms_shown.digest({"b": 2, "a": 1})
