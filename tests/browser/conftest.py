"""A served firm and a browser that watches for errors.

One server and one database for each module; the tests of a module make their own enquiries and matters.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.serving import served
from tests.browser.windows import DESK, Window
from tests.chromium import launch_options

#: A little of the cast: one of each role that the newcomer's path meets.
PEOPLE = ("rosa", "olga", "katharina", "nikos", "eleni", "wenjing", "samuel", "grace")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("firm")


@pytest.fixture(scope="module")
def database_url(data_dir: Path) -> str:
    return f"sqlite:///{data_dir}/matterflow.db"


@pytest.fixture(scope="module")
def server(data_dir: Path, database_url: str) -> Iterator[str]:
    """The address of a server with a new firm: the shipped processes and a few people, no matters."""
    with served(data_dir, database_url, PEOPLE) as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
        yield browser
        browser.close()


@pytest.fixture
def window(chromium: Browser, server: str) -> Iterator[Callable[..., Window]]:
    """Open windows; each must be quiet on the console at the end."""
    opened: list[Window] = []

    def open_window(size: dict[str, int] = DESK, **options: object) -> Window:
        opened.append(Window(chromium.new_context(viewport=size, locale="en-GB", **options), server))
        return opened[-1]

    yield open_window
    complaints = [complaint for one in opened for complaint in one.complaints]
    for one in opened:
        one.context.close()
    assert complaints == []
