"""PostgreSQL dies and comes back, or is slow; Redis is away."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
import requests

from app.jobs import JobState
from bench import schools
from tests.app.intake.files import sheet
from tests.faults.conftest import settings_of
from tests.faults.devices import answer, open_question, pupils_of, watching
from tests.faults.test_work import ENV, select, wait_until
from tests.faulty import Fault, FaultyNetwork
from tests.servers import (
    PostgresServer,
    ServedApp,
    postgres_server,
    redis_program,
    served_app,
    worker_process,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.faults.conftest import Built

PUPILS = 40


@dataclass(frozen=True)
class OnPostgres:
    """A class in a lesson, served from PostgreSQL behind a network that can be made slow."""

    served: ServedApp
    postgres: PostgresServer
    network: FaultyNetwork
    lesson: schools.Class

    def select(self, statement: str) -> list[tuple[Any, ...]]:
        """Return what the database holds now, asked on the short way."""
        name = self.served.settings["DATABASE_URL"].rsplit("/", 1)[1]
        with psycopg.connect(
            host="127.0.0.1", port=self.postgres.port, user="postgres", dbname=name
        ) as connection:
            return connection.execute(statement.encode()).fetchall()


@pytest.fixture(scope="module")
def durable() -> Iterator[PostgresServer]:
    with postgres_server(durable=True) as server:
        yield server


@pytest.fixture
def on_postgres(durable: PostgresServer, tmp_path: Path) -> Iterator[OnPostgres]:
    url, folder = durable.create_database(), tmp_path / "instance"
    (lesson,) = schools.build(settings_of(folder, DATABASE_URL=url), 1, PUPILS, 2)
    with FaultyNetwork(durable.port) as network:
        through = url.replace(f":{durable.port}/", f":{network.port}/")
        with served_app(folder, {**ENV, "DATABASE_URL": through}) as served:
            yield OnPostgres(served, durable, network, lesson)


@pytest.mark.timeout(180)
def test_the_database_is_killed_while_a_class_answers(on_postgres: OnPostgres) -> None:
    """The web server is not started again: it finds the database when it is back, with all that was acknowledged."""
    port, lesson = on_postgres.served.port, on_postgres.lesson
    activity = open_question(port, lesson)
    devices = pupils_of(port, lesson)
    numbers = [device.send("answer", answer(activity, f"killed-{n}")) for n, device in enumerate(devices)]
    assert devices[0].ack(numbers[0])["ok"]
    on_postgres.postgres.program.kill9()
    acks = [device.ack(number) for device, number in zip(devices, numbers, strict=True)]
    assert devices[0].ask("answer", answer(activity, "nobody-stores", made=1))["ok"] is False
    assert requests.get(f"{on_postgres.served.url}/healthz", timeout=5).ok
    assert requests.get(f"{on_postgres.served.url}/readyz", timeout=10).status_code == 503
    on_postgres.postgres.program.start()
    stored = {tap for (tap,) in on_postgres.select("SELECT uuid FROM attempt_change")}
    assert {f"killed-{n}" for n, ack in enumerate(acks) if ack["ok"]} <= stored
    begun = time.monotonic()
    for n, device in enumerate(devices):
        assert device.ask("answer", answer(activity, f"killed-{n}"))["ok"]
    assert time.monotonic() - begun < 10
    assert on_postgres.select("SELECT count(*), count(DISTINCT pupil_id) FROM attempt_change") == [
        (PUPILS, PUPILS)
    ]


def test_the_database_is_slow(on_postgres: OnPostgres) -> None:
    """Each answer of the database comes a tenth of a second late: pupils wait for the disk, nobody else does."""
    port, lesson = on_postgres.served.port, on_postgres.lesson
    activity = open_question(port, lesson)
    devices = pupils_of(port, lesson)
    on_postgres.network.become(Fault.SLOW)
    with watching(on_postgres.served.url) as watch:
        numbers = [
            device.send("answer", answer(activity, f"slow-{n:04}")) for n, device in enumerate(devices)
        ]
        assert all(device.ack(number)["ok"] for device, number in zip(devices, numbers, strict=True))
    assert watch.slowest < 1
    assert on_postgres.select("SELECT count(*), count(DISTINCT pupil_id) FROM attempt_change") == [
        (PUPILS, PUPILS)
    ]


@pytest.mark.timeout(180)
def test_redis_is_away_and_comes_back(built: Built, instance: Path) -> None:
    """Without the queue people sign in, pages come and jobs are noted; they are done when it is back."""
    with redis_program() as (url, program):
        env = {**ENV, "REDIS_URL": url}
        with served_app(instance, env) as served:
            program.kill9()
            page = f"{served.url}/schools/{built.school_id}/imports"
            answered = requests.get(page, headers={"Cookie": built.clerk_cookie}, timeout=10)
            assert answered.status_code == 200
            assert requests.get(f"{served.url}/readyz", timeout=10).status_code == 503
            sent = upload(page, built.clerk_cookie)
            assert sent.status_code == 200, sent.text[:500]
            assert select(instance, "SELECT state FROM job") == [(JobState.QUEUED.value,)]
            program.start()
            with worker_process(instance, env):
                done = lambda: select(instance, "SELECT state FROM job") == [(JobState.DONE.value,)]  # noqa: E731
                wait_until(done, 120, "nobody did the job that was noted while Redis was away")


def upload(page: str, cookie: str) -> requests.Response:
    """Upload a roster as the page's form does; return where that leads."""
    name, _, value = cookie.partition("=")
    row = (1, "9/1", "7500000001", "Nguyễn Thị Hoa", "05/09/2012", "Nữ", "Kinh")
    with requests.Session() as clerk:
        clerk.cookies.set(name, value, domain="127.0.0.1")
        form = clerk.get(page, timeout=10).text
        fields = dict(re.findall(r'name="(csrf_token|client_key)"[^>]*value="([^"]+)"', form))
        data, files = {**fields, "year": "2026-2027"}, {"file": ("danh-sach.xlsx", sheet(row))}
        return clerk.post(page, data=data, files=files, timeout=30)
