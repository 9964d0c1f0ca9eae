"""`flask --app wsgi figures check`: compute every cube a second time, now."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app import clock, db
from app.school.queries import unit_by_code
from reports.checks.commands import check_figures
from reports.checks.queries import differences_of, latest_checks


@click.group("figures")
def figures_cli() -> None:
    """Kiểm tra số liệu tổng hợp."""


@figures_cli.command("check")
@click.option("--school", "code", help="Mã trường; bỏ trống là mọi trường.")
@with_appcontext
def check_command(code: str | None) -> None:
    """Tính lại từ dữ liệu gốc bằng một phần mềm khác (DuckDB); có khác biệt thì kết thúc với mã lỗi."""
    unit = unit_by_code(db.session(), code, clock.today()) if code else None
    if code and unit is None:
        message = f"Không có trường mang mã {code}."
        raise click.ClickException(message)
    check_figures([unit.id] if unit else None)
    run = latest_checks(db.session(), 1)[0]
    for one in differences_of(db.session(), run, None):
        who = f", học sinh số {one.pupil_id}" if one.pupil_id else ""
        click.echo(
            f"{one.school}, lớp {one.class_name}, {one.day}{who}: {one.measure} đã lưu {one.stored}, "
            f"tính lại {one.computed}",
            err=True,
        )
    click.echo(
        f"{run.schools} trường, {run.rows_read} dòng gốc, {run.differences} chỗ khác nhau ({run.engine})."
    )
    if run.differences:
        raise SystemExit(1)
