"""A lawyer in the corridor of a courthouse: no connection, and nothing that was typed is lost."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import work
from tests.browser.windows import PHONE, Window


@pytest.fixture
def deciding(window) -> Window:
    """A partner's telephone with an enquiry to decide on, opened while there was a connection."""
    reception = window()
    reception.sign_in("rosa")
    number = work.file_enquiry(reception, "Client Offline", "Opponent Offline")
    partner = window(PHONE)
    page = partner.sign_in("nikos")
    partner.go(f"/inbox?scope=group&q={number}")
    page.get_by_role("link", name="Decide on the enquiry").click()
    partner.form()
    work.until_kept(page)
    return partner


def test_without_a_connection_a_task_is_read_drafted_and_sent_when_back(deciding):
    page = deciding.page
    address = page.url

    deciding.context.set_offline(True)
    page.reload()
    deciding.form()
    expect(page.locator(".kept")).to_contain_text("No connection: this is how it was on")
    page.get_by_role("radio", name="Take the enquiry").check()
    expect(page.locator(".draft")).to_have_text("Kept on this device; saved when the server is back")
    page.reload()
    deciding.form()
    expect(page.get_by_role("radio", name="Take the enquiry")).to_be_checked()
    work.choose(page, "Responsible lawyer", "Ελένη")
    work.choose(page, "Fee", "By the hour")
    work.send(page)
    expect(page.locator(".problems")).to_contain_text("is sent when the server is back")
    page.goto(f"{deciding.server}/matters")
    expect(page.get_by_role("heading", name="No connection")).to_be_visible()
    page.locator("kept-tasks").get_by_role("link", name="Decide on the enquiry").first.click()
    deciding.form()
    expect(page.locator(".problems")).to_contain_text("is sent when the server is back")

    deciding.context.set_offline(False)
    page.wait_for_url(lambda url: url != address, timeout=40_000)

    expect(page.locator(".toast").first).to_contain_text("Done: Decide on the enquiry")
    work.quiet_about_the_connection(deciding)


def test_what_was_kept_goes_when_its_reader_signs_out(deciding):
    page = deciding.page
    address = page.evaluate("location.pathname")
    page.evaluate("document.querySelector('form[action$=\"/sign-out\"]').requestSubmit()")
    page.wait_for_url(re.compile("/sign-in"))

    assert not page.evaluate(work.KEPT, address)
