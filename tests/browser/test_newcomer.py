"""Somebody who has never seen the program files an enquiry, accepts it and does the first work on the matter."""

import re

from playwright.sync_api import expect

from tests.browser import work


def test_a_newcomer_brings_an_enquiry_to_the_first_civil_task(window):
    reception, partner, lawyer = window(), window(), window()
    reception.sign_in("rosa")
    partner.sign_in("nikos")
    lawyer.sign_in("wenjing")

    number = work.file_enquiry(reception, "Σοφία Λάμπρου", "Nordwind Kühlhäuser AG")
    expect(reception.page.locator(".toast")).to_contain_text(f"Enquiry {number} is filed.")
    expect(reception.page.get_by_role("heading", name="What happens next")).to_be_visible()
    expect(reception.page.locator("main")).to_contain_text("Decide on the enquiry")

    matter = work.accept_enquiry(partner, number, lawyer="李文静")
    expect(partner.page.locator(".toast")).to_contain_text(f"Matter {matter} is open.")

    page = work.open_assessment(lawyer, matter)
    work.fill_assessment(page)
    work.send(page)
    # What is next on the same matter opens by itself.
    expect(page.get_by_role("heading", name="Send the demand letter")).to_be_visible()
    expect(page.locator(".toast")).to_contain_text("Done: Assess the claim.")

    page.locator(f'a[href="/matters/{matter}"]').first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Σοφία Λάμπρου"))
    expect(page.locator(".stages [aria-current=step]")).to_contain_text("Pre-action")
    expect(page.locator(".asides .facts").first).to_contain_text("EUR\N{NO-BREAK SPACE}48,250.50")
    expect(page.locator(".timeline")).to_contain_text("Assess the claim")
    lawyer.diagram()
    expect(page.locator("process-diagram .badge.is")).to_have_count(1)


def test_an_enquiry_with_a_conflict_goes_to_the_conflicts_officer(window):
    reception, partner, officer = window(), window(), window()
    reception.sign_in("rosa")
    partner.sign_in("nikos")
    officer.sign_in("olga")
    work.accept_enquiry(partner, work.file_enquiry(reception, "Blue Harbour Marine Ltd", "Adam Reed"), lawyer="李文静")

    number = work.file_enquiry(reception, "Carol Stone", "Blue Harbour Marine Ltd")

    page = officer.go(f"/inbox?q={number}")
    page.locator(".task a").first.click()
    officer.form()
    expect(page.locator("form-island")).to_contain_text("Blue Harbour Marine Ltd")
