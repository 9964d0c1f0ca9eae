"""Bell schedules through their page."""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.access import Role
from app.facts import FactRow
from app.school.models import BellPeriod
from app.school.queries import lessons_on
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World

WINTER = {"starts_on": "2026-11-02"} | {
    f"morning-{number}-{what}": f"{6 + number:02d}:{minute}"
    for number in range(1, 5)
    for what, minute in (("begins", "15"), ("finishes", "55"))
}


def first_bell(world: World, day: date) -> time | None:
    with world.app.app_context():
        return lessons_on(db.session(), world.school_ids["a"], day)[0].begins_at


def test_a_new_schedule_holds_from_its_day_and_the_past_keeps_its_own(world: World) -> None:
    client, address = world.client(Role.OFFICE_CLERK), f"/schools/{world.school_ids['a']}/bells"
    assert client.post(address, data=WINTER).status_code == 302
    assert first_bell(world, date(2026, 10, 30)) == time(7, 0)
    assert first_bell(world, date(2026, 11, 2)) == time(7, 15)
    page = client.get(address).text
    assert "sắp áp dụng" in page
    with world.app.app_context():
        rows = db.session().scalars(select(BellPeriod).where(BellPeriod.school_id == world.school_ids["b"]))
        assert {row.ends_on for row in rows} == {None}  # the other school's stays as it is
        assert db.session().scalar(select(FactRow).where(FactRow.name == "CalendarChanged"))


def test_a_schedule_that_has_not_begun_can_be_taken_back(world: World) -> None:
    client, address = world.client(Role.OFFICE_CLERK), f"/schools/{world.school_ids['a']}/bells"
    client.post(address, data=WINTER)
    assert client.post(f"{address}/2026-11-02/drop").status_code == 302
    assert first_bell(world, date(2026, 11, 2)) == time(7, 0)
    assert client.post(f"{address}/2026-09-07/drop").status_code == 409
    assert client.post(f"{address}/someday/drop").status_code == 422
    assert first_bell(world, MONDAY) == time(7, 0)


def test_an_overlap_is_shown_at_its_period_and_nothing_is_saved(world: World) -> None:
    client, address = world.client(Role.OFFICE_CLERK), f"/schools/{world.school_ids['a']}/bells"
    answer = client.post(address, data=WINTER | {"morning-2-begins": "07:50"})
    assert answer.status_code == 422
    assert "Tiết này vào học khi tiết trước chưa hết giờ." in answer.text
    assert 'value="07:50"' in answer.text  # what was typed is still there
    half = client.post(address, data=WINTER | {"morning-4-finishes": ""})
    assert "Nhập cả giờ vào và giờ ra" in half.text
    assert first_bell(world, date(2026, 11, 2)) == time(7, 0)


def test_the_past_is_not_rewritten(world: World) -> None:
    client, address = world.client(Role.OFFICE_CLERK), f"/schools/{world.school_ids['a']}/bells"
    answer = client.post(address, data=WINTER | {"starts_on": "2026-10-01"})
    assert answer.status_code == 422
    assert "Chọn hôm nay hoặc một ngày sắp tới." in answer.text
    assert first_bell(world, date(2026, 10, 2)) == time(7, 0)


def test_a_department_officer_reads_and_does_not_edit(world: World) -> None:
    client, address = world.client(Role.DEPARTMENT_OFFICER), f"/schools/{world.school_ids['a']}/bells"
    page = client.get(address).text
    assert "07:00" in page
    assert "Lập lịch giờ học mới" not in page
    assert client.post(address, data=WINTER).status_code == 404
