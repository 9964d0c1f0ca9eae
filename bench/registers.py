"""Saving a register: 45 pupils, 3 exceptions, one teacher alone and eight at once, with the statements it takes."""

from __future__ import annotations

import json
import re
import secrets
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from http.client import HTTPConnection
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import requests
from flask_migrate import upgrade
from sqlalchemy import event, select

from app import clock, db, facts
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, begin_sign_in, new_user
from app.school.commands import add_class, add_unit
from app.school.models import ClassMembership, Pupil, School, SchoolYear
from app.school.rules import UnitKind
from app.text import fold, sort_key
from attendance.registers.models import AttendanceDay, Register
from attendance.registers.rules.chain import GENESIS
from attendance.rulebook.models import AttendanceRule
from bench.schools import session_cookie
from config import Settings
from tests.servers import postgres_server, served_app
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

TEACHERS: Final = 8
CLASS_SIZE: Final = 45
WARM_UP: Final = 5
LETTERS: Final = ("P", "K", "T")
FIRST_DAY: Final = date(2025, 1, 1)
OPEN_DAYS: Final = 300
"""So many days back a register is still open: a school's window is 366 days at most."""


@dataclass(frozen=True, slots=True)
class Desk:
    """A teacher who is signed in, with registers of the own class that nobody has taken."""

    cookie: str
    registers: tuple[int, ...]
    pupils: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Measured:
    """Milliseconds from sending to the durable answer, registers a second with eight teachers, statements of a save.

    `processor`: milliseconds of the server's processor for a save, while eight teachers save: what a busy machine does
    not change.
    """

    database: str
    processes: int
    saves: int
    p50: float
    p95: float
    per_second: float
    processor: float
    statements: int


def measure(saves: int) -> dict[str, Any]:
    """Measure so many saves on SQLite and on PostgreSQL; print and return the figures."""
    found = []
    with TemporaryDirectory() as folder, postgres_server(durable=True) as postgres:
        for name, processes in (("sqlite", 1), ("postgresql", 1), ("postgresql", 2)):
            env = {"DATABASE_URL": postgres.create_database()} if name == "postgresql" else {}
            one = _measure_on(name, Path(folder) / f"{name}-{processes}", env, saves, processes)
            found.append(one)
            print(
                f"{one.database:12}{one.processes} process(es)  p50 {one.p50:6.1f} ms  p95 {one.p95:6.1f} ms  "
                f"{one.per_second:6.0f} registers/s with {TEACHERS} teachers  "
                f"{one.processor:5.1f} ms of processor and {one.statements} statements a save"
            )
    return {"registers": [asdict(one) for one in found]}


def _measure_on(  # noqa: PLR0917, RUF100 - what is measured is what these say
    name: str, folder: Path, env: dict[str, str], saves: int, processes: int
) -> Measured:
    folder.mkdir()
    settings = Settings.from_env({"BANGXANH_ENV": "test", "INSTANCE": str(folder), **env})
    app = create_app(settings)
    desks = build_desks(app, 2 * saves + WARM_UP + 2)
    with app.app_context():
        statements = _statements_of_a_save(app, desks[0])
        db.db.session.remove()
        db.db.engine.dispose()
    with ExitStack() as stack:
        servers = [stack.enter_context(served_app(folder, env)) for _number in range(processes)]
        alone = [
            Browser(servers[number % processes].url, desk) for number, desk in enumerate(desks)
        ]  # as nginx would spread them
        list(islice(alone[0].saves(), WARM_UP))
        times = sorted(islice(alone[0].saves(), saves))
        begun, worked = time.perf_counter(), sum(one.processor_seconds() for one in servers)
        with ThreadPoolExecutor(TEACHERS) as pool:
            list(pool.map(lambda client: list(islice(client.saves(), saves)), alone))
        took = time.perf_counter() - begun
        processor = sum(one.processor_seconds() for one in servers) - worked
    return Measured(
        name,
        processes,
        saves,
        statistics.median(times),
        times[int(len(times) * 0.95)],
        TEACHERS * saves / took,
        processor * 1000 / (TEACHERS * saves),
        statements,
    )


class Browser:
    """One teacher's browser: saves one register after another over HTTP."""

    def __init__(self, url: str, desk: Desk) -> None:
        self._url, self._desk = url, desk
        self._http = requests.Session()
        self._http.headers["Cookie"] = desk.cookie
        page = self._http.get(f"{url}/registers/{desk.registers[0]}", timeout=30)
        page.raise_for_status()
        name = desk.cookie.split("=", 1)[0]
        if name in page.cookies:  # the form token lives in it
            self._http.headers["Cookie"] = f"{name}={page.cookies[name]}"
        token = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        self._http.headers["X-CSRFToken"] = token[1] if token else ""
        self._left = iter(desk.registers[1:])
        self._line = HTTPConnection(url.removeprefix("http://"), timeout=30)

    def saves(self) -> Iterator[float]:
        """Save the next registers; yield the milliseconds that each took.

        On a bare connection: teachers' phones do not run on the server's machine, and `requests` takes 2 ms of it.
        """
        headers = {name: str(self._http.headers[name]) for name in ("Cookie", "X-CSRFToken")}
        headers["Content-Type"] = "application/json"
        for register_id in self._left:
            body = json.dumps(body_of_save(self._desk))
            begun = time.perf_counter()
            self._line.request("POST", f"/registers/{register_id}/save", body, headers)
            answer = self._line.getresponse()
            told = answer.read()
            took = (time.perf_counter() - begun) * 1000
            if answer.status != requests.codes.ok:
                raise RuntimeError(told.decode())
            yield took

    def send(self, register_id: int, body: dict[str, object]) -> requests.Response:
        """Send a save; raise requests.ConnectionError when nobody answers."""
        return self._http.post(f"{self._url}/registers/{register_id}/save", json=body, timeout=30)


def body_of_save(desk: Desk) -> dict[str, Any]:
    """Return the final save of a class with three exceptions, with ids of its own."""
    marked = zip(desk.pupils[:: CLASS_SIZE // len(LETTERS)], LETTERS, strict=False)
    operations = [
        {"id": secrets.token_hex(8), "pupil": pupil, "letter": letter, "base": 0} for pupil, letter in marked
    ]
    save = {"id": secrets.token_hex(8), "device": "device-of-bench", "base": 0, "submit": "final"}
    return save | {"operations": operations}


def _statements_of_a_save(app: Flask, desk: Desk) -> int:
    """Return how many SQL statements a save sends, signing in and out of transactions left out."""
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    facts.use_waker(lambda: None)  # what follows a save is done after the answer
    name, value = desk.cookie.split("=", 1)
    client.set_cookie(name, value)
    counts = [_counted_save(client, register_id, body_of_save(desk)) for register_id in desk.registers[-2:]]
    return counts[-1]  # the first one found caches cold


def _counted_save(client: FlaskClient, register_id: int, body: dict[str, object]) -> int:
    with _counting() as seen:
        answer = client.post(f"/registers/{register_id}/save", json=body)
    if answer.status_code != requests.codes.ok:
        raise RuntimeError(answer.text)
    return len(seen)


@contextmanager
def _counting() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(*arguments: Any) -> None:  # noqa: ANN401 - as SQLAlchemy calls its listeners
        if not str(arguments[2]).startswith(("BEGIN", "COMMIT", "ROLLBACK")):
            seen.append(str(arguments[2]))

    event.listen(db.db.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(db.db.engine, "before_cursor_execute", note)


# --- the school ---------------------------------------------------------------------------------------------------


def build_desks(app: Flask, registers: int) -> list[Desk]:
    """Migrate an empty database and fill it with a school of eight classes, so many open registers each."""
    with app.app_context():
        upgrade()
        with db.transaction() as session:
            classes = _build(session, registers)
        desks = [_signed_in(app, one) for one in classes]
        db.db.session.remove()
        db.db.engine.dispose()
    return desks


def _signed_in(app: Flask, made: tuple[int, tuple[int, ...], tuple[int, ...]]) -> Desk:
    user_id, registers, pupils = made
    return Desk(session_cookie(app, begin_sign_in(user_id, "measurement")), registers, pupils)


def _build(session: Session, registers: int) -> list[tuple[int, tuple[int, ...], tuple[int, ...]]]:
    """Fill an empty school; return each class's teacher, registers that nobody has taken, and pupils."""
    unit = add_unit(session, UnitKind.SCHOOL, "DO", "Trường đo tốc độ", None, valid_from=FIRST_DAY)
    session.add(School(id=unit.id, levels="2"))
    year = SchoolYear(
        code="2026-2027", starts_on=FIRST_DAY, second_semester_on=FIRST_DAY, ends_on=date(2100, 1, 1)
    )
    session.add(year)
    session.add(
        AttendanceRule(school_id=unit.id, teacher_days=366, office_days=366, suggestion_order="excuse")
    )
    session.flush()
    days = [clock.today() - timedelta(days=number) for number in range(min(registers, OPEN_DAYS))]
    session.add_all(
        AttendanceDay(school_id=unit.id, day=day, last_sequence=0, last_hash=GENESIS, materialised_at=None)
        for day in days
    )
    slots = [(days[number % OPEN_DAYS], 1 + number // OPEN_DAYS) for number in range(registers)]
    return [_class(session, unit.id, year.id, number, slots) for number in range(TEACHERS)]


def _class(
    session: Session, school_id: int, year_id: int, number: int, slots: list[tuple[date, int]]
) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
    row = add_class(session, school_id, year_id, f"6A{number}", 6)
    pupils = [_pupil(place) for place in range(CLASS_SIZE)]
    session.add_all(pupils)
    session.flush()
    session.add_all(
        ClassMembership(pupil_id=pupil.id, class_id=row.id, starts_on=FIRST_DAY) for pupil in pupils
    )
    session.add_all(
        Register(
            school_id=school_id,
            class_id=row.id,
            day=day,
            slot_kind="S",
            slot=slot,
            programme_session=1,
            state="due",
        )
        for day, slot in slots
    )
    user = new_user(f"gv{number}", f"Giáo viên {number}", "x")
    session.add(user)
    session.flush()
    add_grant(
        session, SYSTEM, user.id, NewGrant(Role.HOMEROOM_TEACHER, school_id, FIRST_DAY, class_id=row.id)
    )
    found = session.scalars(select(Register.id).where(Register.class_id == row.id).order_by(Register.id))
    return user.id, tuple(found), tuple(pupil.id for pupil in pupils)


def _pupil(place: int) -> Pupil:
    name = f"Nguyễn Hoàng Phương {chr(65 + place % 26)}{place}"
    return Pupil(
        full_name=name,
        name_sort=sort_key(name),
        name_fold=fold(name),
        birth_date=date(2014, 1, 1),
        sex="F",
        created_at=clock.now(),
    )
