"""What a lesson's teachers begin with: all of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import select

from classroom.activities import queries as activities
from classroom.answers import queries as answers
from classroom.confidence.queries import sureness_of
from classroom.goals.queries import goal_of
from classroom.groups.queries import groups_for_teacher
from classroom.guests.queries import guests_for_teacher
from classroom.hands.queries import hand_row, hands_up
from classroom.ink.queries import ink_of_lesson
from classroom.inquiries.queries import inquiry_rows
from classroom.lessons.models import Lesson, Pick
from classroom.lessons.queries.lists import away_from, class_of, pupils_of
from classroom.lessons.rules import Switch
from classroom.meter.queries import meter_of
from classroom.seats.queries import seats_of
from classroom.team.queries import teachers_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session


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
        "picked": last_pick(session, lesson.id),
        "teachers": teachers_of(session, lesson),
        "meter": meter_of(session, lesson.id),
        "inquiries": inquiry_rows(session, lesson.id),
        "sure": sureness_of(session, lesson.id),
        "goal": goal_of(lesson),
        "ink": ink_of_lesson(session, lesson.id),
        **guests_for_teacher(session, lesson.id),
        **groups_for_teacher(session, lesson),
    }


def last_pick(session: Session, lesson_id: int) -> dict[str, Any] | None:
    """Return whom the picker called last in this lesson."""
    last = select(Pick).where(Pick.lesson_id == lesson_id).order_by(Pick.id.desc()).limit(1)
    pick = session.scalar(last)
    return {"pupil": pick.pupil_id, "at": activities.milliseconds(pick.at)} if pick else None
