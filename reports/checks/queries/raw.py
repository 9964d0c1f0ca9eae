"""The raw rows, streamed out of the database and into the second computation, table by table.

The large tables are whole numbers only: they come as columns, page by page (`columns`), on two connections. A page of
registers comes with its marks and takings, and is counted while the database prepares the next; none is kept. What else
there is goes through a file of CSV. All tables are read as of one moment: no save comes between a register and its
marks.
"""

# ruff: noqa: S608 - queries are put together of constants, of days and of numbers of schools; COPY takes no parameters

from __future__ import annotations

import csv
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias, TypeVar

from psycopg.pq import ExecStatus
from sqlalchemy import select, text

from app import clock
from app.bulk import is_sqlite
from app.school.models import Timetable, TimetableEntry
from app.school.timetables.rules.weeks import WeekPattern
from attendance.registers.models import TAKING
from attendance.registers.queries.due import numbers_of_weeks, teaching_days
from attendance.registers.rules.states import TAKEN, slot_of
from reports.checks.queries.columns import Column, Table, page_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from sqlalchemy import Connection
    from sqlalchemy.orm import Session

    from reports.checks.rules.second import SecondComputation


CONNECTIONS: Final = 2
DAY_ZERO: Final = "2000-01-01"
"""Days are numbers of days since this one."""
KINDS: Final = ("excused", "unexcused", "pending", "late")
Rows: TypeAlias = "tuple[str, int]"
"""A table, and how many rows of it."""
Job = TypeVar("Job")


@dataclass(frozen=True, slots=True)
class Asked:
    """What is checked: the days [first, after_last) of some schools, or of every one (None)."""

    first: date
    after_last: date
    school_ids: tuple[int, ...] | None = None

    def days(self, column: str) -> str:
        """Return the condition that a day lies in the period."""
        return f"{column} >= '{self.first}' AND {column} < '{self.after_last}'"

    def schools(self, column: str = "school_id") -> str:
        """Return what narrows a query to the schools; nothing for all of them."""
        return "" if self.school_ids is None else f" AND {column} IN ({', '.join(map(str, self.school_ids))})"


def load_raw(session: Session, asked: Asked, second: SecondComputation, folder: Path) -> dict[str, int]:
    """Load the small tables, then count and keep the large ones; return how many rows each has.

    What the cubes say needs nothing else, so it is fetched while the small tables are laid out.
    """
    texts, tables = _queries(asked), large_tables(asked, for_sqlite=is_sqlite(session))

    def small(name: str, connection: Connection) -> Rows:
        return name, _by_file(second, name, folder, lambda path: _write(connection, texts[name], path))

    def counted(ends: tuple[int, int], connection: Connection) -> Rows:
        pages = [page_of(_driver(connection), tables[name], ends) for name in ("register", "mark", "taking")]
        second.count(*pages)
        return "register, mark and taking", sum(len(page["offset"]) for page in pages)

    def kept(key: tuple[str, tuple[int, int]], connection: Connection) -> Rows:
        page = page_of(_driver(connection), tables[key[0]], key[1])
        if "class_offset" in page:
            page["class_id"] = page.pop("class_offset") + key[1][0]
        second.stored(key[0], page)
        return key[0], len(page["day"])

    with (
        _one_look(session, 1 if is_sqlite(session) else CONNECTIONS) as connections,
        _Hands(connections) as hands,
    ):
        ranges = {name: table.ranges(_driver(connections[0])) for name, table in tables.items()}
        done = hands.do(small, texts)
        waited = hands.do(
            kept, [(name, keys) for name in ("pupil", "day", "school") for keys in ranges[name]]
        )
        rows = Counter({"calendar": _load_calendars(session, asked, second, folder)})
        wait(done)
        second.begin(asked.first, asked.after_last)
        for job in (*done, *waited, *hands.do(counted, ranges["register"])):
            name, count = job.result()
            rows[name] += count
        return dict(rows)


def _load_calendars(session: Session, asked: Asked, second: SecondComputation, folder: Path) -> int:
    found = 0
    for name, rows in _calendars(session, asked).items():
        found += _by_file(second, name, folder, partial(_write_rows, rows=rows))
    return found


class _Hands:
    """As many jobs at a time as there are connections; with the only one of SQLite at once, in this thread."""

    def __init__(self, connections: Sequence[Connection]) -> None:
        self._free: SimpleQueue[Connection] = SimpleQueue()
        for connection in connections:
            self._free.put(connection)
        self._threads = ThreadPoolExecutor(len(connections)) if len(connections) > 1 else None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        if self._threads:
            self._threads.shutdown(cancel_futures=True)

    def do(self, work: Callable[[Job, Connection], Rows], jobs: Iterable[Job]) -> list[Future[Rows]]:
        """Begin every job, in order."""
        return [
            self._threads.submit(self._one, work, job) if self._threads else _done(self._one(work, job))
            for job in jobs
        ]

    def _one(self, work: Callable[[Job, Connection], Rows], job: Job) -> Rows:
        connection = self._free.get()
        try:
            return work(job, connection)
        finally:
            self._free.put(connection)


def _done(rows: Rows) -> Future[Rows]:
    future: Future[Rows] = Future()
    future.set_result(rows)
    return future


def _driver(connection: Connection) -> Any:  # noqa: ANN401 - of psycopg, or of SQLite
    return connection.connection.driver_connection


def _by_file(second: SecondComputation, name: str, folder: Path, write: Callable[[Path], None]) -> int:
    path = folder / f"{name}.csv"
    write(path)
    rows = second.load(name, path)
    path.unlink()
    return rows


@contextmanager
def _one_look(session: Session, count: int) -> Iterator[list[Connection]]:
    """Open connections that all see the same state of the database as long as they are open."""
    engine, found = session.get_bind().engine, []
    with ExitStack() as stack:
        snapshot = None
        for _number in range(count):
            connection = stack.enter_context(engine.connect())
            if not is_sqlite(session):
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            stack.enter_context(connection.begin())
            if snapshot:
                connection.execute(text(f"SET TRANSACTION SNAPSHOT '{snapshot}'"))
            elif count > 1:
                snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
            found.append(connection)
        yield found


def _write_rows(path: Path, rows: Iterable[Iterable[object]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def _write(connection: Connection, query: str, path: Path) -> None:
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        _write_rows(path, driver.execute(query))
        return
    # Straight from libpq: psycopg's own cursor takes some ten steps of Python for each row.
    copying = driver.pgconn.exec_(f"COPY ({query}) TO STDOUT (FORMAT csv)".encode())
    if copying.status != ExecStatus.COPY_OUT:
        raise RuntimeError(copying.error_message.decode())
    with path.open("wb", buffering=1 << 20) as raw:
        take, write = driver.pgconn.get_copy_data, raw.write
        size, row = take(0)
        while size > 0:
            write(row)
            size, row = take(0)
    while driver.pgconn.get_result() is not None:
        pass


def large_tables(asked: Asked, *, for_sqlite: bool) -> Mapping[str, Table]:
    """Return the large tables, which hold whole numbers only. Marks and takings are asked for by keys of registers."""
    window = f"slot_kind = 'S' AND {asked.days('day')}{asked.schools()}"
    registers = f"SELECT min(id), max(id) FROM register WHERE {window}"
    classes = f"SELECT min(id), max(id) FROM school_class WHERE 1 = 1{asked.schools()}"
    stored = f">= '{asked.first}'{asked.schools()}"
    some = "" if asked.school_ids is None else f" AND register_id IN (SELECT id FROM register WHERE {window})"
    return {
        "register": Table(
            (Column("class_id", "class_id"), _day("day"), Column("offset", "id - {first}", 16),
             Column("roster_id", "coalesce(roster_version_id, 0)"),
             Column("state", "state::int4", 8, for_sqlite="unicode(state)"), Column("slot", "slot", 8)),
            f"FROM register WHERE {window}", "id", registers, 2,
        ),
        "mark": Table(
            (Column("offset", "register_id - {first}", 16), Column("code_id", "code_id", 15),
             Column("pupil_id", "pupil_id")),
            f"FROM mark WHERE code_id IS NOT NULL{some}", "register_id", registers, 2,
        ),
        "taking": Table(
            (Column("offset", "register_id - {first}", 16), _local_day("at")),
            f"FROM mark_event WHERE {_is_taking(for_sqlite=for_sqlite)}{some}",
            "register_id", registers, 2,
        ),
        "pupil": Table(
            (Column("class_id", "class_id"), Column("pupil_id", "pupil_id"), _day("starts_on"),
             *(Column(name, name, 16, small=True) for name in ("expected", *KINDS))),
            f"FROM cube_pupil_stretch WHERE starts_on {stored}", "class_id", classes, 400,
        ),
        "day": Table(
            (Column("class_offset", "class_id - {first}", 10), _day("day"), *_counts(15, "expected", "excused"),
             *_counts(7, "sessions_due"), *_counts(15, "unexcused", "pending", "late"),
             *_counts(7, "sessions_taken", "lessons_held")),
            f"FROM cube_class_day WHERE day {stored}", "class_id", classes, 200,
        ),
        "school": Table(
            (Column("school_id", "school_id"), _day("day"),
             *_counts(31, "expected", *KINDS, "sessions_due", "sessions_taken", "lessons_held")),
            f"FROM cube_school_day WHERE day {stored}", "school_id",
            f"SELECT min(id), max(id) FROM school WHERE 1 = 1{asked.schools('id')}", 200,
        ),
    }  # fmt: skip


def _counts(bits: int, *names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name, bits, count=True) for name in names)


def _day(column: str) -> Column:
    """Return a date as the column "day", a number of days."""
    for_sqlite = f"CAST(julianday({column}) - julianday('{DAY_ZERO}') AS INTEGER)"
    return Column("day", f"{column} - DATE '{DAY_ZERO}'", 16, for_sqlite=for_sqlite)


def _local_day(column: str) -> Column:
    """Return an instant as the column "day" by the school's clock, which is as far from UTC all year."""
    seconds = int((clock.local(clock.now()).utcoffset() or timedelta()).total_seconds())
    for_sqlite = f"CAST(julianday(date({column}, '+{seconds} seconds')) - julianday('{DAY_ZERO}') AS INTEGER)"
    # With a distance from UTC it costs a sixth of what it does with the name of a zone.
    days = f"({column} AT TIME ZONE INTERVAL '{seconds} seconds')::date - DATE '{DAY_ZERO}'"
    return Column("day", days, 16, for_sqlite=for_sqlite)


def _is_taking(*, for_sqlite: bool) -> str:
    """Return the condition that an event made a register a taken one; PostgreSQL reads no JSON for it, but an index."""
    states = ", ".join(f"'{state}'" for state in sorted(TAKEN))
    return f"kind = 'state' AND json_extract(after, '$.state') IN ({states})" if for_sqlite else TAKING


def _queries(asked: Asked) -> Mapping[str, str]:
    """Return the query of each table of `RAW` that the database holds as it is, columns in that order."""
    lessons = f"l.state = 'ended' AND {asked.days('l.held_on')}{asked.schools('l.school_id')}"
    classes = f"SELECT id FROM school_class WHERE 1 = 1{asked.schools()}"
    stored = f">= '{asked.first}'{asked.schools()}"
    holds = f"starts_on < '{asked.after_last}' AND (ends_on IS NULL OR ends_on > '{asked.first}')"
    return {
        "school_class": f"SELECT id, school_id FROM school_class WHERE 1 = 1{asked.schools()}",
        "semester": "SELECT second_semester_on FROM school_year",
        "roster": f"SELECT id, class_id, members FROM roster_version WHERE class_id IN ({classes} AND year_id IN "
        f"(SELECT id FROM school_year WHERE starts_on < '{asked.after_last}' AND ends_on > '{asked.first}'))",
        "code": "SELECT id, is_present, is_authorised, is_pending, is_late FROM attendance_code",
        "lesson": f"SELECT l.id, l.class_id, l.held_on FROM lesson l WHERE {lessons}",
        "activity": "SELECT a.id, a.lesson_id, a.round, a.opened_at IS NOT NULL FROM activity a "
        f"JOIN lesson l ON l.id = a.lesson_id WHERE {lessons}",
        "seat": f"SELECT s.lesson_id FROM seat s JOIN lesson l ON l.id = s.lesson_id WHERE {lessons}",
        "attempt": f"SELECT a.lesson_id FROM attempt a JOIN lesson l ON l.id = a.lesson_id WHERE {lessons}",
        "attempt_change": "SELECT c.activity_id FROM attempt_change c JOIN activity a ON a.id = c.activity_id "
        f"JOIN lesson l ON l.id = a.lesson_id WHERE {lessons}",
        "weekly": "SELECT DISTINCT t.school_id, e.class_id, e.weekday, e.day_session, t.starts_on, t.ends_on, e.weeks "
        "FROM timetable_entry e JOIN timetable t ON t.id = e.timetable_id "
        f"WHERE t.state <> 'draft' AND {holds}{asked.schools('t.school_id')}",
        "occupied": "SELECT DISTINCT class_id, starts_on, ends_on FROM class_membership "
        f"WHERE {holds} AND class_id IN ({classes})",
        "cube_class": "SELECT class_id, starts_on, sessions_on_time, answers, answers_possible, attempts "
        f"FROM cube_class_stretch WHERE starts_on {stored}",
    }


def _calendars(session: Session, asked: Asked) -> dict[str, list[tuple[object, ...]]]:
    """Return the rows of the calendars: of schools, of their days with the weekday whose timetable holds, of weeks."""
    alternating = set(
        session.scalars(
            select(Timetable.school_id)
            .join(TimetableEntry, TimetableEntry.timetable_id == Timetable.id)
            .where(TimetableEntry.weeks != WeekPattern.EVERY, Timetable.state != "draft")
            .distinct()
        )
    )
    weeks = numbers_of_weeks(session, asked.first, asked.after_last, alternating)
    days = teaching_days(session, asked.first, asked.after_last, asked.school_ids)
    alike = {id(one): one for one in days.values()}
    return {
        "calendar": [
            (school_id, number) for school_id, one in days.items() for number in [list(alike).index(id(one))]
        ],
        "teaching_day": [
            (number, day.day, day.weekday, slot_of(day.only_session) if day.only_session else None)
            for number, one in enumerate(alike.values())
            for day in one
            if day.is_teaching
        ],
        "week": [
            (school_id, monday, number)
            for school_id, numbers in weeks.items()
            for monday, number in numbers.items()
        ],
    }
