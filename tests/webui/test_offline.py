"""What the server gives for the time without a connection, and how heavy the scripts of a page are."""

import gzip
import re
from pathlib import Path

import pytest
from flask_babel import force_locale

from webui.pages.assets import Manifest

DIST = Path(__file__).resolve().parents[2] / "webui" / "static" / "dist"
#: Compressed bytes of all scripts that the inbox ever loads, short of form and diagram: issue 5.
MOST_OF_THE_INBOX = 30 * 1024
#: Compressed bytes of scripts and styles that stand between the page of a task and its form.
MOST_OF_A_PLAIN_FORM = 106 * 1024
MOST_OF_ANY_FORM = 198 * 1024
ISLANDS = ("src/islands/",)


@pytest.fixture
def browser(office):
    return office.app.test_client()


def fetched(browser, address, coding):
    """Return an answer that has been read to its end, and its file closed."""
    with browser.get(address, headers={"Accept-Encoding": coding}) as answer:
        assert answer.data is not None
        return answer


def test_the_worker_stands_at_the_top_and_is_asked_for_anew(browser):
    worker = browser.get("/sw.js")

    assert worker.status_code == 200
    assert worker.mimetype == "text/javascript"
    assert worker.headers["Cache-Control"] == "no-cache"
    assert b"import" not in worker.data.split(b"(")[0]


def test_the_page_of_no_connection_is_for_anybody_and_names_nobody(browser):
    page = browser.get("/offline")

    assert page.status_code == 200
    assert b"<kept-tasks>" in page.data
    assert b"live-feed" not in page.data


def test_the_scripts_of_the_inbox_are_light():
    chunks = Manifest(DIST / "manifest.json").chunks()
    wanted, seen = ["src/app.js", "src/sw.js"], set()
    while wanted:
        name = wanted.pop()
        if name in seen or name.startswith(ISLANDS):
            continue
        seen.add(name)
        wanted += [*chunks[name].get("imports", ()), *chunks[name].get("dynamicImports", ())]

    weights = {name: len(gzip.compress((DIST / chunks[name]["file"]).read_bytes(), 9)) for name in seen}

    assert "src/offline.js" in weights
    assert sum(weights.values()) < MOST_OF_THE_INBOX, weights


@pytest.mark.parametrize(
    ("taken", "coding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None), ("br;q=0", None)]
)
def test_scripts_and_styles_travel_compressed_to_who_takes_them_so(browser, taken, coding):
    styles, scripts = Manifest(DIST / "manifest.json").files("src/app.js")
    for name in (*styles, *scripts):
        address = f"/static/dist/{name}"
        sent, plain = (fetched(browser, address, coding) for coding in (taken, "identity"))

        assert sent.headers.get("Content-Encoding") == coding
        assert sent.mimetype == plain.mimetype
        assert "immutable" in sent.headers["Cache-Control"]
        assert (len(sent.data) < len(plain.data) / 2) == (coding is not None)
        if coding == "gzip":
            assert gzip.decompress(sent.data) == plain.data


@pytest.mark.parametrize("name", ["assets/../../../app.js", "assets/none.js", "assets/%2e%2e/manifest.json.js"])
def test_nothing_else_is_handed_out_that_way(browser, name):
    assert fetched(browser, f"/static/dist/{name}", "gzip").status_code == 404


@pytest.mark.parametrize(
    ("parts", "most"), [((), MOST_OF_A_PLAIN_FORM), (("dates", "expressions", "texts"), MOST_OF_ANY_FORM)]
)
def test_what_a_form_needs_before_it_is_drawn_is_light(office, parts, most):
    words = office.app.jinja_env.globals
    with office.app.test_request_context():
        tags = words["assets"]() + words["preload"]("form", parts)
    files = re.findall(r'"[^"]*/static/dist/([^"]+\.(?:css|js))"', tags)

    weights = {name: len(gzip.compress((DIST / name).read_bytes(), 9)) for name in files}

    assert len(files) == len(weights) > len(parts)
    assert sum(weights.values()) < most, weights


@pytest.mark.parametrize(
    ("language", "fonts"),
    [
        ("en", ["public-sans-latin"]),
        ("el", ["public-sans-latin", "commissioner-greek"]),
        ("ru", ["public-sans-latin", "commissioner-cyrillic"]),
        ("zh_Hant", ["public-sans-latin"]),
    ],
)
def test_a_page_asks_at_once_for_the_letters_that_its_text_is_set_in(office, language, fonts):
    words = office.app.jinja_env.globals
    with office.app.test_request_context(), force_locale(language):
        tags = words["assets"]()

    assert re.findall(r'as="font"[^>]*/([a-z-]+)-wght-normal-', tags) == fonts


def test_no_text_is_set_twice_for_a_font_that_comes_late():
    [sheet] = DIST.glob("assets/app-*.css")
    faces = re.findall(r"@font-face\{[^}]*\}", sheet.read_text(encoding="utf-8"))

    assert {
        re.search("(public-sans|commissioner|literata)-([a-z-]+)-wght", face)[1]: "optional" in face for face in faces
    } == {"public-sans": True, "commissioner": True, "literata": False}
    assert not [face for face in faces if "commissioner-latin" in face]
