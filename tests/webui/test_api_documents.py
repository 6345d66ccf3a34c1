"""Files over the API: in, out, and what is refused before it costs anything."""

import socket
from io import BytesIO
from urllib.parse import urlsplit

import pytest

PDF = b"%PDF-1.7\n1 0 obj\n<< >>\nendobj\n"


def upload(client, address, content=PDF, name="claim.pdf", **fields):
    return client.post(address, data={"file": (BytesIO(content), name), **fields})


@pytest.fixture
def task(office):
    """A task of an instance that is of no matter, in front of the lawyers."""
    return office.task(office.start())


def content(client, address):
    with client.get(address) as answer:
        return answer.get_data(), answer.headers


def stored(office):
    return [file for file in (office.settings.data_dir / "documents").rglob("*") if file.is_file()]


def test_a_file_comes_in_with_a_task_and_goes_out_as_it_came(office, task):
    filed = upload(office.ana, "documents", user_task_id=task["id"], title="The claim", doc_class="pleading")

    assert filed.status_code == 201, filed.json
    told = filed.json
    assert (told["owner_kind"], told["title"], told["newest"]["media_type"]) == (
        "process_instance", "The claim", "application/pdf",
    )  # fmt: skip
    data, headers = content(office.bo, f"documents/{told['id']}/content")
    assert data == PDF
    assert headers["Content-Disposition"] == "attachment; filename=claim.pdf"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert [d["id"] for d in office.bo.get(f"documents?user_task_id={task['id']}").json["items"]] == [told["id"]]


def test_who_does_not_see_the_task_neither_sees_nor_gets_its_documents(office, task):
    filed = upload(office.ana, "documents", user_task_id=task["id"]).json

    for address in (
        f"documents/{filed['id']}",
        f"documents/{filed['id']}/content",
        f"documents/{filed['id']}/versions",
    ):
        assert office.otto.get(address).status_code == 404
    assert office.otto.get("documents").json["items"] == []
    assert upload(office.otto, "documents", user_task_id=task["id"]).status_code == 404
    assert office.nobody.get(f"documents/{filed['id']}/content").status_code == 401


def test_a_page_in_disguise_is_handed_over_as_plain_octets(office, task):
    page = b"<html><script>alert(document.cookie)</script></html>"
    filed = upload(office.ana, "documents", page, "../../<b>evil</b>.html", user_task_id=task["id"]).json

    _, headers = content(office.ana, f"documents/{filed['id']}/content")

    assert filed["newest"]["file_name"] == "b_.html"
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert headers["Content-Disposition"].startswith("attachment")


@pytest.mark.parametrize(
    ("content", "name", "code"),
    [
        (b"", "claim.pdf", "document_empty"),
        (b"MZ" + b"\0" * 90, "claim.pdf", "document_type_refused"),
        (b"PK\x03\x04" + b"\0" * 90, "claim.pdf", "document_type_false"),
    ],
    ids=["empty", "program", "false type"],
)
def test_what_is_no_document_is_refused_by_name_and_leaves_nothing(office, task, content, name, code):
    refused = upload(office.ana, "documents", content, name, user_task_id=task["id"])

    assert (refused.status_code, refused.json["code"], refused.json["field"]) == (422, code, "file")
    assert stored(office) == []


def test_the_fields_of_an_upload_are_checked(office, task):
    assert office.ana.post("documents", {"a": 1}).status_code == 415
    assert (
        "file" in office.ana.post("documents", data={"title": "x"}, content_type="multipart/form-data").json["fields"]
    )
    assert "colour" in upload(office.ana, "documents", colour="red").json["fields"]
    assert "owner" in upload(office.ana, "documents", owner="2026-CV-0001").json["fields"]
    assert "user_task_id" in upload(office.ana, "documents", user_task_id="x").json["fields"]
    both = upload(office.ana, "documents", user_task_id=task["id"], owner="x", owner_kind="matter")
    assert "user_task_id" in both.json["fields"]
    assert office.ana.get("documents?owner=x").status_code == 422


def test_a_file_that_belongs_nowhere_yet_is_its_senders_alone(office):
    loose = upload(office.ana, "documents").json

    assert (loose["owner_kind"], loose["owner"]) == ("person", "ana")
    assert office.bo.get(f"documents/{loose['id']}").status_code == 404


def test_versions_names_and_withdrawal(office, task):
    address = f"documents/{upload(office.ana, 'documents', user_task_id=task['id']).json['id']}"

    second = upload(office.bo, f"{address}/versions", PDF + b"2", "final.pdf", based_on="1", note="Signed")
    late = upload(office.ana, f"{address}/versions", PDF + b"3", "mine.pdf", based_on="1")
    renamed = office.ana.patch(address, {"title": "Final claim"})
    gone = office.ana.post(f"{address}/withdraw", {"reason": "Wrong task"})

    assert (second.status_code, second.json["newest"]["note"]) == (201, "Signed")
    assert (late.status_code, late.json["code"], late.json["version"]) == (409, "document_outdated", 2)
    assert upload(office.ana, f"{address}/versions", based_on="x").status_code == 422
    assert [v["number"] for v in office.ana.get(f"{address}/versions").json["items"]] == [2, 1]
    assert content(office.ana, f"{address}/content?version=1")[0] == PDF
    assert office.ana.get(f"{address}/content?version=9").status_code == 404
    assert renamed.json["title"] == "Final claim"
    assert gone.json["withdrawn_because"] == "Wrong task"
    assert office.ana.get("documents").json["items"] == []
    assert len(office.ana.get("documents?withdrawn=true").json["items"]) == 1


def test_the_same_upload_sent_twice_is_filed_once(office, task):
    def send():
        data = {"file": (BytesIO(PDF), "claim.pdf"), "user_task_id": task["id"]}
        return office.ana.post("documents", data=data, headers={"Idempotency-Key": "u-1"})

    assert send().json["id"] == send().json["id"]
    assert len(office.ana.get("documents").json["items"]) == 1


def test_two_gigabytes_are_refused_before_they_are_sent(office, over_http, task):
    address = urlsplit(str(over_http.base_url))
    head = (
        "POST /api/v1/documents HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n"
        f"Authorization: Bearer {office.tokens['ana']}\r\nContent-Length: {2 * 1024**3}\r\n\r\n"
    )
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(
            head.encode() + b'--b\r\nContent-Disposition: form-data; name="file"; filename="f.pdf"\r\n\r\n'
        )
        answer = connection.recv(4096)

    assert answer.startswith(b"HTTP/1.1 413 ")
    assert stored(office) == []
