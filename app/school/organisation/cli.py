"""The organisation on the command line: `flask --app wsgi org load FILE.csv`."""

from __future__ import annotations

import csv
from pathlib import Path

import click
from flask.cli import with_appcontext

from app.access import SYSTEM
from app.errors import BangXanhError
from app.school.organisation.commands import load_history
from app.school.organisation.rules import history_lines


@click.group("org")
def org_cli() -> None:
    """Cây tổ chức."""


@org_cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@with_appcontext
def load(file: Path) -> None:
    """Load units, former parents and successions from a CSV (UTF-8); doing it again changes nothing."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        try:
            done = load_history(SYSTEM, history_lines(csv.DictReader(lines)))
        except BangXanhError as error:
            raise click.ClickException(str(error)) from error
    click.echo(
        f"Đơn vị: {done.units}, cấp trên trước đây: {done.parents}, kế thừa: {done.successions} (mới hoặc thay đổi)"
    )
