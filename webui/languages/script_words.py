"""The words that the pages' scripts need in the reader's language: one small file a language, kept by the browser."""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from typing import Any

import orjson
from babel import Locale
from flask import Blueprint, Flask, Response, abort, url_for

from webui.languages import catalogues, speech

bp = Blueprint("words", __name__)
_YEAR_S = 365 * 24 * 3600
_SAMPLE = 200
_guard = threading.Lock()


def init_app(app: Flask) -> None:
    """Offer ``script_words()``, the address of the reader's words, to templates."""
    app.register_blueprint(bp)
    app.add_template_global(_address, "script_words")


@bp.get("/words/<tag>.<digest>.js")
def show(tag: str, digest: str) -> Response:
    """Send the words of a language; the address changes with them."""
    if tag not in speech.offered():
        abort(404)
    body = _body(tag, speech.offered()[tag].locale)
    response = Response(body, content_type="text/javascript; charset=utf-8")
    if digest == _digest(body):
        response.cache_control.public = True
        response.cache_control.max_age = _YEAR_S
        response.cache_control.immutable = True
    return response


def _address() -> str | None:
    """Return the address, None for the language that the scripts are written in."""
    tag = speech.tag()
    if tag == "en":
        return None
    return url_for("words.show", tag=tag, digest=_digest(_body(tag, speech.offered()[tag].locale)))


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:12]


@cache
def _body(tag: str, locale: str) -> bytes:
    with _guard:
        known = catalogues.of(locale)
    texts: dict[str, Any] = {}
    for said in catalogues.script_ids():
        if isinstance(said, str):
            texts[said] = known.gettext(said)
        else:
            texts[said[0]] = [known.ngettext(said[0], said[1], number) for number in _samples(locale).values()]
    words = {"language": tag, "texts": texts, "plurals": {name: at for at, name in enumerate(_samples(locale))}}
    return b"globalThis.matterflowWords=" + orjson.dumps(words) + b";\n"


@cache
def _samples(locale: str) -> dict[str, int]:
    """Return for each plural form that whole numbers have in a language a number that takes it."""
    rule = Locale.parse(locale).plural_form
    found: dict[str, int] = {}
    for number in range(_SAMPLE):
        found.setdefault(rule(number), number)
    return found
