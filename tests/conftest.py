"""What every test may ask for: a database of its own, a Redis, a real server process."""

from __future__ import annotations

import shutil
import socket
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, Protocol

import pytest
import redis
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from app import clock, db
from tests import servers
from tests import world as world_module
from tests.installation import migrate, settings_for
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from config import Settings


# How long one example takes says how busy the machine is, not whether the rule holds.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("house")


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    """Refuse every connection that would leave this machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:  # noqa: ANN401 - as socket.connect has it
        if self.family in {socket.AF_INET, socket.AF_INET6} and address[0] not in {
            "127.0.0.1",
            "::1",
            "localhost",
        }:
            message = f"a test tried to reach {address[0]}"
            raise AssertionError(message)
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", guarded)
        yield


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


# --- the application on a database of its own -----------------------------------------------------------------------


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite file to copy from."""
    folder = tmp_path_factory.mktemp("template")
    migrate(settings_for(folder))
    return folder / "bangxanh.db"


@pytest.fixture(scope="session")
def migrated_postgres(postgres: servers.PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty, migrated PostgreSQL database to copy from."""
    url = postgres.create_database()
    migrate(settings_for(tmp_path_factory.mktemp("postgres"), DATABASE_URL=url))
    return url.rsplit("/", 1)[1].split("?", 1)[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation with an empty, migrated database: once on SQLite, once on PostgreSQL."""
    instance = tmp_path / "instance"
    instance.mkdir()
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("migrated_sqlite"), instance / "bangxanh.db")
        yield settings_for(instance)
        return
    server: servers.PostgresServer = request.getfixturevalue("postgres")
    url = server.create_database(template=request.getfixturevalue("migrated_postgres"))
    yield settings_for(instance, DATABASE_URL=url)
    server.drop_database(url)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application, as wsgi.py builds it."""
    application = create_app(settings)
    application.config["WTF_CSRF_ENABLED"] = False
    yield application
    with application.app_context():
        db.db.engine.dispose()


@pytest.fixture
def world(app: Flask) -> Iterator[world_module.World]:
    """A small school world on a Monday morning at 07:05."""
    with clock.at(world_module.MORNING):
        yield world_module.build(app)
