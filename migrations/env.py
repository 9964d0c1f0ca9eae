"""Alembic's entry: runs the revisions on the application's database (Flask-Migrate calls this)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from alembic import context
from flask import current_app

from app.db import Base, Letter

if TYPE_CHECKING:
    from sqlalchemy import Connection

config = context.config
target_metadata = Base.metadata


def run() -> None:
    """Run all revisions in one transaction each; SQLite's foreign keys rest while tables are rebuilt."""
    engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            _foreign_keys(connection, "OFF")
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            compare_type=_is_another_type,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if is_sqlite:
            _foreign_keys(connection, "ON")


def _is_another_type(*what: Any) -> bool | None:  # noqa: ANN401 - Alembic's five arguments
    """Say that a letter's column is as it should be, else None: SQLAlchemy reads PostgreSQL's "char" as a text."""
    in_models = what[-1]
    return False if isinstance(in_models, Letter) else None


def _foreign_keys(connection: Connection, state: str) -> None:
    """Switch them on the bare connection: inside a transaction SQLite ignores this pragma."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys={state}")


run()
