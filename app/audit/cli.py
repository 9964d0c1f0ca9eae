"""`flask --app wsgi audit verify`: proves that the audit log is whole."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app import db
from app.audit.queries import verify_chain


@click.group("audit")
def audit_cli() -> None:
    """Nhật ký thao tác."""


@audit_cli.command("verify")
@with_appcontext
def verify() -> None:
    """Walk the hash chain; end with status 1 and the first bad entry when it does not hold."""
    outcome = verify_chain(db.session())
    if not outcome.is_sound:
        click.echo(f"Nhật ký thao tác bị sửa: mục số {outcome.broken_at} không khớp.", err=True)
        raise SystemExit(1)
    click.echo(f"Nhật ký thao tác nguyên vẹn: {outcome.entries} mục.")
