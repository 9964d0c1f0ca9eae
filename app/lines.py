"""Lines: a connection of one's own and a session on it, for what runs again and again in a process that serves.

A session that begins and ends its own transaction runs more code than a class's statements together, and code that has
not run for a while is slow (ADR 128). So a line keeps its connection and its session, and statements that go past the
mapper (`app.prepared`) need nothing else. The mapper may be used as well; the session begins when it must.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from app import db

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.orm import Session


class _SessionOn(db.BoundSession):
    """A session that works on the connection it is told of, and on no other."""

    def __init__(self) -> None:
        super().__init__(db.db, expire_on_commit=False)
        self.works_on: Connection | None = None

    def get_bind(self, *_: object, **__: object) -> Engine | Connection:
        """Return the one connection, whatever is asked about."""
        if self.works_on is None:
            message = "a line's session was used outside its block"
            raise RuntimeError(message)
        return self.works_on


class Line:
    """A way to the database for one user at a time, made in an application's context.

    On SQLite the connection is kept; on PostgreSQL the pool has it in between, and sees whether it still lives.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._keeps = engine.dialect.name == "sqlite"
        self._kept: Connection | None = None
        self.session = _SessionOn()

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Run a command's writes: `db.transaction` on this line, whose engine has `app.sqlite.WRITE` as an option."""
        with self._connected() as connection, db.transaction_on(connection, self.session):
            yield self.session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read. Statements past the mapper stand by themselves: each sees what is committed when it begins."""
        with self._connected() as connection:
            try:
                with db.reading_on(connection, self.session):
                    yield self.session
            finally:
                self.session.close()

    def close(self) -> None:
        """Give up the connection."""
        if self._kept is not None:
            self._kept.close()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        connection, self._kept = self._kept or self._engine.connect(), None
        self.session.works_on = connection
        try:
            yield connection
        except BaseException:
            connection.close()
            raise
        finally:
            self.session.works_on = None
        if self._keeps:
            self._kept = connection
        else:
            connection.close()
