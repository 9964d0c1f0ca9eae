"""Statements that run for every answer and every save: put into words once, and handed to the driver as they are.

SQLAlchemy looks a statement up, binds, makes a result and rows of it each time, which takes several times longer than
a short statement itself, most of all in a process that has just been idle (ADR 123 has the figures). Here the text,
the order of the values and the types' conversions are worked out at the first use, for each kind of database.

What is left out: the mapper, and values that change the text (an IN of so many numbers; see `app.bulk.is_among`).
"""

from __future__ import annotations

from collections import namedtuple
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from sqlalchemy import Select

from app.db import as_sqlalchemys, connection_of, driver_of
from app.postgres import in_one_journey

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from sqlalchemy import Dialect
    from sqlalchemy.orm import Session
    from sqlalchemy.sql.compiler import SQLCompiler
    from sqlalchemy.types import TypeEngine

_POSTPONED: Final = "__[POSTCOMPILE_"


class Found(Protocol):
    """A row that a prepared statement found: a named tuple of the statement's columns."""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the column holds
        """Return a column."""


class _Build(Protocol):
    """What writes the statement, of SQLAlchemy Core, for one or the other kind of database."""

    def __call__(self, *, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select, insert, update or delete
        """Return the statement."""


@dataclass(frozen=True, slots=True)
class _Text:
    """A statement in words: its text, the places of its values, and how values go in and columns come out."""

    text: str
    places: Sequence[str] | None
    fixed: Mapping[str, object]
    binders: Mapping[str, Callable[[Any], object]]
    row: Callable[[Iterable[object]], Any]
    readers: Sequence[tuple[int, Callable[[Any], object]]]

    def bound(self, values: Mapping[str, object] | list[object]) -> Any:  # noqa: ANN401 - what the driver takes: a list or a dict
        if isinstance(values, list):
            return values
        given = {**self.fixed, **values}
        for name, bind in self.binders.items():
            given[name] = bind(given[name])
        return given if self.places is None else [given[name] for name in self.places]

    def read(self, found: Sequence[Any]) -> Any:  # noqa: ANN401 - a named tuple of the statement's columns
        if self.readers:
            found = list(found)
            for place, read in self.readers:
                found[place] = read(found[place])
        return self.row(found)


class Prepared:
    """A statement of fixed text; use as a decorator of the function that builds it."""

    def __init__(self, build: _Build) -> None:
        self._build = build
        self._texts: dict[str, _Text] = {}

    def rows(self, session: Session, values: Mapping[str, object] | list[object]) -> list[Any]:
        """Run it and return its rows, as named tuples; `values` by name, or all of them in the order of the text.

        Raises what SQLAlchemy would, DBAPIError's kinds, and KeyError for a value that is missing.
        """
        text, cursor = self._run(session, values)
        return [text.read(row) for row in cursor.fetchall()]

    def run(self, session: Session, values: Mapping[str, object] | list[object]) -> None:
        """Run it. Raises what SQLAlchemy would, DBAPIError's kinds, and KeyError for a value that is missing."""
        self._run(session, values)

    def _run(self, session: Session, values: Mapping[str, object] | list[object]) -> tuple[_Text, Any]:
        connection = connection_of(session)
        driver = driver_of(connection)
        text = self._texts.get(connection.dialect.name) or self._prepare(connection.dialect)
        bound = text.bound(values)
        for listen in connection.engine.dispatch.before_cursor_execute:  # tests count statements
            listen(connection, None, text.text, bound, None, False)  # noqa: FBT003 - SQLAlchemy's own signature
        try:
            return text, driver.execute(text.text, bound)
        except connection.dialect.loaded_dbapi.Error as error:
            raise as_sqlalchemys(error, connection, driver, text.text, bound) from error

    def _prepare(self, dialect: Dialect) -> _Text:
        statement = self._build(for_sqlite=dialect.name == "sqlite")
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        if _POSTPONED in compiled.string:
            message = "the text of this statement depends on its values"
            raise TypeError(message)
        made = self._texts[dialect.name] = _Text(
            text=compiled.string,
            places=tuple(compiled.positiontup) if compiled.positiontup is not None else None,
            fixed=_values_of_its_own(compiled),
            binders=_some((name, _binder(bind.type, dialect)) for name, bind in compiled.binds.items()),
            **_reading(statement, dialect),
        )
        return made


def asked_together(
    session: Session, questions: Sequence[tuple[Prepared, Mapping[str, object]]]
) -> list[list[Any]]:
    """Return the rows that each question (a statement, its values) finds, asked of PostgreSQL in one journey.

    The server answers in order, each with what it sees then: a question after one that locked sees what it locked.
    """
    with in_one_journey(connection_of(session)):
        asked = [statement._run(session, values) for statement, values in questions]  # noqa: SLF001 - ours
        return [[text.read(row) for row in cursor.fetchall()] for text, cursor in asked]


def _values_of_its_own(compiled: SQLCompiler) -> dict[str, object]:
    """Return the values that the statement brings along; for the others a missing one raises KeyError."""
    given = {name: value for name, value in compiled.params.items() if not compiled.binds[name].required}
    filled: Any = compiled.insert_prefetch  # columns that have a default, a plain one
    return given | {column.key: column.default.arg for column in filled}


def _some(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    return {name: call for name, call in pairs if call is not None}


def _binder(kind: TypeEngine[Any], dialect: Dialect) -> Any:  # noqa: ANN401 - a function of a value, or None
    return kind.dialect_impl(dialect).bind_processor(dialect)


def _reading(statement: Any, dialect: Dialect) -> dict[str, Any]:  # noqa: ANN401 - any statement
    columns = statement.selected_columns if isinstance(statement, Select) else _returned(statement)
    names = [getattr(column, "name", "") for column in columns]
    found = [column.type.dialect_impl(dialect).result_processor(dialect, None) for column in columns]
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc] # noqa: PYI024 - the names are known at run time
    return {
        "row": row._make,
        "readers": tuple((place, read) for place, read in enumerate(found) if read is not None),
    }


def _returned(statement: Any) -> Sequence[Any]:  # noqa: ANN401 - an insert, update or delete
    return tuple(statement.exported_columns) if statement._returning else ()  # noqa: SLF001 - it has no public name
