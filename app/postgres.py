"""Fewer journeys to PostgreSQL: what is asked of a connection besides its statements (docs/adr/0117).

A save has ten statements, but made sixteen journeys: before each use of a connection the pool asked whether it lives,
each transaction began with one of its own, and each statement waited for the answer of the one before.
"""

from __future__ import annotations

import select
import time
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import psycopg
from gevent import monkey
from psycopg import waiting
from sqlalchemy import event
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.exc import DBAPIError, InvalidatePoolError
from sqlalchemy.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy import Connection, Engine, Select
    from sqlalchemy.sql.compiler import SQLCompiler

ASKED_AFTER: Final = 5.0
"""Seconds of rest after which a connection is asked whether it lives. Before, a look at its socket must do."""
_LEFT_AT: Final = "bangxanh.left_at"
_DIALECT: Final = PGDialect_psycopg()  # type: ignore[no-untyped-call] # SQLAlchemy gives dialects no types
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
    """Send the statements of the block together and wait for all of them once, at its end; SQLite runs them as ever.

    For writes only: what a statement returns or counts is not known in the block. Raises what the first that failed
    raises, as SQLAlchemy would; there is no telling after which statement of the block it is raised.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        yield
        return
    with _raised_as_ours(connection, driver), driver.pipeline():
        yield


def asked_together(
    connection: Connection, questions: Sequence[tuple[Select[*tuple[Any, ...]], Mapping[str, object]]]
) -> list[Sequence[Sequence[Any]]]:
    """Return the rows that each question (a statement that is kept, its parameters) finds, asked in one journey.

    The server answers in order, each with what it sees then: a question after one that locked sees what it locked.
    """
    driver = connection.connection.driver_connection
    if not isinstance(driver, psycopg.Connection):
        return [connection.execute(statement, asked).all() for statement, asked in questions]
    with _raised_as_ours(connection, driver), driver.pipeline():
        sent = [_sent(connection, driver, statement, asked) for statement, asked in questions]
        found = [cursor.fetchall() for cursor in sent]
    return [_read(statement, rows) for (statement, _), rows in zip(questions, found, strict=True)]


def _sent(
    connection: Connection,
    driver: psycopg.Connection[Any],
    statement: Select[*tuple[Any, ...]],
    asked: Mapping[str, object],
) -> psycopg.Cursor[Any]:
    written = _compiled(statement).construct_expanded_state(dict(asked))
    for note in connection.dispatch.before_cursor_execute:  # who counts statements counts these
        note(connection, None, written.statement, written.parameters, None, False)  # noqa: FBT003 - SQLAlchemy's order
    return driver.execute(written.statement, written.parameters)


def _read(statement: Select[*tuple[Any, ...]], rows: Sequence[tuple[Any, ...]]) -> Sequence[Sequence[Any]]:
    """Return rows with the values that the types of their columns make of the driver's."""
    special = _readers(statement)
    if not special:
        return rows
    read = [list(row) for row in rows]
    for place, reader in special:
        for row in read:
            row[place] = reader(row[place])
    return read


@cache
def _compiled(statement: Select[*tuple[Any, ...]]) -> SQLCompiler:
    return statement.compile(dialect=_DIALECT)


@cache
def _readers(statement: Select[*tuple[Any, ...]]) -> tuple[tuple[int, Callable[[Any], Any]], ...]:
    kinds = [column.type.dialect_impl(_DIALECT) for column in statement.selected_columns]
    found = [(place, kind.result_processor(_DIALECT, None)) for place, kind in enumerate(kinds)]
    return tuple((place, reader) for place, reader in found if reader is not None)


@contextmanager
def _raised_as_ours(connection: Connection, driver: psycopg.Connection[Any]) -> Iterator[None]:
    try:
        yield
    except psycopg.Error as error:
        is_gone = connection.dialect.is_disconnect(error, driver, None)  # type: ignore[arg-type] # psycopg's error is one
        words = "several statements at once"
        raise DBAPIError.instance(
            words, None, error, psycopg.Error, connection_invalidated=is_gone, dialect=connection.dialect
        ) from error
