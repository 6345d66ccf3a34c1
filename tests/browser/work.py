"""What people do in the browser, in the words of the forms."""

import re

import pytest
from playwright.sync_api import Locator, Page

from tests.browser.windows import Window

SUMMARY = "Delivered forty pumps in March and was never paid, in spite of three reminders."
#: Asked of a page: whether it can be had without a connection, and what it is made of.
KEPT = "async (path) => Boolean(await (await caches.open('pages')).match(path))"
ALL_KEPT = """async () => {
  const assets = await caches.open('assets');
  const names = performance.getEntriesByType('resource').map((one) => one.name).filter((name) => name.includes('/assets/'));
  return (await Promise.all(names.map((name) => assets.match(name)))).every(Boolean);
}"""


def fill_enquiry(window: Window, client: str, opponent: str) -> Page:
    """Fill the enquiry form without sending it."""
    page = window.page
    window.form()
    page.get_by_label("Full name").fill(client)
    page.get_by_label("Telephone").fill("+30 210 123 4567")
    page.get_by_label("Opponent").fill(opponent)
    page.get_by_label("What happened, and what does the client want?").fill(SUMMARY)
    page.get_by_label("Value of the claim").fill("48250.50")
    choose(page, "Source", "Telephone call")
    return page


def choose(page: Page, label: str, option: str) -> None:
    """Choose from a form's drop-down list."""
    page.locator(".fjs-form-field-select").filter(has_text=label).locator(".fjs-input-group").click()
    page.locator(".fjs-dropdownlist-item", has_text=option).click()


def send(page: Page) -> None:
    page.locator("[data-send]").click()


def file_enquiry(window: Window, client: str, opponent: str) -> str:
    """File an enquiry from the reception's point of view and return its number."""
    page = window.go("/inbox")
    page.get_by_role("link", name="New enquiry", exact=True).click()
    fill_enquiry(window, client, opponent)
    send(page)
    page.wait_for_url(re.compile(r"/enquiries/E-\d{4}-\d{4}$"))
    return page.url.rsplit("/", 1)[1]


def accept_enquiry(window: Window, number: str, *, lawyer: str) -> str:
    """Accept an enquiry from a partner's point of view and return the number of the matter that opened."""
    page = window.go(f"/inbox?scope=group&q={number}")
    page.get_by_role("link", name="Decide on the enquiry").click()
    window.form()
    page.get_by_role("radio", name="Take the enquiry").check()
    choose(page, "Responsible lawyer", lawyer)
    choose(page, "Fee", "By the hour")
    send(page)
    told = page.locator(".toast").inner_text()
    matter = re.search(r"\d{4}-CV-\d{4}", told)
    assert matter, told
    return matter[0]


def open_assessment(window: Window, matter: str) -> Page:
    """Open the first civil task of a matter from the responsible lawyer's point of view."""
    page = window.go(f"/inbox?scope=mine&q={matter}")
    page.get_by_role("link", name="Assess the claim").click()
    window.form()
    return page


def fill_assessment(page: Page) -> None:
    """Fill the first civil task's form."""
    page.get_by_label("The facts that matter").fill(
        "Forty pumps were delivered on 3 March and accepted without complaint."
    )
    page.get_by_label("Claim becomes time-barred on").fill("2029-12-31")
    page.get_by_label("Rule applied").fill("Three years from the end of the year")
    page.get_by_label("Competent court").fill("Regional Court of Piraeus")
    page.get_by_role("radio", name="Good").check()
    page.get_by_role("radio", name="Sue, after a demand letter").check()
    page.get_by_label("The client has been told").check()


def until(page: Page, question: str, argument: str | None = None) -> None:
    """Wait until a page answers a question with yes."""
    for _ in range(100):
        if page.evaluate(question, argument):
            return
        page.wait_for_timeout(100)
    pytest.fail(question)


def until_shown(page: Page, wanted: Locator) -> None:
    """Look again until the page shows what the firm does by itself."""
    for _ in range(50):
        if wanted.count():
            return
        page.wait_for_timeout(200)
        page.reload()
    pytest.fail(f"{wanted} is not there")


def until_kept(page: Page) -> None:
    """Wait until a page and all that it is made of can be had without a connection."""
    until(page, "Boolean(navigator.serviceWorker.controller)")
    until(page, KEPT, page.evaluate("location.pathname"))
    until(page, ALL_KEPT)


def quiet_about_the_connection(window: Window) -> None:
    """Take back that the browser said of a connection which the test had cut."""
    window.complaints[:] = [said for said in window.complaints if "ERR_INTERNET_DISCONNECTED" not in said]
