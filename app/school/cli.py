"""The school on the command line: `flask --app wsgi school create CODE NAME`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app.access import SYSTEM
from app.errors import BangXanhError
from app.school import commands
from app.school.rollover.cli import rollover


@click.group("school")
def school_cli() -> None:
    """Trường."""


school_cli.add_command(rollover)


@school_cli.command("create")
@click.argument("code")
@click.argument("name")
@click.option("--parent", "parent_code", help="Mã đơn vị cấp trên (phường, xã).")
@with_appcontext
def create(code: str, name: str, parent_code: str | None) -> None:
    """Make an empty school."""
    try:
        commands.create_school(SYSTEM, code, name, parent_code)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã tạo trường {code}: {name}")
