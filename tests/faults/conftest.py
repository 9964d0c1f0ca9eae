"""A school in the middle of five lessons, served by real processes that the tests may kill."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, begin_sign_in, new_user
from app.school.models import School
from bench import schools
from config import Settings
from tests.faults.devices import hang_up
from tests.servers import served_app
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from bench.schools import Class
    from tests.servers import ServedApp

CLASSES, PUPILS, QUESTIONS = 13, 40, 12


@pytest.fixture(autouse=True)
def _no_open_devices() -> Iterator[None]:
    yield
    hang_up()


@dataclass(frozen=True)
class Built:
    """The folder of an installation to copy from, and what its people have on their devices."""

    folder: Path
    classes: tuple[Class, ...]
    school_id: int
    clerk_cookie: str


@dataclass(frozen=True)
class Lessons:
    """A served installation in which lessons go on."""

    served: ServedApp
    built: Built

    @property
    def first(self) -> Class:
        """The lesson that most tests are about."""
        return self.built.classes[0]

    @property
    def file(self) -> Path:
        """The database's file."""
        return self.served.instance / "bangxanh.db"

    def select(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return what the database holds now, as another process sees it."""
        with closing(sqlite3.connect(self.file, timeout=15)) as connection:
            return connection.execute(statement, parameters).fetchall()

    def execute(self, statement: str, *parameters: object) -> None:
        """Write to the database from outside the server."""
        with closing(sqlite3.connect(self.file, timeout=15)) as connection, connection:
            connection.execute(statement, parameters)


def settings_of(folder: Path, **env: str) -> Settings:
    """Return the settings with which the processes under test run: as on a real machine, so jobs wait for a worker."""
    return Settings.from_env({"BANGXANH_ENV": "development", "INSTANCE": str(folder), **env})


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    folder = tmp_path_factory.mktemp("faults") / "instance"
    classes = schools.build(settings_of(folder), CLASSES, PUPILS, QUESTIONS)
    app = create_app(settings_of(folder))
    with app.app_context():
        school_id = db.session().scalars(select(School.id)).one()
        with db.transaction() as session:
            clerk = new_user("vanthu", "Trần Thị Văn Thư", "x")
            session.add(clerk)
            session.flush()
            add_grant(session, SYSTEM, clerk.id, NewGrant(Role.OFFICE_CLERK, school_id, clock.today()))
            clerk_id = clerk.id
        cookie = cookie_of(app, begin_sign_in(clerk_id, "Chrome · Windows"))
        db.db.session.remove()
        db.db.engine.dispose()
    return Built(folder, tuple(classes), school_id, cookie)


def cookie_of(app: Flask, token: str) -> str:
    """Return the cookie that a signed-in browser sends."""
    signer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined] # Flask's default one
    return f"{app.config['SESSION_COOKIE_NAME']}={signer.dumps({'sign_in': token})}"


@pytest.fixture
def instance(built: Built, tmp_path: Path) -> Path:
    """A copy of the installation for one test."""
    folder = tmp_path / "instance"
    shutil.copytree(built.folder, folder)
    return folder


@pytest.fixture
def lessons(built: Built, instance: Path) -> Iterator[Lessons]:
    with served_app(instance, {"BANGXANH_ENV": "development"}) as served:
        yield Lessons(served, built)
