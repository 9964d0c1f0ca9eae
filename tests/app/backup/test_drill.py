"""The drill: a backup that is taken while people work comes back on an empty machine, whole, or says what is wrong."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import MetaData, create_engine, select

from app import db
from app.access import Role
from app.audit.queries import verify_chain
from app.backup.commands import check_backup, restore_backup, take_backup
from app.backup.rules import BackupError
from tests.installation import settings_for
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Engine

    from config import Settings
    from tests.servers import PostgresServer
    from tests.world import World


@pytest.fixture
def empty(request: pytest.FixtureRequest, world: World, tmp_path: Path) -> Settings:
    """An empty machine of the same kind as the world's."""
    folder = tmp_path / "empty"
    if world.app.extensions["bangxanh.settings"].database_url.startswith("sqlite"):
        return settings_for(folder)
    postgres: PostgresServer = request.getfixturevalue("postgres")
    return settings_for(folder, DATABASE_URL=postgres.create_database())


def _content(engine: Engine) -> dict[str, str]:
    """Return a checksum of every table's rows."""
    tables, found = MetaData(), {}
    with engine.connect() as connection:
        tables.reflect(connection)
        for one in tables.sorted_tables:
            rows = sorted(repr(tuple(row)) for row in connection.execute(select(one)))
            found[one.name] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def _instance(world: World) -> Path:
    instance: Path = world.app.extensions["bangxanh.settings"].instance
    return instance


def _taken(world: World, folder: Path) -> dict[str, str]:
    """Take a backup, with a file of the installation's in it; return what the database held."""
    (_instance(world) / "slides" / "ab").mkdir(parents=True)
    (_instance(world) / "slides" / "ab" / "0001-l.webp").write_bytes(b"RIFF")
    with world.app.app_context():
        take_backup(db.db.engine, _instance(world), folder)
        return _content(db.db.engine)


def test_a_backup_comes_back_on_an_empty_machine(world: World, empty: Settings, tmp_path: Path) -> None:
    before = _taken(world, tmp_path / "backup")
    world.client(Role.OFFICE_CLERK)  # somebody goes on working
    fresh = create_app(empty)
    with fresh.app_context():
        restore_backup(db.db.engine, empty.instance, tmp_path / "backup")
        assert _content(db.db.engine) == before
        assert verify_chain(db.session()).is_sound
        db.db.session.remove()
        db.db.engine.dispose()
    assert (empty.instance / "slides" / "ab" / "0001-l.webp").read_bytes() == b"RIFF"
    assert fresh.test_client().get("/login").status_code == 200


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / "bangxanh.db").write_bytes(b"SQLite format 3\0"),
        lambda folder: (folder / "files" / "slides" / "ab" / "0001-l.webp").unlink(),
        lambda folder: (folder / "backup.json").write_text("[]"),
        lambda folder: (folder / "backup.json").unlink(),
    ],
)
def test_a_damaged_backup_is_refused_and_writes_nothing(
    world: World, empty: Settings, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    _taken(world, tmp_path / "backup")
    spoil(tmp_path / "backup")
    engine = create_engine(empty.database_url)
    with pytest.raises(BackupError):
        restore_backup(engine, empty.instance, tmp_path / "backup")
    engine.dispose()
    assert not (empty.instance / "slides").exists()


@pytest.mark.parametrize("settings", ["sqlite"], indirect=True)
def test_nothing_is_overwritten(world: World, tmp_path: Path) -> None:
    _taken(world, tmp_path / "backup")
    with world.app.app_context():
        with pytest.raises(BackupError, match="đã có"):
            take_backup(db.db.engine, _instance(world), tmp_path / "backup")
        with pytest.raises(BackupError, match="không trống"):
            restore_backup(db.db.engine, _instance(world), tmp_path / "backup")
    counts = json.loads((tmp_path / "backup" / "backup.json").read_text())["rows"]
    assert counts["pupil"] == 18
    assert check_backup(tmp_path / "backup").rows == counts


def test_the_command_line_says_why_it_cannot(world: World, tmp_path: Path) -> None:
    runner = world.app.test_cli_runner()
    done = runner.invoke(args=["backup", "restore", str(tmp_path)])
    assert done.exit_code == 1
    assert done.output.startswith("Error: Không được: ")
    assert runner.invoke(args=["backup", "take", str(tmp_path / "new")]).exit_code == 0
    assert runner.invoke(args=["backup", "check", str(tmp_path / "new")]).exit_code == 0
