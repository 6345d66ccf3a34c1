"""Desks, the palette and the languages in a real browser: by keyboard, clean for axe, and turned round."""

import pytest
from playwright.sync_api import expect

from tests.browser import work
from tests.browser.test_quality import violations
from tests.browser.windows import PHONE
from webui.languages import pseudo

LANGUAGES = ("en", "zh-Hant", "zh-Hans", "ru", "el", "ar-XB")
PAGES = ("/", "/search?q=orlova", "/preferences")


@pytest.fixture(scope="module")
def enquiry(chromium, server):
    from tests.browser.windows import DESK, Window

    context = chromium.new_context(viewport=DESK, locale="en-GB")
    reception = Window(context, server)
    reception.sign_in("rosa")
    number = work.file_enquiry(reception, "Ekaterina Orlova", "Beton AG")
    context.close()
    return number


def test_the_palette_finds_goes_and_closes_by_keyboard_alone(window, enquiry):
    rosa = window(reduced_motion="reduce")
    page = rosa.sign_in("rosa")

    page.keyboard.press("Control+k")
    palette = page.get_by_role("dialog", name="Command palette")
    expect(palette.get_by_role("option", name="Matters")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(palette).to_be_hidden()
    page.keyboard.press("Control+k")
    page.keyboard.type("orlova")
    expect(palette.get_by_role("option").first).to_contain_text("Orlova")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", level=1)).to_contain_text("Orlova")


def test_g_and_a_letter_go_where_the_help_sheet_says(window, enquiry):
    page = window(reduced_motion="reduce").sign_in("rosa")

    page.keyboard.press("g")
    page.keyboard.press("h")
    page.wait_for_url(lambda url: url.endswith("/"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Reception")
    page.keyboard.press("g")
    page.keyboard.press("e")

    page.wait_for_url("**/enquiries")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_page_is_clean_in_every_language_and_turned_round(window, enquiry, language):
    rosa = window(PHONE, reduced_motion="reduce", color_scheme="dark" if language in ("ru", "ar-XB") else "light")
    page = rosa.sign_in("rosa")
    rosa.context.add_cookies([{"name": "language", "value": language, "url": rosa.server}])

    for path in PAGES:
        rosa.go(path)
        html = page.locator("html")
        expect(html).to_have_attribute("lang", language)
        expect(html).to_have_attribute("dir", "rtl" if language == "ar-XB" else "ltr")
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{path} scrolls sideways"


def test_who_reads_from_right_to_left_has_the_rail_and_the_text_on_the_right(window, enquiry):
    rosa = window(reduced_motion="reduce")
    page = rosa.sign_in("rosa")
    rosa.context.add_cookies([{"name": "language", "value": "ar-XB", "url": rosa.server}])

    rosa.go("/")

    rail = page.locator(".rail").bounding_box()
    heading = page.get_by_role("heading", level=1).bounding_box()
    assert rail["x"] > heading["x"]
    assert page.get_by_role("heading", level=1).inner_text() == pseudo.turned("Reception")
    # A matter's number begins with digits, which would change places with its letters.
    begins_left = """(main) => {
      main.insertAdjacentHTML('beforeend', '<p><span class="number">2026-CV-0042</span></p>');
      const text = main.lastChild.firstChild.firstChild, range = document.createRange();
      const at = (place) => { range.setStart(text, place); range.setEnd(text, place + 1); return range.getBoundingClientRect().left; };
      return at(0) < at(5) && at(5) < at(11);
    }"""
    assert page.locator("main").evaluate(begins_left)
