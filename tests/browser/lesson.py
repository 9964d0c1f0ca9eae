"""A school and a lesson in it for browser tests: who looks at the lesson, and what has been looked at."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from flask_security import hash_password
from playwright.sync_api import expect
from sqlalchemy import select, update

from app import clock, db
from app.access import Role
from app.accounts.models import User
from app.school.models import Pupil, SchoolClass
from app.school.queries import cards_of_pupils
from tests.browser.watching import accessibility_faults, faults_in_the_dark
from tests.installation import migrate, settings_for
from tests.world import MORNING, NAMES, add_pupil, build
from wsgi import create_app

if TYPE_CHECKING:
    import re

    from playwright.sync_api import Page

    from tests.conftest import Serve
    from tests.servers import ServedApp

PASSWORD: Final = "một câu dài dễ nhớ"
OTHERS: Final = (
    "Nguyễn Hoàng Phương Uyên", "Trần Gia Bảo", "Lê Thị Bảo", "Phạm Minh Khôi", "Công Tằng Tôn Nữ Bảo Trâm",
    "Y Blŏng Niê",
)  # fmt: skip
IN_CLASS: Final = 8
"""Pupils who come with a device; the others of the class are missing today."""
ON_THE_LIST: Final = len(NAMES) + len(OTHERS)
"""The register says of nobody that they are away, so all are waited for."""


@dataclass
class School:
    """A school with a class of twelve, a teacher who may sign in, and the codes of the pupils' cards by name."""

    served: ServedApp
    cards: dict[str, str]

    @property
    def url(self) -> str:
        """Where it is served."""
        return self.served.url


@pytest.fixture
def school(serve: Serve, tmp_path: Path) -> School:
    folder = tmp_path / "instance"
    folder.mkdir()
    settings = settings_for(folder)
    migrate(settings)
    app = create_app(settings)
    world = build(app)
    with app.app_context(), clock.at(MORNING):
        with db.transaction() as session:
            own = session.get_one(SchoolClass, world.class_ids["own"])
            ids = [*world.pupil_ids["own"], *(add_pupil(session, own, name).id for name in OTHERS)]
            teacher = update(User).where(User.id == world.user_ids[Role.TEACHER])
            session.execute(teacher.values(password=hash_password(PASSWORD)))
        codes = cards_of_pupils(db.session(), ids, world.year_id)
        rows = db.session().execute(select(Pupil.id, Pupil.full_name).where(Pupil.id.in_(ids)))
        cards = {row.full_name: codes[row.id] for row in rows}
        db.db.session.remove()
        db.db.engine.dispose()
    assert len(cards) == ON_THE_LIST
    return School(serve({"BANGXANH_NOW": "2026-10-05T07:05"}, folder), cards)


@dataclass
class Lesson:
    """Who looks at the lesson, and what has been looked at."""

    console: Page
    remote: Page
    screen: Page
    pupils: list[Page]
    faults: list[str] = field(default_factory=list)

    def look(self, page: Page, name: str) -> None:
        """Have axe-core look at a page as it stands."""
        self.faults += [f"{name}: {fault}" for fault in look(page, name)]

    def next(self, *words: str) -> None:
        """Tap the teacher's steps one after the other."""
        for word in words:
            self.console.get_by_role("button", name=word, exact=True).click()


def look(page: Page, name: str) -> list[str]:
    """Return what axe-core finds in the page's theme and in the dark, and save a picture where somebody wants one."""
    if folder := os.environ.get("PICTURES"):
        page.wait_for_load_state("networkidle")
        Path(folder).mkdir(parents=True, exist_ok=True)
        # On a projector everything is a share of the height, which a picture of the whole page changes.
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=not name.endswith("1920"))
    is_projector = page.locator("html[data-theme=projector]").count() > 0
    return accessibility_faults(page) + ([] if is_projector else faults_in_the_dark(page))


def tick(page: Page, label: str | re.Pattern[str], *, on: bool = True) -> None:
    """Tap a switch and wait until the server has said that it is switched."""
    box = page.get_by_label(label)
    box.click()
    expect(box).to_be_checked(checked=on)


def sign_in(page: Page) -> None:
    page.goto("/login")
    page.get_by_label("Tên đăng nhập").fill(Role.TEACHER.value)
    page.get_by_label("Mật khẩu").fill(PASSWORD)
    page.get_by_role("button", name="Đăng nhập", exact=True).click()
    page.wait_for_url("**/")
