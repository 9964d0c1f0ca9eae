"""OneRoster on the command line: `oneroster export --school CODE --year 2026-2027 FILE.zip`, `oneroster client add`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app import clock, db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.oneroster.commands.clients import (
    NewClient,
    add_client,
    new_client_id,
    offered_scopes,
    revoke_client,
)
from app.oneroster.commands.keeping import export_package
from app.oneroster.queries.clients import client_by_id, clients_of_school
from app.oneroster.rules.binding import Version
from app.oneroster.rules.clients import USUAL
from app.oneroster.rules.csv_out import Wanted
from app.school.queries import unit_by_code, year_by_code

if TYPE_CHECKING:
    from datetime import datetime

    from app.school.models import OrgUnit


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
    school = _school(school_code)
    year = year_by_code(db.session(), year_code)
    if year is None:
        message = f"Không có năm học {year_code}."
        raise click.ClickException(message)
    wanted = Wanted(Version(version), demographics=demographics, codes=codes)
    content = export_package(SYSTEM, school.id, year.id, wanted, since.date() if since else None)
    file.write_bytes(content)
    click.echo(f"Đã ghi {file} ({len(content)} byte).")


def _school(code: str) -> OrgUnit:
    school = unit_by_code(db.session(), code, clock.today())
    if school is None or school.kind != "school":
        message = f"Không có trường mang mã {code}."
        raise click.ClickException(message)
    return school


@oneroster_cli.group("client")
def client_cli() -> None:
    """Phần mềm được đọc danh sách qua REST."""


@client_cli.command("add")
@click.option("--school", "school_code", required=True, help="Mã trường.")
@click.option("--name", required=True, help="Tên phần mềm, ví dụ Moodle.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Hết hạn từ ngày; bỏ trống: sau một năm.")
@click.option("--demographics", is_flag=True, help="Cho đọc cả ngày sinh và giới tính.")
@click.option("--no-roster", is_flag=True, help="Không cho đọc danh sách lớp.")
@click.option("--scope", "more", multiple=True, help="Quyền khác, ví dụ registers.read; lặp lại được.")
@with_appcontext
def add(
    *,
    school_code: str,
    name: str,
    expires: datetime | None,
    demographics: bool,
    no_roster: bool,
    more: tuple[str, ...],
) -> None:
    """Let a program read a school; its id and secret are printed, the secret this once."""
    if unknown := set(more) - offered_scopes().keys():
        message = f"Không có quyền {', '.join(sorted(unknown))}."
        raise click.ClickException(message)
    school = _school(school_code)
    expires_on = expires.date() if expires else clock.today() + USUAL
    wanted = NewClient(
        name, new_client_id(), expires_on, demographics=demographics, roster=not no_roster, more=more
    )
    try:
        secret = add_client(SYSTEM, school.id, wanted)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{wanted.client_id}\t{secret}")


@client_cli.command("list")
@click.option("--school", "school_code", required=True, help="Mã trường.")
@with_appcontext
def show(*, school_code: str) -> None:
    """List the programs of a school."""
    for client in (line.client for line in clients_of_school(db.session(), _school(school_code).id)):
        state = "đã thu hồi" if client.revoked_at else f"đến trước {client.expires_on:%d/%m/%Y}"
        click.echo(f"{client.client_id}\t{client.name}\t{state}")


@client_cli.command("revoke")
@click.argument("client_id")
@with_appcontext
def revoke(*, client_id: str) -> None:
    """Send a program away; its tokens are no good from now on."""
    client = client_by_id(db.session(), client_id, clock.today())
    if client is None:
        message = f"Không có phần mềm {client_id}, hoặc đã hết hạn."
        raise click.ClickException(message)
    revoke_client(SYSTEM, client.id)
    click.echo(f"{client_id}: đã thu hồi")
