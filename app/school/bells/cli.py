"""Bell schedules on the command line: `flask --app wsgi bells load FILE --school CODE --from DATE`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click
from flask.cli import with_appcontext

from app import db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.intake.rules.lists import records_in
from app.intake.rules.reading import sheets_in
from app.school.bells.commands import save_plan
from app.school.bells.queries import bell_plans
from app.school.bells.rules import HEADINGS, NEEDED, plans_in
from app.school.queries import school_by_code

if TYPE_CHECKING:
    from datetime import datetime


@click.group("bells")
def bells_cli() -> None:
    """Giờ học."""


@bells_cli.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--school", "school_code", required=True, help="Mã trường.")
@click.option(
    "--from", "starts_on", required=True, type=click.DateTime(["%Y-%m-%d"]), help="Ngày bắt đầu áp dụng."
)
@with_appcontext
def load(file: Path, school_code: str, starts_on: datetime) -> None:
    """Let the periods of a sheet (Buổi, Tiết, Giờ vào, Giờ ra, perhaps Khối) hold from a day on; twice is once."""
    try:
        unit = school_by_code(db.session(), school_code)
        plans = plans_in(records_in(sheets_in(file), HEADINGS, NEEDED), starts_on.date())
        known = {(one.periods, one.grades) for one in bell_plans(db.session(), unit.id)}
        new = [plan for plan in plans if (plan.periods, plan.grades) not in known]
        for plan in new:
            save_plan(SYSTEM, unit.id, plan)
    except BangXanhError as error:
        raise click.ClickException("\n".join([str(error), *_faults(error)])) from error
    click.echo(f"Lịch giờ học: {len(plans)} lịch trong tệp, {len(new)} lịch mới.")


def _faults(error: BangXanhError) -> list[str]:
    return [f"{field}: {why}" for field, why in getattr(error, "fields", {}).items()]
