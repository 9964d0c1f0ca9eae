"""A live lesson for the tests of this package."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import clock, db
from app.access import SYSTEM
from classroom.lessons.commands import end_lesson
from classroom.lessons.models import Lesson
from tests.classroom.held import Held, begin
from tests.classroom.served import NOW, School
from tests.servers import served_app
from tests.world import MORNING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from config import Settings
    from tests.servers import ServedApp
    from tests.world import World


@pytest.fixture
def held(world: World) -> Iterator[Held]:
    """A lesson that has begun, inside an application context."""
    with world.app.app_context():
        yield begin(world)


@pytest.fixture(scope="module")
def served(standing: tuple[World, Settings]) -> Iterator[ServedApp]:
    """One server for all lessons of a file: a start costs more than most of the tests."""
    _, settings = standing
    variables = {"BANGXANH_NOW": NOW, "DATABASE_URL": settings.database_url}
    with served_app(settings.instance, variables) as running:
        yield running


@pytest.fixture
def school(standing: tuple[World, Settings], served: ServedApp) -> Iterator[School]:
    """A lesson of its own for each test; it ends with the test, and the next one begins."""
    world, settings = standing
    with world.app.app_context(), clock.at(MORNING):
        held = begin(world)
        lesson = db.session().get_one(Lesson, held.lesson_id)
        db.session().expunge(lesson)
        db.session().rollback()
    made = School(served, held, lesson, settings.secret_key)
    yield made
    for wire in made.wires:
        wire.close()
    with world.app.app_context(), clock.at(MORNING):
        end_lesson(SYSTEM, lesson.id)
