"""What is asked of PostgreSQL besides statements: a dead connection is seen, what is sent together fails as one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError

from app import db
from app.postgres import in_one_journey
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
