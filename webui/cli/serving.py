"""``matterflow serve``, ``worker`` and ``settings``."""

from __future__ import annotations

import click

from webui.cli.common import load_settings


@click.command()
@click.option("--upgrade", is_flag=True, help="Bring an older database to this release's schema first.")
def serve(*, upgrade: bool) -> None:
    """Serve the pages and the API.

    A new database is set up with the processes that come with the product.
    """
    from webui import server

    server.serve(load_settings(), upgrade=upgrade)


@click.command()
@click.option("--once", is_flag=True, help="Carry out what is due now, then end.")
def worker(*, once: bool) -> None:
    """Run timers and jobs outside the server, on as many machines as you like.

    With MATTERFLOW_EMBEDDED_WORKER=0 the servers carry out none themselves. Asked to stop (SIGTERM), the jobs at work
    end and those not begun are given back.
    """
    import signal
    import threading

    from webui import queues
    from webui.cli.common import open_engine
    from webui.live.nodes import Announcer
    from webui.trail import HeadKeeper
    from webui.worker import Worker

    settings = load_settings()
    with open_engine(settings) as engine:
        queue = queues.make(engine, settings)
        working = Worker(engine, database_file=settings.database_file, queue=queue, heads=HeadKeeper(settings))
        if once:
            working.acquire()
            click.echo(f"{working.tick()} job(s) done.")
            working.stop()
            return
        stop = threading.Event()
        for name in (signal.SIGINT, signal.SIGTERM):
            signal.signal(name, lambda *_: stop.set())
        announcer = Announcer(engine)
        announcer.start()
        working.start()
        stop.wait()
        working.stop()
        announcer.stop()


@click.command()
def settings() -> None:
    """Explain each MATTERFLOW_* variable and show what is in force; secrets are not shown."""
    from config.settings import PREFIX, SETTINGS

    in_force = load_settings()
    for setting in SETTINGS:
        value = getattr(in_force, setting.name.lower(), None)
        click.secho(PREFIX + setting.name, bold=True, nl=False)
        click.echo(f"={_shown(value)}")
        click.echo(f"  {setting.says}")


def _shown(value: object) -> str:
    from config.logging import without_secrets

    if value is None or callable(value):
        return "(kept secret)"
    return str(int(value)) if isinstance(value, bool) else without_secrets(str(value))
