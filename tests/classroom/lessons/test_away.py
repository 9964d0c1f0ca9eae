"""Who is marked absent is grey on the names and is not called."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import absences, clock, db
from app.school.models import SchoolClass
from app.school.rules import DaySession
from attendance.registers.commands.opening import open_register
from attendance.registers.models import AttendanceCode, Mark
from attendance.registers.queries.pupil import absent_in_session
from classroom.activities.commands import add_question
from classroom.activities.rules import Move
from classroom.lessons.commands import pick_pupil, switch
from classroom.lessons.events import screen_state
from classroom.lessons.models import Lesson
from classroom.lessons.queries import tiles
from classroom.lessons.rules import Switch
from classroom.slides.rules import Page, slides_of
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.classroom.held import Held

SLIDE: Final = slides_of("a" * 64, [Page(1152, "Trang")])[0]


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


def test_a_called_name_stays_on_the_projector_until_a_question_opens(held: Held) -> None:
    def named() -> bool:
        db.session().rollback()
        return bool(screen_state(held.lesson_id)["stage"]["picked"])

    slide = add_question(held.lesson_id, "op-slide-1", SLIDE)
    switch(held.lesson_id, Switch.NAMES, on=True)
    with clock.at(MORNING):
        question = held.ask()
    with clock.at(MORNING + timedelta(seconds=5)):
        pick_pupil(held.lesson_id, "op-pick-001")
    assert named()
    with clock.at(MORNING + timedelta(seconds=9)):
        held.move(question, Move.CLOSE)
        assert named()
        other = held.ask()
    assert not named()
    held.move(other, Move.CLOSE)
    held.move(slide, Move.SHOW)
    assert not named(), "nor does it come back with the next slide"


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
