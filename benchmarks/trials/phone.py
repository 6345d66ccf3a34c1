"""A telephone on a mobile network: when the inbox can be used, and when a form stands.

Each at a first visit, with nothing in the cache, and ``again`` at a later one, with what the browser and the service
worker kept of the first.

The profile is the developer tools' "Fast 4G" (165 ms there and back, 8.1 Mbit/s down, 1.4 up) and a processor four
times slower than this one.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.trials import answer
from engine import clock, database, deployments, process_instances
from engine.actor import SYSTEM, Actor
from practice.people import operations as people
from tests.chromium import launch_options
from tests.installation import Installation

ROUNDS = 10
WORK = 60
#: The worker for later visits starts when the page can be used.
REST_MS = 2000
#: A telephone's browser is at rest when somebody opens an address; ours has just made itself a window, and has to share
#: its processors with that.
WINDOW_MS = 1000
LOOK_MS = 500
PASSWORD = "a password of the trial"
NETWORK = {
    "offline": False,
    "latency": 165,
    "downloadThroughput": 8.1e6 / 8,
    "uploadThroughput": 1.35e6 / 8,
}
SLOWER = 4
#: The inbox can be used when it is painted and its keys and links are alive; a form when it is drawn and painted.
WATCH = """
const painted = new Promise((done) => {
  new PerformanceObserver((list) => {
    const first = list.getEntriesByName('first-contentful-paint')[0];
    if (first) done(first.startTime);
  }).observe({ type: 'paint', buffered: true });
});
const alive = customElements.whenDefined('task-list').then(() => performance.now());
Promise.all([painted, alive]).then((instants) => { window.usableAt = Math.max(...instants); });
let stands = false;
new MutationObserver(() => {
  if (stands || !document.querySelector('form-island[data-ready]')) return;
  stands = true;
  requestAnimationFrame(() => setTimeout(() => { window.formAt = performance.now(); }));
}).observe(document, { subtree: true, childList: true, attributes: true, attributeFilter: ['data-ready'] });
"""
FORM = b"""{"type": "default", "id": "look", "schemaVersion": 19, "components": [
  {"type": "textarea", "key": "facts", "label": "The facts that matter", "id": "f1", "validate": {"required": true}},
  {"type": "datetime", "subtype": "date", "dateLabel": "Until", "key": "until", "id": "f2"},
  {"type": "radio", "key": "decision", "label": "Decision", "id": "f3",
   "values": [{"label": "Sue", "value": "sue"}, {"label": "Settle", "value": "settle"}]},
  {"type": "number", "key": "value", "label": "Value", "id": "f4"}]}"""
MODEL = (
    b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"'
    b' xmlns:camunda="http://camunda.org/schema/1.0/bpmn" id="d" targetNamespace="https://matterflow.example">'
    b'<bpmn:process id="look" name="Look" isExecutable="true">'
    b'<bpmn:startEvent id="s"/><bpmn:userTask id="t" name="Assess the claim" camunda:candidateGroups="lawyers"'
    b' camunda:formKey="look"/><bpmn:endEvent id="e"/>'
    b'<bpmn:sequenceFlow id="a" sourceRef="s" targetRef="t"/><bpmn:sequenceFlow id="b" sourceRef="t" targetRef="e"/>'
    b"</bpmn:process></bpmn:definitions>"
)


def trial() -> tuple[dict[str, Any], dict[str, list[float]]]:
    """Open the inbox and a task again and again; milliseconds from the address to use."""
    with tempfile.TemporaryDirectory(prefix="bench-phone-") as folder:
        none = Path(folder) / "none"
        none.mkdir()
        installation = Installation(Path(folder), processes=none)
        installation.set_up()
        _work(installation)
        installation.serve()
        try:
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(**launch_options())
                samples = _measure(browser, f"http://127.0.0.1:{installation.port}")
                browser.close()
        finally:
            installation.stop()
    return {"name": "Chromium, Fast 4G, processor / 4"}, samples


def _work(installation: Installation) -> None:
    engine, now = database.create_engine(installation.database_url), clock.utc_now()
    with database.transaction(engine) as session:
        people.create_user(session, "ana", "Ana", password=PASSWORD, groups=["lawyers"], by=SYSTEM, now=now)
        deployments.deploy(session, {"look.bpmn": MODEL, "forms/look.form": FORM}, by=SYSTEM, now=now)
        for _ in range(WORK):
            process_instances.start(session, "look", by=Actor("ana", rights=frozenset({"*"})), now=now)
    engine.dispose()


def _measure(browser: Browser, server: str) -> dict[str, list[float]]:
    door = browser.new_context()
    page = door.new_page()
    page.goto(f"{server}/sign-in")
    page.get_by_label("User name").fill("ana")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(lambda address: "sign-in" not in address)
    page.goto(f"{server}/inbox?scope=group")
    task = page.locator(".task a").first.get_attribute("href")
    cookies = door.cookies()
    samples: dict[str, list[float]] = {}
    for number in range(ROUNDS + 1):
        for what, path, name in (("inbox", "/inbox?scope=group", "usableAt"), ("form", task, "formAt")):
            context = browser.new_context(viewport={"width": 390, "height": 844})
            context.add_cookies(cookies)  # type: ignore[arg-type]
            context.add_init_script(WATCH)
            for visit in ("", ".again"):
                took = _visit(context, f"{server}{path}", name)
                if number:  # the first one warms the server up
                    samples.setdefault(f"phone.{what}{visit}", []).append(took)
            context.close()
    door.close()
    return samples


def _visit(context: BrowserContext, address: str, name: str) -> float:
    """Open a page in a window of its own; milliseconds until it is of use. It stays until it has nothing left to do."""
    phone = context.new_page()
    tools = context.new_cdp_session(phone)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", NETWORK)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    phone.wait_for_timeout(WINDOW_MS)
    phone.goto(address, wait_until="commit")
    while True:
        phone.wait_for_timeout(LOOK_MS)  # seldom: to be asked takes the page's time
        if took := phone.evaluate(f"window.{name}"):
            break
    phone.wait_for_timeout(REST_MS)
    phone.close()
    return float(took)


if __name__ == "__main__":
    answer(trial)
