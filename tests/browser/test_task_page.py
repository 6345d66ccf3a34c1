"""At a task: papers, comments, a question to a colleague, and two windows that type into one form."""

import os
import re

import pytest
from playwright.sync_api import expect

from tests.browser import work
from tests.browser.test_quality import violations
from tests.browser.windows import PHONE

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


@pytest.fixture
def decision(window):
    """A partner in front of an enquiry's decision."""
    reception = window()
    reception.sign_in("rosa")
    number = work.file_enquiry(reception, "Ana <b>Ruiz</b>", "Beton AG")
    partner = window()
    partner.sign_in("katharina")
    page = partner.go(f"/inbox?scope=group&q={number}")
    page.get_by_role("link", name="Decide on the enquiry").click()
    partner.form()
    return partner


def look(page, name):
    folder = os.environ.get("LOOK")
    if folder:
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_papers_words_and_questions_gather_around_a_task(decision, window):
    page = decision.page

    page.get_by_text("File a document").click()
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "brief.pdf", "mimeType": "application/pdf", "buffer": PDF}
    )
    page.get_by_role("button", name="File it").click()
    expect(page.get_by_role("link", name="brief")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="brief").click()
    assert download.value.suggested_filename == "brief.pdf"

    page.get_by_text("Versions: brief").click()
    page.get_by_label("New version").set_input_files(
        {"name": "brief.pdf", "mimeType": "application/pdf", "buffer": PDF + b"% once more\n"}
    )
    page.get_by_role("button", name=re.compile("File it.*brief")).click()
    expect(page.locator(".toast").first).to_contain_text("version 2 now")
    page.get_by_text("Versions: brief").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="version 1").click()
    assert download.value.path().read_bytes() == PDF
    look(page, "task_versions_of_a_document")
    page.get_by_label("Take it off the file because").fill("Filed with the wrong matter.")
    page.get_by_role("button", name=re.compile("Take it off.*brief")).click()
    expect(page.get_by_role("link", name="brief", exact=True)).to_be_hidden()

    page.get_by_label("Say something").fill("<img src=x onerror=alert(1)> 👀 @nikos")
    page.get_by_role("button", name="Comment").click()
    expect(page.locator("#comments .said-text")).to_have_text("<img src=x onerror=alert(1)> 👀 @nikos")

    page.get_by_text("Ask a question").click()
    page.get_by_label("Whom").fill("nikos")
    page.get_by_label("Question").fill("Do we know this client?")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.get_by_text("Waits for an answer")).to_be_visible()
    page.get_by_text("Ask for help").first.click()
    page.get_by_text("Hand it on").click()
    assert violations(page) == []
    look(page, "task_desk")

    asked = window(size=PHONE, color_scheme="dark", reduced_motion="reduce")
    lawyer = asked.sign_in("nikos")
    asked.go("/inbox?scope=mine")
    lawyer.get_by_role("link", name="Decide on the enquiry").first.click()
    lawyer.get_by_label("Your answer").wait_for()
    assert violations(lawyer) == []
    look(lawyer, "task_phone")
    lawyer.get_by_label("Your answer").fill("Yes, since 2019.")
    lawyer.get_by_role("button", name="Answer").click()
    lawyer.wait_for_url(re.compile(r"/inbox$"))

    page.reload()
    expect(page.get_by_text("Yes, since 2019.")).to_be_visible()


def test_two_windows_type_into_one_form_and_both_versions_are_kept(decision):
    first = decision.page
    first.get_by_role("button", name=re.compile("Take it")).click()
    decision.form()
    second = decision.context.new_page()
    second.goto(first.url)
    second.locator("form-island[data-ready]").wait_for()

    for page, said in ((first, "From the office"), (second, "From the train")):
        page.get_by_role("radio", name="Refuse").or_(page.get_by_role("radio", name="Decline")).first.check()
        page.locator("form-island textarea").first.fill(said)
        page.locator(".draft", has_text=re.compile("saved|both versions are kept")).wait_for()
    expect(second.locator(".draft")).to_contain_text("both versions are kept")
    second.get_by_role("button", name="Show both").click()
    second.locator("form-island[data-ready]").wait_for()

    expect(second.locator("form-island textarea").first).to_have_value("From the office")
    look(second, "task_versions")
    second.get_by_role("button", name="Go on with that one").click()
    second.locator("form-island[data-ready]").wait_for()
    expect(second.locator("form-island textarea").first).to_have_value("From the train")
