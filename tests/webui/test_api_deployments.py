"""Uploads of bundles, friendly and hostile."""

import io
import socket
import zipfile
from io import BytesIO

import httpx
import pytest
import sqlalchemy as sa

from engine.bpmn import lint as linting
from engine.models import Deployment
from tests.factories import end, model, path, start, user_task
from tests.webui.conftest import LEAVE, LEAVE_FORM

GOOD = model(start() + user_task("work") + end() + path("started", "work", "ended"), key="other")


def zipped(files, compression=zipfile.ZIP_DEFLATED):
    into = io.BytesIO()
    with zipfile.ZipFile(into, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return into.getvalue()


def upload(office, files, to="deployments"):
    return office.ada.post(to, data={"files": [(BytesIO(content), name) for name, content in files]})


def deployments(office):
    with office.transaction() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(Deployment))


def test_a_model_is_deployed_and_started(each_office):
    office = each_office

    answer = upload(office, [("other.bpmn", GOOD)])

    assert answer.status_code == 201, answer.json
    assert answer.json["process_definitions"] == [{"key": "other", "version": 1}]
    assert office.ana.get("process-definitions/other/1/xml").data == GOOD
    assert office.start("other")["state"] == "active"


def test_the_same_content_again_is_the_same_deployment(office):
    first, second = upload(office, [("other.bpmn", GOOD)]), upload(office, [("other.bpmn", GOOD)])

    assert second.json["id"] == first.json["id"]


def test_a_deployment_is_looked_through_once_and_answers_what_a_check_finds(office, monkeypatch):
    looked: list[int] = []
    lint = linting.lint
    checked = upload(office, [("other.bpmn", GOOD)], to="deployments/check").json
    monkeypatch.setattr(linting, "lint", lambda *a, **k: (looked.append(1), lint(*a, **k))[1])

    answer = upload(office, [("other.bpmn", GOOD)])

    assert answer.status_code == 201
    assert looked == [1]
    assert checked["findings"]
    assert answer.json["findings"] == checked["findings"]


def test_several_files_and_a_zip_of_the_folder_are_the_same_bundle(office):
    several = upload(office, [("leave.bpmn", LEAVE), ("forms/approve_leave.form", LEAVE_FORM)])
    one_zip = upload(
        office, [("leave.zip", zipped({"leave/leave.bpmn": LEAVE, "leave/forms/approve_leave.form": LEAVE_FORM}))]
    )

    assert several.status_code == one_zip.status_code == 201, one_zip.json
    assert one_zip.json["id"] == several.json["id"]


def test_a_check_stores_nothing(office):
    before = deployments(office)

    good = upload(office, [("other.bpmn", GOOD)], to="deployments/check")
    bad = upload(office, [("leave.bpmn", LEAVE)], to="deployments/check")

    assert (good.status_code, good.json["ok"]) == (200, True)
    assert (bad.status_code, bad.json["ok"]) == (200, False)
    finding = next(finding for finding in bad.json["findings"] if finding["severity"] == "error")
    assert finding["element_id"] == "approve_leave"
    assert finding.keys() == {"severity", "rule", "element_id", "message", "repair", "resource"}
    assert deployments(office) == before


def test_a_bundle_with_errors_is_refused_with_its_findings(office):
    before = deployments(office)

    answer = upload(office, [("leave.bpmn", LEAVE)])

    assert (answer.status_code, answer.json["code"]) == (422, "deployment_refused")
    assert answer.json["findings"][0]["element_id"] == "approve_leave"
    assert deployments(office) == before


ENTITY_BOMB = b"""<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]><x>&d;</x>"""
DTD = b'<?xml version="1.0"?><!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><x/>'
EXTERNAL = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
DEEP = b"<a>" * 10_000 + b"</a>" * 10_000


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<",
        b"not xml",
        GOOD[:-30],
        ENTITY_BOMB,
        DTD,
        EXTERNAL,
        DEEP,
        b"\0" * 100,
        "<?xml version='1.0'?><ü/>".encode("utf-16"),
    ],
    ids=["empty", "broken", "text", "cut", "entity_bomb", "dtd", "external", "deep", "nul", "utf16"],
)
def test_hostile_models_are_refused_with_a_finding(office, content):
    answer = upload(office, [("evil.bpmn", content)])

    assert answer.status_code == 422, answer.json
    assert answer.json["code"] == "deployment_refused"
    assert any(finding["severity"] == "error" for finding in answer.json["findings"])
    assert b"root:" not in answer.data


@pytest.mark.parametrize(
    "name", ["../evil.bpmn", "/etc/evil.bpmn", "a/../../evil.bpmn", "..\\evil.bpmn", "C:\\evil.bpmn"]
)
def test_names_that_leave_the_bundle_are_refused(office, name):
    in_zip = upload(office, [("x.zip", zipped({name: GOOD}))])
    plain = upload(office, [(name.replace("\\", "\\\\"), GOOD)])  # a form's header takes a backslash for an escape

    for answer in (in_zip, plain):
        assert (answer.status_code, answer.json["code"]) == (422, "bundle_unreadable"), (name, answer.json)


def test_a_zip_bomb_is_refused(office):
    bomb = zipped({f"{n}.bpmn": b"\0" * 9_000_000 for n in range(20)})

    answer = upload(office, [("bomb.zip", bomb)])

    assert len(bomb) < 1_000_000
    assert (answer.status_code, answer.json["code"]) == (422, "bundle_unreadable")


def test_a_zip_of_too_many_files_is_refused(office):
    answer = upload(office, [("many.zip", zipped({f"{n}.form": b"{}" for n in range(600)}))])

    assert (answer.status_code, answer.json["code"]) == (422, "bundle_unreadable")


def test_a_broken_zip_is_refused(office):
    answer = upload(office, [("cut.zip", zipped({"a.bpmn": GOOD * 20})[:-40])])

    assert (answer.status_code, answer.json["code"]) == (422, "bundle_unreadable")


def test_an_upload_without_files_names_the_field(office):
    nothing = office.ada.post("deployments", data={"note": (BytesIO(b"x"), "x.txt")})
    not_multipart = office.ada.post("deployments", {"files": []})

    assert (nothing.status_code, list(nothing.json["fields"])) == (422, ["note"])
    assert not_multipart.status_code == 415


def test_100_megabytes_are_refused_before_they_are_sent(over_http, office):
    headers = [
        b"POST /api/v1/deployments HTTP/1.1",
        b"Host: 127.0.0.1",
        f"Authorization: Bearer {office.tokens['ada']}".encode(),
        b"Content-Type: multipart/form-data; boundary=b",
        b"Content-Length: 100000000",
    ]
    with socket.create_connection((over_http.base_url.host, over_http.base_url.port), timeout=10) as connection:
        connection.sendall(b"\r\n".join(headers) + b"\r\n\r\n")

        answer = connection.recv(65536)

    assert answer.startswith(b"HTTP/1.1 413")
    assert b"application/problem+json" in answer


@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_chunked_upload_stops_at_the_limit_too(over_http, office):
    def body():
        yield b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.bpmn"\r\n\r\n'
        for _ in range(300):
            yield b"x" * 100_000

    headers = {"Authorization": f"Bearer {office.tokens['ada']}", "Content-Type": "multipart/form-data; boundary=b"}
    try:
        answer = over_http.post("/api/v1/deployments", content=body(), headers=headers)
    except httpx.TransportError:
        answer = None

    assert answer is None or answer.status_code == 413


def test_a_chunked_body_is_read(over_http, office):
    headers = {"Authorization": f"Bearer {office.tokens['ana']}", "Content-Type": "application/json"}

    answer = over_http.post(
        "/api/v1/process-instances", content=iter([b'{"process_', b'key": "leave"}']), headers=headers
    )

    assert answer.status_code == 201, answer.text
