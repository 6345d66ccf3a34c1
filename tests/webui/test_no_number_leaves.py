"""Show 3: a telephone number that the firm knows is in no page, answer, export, log or backup made for anybody."""

import contextlib
import html
import json
import logging
import re
import sqlite3
import zipfile
from collections import deque
from pathlib import Path

import pytest
import sqlalchemy as sa
import zstandard

from engine import bundles, deployments
from engine.actor import SYSTEM
from tests.webui.conftest import MORNING, PASSWORD, PEOPLE
from webui import backups

NUMBERS = ("+44 20 7946 0731", "+7 916 555-01-23", "8 (495) 555-01-99")
MAILS = ("orhan.demir@example.org", "ivanov.private@example.com")
PROCESSES = Path(__file__).parents[2] / "processes" / "bpmn"
ENQUIRY = {
    "client_kind": "person",
    "client_name": "Orhan Demir",
    "client_phone": NUMBERS[0],
    "client_email": MAILS[0],
    "opponent_name": "Nordhafen Logistik GmbH",
    "case_type": "civil",
    "urgency": "normal",
    "summary": "The carrier lost two pallets of machine parts and refuses to pay for them.",
    "source": "call",
}
#: The last ten digits are the same however the number is written.
TAILS = tuple(re.sub(r"\D", "", number)[-10:] for number in NUMBERS)
_LINK = re.compile(r"""(?:href|hx-get|data-[a-z-]+)=["'](/[^"'#]*)""")
_NOT_FOLLOWED = ("/static/", "/sign-", "/api/v1/openapi.json")


def leaks(text: str) -> list[str]:
    """Name the numbers and addresses in a text, in whatever way the digits are set."""
    digits = re.sub(r"[^0-9]", "", re.sub(r"(?<=\d)[ ()./\u00a0-]+(?=[\d(])", "", html.unescape(text)))
    return [tail for tail in TAILS if tail in digits] + [mail for mail in MAILS if mail in text.casefold()]


def test_the_search_finds_a_number_however_it_is_written():
    assert leaks("call +44 (20) 7946-0731 now") == [TAILS[0]]
    assert leaks('{"phone": "84955550199"}') == [TAILS[2]]
    assert leaks("Orhan.Demir@example.org") == [MAILS[0]]
    assert leaks("••• ••• 58") == []


@pytest.fixture
def firm(each_office, caplog):
    """A firm that has heard three numbers: in an enquiry, on a card and over the telephone."""
    caplog.set_level(logging.DEBUG)
    office = each_office
    with office.transaction() as session:
        for name in ("intake", "civil"):
            deployments.deploy(session, bundles.read(PROCESSES / name), by=SYSTEM, now=MORNING)
    started = office.otto.post("process-instances", {"process_key": "intake", "variables": ENQUIRY})
    assert started.status_code == 201, started.json
    party = office.ana.post(
        "parties",
        {
            "name": "Сергей Иванов",
            "contact_points": [{"kind": "phone", "value": NUMBERS[1]}, {"kind": "email", "value": MAILS[1]}],
        },
        headers={"Idempotency-Key": "once"},
    ).json
    office.ana.post("leads", {"party_id": party["id"], "source": "call"})
    office.start("parcel", by="ada", business_key="P-1", variables={"contact": {"mobile_number": NUMBERS[2]}})
    office.ada.post(
        "messages",
        {"name": "parcel_arrived", "correlation_key": "P-1", "variables": {"fax": NUMBERS[2], "email": MAILS[1]}},
    )
    office.otto.post("parties/look-up", {"value": NUMBERS[1]})
    phone = next(point["id"] for point in party["contact_points"] if point["kind"] == "phone")
    asked = office.ana.post("unmaskings", {"contact_point_id": phone, "reason": "The hearing is today"}).json
    office.pia.post(f"unmaskings/{asked['id']}/approve")
    read = office.ana.post(f"unmaskings/{asked['id']}/view", headers={"Idempotency-Key": "twice"})
    assert read.json["value"] == NUMBERS[1]  # the one answer that may hold it
    return office


@pytest.mark.slow
@pytest.mark.parametrize("each_office", ["sqlite"], indirect=True)
def test_no_page_and_no_answer_that_anybody_can_reach_holds_a_number(firm):
    seen: dict[str, int] = {}
    for person in PEOPLE:
        browser = firm.app.test_client()
        token = _csrf(browser.get("/sign-in").text)
        signed_in = browser.post("/sign-in", data={"username": person, "password": PASSWORD, "csrf_token": token})
        assert signed_in.status_code == 303
        ahead, known = deque(["/", *_addresses(firm)]), set()
        while ahead and len(known) < 400:
            address = ahead.popleft()
            if address in known or address.startswith(_NOT_FOLLOWED):
                continue
            known.add(address)
            api = address.startswith("/api/")
            answer = getattr(firm, person).get(address) if api else browser.get(address)
            assert leaks(answer.text) == [], (person, address)
            seen[address] = max(seen.get(address, 0), int(answer.status_code < 300))
            ahead.extend(html.unescape(link) for link in _LINK.findall(answer.text) if not api)
            if api and answer.is_json:
                ahead.extend(_followed(address, answer.json))
    reached = {address for address, ok in seen.items() if ok}
    assert any(address.startswith("/parties/") for address in reached)
    assert any(address.startswith("/enquiries/E-") for address in reached)
    assert any("/variables" in address for address in reached)
    assert {"/unmaskings", "/clients", "/leads"} <= reached


def test_no_export_holds_a_number(firm):
    browser = firm.app.test_client()
    token = _csrf(browser.get("/sign-in").text)
    browser.post("/sign-in", data={"username": "ada", "password": PASSWORD, "csrf_token": token})
    page = browser.get("/audit").text

    for form in ("csv", "jsonl"):
        exported = browser.post("/audit/export", data={"form": form, "csrf_token": _csrf(page)})
        assert exported.status_code == 200
        assert "contact_recorded" in exported.text
        assert leaks(exported.text) == []


def test_no_log_holds_a_number(firm, caplog):
    firm.ana.post("parties", {"name": "Ana", "contact_points": [{"kind": "email", "value": f"{NUMBERS[0]}, home"}]})
    firm.ana.get("parties?q=nobody")

    written = "\n".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert leaks(written) == []


def test_no_row_of_the_database_holds_a_number(firm):
    with firm.transaction() as session:
        tables = sa.inspect(session.connection()).get_table_names()
        for table in tables:
            for row in session.execute(sa.text(f'SELECT * FROM "{table}"')).mappings():
                for column, value in row.items():
                    assert leaks(_readable(value)) == [], (table, column)
    assert "contact_point" in tables


def test_a_backup_holds_neither_a_number_nor_the_key_that_opens_one(office, tmp_path, caplog):
    party = office.ana.post(
        "parties", {"name": "Сергей Иванов", "contact_points": [{"kind": "phone", "value": NUMBERS[1]}]}
    ).json
    key = office.settings.contact_key()

    backups.backup(office.settings, tmp_path / "backup.zip")

    with zipfile.ZipFile(tmp_path / "backup.zip") as archive:
        assert archive.namelist()
        for name in archive.namelist():
            content = archive.read(name)
            assert key.encode() not in content, name
            for number in (NUMBERS[1], TAILS[1], NUMBERS[1].replace("-", "")):
                assert number.encode() not in content
                assert number.encode("utf-16-le") not in content
        archive.extractall(tmp_path / "stolen")
    stolen = sqlite3.connect(tmp_path / "stolen" / "database" / "matterflow.db")
    [(masked,)] = stolen.execute("SELECT masked FROM contact_point").fetchall()
    stolen.close()
    assert masked == party["contact_points"][0]["masked"] == "••• ••• 23"


def _csrf(page: str) -> str:
    return re.search(r'name="csrf-token" content="([^"]+)"', page)[1]


def _addresses(office) -> list[str]:
    """Every address of pages and API that needs no name of a thing."""
    with office.app.test_request_context():
        rules = [
            rule for rule in office.app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.arguments
        ]
    lists = ("/api/v1/user-tasks?scope=all&limit=200", "/api/v1/process-instances?limit=200")
    return [*sorted(rule.rule for rule in rules), *lists]


def _followed(address: str, told) -> list[str]:
    """The addresses of the things in a list of the API."""
    items = told.get("items", []) if isinstance(told, dict) else []
    base = address.partition("?")[0]
    found = []
    for item in items:
        name = item.get("id") or item.get("number")
        if name is None:
            continue
        found.append(f"{base}/{name}")
        if base.endswith("process-instances"):
            found += [f"{base}/{name}/{part}" for part in ("variables", "history", "activities")]
    return found


def _readable(value) -> str:
    if isinstance(value, bytes):
        with contextlib.suppress(zstandard.ZstdError):
            value = zstandard.ZstdDecompressor().decompress(value, max_output_size=10_000_000)
        return value.decode("utf-8", errors="replace")
    return json.dumps(value, default=str, ensure_ascii=False)
