"""`flask --app wsgi backup take|check|restore FOLDER`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from app import db
from app.backup.commands import check_backup, restore_backup, take_backup
from app.backup.rules import BackupError
from app.schema.cli import migrates_itself

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.backup.rules import Manifest

FOLDER = click.Path(file_okay=False, path_type=Path)


@click.group("backup")
def backup_cli() -> None:
    """Sao lưu và khôi phục."""


@backup_cli.command("take")
@click.argument("folder", type=FOLDER)
@with_appcontext
def take(folder: Path) -> None:
    """Save database, keys and files into a new FOLDER, while everything runs."""
    manifest = _or_say_why(lambda: take_backup(db.db.engine, _instance(), folder.absolute()))
    click.echo(f"Đã sao lưu vào {folder}: {_told(manifest)}.")


@backup_cli.command("check")
@click.argument("folder", type=FOLDER)
@migrates_itself
def check(folder: Path) -> None:
    """Say whether a backup is whole."""
    manifest = _or_say_why(lambda: check_backup(folder))
    click.echo(f"Bản sao lưu ngày {manifest.taken_at[:10]} nguyên vẹn: {_told(manifest)}.")


@backup_cli.command("restore")
@click.argument("folder", type=FOLDER)
@migrates_itself
@with_appcontext
def restore(folder: Path) -> None:
    """Bring a backup back into an empty database and INSTANCE folder; nothing may run there meanwhile."""
    manifest = _or_say_why(lambda: restore_backup(db.db.engine, _instance(), folder.absolute()))
    click.echo(f"Đã khôi phục bản sao lưu ngày {manifest.taken_at[:10]}: {_told(manifest)}.")


def _or_say_why(work: Callable[[], Manifest]) -> Manifest:
    try:
        return work()
    except BackupError as error:
        message = f"Không được: {error}."
        raise click.ClickException(message) from error


def _told(manifest: Manifest) -> str:
    return f"{sum(manifest.rows.values())} dòng trong {len(manifest.rows)} bảng, {len(manifest.files)} tệp"


def _instance() -> Path:
    instance: Path = current_app.extensions["bangxanh.settings"].instance
    return instance
