"""Many rows at once: COPY on PostgreSQL, executemany on SQLite, with ids that are known before the rows are written.

Values pass through the same type converters as anywhere else (instants in UTC, dates as dates); what is left out is the
object for each row. Column defaults do not apply: every column without NULL is named by the caller.
"""

from __future__ import annotations

from contextlib import closing, contextmanager
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, Final

from psycopg import sql
from sqlalchemy import (
    ColumnDefault,
    Engine,
    Insert,
    bindparam,
    event,
    func,
    insert,
    inspect,
    select,
    text,
)

from app.audit.models import AuditEntry, AuditHead
from app.audit.rules import GENESIS, Entry, canonical, entry_hash

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import Table
    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.db import Base

CHUNK: Final = 20_000
Row = tuple[Any, ...]


def table_of(model: type[Base]) -> Table:
    """Return the table behind a model."""
    found: Table = inspect(model).local_table  # type: ignore[assignment] # models of ours are single tables
    return found


def next_id(current: Session, model: type[Base]) -> int:
    """Return the id after the largest one; seeding is the only writer while it runs."""
    return (current.scalar(select(func.max(table_of(model).c.id))) or 0) + 1


def write_rows(current: Session, model: type[Base], columns: tuple[str, ...], rows: Iterable[Row]) -> None:
    """Write rows in the running transaction, each a tuple in the order of `columns`. Memory stays flat.

    A column that is not named gets its default when that is a constant, else NULL (or what the database puts there).
    """
    table = table_of(model)
    constants = {name: value for name, value in _constant_defaults(table).items() if name not in columns}
    names = (*columns, *constants)
    dialect = current.get_bind().dialect
    converters = [table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in names]
    whole = (row + tuple(constants.values()) for row in rows) if constants else iter(rows)
    ready = _converted(whole, converters) if any(converters) else whole
    cursor = current.connection().connection.cursor()
    if dialect.name == "postgresql":
        _copy(cursor, table.name, names, ready)
    else:
        _insert_many(cursor, str(_insertion(table, names).compile(dialect=dialect)), ready)
    cursor.close()


def _constant_defaults(table: Table) -> dict[str, object]:
    return {
        column.name: column.default.arg
        for column in table.columns
        if isinstance(column.default, ColumnDefault) and column.default.is_scalar
    }


def _insertion(table: Table, names: tuple[str, ...]) -> Insert:
    """Return INSERT for these columns in this order and no others."""
    values: Any = select(*(bindparam(name) for name in names))
    return insert(table).from_select(list(names), values, include_defaults=False)


def _insert_many(cursor: Any, statement: str, rows: Iterator[Row]) -> None:  # noqa: ANN401 - sqlite3's own
    while chunk := list(islice(rows, CHUNK)):
        cursor.executemany(statement, chunk)


def write_dicts(current: Session, model: type[Base], rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows given as mappings that all have the same keys."""
    iterator = iter(rows)
    first = next(iterator, None)
    if first is not None:
        columns = tuple(first)
        write_rows(
            current,
            model,
            columns,
            (tuple(row[name] for name in columns) for row in chain([first], iterator)),
        )


def row_of(thing: Base) -> dict[str, Any]:
    """Return what was set of an object that is not stored, column by column."""
    return {
        column.name: getattr(thing, column.name)
        for column in table_of(type(thing)).columns
        if column.name in vars(thing)
    }


def catch_up_sequences(current: Session, models: Iterable[type[Base]]) -> None:
    """Let PostgreSQL's sequences go on after the ids that were written here; SQLite needs nothing."""
    if current.get_bind().dialect.name != "postgresql":
        return
    for model in models:
        name = table_of(model).name
        current.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"),
            {"name": name, "last": next_id(current, model)},
        )


def _converted(rows: Iterable[Row], converters: Sequence[Callable[[Any], Any] | None]) -> Iterator[Row]:
    busy = [(place, convert) for place, convert in enumerate(converters) if convert]
    for row in rows:
        values = list(row)
        for place, convert in busy:
            values[place] = convert(values[place])
        yield tuple(values)


def _copy(cursor: Any, table: str, columns: tuple[str, ...], rows: Iterable[Row]) -> None:  # noqa: ANN401 - psycopg's own
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with cursor.copy(sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)) as copy:
        for row in rows:
            copy.write_row(row)


@contextmanager
def commits_without_waiting(engine: Engine) -> Iterator[None]:
    """Inside the block SQLite does not wait for the disk at each commit; afterwards it does again, and all is on disk.

    Right for filling an empty database, which can be filled again, and for nothing else.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    engine.dispose()

    def relax(connection: sqlite3.Connection, record: object) -> None:
        del record
        connection.execute("PRAGMA synchronous=OFF")

    event.listen(engine, "connect", relax)
    try:
        yield
    finally:
        event.remove(engine, "connect", relax)
        engine.dispose()
        with closing(engine.raw_connection()) as connection:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")


class AuditTrail:
    """Entries for the audit log, gathered and then written at the end of its chain in one go."""

    def __init__(self) -> None:
        self._noted: list[tuple[datetime, Actor, str, tuple[str, object], dict[str, object]]] = []

    def note(
        self,
        at: datetime,
        actor: Actor,
        action: str,
        subject: tuple[str, object],
        details: dict[str, object] | None = None,
    ) -> None:
        """Note an act as `app.audit.commands.record` would write it at that instant."""
        self._noted.append((at, actor, action, subject, details or {}))

    def write(self, current: Session) -> int:
        """Write what was noted, in order of time, and return how many entries there were."""
        head = current.get(AuditHead, 1)
        sequence, previous = (head.sequence, head.entry_hash) if head else (0, GENESIS)
        rows: list[Row] = []
        for at, actor, action, subject, details in sorted(self._noted, key=lambda noted: noted[0]):
            sequence += 1
            entry = Entry(
                sequence=sequence,
                at=at.isoformat(),
                user_id=actor.user_id or None,
                user_name=actor.name,
                action=action,
                subject_kind=subject[0],
                subject_id=str(subject[1]),
                details=canonical(details),
            )
            new = entry_hash(previous, entry)
            rows.append((sequence, at, *_after_at(entry), previous, new))
            previous = new
        write_rows(current, AuditEntry, _AUDIT_COLUMNS, rows)
        current.merge(AuditHead(id=1, sequence=sequence, entry_hash=previous))
        current.flush()
        self._noted.clear()
        return len(rows)


_AUDIT_COLUMNS: Final = (
    "sequence", "at", "user_id", "user_name", "action", "subject_kind", "subject_id", "details", "previous_hash",
    "entry_hash",
)  # fmt: skip


def _after_at(entry: Entry) -> Row:
    return (entry.user_id, entry.user_name, entry.action, entry.subject_kind, entry.subject_id, entry.details)
