"""Comments: who reads them, who is told, and what is taken back."""

import pytest

from engine import history
from engine.actor import Actor
from engine.errors import UserTaskNotFound
from practice.errors import VariableInvalid
from practice.notices import queries as notices
from tasks.comments import operations, queries
from tasks.errors import CommentEmpty, CommentNotFound
from tests.conftest import NOON
from tests.factories import later, open_tasks
from tests.practice.firm import AUDITOR, CORA, LEA, PETRA, STRANGER


@pytest.fixture
def task(session, matter):
    return open_tasks(session, matter().process_instance_id)["assess"]


def test_who_sees_the_task_reads_what_was_said_the_latest_first(session, task):
    for minute, body in enumerate(("First", "Second", "Third")):
        operations.add(session, task.id, body, by=LEA, now=later(minutes=minute))

    page = queries.of_task(session, task.id, actor=AUDITOR, limit=2)
    rest = queries.of_task(session, task.id, actor=AUDITOR, limit=2, cursor=page.next_cursor)

    assert [one.body for one in [*page.items, *rest.items]] == ["Third", "Second", "First"]
    assert [e.kind for e in history.for_instance(session, task.process_instance_id)].count("user_task_commented") == 3


def test_who_does_not_see_the_task_neither_reads_nor_says_anything(session, task):
    operations.add(session, task.id, "Between us", by=LEA, now=NOON)

    for outsider in (CORA, STRANGER):
        with pytest.raises(UserTaskNotFound):
            queries.of_task(session, task.id, actor=outsider)
        with pytest.raises(UserTaskNotFound):
            operations.add(session, task.id, "Hello", by=outsider, now=NOON)


def test_who_is_named_and_sees_the_task_is_told_and_nobody_else(session, task):
    comment = operations.add(session, task.id, "@Petra, @cora and @lea: look. @petra!", by=LEA, now=NOON)

    # Petra opened the matter and is on its team; Cora is not, and it is not said that she may not.
    assert comment.mentions == ["petra"]
    (notice,) = notices.of(session, actor=PETRA).items
    assert (notice.kind, notice.facts["by"]) == ("mentioned", "lea")
    assert notices.of(session, actor=CORA).items == []
    assert notices.of(session, actor=LEA).items == []


def test_who_sees_the_task_by_a_right_is_told_where_rights_are_known(session, task):
    rights = {"ada": AUDITOR.rights}

    def actors(person):
        return Actor(person.username, person.groups, rights.get(person.username, frozenset()))

    assert operations.add(session, task.id, "@ada", by=LEA, now=NOON).mentions == []
    assert operations.add(session, task.id, "@ada", by=LEA, now=NOON, actors=actors).mentions == ["ada"]


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("@ana @Bo, (@j.doe) @x-y.", ["ana", "bo", "j.doe", "x-y"]),
        ("mail ana@example.org or a@@b", []),
        ("@李雷 看看", ["李雷"]),
        ("no one", []),
        ("@" + "a" * 500, []),
    ],
)
def test_names_are_found_and_addresses_are_not(body, names):
    assert operations.mentioned(body) == names


def test_a_comment_names_no_more_than_twenty():
    assert len(operations.mentioned(" ".join(f"@p{n}" for n in range(100)))) == 20


@pytest.mark.parametrize("body", ["👍", "<script>alert(1)</script>", "ما رأيك؟", "x" * 4000, "line\n\nline"])
def test_anything_that_shows_is_kept_as_it_was_typed(session, task, body):
    assert operations.add(session, task.id, body, by=LEA, now=NOON).body == body


@pytest.mark.parametrize("body", ["", "  \n", "\u200b\u200d", "\ufe0f"])
def test_what_shows_nothing_is_refused(session, task, body):
    with pytest.raises(CommentEmpty):
        operations.add(session, task.id, body, by=LEA, now=NOON)


def test_a_comment_without_end_is_refused(session, task):
    with pytest.raises(VariableInvalid):
        operations.add(session, task.id, "x" * 4001, by=LEA, now=NOON)


def test_one_takes_back_ones_own_and_what_it_said_is_gone(session, task):
    comment = operations.add(session, task.id, "I hate Mondays, @petra", by=LEA, now=NOON)
    for somebody in (PETRA, CORA):
        with pytest.raises(CommentNotFound):
            operations.withdraw(session, comment.id, by=somebody, now=NOON)

    operations.withdraw(session, comment.id, by=LEA, now=later(hours=1))
    operations.withdraw(session, comment.id, by=LEA, now=later(hours=2))

    (shown,) = queries.of_task(session, task.id, actor=LEA).items
    assert (shown.body, shown.mentions, shown.withdrawn_at) == ("–", [], later(hours=1))
