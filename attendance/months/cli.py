"""Closed months on the command line: prove that they still are what they were."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app import db
from attendance.months.queries import verify_months


@click.group("months")
def months_cli() -> None:
    """Sổ điểm danh theo tháng."""


@months_cli.command("verify")
@with_appcontext
def verify() -> None:
    """Compare every closed month with its fingerprint; end with status 1 and the bad ones when one differs."""
    found = verify_months(db.session())
    bad = [one for one in found if not one.is_whole]
    for one in bad:
        click.echo(f"Tháng đã chốt bị sửa: trường {one.school_id}, tháng {one.month.words}.", err=True)
    if bad:
        raise SystemExit(1)
    click.echo(f"Các tháng đã chốt nguyên vẹn: {len(found)} tháng.")
