"""Alembic's entry: runs the revisions on the application's database (Flask-Migrate calls this)."""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING, Any

from alembic import context
from flask import current_app

from app.db import ONLY_ON, Base, Letter

if TYPE_CHECKING:
    from collections.abc import Callable

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
            include_object=_is_of(connection.dialect.name),
            transaction_per_migration=True,
        )
        # SQLite cannot tell of an index over an expression; it has none, so nothing is missed.
        warnings.filterwarnings("ignore", "autogenerate skipping metadata-specified expression-based index")
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if is_sqlite:
            _foreign_keys(connection, "ON")


def _is_another_type(*what: Any) -> bool | None:  # noqa: ANN401 - Alembic's five arguments
    """Say that a letter's column is as it should be, else None: SQLAlchemy reads PostgreSQL's "char" as a text."""
    in_models = what[-1]
    return False if isinstance(in_models, Letter) else None


def _is_of(dialect: str) -> Callable[..., bool]:
    """Return what says whether something is compared: not what only the other database has, nor keys by expression."""
    parts: list[Any] = [
        part for table in target_metadata.tables.values() for part in [*table.indexes, *table.constraints]
    ]
    special = {part.name: part.info[ONLY_ON] for part in parts if ONLY_ON in part.info}

    def is_compared(_found: object, name: str | None, *_more: object) -> bool:
        return special.get(name, "both") in {"both", dialect} and name not in EXPRESSIONS

    return is_compared


EXPRESSIONS = {"uq_register_class_id_place", "ix_mark_event_takings"}
"""Indexes over expressions, which PostgreSQL writes in other words than we do; their tests are of what they refuse."""


def _foreign_keys(connection: Connection, state: str) -> None:
    """Switch them on the bare connection: inside a transaction SQLite ignores this pragma."""
    driver: Any = connection.connection.driver_connection
    driver.execute(f"PRAGMA foreign_keys={state}")


run()
