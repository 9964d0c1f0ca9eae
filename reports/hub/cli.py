"""`flask --app wsgi hub sender add|list|withdraw-key`: who may send to this hub."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import with_appcontext

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError, NotFoundError
from reports.hub.commands import add_sender_key, withdraw_key
from reports.hub.queries import senders


@click.group("hub")
def hub_cli() -> None:
    """Kho dữ liệu dùng chung."""


@hub_cli.group("sender")
def sender_cli() -> None:
    """Nơi gửi số liệu."""


@sender_cli.command("add")
@click.argument("code")
@click.argument("public_key_file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--name", default="", help="Tên hiển thị của nơi gửi.")
@with_appcontext
def add(code: str, public_key_file: Path, name: str) -> None:
    """Cho nơi gửi CODE ký bằng khóa công khai trong tệp (PEM). Chạy lại không đổi gì."""
    try:
        key_id = add_sender_key(SYSTEM, code, public_key_file.read_text(), name)
    except (BangXanhError, UnicodeDecodeError) as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{code} {key_id}")


@sender_cli.command("list")
@with_appcontext
def list_command() -> None:
    """In các nơi gửi và khóa của họ."""
    for sender, keys in senders(db.session()):
        click.echo(f"{sender.code} {sender.name}")
        for key in keys:
            click.echo(f"  {key.key_id} {'đã thu hồi' if key.withdrawn_at else 'đang dùng'}")


@sender_cli.command("withdraw-key")
@click.argument("key_id")
@with_appcontext
def withdraw(key_id: str) -> None:
    """Không nhận gì ký bằng khóa này nữa."""
    try:
        withdraw_key(SYSTEM, key_id)
    except NotFoundError as error:
        message = f"Không có khóa {key_id}."
        raise click.ClickException(message) from error
    click.echo(f"{key_id} đã thu hồi")
