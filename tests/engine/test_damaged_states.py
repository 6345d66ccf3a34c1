"""Whatever stands where a state should be: it is read, or refused by name, and never takes the memory with it."""

import base64
import json
import resource
from pathlib import Path

import orjson
import pytest
import zstandard
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine import user_tasks
from engine.bpmn import codec
from engine.bpmn.compiled import compile_process
from engine.bpmn.runtime import Run
from engine.errors import StateTooLarge
from tests.engine import states
from tests.factories import ANA, NOON, begin, deploy, end, open_tasks, path, start, user_task

FOLDER = Path(states.__file__).parent
MODELS = {
    name: compile_process("proc", {"p": (FOLDER / f"{name}.bpmn").read_bytes()}, {}) for name in ("nested", "messages")
}
STORED = [
    (name, base64.b64decode(chapter["state"]))
    for name in MODELS
    for version in (1, 2)
    for chapter in json.loads((FOLDER / f"{name}.v{version}.json").read_text(encoding="utf-8"))
]


def read(name, blob):
    """Read a state; True when it was accepted."""
    try:
        run = Run.restore(blob, MODELS[name], NOON)
    except codec.StateUnreadable:
        return False
    assert list(run.workflow.all_tokens())
    return True


def packed(version, content):
    return bytes([version]) + zstandard.ZstdCompressor().compress(content)


def content(blob):
    return orjson.loads(zstandard.ZstdDecompressor().decompress(blob[1:]))


def test_a_state_that_was_cut_off_is_refused():
    name, blob = STORED[-1]

    assert [length for length in range(len(blob)) if read(name, blob[:length])] == []
    assert not read(name, blob + b"more")


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(STORED), st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 255)), min_size=1, max_size=4))
def test_changed_bytes_are_refused_or_read(stored, changes):
    name, blob = stored
    damaged = bytearray(blob)
    for at, by in changes:
        damaged[at % len(damaged)] ^= by

    read(name, bytes(damaged))


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)


def places(holder):
    """Every place in a state in which something stands."""
    keys = list(holder) if isinstance(holder, dict) else range(len(holder))
    for key in keys:
        yield holder, key
        if isinstance(holder[key], dict | list):
            yield from places(holder[key])


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(STORED), st.integers(0, 10**6), ANYTHING)
def test_anything_in_the_place_of_anything_is_refused_or_read(stored, place, value):
    name, blob = stored
    state = content(blob)
    found = list(places(state))
    holder, key = found[place % len(found)]
    holder[key] = value

    read(name, packed(blob[0], orjson.dumps(state)))


@settings(max_examples=100, deadline=None)
@given(ANYTHING, st.integers(1, codec.VERSION))
def test_any_json_is_refused(value, version):
    assert not read("nested", packed(version, orjson.dumps(value)))


@pytest.mark.parametrize("version", [1, 2])
def test_a_state_that_unpacks_to_too_much_is_refused_before_it_does(version):
    bomb = packed(version, b"[" + b" " * (codec.MAX_STATE_BYTES + 1) + b"]")
    stream = zstandard.ZstdCompressor().compressobj()  # says nothing about its size
    silent = bytes([version]) + stream.compress(b" " * 1000) + stream.flush()
    liar = bytes([version]) + zstandard.ZstdCompressor().compress(b" " * 1000).replace(
        bytes([0x60, 1000 - 256 & 0xFF, (1000 - 256) >> 8]), b"\x60\xff\xff", 1
    )
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert not any(read("nested", blob) for blob in (bomb, silent, liar))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_a_state_nested_without_end_is_refused():
    assert not read("nested", packed(2, b"[" * 100_000 + b"]" * 100_000))


def test_an_instance_that_would_hold_too_much_refuses_the_answers(session, monkeypatch):
    deploy(session, start() + user_task("ask") + user_task("next") + end() + path("started", "ask", "next", "ended"))
    begin(session)
    monkeypatch.setattr(codec, "MAX_STATE_BYTES", 5_000)

    with pytest.raises(StateTooLarge) as refusal:
        user_tasks.complete(session, open_tasks(session)["ask"].id, {"text": "x" * 10_000}, by=ANA, now=NOON)

    assert refusal.value.limit == 5_000
