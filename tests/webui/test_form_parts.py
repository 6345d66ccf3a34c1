"""A form's page brings what the form uses, and not what it does not."""

import json
from datetime import date, timedelta
from pathlib import Path

import pytest
from py_mini_racer import MiniRacer

from webui.languages import speech
from webui.pages.calendar_words import calendar_words
from webui.pages.form_parts import form_parts

ROOT = Path(__file__).resolve().parents[2]
BUNDLES = ROOT / "processes" / "bpmn"
FIELD = {"type": "textfield", "key": "name", "label": "Name"}


def form(*components):
    return {"type": "default", "schemaVersion": 19, "components": list(components)}


@pytest.mark.parametrize("empty", [None, {}, form(), form(FIELD)])
def test_a_form_of_plain_fields_needs_nothing_beside_the_core(empty):
    assert form_parts(empty) == []


@pytest.mark.parametrize(
    ("component", "parts"),
    [
        ({"type": "datetime", "subtype": "date", "key": "on"}, ["dates"]),
        ({"type": "text", "text": "Mind the *time limit*."}, ["texts"]),
        ({"type": "text", "text": "For **{{client}}**"}, ["expressions", "texts"]),
        ({"type": "html", "content": "<p>{{client}}</p>"}, ["expressions", "html"]),
        (FIELD | {"conditional": {"hide": "=value > 3"}}, ["expressions"]),
        (FIELD | {"label": "Name of {{who}}"}, ["expressions"]),
        (FIELD | {"validate": {"minLength": "=shortest"}}, ["expressions"]),
        (FIELD | {"label": "text", "key": "datetime"}, []),
    ],
)
@pytest.mark.parametrize("depth", [0, 3])
def test_what_a_component_uses_is_found_however_deep_it_lies(component, parts, depth):
    for _ in range(depth):
        component = {"type": "group", "components": [FIELD, component]}

    assert form_parts(form(component)) == parts


def test_the_forms_of_the_bundles_clean_no_html_in_the_browser():
    used = {part for path in BUNDLES.glob("*/forms/*.form") for part in form_parts(json.loads(path.read_text()))}

    assert used == {"dates", "expressions", "texts"}


def test_months_of_one_chinese_are_not_those_of_the_other_whoever_reads_first(office):
    found: list[str] = []
    for language in ("zh-Hant", "zh-Hans"):
        with office.app.test_request_context(), speech.speaking(language):
            found.append(calendar_words()["months"]["longhand"][2])

    assert found == ["3月", "三月"]


@pytest.mark.parametrize(
    ("language", "sunday", "march"), [("en", "Sun", "March"), ("ru", "вс", "март"), ("zh-Hans", "周日", "三月")]
)
def test_the_calendar_names_days_from_sunday_on_and_months_in_the_readers_language(office, language, sunday, march):
    with office.app.test_request_context(), speech.speaking(language):
        words = calendar_words()

    assert words["weekdays"]["shorthand"][0] == sunday
    assert words["months"]["longhand"][2] == march
    assert [len(names) for names in (*words["weekdays"].values(), *words["months"].values())] == [7, 7, 12, 12]


@pytest.fixture(scope="module")
def days():
    """The stand-in for luxon, in the engine of a browser whose clock is the server's."""
    source = (ROOT / "webui/frontend/src/islands/parts/days.js").read_text()
    context = MiniRacer()
    context.eval(source.replace("export const DateTime", "globalThis.DateTime"))
    return context


def test_a_day_read_and_written_is_the_same_day(days):
    texts = [str(date(2023, 12, 20) + timedelta(days=number)) for number in range(500)] + ["0099-01-01", "2400-02-29"]

    written = days.eval(
        f"JSON.stringify({texts}.map((day) => DateTime.fromJSDate(DateTime.fromISO(day).toJSDate()).toISODate()))"
    )

    assert json.loads(written) == texts


@pytest.mark.parametrize(
    "text", ["", "2026-02-29", "2026-13-01", "2026-1-1", "2026-12-01T10:00", "tomorrow", "١٢٣٤-٠١-٠١"]
)
def test_what_is_no_day_is_an_invalid_date(days, text):
    assert days.eval(f"Number.isNaN(DateTime.fromISO({json.dumps(text)}).toJSDate().getTime())")
    assert days.eval("DateTime.fromJSDate(new Date(NaN)).toISODate()") is None
