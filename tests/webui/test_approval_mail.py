"""The mail that asks for a yes: worded in the reader's language, its link is the one that works."""

from tasks.approvals import mailing
from tasks.notifications.channels import Person
from tests.webui.conftest import MORNING


def test_the_mail_leads_to_the_link_and_names_only_what_it_may(office):
    person = Person("bo", "Bo <b>Li</b>", "bo@firm.example", None)

    named = mailing._writer[0].asking(person, task="Sign off <i>", number="2026-CV-0001", token="t0k", until=MORNING)
    guarded = mailing._writer[0].asking(person, task=None, number=None, token="t0k", until=MORNING)

    assert "/approve/t0k" in named.text
    assert "Sign off <i> · 2026-CV-0001" in named.text
    assert "<i>" not in named.html
    assert "Bo &lt;b&gt;Li" in named.html
    assert named.subject == guarded.subject == "Something waits for your approval"
    assert "2026-CV-0001" not in guarded.text + guarded.html
