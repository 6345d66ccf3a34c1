"""A lawyer's day: takes a task at the firm, drafts, loses the connection in the courthouse, sends, and comes back."""

import pytest
from playwright.sync_api import TimeoutError, expect  # noqa: A004 - the browser's

from tests.browser import work
from tests.browser.days.conftest import ASSESSMENTS
from tests.browser.windows import DESK, PHONE

SIZES = {"desk": DESK, "phone": PHONE}


@pytest.mark.parametrize("size", SIZES)
def test_what_a_lawyer_drafts_and_sends_without_a_connection_arrives_once(window, numbers, books, size):
    number = numbers[ASSESSMENTS[size]]
    lawyer = window(SIZES[size], has_touch=size == "phone")
    page = lawyer.sign_in("wenjing")

    # In the morning, at the firm: take it and begin.
    lawyer.go(f"/inbox?scope=group&q={number}")
    page.get_by_role("link", name="Assess the claim").click()
    page.get_by_role("button", name="Take it").first.click()
    expect(page.locator(".work-head")).to_contain_text("You are on it")
    lawyer.form()
    page.get_by_label("The facts that matter").fill("Two pallets were lost between Hamburg and Piraeus.")
    expect(page.locator(".draft")).to_have_text("Draft saved")
    work.until_kept(page)

    # In the courthouse: no connection; read it again from what was kept, go on, send.
    lawyer.context.set_offline(True)
    page.reload()
    lawyer.form()
    expect(page.get_by_label("The facts that matter")).to_have_value(
        "Two pallets were lost between Hamburg and Piraeus."
    )
    work.fill_assessment(page)
    expect(page.locator(".draft")).to_have_text("Kept on this device; saved when the server is back")
    work.send(page)
    expect(page.locator(".problems")).to_contain_text("is sent when the server is back")
    other = lawyer.context.new_page()
    other.goto(page.url)
    other.locator("form-island[data-ready]").wait_for()
    address = page.url

    # Back again: two windows know of what waits, one of them sends it, and both go on; one says that it is done.
    lawyer.context.set_offline(False)
    for one in (page, other):
        one.wait_for_url(lambda url: url != address, timeout=40_000)

    assert any(is_told(one, "Done: Assess the claim") for one in (page, other))
    assert books.times_completed(number, "assess_claim") == 1
    assert books.open_elements(number) == ["send_demand_letter", "verify_deadline"]
    work.quiet_about_the_connection(lawyer)


def is_told(page, text):
    """Wait for a toast that says so; the first window that asks the server hears it, and no other."""
    try:
        page.locator(".toast", has_text=text).first.wait_for(timeout=3_000)
    except TimeoutError:
        return False
    return True
