"""Every page in every language: nothing for axe to say in light or dark, nothing on the console, no sideways scroll
on a phone, no raw code, and no English where another language is read."""

import json
import re
from functools import cache
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from config.languages import TRANSLATIONS
from config.settings import from_environment
from tests.browser.pages.reader import Reader
from webui.app import create_app

PROCESSES = Path(__file__).parents[3] / "processes" / "bpmn"
LANGUAGES = {"en": None, "zh-Hant": "zh_Hant", "zh-Hans": "zh_Hans", "ru": "ru", "el": "el"}
#: In which colours axe looks: at the first with all its rules, at the second with those that colours decide.
THEMES = ("light", "dark")
#: By endpoint, whom a page is for and where it is.
PAGES = {
    "home": [
        (who, "/")
        for who in ("rosa", "daniel", "marta", "katharina", "nikos", "amara", "tomas", "priya", "jonas", "lucia", "ada")
    ],
    "absences.index": [("katharina", "/absences")],
    "absences.new": [("amara", "/absences/new")],
    "accesses.index": [("olga", "/access")],
    "accesses.attempts": [("olga", "/access/attempts")],
    "accesses.show": [("olga", "/access/cases/{breach}")],
    "accesses.emergency_form": [("amara", "/access/emergency")],
    "approvals.index": [("nikos", "/approvals")],
    "approval_links.look": [(None, "/approve/{link}")],
    "audit.index": [("pierre", "/audit")],
    "auth.sign_in": [(None, "/sign-in")],
    "clients.index": [("katharina", "/clients")],
    "clients.show": [("katharina", "/clients/{client}")],
    "conflicts.index": [("olga", "/conflicts")],
    "conflicts.show": [("olga", "/conflicts/{check}")],
    "conflicts.own_interests": [("amara", "/conflicts/interests")],
    "deadlines.index": [("katharina", "/deadlines")],
    "deadlines.show": [("katharina", "/deadlines/{deadline}")],
    "deadlines.new": [("katharina", "/deadlines/new?matter={matter}")],
    "directories.index": [("ada", "/directories")],
    "directories.show": [("ada", "/directories/direction")],
    "document_requests.index": [("katharina", "/document-requests")],
    "document_requests.show": [("katharina", "/document-requests/{request}")],
    "enquiries.index": [("rosa", "/enquiries")],
    "enquiries.show": [("rosa", "/enquiries/{enquiry}")],
    "exchange.index": [("ada", "/import")],
    "hours.index": [("amara", "/hours")],
    "hours.review": [("katharina", "/hours/review")],
    "inbox.index": [("nikos", "/inbox?scope=group")],
    "inbox.show": [
        ("katharina", f"/inbox/{{{task}}}")
        for task in ("decide_enquiry", "approve_claim", "confirm_closing", "record_appeal_decision")
    ],
    "incidents.index": [("samuel", "/incidents")],
    "leads.index": [("marta", "/leads")],
    "letters.index": [("jonas", "/letters")],
    "letters.show": [("jonas", "/letters/{letter}")],
    "matters.index": [("katharina", "/matters")],
    "matters.show": [("katharina", "/matters/{matter}"), ("katharina", "/matters/{archived}")],
    "notices.index": [("wenjing", "/notices")],
    "notification_settings.index": [("wenjing", "/notices/settings")],
    "offline.offline": [(None, "/offline")],
    "parties.index": [("katharina", "/parties")],
    "parties.show": [("katharina", "/parties/{party}")],
    "parties.new": [("katharina", "/parties/new")],
    "calendars.index": [("ada", "/calendars")],
    "calendars.show": [("ada", "/calendars/en.courts")],
    "people.index": [("ada", "/people")],
    "people.new": [("ada", "/people/new")],
    "people.show": [("ada", "/people/amara")],
    "hearings.index": [("katharina", "/hearings")],
    "units.index": [("ada", "/units")],
    "rights.index": [("ada", "/rights")],
    "preferences.index": [("wenjing", "/preferences")],
    "processes.index": [("ada", "/start")],
    "processes.start_form": [("rosa", "/start/intake"), ("jonas", "/start/correspondence")],
    "search.index": [("katharina", "/search?q=2026")],
    "unmaskings.index": [("olga", "/unmaskings")],
    "walls.index": [("olga", "/walls")],
    "walls.show": [("olga", "/walls/{wall}")],
    None: [("rosa", "/matters/none")],
}
#: Parts of pages that a page fetches, ways on to a page, files, and what machines ask.
NO_PAGES = {
    "colleagues.choices", "colleagues.find", "desks.numbers", "desks.part", "notices.count", "inbox_verbs.new", "search.palette", "session.show", "work.offer_people",
    "enquiries.new", "documents.show", "exchange.export", "offline.worker", "words.show", "static",
    "health.alive", "health.metrics", "health.ready", "inbox_verbs.narrow",
}  # fmt: skip
CASES = [(who, path) for pages in PAGES.values() for who, path in pages]
PARTS = 4
#: An identifier where a word should be.
CODE = re.compile(r"\b[a-z]+(?:_[a-z]+)+\b")
#: What is written so on purpose: columns of a file and names of character sets; what was kept, as it was kept.
CODES_ON = {"/import", "/audit"}
#: Marks of other people's programs.
SAME_EVERYWHERE = {"Powered by bpmn.io"}
#: What the chain of the audit is checked by.
DIGEST = re.compile(r"[0-9a-f]{64}")
#: How often something is there, said after its name.
COUNT = re.compile(r" \(\d+\)$")
LATIN_WORDS = re.compile(r"[A-Za-z][A-Za-z’']{2,}")


def test_no_page_is_left_out(tmp_path):
    app = create_app(from_environment({}, data_dir=tmp_path))

    asked = {
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if "GET" in rule.methods and not rule.rule.startswith("/api/")
    }

    assert asked - NO_PAGES == set(PAGES) - {None}


@pytest.mark.parametrize("part", range(PARTS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_clean_and_in_the_readers_language(reader: Reader, places, written, language, part):
    found = []
    for who, path in sorted(CASES, key=str)[part::PARTS]:
        reader.be(who, language)
        reader.open(path.format(**places))
        assert reader.page.locator("html").get_attribute("lang") == language
        texts = reader.texts()
        told = (
            reader.complaints(THEMES) + ([] if path in CODES_ON else codes(texts)) + english(texts, language, written)
        )
        found += [f"{path} ({who}): {one}" for one in told]

    assert not found, "\n".join(found)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_page_is_used_by_keyboard_alone(reader: Reader, places, part):
    found = []
    with reader.without_news():
        for who, path in sorted(CASES, key=str)[part::PARTS]:
            reader.be(who, "en")
            reader.open(path.format(**places))
            found += [f"{path} ({who}): {one}" for one in reader.by_keyboard()]

    assert not found, "\n".join(found)


def codes(texts):
    """Return the identifiers among what is read."""
    return sorted(
        {f"a code: {found[0]} in {text[:80]!r}" for text, _ in texts for found in [CODE.search(text)] if found}
    )


def english(texts, language, written):
    """Return what is said in English where it is known in the reader's language, or where nobody wrote it."""
    if LANGUAGES[language] is None:
        return []
    known = said_otherwise(language)
    left = set()
    for text, is_own in texts:
        if text in known and not is_own and f"\n{text}\n" not in written:
            left.add(f"English: {text!r} for {known[text]!r}")
        elif is_own or text in SAME_EVERYWHERE or CODE.fullmatch(text) or DIGEST.fullmatch(text):
            continue
        elif text.isascii() and len(LATIN_WORDS.findall(text)) > 1 and COUNT.sub("", text) not in written:
            left.add(f"English: {text[:100]!r}")
    return sorted(left)


@cache
def said_otherwise(language):
    """Return by what is said in English the same in a language, where it is not the same."""
    with (TRANSLATIONS / LANGUAGES[language] / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    said = {
        one.id: one.string
        for one in catalogue
        if isinstance(one.id, str) and isinstance(one.string, str) and not one.context
    }
    for bundle in PROCESSES.glob(f"*/translations/{language}.json"):
        said |= json.loads(bundle.read_text("utf-8"))
    return {
        text: other for text, other in said.items() if other and other != text and len(LATIN_WORDS.findall(text)) > 0
    }
