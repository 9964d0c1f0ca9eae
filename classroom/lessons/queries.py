"""Reading lessons: loaders, and the snapshot that each side of a lesson begins with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, or_, select

from app import absences, db
from app.errors import NotFoundError
from app.school.models import ClassMembership, Pupil, SchoolClass
from app.school.queries import holds_on, lessons_on, place_of_class, pupils_in_class, staff_of_user
from app.school.rules import DaySession
from app.text import given_name
from classroom.activities import queries as activities
from classroom.activities.models import Activity
from classroom.activities.rules import Kind, Phase
from classroom.answers import queries as answers
from classroom.confidence.queries import own_sureness, sureness_of
from classroom.goals.queries import board_on_screen, goal_of, goal_on_screen
from classroom.groups.queries import group_of, groups_for_teacher, groups_on_screen
from classroom.guests.queries import guest_tallies, guests_answered, guests_for_teacher
from classroom.hands.queries import hand_of, hand_row, hands_up
from classroom.ink.queries import ink_of_lesson, ink_on
from classroom.inquiries.queries import inquiry_rows, own_inquiries, shown_inquiries
from classroom.lessons.models import Lesson, Pick
from classroom.lessons.rules import LEAD_LESSON, LessonState, Switch, typed_code
from classroom.meter.queries import feels_of, meter_now, meter_of
from classroom.seats.queries import joined_count, seats_of
from classroom.team.models import CoTeacher
from classroom.team.queries import is_co_teacher, teachers_of

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date

    from sqlalchemy import Row
    from sqlalchemy.orm import Session

    from app.access import Actor, Permission
    from app.claims import Ground
    from app.school.queries import PlannedLesson
    from classroom.activities.rules import Content

NOON, EVENING = 12, 18
ON_SCREEN: Final = 5
"""Pupils' questions that the projector shows at a time."""
SWITCHED: Final = {
    Switch.BLANK: "is_blank",
    Switch.NAMES: "shows_names",
    Switch.METER: "shows_meter",
    Switch.INQUIRIES: "shows_inquiries",
    Switch.GROUPS: "shows_groups",
    Switch.BOARD: "shows_board",
    Switch.TAKES_INQUIRIES: "takes_inquiries",
    Switch.TAKES_GUESTS: "takes_guests",
    Switch.ASKS_CONFIDENCE: "asks_confidence",
}
"""The column of each switch."""

# --- loaders ------------------------------------------------------------------------------------------------------


def lesson_for(actor: Actor, permission: Permission, lesson_id: int) -> Lesson:
    """Return the lesson, or raise NotFoundError.

    Its owner leads a lesson while the class is theirs; a co-teacher leads and sees this lesson whatever the class.
    """
    lesson = db.session().get(Lesson, lesson_id)
    if lesson is None:
        raise NotFoundError
    may_lead = permission is not LEAD_LESSON or lesson.owner_id == actor.user_id
    if may_lead and actor.may(permission, place_of_class(class_of(db.session(), lesson))):
        return lesson
    if not is_co_teacher(db.session(), actor.user_id, lesson):
        raise NotFoundError
    actor.require_somewhere(permission)
    return lesson


def owned_lesson_for(actor: Actor, lesson_id: int) -> Lesson:
    """Return the lesson for what its owner alone does (end it, choose who leads it), or raise NotFoundError."""
    lesson = lesson_for(actor, LEAD_LESSON, lesson_id)
    if lesson.owner_id != actor.user_id:
        raise NotFoundError
    return lesson


def live_lesson(session: Session, code: str) -> Lesson | None:
    """Return the lesson that goes on under a join code, typed in any case."""
    return session.scalar(
        select(Lesson).where(Lesson.code == typed_code(code), Lesson.state != LessonState.ENDED)
    )


def running_in_classes_of(session: Session, pupil_ids: Collection[int], day: date) -> list[str]:
    """Return the subjects of the lessons that go on today in the classes of these pupils; "" without a subject."""
    own = select(ClassMembership.class_id).where(
        ClassMembership.pupil_id.in_(pupil_ids), holds_on(ClassMembership, day)
    )
    rows = session.scalars(
        select(Lesson.subject)
        .where(Lesson.class_id.in_(own), Lesson.held_on == day, Lesson.state != LessonState.ENDED)
        .order_by(Lesson.id)
    )
    return [subject or "" for subject in rows]


# --- lists --------------------------------------------------------------------------------------------------------


def class_of(session: Session, lesson: Lesson) -> SchoolClass:
    """Return the lesson's class."""
    return session.get_one(SchoolClass, lesson.class_id)


def pupils_of(session: Session, lesson: Lesson) -> list[Pupil]:
    """Return the pupils whom the lesson is for: the class on that day, by given name in Vietnamese order."""
    return pupils_in_class(session, lesson.class_id, lesson.held_on)


def away_from(session: Session, lesson: Lesson) -> frozenset[int]:
    """Return the pupils whom a register marks absent in the half of the day in which the lesson is."""
    return absences.away(session, lesson.class_id, lesson.held_on, DaySession(lesson.day_session))


@dataclass(frozen=True, slots=True)
class BegunLesson:
    """A lesson in the list of a teacher's day."""

    id: int
    subject: str
    class_name: str
    number: int | None
    ended: bool


def lessons_taught_by(session: Session, user_id: int, day: date) -> list[BegunLesson]:
    """Return the lessons that somebody leads on a day, alone or with others, the latest first."""
    together = select(CoTeacher.lesson_id).where(CoTeacher.user_id == user_id)
    rows = session.execute(
        select(Lesson.id, Lesson.subject, SchoolClass.name, Lesson.number, Lesson.state)
        .join(SchoolClass, SchoolClass.id == Lesson.class_id)
        .where(or_(Lesson.owner_id == user_id, Lesson.id.in_(together)), Lesson.held_on == day)
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


def questions_asked_by(session: Session, user_id: int, limit: int = 30) -> list[Content]:
    """Return the different questions that a teacher asked in lessons, the latest first, to ask them again."""
    rows = session.scalars(
        select(Activity.content)
        .join(Lesson, Lesson.id == Activity.lesson_id)
        .where(Lesson.owner_id == user_id, Activity.shown_seq > 0, Activity.kind != Kind.SLIDE.value)
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
    asked, away = activities.activities_of(session, lesson.id), away_from(session, lesson)
    contents = {item.id: activities.content_of(item.content) for item in asked}
    hands = {hand.pupil_id: hand_row(hand) for hand in hands_up(session, lesson.id)}
    return {
        "seq": lesson.seq,
        "lesson": {
            "id": lesson.id,
            "state": lesson.state,
            "code": lesson.code,
            "subject": lesson.subject,
            **{what.value: getattr(lesson, field) for what, field in SWITCHED.items()},
        },
        "class_name": class_of(session, lesson).name,
        "pupils": {
            str(pupil.id): {
                "no": number,
                "name": pupil.full_name,
                "joined": activities.milliseconds(seats[pupil.id].joined_at) if pupil.id in seats else None,
                "device": pupil.id in seats and seats[pupil.id].device_hash is not None,
                "away": pupil.id in away,
                "extra": seats[pupil.id].extra_percent if pupil.id in seats else 0,
                "hand": hands.get(pupil.id),
            }
            for number, pupil in enumerate(pupils_of(session, lesson), 1)
        },
        "activities": {str(item.id): activities.for_teacher(item) for item in asked},
        "current": current.id if current else None,
        "answers": {
            answers.answer_key(row.activity_id, row.round, row.pupil_id): answers.attempt_for_teacher(
                row, contents[row.activity_id]
            )
            for row in answers.attempts_of(session, lesson.id)
        },
        "picked": _picked(session, lesson.id),
        "teachers": teachers_of(session, lesson),
        "meter": meter_of(session, lesson.id),
        "inquiries": inquiry_rows(session, lesson.id),
        "sure": sureness_of(session, lesson.id),
        "goal": goal_of(lesson),
        "ink": ink_of_lesson(session, lesson.id),
        **guests_for_teacher(session, lesson.id),
        **groups_for_teacher(session, lesson),
    }


def _picked(session: Session, lesson_id: int) -> dict[str, Any] | None:
    """Return whom the picker called last in this lesson."""
    last = select(Pick).where(Pick.lesson_id == lesson_id).order_by(Pick.id.desc()).limit(1)
    pick = session.scalar(last)
    return {"pupil": pick.pupil_id, "at": activities.milliseconds(pick.at)} if pick else None


def picks_in_class(session: Session, class_id: int, limit: int = 200) -> list[int]:
    """Return the pupils whom the picker called in a class's lessons, the latest last."""
    rows = session.scalars(
        select(Pick.pupil_id)
        .join(Lesson, Lesson.id == Pick.lesson_id)
        .where(Lesson.class_id == class_id)
        .order_by(Pick.id.desc())
        .limit(limit)
    )
    return list(rows)[::-1]


_lesson, _activity = Lesson.__table__.c, Activity.__table__.c
_shown = Activity.__table__.alias()
# On tables, not mapped classes: every class reads it at every move, and without the mapper's part it costs half.
_STAGE: Final = (
    select(
        _lesson.seq, _lesson.state.label("lesson_state"),
        _lesson.takes_inquiries, _lesson.asks_confidence, _lesson.shows_groups,
        Activity.__table__,
    )
    .select_from(Lesson.__table__)
    .outerjoin(
        Activity.__table__,
        _activity.id
        == select(_shown.c.id)
        .where(_shown.c.lesson_id == _lesson.id, _shown.c.shown_seq > 0)
        .order_by(_shown.c.shown_seq.desc())
        .limit(1)
        .scalar_subquery(),
    )
    .where(_lesson.id == bindparam("lesson"))
)  # fmt: skip


def stage_of(session: Session, lesson_id: int) -> Row[Any]:
    """Return what is on stage: the lesson's number, state and switches, and the current activity if there is one."""
    return session.execute(_STAGE, {"lesson": lesson_id}).one()


def pupil_snapshot(session: Session, lesson_id: int) -> dict[str, Any]:
    """Return what every pupil of the lesson may see now; nothing personal, no solution before the reveal."""
    return shown_to_pupils(session, lesson_id, stage_of(session, lesson_id))


def shown_to_pupils(session: Session, lesson_id: int, stage: Row[Any]) -> dict[str, Any]:
    """Return what pupils may see of a stage that was read a moment ago."""
    return {
        "seq": stage.seq,
        "state": stage.lesson_state,
        "activity": activities.for_devices(stage) if stage.id is not None else None,
        **_offered(session, lesson_id, stage),
    }


def _offered(session: Session, lesson_id: int, row: Row[Any]) -> dict[str, Any]:
    """Return what the teacher switched on for pupils' devices; nothing at all, and no byte, while nothing is."""
    offers = {
        "inquiries": row.takes_inquiries,
        "confidence": row.asks_confidence,
        "groups": row.shows_groups,
    }
    if not any(offers.values()):
        return {}
    inquiries = {"inquiries": shown_inquiries(session, lesson_id)} if row.takes_inquiries else {}
    return {"offers": offers, **inquiries}


def own_beside(session: Session, lesson_id: int, stage: Row[Any], pupil_id: int) -> dict[str, Any]:
    """Return what a pupil's device shows beside the question, for that pupil alone: hand, meter, questions, group."""
    hand = hand_of(session, lesson_id, pupil_id)
    own: dict[str, Any] = {
        "hand": hand.uuid if hand else None,
        "feels": feels_of(session, lesson_id, pupil_id).value,
    }
    if stage.takes_inquiries:
        own |= own_inquiries(session, lesson_id, pupil_id)
    if stage.shows_groups:
        own["group"] = group_of(session, lesson_id, pupil_id)
    if stage.asks_confidence and stage.id is not None:
        said = own_sureness(session, stage.id, stage.round, pupil_id)
        own["sure"] = {"uuid": said.uuid, "sure": said.is_sure} if said else None
    return own


def own_answer(session: Session, stage: Row[Any], pupil_id: int) -> dict[str, Any] | None:
    """Return a pupil's own answer to the activity on stage, None when there is none."""
    attempt = answers.attempt_of(session, stage, pupil_id) if stage.id is not None else None
    return answers.for_its_pupil(attempt, stage) if attempt else None


def screen_snapshot(session: Session, lesson: Lesson) -> dict[str, Any]:
    """Return what the projector shows: no names, and the histogram only once the solution is revealed."""
    current = activities.current_activity(session, lesson.id)
    revealed = current is not None and current.phase == Phase.REVEALED
    if lesson.is_blank:
        return {"seq": lesson.seq, "state": lesson.state, "blank": True, "activity": None, "tallies": None}
    return {
        "seq": lesson.seq,
        "blank": False,
        "picked": _picked_name(session, lesson),
        "state": lesson.state,
        "code": lesson.code,
        "class_name": class_of(session, lesson).name,
        "subject": lesson.subject,
        "joined": joined_count(session, lesson.id),
        "answered": answers.answers_in_time(session, current.id, current.round) if current else 0,
        "activity": activities.for_pupils(current) if current else None,
        "tallies": answers.tallies(session, current) if current and revealed else None,
        **_beside_on_screen(session, lesson, current),
    }


def _beside_on_screen(session: Session, lesson: Lesson, current: Activity | None) -> dict[str, Any]:
    """Return what the projector shows besides: the ink on a slide, and what the teacher switched on."""
    shown: dict[str, Any] = {}
    if current is not None and current.kind == Kind.SLIDE:
        shown["ink"] = ink_on(session, current.id)
    if lesson.shows_meter:
        shown["meter"] = meter_now(session, lesson.id)
    if lesson.shows_inquiries:
        shown["inquiries"] = shown_inquiries(session, lesson.id)[:ON_SCREEN]
    if lesson.shows_groups:
        numbers = {pupil.id: number for number, pupil in enumerate(pupils_of(session, lesson), 1)}
        shown["groups"] = groups_on_screen(session, lesson, numbers)
    if goal := goal_on_screen(session, lesson):
        shown["goal"] = goal
    if lesson.shows_board and _is_between_questions(lesson, current):
        shown["board"] = _board(session, lesson)
    if lesson.takes_guests and current is not None:
        shown["guests"] = guests_answered(session, current)
        if current.phase == Phase.REVEALED:
            shown["guest_tallies"] = guest_tallies(session, current)
    return shown


def _is_between_questions(lesson: Lesson, current: Activity | None) -> bool:
    """Whether nobody can answer anything now: points are told then, and take nobody's eyes off a question."""
    return lesson.state == LessonState.ENDED or (current is not None and current.phase == Phase.REVEALED)


def _board(session: Session, lesson: Lesson) -> list[dict[str, Any]]:
    """Return the leaderboard; who is marked absent and has not joined is not on it."""
    names = {pupil.id: pupil.full_name for pupil in pupils_of(session, lesson)}
    absent = away_from(session, lesson) - set(seats_of(session, lesson.id))
    return board_on_screen(session, lesson.id, names, absent)


def _picked_name(session: Session, lesson: Lesson) -> dict[str, Any] | None:
    """Return the given name that was picked last, only where the teacher lets names be shown."""
    picked = _picked(session, lesson.id) if lesson.shows_names else None
    if picked is None:
        return None
    return {"name": session.get_one(Pupil, picked["pupil"]).full_name, "at": picked["at"]}


def tiles(session: Session, lesson: Lesson) -> list[dict[str, Any]]:
    """Return the names to choose one's own from when joining; who is marked absent is grey, and may still come."""
    away = away_from(session, lesson)
    return [
        {
            "id": pupil.id,
            "no": number,
            "name": pupil.full_name,
            "given": given_name(pupil.full_name),
            "away": pupil.id in away,
        }
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
