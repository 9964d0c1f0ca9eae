"""Transactions: one per command, durable, fresh, and refused when nested."""

from __future__ import annotations

import threading
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, StatementError

from app import clock, db
from app.jobs import Job
from app.school.models import SchoolClass, Subject

if TYPE_CHECKING:
    from flask import Flask

    from tests.world import World


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_sqlite_keeps_what_it_acknowledges(app: Flask) -> None:
    with app.app_context():
        assert db.session().scalar(text("PRAGMA journal_mode")) == "wal"
        assert db.session().scalar(text("PRAGMA synchronous")) == 2
        assert db.session().scalar(text("PRAGMA foreign_keys")) == 1


def test_a_command_inside_a_command_is_refused(app: Flask) -> None:
    with (
        app.app_context(),
        db.transaction(),
        pytest.raises(RuntimeError, match="inside a command"),
        db.transaction(),
    ):
        pass


def test_after_commit_runs_once_and_only_after_success(app: Flask) -> None:
    calls: list[str] = []

    def call() -> None:
        calls.append("x")

    with app.app_context():
        with db.transaction() as session:
            db.after_commit(session, call)
            db.after_commit(session, call)
            assert not calls
        assert calls == ["x"]
        with pytest.raises(ZeroDivisionError), db.transaction() as session:
            db.after_commit(session, call)
            raise ZeroDivisionError
        assert calls == ["x"]


def test_a_failure_after_the_commit_is_no_failure_of_the_command(app: Flask) -> None:
    calls: list[str] = []

    def fail() -> None:
        raise ConnectionError

    with app.app_context():
        with db.transaction() as session:
            session.add(Subject(code="T", name="Toán"))
            db.after_commit(session, fail)
            db.after_commit(session, lambda: calls.append("x"))
        assert calls == ["x"]
        assert db.session().scalars(select(Subject.code)).all() == ["T"]


def test_a_naive_instant_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(StatementError, match="naive"), db.transaction() as session:
        session.add(Job(kind="x", payload="{}", created_at=datetime(2026, 1, 1)))  # noqa: DTZ001 - the point of the test


def test_an_instant_comes_back_aware_and_equal(app: Flask) -> None:
    moment = clock.now()
    with app.app_context():
        with db.transaction() as session:
            session.add(Job(kind="x", payload="{}", created_at=moment))
        db.session().expire_all()
        assert db.session().scalars(select(Job.created_at)).one() == moment


def test_foreign_keys_hold(world: World) -> None:
    with world.app.app_context(), pytest.raises(IntegrityError), db.transaction() as session:
        session.add(
            SchoolClass(
                school_id=99, year_id=world.year_id, name="1A", name_fold="1a", name_sort="1a", grade=1
            )
        )


def test_a_command_sees_what_another_wrote_since_the_page_was_loaded(world: World) -> None:
    """A loader's read must not leave the command with an old picture (SQLite: no SQLITE_BUSY_SNAPSHOT either)."""

    def rename() -> None:
        with world.app.app_context(), db.transaction() as session:
            session.get_one(SchoolClass, world.class_ids["own"]).name = "4/9"

    with world.app.app_context():
        loaded = db.session().get_one(SchoolClass, world.class_ids["own"])
        assert loaded.name == "4/1"
        other = threading.Thread(target=rename)
        other.start()
        other.join()
        with db.transaction():
            assert loaded.name == "4/9"


def test_writers_at_once_all_get_their_turn(app: Flask) -> None:
    def write(number: int) -> None:
        with app.app_context(), db.transaction() as session:
            session.add(Subject(code=str(number), name="x"))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with app.app_context():
        assert len(db.session().scalars(select(Subject.id)).all()) == 12
