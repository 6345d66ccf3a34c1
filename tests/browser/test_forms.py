"""What somebody types is neither lost nor done twice."""

import re

from playwright.sync_api import expect

from engine import clock, database
from engine.actor import SYSTEM
from practice.people import operations as people
from tasks import start_forms
from tests.browser import work


def test_what_was_typed_survives_a_reload(window):
    reception = window()
    page = reception.sign_in("rosa")
    reception.go("/start/intake")
    reception.form()

    page.get_by_label("Full name").fill("Анна Сергеевна Белова")
    page.get_by_label("Opponent").fill("Кировский завод")
    expect(page.locator(".draft")).to_have_text("Draft saved")
    page.reload()
    reception.form()

    expect(page.get_by_label("Full name")).to_have_value("Анна Сергеевна Белова")
    expect(page.get_by_label("Opponent")).to_have_value("Кировский завод")
    expect(page.locator(".draft")).to_contain_text("is back")
    page.get_by_role("button", name="Begin afresh").click()
    reception.form()
    expect(page.get_by_label("Full name")).to_have_value("")


def test_what_was_typed_just_before_leaving_is_kept(window):
    reception = window()
    page = reception.sign_in("rosa")
    reception.go("/start/intake")
    reception.form()

    page.get_by_label("Full name").fill("Typed in haste")
    page.get_by_role("link", name="Matters").click()
    page.wait_for_url("**/matters")

    # The page that is left sends its draft without anybody waiting for it.
    for _ in range(10):
        reception.go("/start/intake")
        reception.form()
        if page.get_by_label("Full name").input_value():
            break
    expect(page.get_by_label("Full name")).to_have_value("Typed in haste")
    page.get_by_role("button", name="Begin afresh").click()
    page.wait_for_load_state()


def test_a_missing_answer_is_named_above_the_form_and_at_its_field(window):
    reception = window()
    page = reception.sign_in("rosa")
    reception.go("/start/intake")
    reception.form()

    work.send(page)

    problems = page.locator(".problems")
    expect(problems).to_be_focused()
    expect(problems).to_contain_text("answers need another look")
    problems.get_by_role("link", name=re.compile("Opponent")).click()
    expect(page.get_by_label("Opponent")).to_be_focused()
    expect(page.locator(".fjs-has-errors").filter(has_text="Opponent")).to_be_visible()


def test_what_only_the_server_refuses_is_shown_at_the_field_and_nothing_is_lost(window):
    reception = window()
    page = reception.sign_in("rosa")
    reception.go("/start/intake")
    work.fill_enquiry(reception, "Refused Ltd", "Other Ltd")
    page.route(
        "**/start/intake",
        lambda route: route.fulfill(
            status=422,
            content_type="application/json",
            body='{"code": "form_invalid", "message": "No.", "fields": {"opponent_name": "We do not sue them."}}',
        ),
    )

    work.send(page)

    expect(page.locator(".problems")).to_contain_text("Opponent: We do not sue them.")
    expect(page.locator(".fjs-form-field-error")).to_have_text("We do not sue them.")
    expect(page.get_by_label("Opponent")).to_have_value("Other Ltd")
    page.unroute("**/start/intake")
    work.send(page)
    page.wait_for_url(re.compile("/enquiries/E-"))


def test_an_impatient_double_click_files_one_enquiry(window):
    reception = window()
    page = reception.sign_in("rosa")
    reception.go("/start/intake")
    work.fill_enquiry(reception, "Clicked Twice Ltd", "Once Ltd")

    page.locator("[data-send]").dblclick()
    page.wait_for_url(re.compile("/enquiries/E-"))

    reception.go("/enquiries?q=Clicked+Twice")
    expect(page.locator(".row")).to_have_count(1)


def test_a_task_completed_in_another_window_says_who_was_faster(window):
    reception, first, second = window(), window(), window()
    reception.sign_in("rosa")
    first.sign_in("nikos")
    second.sign_in("nikos")
    number = work.file_enquiry(reception, "Two Windows GmbH", "One Task AG")
    for partner in (first, second):
        partner.go(f"/inbox?scope=group&q={number}").get_by_role("link", name="Decide on the enquiry").click()
        partner.form()
        partner.page.get_by_role("radio", name="Take the enquiry").check()
        work.choose(partner.page, "Responsible lawyer", "李文静")
        work.choose(partner.page, "Fee", "By the hour")

    work.send(first.page)
    expect(first.page.locator(".toast")).to_contain_text("Done")
    work.send(second.page)

    expect(second.page.locator(".problems")).to_contain_text("Νίκος Σταυρίδης has already completed this.")
    second.page.reload()
    expect(second.page.locator(".note.good")).to_contain_text("Νίκος Σταυρίδης completed this.")


def test_a_form_that_cannot_reach_the_server_keeps_its_answers_and_is_sent_once_later(window):
    reception = window()
    page = reception.sign_in("rosa")
    reception.go("/start/intake")
    work.fill_enquiry(reception, "Lost Line Ltd", "Weak Signal Ltd")
    page.route("**/start/intake", lambda route: route.abort())

    work.send(page)
    expect(page.locator(".problems")).to_contain_text("is sent when the server is back")
    page.unroute("**/start/intake")
    page.evaluate("dispatchEvent(new Event('online'))")

    page.wait_for_url(re.compile("/enquiries/E-"))
    reception.complaints.clear()  # the browser tells the console that a request was aborted


def test_in_a_large_firm_a_colleague_is_found_while_the_name_is_typed_and_stays_chosen(window, database_url):
    engine = database.create_engine(database_url)
    with database.transaction(engine) as session:
        for number in range(start_forms.MOST_WHOLE + 1):
            name = f"Zoë Nummer {number}"
            people.create_user(session, f"zoe{number}", name, password=None, groups=[], by=SYSTEM, now=clock.utc_now())
    engine.dispose()
    reception = window()
    page = reception.sign_in("rosa")
    reception.go("/start/absence")
    reception.form()
    field = page.get_by_label("Who stands in", exact=True)

    field.click()
    field.press_sequentially("nummer 317")
    page.locator(".fjs-dropdownlist-item", has_text="Zoë Nummer 317").click()
    expect(field).to_have_value("Zoë Nummer 317")
    expect(page.locator(".draft")).to_have_text("Draft saved")
    page.reload()
    reception.form()

    expect(page.get_by_label("Who stands in", exact=True)).to_have_value("Zoë Nummer 317")
    page.get_by_role("button", name="Begin afresh").click()
    page.wait_for_load_state()
