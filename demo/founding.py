"""Writing schools: units, calendar, bells, duties, timetables; people and classes have files of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import update

from app import text
from app.access import SYSTEM
from app.school.commands import LOCAL_CODES
from app.school.models import (
    BellPeriod,
    CalendarDay,
    HomeroomDuty,
    OrgUnit,
    School,
    SchoolYear,
    Subject,
    Timetable,
    TimetableEntry,
)
from app.school.rules import UnitKind
from demo.bulk import write_dicts
from demo.classes import found_classes
from demo.curricula import BELLS, SUBJECTS, WEEKS
from demo.founded import FoundedSchool, Founding
from demo.staffing import found_staff, write_grants

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from app.school.rules import CalendarEntry
    from demo.schools import SchoolPlan

PUBLISHED: Final = "published"


# --- units, year, calendar ----------------------------------------------------------------------------------------


def found_unit(
    founding: Founding,
    kind: UnitKind,
    code: str,
    name: str,
    parent_id: int | None,
    type_name: str = "",
    code_set: str = LOCAL_CODES,
) -> int:
    """Add a unit of the organisation tree and return its id."""
    unit = OrgUnit(
        id=founding.new_id(OrgUnit),
        kind=kind.value,
        code_set=code_set,
        code=code,
        name=name,
        type_name=type_name,
        name_sort=text.natural_key(name),
        name_fold=text.fold(name),
        parent_id=parent_id,
        valid_from=founding.year.starts_on,
    )
    founding.current.add(unit)
    founding.current.flush()
    return unit.id


def found_year(founding: Founding) -> None:
    """Add the school year and the subjects."""
    year = founding.year
    row = SchoolYear(
        code=year.code,
        starts_on=year.starts_on,
        second_semester_on=year.second_semester_on,
        ends_on=year.ends_on,
    )
    founding.current.add(row)
    founding.current.flush()
    founding.year_id = row.id
    founding.subjects = {code: founding.new_id(Subject) for code in SUBJECTS}
    rows = ({"id": founding.subjects[code], "code": code, "name": name} for code, name in SUBJECTS.items())
    write_dicts(founding.current, Subject, rows)


def enter_days(founding: Founding, unit_id: int, days: Mapping[date, CalendarEntry]) -> None:
    """Enter a unit's days into the calendar."""
    write_dicts(
        founding.current,
        CalendarDay,
        (
            {
                "unit_id": unit_id,
                "day": day,
                "kind": entry.kind.value,
                "follows_weekday": entry.follows_weekday,
                "note": entry.note,
                "decided_at": founding.opened_at,
            }
            for day, entry in sorted(days.items())
        ),
    )


# --- a school -----------------------------------------------------------------------------------------------------


def found_school(
    founding: Founding, plan: SchoolPlan, parent_id: int, usernames: Mapping[str, str] | None = None
) -> FoundedSchool:
    """Add a school with everything in it. `usernames` gives user names by staff code; others get one of the school's.

    Without a password hash the people of the school get no accounts.
    """
    school_id = found_unit(founding, UnitKind.SCHOOL, plan.code, plan.name, parent_id)
    founding.current.add(
        School(id=school_id, levels=plan.level.value, teaching_weekdays=WEEKS[plan.level].weekdays)
    )
    founding.current.flush()
    founding.audit.note(
        founding.opened_at,
        SYSTEM,
        "school.created",
        ("unit", school_id),
        {"code": plan.code, "name": plan.name},
    )
    sites = {
        name: found_unit(founding, UnitKind.SITE, f"{plan.code}-{n}", name, school_id)
        for n, name in enumerate(plan.sites, 1)
    }
    _write_bells(founding, school_id, plan)
    teaching = founding.teaching(plan)
    office, teachers = found_staff(founding, school_id, plan, teaching, usernames or {})
    classes = found_classes(founding, school_id, plan, sites)
    school = FoundedSchool(school_id, plan, classes, office, teachers, teaching)
    _write_duties(founding, school)
    _write_timetable(founding, school)
    write_grants(founding, school)
    return school


def _write_bells(founding: Founding, school_id: int, plan: SchoolPlan) -> None:
    write_dicts(
        founding.current,
        BellPeriod,
        (
            {
                "school_id": school_id,
                "day_session": bell.day_session.value,
                "number": bell.number,
                "begins_at": bell.begins_at,
                "finishes_at": bell.finishes_at,
                "programme_session": bell.programme_session,
                "starts_on": founding.year.starts_on,
            }
            for bell in BELLS[plan.level]
        ),
    )


# --- duties, timetable, grants ------------------------------------------------------------------------------------


def _write_duties(founding: Founding, school: FoundedSchool) -> None:
    write_dicts(
        founding.current,
        HomeroomDuty,
        (
            {
                "class_id": one.id,
                "staff_id": school.homeroom_teacher(one).id,
                "starts_on": founding.year.starts_on,
            }
            for one in school.classes
        ),
    )


def _write_timetable(founding: Founding, school: FoundedSchool) -> None:
    if not school.classes:
        return
    timetable_id = founding.new_id(Timetable)
    row = {
        "id": timetable_id,
        "school_id": school.id,
        "year_id": founding.year_id,
        "version": 1,
        "state": "draft",
        "starts_on": founding.year.starts_on,
    }
    write_dicts(founding.current, Timetable, [row])
    write_dicts(
        founding.current,
        TimetableEntry,
        (
            {
                "timetable_id": timetable_id,
                "class_id": school.classes[lesson.school_class].id,
                "weekday": lesson.period.weekday,
                "day_session": lesson.day_session.value,
                "number": lesson.period.number,
                "subject_id": founding.subjects[lesson.subject],
                "staff_id": school.teachers[lesson.teacher].id,
                "room": f"P.{lesson.school_class + 1:02d}",
            }
            for lesson in school.teaching.lessons
        ),
    )
    founding.current.execute(update(Timetable).where(Timetable.id == timetable_id).values(state=PUBLISHED))
