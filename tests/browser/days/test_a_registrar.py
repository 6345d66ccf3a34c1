"""A registrar's day: a letter goes to a department of five, who are reminded until one of them accepts it."""

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import expect

from engine import clock, database
from engine.models import Job
from practice.correspondence.models import Letter
from tasks.reminders.models import Reminder
from tests.browser import work
from tests.browser.windows import DESK, PHONE

SIZES = {"desk": DESK, "phone": PHONE}
DEPARTMENT = ("amara", "eleni", "ivan", "james", "wenjing")


@pytest.mark.parametrize("size", SIZES)
def test_a_letter_goes_to_five_one_accepts_it_and_the_others_are_reminded_no_more(window, engine, books, size):
    subject = f"Answer of the carrier ({size})"
    registrar = window(SIZES[size], has_touch=size == "phone")
    page = registrar.sign_in("jonas")
    registrar.go("/letters")
    page.get_by_role("link", name="Register a letter").click()
    registrar.form()
    page.get_by_label("What is it about?").fill(subject)
    page.get_by_label(re.compile(r"^From\*?$")).fill("Nordhafen Logistik GmbH")
    page.get_by_label(re.compile(r"^To\*?$")).fill("The firm")
    page.get_by_role("radio", name="A department").check()
    work.choose(page, "Department", "Lawyers")
    page.get_by_label("Why").fill("The carrier answers; somebody who knows transport law should read it.")
    work.send(page)
    page.wait_for_url(re.compile("/(inbox|letters)"))
    number = books.ask(sa.select(Letter.number).where(Letter.subject == subject))[0]
    task_id = books.id_of(number, "accept_letter")
    lawyers = {name: window(PHONE if name == "ivan" else DESK) for name in ("ivan", "wenjing")}
    for name, one in lawyers.items():
        one.sign_in(name)
        one.go("/notices")

    half_an_hour_passes(engine, task_id)

    for one in lawyers.values():
        expect(one.page.locator(f"[data-user-task='{task_id}']")).to_be_visible(timeout=10_000)
    accepting = lawyers["wenjing"].page
    accepting.locator(f"[data-user-task='{task_id}']").get_by_role("button", name="I take it").click()
    expect(accepting.locator("#task-title")).to_have_text("Accept the letter")
    # The other's reminder goes without being asked, and whoever still comes is told who has it.
    expect(lawyers["ivan"].page.locator(f"[data-user-task='{task_id}']")).to_be_hidden()
    lawyers["ivan"].go(f"/inbox/{task_id}")
    expect(lawyers["ivan"].page.locator(".work-head")).to_contain_text("李文静")
    lawyers["wenjing"].form()
    accepting.get_by_role("radio", name="I accept it").check()
    work.send(accepting)
    expect(accepting.locator(".toast").first).to_contain_text("Done: Accept the letter")

    # The registrar sees where it is and every hop of its way.
    registrar.go(f"/letters/{number}")
    expect(page.get_by_text("Who has it").locator("..")).to_contain_text("李文静")
    expect(page.locator(".timeline li", has_text="Handed over")).to_contain_text("Lawyers")
    expect(page.locator(".timeline li", has_text="Accepted")).to_contain_text("李文静")
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    assert books.times_completed(number, "accept_letter") == 1
    assert not books.ask(
        sa.select(Reminder.stopped_at).where(Reminder.user_task_id == task_id, Reminder.stopped_at.is_(None))
    )


def half_an_hour_passes(engine, user_task_id) -> None:
    """Let the next round of a task's reminder be due now."""
    then = clock.utc_now() - timedelta(seconds=1)
    with database.transaction(engine) as session:
        reminder = session.get(Reminder, user_task_id)
        assert reminder is not None
        reminder.next_at = then
        session.execute(
            sa.update(Job).where(Job.kind == "reminder", Job.spiff_task_id == user_task_id).values(due_at=then)
        )
