"""Who is marked absent is grey on the names and is not called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import absences, db
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.registers.commands.opening import open_register
from attendance.registers.models import AttendanceCode, Mark
from attendance.registers.queries.pupil import absent_in_session
from classroom.lessons.commands import pick_pupil
from classroom.lessons.models import Lesson
from classroom.lessons.queries import tiles

if TYPE_CHECKING:
    from tests.classroom.held import Held


def test_who_is_marked_absent_is_grey_and_not_called(held: Held) -> None:
    absences.answer(absent_in_session)
    away = mark_absent(held, held.pupils[:-1])
    shown = tiles(db.session(), db.session().get_one(Lesson, held.lesson_id))
    assert {tile["id"] for tile in shown if tile["away"]} == away
    assert all(held.snapshot()["pupils"][str(pupil)]["away"] for pupil in away)
    assert pick_pupil(held.lesson_id, "op-pick-001") == held.pupils[-1]


def test_who_is_here_without_a_device_has_a_turn_too(held: Held) -> None:
    *others, first, second = held.pupils
    held.seat(first)
    assert {pick_pupil(held.lesson_id, f"op-pick-00{n}") for n in range(3)} == {first}, (
        "nothing says who is here"
    )
    absences.answer(absent_in_session)
    mark_absent(held, others)
    assert pick_pupil(held.lesson_id, "op-pick-009") == second


def mark_absent(held: Held, pupils: list[int]) -> set[int]:
    lesson = db.session().get_one(Lesson, held.lesson_id)
    school_class = db.session().get_one(SchoolClass, lesson.class_id)
    register = open_register(school_class, lesson.held_on, DaySession(lesson.day_session))
    with db.transaction() as session:
        code = session.scalars(select(AttendanceCode).where(AttendanceCode.is_present.is_(False))).first()
        assert code is not None
        session.add_all(
            Mark(
                register_id=register,
                pupil_id=pupil,
                code_id=code.id,
            )
            for pupil in pupils
        )
    return set(pupils)
