"""The pages of working calendars: which day is off and why, one day more, and a file of days."""

import io
import re

import pytest

from engine.actor import SYSTEM
from practice.people import operations as people
from tests.webui.closed_doors import sign_in
from tests.webui.conftest import MORNING, PASSWORD

FILE = b"day,works,name,citation\n2027-02-11,no,Lunar <b>New Year</b>,Notice 12\n"


@pytest.fixture
def keeper(office):
    with office.transaction() as session:
        people.create_user(
            session, "max", "Max", password=PASSWORD, groups=["managing_partners"], by=SYSTEM, now=MORNING
        )
    return sign_in(office, "max")


def send(browser, address, **data):
    page = "/calendars/tw.courts?year=2027"
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get(page).text).group(1)
    return browser.post(address, data={"csrf_token": token, "back": page, **data}, follow_redirects=True).text


def test_a_calendar_says_which_day_is_off_and_takes_more_days(office, keeper):
    assert "tw.courts" in keeper.get("/calendars").text
    assert keeper.get("/calendars/julian").status_code in (404, 422)
    year = keeper.get("/calendars/cn.courts?year=2026").text
    assert "National Day" in year
    assert "a working day" in year

    assert "1 day is in the calendar" in send(
        keeper, "/calendars/tw.courts", on="2027-03-03", works="no", name="Typhoon", citation="Order 7"
    )
    assert "toast late" in send(keeper, "/calendars/tw.courts", on="2027-03-33", works="no", name="T", citation="O")
    assert "toast late" in send(keeper, "/calendars/tw.courts", on="", works="no", name="T", citation="O")
    send(keeper, "/calendars/tw.courts/file", file=(io.BytesIO(FILE), "days.csv"))
    assert "line 3" in send(keeper, "/calendars/tw.courts/file", file=(io.BytesIO(FILE + b"x,no,T,O\n"), "days.csv"))
    shown = keeper.get("/calendars/tw.courts?year=2027").text
    assert "Lunar &lt;b&gt;New Year" in shown
    assert "Typhoon" in shown


def test_without_the_right_a_calendar_is_only_read(office):
    ana = sign_in(office, "ana")

    assert "/calendars/tw.courts/file" not in ana.get("/calendars/tw.courts").text
    assert "toast late" in send(ana, "/calendars/tw.courts", on="2027-03-03", works="no", name="T", citation="O")
    assert "toast late" in send(ana, "/calendars/tw.courts/file", file=(io.BytesIO(FILE), "days.csv"))
    assert "Lunar" not in ana.get("/calendars/tw.courts?year=2027").text.replace("Lunar New Year", "")


def test_a_holiday_is_named_as_its_reader_speaks_and_its_days_as_everywhere(office):
    ana = sign_in(office, "ana")

    english = ana.get("/calendars/cn.courts?year=2026").text
    chinese = ana.get("/calendars/cn.courts?year=2026", headers={"Accept-Language": "zh-Hant"}).text
    greek = ana.get("/calendars/cn.courts?year=2026", headers={"Accept-Language": "el"}).text

    assert "substituted from 2026-01-04" in english
    assert "農曆除夕" in chinese
    assert "substituted from 2026-01-04" in greek, "in English where nobody has put it into Greek"
