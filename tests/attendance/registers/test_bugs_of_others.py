"""What went wrong in other systems: docs/bugs-of-others.md names the tests; those without another home are here."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import func, select

from app import clock, db
from app.access import Role
from attendance.evidence.models import Evidence
from tests.attendance.gates.test_gates import Device, card, gate  # noqa: F401 - a fixture
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.attendance.registers.conftest import Desk
    from tests.world import World

ROOT = Path(__file__).parents[3]
BEFORE_MIDNIGHT = MORNING - timedelta(hours=7, minutes=35)
"""Sunday 23:30 of the school's clock, 16:30 of the same Sunday in UTC; an hour later it is Monday here alone."""


def test_every_bug_of_the_list_names_a_test_that_exists() -> None:
    page = (ROOT / "docs" / "bugs-of-others.md").read_text()
    wanted = set(re.findall(r"`(test_\w+)`", page))
    there = {
        name for path in (ROOT / "tests").rglob("test_*.py") for name in re.findall(r"def (test_\w+)", path.read_text())
    }  # fmt: skip
    assert len(wanted) > 20
    assert wanted <= there


@pytest.mark.parametrize(
    "device_says", ["2026-10-04T17:30:00Z", "2026-10-05T00:30:00+07:00", "2011-01-01T00:00"]
)
def test_a_day_begins_at_the_schools_midnight_whatever_zone_a_device_is_in(
    desk: Desk, device_says: str
) -> None:
    """mod_attendance 683, 202, 896: sessions landed on another day where server, school and phone had other zones."""
    tap = desk.operation(0, "K", at=device_says)
    with clock.at(BEFORE_MIDNIGHT):
        assert desk.save(tap).status_code == 422
    with clock.at(BEFORE_MIDNIGHT + timedelta(hours=1)):
        assert desk.save(tap).status_code == 200
    assert (desk.row().day.isoformat(), desk.row().unexcused) == ("2026-10-05", 1)


def test_the_morning_peak_of_1500_scans_is_stored_once_each(world: World, gate: Device) -> None:  # noqa: F811
    """mod_attendance 884: from 300 check-ins in a minute on, some were lost and some were there twice."""
    cards = [card(world, number=number) for number in range(6)]
    scans = [
        {
            "id": f"scan-{n:05d}",
            "card": cards[n % 6],
            "time": f"2026-10-05T06:{n // 60:02d}:{n % 60:02d}+07:00",
        }
        for n in range(1_500)
    ]
    for first in range(0, 1_500, 150):
        group = scans[first : first + 150]
        assert gate.results(*group, *group[:20]) == ["stored"] * 170, (
            "what a gate sends again is the same scan"
        )
    with world.app.app_context():
        assert db.session().scalar(select(func.count()).select_from(Evidence)) == 1_500


def test_nothing_tells_a_guardian_what_nobody_said(desk: Desk) -> None:
    """Icc 502: messages went out on default marks and on unfinished registers.

    Here none goes out at all: who hears of a saved register are excuses, cubes and stretches of absence.
    """
    dispatcher = desk.world.app.extensions["bangxanh.dispatcher"]
    heard = {one.name for one in dispatcher._by_fact["RegisterSaved"]}  # noqa: SLF001 - who listens
    assert heard == {"excuses.covers", "cubes.register", "stretches.register"}
    with clock.at(MORNING):
        before = desk.world.client(Role.GUARDIAN).get("/").text
        desk.save(desk.operation(0, "K"), submit="")
        opened = desk.world.client(Role.GUARDIAN).get("/").text
    assert "Chưa có buổi nào được điểm danh" in before
    assert "Chưa có buổi nào được điểm danh" in opened, (
        "a register that was only begun says nothing of anybody"
    )
