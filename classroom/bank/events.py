"""Events of lesson plans: take one into a lesson that goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from app import db
from app.payload import Size
from app.realtime import Peer, event
from classroom.bank import commands
from classroom.bank.queries import plan_for, plans_seen_by
from classroom.lessons.events import Id, OneLesson, led_lesson
from classroom.lessons.rules import LEAD_LESSON

if TYPE_CHECKING:
    from collections.abc import Mapping


@event("plan_list", OneLesson, needs=LEAD_LESSON, target="lesson")
def list_plans(peer: Peer, wanted: OneLesson) -> Mapping[str, object]:
    """List the plans that can be taken into a lesson."""
    led_lesson(peer, wanted.lesson)
    rows = plans_seen_by(db.session(), peer.must_actor())
    return {
        "plans": [
            {"id": row.id, "title": row.title, "questions": row.questions, "own": row.is_own} for row in rows
        ]
    }


@dataclass(frozen=True, slots=True)
class PlanTaken:
    """A plan to take into a lesson."""

    lesson: Id
    plan: Id
    op_id: Annotated[str, Size(8, 36)]


@event("plan_take", PlanTaken, needs=LEAD_LESSON, target="lesson")
def take_plan(peer: Peer, wanted: PlanTaken) -> Mapping[str, object]:
    """Prepare the questions of a plan in a lesson."""
    lesson_id = led_lesson(peer, wanted.lesson)
    plan = plan_for(peer.must_actor(), wanted.plan)
    return {"activities": commands.take_into_lesson(lesson_id, plan.id, wanted.op_id)}
