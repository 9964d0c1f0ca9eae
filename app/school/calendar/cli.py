"""The calendar on the command line: `calendar open-year 2026-2027`, `calendar load FILE --unit CODE --year …`."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app import clock, db
from app.access import SYSTEM
from app.errors import BangXanhError, InvalidError
from app.i18n import say
from app.intake.rules.lists import records_in
from app.intake.rules.reading import sheets_in
from app.school.calendar.commands import add_year, decide_days
from app.school.calendar.rules import HEADINGS, NEEDED, decisions_in
from app.school.queries import unit_by_code, year_by_code

if TYPE_CHECKING:
    from app.school.calendar.rules import Decision


@click.group("calendar")
def calendar_cli() -> None:
    """Năm học và lịch."""


@calendar_cli.command("open-year")
@click.argument("code")
@with_appcontext
def open_year(code: str) -> None:
    """Make a school year such as 2026-2027 with the usual frame; one that is there stays as it is."""
    try:
        add_year(SYSTEM, code)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã có năm học {code}.")


@calendar_cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--unit", "unit_code", required=True, help="Mã trường, xã phường hoặc tỉnh ra quyết định.")
@click.option("--year", "year_code", required=True, help="Năm học, ví dụ 2026-2027.")
@with_appcontext
def load(file: Path, unit_code: str, year_code: str) -> None:
    """Write the decisions of a sheet (Từ ngày, Đến hết ngày, Loại ngày, Lý do) into a calendar; twice is once."""
    session = db.session()
    try:
        unit, year = unit_by_code(session, unit_code, clock.today()), year_by_code(session, year_code)
        if unit is None or year is None:
            raise InvalidError(say("Không có đơn vị hoặc năm học này. Hãy tạo trước."))
        unit_id, span = unit.id, (year.starts_on, year.ends_on)
        decisions = decisions_in(records_in(sheets_in(file), HEADINGS, NEEDED), span)
        session.rollback()
        for decision in decisions:
            decide_days(SYSTEM, unit_id, decision, _key(unit_id, decision))
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã ghi {len(decisions)} quyết định vào lịch của {unit_code}.")


def _key(unit_id: int, decision: Decision) -> str:
    """Return the key of a decision: the same one again has no effect."""
    return f"cli-{hashlib.sha256(f'{unit_id} {decision}'.encode()).hexdigest()[:48]}"
