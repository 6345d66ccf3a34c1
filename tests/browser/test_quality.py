"""Every page, small and large, light and dark: nothing for axe, the console or the content policy to say."""

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from tests.browser import work
from tests.browser.windows import DESK, PHONE, Window

SIZES = (PHONE, DESK)
#: By how many pixels the page, or what scrolls in it as a page would, is wider than what it shows.
BEYOND = """() => Math.max(...['html', '.content', '.detail'].flatMap(name => [...document.querySelectorAll(name)])
  .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))"""
#: What each page is, who looks at it, and what must stand before it is judged.
PAGES = {
    "sign-in": (None, "/sign-in", None),
    "inbox": ("nikos", "/inbox?scope=group", None),
    "task": ("nikos", "{task}", Window.form),
    "somebody else's task": ("samuel", "{task}", Window.form),
    "matter": ("wenjing", "/matters/{matter}", Window.diagram),
    "matters": ("wenjing", "/matters", None),
    "new enquiry": ("rosa", "/start/intake", Window.form),
    "enquiry": ("rosa", "/enquiries/{enquiry}", Window.diagram),
    "enquiries": ("rosa", "/enquiries", None),
    "processes": ("rosa", "/start", None),
    "incidents": ("samuel", "/incidents", None),
    "notices": ("nikos", "/notices", None),
    "how one hears of things": ("nikos", "/notices/settings", None),
    "nothing there": ("rosa", "/matters/none", None),
}


@pytest.fixture(scope="module")
def places(chromium: Browser, server: str) -> dict[str, str]:
    """A matter and an open enquiry, and where the partner decides it."""
    contexts = [chromium.new_context(viewport=DESK, locale="en-GB") for _ in range(2)]
    reception, partner = (Window(context, server) for context in contexts)
    reception.sign_in("rosa")
    partner.sign_in("nikos")
    number = work.file_enquiry(reception, "張偉倫", "Donaudampfschifffahrtsgesellschaftskapitänswitwenversorgung AG")
    matter = work.accept_enquiry(partner, number, lawyer="李文静")
    enquiry = work.file_enquiry(reception, "Екатерина Орлова", "Παπαδόπουλος Α.Ε.")
    page = partner.go(f"/inbox?scope=group&q={enquiry}")
    task = page.locator(".task a").first.get_attribute("href") or ""
    for context in contexts:
        context.close()
    return {"matter": matter, "enquiry": enquiry, "task": task.split("?")[0]}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_clean(window: Callable[..., Window], places: dict[str, str], name: str):
    who, path, ready = PAGES[name]
    visitor = window(PHONE, reduced_motion="reduce")
    if who:
        visitor.sign_in(who)

    page = visitor.go(path.format(**places))
    if ready:
        ready(visitor)

    for size in SIZES:
        page.set_viewport_size(size)
        assert page.evaluate(BEYOND) <= 0, f"the page scrolls sideways at {size['width']} pixels"
        for theme in ("light", "dark"):
            page.emulate_media(color_scheme=theme)
            assert violations(page) == [], (size["width"], theme)


def test_an_open_sheet_a_dialog_and_a_form_with_problems_are_clean(
    window: Callable[..., Window], places: dict[str, str]
):
    visitor = window(reduced_motion="reduce")
    page = visitor.sign_in("rosa")
    visitor.go("/start/intake")
    visitor.form()
    work.send(page)
    assert violations(page) == []

    page.get_by_role("button", name="You").click()
    assert violations(page) == []
    page.get_by_role("button", name="Keyboard shortcuts").click()
    assert violations(page) == []


def violations(page: Page) -> list[str]:
    """Return what axe finds, each with where."""
    found = Axe().run(page).response["violations"]
    return [f"{rule['id']} ({rule['impact']}): {node['html'][:160]}" for rule in found for node in rule["nodes"]]
