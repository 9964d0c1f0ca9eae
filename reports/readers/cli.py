"""`flask --app wsgi reading-key add|list|withdraw`: which programs may read figures.

The key alone goes to standard output, so that a script can keep it; its client id stands beside it.
"""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError
from reports.readers.commands import add_key, withdraw_key
from reports.readers.queries import keys, reader_with
from reports.readers.rules import client_id_of


@click.group("reading-key")
def reading_key_cli() -> None:
    """Khóa đọc chỉ tiêu cho phần mềm khác."""


@reading_key_cli.command("add")
@click.argument("name")
@click.option("--org", required=True, help="Mã đơn vị: khóa đọc được đơn vị này và mọi đơn vị bên dưới.")
@click.option("--days", default=365, show_default=True, help="Số ngày khóa có hiệu lực.")
@with_appcontext
def add(name: str, org: str, days: int) -> None:
    """Cấp một khóa mang tên NAME và in ra một lần duy nhất."""
    try:
        key = add_key(SYSTEM, name, org, days)
    except BangXanhError as error:
        message = f"Không cấp được khóa: không có đơn vị {org}, hoặc số ngày không hợp lệ."
        raise click.ClickException(message) from error
    reader = reader_with(db.session(), key)
    click.echo(f"client_id: {reader.client_id if reader else ''}\nclient_secret:", err=True)
    click.echo(key)


@reading_key_cli.command("list")
@with_appcontext
def list_command() -> None:
    """In các khóa; không in được lại khóa đã cấp."""
    for row in keys(db.session()):
        state = "đã thu hồi" if row.withdrawn_at else f"đến {row.expires_on:%d/%m/%Y}"
        click.echo(f"{row.id} {client_id_of(row.id)} {row.name} {state}")


@reading_key_cli.command("withdraw")
@click.argument("key_id", type=int)
@with_appcontext
def withdraw(key_id: int) -> None:
    """Thu hồi khóa số KEY_ID."""
    try:
        withdraw_key(SYSTEM, key_id)
    except BangXanhError as error:
        message = f"Không có khóa số {key_id}."
        raise click.ClickException(message) from error
