"""The writer: its own connection, callers that hold none, and groups that are written once."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

import gevent
import pytest
from sqlalchemy import select, text
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.errors import InvalidError, NotFoundError
from app.facts import FactRow
from app.i18n import say
from app.lines import Line
from app.turns import SLICE
from app.writer import GroupWriter, write

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from flask import Flask
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.orm import Session


@pytest.fixture
def writer(app: Flask) -> Iterator[GroupWriter]:
    """The writer of a serving process, and a table to write to."""
    with app.app_context(), db.transaction() as session:
        session.execute(text("CREATE TABLE written (n INTEGER NOT NULL, place INTEGER UNIQUE)"))
    found = GroupWriter(app)
    yield found
    found.stop()


def _insert(n: int) -> Callable[[Session], int]:
    def work(session: Session) -> int:
        session.execute(text("INSERT INTO written (n) VALUES (:n)"), {"n": n})
        return n

    return work


def _written(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session().scalars(text("SELECT n FROM written ORDER BY n")))


def _spawn(
    app: Flask, work: Callable[[Session], object], *, after_reading: bool = False
) -> gevent.Greenlet[..., object]:
    def call() -> object:
        with app.app_context():
            if after_reading:
                db.session().execute(text("SELECT 1"))
                gevent.sleep(0)
            try:
                return write(work)
            except Exception as error:  # noqa: BLE001 - the outcome is what the test looks at
                return error

    return gevent.spawn(call)


@contextmanager
def _gathering(app: Flask) -> Iterator[None]:
    """Keep the writer busy, so that what is asked for meanwhile becomes one group."""
    gate = threading.Event()
    first = _spawn(app, lambda _: gate.wait(10))
    gevent.sleep(0.05)
    yield
    gevent.sleep(0.05)
    gate.set()
    assert first.get(timeout=10) is True


def _outcomes(calls: Sequence[gevent.Greenlet[..., object]]) -> list[object]:
    return [call.get(timeout=60) for call in calls]


def test_callers_that_have_read_cannot_take_the_writers_connection(app: Flask, writer: GroupWriter) -> None:
    with app.app_context():
        is_sqlite = db.db.engine.dialect.name == "sqlite"
    everything_the_pool_has = 15 if is_sqlite else 30
    calls = [_spawn(app, _insert(n), after_reading=True) for n in range(everything_the_pool_has)]
    assert _outcomes(calls) == list(range(everything_the_pool_has))
    assert _written(app) == list(range(everything_the_pool_has))


def test_a_waiting_caller_holds_no_connection(app: Flask, writer: GroupWriter) -> None:
    with _gathering(app):
        call = _spawn(app, _insert(1), after_reading=True)
        gevent.sleep(0.05)
        with app.app_context():
            assert db.db.engine.pool.checkedout() == 0  # type: ignore[attr-defined] # a QueuePool
    assert _outcomes([call]) == [1]


def test_the_writers_connection_is_as_durable_as_the_others(app: Flask, writer: GroupWriter) -> None:
    with app.app_context():
        if db.db.engine.dialect.name != "sqlite":
            return

    def pragmas(session: Session) -> list[object]:
        names = ("journal_mode", "synchronous", "foreign_keys")
        return [session.execute(text(f"PRAGMA {name}")).scalar() for name in names]

    assert _outcomes([_spawn(app, pragmas)]) == [["wal", 2, 1]]


def test_one_write_that_breaks_the_group_breaks_only_itself(app: Flask, writer: GroupWriter) -> None:
    def broken(session: Session) -> None:
        session.execute(text("INSERT INTO written (n) VALUES (NULL)"))

    with _gathering(app):
        calls = [_spawn(app, work) for work in (_insert(1), broken, _insert(2))]
    first, failed, second = _outcomes(calls)
    assert (first, second) == (1, 2)
    assert isinstance(failed, IntegrityError)
    assert _written(app) == [1, 2]


def test_a_refusal_leaves_the_rest_of_the_group_alone(app: Flask, writer: GroupWriter) -> None:
    def refused(session: Session) -> None:
        _insert(7)(session)
        raise NotFoundError

    with _gathering(app):
        calls = [_spawn(app, work) for work in (_insert(1), refused, _insert(2))]
    first, failed, second = _outcomes(calls)
    assert (first, second) == (1, 2)
    assert isinstance(failed, NotFoundError)
    assert _written(app) == [1, 2]


def test_what_fails_after_the_commit_does_not_write_the_group_again(
    app: Flask, writer: GroupWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks: list[str] = []

    def marked(session: Session) -> int:
        marks.append("break after the commit")
        return _insert(0)(session)

    commit: Callable[[DefaultDialect, DBAPIConnection], None] = DefaultDialect.do_commit

    def commit_and_fail(self: DefaultDialect, connection: DBAPIConnection) -> None:
        commit(self, connection)
        if marks:
            raise OSError(marks.pop())

    monkeypatch.setattr(DefaultDialect, "do_commit", commit_and_fail)
    with _gathering(app):
        calls = [_spawn(app, work) for work in (marked, _insert(1), _insert(2))]
    outcomes = _outcomes(calls)
    assert all(isinstance(outcome, OSError) for outcome in outcomes)
    assert _written(app) == [0, 1, 2]


def test_the_mapper_may_be_used_in_a_group(app: Flask, writer: GroupWriter) -> None:
    """The writer's session begins nothing by itself: what it holds must still be flushed, committed and undone."""

    def add(key: int, *, ends_badly: bool) -> Callable[[Session], int]:
        def work(session: Session) -> int:
            session.add(
                FactRow(name=f"fact {key}", payload="{}", recorded_at=clock.now(), next_try_at=clock.now())
            )
            session.flush()
            assert session.scalar(select(FactRow.name).where(FactRow.name == f"fact {key}"))
            if ends_badly:
                raise InvalidError(say("Không được."))
            return key

        return work

    with _gathering(app):
        calls = [_spawn(app, add(key, ends_badly=key == 2)) for key in (1, 2, 3)]
    first, second, third = _outcomes(calls)
    assert (first, third) == (1, 3)
    assert isinstance(second, InvalidError)
    assert _outcomes([_spawn(app, add(4, ends_badly=False)), _spawn(app, _insert(5))]) == [4, 5]
    with app.app_context():
        names = db.session().scalars(select(FactRow.name).order_by(FactRow.name)).all()
    assert names == ["fact 1", "fact 3", "fact 4"]
    assert _written(app) == [5]


def test_what_a_line_held_is_read_afresh_in_its_next_transaction(app: Flask) -> None:
    """A group that is written one by one has a session for all of them; others write in between."""
    with app.app_context():
        line = Line(db.db.engine.execution_options(bangxanh_write=True))
        with line.transaction() as session:
            fact = FactRow(name="old", payload="{}", recorded_at=clock.now(), next_try_at=clock.now())
            session.add(fact)
        with db.transaction() as other:
            other.execute(text("UPDATE fact SET name = 'new'"))
        with line.transaction() as session:
            assert session.get_one(FactRow, fact.id).name == "new"
        line.close()


def test_what_rolls_its_groups_transaction_back_is_never_told_as_written(
    app: Flask, writer: GroupWriter
) -> None:
    def give_up(session: Session) -> None:
        session.add(FactRow(name="x", payload="{}", recorded_at=clock.now(), next_try_at=clock.now()))
        session.flush()
        session.rollback()

    (outcome,) = _outcomes([_spawn(app, give_up)])
    assert isinstance(outcome, RuntimeError)
    assert _outcomes([_spawn(app, _insert(1))]) == [1]
    assert _written(app) == [1]


def test_a_failing_call_after_the_commit_is_nobodys_error(app: Flask, writer: GroupWriter) -> None:
    def ring() -> None:
        message = "nobody answers the bell"
        raise OSError(message)

    def with_bell(session: Session) -> int:
        db.after_commit(session, ring)
        return _insert(1)(session)

    with _gathering(app):
        calls = [_spawn(app, work) for work in (with_bell, _insert(2))]
    assert _outcomes(calls) == [1, 2]
    assert _written(app) == [1, 2]


def test_a_write_inside_a_transaction_is_refused(app: Flask, writer: GroupWriter) -> None:
    def call() -> None:
        with app.app_context(), db.transaction() as session:
            _insert(1)(session)
            write(_insert(2))

    with pytest.raises(RuntimeError, match="inside a transaction"):
        gevent.spawn(call).get(timeout=10)
    assert _written(app) == []


def test_many_callers_do_not_keep_the_loop_when_they_wake(app: Flask, writer: GroupWriter) -> None:
    del writer
    woken, seen = list[int](), set[int]()

    def call(number: int) -> None:
        with app.app_context():
            write(_insert(number))
        ends = time.perf_counter() + SLICE / 2
        while time.perf_counter() < ends:
            pass
        woken.append(number)

    def look() -> None:
        while len(woken) < len(calls):
            gevent.sleep(0.0001)
            seen.add(len(woken))

    with _gathering(app):
        calls: list[gevent.Greenlet[..., None]] = [gevent.spawn(call, number) for number in range(30)]
    looking = gevent.spawn(look)
    gevent.joinall([*calls, looking], timeout=10)
    assert sorted(woken) == list(range(30))
    assert len(seen) > 5, "whoever only passes by need not wait for all of them"
