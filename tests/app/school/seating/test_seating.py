"""Seat plans: what fits, what held when, who may arrange."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import db
from app.access import SYSTEM, Role
from app.errors import InvalidError
from app.school.enrolment.commands import Step
from app.school.enrolment.commands.steps import move_pupil
from app.school.seating.commands import save_plan
from app.school.seating.queries import plan_days, seats_of_class
from app.school.seating.rules import Plan, Seat, check_plan, empty_plan
from tests.world import MONDAY

if TYPE_CHECKING:
    from tests.world import World

NEXT_WEEK = MONDAY + timedelta(days=7)


@given(st.integers(0, 96))
def test_the_grid_that_is_offered_has_a_seat_for_everybody(size: int) -> None:
    plan = empty_plan(size)
    assert plan.rows * plan.columns >= size
    check_plan(plan, [])


@pytest.mark.parametrize(
    "seats",
    [
        (Seat(1, 0, 0), Seat(2, 0, 0)),
        (Seat(1, 0, 0), Seat(1, 0, 1)),
        (Seat(1, 2, 0),),
        (Seat(1, -1, 0),),
        (Seat(9, 0, 0),),
    ],
)
def test_everybody_sits_once_inside_the_grid_and_belongs_to_the_class(seats: tuple[Seat, ...]) -> None:
    with pytest.raises(InvalidError):
        check_plan(Plan(2, 2, seats), [1, 2])


def test_a_plan_holds_from_its_day_on_and_the_days_before_keep_theirs(world: World) -> None:
    class_id, pupils = world.class_ids["own"], world.pupil_ids["own"]
    first = Plan(2, 3, (Seat(pupils[0], 0, 0), Seat(pupils[1], 0, 1)))
    second = Plan(3, 3, (Seat(pupils[1], 2, 2),))
    with world.app.app_context():
        plan_id = save_plan(SYSTEM, class_id, first, date(2026, 9, 7))
        assert save_plan(SYSTEM, class_id, first, date(2026, 9, 7)) == plan_id
        save_plan(SYSTEM, class_id, second, NEXT_WEEK)
        save_plan(SYSTEM, class_id, Plan(2, 3, first.seats[:1]), MONDAY)
        session = db.session()
        found = {day: seats_of_class(session, class_id, day) for day in (date(2026, 9, 8), MONDAY, NEXT_WEEK)}
        told = [plan.by_pupil for plan in found.values() if plan]
        assert told == [{pupils[0]: (0, 0), pupils[1]: (0, 1)}, {pupils[0]: (0, 0)}, {pupils[1]: (2, 2)}]
        assert plan_days(session, class_id) == [NEXT_WEEK, MONDAY, date(2026, 9, 7)]
        with pytest.raises(InvalidError):
            save_plan(SYSTEM, class_id, second, date(2026, 9, 20))
        move_pupil(SYSTEM, pupils[1], world.class_ids["other_class"], Step("moved-away", NEXT_WEEK))
        left = seats_of_class(session, class_id, NEXT_WEEK)
        assert left is not None
        assert left.by_pupil == {}


def test_the_homeroom_teacher_arranges_and_a_subject_teacher_looks(world: World) -> None:
    class_id, pupil = world.class_ids["own"], world.pupil_ids["own"][0]
    sent = {"rows": 2, "columns": 4, "starts_on": "2026-10-05", "seats": json.dumps([[pupil, 1, 3]])}
    homeroom, teacher = world.client(Role.HOMEROOM_TEACHER), world.client(Role.TEACHER)
    assert teacher.post(f"/classes/{class_id}/seats", data=sent).status_code == 404
    assert homeroom.post(f"/classes/{class_id}/seats", data=sent).status_code == 302
    assert 'class="seat is-taken">Nguyễn Văn An' in teacher.get(f"/classes/{class_id}/seats").get_data(
        as_text=True
    )
    for wrong in ("[[1]]", "{", '[["x", 0, 0]]', json.dumps([[pupil, 9, 9]])):
        assert homeroom.post(f"/classes/{class_id}/seats", data=sent | {"seats": wrong}).status_code == 422
