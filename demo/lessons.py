"""Live lessons of the past weeks, led and answered through the real commands, with the clock set to their day."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import Actor
from app.errors import BangXanhError
from app.school.models import SchoolClass, Staff
from app.school.queries import cards_of_pupils, lessons_on, pupils_in_class
from app.school.rules import days_between
from attendance.registers.models import Mark, Register
from attendance.registers.rules.states import SlotKind, slot_of
from classroom.activities.commands import add_question
from classroom.activities.commands.moving import move_activity
from classroom.activities.rules import Content, Move, choice
from classroom.answers import commands as answers
from classroom.answers.commands import AnswerGiven
from classroom.answers.rules import Source, Wish
from classroom.lessons.commands import end_lesson, start_lesson
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonStart
from classroom.seats.commands import take_seat
from classroom.seats.rules import device_hash
from demo.days import monday_of
from demo.founded import instant_at
from demo.questions import BY_LEVEL, Question

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.school.queries import PlannedLesson
    from app.school.rules import Level

WEEKS: Final = 6
DAYS_A_WEEK: Final = 2
QUESTIONS_A_LESSON: Final = 2
WITH_A_DEVICE: Final = 0.55
ANSWERING: Final = 0.93
CHANGING_THEIR_MIND: Final = 0.05
NAMESPACE: Final = uuid.UUID("6d1f8a52-5a0e-4c43-9d3b-0f6f4d0c7a11")


@dataclass(frozen=True, slots=True)
class LessonSource:
    """A school that holds live lessons: how many in a week, and the class that has one of them every week, if any."""

    school_id: int
    level: Level
    a_week: int
    class_name: str | None = None


def hold_lessons(sources: Sequence[LessonSource], first: date, today: date, chance: random.Random) -> int:
    """Hold the live lessons of the last six weeks before today, in order of time; return how many.

    Their ids come from class and slot, so that doing it again after an interruption adds nothing.
    """
    held = [
        (planned, day, source)
        for week in range(WEEKS, -1, -1)
        for source in sources
        for planned, day in _chosen(source, monday_of(today) - timedelta(weeks=week), first, today, chance)
    ]
    held.sort(key=lambda one: (one[1], one[0].day_session, one[0].number))
    for planned, day, source in held:
        _hold(planned, day, source.level, random.Random(f"{planned.entry_id}:{day}"))
    return len(held)


def _chosen(
    source: LessonSource, monday: date, first: date, today: date, chance: random.Random
) -> list[tuple[PlannedLesson, date]]:
    """Return the lessons of one week that are held live: of subjects that there are questions for, before today."""
    days = [day for day in days_between(monday, monday + timedelta(days=6)) if first <= day < today]
    offered = [
        (planned, day)
        for day in chance.sample(days, min(len(days), DAYS_A_WEEK))
        for planned in lessons_on(db.session(), source.school_id, day)
        if planned.subject in BY_LEVEL[source.level] and planned.begins_at is not None
    ]
    preferred = [one for one in offered if one[0].class_name == source.class_name]
    chosen = chance.sample(preferred, 1) if preferred else []
    others = [one for one in offered if one not in preferred]
    return chosen + chance.sample(others, min(len(others), source.a_week - len(chosen)))


def _hold(planned: PlannedLesson, day: date, level: Level, chance: random.Random) -> None:
    """Lead one lesson from its first minute to its end; one that was interrupted is ended as it is."""
    if planned.begins_at is None:
        return
    begins = instant_at(day, planned.begins_at) + timedelta(minutes=chance.randrange(2, 6))
    ends = begins + timedelta(minutes=32)
    teacher = _teacher(db.session(), planned)
    start = LessonStart(
        op_id=_id(planned, day, "start"),
        class_id=planned.class_id,
        subject=planned.subject,
        day_session=planned.day_session,
        number=planned.number,
    )
    begun = db.session().scalar(select(Lesson.id).where(Lesson.op_id == start.op_id))
    if begun is not None:
        with clock.at(ends):
            end_lesson(teacher, begun)
        return
    with clock.at(begins):
        lesson_id = start_lesson(teacher, start)
    seated = _seat_pupils(lesson_id, planned, day, begins, chance)
    asked = begins + timedelta(minutes=6)
    bank = BY_LEVEL[level][planned.subject]
    for number, question in enumerate(chance.sample(bank, min(QUESTIONS_A_LESSON, len(bank)))):
        _ask(lesson_id, _id(planned, day, f"question {number}"), question, seated, asked, chance)
        asked += timedelta(minutes=chance.randrange(4, 8))
    with clock.at(ends):
        end_lesson(teacher, lesson_id)


def _teacher(session: Session, planned: PlannedLesson) -> Actor:
    staff = session.get_one(Staff, planned.staff_id)
    if staff.user_id is None:
        message = f"{planned.teacher} has no account to lead a lesson with"
        raise ValueError(message)
    return Actor(staff.user_id, staff.full_name)


def _seat_pupils(
    lesson_id: int, planned: PlannedLesson, day: date, begins: datetime, chance: random.Random
) -> dict[int, str]:
    """Seat those who are there and have a device; return {pupil: the device's hash}."""
    session = db.session()
    away = _absent(session, planned, day)
    pupils = [p.id for p in pupils_in_class(session, planned.class_id, day) if p.id not in away]
    year_id = session.get_one(SchoolClass, planned.class_id).year_id
    cards = cards_of_pupils(session, pupils, year_id)
    seated = {}
    for pupil_id in pupils:
        if chance.random() < WITH_A_DEVICE:
            seated[pupil_id] = device_hash(_id(planned, day, f"device {pupil_id}"))
            with clock.at(begins + timedelta(seconds=chance.randrange(20, 240))):
                take_seat(lesson_id, pupil_id, cards[pupil_id], seated[pupil_id])
    return seated


def _absent(session: Session, planned: PlannedLesson, day: date) -> set[int]:
    """Return the pupils with a mark in the register of this session; who comes late has none of our devices either."""
    rows = session.scalars(
        select(Mark.pupil_id)
        .join(Register, Register.id == Mark.register_id)
        .where(
            Register.class_id == planned.class_id,
            Register.day == day,
            Register.slot_kind == SlotKind.SESSION,
            Register.slot == slot_of(planned.day_session),
        )
    )
    return set(rows)


def _ask(  # noqa: PLR0917, RUF100 - a question in a lesson is what these say
    lesson_id: int,
    op_id: str,
    question: Question,
    seated: dict[int, str],
    asked: datetime,
    chance: random.Random,
) -> None:
    plain = choice(question.text, question.options, [question.right], explanation=question.explanation)
    content = replace(plain, objective=question.objective)
    with clock.at(asked):
        activity_id = add_question(lesson_id, op_id, content)
        move_activity(lesson_id, activity_id, Move.OPEN)
    given = [
        answer
        for pupil_id, device in seated.items()
        if chance.random() < ANSWERING
        for answer in _answers(
            (lesson_id, activity_id, pupil_id), device, _letters(question, content, chance), asked, chance
        )
    ]
    given.sort(key=lambda answer: answer.wish.arrived_at)
    with clock.at(asked + timedelta(seconds=90)):
        _store_together(given)
    with clock.at(asked + timedelta(seconds=100)):
        move_activity(lesson_id, activity_id, Move.CLOSE)
        move_activity(lesson_id, activity_id, Move.REVEAL)


def _store_together(given: list[AnswerGiven]) -> None:
    """Store a question's answers in one transaction, as a serving process's writer does when they come at once."""
    with db.transaction() as session:
        for result in answers._store(session, given):  # noqa: SLF001 - what the writer calls, without a writer
            if isinstance(result, BangXanhError):
                raise result


def _letters(question: Question, content: Content, chance: random.Random) -> list[str]:
    """Return the letter that a pupil chooses, before it perhaps the one that it replaces."""
    wrong = [letter for letter in content.letters if letter != question.right]
    chosen = question.right if chance.random() < question.easy else chance.choice(wrong)
    first = chance.choice(content.letters)
    return [first, chosen] if chance.random() < CHANGING_THEIR_MIND and first != chosen else [chosen]


def _answers(
    whose: tuple[int, int, int], device: str, letters: Iterable[str], asked: datetime, chance: random.Random
) -> Iterator[AnswerGiven]:
    """Yield a pupil's answers to a question; `whose` is (lesson, activity, pupil)."""
    lesson_id, activity_id, pupil_id = whose
    thought = chance.uniform(4, 60)
    for made, letter in enumerate(letters, 1):
        wish = Wish(
            uuid=str(uuid.uuid5(NAMESPACE, f"{activity_id}:{pupil_id}:{made}")),
            round=1,
            answer=(letter,),
            arrived_at=asked + timedelta(seconds=thought + 8 * made),
            made=made,
            device=device[: answers.DEVICE_MARK],
        )
        yield AnswerGiven(lesson_id, activity_id, pupil_id, wish, Source.DEVICE, device)


def _id(planned: PlannedLesson, day: date, what: str) -> str:
    return str(uuid.uuid5(NAMESPACE, f"{planned.class_id}:{planned.entry_id}:{day}:{what}"))
