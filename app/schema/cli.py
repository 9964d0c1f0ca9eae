"""The state of the database's schema, for the command line: an empty database is filled, an old one is not touched.

Whoever types `flask --app wsgi school create …` in a new folder wants a school, not a lesson about migrations. A
database that holds something is migrated by `flask --app wsgi db upgrade` alone, when its administrator says so.
"""

from __future__ import annotations

import copy
from functools import lru_cache, update_wrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask.cli import with_appcontext
from flask_migrate import upgrade
from sqlalchemy import inspect
from sqlalchemy.exc import DBAPIError

from app import db

if TYPE_CHECKING:
    from collections.abc import Callable

MIGRATIONS: Final = Path(__file__).resolve().parents[2] / "migrations"


@lru_cache(maxsize=1)
def newest_revision() -> str | None:
    """Return the revision that this program's tables are those of."""
    return ScriptDirectory(str(MIGRATIONS)).get_current_head()


def make_ready() -> None:
    """Create the tables of an empty database; raise ClickException when the tables are those of another version."""
    present, is_empty = _state()
    if is_empty:
        upgrade(directory=str(MIGRATIONS))
    elif present != newest_revision():
        raise click.ClickException(_other_version(present))


def refuse_old_tables() -> None:
    """Raise SystemExit for web and worker when the tables are older than this program: page after page would fail.

    A database that does not answer may answer later, and one that is newer than this program (it was put back after
    an upgrade) may do: both are left to run. So is an empty one, which is only said.
    """
    try:
        present, is_empty = _state()
    except DBAPIError:
        return
    if is_empty:
        click.echo("Bảng Xanh: cơ sở dữ liệu còn trống. Hãy chạy: flask --app wsgi db upgrade", err=True)
    elif present is None or (present != newest_revision() and present in _revisions()):
        message = f"Bảng Xanh: {_other_version(present)}"
        raise SystemExit(message)


def _state() -> tuple[str | None, bool]:
    """Return the revision of the tables that are there, and whether there are none at all."""
    with db.db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        return present, present is None and not inspect(connection).get_table_names()


def _revisions() -> set[str]:
    return {one.revision for one in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}


def _other_version(present: str | None) -> str:
    return (
        f"Cơ sở dữ liệu đang ở phiên bản {present or 'không rõ'}, chương trình cần {newest_revision()}. "
        "Hãy sao lưu, rồi chạy: flask --app wsgi db upgrade"
    )


def on_ready_schema(command: click.Command) -> click.Command:
    """Return the command, or the group with all its commands, such that `make_ready` runs before it does."""
    made = copy.copy(command)
    if isinstance(made, click.Group) and isinstance(command, click.Group):
        made.commands = {name: on_ready_schema(one) for name, one in command.commands.items()}
    elif command.callback is not None:
        made.callback = with_appcontext(_after_making_ready(command.callback))
    return made


def migrates_itself(callback: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a command that brings any database up to date by itself: `make_ready` does not stop it."""
    callback.__dict__["migrates_itself"] = True
    return callback


def _after_making_ready(callback: Callable[..., Any]) -> Callable[..., Any]:
    def run(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - whatever the command takes and returns
        if not getattr(callback, "migrates_itself", False):
            make_ready()
        return callback(*args, **kwargs)

    return update_wrapper(run, callback)
