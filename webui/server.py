"""``matterflow serve``: uvicorn in front, Flask in threads behind it, the worker beside it."""

# ruff: noqa: PLC0415 - starting fast matters: what only serving needs is imported when it serves
from __future__ import annotations

import asyncio
import gc
import logging
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from config.settings import Settings
from webui.refusal import Refusal

if TYPE_CHECKING:
    import uvicorn

    from engine.job_queue import JobQueue
    from webui.app import Matterflow
    from webui.live.hub import Hub
    from webui.worker import Worker

log = logging.getLogger(__name__)
#: Seconds that running requests get to end when the server is asked to stop.
GRACE_S = 20


def start_worker(app: Matterflow, settings: Settings) -> Worker:
    """Start the worker of this process; requests wake it.

    Raises:
        WorkerRuns: another worker has this database.
    """
    from webui.db import db
    from webui.trail import HeadKeeper
    from webui.worker import Worker

    with app.app_context():
        engine = db.engine
    queue = app.extensions.get("matterflow_queue") or make_queue(app, settings)
    worker = Worker(engine, database_file=settings.database_file, queue=queue, heads=HeadKeeper(settings))
    worker.start()
    app.extensions["matterflow_wake"] = worker.wake
    return worker


def make_queue(app: Matterflow, settings: Settings) -> JobQueue:
    """Make the queue to which requests hand the jobs that are due at once, whoever carries them out."""
    from webui import queues
    from webui.db import db

    with app.app_context():
        engine = db.engine
    queue = queues.make(engine, settings, on_jobs=app.extensions["matterflow_metrics"].jobs.inc)
    app.extensions["matterflow_queue"] = queue
    return queue


class ServerRuns(Refusal):
    """Another server serves this SQLite database; the text says so."""


@contextmanager
def claimed(settings: Settings) -> Generator[None]:
    """Make sure that no other server serves the same SQLite database meanwhile; PostgreSQL takes any number.

    Raises:
        ServerRuns: one does.
    """
    from webui.file_lock import FileLock

    if settings.database_file is None:
        yield
        return
    lock = FileLock.beside(settings.database_file, "serve")
    if not lock.acquire():
        raise ServerRuns(
            f"Another server serves {settings.database_file}: with SQLite one process does. "
            "PostgreSQL takes any number of them (docs/scaling.md)."
        )
    try:
        yield
    finally:
        lock.release()


def asgi(app: Matterflow, *, threads: int, address: str = "", on_stop: Callable[[], None] = lambda: None) -> Any:
    """Wrap the application for uvicorn; its event streams run beside it."""
    from webui.bridge import Bridge
    from webui.db import db
    from webui.live.hub import Hub
    from webui.live.streams import PATH, EventStreams

    def wsgi(environ: dict[str, Any], start_response: Any) -> Any:
        # The body of a chunked request ends where the server says so; without this it would seem empty.
        environ["wsgi.input_terminated"] = "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        return app.wsgi_app(environ, start_response)

    wrapped = Bridge(wsgi, workers=threads)  # type: ignore[arg-type]
    with app.app_context():
        settings, rights = app.extensions["matterflow_settings"], app.extensions["matterflow_rights"]
        hub = app.extensions["matterflow_live"] = Hub(db.engine, settings, rights.of)
    streams = EventStreams(app, hub)

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await _live(receive, send, address, hub, on_stop)
        elif scope["path"] == PATH:
            await streams(scope, receive, send)
        else:
            await wrapped(scope, receive, send)

    return application


async def _live(receive: Any, send: Any, address: str, hub: Hub, on_stop: Callable[[], None]) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            hub.start(asyncio.get_running_loop())
            log.info("Serving on %s", address)
            await send({"type": "lifespan.startup.complete"})
        else:
            hub.stop()
            on_stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


class AddressTaken(Refusal):
    """The server cannot listen where it should."""


def listen(host: str, port: int) -> socket.socket:
    """Open the socket that the server answers on; who connects early waits until it does.

    Raises:
        AddressTaken: another program listens there, or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as refused:
        raise AddressTaken(f"Nothing can be served on {host}, port {port}: {refused.strerror or refused}.") from None
    # Connections inherit it; asyncio sets it only on sockets that name their protocol, and this one does not.
    # Without it an answer of two packets waits 40 ms for the client's acknowledgement of the first.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def stoppable(app: Matterflow, config: uvicorn.Config) -> uvicorn.Server:
    """Make the server; asked to stop, it ends the event streams first, for which it would otherwise wait."""
    import uvicorn

    class Server(uvicorn.Server):
        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            app.extensions["matterflow_live"].end_streams()
            await super().shutdown(sockets)

    return Server(config)


def serve(settings: Settings, *, upgrade: bool = False) -> None:
    """Serve until told to stop.

    Raises:
        AddressTaken, SchemaBehind, ServerRuns, WorkerRuns.
    """
    # What is loaded now stays: looking through it for garbage again and again is an eighth of the start.
    gc.disable()
    try:
        _serve(settings, upgrade=upgrade)
    finally:
        gc.enable()


def _serve(settings: Settings, *, upgrade: bool) -> None:
    import uvicorn

    from webui import installation
    from webui.app import create_app
    from webui.db import db

    with listen(settings.host, settings.port) as listener, claimed(settings):
        settings.make_data_dir()
        app = create_app(settings)
        with app.app_context():
            new = installation.prepare(db.engine, settings, upgrade=upgrade)
        if new:
            log.info("A new database was set up; `matterflow user create` makes the first person.")
        make_queue(app, settings)
        worker = start_worker(app, settings) if settings.embedded_worker else None
        address = f"http://{f'[{settings.host}]' if ':' in settings.host else settings.host}:{settings.port}"
        config = uvicorn.Config(
            asgi(app, threads=settings.workers, address=address, on_stop=worker.stop if worker else lambda: None),
            http="httptools",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_S,
            timeout_keep_alive=30,
        )

        _keep_what_stays()
        stoppable(app, config).run(sockets=[listener])


def _keep_what_stays() -> None:
    """Spare the garbage collector what lives as long as the server: models, schemas, templates, half a million objects.

    Each full collection would walk through all of them, in the middle of somebody's request. One now would take a tenth
    of the start and free one object in a hundred.

    What is made afterwards and stays, statements above all, is looked through once more: a little at a time, because
    everybody waits meanwhile (0.2 s for what twenty collections of 20,000 left, 0.04 for five of 10,000).
    """
    gc.freeze()
    gc.set_threshold(10_000, 5, 400)
    gc.enable()
