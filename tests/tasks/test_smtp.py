"""Mails reach a real mail server as they were worded; what it refuses for good is told apart from what it refuses now."""

import email
import email.policy

import pytest

from tasks.notifications.channels import Mail, Person
from tasks.notifications.errors import AddressRefused, ChannelFailed
from tasks.notifications.smtp import SmtpServer
from tests.factories import NOON
from tests.tasks.posts import Letterbox, mail_server

ANA = Person("ana", "Анна Ό'Brien 文静", "ana@firm.example", "el")
MAIL = Mail("Πρόθεσμία 😀 “Ask”", "Καλημέρα,\n.\nيوم", "<p dir='rtl'>يوم</p>")


@pytest.fixture(scope="module")
def post():
    box = Letterbox(refuses={"gone@firm.example"})
    with mail_server(box) as (host, port):
        yield box, SmtpServer(host, port, "Matterflow <matterflow@firm.example>", "none")


def read(box):
    return email.message_from_bytes(box.taken[-1].content, policy=email.policy.default)


def test_a_mail_arrives_in_every_alphabet(post):
    box, server = post

    server.send(ANA, MAIL, message_id="abc", now=NOON)

    arrived = read(box)
    assert box.taken[-1].rcpt_tos == ["ana@firm.example"]
    assert arrived["Subject"] == MAIL.subject
    assert arrived["To"].addresses[0].display_name == ANA.full_name
    assert arrived["Message-ID"] == "<abc@firm.example>"
    assert arrived["Auto-Submitted"] == "auto-generated"
    text, html = arrived.get_body(("plain",)), arrived.get_body(("html",))
    assert text.get_content().replace("\r\n", "\n").strip() == MAIL.text
    assert html.get_content().strip() == MAIL.html


def test_no_line_of_a_subject_or_name_becomes_a_header(post):
    box, server = post
    person = Person("eve", "Eve\r\nBcc: all@firm.example", "eve@firm.example", None)

    server.send(person, Mail("Hello\r\nBcc: all@firm.example\r\n\r\n<b>", "x", "<p>x</p>"), message_id="1", now=NOON)

    arrived = read(box)
    assert arrived["Bcc"] is None
    assert box.taken[-1].rcpt_tos == ["eve@firm.example"]
    assert arrived["Subject"] == "Hello Bcc: all@firm.example <b>"


def test_an_address_that_the_server_does_not_know_is_refused_for_good(post):
    _, server = post

    with pytest.raises(AddressRefused, match="550 nobody"):
        server.send(Person("gone", "Gone", "gone@firm.example", None), MAIL, message_id="1", now=NOON)


@pytest.mark.parametrize("address", ["", "nobody", "a b@c", "two@x.example, three@x.example", "x@y\r\nBcc: z@y"])
def test_what_is_no_address_is_refused_before_or_by_the_server_and_never_goes_to_two(post, address):
    box, server = post
    before = len(box.taken)

    try:
        server.send(Person("odd", "Odd", address, None), MAIL, message_id="1", now=NOON)
    except (AddressRefused, ChannelFailed):
        assert len(box.taken) == before
    else:
        assert len(box.taken[-1].rcpt_tos) == 1


def test_a_server_that_is_not_there_is_tried_again_later():
    with mail_server(Letterbox()) as (host, port):
        pass
    server = SmtpServer(host, port, "matterflow@firm.example", "none", timeout_s=2)

    with pytest.raises(ChannelFailed, match=f"{host}:{port}"):
        server.send(ANA, MAIL, message_id="1", now=NOON)


def test_a_server_without_starttls_gets_no_password(post):
    box, server = post
    sealed = SmtpServer(server.host, server.port, server.sender, "starttls", "matterflow", "secret")
    before = len(box.taken)

    with pytest.raises((ChannelFailed, AddressRefused)):
        sealed.send(ANA, MAIL, message_id="1", now=NOON)
    assert len(box.taken) == before
    assert "secret" not in repr(sealed)
