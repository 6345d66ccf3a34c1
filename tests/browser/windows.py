"""A person in front of a browser."""

import re

from playwright.sync_api import BrowserContext, Page

DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}


class Window:
    """A person's browser window: a page of its own, and what went wrong on it."""

    def __init__(self, context: BrowserContext, server: str) -> None:
        self.context = context
        self.page: Page = context.new_page()
        self.page.set_default_timeout(15_000)
        self.server = server
        self.complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(f"page error: {error}"))

    def _note(self, kind: str, text: str) -> None:
        # A refusal that a test provokes on purpose is told on the console by the browser itself.
        if kind in ("error", "warning") and not re.search(r"the server responded with a status of 4\d\d", text):
            self.complaints.append(f"{kind}: {text}")

    def go(self, path: str) -> Page:
        self.page.goto(self.server + path)
        return self.page

    def sign_in(self, username: str) -> Page:
        self.go("/sign-in")
        self.page.locator(f"button[name=username][value={username}]").click()
        self.page.wait_for_url(self.server + "/")
        self.go("/inbox")
        return self.page

    def form(self) -> None:
        """Wait until the form of the page stands."""
        self.page.locator("form-island[data-ready]").wait_for()

    def diagram(self) -> None:
        """Scroll to the diagram of the page and wait until it stands."""
        self.page.locator("process-diagram").scroll_into_view_if_needed()
        self.page.locator("process-diagram[data-ready]").wait_for()
