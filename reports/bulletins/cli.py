"""`flask --app wsgi bulletins file|schedule|verify`: make bulletins now, by themselves, and prove what is filed."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext
from sqlalchemy import select
from sqlalchemy.orm import undefer

from app import clock, db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.school.queries import unit_by_code
from reports.bulletins.commands import Wanted, make_bulletins, order_bulletins, paper_of, set_schedule
from reports.bulletins.models import Bulletin
from reports.bulletins.rules import Schedule, bulletin_workbook, read_content
from reports.cubes.rules import Month

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.school.models import OrgUnit
    from reports.bulletins.rules import Content


@click.group("bulletins")
def bulletins_cli() -> None:
    """Báo cáo tháng của trường, xã phường, tỉnh."""


@bulletins_cli.command("file")
@click.option("--org", required=True, help="Mã đơn vị: tỉnh, xã phường hoặc trường.")
@click.option("--period", help="Tháng, ví dụ 2026-10; bỏ trống là tháng trước.")
@click.option("--with-schools", is_flag=True, help="Lập cả báo cáo của từng trường bên dưới.")
@click.option("--output", type=click.Path(file_okay=False, path_type=Path), help="Thư mục ghi PDF và Excel.")
@with_appcontext
def file_command(org: str, period: str | None, output: Path | None, *, with_schools: bool) -> None:
    """Lập và lưu báo cáo tháng; in thời gian đã dùng."""
    unit = _unit(org)
    month = period or str(Month.of(clock.today()).previous)
    key = f"cli-{unit.id}-{month}-{clock.now():%Y%m%d%H%M%S%f}"
    try:
        order_id = order_bulletins(SYSTEM, Wanted(unit.id, month, with_schools, key), is_queued=False)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    made = make_bulletins(
        SYSTEM, order_id, lambda done, total, _message: _tell(done, total), _writer(output, month)
    )
    count = made.filed + made.unchanged
    each = made.seconds / count if count else 0.0
    click.echo(
        f"Đã lưu {made.filed} báo cáo, {made.unchanged} báo cáo không đổi, {len(made.failed)} lỗi; "
        f"{made.seconds:.1f} s, {each:.2f} s mỗi báo cáo."
    )
    if made.failed:
        click.echo("\n".join(made.failed), err=True)
        raise SystemExit(1)


def _tell(done: int, total: int) -> None:
    if done:
        click.echo(f"{done}/{total}", err=True)


def _unit(code: str) -> OrgUnit:
    unit = unit_by_code(db.session(), code, clock.today())
    if unit is None:
        message = f"Không có đơn vị mang mã {code}."
        raise click.ClickException(message)
    return unit


def _writer(folder: Path | None, period: str) -> Callable[[str, Content, bytes], None] | None:
    """Return what writes a place's PDF and workbook into the folder, as they are made; None without a folder."""
    if folder is None:
        return None
    folder.mkdir(parents=True, exist_ok=True)

    def write(code: str, content: Content, paper: bytes) -> None:
        (folder / f"{code}-{period}.pdf").write_bytes(paper)
        (folder / f"{code}-{period}.xlsx").write_bytes(bulletin_workbook(content))

    return write


@bulletins_cli.command("schedule")
@click.option("--org", required=True, help="Mã đơn vị.")
@click.option("--cron", help="Lịch năm trường, ví dụ “0 6 3 * *”: 06:00 ngày 3 hằng tháng; bỏ trống là thôi.")
@click.option("--with-schools", is_flag=True, help="Lập cả báo cáo của từng trường bên dưới.")
@with_appcontext
def schedule_command(org: str, cron: str | None, *, with_schools: bool) -> None:
    """Đặt lịch tự lập báo cáo của tháng vừa qua."""
    unit = _unit(org)
    try:
        schedule = Schedule(cron) if cron else None
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    set_schedule(SYSTEM, unit.id, schedule, with_schools=with_schools)
    click.echo(f"{unit.name}: {schedule.text if schedule else 'không tự lập'}")


@bulletins_cli.command("verify")
@click.option("--days", default=400, help="Chỉ các báo cáo lưu trong số ngày này.")
@with_appcontext
def verify_command(days: int) -> None:
    """Dựng lại từng báo cáo đã lưu và so từng byte; có khác biệt thì kết thúc với mã lỗi."""
    since = clock.now() - timedelta(days=days)
    query = select(Bulletin).where(Bulletin.made_at >= since).options(undefer(Bulletin.content))
    rows, bad = 0, 0
    for row in db.session().scalars(query.order_by(Bulletin.id)):
        content = read_content(row.content)
        faults = [
            what
            for what, is_bad in (
                ("nội dung", content.digest != row.sha256),
                ("PDF", hashlib.sha256(paper_of(content)).hexdigest() != row.paper_sha256),
            )
            if is_bad
        ]
        rows, bad = rows + 1, bad + bool(faults)
        if faults:
            click.echo(
                f"Báo cáo {row.id} ({row.period}, đơn vị {row.unit_id}): khác {', '.join(faults)}", err=True
            )
    click.echo(f"Đã dựng lại {rows} báo cáo; {bad} báo cáo khác bản đã lưu.")
    if bad:
        raise SystemExit(1)
