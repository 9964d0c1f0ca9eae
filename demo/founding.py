"""Writing schools: units, calendar, bells, classes, people, accounts with their grants, cards, timetables."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from sqlalchemy import update

from app import clock, text
from app.access import SYSTEM, Role
from app.accounts.commands import new_user
from app.accounts.models import Grant, User
from app.intake.rules.catalogues import ethnicity
from app.school.commands import CODE_ALPHABET, CODE_LENGTH, LOCAL_CODES
from app.school.models import (
    BellPeriod,
    CalendarDay,
    ClassMembership,
    Enrolment,
    HomeroomDuty,
    OrgUnit,
    Pupil,
    PupilCard,
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    Subject,
    Timetable,
    TimetableEntry,
)
from app.school.rules import EnrolmentStatus, UnitKind
from app.staff.models import StaffDetail
from demo.bulk import AuditTrail, catch_up_sequences, next_id, row_of, write_dicts
from demo.curricula import BELLS, SUBJECTS, WEEKS
from demo.names import FEMALE, MALE, InventedPerson, NameGiver, balanced_sexes
from demo.schools import SchoolPlan, Teaching, teaching_of

if TYPE_CHECKING:
    import random
    from collections.abc import Iterable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.db import Base
    from app.school.rules import CalendarEntry
    from demo.days import DemoYear

PUBLISHED: Final = "published"
WOMEN_AMONG_TEACHERS: Final = {"1": 0.8, "2": 0.65, "3": 0.6}
OFFICE: Final = (("QL01", Role.PRINCIPAL), ("QL02", Role.PRINCIPAL), ("VT01", Role.OFFICE_CLERK))
"""Principal, vice-principal and clerk of every school: staff code and role."""
POSITIONS: Final = {"QL01": "Hiệu trưởng", "QL02": "Phó hiệu trưởng", "VT01": "Nhân viên văn thư"}
TEACHER: Final = "Giáo viên"
MOST_SUBJECTS: Final = 4
"""A primary homeroom teacher gives nearly all; a staff roster names the main ones."""
OLDER_BY_A_YEAR: Final = 0.02
FIRST_GRADE_AT: Final = 6
_TABLES: Final = (
    OrgUnit, CalendarDay, BellPeriod, SchoolClass, Pupil, Enrolment, ClassMembership, PupilCard, Staff, HomeroomDuty,
    Subject, Timetable, TimetableEntry, User, Grant,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FoundedPupil:
    """A pupil as stored, with the code on this year's card."""

    id: int
    person: InventedPerson
    card: str


@dataclass(frozen=True, slots=True)
class FoundedClass:
    """A class as stored, with its pupils."""

    id: int
    name: str
    grade: int
    pupils: tuple[FoundedPupil, ...]


@dataclass(frozen=True, slots=True)
class FoundedStaff:
    """A member of staff as stored; `user_id` is None where no accounts were asked for."""

    id: int
    code: str
    name: str
    user_id: int | None
    username: str


@dataclass(frozen=True, slots=True)
class FoundedSchool:
    """A school as stored. `teachers` are numbered as in `teaching`; `office` is in the order of OFFICE."""

    id: int
    plan: SchoolPlan
    classes: tuple[FoundedClass, ...]
    office: tuple[FoundedStaff, ...]
    teachers: tuple[FoundedStaff, ...]
    teaching: Teaching

    def homeroom_teacher(self, school_class: FoundedClass) -> FoundedStaff:
        """Return who has the homeroom duty of a class."""
        return self.teachers[self.teaching.homeroom[self.classes.index(school_class)]]


@dataclass(slots=True)
class Founding:
    """What every step of founding needs: the transaction, the year, ids to give out, chance, the audit trail."""

    current: Session
    year: DemoYear
    chance: random.Random
    password_hash: str | None
    year_id: int = 0
    subjects: dict[str, int] = field(default_factory=dict)
    audit: AuditTrail = field(default_factory=AuditTrail)
    first_ministry_code: int = 7_599_000_001
    _next: dict[type[Base], int] = field(default_factory=dict)
    _shapes: dict[object, Teaching] = field(default_factory=dict)

    @property
    def opened_at(self) -> datetime:
        """When the records of the year were made: its first morning, or a moment ago if that is later."""
        opened = instant_at(self.year.starts_on, time(7, 0))
        return min(opened, clock.now().replace(microsecond=0))

    def new_id(self, model: type[Base]) -> int:
        """Return a fresh id of a table; ids are counted here so that rows can refer to each other before they exist."""
        number = self._next.get(model) or next_id(self.current, model)
        self._next[model] = number + 1
        return number

    def teaching(self, plan: SchoolPlan) -> Teaching:
        """Return the week of a school; schools with the same classes have the same one."""
        shape = (plan.level, tuple((one.grade, one.main_session, one.stream) for one in plan.classes))
        if shape not in self._shapes:
            self._shapes[shape] = teaching_of(plan, self.chance)
        return self._shapes[shape]

    def close(self) -> None:
        """Write the audit trail and let the database's own counters go on after our ids."""
        self.audit.write(self.current)
        catch_up_sequences(self.current, _TABLES)


def instant_at(day: date, moment: time) -> datetime:
    """Return the instant of a wall-clock time at the schools, in UTC."""
    return datetime.combine(day, moment, ZoneInfo(clock.SCHOOL_ZONE)).astimezone(UTC)


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
    office, teachers = _found_staff(founding, school_id, plan, teaching, usernames or {})
    classes = _found_classes(founding, school_id, plan, sites)
    school = FoundedSchool(school_id, plan, classes, office, teachers, teaching)
    _write_duties(founding, school)
    _write_timetable(founding, school)
    _write_grants(founding, school)
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


def _found_staff(
    founding: Founding, school_id: int, plan: SchoolPlan, teaching: Teaching, usernames: Mapping[str, str]
) -> tuple[tuple[FoundedStaff, ...], tuple[FoundedStaff, ...]]:
    """Add office and teachers; return both. With a password hash everybody gets an account."""
    names, known = NameGiver(founding.chance), set[str]()
    codes = [code for code, _ in OFFICE] + [f"GV{number:02d}" for number, _ in enumerate(teaching.groups, 1)]
    people = []
    for code in codes:
        sex = FEMALE if founding.chance.random() < WOMEN_AMONG_TEACHERS[plan.level.value] else MALE
        person = names.adult(sex, known)
        known.add(person.full_name)
        people.append(_staff_member(founding, plan, code, person, usernames))
    if founding.password_hash is not None:
        write_dicts(
            founding.current,
            User,
            (
                user_row(founding, member.user_id, member.username, member.name)
                for member in people
                if member.user_id is not None
            ),
        )
    write_dicts(founding.current, Staff, (_staff_row(school_id, member) for member in people))
    write_dicts(founding.current, StaffDetail, _staff_details(people, teaching))
    return tuple(people[: len(OFFICE)]), tuple(people[len(OFFICE) :])


def _staff_member(
    founding: Founding, plan: SchoolPlan, code: str, person: InventedPerson, usernames: Mapping[str, str]
) -> FoundedStaff:
    username = usernames.get(code) or f"{plan.code}.{code}".lower()
    user_id = founding.new_id(User) if founding.password_hash is not None else None
    return FoundedStaff(founding.new_id(Staff), code, person.full_name, user_id, username)


def _staff_row(school_id: int, member: FoundedStaff) -> dict[str, Any]:
    return {
        "id": member.id,
        "school_id": school_id,
        "staff_code": member.code,
        "full_name": member.name,
        "name_sort": text.sort_key(member.name),
        "name_fold": text.fold(member.name),
        "user_id": member.user_id,
    }


def _staff_details(people: Sequence[FoundedStaff], teaching: Teaching) -> list[dict[str, Any]]:
    """Return what the roster says of each: the position, and the subjects of most lessons first."""
    lessons: defaultdict[int, Counter[str]] = defaultdict(Counter)
    for lesson in teaching.lessons:
        lessons[lesson.teacher][SUBJECTS[lesson.subject]] += 1
    most = {
        who: ", ".join(subject for subject, _count in given.most_common(MOST_SUBJECTS))
        for who, given in lessons.items()
    }
    return [
        {
            "staff_id": member.id,
            "email": "",
            "position": POSITIONS.get(member.code, TEACHER),
            "duty_group": "",
            "subjects": most.get(place - len(OFFICE), ""),
        }
        for place, member in enumerate(people)
    ]


def user_row(founding: Founding, user_id: int, username: str, full_name: str) -> dict[str, Any]:
    """Return the row of an account with the demonstration's password, as the accounts' own command would make it."""
    founding.audit.note(
        founding.opened_at, SYSTEM, "account.created", ("user", user_id), {"username": username}
    )
    user = new_user(username, full_name, founding.password_hash or "")
    user.id, user.created_at = user_id, founding.opened_at
    return row_of(user)


# --- classes and pupils -------------------------------------------------------------------------------------------


def _found_classes(
    founding: Founding, school_id: int, plan: SchoolPlan, sites: Mapping[str, int]
) -> tuple[FoundedClass, ...]:
    ids = [founding.new_id(SchoolClass) for _ in plan.classes]
    write_dicts(
        founding.current,
        SchoolClass,
        (
            {
                "id": class_id,
                "school_id": school_id,
                "year_id": founding.year_id,
                "site_id": sites.get(one.site or ""),
                "name": one.name,
                "name_fold": text.fold(one.name),
                "name_sort": text.natural_key(one.name),
                "grade": one.grade,
                "main_session": one.main_session.value,
            }
            for class_id, one in zip(ids, plan.classes, strict=True)
        ),
    )
    cards = _cards(founding.chance, sum(one.size for one in plan.classes))
    classes = tuple(
        FoundedClass(class_id, one.name, one.grade, _pupils(founding, one.size, cards))
        for class_id, one in zip(ids, plan.classes, strict=True)
    )
    _write_pupils(founding, school_id, classes)
    return classes


def _pupils(founding: Founding, size: int, cards: list[str]) -> tuple[FoundedPupil, ...]:
    """Return a class of invented pupils, no two of one name, in the order of a Vietnamese class list."""
    names, known, people = NameGiver(founding.chance), set[str](), []
    for sex in balanced_sexes(size, founding.chance):
        person = names.pupil(sex, known)
        known.add(person.full_name)
        people.append(person)
    people.sort(key=lambda person: text.sort_key(person.full_name))
    return tuple(FoundedPupil(founding.new_id(Pupil), person, cards.pop()) for person in people)


def _cards(chance: random.Random, count: int) -> list[str]:
    """Return as many card codes as a school has pupils, all different."""
    codes: dict[str, None] = {}
    while len(codes) < count:
        codes["".join(chance.choices(CODE_ALPHABET, k=CODE_LENGTH))] = None
    return list(codes)


def _write_pupils(founding: Founding, school_id: int, classes: Iterable[FoundedClass]) -> None:
    placed = [(school_class, pupil) for school_class in classes for pupil in school_class.pupils]
    at, start = founding.opened_at, founding.year.starts_on
    write_dicts(founding.current, Pupil, (_pupil_row(founding, one.grade, pupil) for one, pupil in placed))
    write_dicts(
        founding.current,
        Enrolment,
        (
            {
                "pupil_id": pupil.id,
                "school_id": school_id,
                "year_id": founding.year_id,
                "status": EnrolmentStatus.STUDYING.value,
                "starts_on": start,
            }
            for _, pupil in placed
        ),
    )
    write_dicts(
        founding.current,
        ClassMembership,
        ({"pupil_id": pupil.id, "class_id": one.id, "starts_on": start} for one, pupil in placed),
    )
    write_dicts(
        founding.current,
        PupilCard,
        (
            {
                "pupil_id": pupil.id,
                "school_id": school_id,
                "year_id": founding.year_id,
                "code": pupil.card,
                "issued_at": at,
            }
            for _, pupil in placed
        ),
    )
    for one in classes:
        founding.audit.note(at, SYSTEM, "cards.issued", ("class", one.id), {"count": len(one.pupils)})


def _pupil_row(founding: Founding, grade: int, pupil: FoundedPupil) -> dict[str, Any]:
    people = ethnicity(pupil.person.ethnicity)
    chance = founding.chance
    born = founding.year.frame[0].year - (FIRST_GRADE_AT - 1) - grade - (chance.random() < OLDER_BY_A_YEAR)
    return {
        "id": pupil.id,
        "full_name": pupil.person.full_name,
        "name_sort": text.sort_key(pupil.person.full_name),
        "name_fold": text.fold(pupil.person.full_name),
        "birth_date": date(born, 1, 1) + timedelta(days=chance.randrange(365)),
        "sex": pupil.person.sex,
        "ethnicity": people.name if people else None,
        "ethnicity_code_set": people.code_set if people else None,
        "ethnicity_code": people.code if people else None,
        "ministry_code": f"{founding.first_ministry_code + pupil.id:010d}",
        "created_at": founding.opened_at,
    }


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


def _write_grants(founding: Founding, school: FoundedSchool) -> None:
    """Give everybody with an account what the work needs: the whole school, the own class, each class taught."""
    given: list[tuple[FoundedStaff, Role, int | None]] = [
        (member, role, None) for member, (_, role) in zip(school.office, OFFICE, strict=True)
    ]
    given += [(school.homeroom_teacher(one), Role.HOMEROOM_TEACHER, one.id) for one in school.classes]
    taught = dict.fromkeys((lesson.teacher, lesson.school_class) for lesson in school.teaching.lessons)
    given += [(school.teachers[who], Role.TEACHER, school.classes[where].id) for who, where in taught]
    rows = [
        grant_row(founding, member.user_id, role, school.id, class_id=class_id)
        for member, role, class_id in given
        if member.user_id is not None
    ]
    write_dicts(founding.current, Grant, rows)


def grant_row(
    founding: Founding,
    user_id: int,
    role: Role,
    unit_id: int,
    *,
    class_id: int | None = None,
    pupil_id: int | None = None,
) -> dict[str, Any]:
    """Return the row of a grant from the first day of the year on; one for a class ends with the year."""
    details: dict[str, object] = {"role": role.value, "unit": unit_id, "class": class_id, "reason": ""}
    founding.audit.note(founding.opened_at, SYSTEM, "grant.given", ("user", user_id), details)
    return {
        "user_id": user_id,
        "role": role.value,
        "unit_id": unit_id,
        "class_id": class_id,
        "pupil_id": pupil_id,
        "starts_on": founding.year.starts_on,
        "ends_on": founding.year.ends_on if class_id is not None else None,
        "reason": "",
        "created_at": founding.opened_at,
    }
