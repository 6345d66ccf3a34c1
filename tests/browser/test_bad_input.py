"""What no page of ours sends, but somebody might."""

import json
import re

import pytest
from playwright.sync_api import expect


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ("{", 400),
        ("[]", 422),
        ('{"variables": []}', 422),
        ('{"variables": {"client_name": 5, "nonsense": true}}', 422),
        ('{"values": {}}', 422),
    ],
)
def test_a_start_form_that_is_none_is_refused_and_nothing_is_stored(window, body, status):
    reception = window()
    page = reception.sign_in("rosa")
    token = page.locator("meta[name=csrf-token]").get_attribute("content") or ""
    headers = {"X-CSRFToken": token, "Content-Type": "application/json"}

    answer = page.request.post(f"{reception.server}/start/intake", data=body.encode(), headers=headers)

    assert answer.status == status
    reception.go("/enquiries")
    assert page.locator(".row").count() == 0


def test_a_form_without_the_token_of_its_session_is_refused(window):
    reception = window()
    page = reception.sign_in("rosa")

    answer = page.request.post(f"{reception.server}/start/intake", data=json.dumps({"variables": {}}))

    assert answer.status == 400


@pytest.mark.parametrize("path", ["/inbox", "/matters", "/enquiries", "/start", "/start/intake", "/incidents"])
def test_nobody_sees_a_page_without_signing_in(window, path):
    stranger = window()
    page = stranger.go(path)

    assert re.search(r"/sign-in\?next=", page.url)


def test_an_address_that_makes_no_sense_is_answered_with_a_page(window):
    reception = window()
    page = reception.sign_in("rosa")

    for path in ("/inbox?cursor=nonsense", "/inbox/0", "/inbox?scope=x&after=y&q=%F0%9F", "/start/none", "/incidents"):
        answer = page.request.get(reception.server + path)

        assert answer.status in (200, 403, 404, 422), path
        assert "Matterflow</title>" in answer.text(), path


def test_what_was_typed_into_a_plain_form_stands_there_after_it_was_refused(window):
    lawyer = window()
    page = lawyer.sign_in("wenjing")
    lawyer.go("/parties/new")
    page.get_by_label("Name", exact=True).fill("😀😀")
    page.get_by_label("Kind").select_option("organisation")
    page.get_by_label("E-mail").fill("mail@firm.example")

    page.get_by_role("button", name="Record", exact=True).click()

    expect(page.locator(".toast")).to_contain_text("(Name)")
    expect(page.get_by_label("Name", exact=True)).to_be_focused()
    expect(page.get_by_label("Name", exact=True)).to_have_value("😀😀")
    expect(page.get_by_label("Kind")).to_have_value("organisation")
    expect(page.get_by_label("E-mail")).to_have_value("mail@firm.example")
    assert page.evaluate("sessionStorage.getItem('sent-form')") is None

    lawyer.go("/parties/new")

    expect(page.get_by_label("Name", exact=True)).to_have_value("")


def test_enter_in_the_palette_waits_for_what_was_typed(window):
    lawyer = window()
    page = lawyer.sign_in("wenjing")
    page.keyboard.press("Control+k")
    expect(page.locator("#palette [role=option]").first).to_be_visible()

    page.keyboard.type("deadl\n")

    page.wait_for_url("**/deadlines")
