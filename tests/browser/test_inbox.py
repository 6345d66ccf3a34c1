"""The inbox by keyboard, by mouse and without JavaScript."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser import work
from tests.browser.windows import PHONE


@pytest.fixture(scope="module")
def enquiries(chromium, server) -> list[str]:
    """Three enquiries that partners may decide."""
    from tests.browser.windows import DESK, Window

    context = chromium.new_context(viewport=DESK, locale="en-GB")
    reception = Window(context, server)
    reception.sign_in("rosa")
    numbers = [
        work.file_enquiry(reception, f"Client {name}", f"Opponent {name}") for name in ("Alpha", "Beta", "Gamma")
    ]
    context.close()
    return numbers


def test_keys_move_through_the_list_open_a_task_take_it_and_release_it(window, enquiries):
    partner = window()
    page = partner.sign_in("nikos")
    partner.go("/inbox?scope=group")

    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator(".task a").nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("Enter")
    expect(page.locator("#task-title")).to_be_focused()
    expect(page).to_have_title(re.compile("Decide on the enquiry"))
    page.keyboard.press("c")
    expect(page.locator(".work-head")).to_contain_text("You are on it")
    page.keyboard.press("c")
    expect(page.locator(".toast")).to_contain_text("Released")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_hidden()
    page.keyboard.press("/")
    expect(page.get_by_label("Search tasks, matters, names")).to_be_focused()
    page.keyboard.type("gamma\n")
    expect(page.locator(".task")).to_have_count(1)
    page.locator("body").click(position={"x": 5, "y": 5})
    page.keyboard.press("g")
    page.keyboard.press("m")
    page.wait_for_url("**/matters")


def test_going_back_shows_the_task_before(window, enquiries):
    partner = window()
    page = partner.sign_in("nikos")
    partner.go("/inbox?scope=group")
    page.locator(".task a").nth(0).click()
    expect(page.locator(".task a").nth(0)).to_have_attribute("aria-current", "true")
    first = page.locator(".work-head .number").inner_text()
    page.locator(".task a").nth(1).click()
    expect(page.locator(".work-head .number")).not_to_have_text(first)

    page.go_back()

    expect(page.locator(".work-head .number")).to_have_text(first)


def test_a_task_opens_in_a_tab_of_its_own_for_who_asks_for_one(window, enquiries):
    partner = window()
    page = partner.sign_in("nikos")
    partner.go("/inbox?scope=group")

    with page.context.expect_page() as opened:
        page.locator(".task a").first.click(modifiers=["ControlOrMeta"])

    expect(opened.value.locator("#task-title")).to_be_visible()
    expect(page.locator(".task a[aria-current]")).to_have_count(0)


def test_on_a_phone_list_and_task_take_turns(window, enquiries):
    partner = window(PHONE, has_touch=True)
    page = partner.sign_in("nikos")
    partner.go("/inbox?scope=group")
    page.locator(".task a").first.click()
    expect(page.locator("#task-title")).to_be_visible()
    expect(page.locator("task-list")).to_be_hidden()

    page.get_by_role("link", name="Inbox").first.click()

    expect(page.locator("task-list")).to_be_visible()
    expect(page.locator("#task-title")).to_be_hidden()


def test_without_javascript_one_can_still_look_up_and_take_work(window, enquiries):
    partner = window(java_script_enabled=False)
    page = partner.sign_in("nikos")
    page = partner.go("/inbox?scope=group&q=beta")

    page.locator(".task a").first.click()
    page.get_by_role("button", name="Take it").click()

    expect(page.locator(".work-head")).to_contain_text("You are on it")
    expect(page.locator("noscript, form-island")).not_to_have_count(0)
    page.get_by_role("button", name="Release").click()
    expect(page.locator(".toast")).to_contain_text("Released")


def test_the_choice_of_dark_is_remembered(window):
    partner = window(color_scheme="light")
    page = partner.sign_in("nikos")
    page.get_by_role("button", name="You").click()
    page.get_by_role("button", name="Dark").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")

    partner.go("/matters")

    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_a_wrong_password_says_so_and_nothing_more(window):
    stranger = window()
    page = stranger.go("/sign-in")
    page.get_by_label("User name").fill("nikos")
    page.get_by_label("Password").fill("guess")
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("alert")).to_contain_text("The name or the password is wrong")


def test_an_address_of_another_host_is_not_followed_after_signing_in(window):
    stranger = window()
    page = stranger.go("/sign-in?next=//example.org/")
    page.locator("button[name=username][value=nikos]").click()

    page.wait_for_url(re.compile(r"127\.0\.0\.1:\d+/$"))


@pytest.mark.parametrize("language", ["en", "el", "ru", "zh-Hant"])
@pytest.mark.parametrize("size", [PHONE, {"width": 800, "height": 900}, {"width": 1440, "height": 900}])
def test_the_list_stays_in_its_pane_in_every_language(window, enquiries, language, size):
    partner = window(size)
    partner.sign_in("nikos")
    partner.context.set_extra_http_headers({"Accept-Language": language})

    page = partner.go("/inbox?scope=group")

    expect(page.locator("html")).to_have_attribute("lang", re.compile(language, re.IGNORECASE))
    beyond = """(list) => [...list.querySelectorAll('.scopes a, .narrowing > *, .task')]
      .filter((part) => part.getBoundingClientRect().right > list.getBoundingClientRect().right).length"""
    assert page.locator(".list").evaluate(beyond) == 0
