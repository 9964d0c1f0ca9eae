"""`flask --app wsgi figures check`: compute every cube a second time, now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import click
from flask.cli import with_appcontext

from app import clock, db
from app.school.queries import unit_by_code
from reports.checks.commands import check_figures
from reports.checks.queries import differences_of, latest_checks
from reports.cubes.queries import month_of_school
from reports.cubes.rules import Month, classes_that_differ
from reports.past.queries import month_then, steps_with

if TYPE_CHECKING:
    from datetime import datetime

MOMENTS: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d"]


@click.group("figures")
def figures_cli() -> None:
    """Kiểm tra số liệu tổng hợp."""


@figures_cli.command("check")
@click.option("--school", "code", help="Mã trường; bỏ trống là mọi trường.")
@with_appcontext
def check_command(code: str | None) -> None:
    """Tính lại từ dữ liệu gốc bằng một cách khác (NumPy và DuckDB); có khác biệt thì kết thúc với mã lỗi."""
    unit = unit_by_code(db.session(), code, clock.today()) if code else None
    if code and unit is None:
        message = f"Không có trường mang mã {code}."
        raise click.ClickException(message)
    check_figures([unit.id] if unit else None)
    run = latest_checks(db.session(), 1)[0]
    for one in differences_of(db.session(), run, None):
        where = f"lớp {one.class_name}" if one.class_name else "cả trường"
        who = f", học sinh số {one.pupil_id}" if one.pupil_id else ""
        click.echo(
            f"{one.school}, {where}, {one.day}{who}: {one.measure} đã lưu {one.stored}, "
            f"tính lại {one.computed}",
            err=True,
        )
    click.echo(
        f"{run.schools} trường, {run.rows_read} dòng gốc, {run.differences} chỗ khác nhau ({run.engine})."
    )
    if run.differences:
        raise SystemExit(1)


@figures_cli.command("then")
@click.option("--school", "code", required=True, help="Mã trường.")
@click.option("--period", required=True, help="Tháng, ví dụ 2026-10.")
@click.option("--at", "moment", required=True, type=click.DateTime(MOMENTS), help="Giờ địa phương.")
@with_appcontext
def then_command(code: str, period: str, moment: datetime) -> None:
    """Tính lại một tháng từ sổ điểm danh như lúc ấy; in dấu vân tay, không in số liệu."""
    unit, month = unit_by_code(db.session(), code, clock.today()), Month.parse(period)
    if unit is None or month is None:
        message = f"Không có trường mang mã {code}, hoặc không có tháng {period}."
        raise click.ClickException(message)
    at = moment.replace(tzinfo=clock.local(clock.now()).tzinfo)
    then = month_then(db.session(), unit, month, at)
    now = month_of_school(db.session(), unit, month, clock.today())
    click.echo(f"sha256 {then.digest}")
    for step in steps_with(db.session(), then):
        click.echo(f"Khớp từng byte với số liệu lúc {clock.local(step.at):%H:%M %d/%m/%Y} ({step.action}).")
    differing = classes_that_differ(then.classes, now.classes)
    click.echo(f"Khác hôm nay: {len(differing)} lớp. {', '.join(differing)}".strip())
