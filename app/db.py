"""The database: one typed Base, one session per request, one transaction per command.

SQLite and PostgreSQL behave alike here: foreign keys hold, a write transaction begins as one (BEGIN IMMEDIATE),
and nothing is acknowledged before it is on the disk (synchronous=FULL).
"""

from __future__ import annotations

import logging
import threading
from contextlib import contextmanager
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Final

from flask_sqlalchemy import SQLAlchemy
from flask_sqlalchemy.session import Session as _FlaskSession
from sqlalchemy import (
    BigInteger,
    Date,
    DateTime,
    ForeignKey,
    Integer,
    MetaData,
    String,
    Text,
    TypeDecorator,
    bindparam,
    event,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase, Session, mapped_column
from sqlalchemy.types import TypeEngine, UserDefinedType

from app import sqlite

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from sqlalchemy import ColumnElement
    from sqlalchemy.engine import Connection, Dialect
    from sqlalchemy.orm import InstrumentedAttribute

log = logging.getLogger(__name__)
NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
ONLY_ON: Final = "bangxanh.only_on"
"""In the `info` of a key or an index: the only one of the two databases that has it."""
_AFTER_COMMIT: Final = "bangxanh.after_commit"
_KNOWN: Final = "bangxanh.known"
_IN_COMMAND: Final = "bangxanh.in_command"
_CONNECTION: Final = "bangxanh.connection"


class Instant(TypeDecorator[datetime]):
    """An aware UTC instant; a naive one is refused rather than guessed."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Store UTC; SQLite has no zones, so it gets the naive UTC value."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a naive datetime cannot be stored; use app.clock.now()"
            raise TypeError(message)
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware instant whichever database it came from."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class _PgLetter(UserDefinedType[str]):
    """PostgreSQL's one-byte "char" (the quotes are part of its name): a varchar of one letter takes two bytes."""

    cache_ok = True

    def get_col_spec(self, **options: object) -> str:
        """Return the name of the type."""
        del options
        return '"char"'


class Letter(TypeDecorator[str]):
    """Text of a few kinds, each stored as one letter, in one byte on PostgreSQL: for tables of millions of rows.

    A value that is none of `letters` {text: letter} raises KeyError: it never reaches the database.
    """

    impl = String(1)
    cache_ok = True

    def __init__(self, letters: Mapping[Any, str]) -> None:
        super().__init__()
        self.letters = tuple((str(text), str(letter)) for text, letter in letters.items())
        self._stored = dict(self.letters)
        self._read = {letter: text for text, letter in self.letters}

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[str]:
        """Return the type of the column."""
        return dialect.type_descriptor(_PgLetter() if dialect.name == "postgresql" else String(1))

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the letter of a value."""
        del dialect
        return None if value is None else self._stored[value]

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the value of a letter."""
        del dialect
        return None if value is None else self._read[value]


class Base(DeclarativeBase):
    """Base of every table. `db.Model` does not pass mypy --strict, and has features that nobody needs."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy's own spelling of this attribute
        datetime: Instant(),
        date: Date(),
        str: Text(),
    }


BigId: Final = BigInteger().with_variant(Integer(), "sqlite")
Pk = Annotated[int, mapped_column(primary_key=True)]
BigPk = Annotated[int, mapped_column(BigId, primary_key=True)]
Code = Annotated[str, mapped_column(String(64))]
SortText = Annotated[str, mapped_column(Text(collation="C").with_variant(Text(), "sqlite"))]


def ref(target: str) -> ForeignKey:
    """Return a foreign key that refuses to orphan anything: `mapped_column(ref("school_class.id"))`."""
    return ForeignKey(target, ondelete="RESTRICT")


db = SQLAlchemy(disable_autonaming=True, session_options={"expire_on_commit": False})

BoundSession = _FlaskSession
"""The class of our sessions, for those who need one of their own (app.lines)."""


def session() -> Session:
    """Return the session of this request, job or command-line call."""
    return db.session()


class _WriteTurn:
    """One writer at a time among the greenlets of a thread that uses SQLite.

    A greenlet may be switched away inside a write transaction; another one that then asked SQLite for the write
    lock would put the whole event loop to sleep in the busy handler, and the first could never finish.
    """

    def __init__(self) -> None:
        self._locks: dict[int, threading.Lock] = {}

    @contextmanager
    def held(self, connection_is_sqlite: bool) -> Iterator[None]:  # noqa: FBT001 - one obvious flag
        if not connection_is_sqlite:
            yield
            return
        # One lock for each native thread: gevent's locks do not wake another thread's waiters. Between threads SQLite's
        # own lock is right, because only a whole thread sleeps there.
        with self._locks.setdefault(threading.get_native_id(), threading.Lock()):
            yield


_write_turn = _WriteTurn()


@contextmanager
def transaction() -> Iterator[Session]:
    """Run one command's writes: commit at the end, roll back on any error, then run what waits for the commit.

    Raises RuntimeError when a command calls another command: one command, one transaction.
    """
    current = session()
    if current.info.get(_IN_COMMAND):
        message = "a command was called inside a command; share a function that takes the session instead"
        raise RuntimeError(message)
    is_sqlite = current.get_bind().dialect.name == "sqlite"
    with _write_turn.held(is_sqlite):
        current.commit()  # ends the read transaction, so that the write one begins fresh and cannot be stale
        current.expire_all()
        with _command(current):
            write = {sqlite.WRITE: True}
            current.info[_CONNECTION] = current.connection(execution_options=write)
            yield current
            current.commit()
    _call_waiting(current)


@contextmanager
def transaction_on(connection: Connection, current: Session) -> Iterator[Session]:
    """Run one command's writes on a connection that nobody else has, for `app.lines`; else it is `transaction`.

    The connection has the execution option `app.sqlite.WRITE`.
    `current` is a session of this connection alone. It begins nothing as long as statements go past the mapper, and
    then costs nothing: to begin and to end a session's transaction takes longer than a class's statements.
    """
    with connection.begin(), _command(current):
        current.expire_all()  # what it still holds from the transaction before may have changed since
        current.info[_CONNECTION] = connection
        yield current
        if current.in_transaction():
            current.commit()  # what the mapper holds goes into the connection's transaction
        if not connection.in_transaction():  # nothing is left to commit: nobody may be told that it was
            message = "a command ended the transaction that it runs in"
            raise RuntimeError(message)
    _call_waiting(current)


@contextmanager
def reading_on(connection: Connection, current: Session) -> Iterator[None]:
    """Have statements past the mapper run on a connection that nobody else has, without a transaction around them."""
    if connection.dialect.name != "sqlite":
        connection.execution_options(isolation_level="AUTOCOMMIT")
    current.info[_CONNECTION] = connection
    try:
        yield
    finally:
        current.info.pop(_CONNECTION, None)


@contextmanager
def _command(current: Session) -> Iterator[None]:
    current.info[_IN_COMMAND] = True
    current.info[_AFTER_COMMIT] = []
    try:
        yield
    except BaseException:
        current.rollback()
        current.info.pop(_AFTER_COMMIT, None)
        raise
    finally:
        current.info.pop(_IN_COMMAND, None)
        current.info.pop(_CONNECTION, None)


def _call_waiting(current: Session) -> None:
    for call in current.info.pop(_AFTER_COMMIT, []):
        _call_safely(call)


def begin_reading(current: Session) -> Connection:
    """Return the connection of a session that begins to read for a request.

    PostgreSQL shows each statement what is committed when it starts, inside a transaction as well (READ COMMITTED).
    To begin and to end one would be two journeys more, so there each statement of the request stands by itself.
    """
    if current.in_transaction() or current.get_bind().dialect.name == "sqlite":
        return current.connection()
    return current.connection(execution_options={"isolation_level": "AUTOCOMMIT"})


def connection_of(current: Session) -> Connection:
    """Return the connection of a session: in a command the one that it began with.

    `Session.connection()` looks for it anew each time, for longer than a short statement takes.
    """
    kept: Connection | None = current.info.get(_CONNECTION)
    return current.connection() if kept is None else kept


def driver_of(connection: Connection) -> Any:  # noqa: ANN401 - a connection of sqlite3 or psycopg
    """Return the driver's own connection."""
    return connection.connection.driver_connection


def as_sqlalchemys(
    error: Exception,
    connection: Connection,
    driver: object,
    text: str,
    values: Any = None,  # noqa: ANN401 - what was bound, for the message
) -> BaseException:
    """Return what SQLAlchemy raises for an error of `driver`, run without it; a lost connection is not used again."""
    dialect: Any = connection.dialect
    is_lost: bool = dialect.is_disconnect(error, driver, None)
    if is_lost:
        connection.invalidate(error)
    found: BaseException = DBAPIError.instance(
        text, values, error, dialect.loaded_dbapi.Error, connection_invalidated=is_lost, dialect=dialect
    )
    return found


def _call_safely(call: Callable[[], None]) -> None:
    """Run what waited for the commit. The write is on disk: a failure here is told to the log, never to the caller."""
    try:
        call()
    except Exception:
        log.exception("a call after the commit failed")


def is_one_of(
    column: ColumnElement[int] | InstrumentedAttribute[int], ids: Iterable[int]
) -> ColumnElement[bool]:
    """Return the condition that a key is one of many numbers. Written out: thousands of parameters take a second."""
    numbers = [int(one) for one in ids]
    return column.in_(bindparam(None, numbers, expanding=True, literal_execute=True))


def known_once(current: Session, what: str) -> dict[Any, Any]:
    """Return what this read transaction knows already of `what`: a place for answers that several parts of a page ask.

    In a command, and for a session that holds unsaved rows, it is always empty: what is asked there may just change.
    """
    running = current.get_transaction()
    if running is None or current.info.get(_IN_COMMAND) or current.new or current.dirty or current.deleted:
        return {}
    kept: tuple[object, dict[str, dict[Any, Any]]] | None = current.info.get(_KNOWN)
    if kept is None or kept[0] is not running:
        kept = current.info[_KNOWN] = (running, {})
    return kept[1].setdefault(what, {})


@event.listens_for(Session, "after_flush")
def _forget_known(current: Session, *_: object) -> None:
    current.info.pop(_KNOWN, None)


def after_commit(current: Session, call: Callable[[], None]) -> None:
    """Have `call` run, once, when the running transaction is on disk; it is dropped if the transaction fails."""
    waiting = current.info.get(_AFTER_COMMIT)
    if waiting is None:
        message = "after_commit is only for use inside transaction()"
        raise RuntimeError(message)
    if call not in waiting:
        waiting.append(call)
