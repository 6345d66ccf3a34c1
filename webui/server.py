"""``matterflow serve``: uvicorn in front, Flask in threads behind it, the worker beside it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from config.settings import Settings

if TYPE_CHECKING:
    from webui.app import Matterflow
    from webui.worker import Worker

log = logging.getLogger(__name__)
#: Seconds that running requests get to end when the server is asked to stop.
GRACE_S = 20


def start_worker(app: Matterflow, settings: Settings) -> Worker:
    """Start the worker of this process; requests wake it.

    Raises:
        WorkerRuns: another worker has this database.
    """
    from webui.db import db  # noqa: PLC0415
    from webui.worker import Worker  # noqa: PLC0415

    with app.app_context():
        engine = db.engine
    counter = app.extensions["matterflow_metrics"].jobs
    worker = Worker(engine, database_file=settings.database_file, on_jobs=counter.inc)
    worker.start()
    app.extensions["matterflow_wake"] = worker.wake
    return worker


def asgi(app: Matterflow, *, threads: int, address: str = "", on_stop: Callable[[], None] = lambda: None) -> Any:
    """Wrap the application for uvicorn."""
    from a2wsgi import WSGIMiddleware  # noqa: PLC0415

    def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
        # The body of a chunked request ends where the server says so; without this it would seem empty.
        environ["wsgi.input_terminated"] = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        return app.wsgi_app(environ, start_response)

    wrapped = WSGIMiddleware(wsgi, workers=threads)  # type: ignore[arg-type]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send, address, on_stop)
            return
        await wrapped(scope, receive, send)

    return application


async def _live(receive: Any, send: Any, address: str, on_stop: Callable[[], None]) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            log.info("Serving on %s", address)
            await send({"type": "lifespan.startup.complete"})
        else:
            on_stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def serve(settings: Settings, *, upgrade: bool = False) -> None:
    """Serve until told to stop.

    Raises:
        SchemaBehind, WorkerRuns.
    """
    import uvicorn  # noqa: PLC0415

    from webui import installation  # noqa: PLC0415
    from webui.app import create_app  # noqa: PLC0415
    from webui.db import db  # noqa: PLC0415

    settings.make_data_dir()
    app = create_app(settings)
    with app.app_context():
        new = installation.prepare(db.engine, settings, upgrade=upgrade)
    if new:
        log.info("a new database was set up; `matterflow user create` makes the first person")
    worker = start_worker(app, settings) if settings.embedded_worker else None
    address = f"http://{settings.host}:{settings.port}"
    server = uvicorn.Server(
        uvicorn.Config(
            asgi(app, threads=settings.workers, address=address, on_stop=worker.stop if worker else lambda: None),
            host=settings.host,
            port=settings.port,
            http="h11",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=30,
            h11_max_incomplete_event_size=64 * 1024,
        )
    )
    server.run()
