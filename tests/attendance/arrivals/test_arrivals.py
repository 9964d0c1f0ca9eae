"""The desk for late arrivals: found by card or name, marked by the register's commands, nothing overwritten unseen."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from app import clock, db, realtime
from app.access import Role
from attendance.evidence.rules import MOST_MINUTES, minutes_between
from attendance.registers.models import Mark, MarkEvent
from tests.attendance.gates.test_gates import card
from tests.world import MORNING

if TYPE_CHECKING:
    from werkzeug.test import TestResponse

    from tests.attendance.registers.conftest import Desk
    from tests.world import World

LATER = MORNING + timedelta(minutes=30)


def ask(world: World, text: str, moment: datetime = LATER) -> str:
    with clock.at(moment):
        address = f"/attendance/late/{world.school_ids['a']}"
        return world.client(Role.OFFICE_CLERK).get(address, query_string={"q": text}).text


def form_of(page: str) -> dict[str, str]:
    """Return the first form of a late arrival on a page, as a browser would send it."""
    return {
        name: re.search(rf'name="{name}"[^>]*value="([^"]*)"', page)[1]  # type: ignore[index] # it is there
        for name in ("key", "pupil_id", "base", "minutes")
    }


def send(world: World, form: dict[str, str]) -> TestResponse:
    with clock.at(LATER):
        return world.client(Role.OFFICE_CLERK).post(f"/attendance/late/{world.school_ids['a']}", data=form)


def marks(world: World) -> list[tuple[int, str, int | None]]:
    with world.app.app_context():
        return [
            (row.pupil_id, row.source, row.minutes_late) for row in db.session().scalars(select(Mark)).all()
        ]


def test_the_desk_stands_in_the_last_session_that_has_lessons(world: World) -> None:
    """At a quarter to five an evening begins, but not at a school without evening lessons."""
    address = f"/attendance/late/{world.school_ids['a']}"
    with clock.at(MORNING + timedelta(hours=11)):
        page = world.client(Role.OFFICE_CLERK).get(address).text
    assert "Buổi tối" not in page
    assert "Buổi chiều 05/10/2026" in page or "Buổi sáng 05/10/2026" in page


def test_a_card_or_a_name_finds_pupils_of_this_school_alone(world: World) -> None:
    page = ask(world, f"https://truong.example/j#{card(world)}")
    assert page.count('name="pupil_id"') == 1
    assert "Nguyễn Văn An" in page
    assert form_of(page)["minutes"] == "35", "07:35, lessons begin at 07:00"
    over = ask(world, card(world), MORNING + timedelta(hours=11))
    assert form_of(over)["minutes"] == "", "18:05: lessons are over, and nobody is eleven hours late"
    assert ask(world, "uyen phuong").count("Lê Hoàng Phương Uyên") >= 2
    assert ask(world, "uyen phuong").count('name="pupil_id"') == 2
    assert ask(world, card(world, "other_school")).count('name="pupil_id"') == 0
    assert ask(world, "%").count('name="pupil_id"') == 0
    assert ask(world, "").count('name="pupil_id"') == 0


def test_before_the_register_is_taken_the_teacher_finds_the_mark_on_the_sheet(desk: Desk) -> None:
    world = desk.world
    form = form_of(ask(world, card(world)))
    told: list[tuple[str, str, object]] = []
    stop = realtime.listen(lambda to, name, content: told.append((to, name, content["by"])))
    assert send(world, form).status_code == send(world, form).status_code == 302
    stop()
    assert told[0] == (f"register:{desk.register_id}", "register_standing", "Trần Thị office_clerk"), (
        "who has the sheet open sees it at once, with who wrote it"
    )
    assert marks(world) == [(desk.pupils[0], "desk", 35)]
    assert desk.row().state == "open"
    with world.app.app_context():
        assert len(db.session().scalars(select(MarkEvent).where(MarkEvent.kind == "mark")).all()) == 1
    assert "35" in ask(world, "").partition('id="late"')[2]


def test_afterwards_it_stands_beside_the_teachers_word(desk: Desk) -> None:
    world = desk.world
    assert desk.save(desk.operation(0, "K")).status_code == 200
    page = ask(world, card(world))
    assert 'data-mark="K"' in page
    assert send(world, form_of(page)).status_code == 302
    row = desk.row()
    assert (row.state, row.late, row.unexcused, row.present) == ("submitted", 1, 0, 6)
    with world.app.app_context():
        mark = db.session().scalars(select(Mark)).one()
        assert (mark.teacher_code_id, mark.office_code_id, mark.minutes_late) == (2, 3, 35)


def test_what_was_said_meanwhile_is_shown_and_not_overwritten(desk: Desk) -> None:
    world = desk.world
    form = form_of(ask(world, card(world)))
    assert desk.save(desk.operation(0, "P"), submit="").status_code == 200
    refused = send(world, form)
    assert refused.status_code == 409
    assert "Trần Thị homeroom_teacher vừa ghi “P”" in refused.text
    form = form_of(ask(world, card(world)))
    assert desk.save(desk.operation(0, "K", base=1)).status_code == 200
    assert send(world, form).status_code == 409
    with world.app.app_context():
        assert [row.code_id for row in db.session().scalars(select(Mark))] == [2]


def test_a_pupil_of_elsewhere_and_no_minutes_are_refused(desk: Desk) -> None:
    world = desk.world
    form = form_of(ask(world, card(world)))
    stranger = str(world.pupil_ids["other_school"][0])
    assert send(world, form | {"pupil_id": stranger}).status_code == 404
    for wrong in ({"minutes": ""}, {"minutes": "0"}, {"minutes": "601"}, {"pupil_id": "x"}, {"key": ""}):
        assert send(world, form | wrong).status_code == 422
    assert marks(world) == []


@given(st.times(), st.times())
def test_nobody_is_late_before_lessons_begin(begins_at: time, moment: time) -> None:
    late = minutes_between(begins_at, moment)
    assert minutes_between(None, moment) is None
    if late is None:
        assert moment.replace(second=0, microsecond=0) <= begins_at.replace(second=59, microsecond=999_999)
    else:
        assert 0 < late <= MOST_MINUTES
