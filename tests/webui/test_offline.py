"""What the server gives for the time without a connection, and how heavy the scripts of a page are."""

import gzip
from pathlib import Path

import pytest

from webui.pages.assets import Manifest

DIST = Path(__file__).resolve().parents[2] / "webui" / "static" / "dist"
#: Compressed bytes of all scripts that the inbox ever loads, short of form and diagram: issue 5.
MOST_OF_THE_INBOX = 30 * 1024
ISLANDS = ("src/islands/",)


@pytest.fixture
def browser(office):
    return office.app.test_client()


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
