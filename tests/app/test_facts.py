"""The outbox: nothing goes out before the commit, nothing is lost after it, nothing has its effect twice."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING, ClassVar

import pytest
from sqlalchemy import func, select

from app import clock, db, facts
from app.facts import Dispatcher, Fact, FactDelivery, FactRow, Subscriber
from app.school.models import Subject
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from sqlalchemy.orm import Session


@dataclass(frozen=True)
class BellRang(Fact):
    fact_name: ClassVar[str] = "BellRang"
    school_id: int
    day: date
    note: str


@dataclass(frozen=True, slots=True)
class Heard:
    day: date
    note: str


def write_down(session: Session, heard: Heard) -> None:
    assert isinstance(heard.day, date)
    session.add(Subject(code=f"{heard.day:%d%m}{heard.note}", name=heard.note))


class CrashError(Exception):
    """What stands for the power going off."""


LISTENER = Subscriber("test.listener", "BellRang", Heard, write_down)


@pytest.fixture(autouse=True)
def _context(app: Flask) -> Iterator[None]:
    with app.app_context(), clock.at(MORNING):
        facts.use_waker(lambda: None)
        yield


def ring(note: str = "x") -> None:
    with db.transaction() as session:
        facts.record(session, BellRang(1, date(2026, 10, 5), note))


def subjects() -> int:
    return db.session().scalar(select(func.count()).select_from(Subject)) or 0


def test_a_fact_reaches_its_subscriber_once_however_often_it_is_drained() -> None:
    dispatcher = Dispatcher([LISTENER])
    ring()
    assert dispatcher.drain() == 1
    assert dispatcher.drain() == 0
    assert subjects() == 1


def test_nothing_is_recorded_when_the_command_fails() -> None:
    woken: list[bool] = []
    facts.use_waker(lambda: woken.append(True))
    with pytest.raises(CrashError), db.transaction() as session:
        facts.record(session, BellRang(1, date(2026, 10, 5), "x"))
        raise CrashError
    assert Dispatcher([LISTENER]).drain() == 0
    assert not woken
    ring()
    assert woken == [True]


def test_a_crash_between_effect_and_delivery_note_leaves_neither() -> None:
    def crash_after(session: Session, heard: Heard) -> None:
        write_down(session, heard)
        session.flush()
        raise CrashError

    ring()
    Dispatcher([Subscriber("test.listener", "BellRang", Heard, crash_after)]).drain()
    assert subjects() == 0
    with clock.at(MORNING + timedelta(minutes=5)):
        assert Dispatcher([LISTENER]).drain() == 1
    assert subjects() == 1


def test_what_a_crash_left_behind_is_handed_on_at_the_next_start() -> None:
    ring("a")
    ring("b")
    assert Dispatcher([LISTENER]).drain() == 2
    assert subjects() == 2


def test_a_failing_subscriber_keeps_nothing_from_the_others_and_is_tried_again() -> None:
    def fail(session: Session, heard: Heard) -> None:
        raise CrashError

    failing = Subscriber("test.failing", "BellRang", Heard, fail)
    ring()
    Dispatcher([failing, LISTENER]).drain()
    assert subjects() == 1
    row = db.session().scalars(select(FactRow)).one()
    assert row.dispatched_at is None
    assert "CrashError" in (row.last_error or "")
    db.session().rollback()
    with clock.at(MORNING + timedelta(minutes=5)):
        Dispatcher([Subscriber("test.failing", "BellRang", Heard, lambda *_: None), LISTENER]).drain()
    assert subjects() == 1
    assert db.session().scalar(select(func.count()).select_from(FactDelivery)) == 2


def test_a_fact_that_always_fails_keeps_nothing_from_those_behind_it() -> None:
    def fail(session: Session, heard: Heard) -> None:
        if heard.note == "poison":
            raise CrashError
        write_down(session, heard)

    ring("poison")
    with db.transaction() as session:
        session.scalars(select(FactRow)).one().attempts = 5000
    ring("good")
    Dispatcher([Subscriber("test.listener", "BellRang", Heard, fail)]).drain()
    assert db.session().scalars(select(Subject.name)).all() == ["good"]
    poison = db.session().scalars(select(FactRow).where(FactRow.dispatched_at.is_(None))).one()
    assert poison.next_try_at - MORNING <= timedelta(minutes=11)


def test_a_fact_nobody_can_read_does_not_stop_the_others() -> None:
    with db.transaction() as session:
        session.add(
            FactRow(name="BellRang", payload="{", recorded_at=MORNING, next_try_at=MORNING, attempts=0)
        )
    ring("good")
    Dispatcher([LISTENER]).drain()
    assert db.session().scalars(select(Subject.name)).all() == ["good"]


def test_a_subscriber_that_wants_what_nobody_publishes_is_refused_at_start() -> None:
    facts.check_wiring([BellRang], [LISTENER])
    with pytest.raises(ValueError, match="nobody publishes"):
        facts.check_wiring([], [LISTENER])

    @dataclass(frozen=True)
    class Wrong:
        pitch: int

    with pytest.raises(ValueError, match="pitch"):
        facts.check_wiring([BellRang], [Subscriber("x", "BellRang", Wrong, lambda *_: None)])
