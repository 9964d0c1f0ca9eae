"""Classes on the command line: `classes homerooms FILE --school CODE --year 2026-2027 [--from DATE]`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError, InvalidError
from app.i18n import say
from app.intake.rules.lists import records_in
from app.intake.rules.reading import sheets_in
from app.school.classes.commands.appointing import appoint_homerooms
from app.school.classes.queries import homeroom_list
from app.school.classes.rules import HOMEROOM_HEADINGS, HOMEROOM_NEEDED
from app.school.queries import school_by_code, year_by_code

if TYPE_CHECKING:
    from datetime import datetime


@click.group("classes")
def classes_cli() -> None:
    """Lớp."""


@classes_cli.command("homerooms")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", "school_code", required=True, help="Mã trường.")
@click.option("--year", "year_code", required=True, help="Năm học, ví dụ 2026-2027.")
@click.option(
    "--from", "starts_on", type=click.DateTime(["%Y-%m-%d"]), help="Từ ngày; bỏ trống: đầu năm học."
)
@with_appcontext
def homerooms(file: Path, school_code: str, year_code: str, starts_on: datetime | None) -> None:
    """Appoint the homeroom teachers of a sheet (Lớp, Giáo viên chủ nhiệm); rows that will not do stop no other."""
    session = db.session()
    try:
        unit, year = school_by_code(session, school_code), year_by_code(session, year_code)
        if year is None:
            raise InvalidError(say("Không có năm học %(year)s.", year=year_code))
        school_id, first = unit.id, starts_on.date() if starts_on else year.starts_on
        records = records_in(sheets_in(file), HOMEROOM_HEADINGS, HOMEROOM_NEEDED)
        found = homeroom_list(session, school_id, year.id, records)
        session.rollback()
        made = appoint_homerooms(SYSTEM, school_id, found.chosen, first)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    for row, why in found.faults:
        click.echo(f"Dòng {row}: {why}", err=True)
    click.echo(f"Chủ nhiệm: {len(found.chosen)} lớp trong tệp, {made} lớp mới phân công.")
