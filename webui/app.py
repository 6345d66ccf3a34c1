"""The composition root: everything is put together here and nowhere else."""

from __future__ import annotations

import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.middleware.proxy_fix import ProxyFix

from config.reading import ROOT
from config.settings import Settings
from engine import clock
from practice.contacts import entrusted
from practice.documents import store as documents
from webui import attempts, auth, compression, db, errors, metrics, notifying, security, trail, upgrades
from webui.app_json import Json
from webui.languages import script_words, speech
from webui.routing import Number, SpareRule

log = logging.getLogger(__name__)


class Matterflow(Flask):
    """Flask with one database transaction a request, and JSON by orjson."""

    json_provider_class = Json
    url_rule_class = SpareRule

    @property
    def propagate_unexpected(self) -> bool:
        """Say whether a bug should end the test that found it instead of becoming a 500."""
        return bool(self.testing and self.config.get("PROPAGATE_EXCEPTIONS", True))

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function as it is: no view of ours is a coroutine, and looking for one costs each request."""
        return func

    def send_static_file(self, filename: str) -> Response:
        """Send a static file, compressed where the build has made it so."""
        from webui.pages import assets  # noqa: PLC0415 - an application without pages has none

        return assets.compressed(self, filename) or super().send_static_file(filename)

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer a request inside its transaction; what is answered is already on disk."""
        if request.endpoint == "static" or request.routing_exception is not None:
            return super().dispatch_request()
        from webui.api import idempotency  # noqa: PLC0415 - its table must not be known before the others

        return db.in_one_transaction(
            lambda: idempotency.once(lambda: self.make_response(super(Matterflow, self).dispatch_request()))
        )


def create_app(settings: Settings, *, with_pages: bool = True) -> Matterflow:
    """Put the application together; nothing is read from or written to the database yet."""
    if settings.clock_offset:
        clock.set_offset(settings.clock_offset)
        log.warning(
            "THE CLOCK OF THIS PROGRAM IS MOVED BY %s: a rehearsal. Deadlines and timers are not real.",
            settings.clock_offset,
        )
    clock.set_zone(ZoneInfo(settings.time_zone))
    entrusted.install(settings.contact_key)
    documents.use(lambda: settings.make_data_dir() / "documents", limit=settings.max_upload)
    app = Matterflow("webui", root_path=str(ROOT / "webui"))
    app.config.update(
        SECRET_KEY=settings.secret_key(),
        MAX_CONTENT_LENGTH=settings.max_upload,
        MAX_FORM_MEMORY_SIZE=min(settings.max_upload, 4 * 1024 * 1024),
        TRAP_HTTP_EXCEPTIONS=False,
    )
    app.extensions["matterflow_settings"] = settings
    app.url_map.converters["int"] = Number
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]

    upgrades.metadata()
    upgrades.import_delegates()
    db.init_app(app, settings.database_url)
    compression.init_app(app)
    metrics.init_app(app, token=settings.metrics_secret)
    security.init_app(app, https=settings.https)
    auth.init_app(app, sign_in_attempts=settings.sign_in_attempts)
    speech.init_app(app, settings)
    errors.init_app(app)
    trail.init(settings)
    attempts.init_app(app, settings)
    notifying.init_app(app, settings)

    from webui.api import v1  # noqa: PLC0415 - after the tables are known

    v1.register(app)
    script_words.init_app(app)
    if with_pages:
        import_module("webui.pages").register(app)
    return app
