"""How much room a year of registers takes, and two questions of a whole province: on the database of DATABASE_URL.

Which registers are not taken today, by school; the attendance rate of last month, by school. The day is the last one of
which there are registers, so that an old demonstration answers as on its own last day.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, text

from app import db
from app.school.models import School
from app.school.rules import DaySession
from attendance.registers.models import CalledOff, Mark, Register
from attendance.registers.queries.totals import missing_by_school
from config import Settings
from reports.cubes.queries import counts_of_schools, sums_of_schools
from reports.cubes.rules import Month
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy.orm import Session

TABLES: Final = (Register, Mark, CalledOff)
GOAL_MB: Final = 600
GOAL_MS: Final = 60.0
MEGABYTE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Room:
    """A table or an index: its rows as far as they are counted, and its megabytes (2**20 bytes)."""

    name: str
    rows: int
    megabytes: float


@dataclass(frozen=True, slots=True)
class Answered:
    """A question: milliseconds until its answer is in this process, at the median and at the best."""

    question: str
    schools: int
    median: float
    fastest: float


def measure(runs: int) -> dict[str, Any]:
    """Ask each question so often; print and return what was found."""
    app = create_app(Settings.from_env())
    with app.app_context():
        session = db.session()
        rooms = list(_rooms(session)) if session.get_bind().dialect.name == "postgresql" else []
        answers = [_asked(session, name, ask, runs) for name, ask in _questions(session)]
        db.db.session.remove()
        db.db.engine.dispose()
    _print(rooms, answers)
    return {"tables": [asdict(one) for one in rooms], "questions": [asdict(one) for one in answers]}


def _rooms(session: Session) -> Iterator[Room]:
    for table in TABLES:
        name = table.__tablename__
        rows = session.scalar(select(func.count()).select_from(table)) or 0
        yield Room(name, rows, _size(session, name))
        indexes = select(text("indexname")).select_from(text("pg_indexes")).where(text("tablename = :name"))
        for index in session.scalars(indexes, {"name": name}):
            yield Room(f"  {index}", rows, _size(session, index))


def _size(session: Session, name: str) -> float:
    size = session.scalar(text("SELECT pg_relation_size(CAST(:name AS regclass))"), {"name": name})
    return round(float(size) / MEGABYTE, 1)


def _questions(session: Session) -> Iterator[tuple[str, Callable[[], dict[int, Any]]]]:
    schools = list(session.scalars(select(School.id)))
    today = session.scalars(select(func.max(Register.day))).one()
    month = Month.of(today).previous
    yield (
        "registers not taken today, by school",
        lambda: missing_by_school(session, today, DaySession.EVENING, schools),
    )
    yield "rate of last month, by school", lambda: sums_of_schools(session, schools, month)
    yield "  with pupils and classes, as the page", lambda: counts_of_schools(session, schools, month, today)


def _asked(session: Session, question: str, ask: Callable[[], dict[int, Any]], runs: int) -> Answered:
    times, found = [], {}
    for _number in range(runs + 1):
        begun = time.perf_counter()
        found = ask()
        times.append((time.perf_counter() - begun) * 1000)
        session.rollback()
    measured = times[1:]  # the first finds caches cold
    return Answered(question, len(found), round(statistics.median(measured), 1), round(min(measured), 1))


def _print(rooms: list[Room], answers: list[Answered]) -> None:
    for one in rooms:
        print(f"{one.name:45}{one.rows:>12,}{one.megabytes:>9.1f} MB")
    if rooms:
        print(f"{'in all':57}{sum(one.megabytes for one in rooms):>9.1f} MB of {GOAL_MB}\n")
    for answer in answers:
        print(
            f"{answer.question:45}{answer.schools:>6} schools  median {answer.median:6.1f} ms, "
            f"fastest {answer.fastest:6.1f} ms, goal {GOAL_MS:.0f}"
        )
