"""The morning peak: signed scans of several gates at once, one to a message and many, to the durable answer."""

from __future__ import annotations

import itertools
import json
import statistics
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import requests
from flask_migrate import upgrade

from app import clock, db
from app.access import SYSTEM
from app.school.commands import add_class, add_unit, issue_cards
from app.school.models import ClassMembership, Pupil, PupilCard, School, SchoolYear
from app.school.rules import UnitKind
from app.signing import Message, SigningKey, sign
from app.text import fold, sort_key
from attendance.gates.commands import add_gate
from attendance.gates.rules import SIGNED
from config import Settings
from tests.servers import postgres_server, served_app
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

PATH: Final = "/api/v1/evidence"
GATES: Final = 4
PUPILS: Final = 1_500
BATCHES: Final = (1, 50)
FIRST_DAY: Final = date(2026, 1, 1)


@dataclass(frozen=True, slots=True)
class Measured:
    """Scans a second with GATES gates; milliseconds from sending a message of `batch` scans to its durable answer."""

    database: str
    scans: int
    batch: int
    per_second: float
    p50: float
    p95: float


def measure(scans: int) -> dict[str, Any]:
    """Measure so many scans on SQLite and on PostgreSQL, one to a message and fifty; print and return the figures."""
    found: list[Measured] = []
    with TemporaryDirectory() as folder, postgres_server() as postgres:
        for name, url in (("sqlite", ""), ("postgresql", postgres.create_database())):
            found += _measure_on(name, Path(folder) / name, {"DATABASE_URL": url} if url else {}, scans)
    for one in found:
        print(
            f"{one.database:12} {one.batch:3} scan(s) a message  {one.per_second:7.0f} scans/s with {GATES} gates  "
            f"p50 {one.p50:6.1f} ms  p95 {one.p95:6.1f} ms"
        )
    return {"gates": [asdict(one) for one in found]}


def _measure_on(name: str, folder: Path, env: dict[str, str], scans: int) -> list[Measured]:
    folder.mkdir()
    app = create_app(Settings.from_env({"BANGXANH_ENV": "test", "INSTANCE": str(folder), **env}))
    with app.app_context():
        upgrade()
        with db.transaction() as session:
            school_id, codes = _build(session)
        keys = [add_gate(SYSTEM, school_id, f"Cổng {number}", f"gate-{number}") for number in range(GATES)]
        db.db.session.remove()
        db.db.engine.dispose()
    with served_app(folder, env) as served:
        return [_peak(name, served.url, keys, codes, scans, batch) for batch in BATCHES]


def _peak(
    name: str, url: str, keys: Sequence[SigningKey], codes: Sequence[str], scans: int, batch: int
) -> Measured:
    messages = max(1, scans // (GATES * batch))
    gates = [_Gate(url, key, codes, batch) for key in keys]
    for gate in gates:
        gate.send()  # warm
    begun = time.perf_counter()
    with ThreadPoolExecutor(GATES) as pool:
        times = sorted(
            took
            for many in pool.map(lambda gate: [gate.send() for _ in range(messages)], gates)
            for took in many
        )
    took = time.perf_counter() - begun
    return Measured(
        name,
        messages * batch * GATES,
        batch,
        messages * batch * GATES / took,
        statistics.median(times),
        times[int(len(times) * 0.95)],
    )


class _Gate:
    """One reader at a gate: it signs each message and waits for the answer before the next."""

    def __init__(self, url: str, key: SigningKey, codes: Sequence[str], batch: int) -> None:
        self._url, self._key, self._batch = f"{url}{PATH}", key, batch
        self._http = requests.Session()
        self._codes = itertools.cycle(codes)
        self._numbers = itertools.count()

    def send(self) -> float:
        """Send the next scans; return the milliseconds to the answer. Raises when one of them was not stored."""
        body = json.dumps({"scans": [self._scan() for _ in range(self._batch)]}).encode()
        message = Message("POST", self._url, {"Content-Type": "application/json"})
        sign(SIGNED, message, body, self._key, clock.now())
        begun = time.perf_counter()
        answer = self._http.post(self._url, data=body, headers=message.headers, timeout=30)
        took = (time.perf_counter() - begun) * 1000
        answer.raise_for_status()
        if {one["result"] for one in answer.json()["results"]} != {"stored"}:
            raise RuntimeError(answer.text)
        return took

    def _scan(self) -> dict[str, str]:
        return {
            "id": f"{self._batch}-{next(self._numbers)}",
            "card": next(self._codes),
            "time": clock.now().isoformat(),
        }


def _build(session: Session) -> tuple[int, list[str]]:
    """Fill an empty school; return its id and the codes of its pupils' cards."""
    unit = add_unit(session, UnitKind.SCHOOL, "DO", "Trường đo tốc độ", None, valid_from=FIRST_DAY)
    session.add(School(id=unit.id, levels="2"))
    year = SchoolYear(
        code="2026-2027",
        starts_on=FIRST_DAY,
        second_semester_on=FIRST_DAY + timedelta(days=1),
        ends_on=date(2100, 1, 1),
    )
    session.add(year)
    session.flush()
    row = add_class(session, unit.id, year.id, "6A1", 6)
    pupils = [_pupil(number) for number in range(PUPILS)]
    session.add_all(pupils)
    session.flush()
    session.add_all(ClassMembership(pupil_id=one.id, class_id=row.id, starts_on=FIRST_DAY) for one in pupils)
    issue_cards(session, unit.id, year.id, pupils)
    codes = session.query(PupilCard.code).filter(PupilCard.school_id == unit.id).order_by(PupilCard.id)
    return unit.id, [code for (code,) in codes]


def _pupil(number: int) -> Pupil:
    name = f"Nguyễn Hoàng Phương {chr(65 + number % 26)}{number}"
    return Pupil(
        full_name=name,
        name_sort=sort_key(name),
        name_fold=fold(name),
        birth_date=date(2014, 1, 1),
        sex="F",
        created_at=clock.now(),
    )
