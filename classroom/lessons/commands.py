"""Writes of lessons: begin one, end it."""

from __future__ import annotations

from dataclasses import dataclass
from secrets import SystemRandom
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import func, or_, select

from app import clock, facts
from app.audit.commands import record
from app.errors import InvalidError
from app.i18n import say
from app.school.models import SchoolClass
from app.writer import write
from classroom.activities.commands.moving import close_open
from classroom.activities.models import Activity
from classroom.activities.queries import for_teacher, milliseconds
from classroom.activities.rules import Kind
from classroom.answers.models import Attempt
from classroom.ledger.commands import locked_lesson, tell
from classroom.ledger.rules import Happened
from classroom.lessons.models import Lesson, Pick
from classroom.lessons.queries import SWITCHED, away_from, picks_in_class, pupils_of
from classroom.lessons.rules import OFFERS, LessonStart, LessonState, Switch, fair_pick, new_code
from classroom.seats.queries import joined_count, seats_of
from classroom.team.commands import add_planned_teachers
from classroom.team.models import CoTeacher

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor


@dataclass(frozen=True)
class LessonHeld(facts.Fact):
    """A live lesson ended, with how many took part."""

    fact_name: ClassVar[str] = "LessonHeld"
    lesson_id: int
    class_id: int
    school_id: int
    user_id: int
    subject: str
    date: date
    day_session: str
    number: int | None
    pupils_expected: int
    pupils_joined: int
    pupils_answered: int
    activities: int


# --- begin and end ------------------------------------------------------------------------------------------------


def start_lesson(actor: Actor, start: LessonStart) -> int:
    """Begin a lesson and return its id; the one that goes on already in this class and slot is returned as it is."""

    def begin(session: Session) -> int:
        found = _lesson_begun(session, actor, start)
        if found is not None:
            return found
        school_class = session.get_one(SchoolClass, start.class_id)
        lesson = Lesson(
            op_id=start.op_id,
            school_id=school_class.school_id,
            class_id=school_class.id,
            owner_id=actor.user_id,
            subject=start.subject,
            held_on=clock.today(),
            day_session=start.day_session,
            number=start.number,
            code=_free_code(session),
            screen_nonce=new_code(),
            state=LessonState.LOBBY,
            seq=0,
            started_at=clock.now(),
        )
        session.add(lesson)
        session.flush()
        add_planned_teachers(session, lesson)
        record(session, actor, "lesson.started", ("lesson", lesson.id), {"class": school_class.id})
        return lesson.id

    return write(begin)


def _lesson_begun(session: Session, actor: Actor, start: LessonStart) -> int | None:
    """Find the lesson that this tap began before, or that goes on in the same period, a co-teacher's too.

    A lesson without a period is always a new one.
    """
    same_slot = (
        (Lesson.number.is_not(None))
        & (Lesson.class_id == start.class_id)
        & (Lesson.held_on == clock.today())
        & (Lesson.day_session == start.day_session)
        & (Lesson.number == start.number)
        & (Lesson.state != LessonState.ENDED)
    )
    together = select(CoTeacher.lesson_id).where(CoTeacher.user_id == actor.user_id)
    own = (Lesson.owner_id == actor.user_id) & or_(Lesson.op_id == start.op_id, same_slot)
    query = select(Lesson.id).where(or_(own, same_slot & Lesson.id.in_(together)))
    return session.scalar(query.limit(1))


def _free_code(session: Session) -> str:
    while True:
        code = new_code()
        taken = select(Lesson.id).where(Lesson.code == code, Lesson.state != LessonState.ENDED)
        if session.scalar(taken) is None:
            return code


def end_lesson(actor: Actor, lesson_id: int) -> None:
    """End a lesson: what is open is closed, the code is free again. Ending it twice is ending it once."""

    def end(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id, ended_too=True)
        if lesson.state == LessonState.ENDED:
            return
        now = clock.now()
        lesson.state, lesson.ended_at = LessonState.ENDED, now
        patch: dict[str, Any] = {"lesson": {"state": lesson.state}}
        if closed := close_open(session, lesson, now):
            patch["activities"] = {str(activity.id): for_teacher(activity) for activity in closed}
        tell(session, lesson, Happened.ENDED, patch, now)
        facts.record(session, _held(session, lesson))
        record(session, actor, "lesson.ended", ("lesson", lesson.id))

    write(end)


def _held(session: Session, lesson: Lesson) -> LessonHeld:
    answered = select(func.count(func.distinct(Attempt.pupil_id))).where(Attempt.lesson_id == lesson.id)
    shown = select(func.count()).where(
        Activity.lesson_id == lesson.id, Activity.shown_seq > 0, Activity.kind != Kind.SLIDE.value
    )
    return LessonHeld(
        lesson_id=lesson.id,
        class_id=lesson.class_id,
        school_id=lesson.school_id,
        user_id=lesson.owner_id,
        subject=lesson.subject,
        date=lesson.held_on,
        day_session=lesson.day_session,
        number=lesson.number,
        pupils_expected=len(pupils_of(session, lesson)),
        pupils_joined=joined_count(session, lesson.id),
        pupils_answered=session.scalar(answered) or 0,
        activities=session.scalar(shown) or 0,
    )


# --- while it goes on ---------------------------------------------------------------------------------------------


def switch(lesson_id: int, what: Switch, *, on: bool) -> None:
    """Switch what projector and pupils' devices show and offer; setting what is set already changes nothing."""

    def set_it(session: Session) -> None:
        lesson = locked_lesson(session, lesson_id)
        field = SWITCHED[what]
        if getattr(lesson, field) == on:
            return
        setattr(lesson, field, on)
        kind = Happened.OFFERED if what in OFFERS else Happened.SWITCHED
        tell(session, lesson, kind, {"lesson": {what.value: on}}, clock.now())

    write(set_it)


def pick_pupil(lesson_id: int, op_id: str) -> int:
    """Call somebody at random, fairly, and return the pupil; the same `op_id` again returns the same one.

    Called are those who are not absent once a register says who is: a pupil without a device has a turn too. Without
    one those who joined, or the whole class where nobody did.

    Who was called least lately comes first: everybody once before anybody twice, over the class's lessons.
    Raises InvalidError when nobody can be called.
    """

    def pick(session: Session) -> int:
        lesson = locked_lesson(session, lesson_id)
        again = session.scalar(select(Pick.pupil_id).where(Pick.lesson_id == lesson.id, Pick.op_id == op_id))
        if again is not None:
            return again
        away, seated = away_from(session, lesson), set(seats_of(session, lesson.id))
        known = {pupil.id for pupil in pupils_of(session, lesson)} - away
        joined = known & seated
        here = known if away or not joined else joined
        called = fair_pick(sorted(here), picks_in_class(session, lesson.class_id), SystemRandom())
        if called is None:
            raise InvalidError(say("Chưa có em nào để gọi."))
        now = clock.now()
        session.add(Pick(lesson_id=lesson.id, op_id=op_id, pupil_id=called, at=now))
        tell(session, lesson, Happened.PICKED, {"picked": {"pupil": called, "at": milliseconds(now)}}, now)
        return called

    return write(pick)
