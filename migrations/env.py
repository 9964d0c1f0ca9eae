"""Alembic's entry: runs the revisions on the application's database (Flask-Migrate calls this)."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.db import Base

config = context.config
target_metadata = Base.metadata


def run() -> None:
    """Run all revisions in one transaction each; SQLite's foreign keys rest while tables are rebuilt."""
    engine = current_app.extensions["sqlalchemy"].engine
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
            connection.commit()
        context.configure(
            connection=connection,
            target_metadata=target_metadata,
            render_as_batch=True,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if is_sqlite:
            connection.exec_driver_sql("PRAGMA foreign_keys=ON")


run()
