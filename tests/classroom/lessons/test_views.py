"""What a teacher is offered to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from app import clock
from app.access import Role
from app.school.queries import PlannedLesson
from app.school.rules import DaySession
from classroom.lessons import queries
from tests.world import MORNING

if TYPE_CHECKING:
    from tests.world import World


@pytest.mark.parametrize("address", ["/", "/lessons"])
def test_a_lesson_is_begun_only_where_the_teacher_may_lead_it(
    world: World, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    planned = [
        PlannedLesson(
            entry_id=1,
            school_id=world.school_ids["a"],
            class_id=world.class_ids[relation],
            class_name=relation,
            subject=f"Toán của {relation}",
            staff_id=1,
            teacher="",
            day_session=DaySession.MORNING,
            number=1,
            room="",
            begins_at=None,
            finishes_at=None,
            programme_session=1,
        )
        for relation in ("own", "other_class")
    ]
    monkeypatch.setattr(queries, "planned_today", lambda *_: planned)
    with clock.at(MORNING):
        page = world.client(Role.TEACHER).get(address).text
    assert "Toán của own" in page
    assert "Toán của other_class" in page
    assert f'name="class_id" value="{world.class_ids["own"]}"' in page
    assert f'name="class_id" value="{world.class_ids["other_class"]}"' not in page
