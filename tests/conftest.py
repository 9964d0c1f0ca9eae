"""What every test may ask for: a database of its own, a Redis, a real server process."""

from __future__ import annotations

import fcntl
import gc
import inspect
import os
import pickle
import shutil
import socket
import subprocess
import tempfile
from collections import Counter
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import pytest
import redis
from flask import Flask
from flask_security import core as flask_security_core
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache
from werkzeug.routing import Rule
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped] # xdist ships no types

from app import clock, db
from app.jobs import native
from tests import servers
from tests import world as world_module
from tests.installation import migrate, settings_for
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from config import Settings


ROOM_IN_MEMORY: Final = 4 * 1024**3

# How long one example takes says how busy the machine is, not whether the rule holds.
hypothesis_settings.register_profile(
    "house", deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
hypothesis_settings.load_profile("house")


def pytest_configure(config: pytest.Config) -> None:
    """Keep the tests' files in memory where there is room: a copied database then costs a tenth of the time.

    What they prove about kills does not depend on it; a file system in memory outlives a process as a disk does.
    """
    del config
    memory = Path("/dev/shm")  # noqa: S108 - pytest and tempfile make folders of their own in it
    if "TMPDIR" not in os.environ and memory.is_dir() and shutil.disk_usage(memory).free > ROOM_IN_MEMORY:
        os.environ["TMPDIR"] = str(memory)
        tempfile.tempdir = None


def _is_heavy(path: str) -> bool:
    """Whether the tests of a file start several servers and a browser each."""
    return path.startswith(("tests/browser/", "tests/demo/"))


class _ByFile(LoadFileScheduling):  # type: ignore[misc] # as above
    """Whole files to one process, and the heavy ones all to the same: two at once leave nobody any processor time."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::", 1)[0]
        return "heavy" if _is_heavy(file) else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> _ByFile:  # noqa: ANN401 - xdist's own log
    return _ByFile(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the heavy files, then those with most tests: the processes then end at nearly the same time."""
    tests_of = Counter(item.path for item in items)
    items.sort(key=lambda item: (not _is_heavy(item.nodeid), -tests_of[item.path], item.path))


def pytest_collection_finish() -> None:
    """Look for garbage less often: every application is a great web of objects, and half the time went into looking."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)


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


@pytest.fixture(scope="session", autouse=True)
def _no_process_aside() -> Iterator[None]:
    """Refuse a process that is started inside `offload`: gevent cannot watch it in a native thread; a server fails."""
    start = subprocess.Popen.__init__

    def guarded(self: subprocess.Popen[Any], *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - as Popen has it
        if any(frame.frame.f_code is native.__code__ for frame in inspect.stack(0)):
            message = f"a process inside offload: {args or kwargs}"
            raise AssertionError(message)
        start(self, *args, **kwargs)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", guarded)
        yield


@pytest.fixture(scope="session", autouse=True)
def _routes_compiled_once() -> Iterator[None]:
    """Let the applications of one process share what Werkzeug compiles for each route: a seventh of a second each."""
    compile_builder = Rule._compile_builder  # noqa: SLF001 - there is no other place to share it
    made: dict[object, Any] = {}

    def compile_once(self: Rule, append_unknown: bool = True) -> Any:  # noqa: ANN401, FBT001, FBT002 - Werkzeug's own
        key = (tuple(self._trace), tuple(sorted((self.defaults or {}).items())), append_unknown)
        if key not in made:
            made[key] = compile_builder(self, append_unknown)
        return made[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Rule, "_compile_builder", compile_once)
        yield


@pytest.fixture(scope="session", autouse=True)
def password_context_of() -> Iterator[Callable[[Flask], Any]]:
    """Let the applications of this process hash with argon2's least: a tenth of a second for each sign-in otherwise.

    Real servers that tests start hash as the product does. What is handed out is how the product makes its context.
    """
    strong_password_context = flask_security_core._get_pwd_context  # noqa: SLF001 - there is no other place

    def quick(app: Flask) -> Any:  # noqa: ANN401 - passlib ships no types
        context = strong_password_context(app)
        context.update(argon2__memory_cost=8, argon2__rounds=1, argon2__parallelism=1)
        return context

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flask_security_core, "_get_pwd_context", quick)
        yield strong_password_context


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
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of all processes of this test run, for what is made once."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


def _made_once(folder: Path, make: Callable[[], None]) -> None:
    """Have the first process that comes make what belongs into a folder; the others wait for it."""
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            make()
            (folder / "made").touch()


@pytest.fixture(scope="session")
def migrated_sqlite(shared_folder: Path) -> Path:
    """An empty, migrated SQLite file to copy from."""
    folder = shared_folder / "migrated"
    _made_once(folder, lambda: migrate(settings_for(folder)))
    return folder / "bangxanh.db"


@pytest.fixture(scope="session")
def migrated_postgres(postgres: servers.PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The name of an empty, migrated PostgreSQL database to copy from."""
    url = postgres.create_database()
    migrate(settings_for(tmp_path_factory.mktemp("postgres"), DATABASE_URL=url))
    return _database_name(url)


@pytest.fixture(scope="session")
def world_sqlite(migrated_sqlite: Path, shared_folder: Path) -> tuple[Path, world_module.World]:
    """A SQLite file with the world in it to copy from, and the world's ids."""
    folder = shared_folder / "world"

    def make() -> None:
        shutil.copy(migrated_sqlite, folder / "bangxanh.db")
        built = _built(settings_for(folder))
        (folder / "ids").write_bytes(pickle.dumps(built.ids()))

    _made_once(folder, make)
    # The world is on no application yet; every test puts it on its own.
    ids: dict[str, Any] = pickle.loads((folder / "ids").read_bytes())  # noqa: S301 - we wrote it a moment ago
    return folder / "bangxanh.db", world_module.World(Flask(__name__), **ids)


@pytest.fixture(scope="session")
def world_postgres(
    postgres: servers.PostgresServer, migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, world_module.World]:
    """The name of a PostgreSQL database with the world in it to copy from, and the world's ids."""
    url = postgres.create_database(template=migrated_postgres)
    return _database_name(url), _built(settings_for(tmp_path_factory.mktemp("world"), DATABASE_URL=url))


DATABASES: Final = ("sqlite", "postgresql")
WORLDS: Final = {"sqlite": "world_sqlite", "postgresql": "world_postgres"}


@pytest.fixture(params=DATABASES)
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Settings]:
    """Settings of an installation with a migrated database, once on SQLite, once on PostgreSQL.

    The database is empty, or holds the world when the test asks for it.
    """
    instance = tmp_path / "instance"
    instance.mkdir()
    with _installed(request, instance, has_world="world" in request.fixturenames) as made:
        yield made


@contextmanager
def _installed(request: pytest.FixtureRequest, instance: Path, *, has_world: bool) -> Iterator[Settings]:
    if request.param == "sqlite":
        template = request.getfixturevalue("world_sqlite")[0] if has_world else None
        shutil.copy(template or request.getfixturevalue("migrated_sqlite"), instance / "bangxanh.db")
        yield settings_for(instance)
        return
    server: servers.PostgresServer = request.getfixturevalue("postgres")
    name = request.getfixturevalue("world_postgres")[0] if has_world else None
    url = server.create_database(template=name or request.getfixturevalue("migrated_postgres"))
    yield settings_for(instance, DATABASE_URL=url)
    server.drop_database(url)


@pytest.fixture(scope="module", params=DATABASES)
def standing(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[world_module.World, Settings]]:
    """The world on a database that all tests of a file share: for those that need a server and do little in it."""
    instance = tmp_path_factory.mktemp("standing") / "instance"
    instance.mkdir()
    with _installed(request, instance, has_world=True) as made:
        application = create_app(made)
        built: world_module.World = request.getfixturevalue(WORLDS[request.param])[1]
        yield built.on(application), made
        with application.app_context():
            db.db.engine.dispose()


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """The whole application, as wsgi.py builds it."""
    application = create_app(settings)
    application.config["WTF_CSRF_ENABLED"] = False
    application.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(servers.compiled_templates()))
    yield application
    with application.app_context():
        db.db.engine.dispose()


@pytest.fixture
def world(app: Flask, request: pytest.FixtureRequest) -> Iterator[world_module.World]:
    """A small school world on a Monday morning at 07:05."""
    with app.app_context():
        kind = WORLDS[db.db.engine.dialect.name]
    built: world_module.World = request.getfixturevalue(kind)[1]
    with clock.at(world_module.MORNING):
        yield built.on(app)


def _built(settings: Settings) -> world_module.World:
    application = create_app(settings)
    with clock.at(world_module.MORNING):
        built = world_module.build(application)
    with application.app_context():
        db.db.session.remove()
        db.db.engine.dispose()
    return built


def _database_name(url: str) -> str:
    return url.rsplit("/", 1)[1].split("?", 1)[0]
