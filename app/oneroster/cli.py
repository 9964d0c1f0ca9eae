"""OneRoster on the command line: `oneroster export --school CODE --year 2026-2027 FILE.zip`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app import clock, db
from app.access import SYSTEM
from app.oneroster.commands.keeping import export_package
from app.oneroster.rules.binding import Version
from app.oneroster.rules.csv_out import Wanted
from app.school.queries import unit_by_code, year_by_code

if TYPE_CHECKING:
    from datetime import datetime


@click.group("oneroster")
def oneroster_cli() -> None:
    """Danh sách trường theo chuẩn OneRoster."""


@oneroster_cli.command("export")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--school", "school_code", required=True, help="Mã trường.")
@click.option("--year", "year_code", required=True, help="Năm học, ví dụ 2026-2027.")
@click.option("--version", type=click.Choice([version.value for version in Version]), default=Version.V1_2.value,
              show_default=True, help="Phiên bản của chuẩn.")  # fmt: skip
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Chỉ những gì thay đổi từ ngày này (delta).")
@click.option("--demographics", is_flag=True, help="Kèm ngày sinh và giới tính.")
@click.option("--codes", is_flag=True, help="Kèm mã học sinh của Bộ ở cột identifier.")
@with_appcontext
def export(
    *,
    file: Path,
    school_code: str,
    year_code: str,
    version: str,
    since: datetime | None,
    demographics: bool,
    codes: bool,
) -> None:
    """Write a school's year as a OneRoster zip."""
    school = unit_by_code(db.session(), school_code, clock.today())
    year = year_by_code(db.session(), year_code)
    if school is None or school.kind != "school":
        message = f"Không có trường mang mã {school_code}."
        raise click.ClickException(message)
    if year is None:
        message = f"Không có năm học {year_code}."
        raise click.ClickException(message)
    wanted = Wanted(Version(version), demographics=demographics, codes=codes)
    content = export_package(SYSTEM, school.id, year.id, wanted, since.date() if since else None)
    file.write_bytes(content)
    click.echo(f"Đã ghi {file} ({len(content)} byte).")
