"""The servers that the tests start for themselves, from installed programs, in temporary folders.

Each is stopped when its block is left, and by the kernel when the test run itself is killed. A program that is
missing is an error that says what to install; nothing is skipped.
"""

from __future__ import annotations

import ctypes
import itertools
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg
import redis
import requests
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROOT: Final = Path(__file__).parent.parent
START_SECONDS: Final = 120.0
STOP_SECONDS: Final = 10.0
_PR_SET_PDEATHSIG: Final = 1
_names = itertools.count(1)


class MissingProgramError(RuntimeError):
    """A program that the tests need is not installed; the message says what to install."""


class ServerFailedError(RuntimeError):
    """A server did not start or ended by itself; the message ends with what it wrote."""


def free_port() -> int:
    """Return a port of 127.0.0.1 that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# ------------------------------------------------------------------------------------------ PostgreSQL


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running PostgreSQL that trusts 127.0.0.1 and, unless it was made durable, need not survive a power cut."""

    port: int
    program: Program

    def create_database(self, template: str = "template0") -> str:
        """Return the SQLAlchemy address of a new database, empty or a copy of `template`."""
        name = f"test_{next(_names)}"
        statement = sql.SQL(
            "CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy LC_COLLATE 'C.UTF-8' LC_CTYPE 'C.UTF-8'"
        )
        self._execute(statement.format(sql.Identifier(name), sql.Identifier(template)))
        return self.url(name)

    def drop_database(self, url: str) -> None:
        """Remove a database with all who are still connected to it."""
        name = url.rsplit("/", 1)[1]
        self._execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        """Return the SQLAlchemy address of the database `name`."""
        return f"postgresql+psycopg://postgres@127.0.0.1:{self.port}/{name}"

    def _execute(self, statement: sql.Composed) -> None:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", autocommit=True
        ) as connection:
            connection.execute(statement)


@contextmanager
def postgres_server(*, durable: bool = False) -> Iterator[PostgresServer]:
    """Run a PostgreSQL in a temporary folder; as another user when we are root, whom it refuses.

    `durable`: it commits as on a real machine, for tests that kill it; else it does without all that takes time.
    """
    programs = _postgres_programs()
    account = _account_for_postgres()
    with _folder(account) as folder:
        data, port = folder / "data", free_port()
        options = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        _run([programs / "initdb", *options, "-D", data], account, folder)
        settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
        settings += ["max_connections=60"]
        settings += [] if durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        # A database lives for one test: nothing to vacuum, no checkpoint but those that copying asks for.
        settings += ["autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h"]
        command = [programs / "postgres", "-D", data, *(word for s in settings for word in ("-c", s))]
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for those who are connected.
        with _process(command, folder / "log", _answers_sql(port), account, signal.SIGINT) as program:
            yield PostgresServer(port, program)


def _postgres_programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = [Path(found).parent for found in [shutil.which("initdb")] if found]
    for folder in [*_pg_config_bindir(), *debian, *on_path]:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    message = "initdb and postgres were not found: install postgresql (apt-get install postgresql)"
    raise MissingProgramError(message)


def _pg_config_bindir() -> list[Path]:
    if not shutil.which("pg_config"):
        return []
    done = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
    return [Path(done.stdout.strip())] if done.returncode == 0 else []


def _account_for_postgres() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    account = known.get("postgres") or known.get("nobody")
    if account is None:
        message = "PostgreSQL refuses to run as root, and there is no account postgres or nobody to run it"
        raise MissingProgramError(message)
    return account


def _answers_sql(port: int) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            psycopg.connect(host="127.0.0.1", port=port, user="postgres", connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    return answers


# ----------------------------------------------------------------------------------------------- Redis


@contextmanager
def redis_server() -> Iterator[str]:
    """Run a Redis that keeps nothing on disk; give its address."""
    with redis_program() as (url, _):
        yield url


@contextmanager
def redis_program() -> Iterator[tuple[str, Program]]:
    """Run a Redis that keeps nothing on disk; give its address, and the program itself to kill and start again."""
    path = _program("redis-server")
    with _folder(None) as folder:
        port = free_port()
        command = [
            path,
            "--port",
            port,
            "--bind",
            "127.0.0.1",
            "--save",
            "",
            "--appendonly",
            "no",
            "--dir",
            folder,
        ]
        with _process(command, folder / "log", _answers_ping(port)) as program:
            yield f"redis://127.0.0.1:{port}/0", program


def _answers_ping(port: int) -> Callable[[], bool]:
    def answers() -> bool:
        try:
            with redis.Redis(port=port, socket_timeout=2) as client:
                return bool(client.ping())
        except redis.RedisError:
            return False

    return answers


# ---------------------------------------------------------------------------------------- our own server


@dataclass(slots=True)
class ServedApp:
    """A real server process of ours on a free port, with all the processes that it starts."""

    instance: Path
    settings: Mapping[str, str]
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] = field(init=False)

    @property
    def url(self) -> str:
        """Where it answers, without a final slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> str:
        """What it wrote since it first started."""
        return self._log_file.read_text(errors="replace")

    def start(self) -> None:
        """Start it and wait until /healthz answers; raise ServerFailedError when it does not."""
        command = [sys.executable, str(ROOT / "wsgi.py")]
        _share_compiled_templates(self.instance)
        self.process = _spawn(command, self._log_file, self._environment(), ROOT)
        _wait_until(self._is_healthy, self.process, self._log_file)

    def processor_seconds(self) -> float:
        """Return how long its process has used a processor since it was started."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def kill9(self) -> None:
        """End it and its workers at once, as a power cut would."""
        _signal_group(self.process, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)

    def stop(self) -> None:
        """Ask it to end, and see to it that it does."""
        _stop(self.process, signal.SIGTERM)

    def restart(self) -> None:
        """Start it again on the same port and instance folder, whether or not it still runs."""
        self.stop()
        self.start()

    @property
    def _log_file(self) -> Path:
        return self.instance.with_name(f"{self.instance.name}.log")

    def _environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        ours = {"INSTANCE": str(self.instance), "PORT": str(self.port), "PYTHONUNBUFFERED": "1"}
        return kept | ours | dict(self.settings)

    def _is_healthy(self) -> bool:
        try:
            return requests.get(f"{self.url}/healthz", timeout=2).ok
        except requests.RequestException:
            return False


def compiled_templates() -> Path:
    """Return the folder in which all applications of the tests keep their compiled templates: four seconds each."""
    shared = Path(tempfile.gettempdir()) / f"bangxanh_templates_{os.getuid()}"
    shared.mkdir(mode=0o700, exist_ok=True)
    return shared


def _share_compiled_templates(instance: Path) -> None:
    instance.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (instance / "templates").symlink_to(compiled_templates(), target_is_directory=True)


@contextmanager
def served_app(instance: Path, settings: Mapping[str, str], port: int | None = None) -> Iterator[ServedApp]:
    """Run `python wsgi.py` with these environment variables until the block is left; on this port, or a free one."""
    served = ServedApp(instance, settings, port or free_port())
    served.start()
    try:
        yield served
    finally:
        served.stop()


@contextmanager
def worker_process(instance: Path, settings: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run `flask --app wsgi worker` with these environment variables until the block is left."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
    environment = kept | {"INSTANCE": str(instance), "PYTHONUNBUFFERED": "1"} | dict(settings)
    log = instance.with_name(f"{instance.name}.worker.log")
    process = _spawn([sys.executable, "-m", "flask", "--app", "wsgi", "worker"], log, environment, ROOT)
    try:
        yield process
    finally:
        _stop(process, signal.SIGTERM)


# -------------------------------------------------------------------------------------------- processes


def _program(name: str, package: str | None = None) -> str:
    path = shutil.which(name)
    if path is None:
        message = f"{name} was not found: install {package or name} (apt-get install {package or name})"
        raise MissingProgramError(message)
    return path


@contextmanager
def _folder(owner: pwd.struct_passwd | None) -> Iterator[Path]:
    _sweep()
    path = Path(tempfile.mkdtemp(prefix=f"bangxanh-{os.getpid()}-"))
    if owner:
        os.chown(path, owner.pw_uid, owner.pw_gid)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def _sweep() -> None:
    """Remove what killed test runs left behind."""
    for left in Path(tempfile.gettempdir()).glob("bangxanh-*-*"):
        if not Path("/proc", left.name.split("-")[1]).exists():
            shutil.rmtree(left, ignore_errors=True)


def _run(command: list[object], account: pwd.struct_passwd | None, folder: Path) -> None:
    words = [str(word) for word in command]
    user, group = (account.pw_uid, account.pw_gid) if account else (None, None)
    done = subprocess.run(
        words, capture_output=True, text=True, check=False, cwd=folder, user=user, group=group
    )
    if done.returncode:
        message = f"{words[0]} failed:\n{done.stdout}{done.stderr}"
        raise ServerFailedError(message)


@dataclass(slots=True)
class Program:
    """A running server program that a test may kill and start again."""

    command: list[str]
    log: Path
    is_ready: Callable[[], bool]
    account: pwd.struct_passwd | None
    process: subprocess.Popen[bytes] = field(init=False)

    def start(self) -> None:
        """Start it and wait until it answers; raise ServerFailedError when it does not."""
        self.process = _spawn(self.command, self.log, dict(os.environ), self.log.parent, self.account)
        _wait_until(self.is_ready, self.process, self.log)

    def kill9(self) -> None:
        """End it and its children at once, as a power cut would."""
        _signal_group(self.process, signal.SIGKILL)
        self.process.wait(STOP_SECONDS)


@contextmanager
def _process(
    command: list[object],
    log: Path,
    is_ready: Callable[[], bool],
    account: pwd.struct_passwd | None = None,
    stop: signal.Signals = signal.SIGTERM,
) -> Iterator[Program]:
    program = Program([str(word) for word in command], log, is_ready, account)
    try:
        program.start()
        yield program
    finally:
        _stop(program.process, stop)


def _spawn(
    command: list[str],
    log: Path,
    environment: dict[str, str],
    folder: Path,
    account: pwd.struct_passwd | None = None,
) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=environment,
            cwd=folder,
            user=account.pw_uid if account else None,
            group=account.pw_gid if account else None,
            start_new_session=True,  # Ctrl-C reaches the tests, which then stop it in order
            preexec_fn=_die_with_parent,  # noqa: PLW1509 - it makes one system call and takes no lock
        )


_libc = ctypes.CDLL(None)


def _die_with_parent() -> None:
    """Have the kernel end this process when the test run is killed and cannot do it any more."""
    _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _wait_until(is_ready: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            _signal_group(process, signal.SIGKILL)
            state = (
                f"ended with {process.returncode}" if process.returncode is not None else "does not answer"
            )
            message = f"{process.args!r} {state}:\n{log.read_text(errors='replace')[-4000:]}"
            raise ServerFailedError(message)
        time.sleep(0.03)


def _stop(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    process.send_signal(how)
    with suppress(subprocess.TimeoutExpired):
        process.wait(STOP_SECONDS)
    _signal_group(process, signal.SIGKILL)
    process.wait(STOP_SECONDS)


def _signal_group(process: subprocess.Popen[bytes], how: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, how)
