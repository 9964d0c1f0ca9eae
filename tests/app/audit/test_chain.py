"""The audit log: entries hang together, and every way of touching them is refused or found."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app import db
from app.access import SYSTEM
from app.audit.commands import record
from app.audit.queries import entries_about, verify_chain

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask


@pytest.fixture(autouse=True)
def _entries(app: Flask) -> Iterator[None]:
    with app.app_context():
        for number in range(5):
            with db.transaction() as session:
                record(session, SYSTEM, "thing.done", ("thing", number), {"tên": "Điểu K'Rân", "số": number})
        yield


def test_an_untouched_chain_holds() -> None:
    outcome = verify_chain(db.session())
    assert outcome.is_sound
    assert outcome.entries == 5
    assert [entry.action for entry in entries_about(db.session(), "thing", 3)] == ["thing.done"]


@pytest.mark.parametrize("statement", ["UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"])
def test_the_database_refuses_to_change_an_entry(statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), db.transaction() as session:
        session.execute(text(statement))
    assert verify_chain(db.session()).is_sound


@pytest.mark.parametrize(
    ("statement", "broken_at"),
    [
        ("UPDATE audit_entry SET details = '{}' WHERE sequence = 3", 3),
        ("UPDATE audit_entry SET user_name = 'ai đó' WHERE sequence = 1", 1),
        ("DELETE FROM audit_entry WHERE sequence = 2", 2),
        ("DELETE FROM audit_entry WHERE sequence = 5", 5),
        ("DELETE FROM audit_entry", 1),
    ],
)
def test_whoever_gets_round_the_triggers_is_found(app: Flask, statement: str, broken_at: int) -> None:
    with db.transaction() as session:
        if session.get_bind().dialect.name == "sqlite":
            session.execute(text("DROP TRIGGER audit_entry_no_update"))
            session.execute(text("DROP TRIGGER audit_entry_no_delete"))
        else:
            session.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER ALL"))
        session.execute(text(statement))
    db.session().expire_all()
    assert verify_chain(db.session()).broken_at == broken_at
    assert app.test_cli_runner().invoke(args=["audit", "verify"]).exit_code == 1


def test_the_command_says_that_the_chain_holds(app: Flask) -> None:
    outcome = app.test_cli_runner().invoke(args=["audit", "verify"])
    assert outcome.exit_code == 0
    assert "5" in outcome.output
