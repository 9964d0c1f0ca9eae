"""What the URL arguments of live lessons stand for in the access matrix (tests/app_wide/objects.py)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app.access import Actor
from app.school.rules import DaySession
from classroom.lessons.commands import start_lesson
from classroom.lessons.rules import LessonStart

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.access import Role
    from tests.world import World


def lesson(world: World, role: Role, relation: str) -> int:
    """Begin a lesson in a class at the relation, led by the asking role's own account: only its owner leads one."""
    start = LessonStart(f"{role}-{relation}", world.class_ids[relation], "Toán", DaySession.MORNING, None)
    with world.app.app_context():
        return start_lesson(Actor(world.user_ids[role], "Trần Thị Hường"), start)


LEVELS: Final[dict[str, tuple[str, Callable[[World, Role, str], Any]]]] = {
    "lesson_id": ("class", lesson),
    "token": ("class", lambda _world, _role, _relation: "mot-token-sai"),
    "code": ("class", lambda _world, _role, _relation: "AAAAAA"),
    "door": ("class", lambda _world, _role, _relation: "pupil"),
    "name": ("class", lambda _world, _role, _relation: "pupil_sync"),
}
"""For each argument: the level of what it names, and how to get one. Tokens and codes are wrong ones."""
