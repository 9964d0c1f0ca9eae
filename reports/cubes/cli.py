"""`flask --app wsgi cubes rebuild|verify`: compute the cube again, or prove that it says what the raw rows say."""

from __future__ import annotations

from datetime import date, timedelta

import click
from flask.cli import with_appcontext
from sqlalchemy import select

from app import clock, db
from app.school.models import School
from app.school.queries import latest_year, unit_by_code
from reports.cubes.commands import rebuild
from reports.recount.queries import Scope, recount_differences
from reports.stretches import commands as stretches


@click.group("cubes")
def cubes_cli() -> None:
    """Số liệu tổng hợp từ sổ điểm danh và tiết học."""


@cubes_cli.command("rebuild")
@click.option("--school", "code", help="Mã trường; bỏ trống là mọi trường.")
@with_appcontext
def rebuild_command(code: str | None) -> None:
    """Tính lại số liệu của năm học."""
    schools = _schools(code)
    changed = rebuild(schools, *_year()) + stretches.rebuild(schools)
    click.echo(f"Đã tính lại; {changed} dòng thay đổi.")


@cubes_cli.command("verify")
@click.option("--school", "code", help="Mã trường; bỏ trống là mọi trường.")
@with_appcontext
def verify_command(code: str | None) -> None:
    """Đếm lại từ từng dòng điểm danh và so sánh; có khác biệt thì kết thúc với mã lỗi."""
    found = [
        difference
        for school_id in _schools(code)
        for difference in recount_differences(db.session(), Scope(school_id, *_year()))
    ]
    for item in found:
        click.echo(
            f"Lớp {item.class_id}, ngày {item.day}: đã lưu {item.stored}, đếm lại {item.computed}", err=True
        )
    if found:
        click.echo(f"{len(found)} dòng khác nhau. Chạy: flask --app wsgi cubes rebuild", err=True)
        raise SystemExit(1)
    click.echo("Số liệu khớp với sổ điểm danh và tiết học.")


def _schools(code: str | None) -> list[int]:
    if code is None:
        return list(db.session().scalars(select(School.id).order_by(School.id)))
    unit = unit_by_code(db.session(), code, clock.today())
    if unit is None or db.session().get(School, unit.id) is None:
        message = f"Không có trường mang mã {code}."
        raise click.ClickException(message)
    return [unit.id]


def _year() -> tuple[date, date]:
    today = clock.today()
    year = latest_year(db.session(), today)
    first = year.starts_on if year else today
    return first, today + timedelta(days=1)
