"""Faults of what goes on behind the pages: the worker dies in the middle of an import, the hub is away."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any

import pytest

from app import clock, db
from app.access import SYSTEM, Actor
from app.intake.commands.imports import Upload, confirm_import, stage_import
from app.intake.rules.dating import Choice, Leaving
from app.intake.rules.states import ImportState
from app.jobs import JobState
from reports.exchange.commands import queue_slice
from reports.exchange.rules import Failure, SliceState
from reports.hub.commands import add_sender_key
from reports.releases.rules import SCHEMA
from reports.signatures.commands import signing_key
from tests.app.intake.files import sheet
from tests.faults.conftest import settings_of
from tests.installation import migrate
from tests.servers import free_port, served_app, worker_process
from wsgi import create_app

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from config import Settings
    from tests.faults.conftest import Built

PUPILS = 2_000
RESCUED_WITHIN = 90
ENV = {"BANGXANH_ENV": "development"}


def select(instance: Path, statement: str) -> list[tuple[Any, ...]]:
    """Return what the database of an installation holds now."""
    with closing(sqlite3.connect(instance / "bangxanh.db", timeout=15)) as connection:
        return connection.execute(statement).fetchall()


def wait_until(is_so: Callable[[], bool], within: float, what: str) -> None:
    """Wait; the test fails when it takes longer."""
    deadline = time.monotonic() + within
    while not is_so():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


@contextmanager
def inside(settings: Settings) -> Iterator[None]:
    """Act as a request of this installation would."""
    with create_app(settings).app_context():
        yield
        db.db.session.remove()
        db.db.engine.dispose()


def roster() -> bytes:
    """Return a workbook with many pupils in classes of forty."""
    rows = [
        (n, f"9/{n // 40 + 1}", f"75{n:08}", f"Nguyễn Thị Hoa {n}", "05/09/2012", "Nữ", "Kinh")
        for n in range(1, PUPILS + 1)
    ]
    return sheet(*rows)


def upload(instance: Path, school_id: int) -> int:
    """Upload the roster; return the import's id."""
    with inside(settings_of(instance)):
        sent = Upload("danh-sach.xlsx", roster())
        return stage_import(Actor(0, "Văn thư"), school_id, "2026-2027", sent, "key-12345678")


def confirm(instance: Path, import_id: int) -> None:
    """Have the previewed roster written."""
    with inside(settings_of(instance)):
        choice = Choice(ends_missing=False, leaving=Leaving.TRANSFERRED)
        confirm_import(Actor(0, "Văn thư"), import_id, choice, many_confirmed=False)


def is_import(instance: Path, state: ImportState) -> Callable[[], bool]:
    """Return the question whether the only import is in a state."""
    return lambda: select(instance, "SELECT state FROM roster_import") == [(state.value,)]


def kill9_in_the_middle(instance: Path, worker: subprocess.Popen[bytes]) -> None:
    """Kill the worker as soon as it has begun a job."""
    running = f"SELECT 1 FROM job WHERE state = '{JobState.RUNNING.value}'"  # noqa: S608 - a constant
    wait_until(lambda: bool(select(instance, running)), 30, "no job was begun")
    worker.kill()
    worker.wait(10)


@pytest.mark.timeout(240)
def test_the_worker_is_killed_in_the_middle_of_an_import(built: Built, instance: Path) -> None:
    with worker_process(instance, ENV) as worker:
        import_id = upload(instance, built.school_id)
        wait_until(is_import(instance, ImportState.PREVIEWED), 60, "there is no preview")
        before = select(instance, "SELECT count(*) FROM pupil")[0][0]
        confirm(instance, import_id)
        kill9_in_the_middle(instance, worker)
    assert is_import(instance, ImportState.APPLYING)()
    assert select(instance, "SELECT count(*) FROM pupil") == [(before,)]
    with worker_process(instance, ENV):
        wait_until(
            is_import(instance, ImportState.APPLIED), RESCUED_WITHIN, "nobody took the import up again"
        )
    assert select(instance, "SELECT count(*) FROM pupil") == [(before + PUPILS,)]
    assert select(instance, "SELECT count(*) FROM roster_import") == [(1,)]


def test_the_hub_is_away_and_comes_back(built: Built, instance: Path, tmp_path: Path) -> None:
    hub, port = tmp_path / "hub", free_port()
    hub_env = {**ENV, "BANGXANH_ROLE": "hub"}
    link = {"BANGXANH_HUB_URL": f"http://127.0.0.1:{port}", "BANGXANH_SENDER_CODE": "school-1"}
    migrate(settings_of(hub, BANGXANH_ROLE="hub"))
    with inside(settings_of(hub, BANGXANH_ROLE="hub")):
        add_sender_key(SYSTEM, "school-1", signing_key(instance).public_pem)
    with inside(settings_of(instance)), db.transaction() as session:
        rows = [{"key": "", "name": "Trường đo tốc độ", "status": "withheld"}]
        content = {"schema": SCHEMA, "period": "2026-10", "data_as_of": "2026-11-02", "rows": rows}
        queue_slice(session, built.school_id, ("attendance_month", "DO", "2026-10"), content, {}, clock.now())
    waits = "SELECT state, last_error FROM outgoing_slice"
    with worker_process(instance, {**ENV, **link}):
        tried = [(SliceState.QUEUED.value, Failure.NO_ANSWER.value)]
        wait_until(lambda: select(instance, waits) == tried, 30, "nothing was sent")
        with served_app(hub, hub_env, port):
            arrived = [(SliceState.RECEIVED.value,)]
            is_there = lambda: select(instance, "SELECT state FROM outgoing_slice") == arrived  # noqa: E731
            wait_until(is_there, 60, "nothing arrived")
    assert select(hub, "SELECT count(*) FROM hub_slice") == [(1,)]
