"""Prepared statements: what SQLAlchemy would have read and raised, without its part at each run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import bindparam, event, func, insert, literal, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError

from app import db
from app.bulk import among, is_among
from app.facts import FactDelivery, FactRow
from app.prepared import Prepared, asked_together
from app.school.models import SchoolClass
from tests.world import MORNING

if TYPE_CHECKING:
    from flask import Flask

    from tests.world import World

_fact: Any = FactRow.__table__
_delivery: Any = FactDelivery.__table__


@Prepared
def _record(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a statement
    del for_sqlite
    return insert(_fact).values(
        name=bindparam("named"), payload="{}", recorded_at=bindparam("at"), next_try_at=bindparam("at")
    )


@Prepared
def _recorded(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a statement
    return select(_fact).where(is_among(_fact.c.id, "ids", for_sqlite=for_sqlite)).order_by(_fact.c.id)


@Prepared
def _raise_attempts(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a statement
    del for_sqlite
    return update(_fact).values(attempts=_fact.c.attempts + 2).returning(_fact.c.id, _fact.c.attempts)


@Prepared
def _deliver_what_is_not_there(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a statement
    del for_sqlite
    return insert(_delivery).values(fact_id=999_999, subscriber="nobody", delivered_at=bindparam("at"))


def test_values_go_in_and_come_out_as_through_sqlalchemy(app: Flask) -> None:
    with app.app_context():
        with db.transaction() as session:
            for name in ("một", "hai", "ba"):
                _record.run(session, {"named": name, "at": MORNING})
            through = [tuple(row) for row in session.execute(select(_fact).order_by(_fact.c.id))]
            rows = _recorded.rows(session, {"ids": among(row[0] for row in through[:2])})
            assert [tuple(row) for row in rows] == through[:2]
            assert _recorded.rows(session, {"ids": among([])}) == []
        assert [(row.name, row.recorded_at, row.attempts, row.dispatched_at) for row in rows] == [
            ("một", MORNING, 0, None),
            ("hai", MORNING, 0, None),
        ]
        with db.transaction() as session:
            raised = _raise_attempts.rows(session, {})
        assert sorted(row.attempts for row in raised) == [2, 2, 2]
        assert db.session().scalars(select(FactRow.attempts)).all() == [2, 2, 2]


def test_what_is_asked_together_is_answered_in_order(app: Flask) -> None:
    with app.app_context():
        with db.transaction() as session:
            for name in ("một", "hai"):
                _record.run(session, {"named": name, "at": MORNING})
            first, second = session.scalars(select(FactRow.id).order_by(FactRow.id))
            questions = [(_recorded, {"ids": among([one])}) for one in (second, first, 0)]
            found = asked_together(session, [(_raise_attempts, {}), *questions])
        assert [len(rows) for rows in found] == [2, 1, 1, 0]
        assert [(row.name, row.recorded_at, row.attempts) for row in (*found[1], *found[2])] == [
            ("hai", MORNING, 2),
            ("một", MORNING, 2),
        ]


def test_what_it_wrote_goes_with_the_transaction(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ZeroDivisionError), db.transaction() as session:
            _record.run(session, {"named": "một", "at": MORNING})
            raise ZeroDivisionError
        assert db.session().scalar(select(func.count()).select_from(FactRow)) == 0


def test_errors_are_sqlalchemys(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(IntegrityError), db.transaction() as session:
            _deliver_what_is_not_there.run(session, {"at": MORNING})
        with pytest.raises(KeyError), db.transaction() as session:
            _record.run(session, {"named": "một"})


def test_a_text_that_depends_on_its_values_is_refused(world: World) -> None:
    @Prepared
    def of_these(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a statement
        del for_sqlite
        return select(SchoolClass.__table__.c.id).where(
            SchoolClass.__table__.c.id.in_(bindparam("ids", expanding=True))
        )

    with world.app.app_context(), pytest.raises(TypeError, match="depends on its values"):
        of_these.rows(db.session(), {"ids": [1, 2]})


def test_who_counts_statements_sees_them(app: Flask) -> None:
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        seen.append(statement)

    with app.app_context():
        event.listen(db.db.engine, "before_cursor_execute", note)
        _recorded.rows(db.session(), {"ids": among([1])})
    assert len([one for one in seen if "FROM fact" in one]) == 1


@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_a_connection_that_was_cut_is_replaced(app: Flask) -> None:
    @Prepared
    def one(*, for_sqlite: bool) -> Any:  # noqa: ANN401 - a statement
        del for_sqlite
        return select(literal(1).label("one"))

    with app.app_context():
        session = db.session()
        mine = session.scalar(text("SELECT pg_backend_pid()"))
        with db.db.engine.connect() as other:
            other.execute(text("SELECT pg_terminate_backend(:mine)"), {"mine": mine})
        with pytest.raises(DBAPIError):
            one.rows(session, {})
        session.rollback()
        assert one.rows(session, {})[0].one == 1
