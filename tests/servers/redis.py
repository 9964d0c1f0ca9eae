"""A Redis of the test run's own."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import redis

from tests.servers.programs import Program, folder_of, free_port, program_path, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis that keeps nothing on disk; give its address."""
    with redis_program() as (url, _):
        yield url


@contextmanager
def redis_program() -> Iterator[tuple[str, Program]]:
    """Run a Redis that keeps nothing on disk; give its address, and the program itself to kill and start again."""
    path = program_path("redis-server")
    with folder_of(None) as folder:
        port = free_port()
        command: list[object] = [path, "--port", port, "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", folder]
        with running(command, folder / "log", _answers_ping(port)) as program:
            yield f"redis://127.0.0.1:{port}/0", program


def _answers_ping(port: int) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            with redis.Redis(port=port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    return answers
