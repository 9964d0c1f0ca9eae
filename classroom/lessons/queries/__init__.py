"""Reading lessons: loaders, lists, and the snapshot that each side of a lesson begins with."""

from __future__ import annotations

from classroom.lessons.queries.lists import (
    BegunLesson,
    away_from,
    class_of,
    lessons_of_class,
    lessons_standing_on,
    lessons_taught_by,
    picks_in_class,
    planned_today,
    pupils_of,
    questions_asked_by,
    running_in_classes_of,
    session_of,
    tiles,
)
from classroom.lessons.queries.loaders import lesson_for, live_lesson, owned_lesson_for
from classroom.lessons.queries.screen import screen_snapshot
from classroom.lessons.queries.stage import own_answer, own_beside, pupil_snapshot, shown_to_pupils, stage_of
from classroom.lessons.queries.teaching import SWITCHED, last_pick, teacher_snapshot

__all__ = [
    "SWITCHED",
    "BegunLesson",
    "away_from",
    "class_of",
    "last_pick",
    "lesson_for",
    "lessons_of_class",
    "lessons_standing_on",
    "lessons_taught_by",
    "live_lesson",
    "own_answer",
    "own_beside",
    "owned_lesson_for",
    "picks_in_class",
    "planned_today",
    "pupil_snapshot",
    "pupils_of",
    "questions_asked_by",
    "running_in_classes_of",
    "screen_snapshot",
    "session_of",
    "shown_to_pupils",
    "stage_of",
    "teacher_snapshot",
    "tiles",
]
