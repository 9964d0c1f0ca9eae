"""The servers of the test suite, tested: they start, are stopped, and are not left behind."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psycopg
import pytest
import redis
from sqlalchemy import create_engine, text

from tests import servers

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.postgres


def test_each_test_gets_an_empty_database_with_vietnamese_text(postgres_url: str) -> None:
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE pupil (name text NOT NULL)"))
        connection.execute(text("INSERT INTO pupil VALUES ('Nguyễn Thị Đào')"))
        assert connection.execute(text("SELECT name FROM pupil")).scalar_one() == "Nguyễn Thị Đào"
    engine.dispose()


def test_a_database_can_be_copied_from_a_template(postgres: servers.PostgresServer) -> None:
    template = postgres.create_database()
    with psycopg.connect(template.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute("CREATE TABLE lesson (id int)")
    copy = postgres.create_database(template.rsplit("/", 1)[1])
    with psycopg.connect(copy.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM lesson").fetchone() == (0,)
    postgres.drop_database(copy)
    postgres.drop_database(template)


def test_redis_answers_and_is_empty(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0
        client.set("left", "behind")


def test_nothing_outlives_a_killed_test_run(tmp_path: Path) -> None:
    program = tmp_path / "run.py"
    program.write_text(
        "import time\n"
        "from tests import servers\n"
        "with servers.redis_server() as url, servers.postgres_server() as server:\n"
        "    print(url.split(':')[2].split('/')[0], server.port, flush=True)\n"
        "    time.sleep(60)\n",
    )
    run = subprocess.Popen(
        [sys.executable, program],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(servers.ROOT)},
    )
    assert run.stdout
    ports = [int(port) for port in run.stdout.readline().split()]
    assert [_is_open(port) for port in ports] == [True, True]
    run.send_signal(signal.SIGKILL)
    run.wait(10)
    run.stdout.close()
    deadline = time.monotonic() + 10
    while any(_is_open(port) for port in ports) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert [_is_open(port) for port in ports] == [False, False]


def test_a_missing_program_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with (
        pytest.raises(servers.MissingProgramError, match="apt-get install redis-server"),
        servers.redis_server(),
    ):
        pass


def _is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
