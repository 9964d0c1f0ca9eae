"""What every test may ask for: a database of its own, a Redis, a real server process."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Protocol

import pytest
import redis

from tests import servers

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def postgres() -> Iterator[servers.PostgresServer]:
    with servers.postgres_server() as server:
        yield server


@pytest.fixture
def postgres_url(postgres: servers.PostgresServer) -> Iterator[str]:
    """An empty database, gone after the test."""
    url = postgres.create_database()
    yield url
    postgres.drop_database(url)


@pytest.fixture(scope="session")
def _redis_server() -> Iterator[str]:
    with servers.redis_server() as url:
        yield url


@pytest.fixture
def redis_url(_redis_server: str) -> str:
    """An empty Redis."""
    with redis.Redis.from_url(_redis_server) as client:
        client.flushall()
    return _redis_server


class Serve(Protocol):
    """Start a server process with these environment variables; it stops after the test."""

    def __call__(
        self, settings: dict[str, str] | None = None, instance: Path | None = None
    ) -> servers.ServedApp: ...


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    with ExitStack() as stack:

        def start(settings: dict[str, str] | None = None, instance: Path | None = None) -> servers.ServedApp:
            folder = instance or tmp_path / "instance"
            return stack.enter_context(servers.served_app(folder, settings or {}))

        yield start
