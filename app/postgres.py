"""Fewer journeys to PostgreSQL: what is asked of a connection besides its statements (docs/adr/0117).

A save has ten statements, but made sixteen journeys: before each use of a connection the pool asked whether it lives,
each transaction began with one of its own, and each statement waited for the answer of the one before.
"""

from __future__ import annotations

import select
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
from gevent import monkey
from psycopg import waiting
from sqlalchemy import event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import Pool

from app.db import as_sqlalchemys, driver_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sqlalchemy import Connection, Engine

ASKED_AFTER: Final = 5.0
"""Seconds of rest after which a connection is asked whether it lives. Before, a look at its socket must do."""
_LEFT_AT: Final = "bangxanh.left_at"
_poll = monkey.get_original("select", "poll")


class SleepingConnection(psycopg.Connection[Any]):
    """A connection of a native thread: it sleeps in the system call; psycopg would make an event loop of gevent's."""

    def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:  # noqa: ANN401 - as psycopg says
        """Let `gen`, an exchange with the server, go on until it ends; return its result."""
        in_c = getattr(waiting, "wait_c", None)  # only psycopg's build in C has it
        if in_c is None:
            return super().wait(gen, interval, timeout)
        return in_c(gen, self.pgconn.socket, interval, timeout)


def sleep_in(engine: Engine) -> None:
    """Have the connections of an engine sleep while they wait: for an engine that one native thread has for itself."""
    if engine.dialect.name == "postgresql":
        event.listen(engine, "do_connect", _connect_sleeping)


def _connect_sleeping(
    _dialect: object, _record: object, positional: tuple[Any, ...], named: dict[str, Any]
) -> SleepingConnection:
    return SleepingConnection.connect(*positional, **named)


@event.listens_for(Pool, "checkin")
def _note_rest(_connection: object, record: Any) -> None:  # noqa: ANN401 - SQLAlchemy's record of a connection
    record.info[_LEFT_AT] = time.monotonic()


@event.listens_for(Pool, "checkout")
def _refuse_dead(connection: object, record: Any, _proxy: object) -> None:  # noqa: ANN401 - SQLAlchemy's record of a connection
    """Have the pool connect anew when the server of a connection has gone since its last use.

    A server that ends or is killed closes its sockets, which is seen here without a journey; one that is cut off does
    not, therefore who rested longer is asked as well.
    """
    if not isinstance(connection, psycopg.Connection) or (left_at := record.info.get(_LEFT_AT)) is None:
        return
    if time.monotonic() - left_at < ASKED_AFTER and not _has_news(connection):
        return
    if not _answers(connection):
        raise InvalidatePoolError


def _has_news(connection: psycopg.Connection[Any]) -> bool:
    """Say whether something came that nobody asked for: a farewell, mostly."""
    if connection.closed:
        return True
    poll = _poll()
    poll.register(connection.fileno(), select.POLLIN)
    return bool(poll.poll(0))


def _answers(connection: psycopg.Connection[Any]) -> bool:
    if connection.closed:
        return False
    try:
        connection.autocommit = True
        connection.execute("SELECT 1")
        connection.autocommit = False
    except psycopg.Error:
        return False
    return True


@contextmanager
def in_one_journey(connection: Connection) -> Iterator[None]:
    """Send the statements of the block together and wait for all of them once; SQLite runs them as ever.

    What a statement returns or counts is known when its rows are fetched, at the earliest. Raises what the first that
    failed raises, as SQLAlchemy would; there is no telling after which statement of the block it is raised.
    """
    driver = driver_of(connection)
    if not isinstance(driver, psycopg.Connection):
        yield
        return
    try:
        with driver.pipeline():
            yield
    except psycopg.Error as error:
        raise as_sqlalchemys(error, connection, driver, "several statements at once") from error


def repack(engine: Engine, indexes: Sequence[str]) -> int | None:
    """Write indexes anew without stopping anybody (REINDEX CONCURRENTLY); return the bytes that this saved.

    An index into whose middle rows come is half empty in the end. None: another process is at it, or it is no
    PostgreSQL. What an earlier attempt left behind when it was ended is removed first. Raises DBAPIError, after which
    every index is as it was.
    """
    if engine.dialect.name != "postgresql":
        return None
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        if not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _REPACKING}):
            return None
        try:
            saved = 0
            for name in indexes:
                for left in connection.scalars(_LEFT_BEHIND, {"begins": rf"{name}\_ccnew%"}).all():
                    connection.execute(text(f'DROP INDEX CONCURRENTLY "{left}"'))
                before = connection.scalar(_SIZE, {"name": name})
                connection.execute(text(f'REINDEX INDEX CONCURRENTLY "{name}"'))
                saved += before - connection.scalar(_SIZE, {"name": name})
        finally:
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _REPACKING})
        return saved


_REPACKING: Final = 1_270_001
"""The number of the lock, any that nobody else takes."""
_SIZE: Final = text("SELECT pg_relation_size(CAST(:name AS regclass))")
_LEFT_BEHIND: Final = text(
    "SELECT relname FROM pg_class JOIN pg_index ON indexrelid = pg_class.oid"
    " WHERE NOT indisvalid AND relname LIKE :begins"
)
