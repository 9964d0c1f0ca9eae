"""A class with an opened morning register, and what devices send to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from app import db
from app.access import Role
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.registers.commands.opening import open_register
from attendance.registers.models import Register
from tests.world import MONDAY

if TYPE_CHECKING:
    from flask.testing import FlaskClient
    from werkzeug.test import TestResponse

    from tests.world import World


@dataclass
class Desk:
    """The own class's morning register, pupils by number, and devices that talk to it over HTTP."""

    world: World
    register_id: int
    pupils: list[int]
    _numbers: Any = field(default_factory=count)

    def new_id(self) -> str:
        """Return an id that no other operation has."""
        return f"operation-{next(self._numbers):06d}"

    def operation(self, pupil: int, letter: str, base: int = 0, **more: object) -> dict[str, object]:
        """Return a tap on the pupil with this number."""
        return {"id": self.new_id(), "pupil": self.pupils[pupil], "letter": letter, "base": base, **more}

    def save(
        self,
        *operations: dict[str, object],
        by: FlaskClient | None = None,
        device: str = "device-of-homeroom",
        submit: str = "final",
        base: int = 0,
        save_id: str | None = None,
    ) -> TestResponse:
        """Send a save as the homeroom teacher, or as whoever `by` is."""
        body = {
            "id": save_id or self.new_id(),
            "device": device,
            "base": base,
            "operations": list(operations),
            "submit": submit,
        }
        client = by or self.world.client(Role.HOMEROOM_TEACHER)
        return client.post(f"/registers/{self.register_id}/save", json=body)

    def correct(
        self,
        pupil: int,
        letter: str,
        *,
        by: FlaskClient | None = None,
        why: str = "Phụ huynh gọi",
        **more: object,
    ) -> TestResponse:
        """Send a correction as the office clerk, or as whoever `by` is."""
        body = {
            "id": self.new_id(),
            "device": "device-of-office",
            "base": self.row().row_version,
            "pupil": self.pupils[pupil],
            "letter": letter,
            "why": why,
            **more,
        }
        client = by or self.world.client(Role.OFFICE_CLERK)
        return client.post(f"/registers/{self.register_id}/correct", json=body)

    def row(self) -> Register:
        """Return the register as it is stored now."""
        with self.world.app.app_context():
            return db.session().get_one(Register, self.register_id)


@pytest.fixture
def desk(world: World) -> Desk:
    with world.app.app_context():
        school_class = db.session().get_one(SchoolClass, world.class_ids["own"])
        register_id = open_register(school_class, MONDAY, DaySession.MORNING)
    return Desk(world, register_id, world.pupil_ids["own"])
