"""Taking a backup while the installation runs, and bringing it back into an empty one."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

from alembic.migration import MigrationContext
from sqlalchemy import create_engine, func, inspect, select, table, text

from app import clock
from app.backup.rules import (
    DATABASES,
    FILES,
    MANIFEST,
    BackupError,
    Manifest,
    faults_of,
    kept_files,
    read_manifest,
    sha256_of,
)
from app.i18n import say

if TYPE_CHECKING:
    from sqlalchemy import URL, Connection, Engine

DRAFT: Final = ".unfinished"


def take_backup(engine: Engine, instance: Path, folder: Path) -> Manifest:
    """Write a backup into a new folder; people may go on working, what they save meanwhile may or may not be in it.

    The database comes first: files are only ever added, so whatever a row names is there. The folder gets its name
    when everything in it is on the disk. Raises BackupError.
    """
    if folder.exists():
        message = say("%(folder)s đã có; hãy chọn một thư mục mới", folder=folder)
        raise BackupError(message)
    draft = folder.with_name(folder.name + DRAFT)
    shutil.rmtree(draft, ignore_errors=True)
    (draft / FILES).mkdir(mode=0o700, parents=True)
    draft.chmod(0o700)
    saved = draft / DATABASES[engine.dialect.name]
    revision, rows = (
        _save_sqlite(engine, saved) if engine.dialect.name == "sqlite" else _save_postgres(engine, saved)
    )
    for path in kept_files(instance):
        target = draft / FILES / path.relative_to(instance)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(path, target)
    files = {
        one.relative_to(draft).as_posix(): sha256_of(one) for one in sorted(draft.rglob("*")) if one.is_file()
    }
    manifest = Manifest(clock.now().isoformat(), engine.dialect.name, revision, rows, files)
    (draft / MANIFEST).write_text(manifest.as_text())
    _sync(draft)
    draft.rename(folder)
    return manifest


def _save_sqlite(engine: Engine, target: Path) -> tuple[str, dict[str, int]]:
    with (
        closing(sqlite3.connect(engine.url.database or "")) as source,
        closing(sqlite3.connect(target)) as copy,
    ):
        source.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, whole by itself
    saved = create_engine(f"sqlite:///{target}", connect_args={"check_same_thread": False})
    try:
        with saved.connect() as connection:
            return _revision(connection), _rows(connection)
    finally:
        saved.dispose()
        with closing(sqlite3.connect(target)) as copy:
            copy.execute("PRAGMA journal_mode=DELETE")


def _save_postgres(engine: Engine, target: Path) -> tuple[str, dict[str, int]]:
    """Dump the database and count its rows in one snapshot, whatever is written meanwhile."""
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        snapshot = connection.scalar(text("SELECT pg_export_snapshot()"))
        options = ("--format=custom", "--no-owner", f"--snapshot={snapshot}", f"--file={target}")
        _run("pg_dump", *options, _address(engine.url))
        return _revision(connection), _rows(connection)


def restore_backup(engine: Engine, instance: Path, folder: Path) -> Manifest:
    """Bring a backup back into an empty database and instance folder; the installation must not run meanwhile.

    Raises BackupError when something of the backup is missing or changed, when the database is of another kind or not
    empty, or when what came back is not what was saved.
    """
    manifest = check_backup(folder)
    if manifest.database != engine.dialect.name:
        message = say(
            "bản sao lưu là của %(saved)s, cơ sở dữ liệu ở đây là %(here)s",
            saved=manifest.database,
            here=engine.dialect.name,
        )
        raise BackupError(message)
    with engine.connect() as connection:
        if inspect(connection).get_table_names():
            message = say("cơ sở dữ liệu ở đây không trống; chỉ khôi phục vào một nơi trống")
            raise BackupError(message)
    engine.dispose()
    for path in kept_files(folder / FILES):
        target = instance / path.relative_to(folder / FILES)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        shutil.copy2(path, target)
    _bring_database_back(engine, folder / DATABASES[manifest.database])
    with engine.connect() as connection:
        found = _rows(connection)
    if found != manifest.rows:
        wrong = sorted(
            name for name in {*found, *manifest.rows} if found.get(name) != manifest.rows.get(name)
        )
        message = say("số dòng không khớp sau khi khôi phục: %(tables)s", tables=", ".join(wrong))
        raise BackupError(message)
    return manifest


def check_backup(folder: Path) -> Manifest:
    """Return the manifest of a backup whose files are all as they were written; raise BackupError otherwise."""
    if not (folder / MANIFEST).is_file():
        message = say("%(folder)s không phải là một bản sao lưu", folder=folder)
        raise BackupError(message)
    manifest = read_manifest((folder / MANIFEST).read_text())
    if faults := faults_of(folder, manifest):
        message = say("tệp thiếu hoặc đã bị sửa: %(files)s", files=", ".join(faults))
        raise BackupError(message)
    return manifest


def _bring_database_back(engine: Engine, saved: Path) -> None:
    if engine.dialect.name == "sqlite":
        target = Path(engine.url.database or "")
        for left in (target, target.with_name(target.name + "-wal"), target.with_name(target.name + "-shm")):
            left.unlink(missing_ok=True)
        shutil.copy2(saved, target)
        return
    _run(
        "pg_restore",
        "--no-owner",
        "--single-transaction",
        "--exit-on-error",
        f"--dbname={_address(engine.url)}",
        str(saved),
    )


def _revision(connection: Connection) -> str:
    return MigrationContext.configure(connection).get_current_revision() or ""


def _rows(connection: Connection) -> dict[str, int]:
    names = sorted(inspect(connection).get_table_names())
    return {name: connection.scalar(select(func.count()).select_from(table(name))) or 0 for name in names}


def _address(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


def _run(program: str, *arguments: str) -> None:
    path = shutil.which(program)
    if path is None:
        message = say(
            "không tìm thấy %(program)s; hãy cài postgresql-client cùng phiên bản với máy chủ",
            program=program,
        )
        raise BackupError(message)
    done = subprocess.run([path, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        why = f"{program}: {done.stderr.strip()[-500:]}"
        raise BackupError(why)


def _sync(folder: Path) -> None:
    """See everything of a folder onto the disk: a backup that a power cut empties is none."""
    for path in [*folder.rglob("*"), folder]:
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
