"""`flask --app wsgi indicators compute`: every indicator of a unit and a period, through the disclosure gate."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext

from app import clock, db
from app.access import SYSTEM
from app.errors import NotFoundError
from reports.exports.rules import Form, write_extract
from reports.exports.views import words_of_extract
from reports.extracts.commands import place_on, release_extract
from reports.tallies.queries import period_named, periods_until

if TYPE_CHECKING:
    from datetime import datetime

    from reports.extracts.rules import Extract


@click.group("indicators")
def indicators_cli() -> None:
    """Chỉ tiêu của trường, xã phường, tỉnh."""


@indicators_cli.command("compute")
@click.option("--org", required=True, help="Mã đơn vị: tỉnh, xã phường hoặc trường.")
@click.option("--period", required=True, help="Kỳ: 2026-10, 2026-2027-1 (học kỳ), 2026-2027 (năm học).")
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Tổ chức như của ngày này (như hồi đó); bỏ trống là như hôm nay.",
)
@click.option("--format", "form", type=click.Choice([form.value for form in Form]), default=Form.JSON.value)
@click.option(
    "--output", type=click.Path(dir_okay=False, path_type=Path), help="Tệp ghi ra; bỏ trống là màn hình."
)
@with_appcontext
def compute_command(org: str, period: str, as_of: datetime | None, form: str, output: Path | None) -> None:
    """Tính mọi chỉ tiêu của một đơn vị và một kỳ; ô cần che không có số. In dấu vân tay của số liệu."""
    extract = _extract(org, period, as_of)
    with current_app.test_request_context():
        content = write_extract(extract, Form(form), words_of_extract(extract))
    if output:
        output.write_bytes(content)
    else:
        click.echo(content, nl=False)
    click.echo(f"sha256 {extract.digest}", err=True)


def _extract(org: str, period: str, as_of: datetime | None) -> Extract:
    day = as_of.date() if as_of else clock.today()
    try:
        place = place_on(org, day)
    except NotFoundError as error:
        message = f"Không có đơn vị mang mã {org} vào ngày {day}."
        raise click.ClickException(message) from error
    if period_named(db.session(), period) is None:
        raise click.ClickException(_no_period(period))
    return release_extract(SYSTEM, place, period, day, "cli")


def _no_period(name: str) -> str:
    """Say what periods there are; days, weeks and the official forms are pages, not extracts (ADR 54)."""
    known = [one.name for one in periods_until(db.session(), clock.today())]
    return f"Không có kỳ {name}. Các kỳ đã bắt đầu: {', '.join(known) or 'chưa có năm học nào'}."
