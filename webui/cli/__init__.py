"""The command ``matterflow``. A refusal is one sentence on stderr and exit code 1."""

from __future__ import annotations

import sys
from importlib import import_module

import click

_COMMANDS = {
    "serve": "webui.cli.serving:serve",
    "worker": "webui.cli.serving:worker",
    "settings": "webui.cli.serving:settings",
    "db": "webui.cli.database:db",
    "backup": "webui.cli.database:backup",
    "restore": "webui.cli.database:restore",
    "process": "webui.cli.process:process",
    "instance": "webui.cli.instance:instance",
    "user": "webui.cli.people:user",
    "token": "webui.cli.people:token",
    "audit": "webui.cli.audit:audit",
    "import": "webui.cli.exchange:import_",
    "export": "webui.cli.exchange:export",
    "demo": "webui.cli.demo:demo",
}


class _Lazy(click.Group):
    """Imports a command when it is called, because starting fast matters and most calls need one."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name the commands in the order of a newcomer's day."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        try:
            return getattr(import_module(module), name)
        except ModuleNotFoundError as missing:
            if missing.name != module:
                raise
            return None


def _version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    if value:
        from importlib.metadata import PackageNotFoundError, version

        try:
            click.echo(f"matterflow {version('matterflow')}")
        except PackageNotFoundError:
            click.echo("matterflow (a checkout)")
        ctx.exit()


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option("--version", is_flag=True, expose_value=False, is_eager=True, callback=_version, help="Show the version.")
def cli() -> None:
    """A firm's matters, driven by its BPMN models.

    Settings are MATTERFLOW_* environment variables: `matterflow settings` explains each.
    """


def main() -> None:
    """Run the command line."""
    from webui.cli.common import refusal

    try:
        cli(prog_name="matterflow", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        sys.exit("Stopped.")
    except click.UsageError as wrong:
        wrong.show()
        sys.exit(2)
    except click.ClickException as wrong:
        sys.exit(wrong.format_message())
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        sentence = refusal(error)
        if sentence is None:
            raise
        sys.exit(sentence)
