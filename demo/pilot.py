"""The pilot: one ward, four schools with about 2,400 pupils, and a fifth school that waits for its first roster."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app.access import Role
from app.accounts.models import Grant, User
from app.school.models import OrgUnit
from app.school.rules import Level, UnitKind, school_day
from demo import accounts
from demo.bulk import write_dicts
from demo.curricula import WEEKS
from demo.days import DemoYear, demo_year, make_up_days, province_days_off
from demo.founded import FoundedSchool, Founding
from demo.founding import enter_days, found_school, found_unit, found_year
from demo.names import FEMALE, MALE, NameGiver
from demo.schools import (
    NEWCOMER,
    PROVINCE_CODE,
    PROVINCE_NAME,
    PROVINCE_TYPE,
    WARD_CODE,
    WARD_NAME,
    WARD_TYPE,
    SchoolPlan,
    Teaching,
    pilot_schools,
)
from demo.staffing import grant_row, user_row

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.school.rules import CalendarEntry

SEED: Final = 75
DEMO_CLASS: Final = "4/2"
CODE_SET: Final = "GSO-2025"


@dataclass(frozen=True, slots=True)
class Pilot:
    """What was founded. `demo_class` is the id of the homeroom teacher's class, whose register stays open today."""

    founding: Founding
    province_id: int
    schools: tuple[FoundedSchool, ...]
    demo_class: int


def is_founded(current: Session) -> bool:
    """Say whether the demonstration's first school is there."""
    return current.scalar(select(OrgUnit.id).where(OrgUnit.code == _first_code())) is not None


def has_other_units(current: Session) -> bool:
    """Say whether anything but the demonstration lives in this database."""
    return current.scalar(select(OrgUnit.id).limit(1)) is not None and not is_founded(current)


def _first_code() -> str:
    return pilot_schools(random.Random(SEED))[0].code


def found_pilot(current: Session, today: date, password_hash: str) -> Pilot:
    """Write units, calendar, schools, people and accounts of the pilot in the running transaction."""
    year = demo_year(today)
    founding = Founding(current, year, random.Random(SEED), password_hash)
    found_year(founding)
    province_id = found_province(founding)
    ward_id = found_unit(founding, UnitKind.WARD, WARD_CODE, WARD_NAME, province_id, type_name=WARD_TYPE)
    days_off = province_days_off(year)
    enter_days(founding, province_id, days_off)
    schools = []
    for number, plan in enumerate(pilot_schools(founding.chance)):
        own_days = make_up_days(year, today, WEEKS[plan.level].weekdays, days_off)
        teaching = founding.teaching(plan)
        weekday = _weekday(plan, year, today, {**days_off, **own_days})
        usernames: dict[str, str] = {}
        if number == 0:
            usernames = home_usernames(plan, teaching)
        elif plan.level is Level.LOWER_SECONDARY:
            usernames = _subject_teacher(teaching, weekday)
        school = found_school(founding, plan, ward_id, usernames)
        enter_days(founding, school.id, own_days)
        schools.append(school)
    found_school(founding, NEWCOMER, ward_id, {"VT01": accounts.NEW_CLERK.username})
    demo_class = next(one for one in schools[0].classes if one.name == DEMO_CLASS)
    found_people_outside(founding, province_id, schools[0])
    return Pilot(founding, province_id, tuple(schools), demo_class.id)


def found_province(founding: Founding) -> int:
    """Add the province-level unit and return its id; its name and kind are data."""
    kind, words = UnitKind.PROVINCE, PROVINCE_TYPE
    return found_unit(founding, kind, PROVINCE_CODE, PROVINCE_NAME, None, type_name=words, code_set=CODE_SET)


def _weekday(plan: SchoolPlan, year: DemoYear, today: date, entries: dict[date, CalendarEntry]) -> int:
    weekdays = [int(digit) for digit in WEEKS[plan.level].weekdays]
    return school_day(today, (year.starts_on, year.ends_on), weekdays, entries).weekday


def home_usernames(plan: SchoolPlan, teaching: Teaching) -> dict[str, str]:
    """Return the easy user names, by staff code, of the school that a visitor looks at first: it has class 4/2."""
    homeroom = teaching.homeroom[[one.name for one in plan.classes].index(DEMO_CLASS)]
    return {
        "QL01": accounts.PRINCIPAL.username,
        "VT01": accounts.CLERK.username,
        f"GV{homeroom + 1:02d}": accounts.HOMEROOM.username,
    }


def _subject_teacher(teaching: Teaching, weekday: int) -> dict[str, str]:
    return {f"GV{_busiest(teaching, weekday) + 1:02d}": accounts.SUBJECT_TEACHER.username}


def _busiest(teaching: Teaching, weekday: int) -> int:
    """Return the teacher with most lessons on a weekday, without a homeroom class, so that the roles stay apart."""
    lessons = [lesson.teacher for lesson in teaching.lessons if lesson.period.weekday == weekday]
    candidates = set(lessons) - set(teaching.homeroom) or set(lessons)
    return max(sorted(candidates), key=lessons.count)


def found_people_outside(founding: Founding, province_id: int, school: FoundedSchool) -> None:
    """Add the department's officer, the administrator, and a guardian and a pupil of the homeroom teacher's class."""
    names = NameGiver(founding.chance)
    school_class = next(one for one in school.classes if one.name == DEMO_CLASS)
    child = school_class.pupils[0]
    guardian = names.guardian(child.person, FEMALE)
    people = (
        (accounts.OFFICER, names.adult(MALE).full_name, province_id, None),
        (accounts.ADMINISTRATOR, names.adult(MALE).full_name, province_id, None),
        (accounts.GUARDIAN, guardian.full_name, school.id, child.id),
        (accounts.PUPIL, child.person.full_name, school.id, child.id),
    )
    users, grants = [], []
    for guide, full_name, unit_id, pupil_id in people:
        user_id = founding.new_id(User)
        users.append(user_row(founding, user_id, guide.username, full_name))
        grants.append(grant_row(founding, user_id, guide.role, unit_id, pupil_id=pupil_id))
    write_dicts(founding.current, User, users)
    write_dicts(founding.current, Grant, grants)


def found_hub(current: Session, today: date, password_hash: str) -> None:
    """Write what an installation in hub mode needs: the province-level unit and the operator's account."""
    founding = Founding(current, demo_year(today), random.Random(SEED), password_hash)
    province_id = found_province(founding)
    user_id = founding.new_id(User)
    name = NameGiver(founding.chance).adult(FEMALE).full_name
    write_dicts(current, User, [user_row(founding, user_id, accounts.OPERATOR.username, name)])
    write_dicts(current, Grant, [grant_row(founding, user_id, Role.HUB_OPERATOR, province_id)])
    founding.close()
