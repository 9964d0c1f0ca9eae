"""What a gate sees while a sheet is open reaches the sheet over a real socket, and marks nobody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

import pytest
import requests
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM, Role
from app.signing import Message, sign
from attendance.gates.commands import add_gate
from attendance.gates.rules import SIGNED
from attendance.registers.models import Mark
from tests.attendance.gates.test_gates import PATH, card
from tests.classroom.wires import Wire
from tests.servers import served_app
from tests.world import MORNING

if TYPE_CHECKING:
    from app.signing import SigningKey
    from config import Settings
    from tests.attendance.registers.conftest import Desk
    from tests.servers import ServedApp

NOW: Final = "2026-10-05T07:05:00"


@pytest.mark.slow
def test_a_scan_reaches_the_open_sheet_as_a_suggestion(desk: Desk, settings: Settings) -> None:
    """First bell at 7:00, card at 7:04: four minutes late. Who has no right to the register hears nothing of it."""
    world = desk.world
    with world.app.app_context(), clock.at(MORNING):
        key = add_gate(SYSTEM, world.school_ids["a"], "Cổng chính", "form-1")
        cookies = {role: _cookie(desk, role) for role in (Role.HOMEROOM_TEACHER, Role.GUARDIAN)}
    variables = {
        "BANGXANH_NOW": NOW, "DATABASE_URL": settings.database_url, "SECRET_KEY": settings.secret_key,
    }  # fmt: skip
    with (
        served_app(settings.instance, variables) as served,
        Wire(served.url, cookie=cookies[Role.HOMEROOM_TEACHER]) as teacher,
        Wire(served.url, cookie=cookies[Role.GUARDIAN]) as stranger,
    ):
        _scan(served, key, card(world, number=4), "06:59")
        watch = {"register": desk.register_id, "device": "device-of-sheet"}
        ours, theirs = (world.user_ids[role] for role in cookies)
        assert teacher.ask("register_watch", watch | {"author": ours})["ok"]
        assert not stranger.ask("register_watch", watch | {"author": theirs})["ok"]
        pupil = desk.pupils[2]
        _scan(served, key, card(world, number=2), "07:04")
        assert teacher.wait_for("register_seen") == {
            "seen": [{"pupil": pupil, "time": "07:04", "minutes": 4}]
        }
        _scan(served, key, card(world, number=2), "07:05")
        told = teacher.wait_for("register_seen")["seen"]
        assert told == [{"pupil": pupil, "time": "07:04", "minutes": 4}], "the first one counts"
        stranger.listen(0.3)
        assert [name for name, _ in stranger.events if name.startswith("register_")] == []
    with world.app.app_context():
        db.session().rollback()
        assert db.session().scalar(select(func.count()).select_from(Mark)) == 0


def _cookie(desk: Desk, role: Role) -> str:
    found = desk.world.client(role).get_cookie("bx_session")
    assert found is not None
    return f"bx_session={found.value}"


def _scan(served: ServedApp, key: SigningKey, code: str, time: str) -> None:
    body = json.dumps({"card": code, "time": f"2026-10-05T{time}:00+07:00"}).encode()
    message = Message("POST", f"{served.url}{PATH}", {"Content-Type": "application/json"})
    sign(SIGNED, message, body, key, MORNING)
    answer = requests.post(f"{served.url}{PATH}", data=body, headers=message.headers, timeout=10)
    assert answer.json()["results"][0]["result"] == "stored", answer.text
