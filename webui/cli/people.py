"""``matterflow user`` and ``matterflow token``."""

from __future__ import annotations

import sys
from typing import Any

import click

from webui.cli.common import Refused, json_option, reading, say_json, say_table, writing


@click.group()
def user() -> None:
    """The people who sign in."""


@user.command("create")
@click.argument("username")
@click.option("--name", "full_name", help="The person's full name; asked for when missing.")
@click.option("--group", "groups", multiple=True, metavar="GROUP", help="A group the person belongs to; repeat it.")
@click.option("--email")
@click.option("--language", help="Language of the person's pages, such as en.")
@click.option("--password-stdin", is_flag=True, help="Read the password from standard input.")
@click.option("--no-password", is_flag=True, help="For a program: it comes in by token only.")
@json_option
def create(
    *,
    username: str,
    full_name: str | None,
    groups: tuple[str, ...],
    email: str | None,
    language: str | None,
    password_stdin: bool,
    no_password: bool,
    as_json: bool,
) -> None:
    """Create a person (or a program with --no-password)."""
    from engine import clock
    from engine.actor import SYSTEM
    from practice.people import operations

    full_name = full_name or click.prompt("Full name")
    password = None if no_password else _password(from_stdin=password_stdin)
    with writing() as session:
        person = operations.create_user(
            session,
            username,
            full_name,
            password=password,
            groups=groups,
            email=email,
            language=language,
            by=SYSTEM,
            now=clock.utc_now(),
        )
        told = {"username": person.username, "full_name": person.full_name, "groups": sorted(person.groups)}
    if as_json:
        say_json(told)
    else:
        click.echo(
            f"{told['full_name']} signs in as {told['username']}; groups: {', '.join(told['groups']) or 'none'}."
        )


@user.command("list")
@click.option("--all", "everybody", is_flag=True, help="Former colleagues too.")
@json_option
def list_users(*, everybody: bool, as_json: bool) -> None:
    """List the people."""
    from practice.people import queries

    with reading() as session:
        people: list[dict[str, Any]] = [
            {
                "username": person.username,
                "full_name": person.full_name,
                "email": person.email,
                "groups": sorted(person.groups),
                "is_active": person.is_active,
                "is_locked": person.locked_at is not None,
            }
            for person in queries.everybody(session, active=None if everybody else True)
        ]
    if as_json:
        say_json(people)
    else:
        rows = [
            (
                p["username"],
                p["full_name"],
                ", ".join(p["groups"]),
                "former" if not p["is_active"] else "locked" if p["is_locked"] else "",
            )
            for p in people
        ]
        say_table(("USERNAME", "NAME", "GROUPS", ""), rows)


@user.command("unlock")
@click.argument("username")
@click.option("--reason", required=True, help="Kept in the audit trail.")
def unlock(*, username: str, reason: str) -> None:
    """Open a locked account without its case: for when everybody who could decide is locked."""
    from engine import clock
    from engine.actor import SYSTEM
    from practice.accesses import locks

    with writing() as session:
        locks.unlock(session, username, reason, by=SYSTEM, now=clock.utc_now())
    click.echo(f"{username} can come in again.")


@click.group()
def token() -> None:
    """Bearer tokens of programs."""


@token.command("create")
@click.option("--user", "username", required=True, help="Whose token it is: it may what that person may.")
@click.option("--name", default="command line", show_default=True, help="What the token is for.")
@json_option
def create_token(*, username: str, name: str, as_json: bool) -> None:
    """Make a token and print it: the only time that it can be read."""
    from engine import clock
    from engine.actor import SYSTEM
    from practice.people import operations

    with writing() as session:
        made = operations.issue_token(session, username, name, by=SYSTEM, now=clock.utc_now())
    if as_json:
        say_json({"username": username, "name": name, "token": made})
    else:
        click.echo(made)


def _password(*, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Refused("A password is needed: use --password-stdin, or --no-password for a program.")
    return click.prompt("Password", hide_input=True, confirmation_prompt=True)
