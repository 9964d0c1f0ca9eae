"""A lesson begins once, has a code of its own, and ends for everybody."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.access import Role
from app.facts import FactRow
from classroom.lessons.commands import end_lesson, start_lesson
from classroom.lessons.models import Lesson
from classroom.lessons.queries import live_lesson
from classroom.lessons.rules import CODE_ALPHABET
from tests.classroom.held import Held, begin, start_of, teacher_of

if TYPE_CHECKING:
    from tests.world import World


def test_beginning_twice_is_beginning_once(held: Held) -> None:
    teacher = teacher_of(held.world)
    assert start_lesson(teacher, start_of(held.world)) == held.lesson_id
    outside = start_of(held.world, number=None)
    lesson_id = start_lesson(teacher, outside)
    assert lesson_id != held.lesson_id
    assert start_lesson(teacher, outside) == lesson_id
    assert start_lesson(teacher, start_of(held.world, number=None)) != lesson_id


def test_another_teachers_lesson_in_the_same_slot_is_another_lesson(held: Held) -> None:
    other = start_lesson(teacher_of(held.world, Role.HOMEROOM_TEACHER), start_of(held.world))
    assert other != held.lesson_id


def test_a_code_is_readable_and_belongs_to_one_lesson_at_a_time(held: Held) -> None:
    codes = {db.session().get_one(Lesson, begin(held.world, number=n).lesson_id).code for n in range(3, 9)}
    assert len(codes) == 6
    assert all(len(code) == 6 and set(code) <= set(CODE_ALPHABET) for code in codes)
    code = codes.pop()
    found = live_lesson(db.session(), f" {code[:3].lower()}-{code[3:].lower()} ")
    assert found is not None
    end_lesson(teacher_of(held.world), found.id)
    db.session().rollback()
    assert live_lesson(db.session(), code) is None


def test_ending_tells_how_many_took_part_and_is_ending_once(held: Held) -> None:
    for pupil in held.pupils[:2]:
        held.seat(pupil)
    activity = held.ask()
    held.answer(held.pupils[0], activity, "A")
    for _ in range(2):
        end_lesson(teacher_of(held.world), held.lesson_id)
    (stored,) = db.session().scalars(select(FactRow.payload).where(FactRow.name == "LessonHeld"))
    fact = json.loads(stored)
    counts = (fact["pupils_expected"], fact["pupils_joined"], fact["pupils_answered"], fact["activities"])
    assert counts == (6, 2, 1, 1)
    assert fact["date"] == "2026-10-05"
    assert held.snapshot()["activities"][str(activity)]["phase"] == "closed"


def test_a_lesson_is_for_who_is_in_the_class_that_day(world: World) -> None:
    with world.app.app_context():
        names = [row["name"] for row in begin(world).snapshot()["pupils"].values()]
    assert names == [
        "Nguyễn Văn An",
        "Trần Thị Ánh",
        "Y Bloong",
        "Điểu K'Rân",
        "Lê Hoàng Phương Uyên",
        "Đặng Thị Ước",
    ]
