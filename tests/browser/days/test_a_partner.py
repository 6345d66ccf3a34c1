"""A partner's day: ten claims to sign off at once, at the desk by keyboard alone, or on the telephone."""

import re

from playwright.sync_api import Page, expect

from tests.browser.days.conftest import AT_THE_DESK, ON_THE_PHONE
from tests.browser.windows import PHONE
from webui.demo import PASSWORD


def test_ten_approvals_at_once_by_keyboard_alone_with_two_that_drop_out_and_say_why(window, numbers, books):
    mine, drafted_myself, taken = AT_THE_DESK[:-2], AT_THE_DESK[-1], AT_THE_DESK[-2]
    partner = window()
    page = partner.go("/sign-in")
    keys = page.keyboard
    type_into(page, "User name", "katharina")
    type_into(page, "Password", PASSWORD)
    keys.press("Enter")
    page.wait_for_url(partner.server + "/")
    keys.press("g")
    keys.press("a")
    page.wait_for_url("**/approvals")
    for client in AT_THE_DESK:
        expect(line(page, numbers[client])).to_be_visible()
    # While she reads, a colleague takes one of them.
    colleague = window()
    colleague.sign_in("helen")
    colleague.go(f"/inbox?scope=group&q={numbers[taken]}")
    colleague.page.get_by_role("link", name="Sign off the claim").click()
    colleague.page.locator("[data-key=c]").click()
    expect(colleague.page.locator(".work-head")).to_contain_text("You are on it")

    untick_others(page, {numbers[client] for client in AT_THE_DESK})
    keys.press("Enter")

    told = page.locator("[role=status]", has_text="dropped out")
    expect(told.get_by_role("heading")).to_have_text("8 approved, 2 dropped out")
    expect(told.locator(".row", has_text=numbers[drafted_myself])).to_contain_text("Katharina Vogel")
    expect(told.locator(".row", has_text=numbers[taken])).to_contain_text("Helen Whitfield")
    assert [books.times_completed(numbers[client], "approve_claim") for client in mine] == [1] * 8
    assert [books.times_completed(numbers[client], "approve_claim") for client in (drafted_myself, taken)] == [
        0,
        0,
    ]
    # What dropped out is one key away.
    reach(page, re.compile(numbers[taken]))
    keys.press("Enter")
    expect(page.locator("#task-title")).to_have_text("Sign off the claim")


def test_ten_approvals_at_once_on_a_telephone_with_two_that_drop_out_and_say_why(window, numbers, books):
    partner = window(PHONE, has_touch=True)
    page = partner.sign_in("helen")
    partner.go("/approvals")
    given_away = ON_THE_PHONE[:2]
    for client in ON_THE_PHONE:
        line(page, numbers[client]).get_by_role("checkbox").tap()
    # Meanwhile the managing partner takes two of them; somebody whom Helen stands in for would leave them hers.
    manager = window()
    manager.sign_in("katharina")
    for client in given_away:
        manager.go(f"/inbox/{books.id_of(numbers[client], 'approve_claim')}")
        manager.page.get_by_text("Hand it on").click()
        manager.page.get_by_label("Colleague").last.fill("katharina")
        manager.page.get_by_label("How").select_option("assign")
        manager.page.get_by_role("button", name="Hand on").click()
        expect(manager.page.locator(".toast").first).to_be_visible()

    page.get_by_role("button", name="Approve what is ticked").tap()

    told = page.locator("[role=status]", has_text="dropped out")
    expect(told.get_by_role("heading")).to_have_text("8 approved, 2 dropped out")
    for client in given_away:
        expect(told.locator(".row", has_text=numbers[client])).to_contain_text("Katharina Vogel")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert [books.times_completed(numbers[client], "approve_claim") for client in ON_THE_PHONE[2:]] == [1] * 8


def line(page: Page, number: str):
    return page.locator(".approvals .row", has_text=number)


def type_into(page: Page, label: str, text: str) -> None:
    """Go to a field by the tab key and type."""
    field = page.get_by_label(label, exact=True)
    for _ in range(60):
        if field.evaluate("field => field === document.activeElement"):
            page.keyboard.type(text)
            return
        page.keyboard.press("Tab")
    raise AssertionError(label)


def reach(page: Page, name: re.Pattern[str]) -> None:
    """Go to a link by the tab key."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if name.search(page.evaluate("document.activeElement.closest('.row')?.innerText ?? ''")):
            return
    raise AssertionError(name)


def untick_others(page: Page, numbers: set[str]) -> None:
    """Tick all, then walk down the list and take the tick off what is not one of these."""
    keys = page.keyboard
    keys.press("a")
    for _ in range(page.locator(".approvals .tick").count()):
        keys.press("j")
        row = page.evaluate("document.activeElement.closest('.row').innerText")
        if not any(number in row for number in numbers):
            keys.press("x")
    expect(page.locator(".approvals .tick:checked")).to_have_count(len(numbers))
