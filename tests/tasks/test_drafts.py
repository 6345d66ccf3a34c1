"""What was typed survives, for the person who typed it."""

import pytest

from engine.errors import NotAllowedToStart, ProcessDefinitionNotFound, UserTaskNotFound
from tasks.drafts import operations as drafts
from tasks.errors import DraftOutdated, DraftTooLarge
from tests.conftest import NOON
from tests.factories import begin, deploy, end, later, open_tasks, path, start, user_task
from tests.practice.firm import CORA, LEA, LEO, RITA


@pytest.fixture
def task(session, firm):
    body = start() + user_task("draft") + end() + path("started", "draft", "ended")
    deploy(session, body, attributes='camunda:candidateStarterGroups="reception"')
    begin(session, by=RITA)
    return open_tasks(session)["draft"]


def test_what_was_typed_is_there_after_a_reload(session, task):
    drafts.save(session, LEA, user_task_id=task.id, values={"court": "Köln", "note": None}, now=NOON)
    session.expire_all()

    draft = drafts.load(session, LEA, user_task_id=task.id)

    assert (draft.values, draft.version, draft.saved_at) == ({"court": "Köln", "note": None}, 1, NOON)


def test_each_person_has_a_draft_of_their_own(session, task):
    drafts.save(session, LEA, user_task_id=task.id, values={"by": "lea"}, now=NOON)

    assert drafts.load(session, LEO, user_task_id=task.id) is None
    drafts.save(session, LEO, user_task_id=task.id, values={"by": "leo"}, now=NOON)
    assert drafts.load(session, LEA, user_task_id=task.id).values == {"by": "lea"}


def test_a_start_form_has_a_draft_too(session, task):
    drafts.save(session, RITA, process_key="proc", values={"client": "Ana"}, now=NOON)
    drafts.save(session, RITA, process_key="proc", values={"client": "Anna"}, now=later(minutes=1))

    draft = drafts.load(session, RITA, process_key="proc")

    assert (draft.values, draft.version, draft.saved_at) == ({"client": "Anna"}, 2, later(minutes=1))


def test_a_window_that_is_behind_does_not_overwrite(session, task):
    drafts.save(session, LEA, user_task_id=task.id, values={"n": 1}, version=0, now=NOON)
    drafts.save(session, LEA, user_task_id=task.id, values={"n": 2}, version=1, now=NOON)

    with pytest.raises(DraftOutdated) as refusal:
        drafts.save(session, LEA, user_task_id=task.id, values={"n": 3}, version=1, now=NOON)

    assert refusal.value.version == 2
    assert drafts.load(session, LEA, user_task_id=task.id).values == {"n": 2}


def test_a_window_that_saw_a_draft_which_is_gone_is_told_so(session, task):
    with pytest.raises(DraftOutdated) as refusal:
        drafts.save(session, LEA, user_task_id=task.id, values={}, version=4, now=NOON)

    assert refusal.value.version == 0


def test_a_discarded_draft_is_gone_and_no_other(session, task):
    drafts.save(session, LEA, user_task_id=task.id, values={"by": "lea"}, now=NOON)
    drafts.save(session, LEO, user_task_id=task.id, values={"by": "leo"}, now=NOON)

    drafts.discard(session, LEA, user_task_id=task.id)
    drafts.discard(session, LEA, user_task_id=task.id)

    assert drafts.load(session, LEA, user_task_id=task.id) is None
    assert drafts.load(session, LEO, user_task_id=task.id) is not None


def test_an_outsider_has_no_draft_of_the_task(session, task):
    with pytest.raises(UserTaskNotFound):
        drafts.save(session, CORA, user_task_id=task.id, values={}, now=NOON)
    with pytest.raises(UserTaskNotFound):
        drafts.load(session, CORA, user_task_id=task.id)


def test_who_may_not_start_a_process_has_no_draft_of_its_form(session, task):
    with pytest.raises(NotAllowedToStart):
        drafts.save(session, LEA, process_key="proc", values={}, now=NOON)
    with pytest.raises(ProcessDefinitionNotFound):
        drafts.load(session, LEA, process_key="ghost")


def test_a_draft_is_no_file_store(session, task):
    with pytest.raises(DraftTooLarge):
        drafts.save(session, LEA, user_task_id=task.id, values={"note": "x" * 300_000}, now=NOON)


@pytest.mark.parametrize("form", [{}, {"user_task_id": "id", "process_key": "proc"}])
def test_a_draft_belongs_to_one_form(session, task, form):
    if "user_task_id" in form:
        form = {**form, "user_task_id": task.id}

    with pytest.raises(TypeError):
        drafts.discard(session, LEA, **form)
