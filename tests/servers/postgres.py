"""A PostgreSQL of the test run's own."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from tests.servers.programs import MissingProgramError, Program, folder_of, free_port, run, running

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_names = itertools.count(1)


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
    with folder_of(account) as folder:
        data, port = folder / "data", free_port()
        options = ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8"]
        run([programs / "initdb", *options, "-D", data], account, folder)
        settings = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
        settings += ["max_connections=60"]
        settings += [] if durable else ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        # A database lives for one test: nothing to vacuum, no checkpoint but those that copying asks for.
        settings += ["autovacuum=off", "wal_level=minimal", "max_wal_senders=0", "checkpoint_timeout=1h"]
        command = [programs / "postgres", "-D", data, *(word for s in settings for word in ("-c", s))]
        # SIGINT is PostgreSQL's fast shutdown: it does not wait for those who are connected.
        with running(command, folder / "log", _answers_sql(port), account, signal.SIGINT) as program:
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
