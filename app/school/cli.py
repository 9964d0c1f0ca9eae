"""The school on the command line: `flask --app wsgi school create CODE NAME`, `school status CODE`."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from app import clock, db
from app.access import SYSTEM
from app.errors import BangXanhError
from app.school import commands
from app.school.queries import school_by_code
from app.school.rollover.cli import rollover
from app.school.setup.commands import issue_school_cards
from app.school.setup.queries import state_of
from app.school.setup.rules import STEP_NAMES, Progress, steps_of

MARKS = {Progress.DONE: "xong", Progress.PARTLY: "còn thiếu", Progress.MISSING: "chưa có"}


@click.group("school")
def school_cli() -> None:
    """Trường."""


school_cli.add_command(rollover)


@school_cli.command("create")
@click.argument("code")
@click.argument("name")
@click.option("--parent", "parent_code", help="Mã đơn vị cấp trên (phường, xã).")
@with_appcontext
def create(code: str, name: str, parent_code: str | None) -> None:
    """Make an empty school."""
    try:
        commands.create_school(SYSTEM, code, name, parent_code)
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Đã tạo trường {code}: {name}")


@school_cli.command("cards")
@click.argument("code")
@with_appcontext
def cards(code: str) -> None:
    """Give a card to every pupil of a school who has none for the year; the sheets are printed in the browser."""
    made = issue_school_cards(SYSTEM, _school_id(code), clock.today())
    click.echo(f"Đã tạo {made} thẻ.")


@school_cli.command("status")
@click.argument("code")
@with_appcontext
def status(code: str) -> None:
    """Say what a school has and what is missing, as its set-up guide does."""
    school_id = _school_id(code)
    for step in steps_of(state_of(db.session(), school_id, clock.today())):
        click.echo(f"{MARKS[step.progress]:10} {STEP_NAMES[step.key]}: {step.words}")


def _school_id(code: str) -> int:
    try:
        return school_by_code(db.session(), code).id
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
