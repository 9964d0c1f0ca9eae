"""Accounts on the command line: the first account of an installation is made here."""

from __future__ import annotations

import secrets

import click
from flask.cli import with_appcontext
from flask_security.utils import hash_password

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts import commands
from app.accounts.commands import NewGrant
from app.accounts.queries import user_by_name
from app.accounts.rules import password_fault
from app.errors import BangXanhError
from app.school.queries import unit_by_code


@click.group("account")
def account_cli() -> None:
    """Tài khoản."""


@account_cli.command("create")
@click.argument("username")
@click.argument("full_name")
@click.option("--password", envvar="BANGXANH_PASSWORD", help="Bỏ trống: tạo mật khẩu ngẫu nhiên và in ra.")
@click.option("--role", type=click.Choice([role.value for role in Role]))
@click.option("--unit", "unit_code", help="Mã đơn vị của vai trò.")
@with_appcontext
def create(
    username: str, full_name: str, password: str | None, role: str | None, unit_code: str | None
) -> None:
    """Make an account, perhaps with a role at a unit, and print its password when none was given."""
    if bool(role) != bool(unit_code):
        message = "--role và --unit đi cùng nhau."
        raise click.UsageError(message)
    if password and (fault := password_fault(password, username)):
        raise click.ClickException(fault)
    chosen = password or _drawn(username)
    unit = unit_by_code(db.session(), unit_code, clock.today()) if unit_code else None
    if unit_code and unit is None:
        message = f"Không có đơn vị mang mã {unit_code}."
        raise click.ClickException(message)
    try:
        user_id = commands.create_user(SYSTEM, username, full_name, hash_password(chosen))
        if role and unit:
            commands.give_grant(SYSTEM, user_id, NewGrant(Role(role), unit.id, clock.today()))
    except BangXanhError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{username}\t{chosen if not password else ''}")


def _drawn(username: str) -> str:
    """Return a password drawn by lot; one that happens to hold a short user name is drawn again."""
    while True:
        drawn = secrets.token_urlsafe(12)
        if not username.strip() or password_fault(drawn, username) is None:
            return drawn


@account_cli.command("disable")
@click.argument("username")
@with_appcontext
def disable(username: str) -> None:
    """Switch an account off and end all its sign-ins."""
    user = user_by_name(db.session(), username)
    if user is None:
        message = f"Không có tài khoản {username}."
        raise click.ClickException(message)
    ended = commands.set_active(SYSTEM, user.id, active=False)
    click.echo(f"{username}: {len(ended)}")
