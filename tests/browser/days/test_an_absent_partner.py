"""A partner goes away: who stands in finds the work, decides it, and the books say for whom."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from engine import clock
from tests.browser import work
from tests.browser.days.conftest import OF_THE_ABSENT
from tests.browser.windows import DESK, PHONE, Window

SIZES = {"desk": DESK, "phone": PHONE}


@pytest.fixture(scope="module")
def away(chromium: Browser, server: str) -> Iterator[None]:
    """Nikos books his leave on the telephone, from today on; Helen stands in."""
    context = chromium.new_context(viewport=PHONE, locale="en-GB", has_touch=True)
    partner = Window(context, server)
    page = partner.sign_in("nikos")
    partner.go("/absences")
    page.get_by_role("link", name="Book an absence").click()
    today = clock.utc_now().astimezone(clock.zone()).date().isoformat()
    page.get_by_label("First day").fill(today)
    page.get_by_label("Last day away").fill(today)
    page.get_by_label("Who stands in").first.select_option("helen")
    page.get_by_label("They approve up to the limits").first.check()
    page.get_by_role("button", name=re.compile("Book it")).click()
    expect(page.locator(".toast").first).to_contain_text("Booked: AB-")
    row = page.locator(".row", has_text="AB-")
    work.until_shown(page, row.get_by_text("Away", exact=True))
    yield
    assert partner.complaints == []
    context.close()


@pytest.mark.parametrize("size", SIZES)
def test_who_stands_in_decides_and_the_books_say_for_whom(window, away, numbers, books, size):
    number = numbers[OF_THE_ABSENT[list(SIZES).index(size)]]
    helen = window(SIZES[size], has_touch=size == "phone")
    page = helen.sign_in("helen")
    helen.go(f"/inbox?scope=mine&q={number}")
    expect(page.locator(".task", has_text=number)).to_contain_text("Νίκος Σταυρίδης")
    page.get_by_role("link", name="Sign off the claim").click()
    expect(page.locator(".work-head")).to_contain_text("Νίκος Σταυρίδης")
    helen.form()
    page.get_by_role("radio", name="Sign off").check()
    work.send(page)

    expect(page.locator(".toast").first).to_contain_text("Done: Sign off the claim")
    assert books.times_completed(number, "approve_claim") == 1
    managing = window()
    managing.sign_in("katharina")
    managing.go(f"/matters/{number}")
    expect(managing.page.locator(".timeline li", has_text="Sign off the claim").first).to_contain_text(
        "Helen Whitfield for Νίκος Σταυρίδης"
    )
    auditor = window()
    auditor.sign_in("pierre")
    auditor.go(f"/audit?matter={number}")
    expect(auditor.page.locator(".timeline li", has_text="Helen Whitfield for Νίκος Σταυρίδης")).not_to_have_count(0)
    expect(auditor.page.locator(".timeline li", has_text="refused")).to_have_count(0)
