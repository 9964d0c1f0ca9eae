"""A served class and its morning register, a network of its own for each device, and what people do at a sheet."""

from __future__ import annotations

import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from flask_security import hash_password
from sqlalchemy import update

from app import clock, db
from app.access import Role
from app.accounts.models import User
from attendance.registers.commands.opening import materialise_around
from tests.faulty import FaultyNetwork
from tests.installation import settings_for
from tests.world import MONDAY, MORNING
from wsgi import create_app

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

    from tests.conftest import Serve
    from tests.servers import ServedApp
    from tests.world import World

PASSWORD = "một câu dài dễ nhớ"
HOMEROOM, TEACHER = Role.HOMEROOM_TEACHER, Role.TEACHER
UNREACHABLE = r"ERR_|Failed to load resource|WebSocket connection"
"""What a browser says by itself when a network fails or a sign-in has ended."""


@dataclass
class Class:
    """A served class of six, its morning register, and a network of its own for each device."""

    served: ServedApp
    world: World
    register_id: int
    networks: list[FaultyNetwork]
    judged: int = 0
    """The last event that a test has looked at."""

    def network(self) -> FaultyNetwork:
        """Return another device's way to the server."""
        self.networks.append(FaultyNetwork(self.served.port))
        return self.networks[-1]

    def select(self, statement: str, *parameters: object) -> list[tuple[Any, ...]]:
        """Return what the database holds now."""
        with closing(sqlite3.connect(self.served.instance / "bangxanh.db", timeout=15)) as connection:
            return connection.execute(statement, parameters).fetchall()

    def execute(self, statement: str, *parameters: object) -> None:
        """Change the database from outside."""
        with (
            closing(sqlite3.connect(self.served.instance / "bangxanh.db", timeout=15)) as connection,
            connection,
        ):
            connection.execute(statement, parameters)

    def letters(self) -> dict[int, str]:
        """Return {pupil: letter} as stored for the morning register."""
        return dict(
            self.select(
                "SELECT pupil_id, letter FROM mark JOIN attendance_code c ON c.id = code_id WHERE register_id = ?",
                self.register_id,
            )
        )

    def marks(self) -> dict[int, str]:
        """Return {number of the pupil: letter} likewise."""
        pupils = self.world.pupil_ids["own"]
        return {pupils.index(pupil): letter for pupil, letter in self.letters().items()}


@pytest.fixture
def own_class(serve: Serve, tmp_path: Path, world_sqlite: tuple[Path, World]) -> Iterator[Class]:
    folder = tmp_path / "instance"
    folder.mkdir()
    shutil.copy(world_sqlite[0], folder / "bangxanh.db")
    app = create_app(settings_for(folder))
    world = world_sqlite[1].on(app)
    with app.app_context(), clock.at(MORNING):
        with db.transaction() as session:
            session.execute(update(User).values(password=hash_password(PASSWORD)))
        materialise_around(MONDAY)
        db.db.session.remove()
        db.db.engine.dispose()
    served = serve({"BANGXANH_NOW": "2026-10-05T07:05"}, folder)
    found = Class(served, world, 0, [])
    ((found.register_id,),) = found.select(
        "SELECT id FROM register WHERE class_id = ? AND day = ? AND slot = 1",
        world.class_ids["own"],
        str(MONDAY),
    )
    yield found
    for network in found.networks:
        network.__exit__(None, None, None)


def sign_in(page: Page, role: Role) -> None:
    if "/login" not in page.url:
        page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(role.value)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url(lambda url: "/login" not in url)


def wait_until_kept(page: Page) -> None:
    """Wait until the device could do without a network: shell and sheets are on it."""
    page.wait_for_function("() => localStorage.getItem('bx-renewed') !== null")
    page.wait_for_function("() => navigator.serviceWorker.controller !== null")


def tap(page: Page, name: str, times: int) -> None:
    """Tap a pupil's tile: once for P, twice for K, three times for T."""
    for _ in range(times):
        tile(page, name).click()


def tile(page: Page, name: str) -> Any:  # noqa: ANN401 - a Playwright locator
    given = re.escape(name.rsplit(" ", 1)[-1])
    return page.locator(".tile").filter(has_text=re.compile(given)).first


def head(page: Page) -> Any:  # noqa: ANN401 - a Playwright locator
    return page.locator(".device-status")
