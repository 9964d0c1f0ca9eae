"""Many rows in one statement, on SQLite and PostgreSQL: they travel as one JSON text and become a table there.

On SQLite a class's worth of rows may travel as values of their own (`OverRows`): to take a JSON text apart there takes
as long as to store what was in it.

One statement matters twice. The driver gives up Python's lock once instead of once for every row, so a native thread
that writes does not fight the event loop for it; and the statement's text does not depend on the number of rows.
Statements are built once for each kind of database and kept.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import Integer, String, any_, bindparam, cast, column, func, literal_column, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

from app.db import connection_of
from app.prepared import Prepared

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Subquery
    from sqlalchemy.orm import Session
    from sqlalchemy.types import TypeEngine

    from app.db import Base

_NAME: Final = "bulk_rows"
SPREAD: Final = (6, 48)
"""For so many rows at most there are texts with a place for each value; the larger one is a class."""


def is_sqlite(session: Session) -> bool:
    """Say which of the two databases a session talks to."""
    return connection_of(session).dialect.name == "sqlite"


def rows_parameter(rows: Sequence[Sequence[object]]) -> dict[str, str]:
    """Return the parameter with which a statement over `rows_table` is executed."""
    return {_NAME: orjson.dumps(rows).decode()}


def rows_table(columns: Mapping[str, TypeEngine[Any]], *, for_sqlite: bool) -> Subquery:
    """Return a table expression of rows (lists of plain values, as many as columns) that come as a parameter.

    Its first column, `pos`, is the row's place from 0. Instants go in as `instant_text` gives them.
    """
    text: BindParameter[str] = bindparam(_NAME)
    if for_sqlite:
        source = func.json_each(text).table_valued("key", "value", name="entry")
        found = [
            func.json_extract(source.c.value, literal_column(f"'$[{place}]'"), type_=kind).label(name)
            for place, (name, kind) in enumerate(columns.items())
        ]
        return select(source.c.key.label("pos"), *found).subquery("bulk")
    entries = (
        func.jsonb_array_elements(cast(text, JSONB))
        .table_valued(column("value", JSONB), with_ordinality="place", name="entry")
        .render_derived()
    )
    found = [
        cast(entries.c.value.op("->>")(literal_column(str(place))), kind).label(name)
        for place, (name, kind) in enumerate(columns.items())
    ]
    return select((entries.c.place - 1).label("pos"), *found).subquery("bulk")


class OverRows:
    """A statement over rows of plain values: int, float, str, bool or None themselves, no kinds of them.

    `build(source)` writes it over a table expression as `rows_table` makes it, and uses no other parameter.
    """

    def __init__(self, columns: Mapping[str, TypeEngine[Any]], build: Callable[..., Any]) -> None:
        self._width = len(columns)
        self._as_text = Prepared(
            lambda *, for_sqlite: build(rows_table(columns, for_sqlite=for_sqlite), for_sqlite=for_sqlite)
        )
        self._spread = {
            most: Prepared(
                lambda *, for_sqlite, most=most: build(_spread(columns, most), for_sqlite=for_sqlite)
            )
            for most in SPREAD
        }

    def rows(self, session: Session, rows: Sequence[Sequence[object]]) -> list[Any]:
        """Run it and return the rows it finds. Raises what SQLAlchemy would, DBAPIError's kinds."""
        statement, values = self._of(session, rows)
        return statement.rows(session, values)

    def run(self, session: Session, rows: Sequence[Sequence[object]]) -> None:
        """Run it, unless there are no rows. Raises what SQLAlchemy would, DBAPIError's kinds."""
        if rows:
            statement, values = self._of(session, rows)
            statement.run(session, values)

    def _of(
        self, session: Session, rows: Sequence[Sequence[object]]
    ) -> tuple[Prepared, dict[str, str] | list[object]]:
        if len(rows) > SPREAD[-1] or not is_sqlite(session):
            return self._as_text, rows_parameter(rows)
        most = next(most for most in SPREAD if len(rows) <= most)
        values = [value for row in rows for value in row]
        values += [None] * (self._width * most - len(values))
        return self._spread[most], [*values, len(rows)]


def _spread(columns: Mapping[str, TypeEngine[Any]], most: int) -> Subquery:
    """Return SQLite's table of `most` rows, each value a parameter, of which so many count as the last one says."""
    places = ", ".join("?" * len(columns))
    given = ", ".join(f"({pos}, {places})" for pos in range(most))
    names = ", ".join(f"column{place} AS {name}" for place, name in enumerate(columns, start=2))
    source = f"SELECT column1 AS pos, {names} FROM (VALUES {given}) WHERE column1 < ?"  # noqa: S608 - our own names
    return (
        text(source)
        .columns(column("pos", Integer), *(column(*one) for one in columns.items()))
        .subquery("bulk")
    )


_WITHOUT_ZONE: Final = len("2026-11-29 18:00:00.000000")


def instant_text(moment: datetime, *, for_sqlite: bool) -> str:
    """Return an aware UTC instant as this database's JSON rows carry it into a column of instants."""
    if for_sqlite:
        return moment.isoformat(" ", "microseconds")[:_WITHOUT_ZONE]
    return moment.isoformat()


def insert_rows(
    session: Session, table: type[Base], rows: Sequence[Sequence[object]], names: Sequence[str]
) -> None:
    """Insert rows, given as lists of plain values in the order of `names`."""
    if rows:
        _insert(table, tuple(names), ()).run(session, rows_parameter(rows))


def inserting(table: type[Base], names: Sequence[str], key: Sequence[str] = ()) -> OverRows:
    """Return the statement of `insert_rows`, or with a key that of `upsert_rows`, for a class's worth of rows."""
    return OverRows(_kinds(table, names), _writer(table, tuple(names), tuple(key)))


def upsert_rows(
    session: Session,
    table: type[Base],
    rows: Sequence[Sequence[object]],
    names: Sequence[str],
    key: Sequence[str],
) -> None:
    """Insert rows, or where `key` exists already replace the other columns."""
    if rows:
        _insert(table, tuple(names), tuple(key)).run(session, rows_parameter(rows))


def update_rows(
    session: Session,
    table: type[Base],
    rows: Sequence[Sequence[object]],
    names: Sequence[str],
    key: Sequence[str],
) -> None:
    """Replace the columns `names` of the rows that `key`, a part of them, tells; those that are not there stay away."""
    if rows:
        _update(table, tuple(names), tuple(key)).run(session, rows_parameter(rows))


@cache
def _update(table: type[Base], names: tuple[str, ...], key: tuple[str, ...]) -> Prepared:
    own: Any = table.__table__

    def build(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - an update of a table
        source = rows_table({name: own.c[name].type for name in names}, for_sqlite=for_sqlite)
        changed = {own.c[name]: source.c[name] for name in names if name not in key}
        return own.update().values(changed).where(*(own.c[name] == source.c[name] for name in key))

    return Prepared(build)


@cache
def _insert(table: type[Base], names: tuple[str, ...], key: tuple[str, ...]) -> Prepared:
    kinds, write = _kinds(table, names), _writer(table, names, key)
    return Prepared(
        lambda *, for_sqlite: write(rows_table(kinds, for_sqlite=for_sqlite), for_sqlite=for_sqlite)
    )


def _kinds(table: type[Base], names: Sequence[str]) -> dict[str, TypeEngine[Any]]:
    return {name: table.__table__.c[name].type for name in names}


def _writer(table: type[Base], names: tuple[str, ...], key: tuple[str, ...]) -> Callable[..., Any]:
    """Return what writes the insert of one or the other dialect over a table of rows."""

    def build(source: Subquery, *, for_sqlite: bool) -> Any:  # noqa: ANN401 - an insert
        # WHERE 1 = 1: without a condition SQLite takes the ON of ON CONFLICT for a join's.
        chosen = (
            select(*(source.c[name] for name in names)).where(literal_column("1 = 1")).order_by(source.c.pos)
        )
        dialect = sqlite if for_sqlite else postgresql
        statement: Any = dialect.insert(table.__table__).from_select(list(names), chosen)
        if not key:
            return statement
        changed = {name: statement.excluded[name] for name in names if name not in key}
        return statement.on_conflict_do_update(index_elements=list(key), set_=changed)

    return build


def is_among(column: Any, parameter: str, *, for_sqlite: bool) -> Any:  # noqa: ANN401 - a column and a condition
    """Return the condition that a key is one of the numbers of a parameter, given as `among` gives them.

    The text of the statement does not depend on how many there are.
    """
    given: BindParameter[str] = bindparam(parameter, type_=String())
    if for_sqlite:
        numbers = func.json_each(literal_column("'['") + given + literal_column("']'")).table_valued("value")
        return column.in_(select(numbers.c.value))
    return column == any_(cast(func.string_to_array(given, literal_column("','")), postgresql.ARRAY(Integer)))


def among(numbers: Iterable[int]) -> str:
    """Return numbers as a parameter of `is_among` takes them."""
    return ",".join(map(str, numbers))
