"""What others do while one looks, and a session that ends while one types."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import work
from webui.demo import PASSWORD


@pytest.fixture
def number(window):
    """Return the number of an enquiry that partners may decide."""
    reception = window()
    reception.sign_in("rosa")
    return work.file_enquiry(reception, "Client Live", "Opponent Live")


def test_what_another_does_shows_where_it_stands_and_what_was_typed_stays(window, number):
    nikos, katharina = window(), window()
    for partner in (nikos, katharina):
        partner.sign_in("nikos" if partner is nikos else "katharina")
        partner.go(f"/inbox?scope=group&q={number}")
    line = katharina.page.locator(".task")

    nikos.page.get_by_role("link", name="Decide on the enquiry").click()
    katharina.page.get_by_role("link", name="Decide on the enquiry").click()
    for partner in (nikos, katharina):
        partner.form()
    expect(nikos.page.locator(".looking")).to_have_text("Katharina Vogel has this open too")
    expect(katharina.page.locator(".looking")).to_have_text("Νίκος Σταυρίδης has this open too")
    katharina.page.get_by_role("radio", name="Take the enquiry").check()

    nikos.page.locator("[data-key=c]").click()
    expect(line.locator(".became")).to_have_text("Taken by Νίκος Σταυρίδης")
    nikos.form()
    nikos.page.get_by_role("radio", name="Take the enquiry").check()
    work.choose(nikos.page, "Responsible lawyer", "Ελένη")
    work.choose(nikos.page, "Fee", "By the hour")
    work.send(nikos.page)
    nikos.page.wait_for_url(re.compile(r"/inbox"))

    expect(line.locator(".became")).to_have_text("Done by Νίκος Σταυρίδης")
    expect(katharina.page.locator("task-looks .note")).to_contain_text("has just completed this")
    expect(katharina.page.get_by_role("radio", name="Take the enquiry")).to_be_checked()
    # At once, unless what his page said on leaving was lost: then when his last look has run out.
    expect(katharina.page.locator(".looking")).to_be_hidden(timeout=60_000)


def test_who_came_while_the_stream_was_not_open_yet_is_named_once_it_is(window, number):
    nikos, katharina = window(), window()
    held = []
    nikos.context.route("**/events*", lambda request: held.append(request))  # noqa: PLW0108 - it counts arguments
    for partner in (nikos, katharina):
        partner.sign_in("nikos" if partner is nikos else "katharina")
        partner.go(f"/inbox?scope=group&q={number}")
    nikos.page.get_by_role("link", name="Decide on the enquiry").click()
    nikos.form()
    katharina.page.get_by_role("link", name="Decide on the enquiry").click()
    expect(katharina.page.locator(".looking")).to_have_text("Νίκος Σταυρίδης has this open too")
    expect(nikos.page.locator(".looking")).to_be_hidden()

    held[-1].continue_()

    # Well before the page says again, every fifteen seconds, that it is there.
    expect(nikos.page.locator(".looking")).to_have_text("Katharina Vogel has this open too")


def test_who_was_signed_out_while_typing_signs_in_on_the_page_and_goes_on(window, number):
    partner = window()
    page = partner.sign_in("nikos")
    partner.go(f"/inbox?scope=group&q={number}")
    page.get_by_role("link", name="Decide on the enquiry").click()
    partner.form()
    address = page.url
    partner.context.clear_cookies()
    page.get_by_role("radio", name="Take the enquiry").check()

    dialog = page.get_by_role("dialog", name="Sign in again")
    expect(dialog).to_be_visible()
    dialog.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(dialog.get_by_role("alert")).to_contain_text("wrong")
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")

    expect(dialog).to_be_hidden()
    expect(page.locator(".draft")).to_have_text("Draft saved")
    partner.context.clear_cookies()
    work.choose(page, "Responsible lawyer", "Ελένη")
    work.choose(page, "Fee", "By the hour")
    work.send(page)
    dialog.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: url != address)
    expect(page.locator(".toast").first).to_contain_text("Done: Decide on the enquiry")


def test_new_work_is_announced_at_once_and_moves_nothing_under_the_readers_hand(window, number):
    partner = window()
    page = partner.sign_in("nikos")
    partner.go("/inbox?scope=group")
    expect(page.locator(".task").first).to_be_visible()
    before = page.locator(".task").all_inner_texts()
    expect(page.locator("#new-work")).to_be_empty()

    other = window()
    other.sign_in("rosa")
    work.file_enquiry(other, "Client New", "Opponent New")

    expect(page.locator("#new-work")).to_contain_text("1")
    assert page.locator(".task").all_inner_texts() == before
