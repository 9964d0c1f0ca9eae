"""What is asked of PostgreSQL besides statements: a dead connection is seen, what is sent together fails as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import db
from app.postgres import _REPACKING, in_one_journey, repack
from app.school.models import Subject

if TYPE_CHECKING:
    from flask import Flask

INSERT = text("INSERT INTO subject (code, name) VALUES (:code, :name)")
POSTGRES = pytest.mark.parametrize("settings", ["postgresql"], indirect=True)


@POSTGRES
def test_a_connection_whose_server_has_gone_is_not_used(app: Flask) -> None:
    with app.app_context():
        pid = db.session().scalar(text("SELECT pg_backend_pid()"))
        db.session().rollback()
        url = db.db.engine.url
        with psycopg.connect(
            host=url.host, port=url.port, user=url.username, dbname=url.database, autocommit=True
        ) as other:
            other.execute("SELECT pg_terminate_backend(%s, 60000)", [pid])
        assert db.session().scalar(text("SELECT 1")) == 1
        assert db.session().scalar(text("SELECT pg_backend_pid()")) != pid


def test_what_is_sent_together_fails_as_one(app: Flask) -> None:
    rows = [
        {"code": "toan", "name": "Toán"},
        {"code": "van", "name": "Văn"},
        {"code": "toan", "name": "Toán"},
    ]
    with app.app_context():
        with pytest.raises(IntegrityError), db.transaction() as session:
            connection = db.connection_of(session)
            with in_one_journey(connection):
                for row in rows:
                    connection.execute(INSERT, row)
        assert db.session().scalars(select(Subject.code).where(Subject.code == "van")).all() == []
        with db.transaction() as session:
            connection = db.connection_of(session)
            with in_one_journey(connection):
                for row in rows[:2]:
                    connection.execute(INSERT, row)
        assert db.session().scalars(select(Subject.code).where(Subject.code == "van")).all() == ["van"]


def filled_in_the_middle(app: Flask) -> None:
    """Make a table whose index got its rows in no order, and what an attempt that was ended leaves behind."""
    with app.app_context(), db.db.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("CREATE TABLE loose (number integer)"))
        connection.execute(text("CREATE UNIQUE INDEX ix_loose ON loose (number)"))
        connection.execute(
            text("INSERT INTO loose SELECT (n * 7919) % 100003 FROM generate_series(1, 100000) n")
        )
        connection.execute(text("CREATE INDEX ix_loose_ccnew ON loose (number)"))
        connection.execute(
            text("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'ix_loose_ccnew'::regclass")
        )


@POSTGRES
def test_a_loose_index_is_packed_and_nothing_is_left_behind(app: Flask) -> None:
    filled_in_the_middle(app)
    with app.app_context():
        saved = repack(db.db.engine, ["ix_loose"])
        assert saved is not None
        assert saved > 100_000
        assert repack(db.db.engine, ["ix_loose"]) == 0
        names = text("SELECT relname FROM pg_class WHERE relname LIKE 'ix_loose%'")
        assert db.session().scalars(names).all() == ["ix_loose"]


@POSTGRES
def test_two_workers_do_not_pack_at_once(app: Flask) -> None:
    with app.app_context(), db.db.engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:key)"), {"key": _REPACKING})
        assert repack(db.db.engine, ["uq_register_class_id_place"]) is None
