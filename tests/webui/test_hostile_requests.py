"""A real server meets what hurts: each request gets its answer, and afterwards the server serves as before, no larger."""

import json
import sys
import time
import uuid
from http.client import HTTPConnection
from pathlib import Path

import pytest

from tests import factories as f
from tests.engine.hostile import bundles as hostile
from tests.installation import Installation

pytestmark = pytest.mark.slow
#: Attacks of each kind; the rest is proved below the web.
CHOSEN = (
    "billion laughs", "quadratic blow-up", "entity in utf-16", "doctype in utf-7", "null bytes", "deep xml",
    "huge attribute", "many attributes", "many elements", "fan of 5,000", "nesting of 1,000", "20,000 timers",
    "a ring of 200 calls", "long id", "deep brackets", "200 slow expressions", "deep form", "nested groups",
    "pattern that is none", "large form", "dmn ring", "dmn of slow cells", "yaml laughs", "yaml deep", "yaml large",
)  # fmt: skip
ENDLESS = "count(for i in 1..1000000000 return i)"
#: What the server may have grown by: caches of what it compiled, V8's heap, and the allocator's own slack.
GROWTH_MB = 150
#: What it may grow by when the same comes again.
LEAK_MB = 60
SLOWEST_S = 20


class Caller:
    """Sends what no honest program would."""

    def __init__(self, installation: Installation, token: str) -> None:
        self.port = installation.port
        self.headers = {"Authorization": f"Bearer {token}"}

    def send(self, method, path, body=b"", content_type="application/json", **headers):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            given = {**self.headers, "Content-Type": content_type, "Idempotency-Key": str(uuid.uuid4()), **headers}
            connection.request(method, f"/api/v1{path}", body, given)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def upload(self, files, path="/deployments"):
        edge = uuid.uuid4().hex
        parts = b"".join(
            f'--{edge}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, content in files.items()
        )
        return self.send("POST", path, parts + f"--{edge}--\r\n".encode(), f"multipart/form-data; boundary={edge}")


def memory_mb(pid: int) -> int:
    """The memory that a process and its children hold."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    own = next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))
    return own // 1024 + sum(memory_mb(int(child)) for child in children)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("hostile"), processes=tmp_path_factory.mktemp("none"))
    token = installation.set_up(ana="administrators")["ana"]
    installation.serve()
    yield installation, Caller(installation, token)
    installation.stop()


def works(caller: Caller) -> None:
    """The server does honest work."""
    model = f.model(
        f.start() + f.user_task("work", groups="administrators") + f.end() + f.path("started", "work", "ended"),
        key="honest",
    )
    status, answer = caller.upload({"honest.bpmn": model})
    assert status == 201, answer
    status, answer = caller.send("POST", "/process-instances", json.dumps({"process_key": "honest"}).encode())
    assert (status, answer["state"]) == (201, "active")


def attack_with_all(caller: Caller) -> None:
    """Send every attack once and see that each is answered as it should be."""
    begin = json.dumps({"process_key": "endless"}).encode()
    attacks = {attack.name: attack for attack in hostile.attacks()}
    for name in CHOSEN:
        started = time.monotonic()
        status, answer = caller.upload(attacks[name].files())
        assert (status, answer["code"]) in (
            (422, "deployment_refused"),
            (422, "bundle_unreadable"),
            (413, "too_large"),
        ), (name, answer)
        assert time.monotonic() - started < SLOWEST_S, name
    for _ in range(10):
        assert caller.send("POST", "/process-instances", begin)[1]["state"] == "incident"
    for body in (
        b'{"process_key": "honest", "variables": {"x": ' + b"[" * 10_000 + b"]" * 10_000 + b"}}",
        b'{"process_key": "honest", "variables": {"x": "' + b"a" * 10_000_000 + b'"}}',
        b'{"process_key": "honest", "variables": {"x": NaN}}',
        b'{"process_key": "honest", "variables": {"x": Infinity}}',
        b'{"process_key": "honest", "variables": {"x": "\\ud800"}}',
        b'{"process_key": "honest", "variables": {"x": "a\\u0000b"}}',
        b'{"process_key": "honest", "variables": {"a\\u0000": 1}}',
        b'{"process_key": "honest", "variables": {"x y": 1}}',
        b'{"process_key": "honest", "business_key": "' + b"k" * 100_000 + b'"}',
        b'{"process_key": "a\\u0000b"}',
        b'{"process_key": "' + b"p" * 100_000 + b'"}',
        b"\xff\xfe{}",
        b"[" * 1_000_000,
        b'{"process_key": "honest", ' + b", ".join(b'"k%d": 1' % number for number in range(100_000)) + b"}",
    ):
        status, answer = caller.send("POST", "/process-instances", body)
        assert 400 <= status < 500, (body[:80], status)
        assert answer["code"]
    odd = {
        "typename": 1,
        "__class__": {"a": 1},
        "__proto__": {"b": 2},
        "constructor": 3,
        "hasOwnProperty": 4,
        "big": 2**63 - 1,
    }
    status, answer = caller.send(
        "POST", "/process-instances", json.dumps({"process_key": "honest", "variables": odd}).encode()
    )
    assert status == 201, answer


def test_a_server_that_meets_hostile_requests_serves_on_and_grows_no_larger(server):
    installation, caller = server
    endless = f.model(
        f.start() + f.script("count", ENDLESS) + f.end() + f.path("started", "count", "ended"), key="endless"
    )
    for _ in range(3):
        works(caller)
    assert caller.upload({"endless.bpmn": endless})[0] == 201
    begin = json.dumps({"process_key": "endless"}).encode()
    assert caller.send("POST", "/process-instances", begin)[1]["state"] == "incident"
    fresh = memory_mb(installation._server.pid)

    attack_with_all(caller)
    works(caller)
    once = memory_mb(installation._server.pid)
    attack_with_all(caller)
    works(caller)
    twice = memory_mb(installation._server.pid)

    sys.stdout.write(f"memory: {fresh} MB fresh, {once} MB after the attacks, {twice} MB after them again\n")
    assert once <= fresh + GROWTH_MB
    assert twice <= once + LEAK_MB
