"""`kill -9` of the server while eight teachers save registers: nothing that was acknowledged is lost or there twice.

SAVES says how many registers are saved, and KILLS how often: 400 and 8 unless `make faults` or somebody else asks for
more. On PostgreSQL every third kill hits the database instead, which then has to keep what it acknowledged.
"""

from __future__ import annotations

import os
import random
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pytest
import requests
from sqlalchemy import create_engine, func, select

from app import db
from attendance.registers.models import Mark, MarkEvent, Register
from attendance.registers.queries.chain import verify_chains
from bench.registers import TEACHERS, Browser, body_of_save, build_desks
from tests.faults.conftest import settings_of
from tests.servers import Program, postgres_server, served_app
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.registers import Desk
    from tests.servers import PostgresServer, ServedApp

SAVES: Final = int(os.environ.get("SAVES", "400"))
KILLS: Final = int(os.environ.get("KILLS", "8"))
MARKED: Final = 3
EVENTS: Final = MARKED + 1
PATIENCE: Final = 240


@dataclass
class Class:
    """What one teacher sends, and what the server has acknowledged of it."""

    desk: Desk
    bodies: dict[int, dict[str, Any]]
    acknowledged: set[int] = field(default_factory=set)
    unanswered: int = 0

    def ids(self, register_id: int) -> set[str]:
        """Return the ids of the taps of one save and of the save itself."""
        body = self.bodies[register_id]
        return {body["id"], *(operation["id"] for operation in body["operations"])}


@dataclass(frozen=True)
class Database:
    """The environment that names a database which keeps what it acknowledged; its server where it has one."""

    environment: dict[str, str]
    server: PostgresServer | None = None


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    if request.param == "sqlite":
        yield Database({})
        return
    with postgres_server(durable=True) as postgres:
        yield Database({"DATABASE_URL": postgres.create_database()}, postgres)


@pytest.mark.timeout(3600)
def test_the_server_is_killed_again_and_again_while_eight_teachers_save(
    tmp_path: Path, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    app = create_app(settings_of(folder, **database.environment))
    desks = build_desks(app, SAVES // TEACHERS)
    classes = [Class(desk, {one: body_of_save(desk) for one in desk.registers}) for desk in desks]
    url = database.environment.get("DATABASE_URL", f"sqlite:///{folder}/bangxanh.db")
    with served_app(folder, {"BANGXANH_ENV": "development", **database.environment}) as served:
        browsers = [Browser(served.url, desk) for desk in desks]
        with ThreadPoolExecutor(TEACHERS) as pool:
            teachers = [pool.submit(_save_all, *pair) for pair in zip(browsers, classes, strict=True)]
            for number in range(1, KILLS + 1):
                _wait_for(classes, SAVES * number // (KILLS + 2))
                time.sleep(random.random() / 10)  # in the middle of whatever it is doing
                hit = database.server.program if database.server and number % 3 == 0 else served
                _kill_and_look(hit, classes, url)
            for teacher in teachers:
                teacher.result()
    sent_again = sum(one.unanswered for one in classes)
    with capsys.disabled():
        sys.stdout.write(f"\n{SAVES} saves, {KILLS} kills, {sent_again} tries without an answer\n")
    assert sum(len(one.acknowledged) for one in classes) == SAVES // TEACHERS * TEACHERS
    with app.app_context():
        _is_stored_once(classes)
        db.db.session.remove()
        db.db.engine.dispose()


def _save_all(browser: Browser, own: Class) -> None:
    """Save every register; what was not answered is sent again with the same ids, as a device's queue does."""
    for register_id, body in own.bodies.items():
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                answer = browser.send(register_id, body)
                is_told = answer.ok
            except requests.RequestException:
                is_told = False
            if not is_told:
                own.unanswered += 1
                assert time.monotonic() < deadline, "the server did not come back"
                time.sleep(0.1)
                continue
            own.acknowledged.add(register_id)
            break


def _wait_for(classes: list[Class], saves: int) -> None:
    deadline = time.monotonic() + 900
    while sum(len(one.acknowledged) for one in classes) < saves:
        assert time.monotonic() < deadline, "nobody saves any more"
        time.sleep(0.005)


def _kill_and_look(hit: ServedApp | Program, classes: list[Class], url: str) -> None:
    """Kill one of them; whatever was acknowledged by then is in the database that it left behind."""
    hit.kill9()
    promised = {one for own in classes for register in set(own.acknowledged) for one in own.ids(register)}
    if isinstance(hit, Program):
        hit.start()
    engine = create_engine(url)
    with engine.connect() as connection:
        stored = set(connection.scalars(select(MarkEvent.op_id)))
    engine.dispose()
    assert promised <= stored
    if not isinstance(hit, Program):
        hit.start()


def _is_stored_once(classes: list[Class]) -> None:
    """Each tap once, each register submitted in one version, each chain sound."""
    session = db.session()
    promised = {one for own in classes for register in own.bodies for one in own.ids(register)}
    assert Counter(session.scalars(select(MarkEvent.op_id))) == Counter(promised)
    registers = [one for own in classes for one in own.bodies]
    states = session.execute(
        select(Register.state, Register.row_version, func.count()).group_by(
            Register.state, Register.row_version
        )
    ).all()
    assert [tuple(row) for row in states] == [("submitted", 1, len(registers))]
    assert session.scalar(select(func.count()).select_from(Mark)) == MARKED * len(registers)
    assert session.scalar(select(func.count()).select_from(MarkEvent)) == EVENTS * len(registers)
    assert verify_chains(session).broken == ()
