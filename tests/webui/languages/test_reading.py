"""In which words, zone and formats somebody is answered."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from flask import render_template_string

from engine import clock, forms
from practice.people import preferences
from practice.people.preferences import PreferenceInvalid, Preferences
from webui.languages import catalogues, formats, pseudo, script_words, sentences, speech
from webui.pages import texts

AFTERNOON = datetime(2026, 12, 1, 14, 5, tzinfo=UTC)


@pytest.fixture
def reader(office):
    """Puts a request of somebody with these preferences around the test."""
    from contextlib import contextmanager

    from flask_login import login_user

    from practice.people.identity import by_id
    from practice.people.queries import by_username
    from webui.auth import Person

    @contextmanager
    def as_somebody(accept="", **chosen):
        with office.transaction() as session:
            ana = by_username(session, "ana")
            for name, value in chosen.items():
                setattr(ana, name, value)
            session.flush()
            identity = by_id(session, ana.id)
        with office.app.test_request_context("/inbox", headers={"Accept-Language": accept}):
            login_user(Person(identity))
            yield

    return as_somebody


@pytest.mark.parametrize(
    ("chosen", "written"),
    [
        ({}, "1 Dec 2026, 14:05"),
        ({"language": "zh-Hant"}, "2026年12月1日 14:05"),
        ({"language": "zh-Hans", "hour_cycle": "h12"}, "2026年12月1日 下午2:05"),
        ({"language": "el", "time_zone": "Asia/Taipei"}, "1 Δεκ 2026, 22:05"),
        ({"language": "ru", "time_zone": "Asia/Tokyo"}, "1 дек. 2026\u202fг., 23:05"),
        ({"language": "en", "region": "US", "hour_cycle": "h12"}, "Dec 1, 2026, 2:05 PM"),
        ({"language": "en", "time_zone": "Pacific/Auckland"}, "2 Dec 2026, 03:05"),
        ({"language": "en", "region": "ZZ"}, "Dec 1, 2026, 14:05"),
    ],
)
def test_an_instant_is_written_as_its_reader_writes(reader, chosen, written):
    with reader(**chosen):
        assert formats.moment(AFTERNOON) == written


@pytest.mark.parametrize(
    ("chosen", "written"),
    [
        ({}, "1,234.5"),
        ({"region": "DE"}, "1.234,5"),
        ({"language": "ru"}, "1\xa0234,5"),
        ({"language": "el"}, "1.234,5"),
    ],
)
def test_a_number_is_written_as_its_reader_writes(reader, chosen, written):
    with reader(**chosen):
        assert formats.number(1234.5) == written


@pytest.mark.parametrize(
    ("language", "days", "hours"),
    [
        ("en", "6 days late", "5 hours late"),
        ("zh-Hant", "逾期 6 日", "逾期 5 小時"),
        ("zh-Hans", "逾期 6 天", "逾期 5小时"),
        ("ru", "6 дней", "5 часов"),
        ("el", "6 ημέρες", "5 ώρες"),
    ],
)
def test_how_late_a_task_is_is_said_in_whole_words(reader, language, days, hours):
    with reader(language=language):
        assert days in texts.due(AFTERNOON, AFTERNOON + timedelta(days=6, hours=2)).text
        assert hours in texts.due(AFTERNOON, AFTERNOON + timedelta(hours=5, minutes=3)).text


def test_what_a_person_chose_goes_before_what_the_browser_asks_for(reader):
    with reader(accept="zh-TW", language="ru"):
        assert speech.tag() == "ru"
    with reader(accept="zh-TW", language=None):
        assert speech.tag() == "zh-Hant"


def test_after_a_moment_in_another_language_a_page_goes_on_in_its_readers(reader):
    with reader(language="en"):
        assert render_template_string("{{ _('Inbox') }}") == "Inbox"
        with speech.speaking("el"):
            assert render_template_string("{{ _('Inbox') }}") == "Εισερχόμενα"
        assert render_template_string("{{ _('Inbox') }}") == "Inbox"


def test_a_text_of_a_page_is_taken_as_it_is_and_what_is_filled_in_is_escaped(reader):
    each = "{% for one in rows %}{{ _('%(time)s late', time=one) }}{% endfor %}"
    with reader():
        filled = render_template_string(each, rows=["<b>"])
        assert filled == "&lt;b&gt; late"
        assert render_template_string("{{ _('5 < 6 & 100 %%') }}") == "5 < 6 & 100 %"
        assert render_template_string("{{ ngettext('%(num)s day', '%(num)s days', 2) }}") == "2 days"


def test_before_the_sign_in_the_browser_is_answered_in_its_language_or_the_one_chosen_there(office):
    browser = office.app.test_client()

    asked = browser.get("/sign-in", headers={"Accept-Language": "zh-HK,en;q=0.5"}).text
    browser.set_cookie("language", "el")
    chosen = browser.get("/sign-in", headers={"Accept-Language": "zh-HK,en;q=0.5"}).text

    assert 'lang="zh-Hant"' in asked
    assert re.search(r'<html lang="el" dir="ltr"', chosen)


def test_an_unknown_language_of_a_cookie_is_not_believed(office):
    browser = office.app.test_client()
    browser.set_cookie("language", "'><script>")

    assert '<html lang="en" dir="ltr"' in browser.get("/sign-in").text


def test_people_choose_how_they_read_and_the_trail_says_so(office):
    said = {"language": "el", "time_zone": "Europe/Athens", "region": "CY", "hour_cycle": "h12"}

    changed = office.ana.put("me/preferences", said, headers={"Idempotency-Key": "k1"})

    assert (changed.status_code, changed.json) == (200, said)
    assert office.ana.get("me/preferences").json == said
    assert office.bo.get("me/preferences").json == dict.fromkeys(said)


@pytest.mark.parametrize(
    "wrong",
    [
        {"language": "<b>"},
        {"language": "e" * 36},
        {"time_zone": "Mars/Olympus"},
        {"time_zone": "../../etc/passwd"},
        {"region": "gr"},
        {"hour_cycle": "h24"},
        {"region": "🙂"},
        {"theme": "dark"},
    ],
)
def test_a_preference_that_cannot_be_is_refused_by_its_name(office, wrong):
    answer = office.ana.put("me/preferences", wrong, headers={"Idempotency-Key": "k2"})

    assert answer.status_code == 422
    assert next(iter(wrong)) in answer.text
    assert office.ana.get("me/preferences").json["language"] is None


def test_nobody_chooses_for_others(office):
    from engine.actor import Actor
    from engine.errors import RightMissing

    with office.transaction() as session, pytest.raises(RightMissing):
        preferences.change(session, "bo", Preferences("el"), by=Actor("ana", frozenset()), now=clock.utc_now())
    with office.transaction() as session, pytest.raises(PreferenceInvalid):
        preferences.change(session, "ana", Preferences(region=""), by=Actor("ana", frozenset()), now=clock.utc_now())


def test_every_sentence_of_the_engine_about_an_answer_is_given_to_the_translators():
    import ast
    import inspect

    said = set()
    for node in ast.walk(ast.parse(inspect.getsource(forms))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            said.add(node.value)
        elif isinstance(node, ast.JoinedStr):
            said.add("".join(p.value if isinstance(p, ast.Constant) else "7" for p in node.values))
    spoken = {text for text in said if re.match(r"(This|One of|Entry \d)", text) and text.rstrip().endswith((".", ")"))}

    with_no_words = [
        text for text in spoken if not any(p.fullmatch(text) for p, _ in sentences._patterns()) and "\n" not in text
    ]

    assert len(spoken) > 15
    assert with_no_words == []


def test_a_sentence_about_an_answer_is_said_in_the_readers_language(reader, monkeypatch):
    monkeypatch.setitem(catalogues._known, "ru", pseudo.Turned())
    with reader(language="ru"):
        assert sentences.say("This has at most 40 characters.") == pseudo.turned("This has at most ") + "40 " + (
            pseudo.turned("characters.")
        )
        assert pseudo.turned("This is required.") in sentences.say("Entry 2, Name: This is required.")
        assert sentences.say("Nobody translated this.") == "Nobody translated this."


def test_the_scripts_words_are_one_file_that_a_browser_keeps(office, monkeypatch):
    monkeypatch.setattr(catalogues, "script_ids", lambda: ["Saved", ["{n} letter", "{n} letters"]])
    script_words._body.cache_clear()
    browser = office.app.test_client()
    browser.set_cookie("language", "ru")

    address = re.search(r'<script src="(/words/ru\.[0-9a-f]+\.js)"', browser.get("/sign-in").text)[1]
    answer = browser.get(address)
    script_words._body.cache_clear()

    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert '"plurals":{"many":0,"one":1,"few":2}' in answer.text
    assert '"{n} letter":["{n} letters","{n} letter","{n} letters"]' in answer.text
    assert browser.get("/words/xx.1.js").status_code == 404
    assert "immutable" not in browser.get("/words/ru.0.js").headers.get("Cache-Control", "")
