"""Reading lessons: loaders, and the snapshot that each side of a lesson begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, or_, select

from app import db
from app.errors import NotFoundError
from app.school.models import SchoolClass
from app.school.queries import lessons_on, place_of_class, pupils_in_class, staff_of_user
from app.school.rules import DaySession
from app.text import given_name
from classroom.activities import queries as activities
from classroom.activities.models import Activity
from classroom.activities.rules import Phase, is_right
from classroom.answers import queries as answers
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LEAD_LESSON, LessonState, typed_code
from classroom.seats.queries import joined_count, seats_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor, Permission
    from app.claims import Ground
    from app.school.models import Pupil
    from app.school.queries import PlannedLesson
    from classroom.activities.rules import Choice
    from classroom.answers.models import Attempt

NOON, EVENING = 12, 18

# --- loaders ------------------------------------------------------------------------------------------------------


def lesson_for(actor: Actor, permission: Permission, lesson_id: int) -> Lesson:
    """Return the lesson, or raise NotFoundError. Only its owner leads a lesson, and only while the class is theirs."""
    lesson = db.session().get(Lesson, lesson_id)
    if lesson is None or (permission is LEAD_LESSON and lesson.owner_id != actor.user_id):
        raise NotFoundError
    actor.require(permission, place_of_class(class_of(db.session(), lesson)))
    return lesson


def live_lesson(session: Session, code: str) -> Lesson | None:
    """Return the lesson that goes on under a join code, typed in any case."""
    return session.scalar(
        select(Lesson).where(Lesson.code == typed_code(code), Lesson.state != LessonState.ENDED)
    )


# --- lists --------------------------------------------------------------------------------------------------------


def class_of(session: Session, lesson: Lesson) -> SchoolClass:
    """Return the lesson's class."""
    return session.get_one(SchoolClass, lesson.class_id)


def pupils_of(session: Session, lesson: Lesson) -> list[Pupil]:
    """Return the pupils whom the lesson is for: the class on that day, by given name in Vietnamese order."""
    return pupils_in_class(session, lesson.class_id, lesson.held_on)


@dataclass(frozen=True, slots=True)
class BegunLesson:
    """A lesson in the list of a teacher's day."""

    id: int
    subject: str
    class_name: str
    number: int | None
    ended: bool


def lessons_taught_by(session: Session, user_id: int, day: date) -> list[BegunLesson]:
    """Return the lessons that somebody began on a day, the latest first."""
    rows = session.execute(
        select(Lesson.id, Lesson.subject, SchoolClass.name, Lesson.number, Lesson.state)
        .join(SchoolClass, SchoolClass.id == Lesson.class_id)
        .where(Lesson.owner_id == user_id, Lesson.held_on == day)
        .order_by(Lesson.started_at.desc())
    )
    return [BegunLesson(*row[:4], ended=row.state == LessonState.ENDED) for row in rows]


def lessons_of_class(session: Session, class_id: int, limit: int = 100) -> list[Lesson]:
    """Return the lessons of a class, the latest first."""
    return list(
        session.scalars(
            select(Lesson)
            .where(Lesson.class_id == class_id)
            .order_by(Lesson.held_on.desc(), Lesson.started_at.desc())
            .limit(limit)
        )
    )


def lessons_standing_on(session: Session, ground: Ground) -> int:
    """Count the lessons of a ground's classes that began after it was written, or were going on then."""
    return (
        session.scalar(
            select(func.count())
            .select_from(Lesson)
            .where(
                Lesson.class_id.in_(ground.class_ids),
                Lesson.held_on >= ground.since,
                or_(Lesson.ended_at.is_(None), Lesson.ended_at >= ground.written_at),
            )
        )
        or 0
    )


def questions_asked_by(session: Session, user_id: int, limit: int = 30) -> list[Choice]:
    """Return the different questions that a teacher asked in lessons, the latest first, to ask them again."""
    rows = session.scalars(
        select(Activity.content)
        .join(Lesson, Lesson.id == Activity.lesson_id)
        .where(Lesson.owner_id == user_id, Activity.shown_seq > 0)
        .group_by(Activity.content)
        .order_by(func.max(Activity.id).desc())
        .limit(limit)
    )
    return [content for content in map(activities.content_of, rows) if content.question]


# --- snapshots ----------------------------------------------------------------------------------------------------


def teacher_snapshot(session: Session, lesson: Lesson) -> dict[str, Any]:
    """Return all of a lesson, names, answers and solutions: for its teachers' rooms only."""
    seats = seats_of(session, lesson.id)
    current = activities.current_activity(session, lesson.id)
    return {
        "seq": lesson.seq,
        "lesson": {"id": lesson.id, "state": lesson.state, "code": lesson.code, "subject": lesson.subject},
        "class_name": class_of(session, lesson).name,
        "pupils": {
            str(pupil.id): {
                "no": number,
                "name": pupil.full_name,
                "joined": activities.milliseconds(seats[pupil.id].joined_at) if pupil.id in seats else None,
                "device": pupil.id in seats and seats[pupil.id].device_hash is not None,
            }
            for number, pupil in enumerate(pupils_of(session, lesson), 1)
        },
        "activities": {
            str(item.id): activities.for_teacher(item)
            for item in activities.activities_of(session, lesson.id)
        },
        "current": current.id if current else None,
        "answers": {
            answers.answer_key(row.activity_id, row.round, row.pupil_id): answers.attempt_for_teacher(row)
            for row in answers.attempts_of(session, lesson.id)
        },
    }


def pupil_snapshot(session: Session, lesson: Lesson) -> dict[str, Any]:
    """Return what every pupil of the lesson may see now; nothing personal, no solution before the reveal."""
    current = activities.current_activity(session, lesson.id)
    return {
        "seq": lesson.seq,
        "state": lesson.state,
        "activity": activities.for_pupils(current) if current else None,
    }


def own_answer(session: Session, lesson: Lesson, pupil_id: int) -> dict[str, Any] | None:
    """Return a pupil's own answer to the activity on stage, None when there is none."""
    current = activities.current_activity(session, lesson.id)
    attempt = answers.attempt_of(session, current, pupil_id) if current else None
    return answers.for_its_pupil(attempt) if attempt else None


def screen_snapshot(session: Session, lesson: Lesson) -> dict[str, Any]:
    """Return what the projector shows: no names, and the histogram only once the solution is revealed."""
    current = activities.current_activity(session, lesson.id)
    revealed = current is not None and current.phase == Phase.REVEALED
    return {
        "seq": lesson.seq,
        "state": lesson.state,
        "code": lesson.code,
        "class_name": class_of(session, lesson).name,
        "subject": lesson.subject,
        "joined": joined_count(session, lesson.id),
        "answered": answers.answers_in_time(session, current.id, current.round) if current else 0,
        "activity": activities.for_pupils(current) if current else None,
        "tallies": answers.tallies(session, current) if current and revealed else None,
    }


def tiles(session: Session, lesson: Lesson) -> list[dict[str, Any]]:
    """Return the names to choose one's own from when joining: number in the list, name, bold given name."""
    return [
        {"id": pupil.id, "no": number, "name": pupil.full_name, "given": given_name(pupil.full_name)}
        for number, pupil in enumerate(pupils_of(session, lesson), 1)
    ]


# --- today --------------------------------------------------------------------------------------------------------


def planned_today(session: Session, user_id: int, day: date) -> list[PlannedLesson]:
    """Return the lessons that the timetable gives a teacher on a day; none for those on no school's staff."""
    staff = staff_of_user(session, user_id)
    return lessons_on(session, staff.school_id, day, staff_id=staff.id) if staff else []


def session_of(hour: int) -> DaySession:
    """Return the half of the day in which an hour of the school's clock falls."""
    if hour < NOON:
        return DaySession.MORNING
    return DaySession.AFTERNOON if hour < EVENING else DaySession.EVENING


# --- afterwards ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class QuestionOutcome:
    """A question with its counts by round; `right` is the share in the last round, None without a solution."""

    activity: Activity
    content: Choice
    tallies: Mapping[str, Mapping[str, int]]
    answered: int
    right: float | None


@dataclass(frozen=True, slots=True)
class PupilOutcome:
    """A pupil's lesson: the answers of each question's last round (None: none), and how many were right."""

    pupil: Pupil
    number: int
    joined: bool
    answers: tuple[AnswerOutcome | None, ...]

    @property
    def right(self) -> int:
        """How many answers were right."""
        return sum(1 for answer in self.answers if answer is not None and answer.is_right)

    @property
    def took_part(self) -> bool:
        """Whether the pupil joined or answered at all."""
        return self.joined or any(self.answers)


@dataclass(frozen=True, slots=True)
class AnswerOutcome:
    """One answer as the table shows it. `is_right` is None when nothing is right or wrong."""

    letters: str
    is_right: bool | None
    is_late: bool


@dataclass(frozen=True, slots=True)
class LessonOutcome:
    """A lesson afterwards."""

    questions: tuple[QuestionOutcome, ...]
    pupils: tuple[PupilOutcome, ...]

    @property
    def absent(self) -> list[PupilOutcome]:
        """Those who neither joined nor answered."""
        return [row for row in self.pupils if not row.took_part]


def outcome_of(session: Session, lesson: Lesson) -> LessonOutcome:
    """Return what came of a lesson: question by question, pupil by pupil."""
    shown = [item for item in activities.activities_of(session, lesson.id) if item.shown_seq > 0]
    given = {
        (row.activity_id, row.round, row.pupil_id): row for row in answers.attempts_of(session, lesson.id)
    }
    seats = seats_of(session, lesson.id)
    contents = [activities.content_of(item.content) for item in shown]
    return LessonOutcome(
        tuple(_question_outcome(session, *pair) for pair in zip(shown, contents, strict=True)),
        tuple(
            PupilOutcome(
                pupil,
                number,
                pupil.id in seats,
                tuple(
                    _answer_outcome(content, given.get((item.id, item.round, pupil.id)))
                    for item, content in zip(shown, contents, strict=True)
                ),
            )
            for number, pupil in enumerate(pupils_of(session, lesson), 1)
        ),
    )


def _question_outcome(session: Session, activity: Activity, content: Choice) -> QuestionOutcome:
    given = answers.answers_that_count(session, activity.id, activity.round)
    right = sum(1 for answer in given if answer == content.solution)
    return QuestionOutcome(
        activity,
        content,
        answers.tallies(session, activity),
        len(given),
        right / len(given) if content.solution and given else None,
    )


def _answer_outcome(content: Choice, attempt: Attempt | None) -> AnswerOutcome | None:
    if attempt is None:
        return None
    answer = answers.answer_of(attempt.answer)
    return AnswerOutcome("".join(answer), is_right(content, answer), attempt.is_late)
