"""What goes out is worded in the reader's language, leads to the pages, and names nothing that is closed to anybody."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest

from tasks.notifications.channels import Item, Person
from webui.notifying.writer import PageWriter

AT = datetime(2026, 9, 1, 22, 30, tzinfo=UTC)
ANA = Person("ana", "Ana <b>Ó</b>", "ana@firm.example", None)
TASK = str(uuid4())


@pytest.fixture
def writer(office):
    return PageWriter(office.app, "https://matters.firm.example")


def item(kind="task_reminder", **facts):
    return Item(uuid4(), kind, facts, AT)


def reminder(**more):
    return item(user_task_id=TASK, is_guarded=False, name="Take <script>", matter="2026-CV-0007", round=2, **more)


def test_a_reminder_says_of_what_and_leads_to_the_task(writer):
    mail = writer.mail(ANA, [reminder()], is_digest=False)

    assert mail.subject == "“Take <script>” in 2026-CV-0007 still waits for you."
    assert f"https://matters.firm.example/inbox/{TASK}" in mail.text
    assert "Ana <b>Ó</b>" in mail.text
    assert "Take &lt;script&gt;" in mail.html
    assert "<script>" not in mail.html
    assert writer.push(ANA, [reminder()]).url == f"https://matters.firm.example/inbox/{TASK}"


@pytest.mark.parametrize("kind", ["task_reminder", "wall_put_up", "access_attempted", "no_such_kind"])
def test_what_is_closed_to_anybody_is_named_nowhere(writer, kind):
    private = item(kind, is_guarded=True, name="Secret", matter="2026-CV-0666", wall="W-1", person="Bo")

    mail, push = writer.mail(ANA, [private], is_digest=False), writer.push(ANA, [private])

    assert mail.subject == "Something waits for you."
    for said in (mail.subject, mail.text, mail.html, push.title, push.body, push.url):
        assert not any(word in said for word in ("Secret", "0666", "W-1", "Bo"))


def test_several_things_are_counted_in_the_subject(writer):
    mail = writer.mail(ANA, [reminder(), item("task_late", name="File it")], is_digest=True)

    assert mail.subject == "2 things wait for you"
    assert "“File it” takes longer than agreed." in mail.text
    assert writer.push(ANA, [reminder(), reminder()]).body == "2 things wait for you"


def test_a_mail_follows_the_reader_s_zone(writer):
    firm = writer.mail(ANA, [reminder()], is_digest=False)
    taipei = writer.mail(Person("wen", "文静", None, "zh-Hant", "Asia/Taipei"), [reminder()], is_digest=False)

    assert "22:30" in firm.text
    assert "06:30" in taipei.text
    assert 'lang="zh-Hant"' in taipei.html


def test_an_unknown_language_is_answered_in_the_firm_s(writer):
    mail = writer.mail(Person("ana", "Ana", None, "tlh"), [reminder()], is_digest=False)

    assert mail.subject.startswith("“Take")


def test_a_subject_is_never_longer_than_a_line(writer):
    mail = writer.mail(ANA, [item(name="😀" * 400, matter="", is_guarded=False)], is_digest=False)

    assert len(mail.subject) == 150
