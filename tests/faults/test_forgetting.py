"""A pupil is forgotten while the installation is served: what its processes wrote, and the files under them."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, Final

import pytest
import requests
from flask_migrate import upgrade

from app import clock, db
from app.access import Role
from app.accounts.commands import begin_sign_in
from app.school.models import Enrolment, SchoolClass
from tests.faults.conftest import cookie_of, settings_of
from tests.servers import served_app, worker_process
from tests.world import FIRST_DAY, add_pupil, build
from wsgi import create_app

if TYPE_CHECKING:
    from pathlib import Path

    from tests.world import World

CANARY: Final = "Kanarivogel"
ENV: Final = {"BANGXANH_ENV": "development", "BANGXANH_MONITOR_LOOP": "100"}


@pytest.mark.timeout(180)
def test_nothing_is_left_in_the_logs_and_files_of_a_served_installation(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    pupil_id, cookies = _founded(folder)
    with served_app(folder, ENV) as served, worker_process(folder, ENV), requests.Session() as principal:
        page = f"{served.url}/pupils/{pupil_id}/forget"
        with requests.Session() as clerk:
            for person, role in ((principal, Role.PRINCIPAL), (clerk, Role.OFFICE_CLERK)):
                person.cookies.set(*cookies[role], domain="127.0.0.1")
            for address in ("/pupils?q=", "/classes?q=", "/audit?q=", "/no-such-page/"):
                clerk.get(f"{served.url}{address}{CANARY}", timeout=10)
            roster = {"file": (f"{CANARY}.xlsx", b"PK\x03\x04" + CANARY.encode() * 100)}
            listed = clerk.get(f"{served.url}/imports", timeout=10)
            sent = clerk.post(
                listed.url, data=_fields(listed.text) | {"year": "2026-2027"}, files=roster, timeout=30
            )
            assert sent.status_code in {200, 422}, sent.text
        form = principal.get(page, timeout=10).text
        assert CANARY in form
        data = _fields(form) | {"reason": "Đơn số 12", "typed": f"Lê Thị {CANARY}"}
        answer = principal.post(page, data=data, timeout=30)
        deadline = time.monotonic() + 60
        while "Đã xóa dữ liệu của em" not in answer.text:
            assert time.monotonic() < deadline, answer.text
            time.sleep(0.5)
            answer = principal.get(page, timeout=10)
        assert "chưa được dọn" not in answer.text
        left = [str(one) for one in tmp_path.rglob("*") if one.is_file() and _is_in(one)]
        assert left == [], "of the database, its log, the queue and what both processes wrote"
        assert requests.get(f"{served.url}/healthz", timeout=5).ok


def _founded(folder: Path) -> tuple[int, dict[Role, tuple[str, str]]]:
    """Found a school whose last pupil has left; return the pupil, and what signs people in."""
    app = create_app(settings_of(folder))
    with app.app_context():
        upgrade()
    world: World = build(app)
    with app.app_context():
        with db.transaction() as session:
            pupil = add_pupil(
                session, session.get_one(SchoolClass, world.class_ids["own"]), f"Lê Thị {CANARY}"
            )
            session.query(Enrolment).filter_by(pupil_id=pupil.id).update(
                {"ends_on": max(FIRST_DAY, clock.today())}
            )
            pupil_id = pupil.id
        cookies = {
            role: cookie_of(app, begin_sign_in(world.user_ids[role], "Chrome · Windows"))
            for role in (Role.PRINCIPAL, Role.OFFICE_CLERK)
        }
        db.db.session.remove()
        db.db.engine.dispose()
    return pupil_id, {
        role: (name, value) for role, one in cookies.items() for name, _, value in [one.partition("=")]
    }


def _fields(form: str) -> dict[str, str]:
    return dict(re.findall(r'name="(csrf_token|client_key)"[^>]*value="([^"]+)"', form))


def _is_in(file: Path) -> bool:
    content = file.read_bytes().lower()
    return CANARY.lower().encode() in content
