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
    with db.db.engine.connect() as connection:
        present = MigrationContext.configure(connection).get_current_revision()
        is_empty = present is None and not inspect(connection).get_table_names()
    if is_empty:
        upgrade(directory=str(MIGRATIONS))
    elif present != newest_revision():
        message = (
            f"Cơ sở dữ liệu đang ở phiên bản {present or 'không rõ'}, chương trình cần {newest_revision()}. "
            "Hãy sao lưu, rồi chạy: flask --app wsgi db upgrade"
        )
        raise click.ClickException(message)


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
