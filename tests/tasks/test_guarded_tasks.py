"""A command on a user task looks nobody up unless somebody could be denied its matter; then it does."""

import pytest
import sqlalchemy as sa

from engine.errors import UserTaskNotFound
from engine.models import UserTask
from practice.matters import queries as matters
from practice.rights.models import RightRule
from practice.walls.models import Wall, WallMember, WallScope
from tasks import access
from tests.conftest import NOON
from tests.factories import begin, deploy, end, open_tasks, path, start, user_task
from tests.practice.firm import CORA, LEO


@pytest.fixture
def offered(session, matter):
    """Return a matter and a user task of it and of its enquiry that are offered to Cora's group."""
    opened, other = matter(), matter("Cleo", "Dora")
    deploy(session, start() + user_task("look", groups="cashiers") + end() + path("started", "look", "ended"))
    for key in (opened.number, opened.enquiry_number, other.number):
        begin(session, business_key=key)
    return opened


def guarded(session):
    seen = sa.select(UserTask.business_key).where(
        UserTask.element_id == "look", matters.is_guarded(UserTask.business_key)
    )
    return set(session.scalars(seen))


def refused(session, actor):
    found = set()
    for task in session.scalars(sa.select(UserTask).where(UserTask.element_id == "look")):
        try:
            access.require_user_task(session, actor, task.id)
        except UserTaskNotFound:
            found.add(task.business_key)
    return found


def wall(**scope):
    return Wall(
        number="W-1", name="North", kind="excluding", basis="conflict", reason="Acted for them", state="up",
        requested_at=NOON, requested_by="otto", approved_by="petra", up_at=NOON,
        members=[WallMember(username="cora", side="out", added_at=NOON, added_by="otto")], scopes=[WallScope(**scope)],
    )  # fmt: skip


def restrict(session, opened):
    opened.confidentiality = "restricted"


def deny(session, opened):
    about = {"client_party_id": opened.client_party_id, "username": "cora"}
    session.add(RightRule(effect="deny", action="read", created_at=NOON, created_by="otto", **about))


DENIALS = {
    "class": restrict,
    "rule": deny,
    "wall around the matter": lambda session, opened: session.add(wall(matter_id=opened.id)),
    "wall around the client": lambda session, opened: session.add(wall(client_party_id=opened.client_party_id)),
    "wall around the enquiry": lambda session, opened: session.add(wall(enquiry_number=opened.enquiry_number)),
}


def test_where_nothing_denies_nobody_is_looked_up(session, offered):
    assert guarded(session) == set()
    assert refused(session, CORA) == set()


@pytest.mark.parametrize("denial", list(DENIALS))
def test_whatever_denies_a_matter_keeps_its_offered_tasks_from_who_is_meant(session, offered, denial):
    DENIALS[denial](session, offered)
    session.flush()

    assert guarded(session) == {offered.number, offered.enquiry_number}
    assert refused(session, CORA) == {offered.number, offered.enquiry_number}


def test_a_guard_is_no_refusal_for_whom_it_does_not_mean(session, offered):
    deny(session, offered)
    leos = user_task("file", groups="lawyers")
    deploy(session, start() + leos + end() + path("started", "file", "ended"), key="second")
    begin(session, key="second", business_key=offered.number)

    access.require_user_task(session, LEO, open_tasks(session)["file"].id)

    assert refused(session, CORA) == {offered.number, offered.enquiry_number}
