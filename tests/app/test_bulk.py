"""Rows that travel as values of their own, or as one text: the same comes of it, whatever they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Boolean, Integer, MetaData, String, Table, event, select
from sqlalchemy.schema import Column

from app import db
from app.bulk import SPREAD, OverRows

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy.types import TypeEngine

KINDS: dict[str, TypeEngine[Any]] = {"n": Integer(), "name": String(), "is_late": Boolean(), "rest": String()}
TEXTS = [
    "",
    "'); DROP TABLE fact; --",
    "Lê Thị Ánh Đào",
    "\\u0000 {} [] null",
    '"',
    "?",
    ":n %s %(n)s",
    "x" * 5_000,
]


def _row(number: int) -> list[object]:
    text = TEXTS[number % len(TEXTS)]
    return [number, text, number % 2 == 0, None if number % 3 else text]


@pytest.mark.parametrize("count", [0, 1, SPREAD[0], SPREAD[0] + 1, SPREAD[-1], SPREAD[-1] + 1, 500])
def test_rows_come_in_and_out_as_they_are(app: Flask, count: int) -> None:
    back = OverRows(KINDS, _all_of)
    rows = [_row(number) for number in range(count)]
    with app.app_context():
        found = back.rows(db.session(), rows) if rows else []
    assert [list(row) for row in found] == rows


def _all_of(rows: Any, *, for_sqlite: bool) -> Any:  # noqa: ANN401 - a select
    del for_sqlite
    return select(*(rows.c[name] for name in KINDS)).order_by(rows.c.pos)


def test_the_text_does_not_depend_on_the_rows(app: Flask) -> None:
    table = Table("kept", MetaData(), *(Column(name, kind) for name, kind in KINDS.items()))

    def inserted(rows: Any, *, for_sqlite: bool) -> Any:  # noqa: ANN401 - an insert
        return table.insert().from_select(list(KINDS), _all_of(rows, for_sqlite=for_sqlite))

    store = OverRows(KINDS, inserted)
    texts: set[str] = set()
    with app.app_context(), db.transaction() as session:
        table.create(session.connection())
        event.listen(db.db.engine, "before_cursor_execute", lambda *said: texts.add(said[2]))
        for count in range(SPREAD[-1] + 3):
            store.run(session, [_row(number) for number in range(count)])
        kept = session.execute(select(table).order_by(table.c.n)).all()
    total = sum(range(SPREAD[-1] + 3))
    assert len(kept) == total
    assert {row.name for row in kept} == set(TEXTS)
    assert len([one for one in texts if one.startswith("INSERT")]) <= len(SPREAD) + 1
