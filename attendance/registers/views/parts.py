"""The parts of a class's page and of a school's home that tell of attendance."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from app import clock, db
from app.access import Place
from app.http import current_actor
from app.school.queries import place_of_unit
from attendance.months.rules import Month
from attendance.registers.queries.of_class import sums_of_class, sums_of_day
from attendance.registers.rules.states import VIEW_ATTENDANCE_TODAY
from attendance.years.rules.frame import COPY_ABSENCES

if TYPE_CHECKING:
    from app.access import Actor
    from app.wiring import ClassAsked


def class_part(asked: ClassAsked) -> dict[str, object] | None:
    """Return a class's attendance of the year up to today, for the page that has loaded the class."""
    after_last = min(asked.after_last, clock.today() + timedelta(days=1))
    place = Place(place_of_unit(asked.school_id).unit_ids, asked.class_id)
    return {
        "sums": sums_of_class(db.session(), asked.class_id, asked.first, after_last),
        "class_id": asked.class_id,
        "month": Month.of(max(after_last - timedelta(days=1), asked.first)).text,
        "may_copy": current_actor().may(COPY_ABSENCES, place),
    }


def school_part(actor: Actor, school_id: int) -> dict[str, object] | None:
    """Return how far today's registers of a school are; None for who may not see them, or when there are none."""
    if not actor.may(VIEW_ATTENDANCE_TODAY, place_of_unit(school_id)):
        return None
    sums = sums_of_day(db.session(), school_id, clock.today())
    return {"sums": sums, "school_id": school_id} if sums.due else None
