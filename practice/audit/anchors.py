"""Heads of the chain that are kept outside the database, each signed with the installation's key.

Who can rewrite the whole database can rewrite the chain, too; not the heads that were kept elsewhere.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson

from engine.errors import Invalid
from practice.audit import secrets
from practice.audit.chain import Head

_WRITTEN = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


@dataclass(eq=False)
class HeadInvalid(Invalid):
    """This is no head of an audit chain: a position, a colon and 64 hexadecimal digits."""

    code = "audit_head_invalid"
    head: str


@dataclass(eq=False)
class AnchorForged(Invalid):
    """A kept head of the audit chain does not carry this installation's signature."""

    code = "audit_anchor_forged"
    line: str


def parse(text: str) -> Head:
    """Read a head as people note it.

    Raises:
        HeadInvalid: it is none.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None:
        raise HeadInvalid(text[:100])
    return Head(int(found[1]), found[2])


def line(head: Head, at: datetime) -> str:
    """Write a head as a line of JSON with its signature."""
    instant = at.isoformat()
    told = {"at": instant, "head": str(head), "signature": secrets.signature(f"{instant} {head}")}
    return orjson.dumps(told).decode()


def read(lines: Iterable[str]) -> list[Head]:
    """Read lines that ``line`` wrote.

    Raises:
        HeadInvalid: a line is none of ours.
        AnchorForged: a line carries another signature.
    """
    heads: list[Head] = []
    for text in lines:
        if not text.strip():
            continue
        try:
            told: Any = orjson.loads(text)
            at, written, signature = str(told["at"]), str(told["head"]), str(told["signature"])
        except (orjson.JSONDecodeError, KeyError, TypeError) as broken:
            raise HeadInvalid(text[:100]) from broken
        if not secrets.is_signature(f"{at} {written}", signature):
            raise AnchorForged(text[:200])
        heads.append(parse(written))
    return heads
