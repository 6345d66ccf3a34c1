"""In which language, zone and formats a request is answered."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from flask import Flask, current_app, g, request
from flask_babel import Babel, force_locale, get_locale
from flask_login import current_user
from sqlalchemy.exc import SQLAlchemyError

from config import languages
from config.languages import Language
from config.settings import Settings
from webui.languages import negotiation, template_texts
from webui.languages.catalogues import Catalogues
from webui.languages.own_names import kept_apart

COOKIE = "language"
PSEUDO = languages.PSEUDO


class Speech(Babel):
    """Flask-Babel with our catalogues."""

    @property
    def domain_instance(self) -> Catalogues:  # pyright: ignore[reportIncompatibleVariableOverride] - there a cached one
        """The catalogues."""
        return _CATALOGUES


_CATALOGUES = Catalogues()


def init_app(app: Flask, settings: Settings) -> None:
    """Let every request be answered in its reader's words."""
    offered = languages.load(with_pseudo=settings.pseudo_language)
    app.extensions["matterflow_languages"] = offered
    Speech(
        app,
        default_locale=offered.get(settings.language, offered["en"]).locale,
        default_timezone=settings.time_zone,
        locale_selector=lambda: kept_apart(offered[tag()].locale),
        timezone_selector=lambda: _preference("time_zone") or settings.time_zone,
    )
    template_texts.init_app(app, _CATALOGUES)


def offered() -> dict[str, Language]:
    """Return the languages that can be chosen, by tag."""
    found: dict[str, Language] = current_app.extensions["matterflow_languages"]
    return found


def tag() -> str:
    """Return the tag of the language of this request.

    What the person chose; before the sign-in what this browser chose, or asks for; else the firm's.
    """
    # A page asks some twenty times; who signs in meanwhile may speak another.
    kept: tuple[Any, str] | None = g.get("tag")
    if kept is None or kept[0] is not g.get("_login_user"):
        found = _chosen()
        kept = g.tag = g.get("_login_user"), found
    return kept[1]


def _chosen() -> str:
    known, settings = offered(), current_app.extensions["matterflow_settings"]
    for wanted in (_preference("language"), request.cookies.get(COOKIE)):
        if wanted:
            found = negotiation.match(wanted, known)
            if found is not None:
                return found
    return negotiation.best(request.accept_languages, known) or negotiation.match(settings.language, known) or "en"


def formats() -> Locale:
    """Return the locale by which dates and numbers are written: the reader's language in the reader's region."""
    found: Locale | None = g.get("formats")
    if found is None:
        language = offered()[tag()]
        found = g.formats = _in_region(language.locale, _preference("region") or language.region)
    return found


def has_12_hours() -> bool:
    """Say whether the reader wants the hours of the day counted twice to twelve."""
    return _preference("hour_cycle") == "h12"


@contextmanager
def speaking(wanted: str | None) -> Generator[None]:
    """Speak a language for a moment (None: the reader's), whoever asks."""
    known = negotiation.match(wanted, offered()) if wanted else None
    with force_locale(kept_apart(offered()[known or tag()].locale)):
        yield


def locale() -> Locale:
    """Return the locale of the reader's language."""
    return get_locale() or Locale("en")


@lru_cache(maxsize=256)
def _in_region(language: str, region: str) -> Locale:
    for name in (f"{language}_{region}", language):
        with suppress(UnknownLocaleError, ValueError):
            return Locale.parse(kept_apart(str(Locale.parse(name))))
    return Locale("en")


def _preference(name: str) -> str | None:
    """Return what the person signed in chose, or nothing."""
    if request.path.startswith("/static/") or not request.endpoint:
        return None
    # That the database does not answer has to be said in some language, too.
    with suppress(SQLAlchemyError):
        return getattr(current_user, name, None) if current_user.is_authenticated else None
    return None
