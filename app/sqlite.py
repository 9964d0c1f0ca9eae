"""SQLite as the product needs it: durable, with foreign keys, and a write transaction that begins as one."""

from __future__ import annotations

import sqlite3
import threading
import time
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import event
from sqlalchemy.engine import Engine

if TYPE_CHECKING:
    from sqlalchemy.engine import Connection

BUSY_TIMEOUT_MS: Final = 15_000
WRITE: Final = "bangxanh_write"
"""Execution option of a connection whose transactions write."""
KEPT: Final = "bangxanh_kept"
"""Execution option of a connection that one native thread has for itself."""


@event.listens_for(Engine, "connect")
def _prepare_sqlite(connection: Any, record: object) -> None:  # noqa: ANN401 - a DB-API connection of any driver
    del record
    if not isinstance(connection, sqlite3.Connection):
        return
    connection.isolation_level = None  # the driver must not begin transactions of its own
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    cursor.close()


@event.listens_for(Engine, "begin")
def _begin(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    if connection.get_execution_options().get(WRITE, False):
        _begin_immediate(
            connection.connection.driver_connection,
            is_kept=connection.get_execution_options().get(KEPT, False),
        )
    else:
        # On the driver: SQLAlchemy takes longer to prepare this word than SQLite to do it.
        connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr] # it is connected


def wait_cooperatively() -> None:
    """Say that this thread runs an event loop, so that it may not sleep in SQLite's busy handler (`app.serving`)."""
    _loop_thread[:] = [threading.get_native_id()]


_loop_thread: list[int] = []


def _begin_immediate(connection: Any, *, is_kept: bool) -> None:  # noqa: ANN401 - a DB-API connection
    """Take SQLite's write lock. On an event loop's thread, wait between tries while the other greenlets go on."""
    if threading.get_native_id() not in _loop_thread:
        if not is_kept:  # else it is as `_prepare_sqlite` left it
            connection.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        connection.execute("BEGIN IMMEDIATE")
        return
    connection.execute("PRAGMA busy_timeout=0")
    deadline = time.monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return
