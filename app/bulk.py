"""Many rows in one statement, on SQLite and PostgreSQL: they travel as one JSON text and become a table there.

One statement matters twice. The driver gives up Python's lock once instead of once for every row, so a native thread
that writes does not fight the event loop for it; and the statement's text does not depend on the number of rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, cast, column, func, literal_column, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSONB

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from sqlalchemy import BindParameter, Subquery
    from sqlalchemy.orm import Session
    from sqlalchemy.types import TypeEngine

    from app.db import Base


def is_sqlite(session: Session) -> bool:
    """Say which of the two databases a session talks to."""
    return session.get_bind().dialect.name == "sqlite"


def as_rows(
    session: Session, rows: Sequence[Sequence[object]], columns: Mapping[str, TypeEngine[Any]]
) -> Subquery:
    """Return a table expression of rows (lists of plain values, as many as columns) that is part of the statement.

    Its first column, `pos`, is the row's place from 0. Instants go in as `instant_text` gives them.
    """
    text: BindParameter[str] = bindparam("bulk_rows", orjson.dumps(rows).decode(), unique=True)
    if is_sqlite(session):
        source = func.json_each(text).table_valued("key", "value", name="entry")
        found = [
            func.json_extract(source.c.value, f"$[{place}]", type_=kind).label(name)
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


def instant_text(session: Session, moment: datetime) -> str:
    """Return an aware instant as this database's JSON rows carry it into a column of instants."""
    if is_sqlite(session):
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
    return moment.isoformat()


def insert_rows(
    session: Session, table: type[Base], rows: Sequence[Sequence[object]], names: Sequence[str]
) -> None:
    """Insert rows, given as lists of plain values in the order of `names`."""
    if rows:
        session.execute(_insert(session, table, rows, names))


def upsert_rows(
    session: Session,
    table: type[Base],
    rows: Sequence[Sequence[object]],
    names: Sequence[str],
    key: Sequence[str],
) -> None:
    """Insert rows, or where `key` exists already replace the other columns."""
    if rows:
        statement = _insert(session, table, rows, names)
        changed = {name: statement.excluded[name] for name in names if name not in key}
        session.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed))


def _insert(
    session: Session, table: type[Base], rows: Sequence[Sequence[object]], names: Sequence[str]
) -> Any:  # noqa: ANN401 - the insert of one or the other dialect
    kinds = {name: table.__table__.c[name].type for name in names}
    source = as_rows(session, rows, kinds)
    # WHERE true: without it SQLite takes the ON of ON CONFLICT for a join's
    chosen = select(*(source.c[name] for name in names)).where(literal_column("1 = 1")).order_by(source.c.pos)
    dialect = sqlite if is_sqlite(session) else postgresql
    return dialect.insert(table).from_select(list(names), chosen)
