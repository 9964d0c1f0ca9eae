"""Registers on the command line: lay out those that are due, and prove that the events of a day are whole."""

from __future__ import annotations

from datetime import datetime, timedelta

import click
from flask.cli import with_appcontext

from app import clock, db
from attendance.registers.commands.opening import materialise, materialise_around
from attendance.registers.commands.repacking import repack_indexes
from attendance.registers.queries.chain import verify_chains


@click.group("registers")
def registers_cli() -> None:
    """Sổ điểm danh."""


@registers_cli.command("materialise")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Ngày đầu (mặc định: quanh hôm nay).")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Ngày cuối, tính cả ngày đó (mặc định: một ngày)."
)
@with_appcontext
def materialise_due(day: datetime | None, until: datetime | None) -> None:
    """Lay out the registers that are due: of a day, of a period, or of the weeks around today."""
    if day is None:
        done = materialise_around(clock.today())
    else:
        done = materialise(day.date(), (until or day).date() + timedelta(days=1))
    click.echo(f"Sổ điểm danh: thêm {done.added}, bỏ {done.removed}.")


@registers_cli.command("verify")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Chỉ một ngày (mặc định: mọi ngày).")
@with_appcontext
def verify(day: datetime | None) -> None:
    """Walk the chains of events; end with status 1 and the bad ones when they do not hold."""
    outcome = verify_chains(db.session(), day.date() if day else None)
    for school_id, broken_day, sequence in outcome.broken:
        click.echo(
            f"Nhật ký điểm danh bị sửa: trường {school_id}, {broken_day:%d/%m/%Y}, mục {sequence}.", err=True
        )
    if outcome.broken:
        raise SystemExit(1)
    click.echo(f"Nhật ký điểm danh nguyên vẹn: {outcome.events} mục.")


@registers_cli.command("repack")
@with_appcontext
def repack() -> None:
    """Pack the indexes of PostgreSQL anew, as the worker does on Sunday nights; SQLite needs it not."""
    saved = repack_indexes()
    if saved is None:
        click.echo("Không có gì để làm: không phải PostgreSQL, hoặc một tiến trình khác đang làm.")
    else:
        click.echo(f"Đã nén chỉ mục của sổ điểm danh: bớt {saved / 1_000_000:.1f} MB.")
