"""After the months that a school chose, nothing says who answered what; the class's figures stay."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select

from app import clock, db
from app.access import SYSTEM, Role
from classroom.activities.rules import Content, Kind, Move, choice
from classroom.answers.models import Attempt, AttemptChange
from classroom.hands.commands import raise_hand
from classroom.hands.models import Hand
from classroom.ledger.models import LessonEvent
from classroom.lessons.commands import end_lesson
from classroom.lessons.models import Lesson
from classroom.mastery.queries import results_of_class
from classroom.mastery.rules import NOBODY, by_objective
from classroom.outcomes.queries import outcome_of
from classroom.retention.commands import forget_old_answers, set_retention
from classroom.retention.rules import counts_to_keep, months_before
from tests.classroom.held import teacher_of
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.classroom.held import Held


@given(st.dates(date(2020, 1, 1), date(2060, 1, 1)), st.integers(1, 120))
def test_months_back_are_whole_months(day: date, months: int) -> None:
    before = months_before(day, months)
    assert (day.year * 12 + day.month) - (before.year * 12 + before.month) == months
    assert before.day <= day.day
    assert before.day == day.day or (before + timedelta(days=1)).day == 1


def test_no_word_that_a_pupil_wrote_is_counted() -> None:
    for kind in (Kind.WORDS, Kind.TEXT):
        assert counts_to_keep(Content(kind, "?"), [("bí mật",)]) == {}
    assert counts_to_keep(Content(Kind.SHORT, "?", solution=("sông",)), [("bí mật",), ("Sông",)]) == {
        "sông": 1
    }


def left(model: type[Attempt | AttemptChange | Hand | LessonEvent]) -> int:
    return db.session().scalar(select(func.count()).select_from(model)) or 0


def test_old_answers_go_and_the_figures_stay(held: Held) -> None:
    held.seat(held.pupils[0])
    activity = held.ask(replace(choice("1 + 1 = ?", ["1", "2"], "B"), objective="Cộng"))
    held.answer(held.pupils[0], activity, "A")
    raise_hand(held.lesson_id, held.pupils[0], "hand-0001")
    held.move(activity, Move.CLOSE)
    held.move(activity, Move.REVEAL)
    end_lesson(teacher_of(held.world), held.lesson_id)
    school = held.world.school_ids["a"]
    with clock.at(MORNING + timedelta(days=200)):
        forget_old_answers()
        assert left(Attempt) == 1, "a school that decided nothing keeps its answers"
        set_retention(SYSTEM, school, 12)
        forget_old_answers()
        assert left(Attempt) == 1
        lesson = db.session().get_one(Lesson, held.lesson_id)
        before = outcome_of(db.session(), lesson).questions[0].last
        year = (lesson.class_id, date(2026, 9, 1), date(2027, 6, 1))
        mastered = by_objective(results_of_class(db.session(), *year))
        set_retention(SYSTEM, school, 6)
        for _ in range(2):
            forget_old_answers()
    db.session().rollback()
    assert [left(model) for model in (Attempt, AttemptChange, Hand, LessonEvent)] == [0, 0, 0, 0]
    outcome = outcome_of(db.session(), db.session().get_one(Lesson, held.lesson_id))
    assert outcome.questions[0].last == before
    assert all(not any(row.answers) for row in outcome.pupils)
    kept = results_of_class(db.session(), *year)
    assert (by_objective(kept), {one.pupil_id for one in kept}) == (mastered, {NOBODY})
    teacher = held.world.client(Role.TEACHER)
    db.session().rollback()
    page = teacher.get(f"/lessons/{held.lesson_id}").text
    assert "theo thời hạn" in page


def test_the_principal_decides_on_a_page(held: Held) -> None:
    school = held.world.school_ids["a"]
    browser = held.world.client(Role.PRINCIPAL)
    assert browser.post(f"/schools/{school}/answers", data={"months": "0"}).status_code == 422
    assert browser.post(f"/schools/{school}/answers", data={"months": "12"}).status_code == 302
    assert 'value="12"' in browser.get(f"/schools/{school}/answers").text
    assert "12 tháng" in browser.get(f"/schools/{school}").text
    assert browser.post(f"/schools/{school}/answers", data={"months": ""}).status_code == 302
    assert "Giữ lâu dài" in browser.get(f"/schools/{school}").text
