"""Who can take a lesson: properties over generated days."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidError
from app.school.rules import DaySession
from app.school.timetables.rules.days import ChangeKind, DayLesson, busy_staff, check_substitute, in_order
from app.school.timetables.rules.versions import Standing, TimetableState, standing_of

teachers = st.integers(1, 5)


@st.composite
def days(draw: st.DrawFn) -> list[DayLesson]:
    lessons = []
    for number in range(draw(st.integers(1, 10))):
        change = draw(st.sampled_from([None, *ChangeKind]))
        lessons.append(
            DayLesson(
                number,
                draw(st.integers(1, 4)),
                "4/1",
                "Toán",
                draw(teachers),
                "Lê Thị Hoa",
                draw(st.sampled_from(DaySession)),
                draw(st.integers(1, 3)),
                change=change,
                substitute_id=draw(teachers) if change is ChangeKind.SUBSTITUTED else None,
            )
        )
    return lessons


@given(days(), st.data())
def test_whoever_teaches_elsewhere_at_that_time_cannot_take_the_lesson(
    lessons: list[DayLesson], data: st.DataObject
) -> None:
    lesson, substitute = data.draw(st.sampled_from(lessons)), data.draw(teachers)
    elsewhere = any(
        other.slot == lesson.slot and other.taught_by == substitute
        for other in lessons
        if other.entry_id != lesson.entry_id
    )
    assert (substitute in busy_staff(lessons, lesson)) == elsewhere
    if elsewhere or substitute == lesson.staff_id:
        with pytest.raises(InvalidError):
            check_substitute(lessons, lesson, substitute)
    else:
        check_substitute(lessons, lesson, substitute)


@given(days())
def test_a_cancelled_lesson_keeps_nobody_busy(lessons: list[DayLesson]) -> None:
    for lesson in lessons:
        assert (lesson.taught_by is None) == (lesson.change is ChangeKind.CANCELLED)
    assert sorted(lesson.entry_id for lesson in in_order(lessons)) == [lesson.entry_id for lesson in lessons]


DAYS = st.dates(date(2026, 8, 1), date(2027, 6, 30))


@given(DAYS, st.none() | DAYS, DAYS)
def test_a_version_stands_in_one_way_and_holds_on_its_days_alone(
    starts_on: date, ends_on: date | None, today: date
) -> None:
    assert standing_of(TimetableState.DRAFT, starts_on, ends_on, today) is Standing.DRAFT
    standing = standing_of(TimetableState.PUBLISHED, starts_on, ends_on, today)
    begun, over = starts_on <= today, ends_on is not None and ends_on <= today
    assert (standing is Standing.HOLDS) == (begun and not over)
    assert (standing is Standing.NEVER) == (starts_on == ends_on)
