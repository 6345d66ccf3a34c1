"""Who reads every page: signs in as whom it is for, looks, and says what is wrong with it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import axe_playwright_python
from playwright.sync_api import Browser, Page

from webui.demo import PASSWORD

DESK = {"width": 1280, "height": 900}
#: Times that Tab is pressed beyond the number of things there are: dates have three parts each, the browser its own.
SPARE_TABS = 40
PHONE = {"width": 390, "height": 844}
_AXE = next(Path(axe_playwright_python.__file__).parent.rglob("axe.min.js")).read_text("utf-8")
_RUN = """options => axe.run(document, {resultTypes: ['violations'], ...options}).then(({ violations }) =>
  violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.html.slice(0, 200)}`)))"""
#: Rules whose answer depends on the colours.
_COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
#: By how much the page, or what scrolls in it as a page would, is wider than it shows.
_BEYOND = """() => Math.max(...['html', '.content', '.detail'].flatMap(name => [...document.querySelectorAll(name)])
  .map(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth))"""
#: What is read of a page: texts and the attributes that are read out. What people typed stands in ``bdi``, and
#: among the texts of forms.
_TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const { parentElement, textContent } = walker.currentNode;
    const text = textContent.replace(/\\s+/g, ' ').trim();
    if (!text || parentElement.closest('script, style, noscript, template, code, kbd')) continue;
    found.push([text, Boolean(parentElement.closest('bdi, textarea, .fjs-form-field-text'))]);
  }
  for (const name of ['aria-label', 'title', 'placeholder', 'alt'])
    for (const element of document.body.querySelectorAll(`[${name}]`))
      if (element.getAttribute(name).trim()) found.push([element.getAttribute(name).trim(), false]);
  return found;
}"""

#: What can be used on a page, each with a mark to be known by: of radio buttons with one name only the one that Tab
#: comes to. What lies in something closed or switched off is not there.
_USABLE = """() => {
  const chosen = new Set(), usable = [];
  for (const element of document.querySelectorAll('a[href], button, input, select, textarea, summary, [tabindex]')) {
    if (element.disabled || element.tabIndex < 0 || element.closest('[inert], [aria-hidden="true"]')) continue;
    if (!element.checkVisibility({ visibilityProperty: true, contentVisibilityAuto: true })) continue;
    if (element.type === 'radio') {
      const group = `${element.form?.id} ${element.name}`;
      if (chosen.has(group)) continue;
      chosen.add(group);
      const one = document.querySelector(`input[name="${CSS.escape(element.name)}"]:checked`) ?? element;
      one.dataset.usable = usable.length;
    } else element.dataset.usable = usable.length;
    usable.push(element.outerHTML.slice(0, 160));
  }
  return usable;
}"""
#: What answers a click and is nothing that keys reach.
_FOR_MICE_ONLY = """() => [...document.querySelectorAll('[onclick], [hx-get], [hx-post], [hx-put], [hx-delete]')]
  .filter(one => !one.matches('a[href], button, input, select, textarea, form, summary'))
  .filter(one => !one.getAttribute('hx-trigger') || /click/.test(one.getAttribute('hx-trigger')))
  .map(one => one.outerHTML.slice(0, 160))"""
#: What has the focus, and whether one sees it.
_FOCUSED = """() => {
  const one = document.activeElement;
  if (!one || one === document.body) return null;
  const places = [[one], [one, '::after'], [one.parentElement], [one.closest('label, .fjs-input-group')], [one.nextElementSibling]];
  const seen = places.filter(([place]) => place).some(([place, part]) => {
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(place, part);
    return (outlineStyle !== 'none' && parseFloat(outlineWidth) > 0) || boxShadow !== 'none';
  });
  return [one.dataset.usable ?? null, seen, one.outerHTML.slice(0, 160)];
}"""


class Reader:
    """A browser window that is somebody else when a page is for somebody else."""

    def __init__(self, chromium: Browser, server: str) -> None:
        self.server = server
        self.context = chromium.new_context(viewport=DESK, locale="en-GB", reduced_motion="reduce")
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(20_000)
        self._complaints: list[str] = []
        self.page.on("console", lambda message: self._note(message.type, message.text))
        self.page.on("pageerror", lambda error: self._complaints.append(f"page error: {error}"))
        self._sessions: dict[str, list] = {}

    def close(self) -> None:
        """Close the window."""
        self.context.close()

    def be(self, username: str | None, language: str) -> None:
        """Go on as somebody, in a language."""
        self.page.goto("about:blank")  # what the page before still asks for, it asks as who it was for
        self.context.clear_cookies()
        if username is not None:
            if username not in self._sessions:
                self._sessions[username] = self._sign_in(username)
            self.context.add_cookies(self._sessions[username])
        self.context.add_cookies([{"name": "language", "value": language, "url": self.server}])

    def open(self, path: str) -> None:
        """Open a page at a desk, in the light, and wait until all of it stands."""
        self._complaints.clear()
        self.page.set_viewport_size(DESK)
        self.page.emulate_media(color_scheme="light")
        answer = self.page.goto(self.server + path)
        assert answer is not None
        assert answer.status in (200, 404), f"{path}: {answer.status}"
        for island in ("form-island", "process-diagram"):
            # One in a section that is closed is not there yet.
            if self.page.locator(island).first.is_visible():
                self.page.locator(island).first.scroll_into_view_if_needed()
                self.page.locator(f"{island}[data-ready]").first.wait_for()

    @contextmanager
    def without_news(self) -> Iterator[None]:
        """Let pages hear nothing from the server: what is on them stays what it is."""
        self.page.route("**/events*", lambda request: request.abort())
        try:
            yield
        finally:
            self.page.unroute("**/events*")

    def complaints(self, themes: tuple[str, ...]) -> list[str]:
        """Return what axe, the console and the size of a phone have to say about the page that is open."""
        self.page.evaluate(_AXE)
        found: list[str] = []
        for theme, rules in zip(themes, ({}, _COLOURS), strict=True):
            self.page.emulate_media(color_scheme=theme)
            found += [f"axe, {theme}: {one}" for one in self.page.evaluate(_RUN, rules)]
        self.page.set_viewport_size(PHONE)
        beyond = self.page.evaluate(_BEYOND)
        if beyond > 0:
            found.append(f"a phone scrolls sideways by {beyond} pixels")
        return found + self._complaints

    def by_keyboard(self) -> list[str]:
        """Go through the page that is open with Tab alone; return what cannot be reached so, or not be seen then."""
        self.page.set_viewport_size(DESK)
        usable = self.page.evaluate(_USABLE)
        missing, unseen = dict(enumerate(usable)), []
        for _ in range(len(usable) + SPARE_TABS):
            self.page.keyboard.press("Tab")
            focused = self.page.evaluate(_FOCUSED)
            if focused is None:
                continue
            number, is_seen, html = focused
            if number is not None:
                missing.pop(int(number), None)
            if not is_seen:
                unseen.append(f"the focus cannot be seen: {html}")
            if not missing:
                break
        mice = self.page.evaluate(_FOR_MICE_ONLY)
        return (
            [f"Tab does not come to: {html}" for html in missing.values()]
            + list(dict.fromkeys(unseen))
            + [f"only a mouse can use: {html}" for html in mice]
        )

    def texts(self) -> list[tuple[str, bool]]:
        """Return each text of the page that is open, and whether it is marked as somebody's own words."""
        return [(text, bool(own)) for text, own in self.page.evaluate(_TEXTS)]

    def _sign_in(self, username: str) -> list:
        request = self.context.request
        form = request.get(f"{self.server}/sign-in").text()
        token = re.search(r'name="csrf_token" value="([^"]+)"', form)
        assert token is not None
        sent = {"csrf_token": token[1], "username": username, "password": PASSWORD}
        answer = request.post(f"{self.server}/sign-in", form=sent)
        assert answer.ok, f"{answer.status}: {answer.text()[:500]}"
        return [one for one in self.context.cookies() if one["name"] != "language"]

    def _note(self, kind: str, text: str) -> None:
        # The page of what is not there answers 404, which the browser itself tells.
        if kind in ("error", "warning") and "the server responded with a status of 404" not in text:
            self._complaints.append(f"{kind}: {text}")
