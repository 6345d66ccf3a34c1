"""What passes between uvicorn's loop and Flask's threads: whole, in order, and nothing lost."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from webui.bridge import IN_ONE_PIECE, Bridge


def answer_of(app, *, body=b"", pieces=1, headers=()):
    """Return the messages that a request of ``pieces`` chunks is answered with, and how often the loop was asked."""
    parts = [body[i::pieces] for i in range(pieces)] if pieces > 1 else [body]
    asked = [{"type": "http.request", "body": part, "more_body": n < len(parts) - 1} for n, part in enumerate(parts)]
    sent = []

    async def receive():
        return asked.pop(0) if asked else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "http_version": "1.1",
        "headers": list(headers),
        "server": ("127.0.0.1", 8000),
    }

    async def one_request():
        await Bridge(app, workers=2)(scope, receive, send)

    in_a_loop_of_its_own(one_request())
    return sent


def in_a_loop_of_its_own(work):
    """Run a coroutine in a thread: the tests that drive a browser leave a loop running in theirs."""
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


def echo(environ, start_response):
    start_response("200 OK", [("Content-Type", "application/octet-stream")])
    return [environ["wsgi.input"].read()]


def body_of(messages):
    return b"".join(message.get("body", b"") for message in messages)


@pytest.mark.parametrize("pieces", [1, 3])
def test_a_small_request_reaches_the_application_whole(pieces):
    body = b"abc" * 1000

    sent = answer_of(echo, body=body, pieces=pieces, headers=[(b"content-length", b"3000")])

    assert sent[0]["status"] == 200
    assert sorted(body_of(sent)) == sorted(body)
    assert not sent[-1].get("more_body")


@pytest.mark.parametrize("headers", [[(b"transfer-encoding", b"chunked")], [(b"content-length", b"500000")]])
def test_a_large_or_chunked_request_streams(headers):
    sent = answer_of(echo, body=b"x" * 500_000, headers=headers)

    assert len(body_of(sent)) == 500_000


def test_a_large_answer_leaves_in_pieces_and_in_order():
    chunks = [bytes([n]) * 100_000 for n in range(8)]

    def large(_environ, start_response):
        start_response("200 OK", [])
        return iter(chunks)

    sent = answer_of(large)

    assert body_of(sent) == b"".join(chunks)
    assert max(len(message.get("body", b"")) for message in sent) <= IN_ONE_PIECE


def test_an_application_that_breaks_is_an_error_of_the_server_and_not_silence():
    def broken(_environ, _start_response):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        answer_of(broken)


def test_a_client_that_leaves_before_its_body_has_come_starts_no_work():
    done = []

    def working(_environ, start_response):
        done.append(True)
        start_response("200 OK", [])
        return [b""]

    async def receive():
        return {"type": "http.disconnect"}

    async def send(_message):
        done.append("sent")

    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "http_version": "1.1"}

    async def one_request():
        await Bridge(working, workers=1)({**scope, "headers": [(b"content-length", b"9")]}, receive, send)

    in_a_loop_of_its_own(one_request())

    assert not done
