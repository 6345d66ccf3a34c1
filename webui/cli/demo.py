"""``matterflow demo``: a firm to look around in."""

from __future__ import annotations

import click

from webui.cli.common import Refused, load_settings, open_engine, say_table


@click.command()
@click.option("--seed", type=int, default=None, help="Another firm: the same seed and day make the same firm.")
@click.option("--if-missing", is_flag=True, help="Do nothing when there is a database already.")
def demo(*, seed: int | None, if_missing: bool) -> None:
    """Make the demo firm in a new database: people for every role, matters at every stage.

    A database in which there is anything is never touched. `matterflow serve` then serves the firm.
    """
    from datetime import UTC

    from engine import clock, database
    from webui import installation, upgrades
    from webui.demo import PASSWORD, SEED, firm
    from webui.demo.cast import CAST

    settings = load_settings()
    with open_engine(settings, checked=False) as engine:
        upgrades.metadata()
        if not firm.is_untouched(engine):
            if if_missing:
                return
            where = settings.database_file or "the address in MATTERFLOW_DATABASE_URL"
            raise Refused(f"There is a database already at {where}: the demo firm is made in a new one only.")
        upgrades.import_delegates()
        upgrades.upgrade(engine)
        click.echo("Making the demo firm: a year of work in a few seconds ...", err=True)
        today = clock.utc_now().astimezone(UTC).date()
        folders = installation.shipped_bundles(settings)
        with database.transaction(engine) as session:
            made = firm.make(session, folders, today=today, seed=SEED if seed is None else seed)
    click.echo(
        f"The demo firm is ready: {made.open_matters} open and {made.archived_matters} archived matters, "
        f"{made.open_enquiries} open enquiries, {made.open_user_tasks} open tasks, {made.incidents} incident(s).\n"
        f"Everybody's password is {PASSWORD}\n"
    )
    say_table(("LOG-IN", "TRY WHAT THIS PERSON DOES", "NAME"), [(m.username, m.does, m.full_name) for m in CAST])
