"""The school and its years: classes, days, groups, timetables, printed cards."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import SYSTEM, Role
from app.school.calendar.commands import decide_days
from app.school.calendar.rules import Decision
from app.school.cards.models import CardPrint
from app.school.groups.models import TeachingGroup
from app.school.models import Subject
from app.school.rules import DayKind
from app.school.timetables.commands.versions import make_draft
from tests.app_wide.objects.kind import Kind, class_of, school_of

if TYPE_CHECKING:
    from tests.world import World


def _calendar_change(world: World, role: Role, relation: str) -> int:
    unit_id, day = school_of(world, role, relation), date(2026, 11, 20)
    decision = Decision(day, day + timedelta(days=1), DayKind.EXAM)
    with world.app.app_context():
        return decide_days(SYSTEM, unit_id, decision, f"{role}-{relation}-change")


def _card_print(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        row = CardPrint(
            school_id=school_of(world, role, relation),
            year_id=world.year_id,
            client_key=f"{role}-{relation}-cards",
            address="",
            made_at=clock.now(),
            ready_at=clock.now(),
            content=b"%PDF",
        )
        session.add(row)
        session.flush()
        return row.id


def _group(world: World, role: Role, relation: str) -> int:
    with world.app.app_context(), db.transaction() as session:
        name = f"{role}-{relation}"
        row = TeachingGroup(
            school_id=school_of(world, role, relation),
            year_id=world.year_id,
            name=name,
            name_fold=name,
            name_sort=name,
            subject_id=session.scalars(select(Subject.id)).first(),
        )
        session.add(row)
        session.flush()
        return row.id


def _timetable(world: World, role: Role, relation: str) -> int:
    """A draft of the school in question."""
    key = f"{role}-{relation}-draft"
    with world.app.app_context():
        return make_draft(SYSTEM, school_of(world, role, relation), world.year_id, key)


KINDS: Final[dict[str, Kind]] = {
    "school_id": Kind("school", school_of),
    "class_id": Kind("class", class_of),
    "unit_id": Kind("school", school_of),
    "year_id": Kind("school", lambda world, _role, _relation: world.year_id),
    "plan_day": Kind("school", lambda _world, _role, _relation: "2027-01-18", absent="2027-01-18"),
    "change_id": Kind("school", _calendar_change),
    "print_id": Kind("school", _card_print),
    "group_id": Kind("school", _group),
    "timetable_id": Kind("school", _timetable),
}
