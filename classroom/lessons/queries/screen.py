"""What a projector shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.school.models import Pupil
from classroom.activities import queries as activities
from classroom.activities.rules import Kind, Phase
from classroom.answers import queries as answers
from classroom.goals.queries import board_on_screen, goal_on_screen
from classroom.groups.queries import groups_on_screen
from classroom.guests.queries import guest_tallies, guests_answered
from classroom.ink.queries import ink_on
from classroom.inquiries.queries import shown_inquiries
from classroom.lessons.queries.lists import away_from, class_of, pupils_of
from classroom.lessons.queries.teaching import last_pick
from classroom.lessons.rules import LessonState
from classroom.meter.queries import meter_now
from classroom.seats.queries import joined_count, seats_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from classroom.activities.models import Activity
    from classroom.lessons.models import Lesson


ON_SCREEN: Final = 5
"""Pupils' questions that the projector shows at a time."""


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
    """Return the name that was picked last, only where the teacher lets names be shown, and until a question opens."""
    picked = last_pick(session, lesson.id) if lesson.shows_names else None
    if picked is None or activities.last_opened(session, lesson.id) > picked["at"]:
        return None
    return {"name": session.get_one(Pupil, picked["pupil"]).full_name, "at": picked["at"]}
