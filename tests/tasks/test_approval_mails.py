"""Who is asked to approve gets a mail with a link of their own; it says no more than a mail may."""

import pytest

import tasks.rules  # noqa: F401 - what the engine asks
from engine import deployments, user_tasks
from engine.actor import SYSTEM
from practice.people import operations as people
from tasks.approvals import mailing, operations
from tasks.approvals.errors import ApprovalLinkDead
from tasks.notifications import preferences
from tasks.notifications.channels import Mail
from tests.conftest import NOON
from tests.factories import begin, deploy, end, later, model, open_tasks, path, properties, start, user_task
from tests.practice.firm import LEA, LEO, PETRA
from tests.tasks.posts import Outbox, installed
from tests.tasks.reminding import run
from tests.tasks.test_approvals import ASSIGNER

KINDS = (mailing.KIND,)


class Plain:
    """Words the mail as the tests compare it."""

    def asking(self, person, *, task, number, token, until):
        return Mail("approve", f"{task} {number} {token}", "<p>x</p>")


@pytest.fixture
def outbox(session, firm, monkeypatch):
    monkeypatch.setattr(mailing, "_writer", [Plain()])
    for name, groups in (("mia", {"lawyers"}), ("max", {"lawyers"})):
        people.create_user(
            session, name, name.title(), email=f"{name}@firm.example", password=None, groups=groups, by=SYSTEM, now=NOON
        )
    box = Outbox()
    with installed(email=box):
        yield box


@pytest.fixture
def ask(session, outbox):
    body = (
        start()
        + user_task("approve", inner=properties(approve="decision=yes", approveByMail="true"))
        + end()
        + path("started", "approve", "ended")
    )
    deploy(session, body)

    def begun(key=None):
        return open_tasks(session, begin(session, by=PETRA, business_key=key).id)["approve"]

    return begun


def tokens(box):
    return {name: mail.text.split()[-1] for name, mail, _, _ in box.mails}


def test_each_of_the_group_gets_a_link_of_their_own_and_the_first_yes_kills_the_others(session, ask, outbox):
    ask()
    run(session, NOON, kinds=KINDS)

    links = tokens(outbox)
    assert sorted(links) == ["max", "mia"]
    assert len(set(links.values())) == 2
    mia = people_actor("mia")
    operations.approve_by_link(session, links["mia"], by=mia, now=later(hours=1))
    with pytest.raises(ApprovalLinkDead):
        operations.approve_by_link(session, links["max"], by=people_actor("max"), now=later(hours=1))


def test_who_is_given_the_task_gets_a_link_and_the_old_one_is_dead(session, ask, outbox):
    task = ask()
    run(session, NOON, kinds=KINDS)
    before = tokens(outbox)["mia"]
    outbox.mails.clear()

    user_tasks.assign(session, task.id, "max", by=ASSIGNER, now=NOON)
    run(session, later(minutes=1), kinds=KINDS)

    assert list(tokens(outbox)) == ["max"]
    with pytest.raises(ApprovalLinkDead):
        operations.addressee(session, before, now=NOON)


def test_who_takes_it_themselves_and_who_wants_no_mail_get_none(session, ask, outbox):
    preferences.change(session, {"email": "off"}, by=people_actor("max"), now=NOON)
    task = ask()
    run(session, NOON, kinds=KINDS)
    assert list(tokens(outbox)) == ["mia"]
    outbox.mails.clear()

    user_tasks.claim(session, task.id, by=people_actor("mia"), now=NOON)
    run(session, later(minutes=1), kinds=KINDS)

    assert outbox.mails == []


def test_what_is_done_before_the_mail_goes_sends_none(session, ask, outbox):
    user_tasks.complete(session, ask().id, by=LEA, now=NOON)
    run(session, NOON, kinds=KINDS)

    assert outbox.mails == []


def test_a_mail_names_nothing_of_a_matter_that_anybody_is_kept_from(session, ask, outbox, matter, wall):
    made = matter(responsible="leo")
    ask(made.number)
    run(session, NOON, kinds=KINDS)
    assert made.number in outbox.mails[0][1].text
    outbox.mails.clear()

    wall({"matter_id": made.id}, out=["max"])
    ask(made.number)
    run(session, NOON, kinds=KINDS)

    assert [(name, mail.text.split()[:2]) for name, mail, _, _ in outbox.mails] == [("mia", ["None", "None"])]


def test_the_property_is_judged_when_the_model_is_deployed():
    body = start() + user_task("a", inner=properties(approveByMail="often")) + end() + path("started", "a", "ended")

    found = [one.rule for one in deployments.check({"proc.bpmn": model(body)}) if one.severity == "error"]

    assert found == ["property_invalid"]


def people_actor(name):
    from engine.actor import Actor

    return Actor(name, LEO.groups)
