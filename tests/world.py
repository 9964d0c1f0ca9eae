"""A small school world for tests: one province, one ward, two schools, three classes, one account per role."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any, Final

from app import clock, db, text
from app.access import SYSTEM, Role
from app.accounts.commands import NewGrant, add_grant, begin_sign_in, new_user
from app.accounts.models import SignIn
from app.accounts.queries import token_hash
from app.school.commands import add_class, add_unit, issue_cards
from app.school.models import (
    BellPeriod,
    ClassMembership,
    Enrolment,
    HomeroomDuty,
    Pupil,
    School,
    SchoolClass,
    SchoolYear,
    Staff,
    Subject,
    Timetable,
    TimetableEntry,
)
from app.school.rules import DaySession, EnrolmentStatus, UnitKind

if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient
    from sqlalchemy.orm import Session

MONDAY: Final = date(2026, 10, 5)
MORNING: Final = datetime(2026, 10, 5, 0, 5, tzinfo=UTC)
"""07:05 in Đồng Xoài on a Monday of the first semester."""
FIRST_DAY: Final = date(2026, 9, 7)
NAMES: Final = (
    "Nguyễn Văn An",
    "Điểu K'Rân",
    "Trần Thị Ánh",
    "Đặng Thị Ước",
    "Lê Hoàng Phương Uyên",
    "Y Bloong",
)
PASSWORD_HASH: Final = "$argon2id$v=19$m=8,t=1,p=1$c29tZXNhbHQ$invalid"


@dataclass
class World:
    """Ids of everything; "own" is class 4/1 at school A, "other_class" 4/2 there, "other_school" 6A1 at school B."""

    app: Flask
    province_id: int = 0
    ward_id: int = 0
    year_id: int = 0
    school_ids: dict[str, int] = field(default_factory=dict)
    class_ids: dict[str, int] = field(default_factory=dict)
    pupil_ids: dict[str, list[int]] = field(default_factory=dict)
    user_ids: dict[Role, int] = field(default_factory=dict)
    staff_ids: dict[str, int] = field(default_factory=dict)

    def on(self, app: Flask) -> World:
        """Return the same ids for an application whose database is a copy of this one's."""
        return World(app, **copy.deepcopy(self.ids()))

    def ids(self) -> dict[str, Any]:
        """Return all of it but the application, as World takes it."""
        return {item.name: getattr(self, item.name) for item in fields(self) if item.name != "app"}

    def client(self, role: Role | None = None, *, gave_factor: bool = False) -> FlaskClient:
        """Return a browser on which the account of a role is signed in; nobody for None."""
        return (
            self.client_of(self.user_ids[role], gave_factor=gave_factor) if role else self.app.test_client()
        )

    def client_of(self, user_id: int, *, gave_factor: bool = False) -> FlaskClient:
        """Return a browser on which an account is signed in without the slow password, perhaps with a second factor."""
        client = self.app.test_client()
        with self.app.app_context():
            token = begin_sign_in(user_id, "Chrome · Android")
            if gave_factor:
                with db.transaction() as session:
                    row = session.query(SignIn).filter_by(token_hash=token_hash(token)).one()
                    row.factor_at = clock.now()
        with client.session_transaction() as stored:
            stored["sign_in"] = token
        return client


def build(app: Flask) -> World:
    """Fill an empty database with the world."""
    world = World(app)
    with app.app_context(), clock.at(MORNING), db.transaction() as session:
        _units(session, world)
        _classes(session, world)
        _people(session, world)
        _timetable(session, world)
    return world


def _units(session: Session, world: World) -> None:
    start = date(2025, 7, 1)
    province = add_unit(session, UnitKind.PROVINCE, "75", "Tỉnh Đồng Nai", None, valid_from=start)
    ward = add_unit(session, UnitKind.WARD, "25210", "Phường Đồng Xoài", province.id, valid_from=start)
    world.province_id, world.ward_id = province.id, ward.id
    for key, code, name, levels in (("a", "THA", "Tiểu học Hoa Sen", "1"), ("b", "CSB", "THCS Sao Mai", "2")):
        unit = add_unit(session, UnitKind.SCHOOL, code, name, ward.id, valid_from=start)
        session.add(School(id=unit.id, levels=levels))
        world.school_ids[key] = unit.id
    year = SchoolYear(
        code="2026-2027",
        starts_on=date(2026, 9, 5),
        second_semester_on=date(2027, 1, 18),
        ends_on=date(2027, 6, 1),
    )
    session.add(year)
    session.flush()
    world.year_id = year.id


def _classes(session: Session, world: World) -> None:
    for key, school, name, grade in (
        ("own", "a", "4/1", 4),
        ("other_class", "a", "4/2", 4),
        ("other_school", "b", "6A1", 6),
    ):
        row = add_class(session, world.school_ids[school], world.year_id, name, grade)
        world.class_ids[key] = row.id
        world.pupil_ids[key] = [add_pupil(session, row, full_name).id for full_name in NAMES]


def add_pupil(session: Session, school_class: SchoolClass, full_name: str, since: date = FIRST_DAY) -> Pupil:
    """Add a pupil with enrolment, class and card."""
    pupil = Pupil(
        full_name=full_name,
        name_sort=text.sort_key(full_name),
        name_fold=text.fold(full_name),
        birth_date=date(2016, 5, 17),
        sex="F",
        ethnicity="Kinh",
        created_at=clock.now(),
    )
    session.add(pupil)
    session.flush()
    session.add(
        Enrolment(
            pupil_id=pupil.id,
            school_id=school_class.school_id,
            year_id=school_class.year_id,
            status=EnrolmentStatus.STUDYING,
            starts_on=since,
        )
    )
    session.add(ClassMembership(pupil_id=pupil.id, class_id=school_class.id, starts_on=since))
    issue_cards(session, school_class.school_id, school_class.year_id, [pupil])
    return pupil


def _people(session: Session, world: World) -> None:
    school, own = world.school_ids["a"], world.class_ids["own"]
    places = {
        Role.TEACHER: NewGrant(Role.TEACHER, school, FIRST_DAY, class_id=own),
        Role.HOMEROOM_TEACHER: NewGrant(Role.HOMEROOM_TEACHER, school, FIRST_DAY, class_id=own),
        Role.OFFICE_CLERK: NewGrant(Role.OFFICE_CLERK, school, FIRST_DAY),
        Role.PRINCIPAL: NewGrant(Role.PRINCIPAL, school, FIRST_DAY),
        Role.DEPARTMENT_OFFICER: NewGrant(Role.DEPARTMENT_OFFICER, world.province_id, FIRST_DAY),
        Role.HUB_OPERATOR: NewGrant(Role.HUB_OPERATOR, world.province_id, FIRST_DAY),
        Role.SYSTEM_ADMINISTRATOR: NewGrant(Role.SYSTEM_ADMINISTRATOR, school, FIRST_DAY),
        Role.GUARDIAN: NewGrant(Role.GUARDIAN, school, FIRST_DAY, pupil_id=world.pupil_ids["own"][0]),
        Role.PUPIL: NewGrant(Role.PUPIL, school, FIRST_DAY, pupil_id=world.pupil_ids["own"][0]),
    }
    for role, grant in places.items():
        user = new_user(role.value, f"Trần Thị {role.value}", PASSWORD_HASH)
        session.add(user)
        session.flush()
        world.user_ids[role] = user.id
        add_grant(session, SYSTEM, user.id, grant)
    _staff(session, world)


def _staff(session: Session, world: World) -> None:
    for key, school, user_id in (
        ("homeroom", "a", world.user_ids[Role.HOMEROOM_TEACHER]),
        ("teacher", "a", world.user_ids[Role.TEACHER]),
        ("other", "b", None),
    ):
        name = f"Lê Thị {key}"
        row = Staff(
            school_id=world.school_ids[school],
            staff_code=key,
            full_name=name,
            name_sort=text.sort_key(name),
            name_fold=text.fold(name),
            user_id=user_id,
        )
        session.add(row)
        session.flush()
        world.staff_ids[key] = row.id
    session.add(
        HomeroomDuty(
            class_id=world.class_ids["own"], staff_id=world.staff_ids["homeroom"], starts_on=FIRST_DAY
        )
    )


def _timetable(session: Session, world: World) -> None:
    """Each class has periods 1 to 4 every weekday morning; in 4/1 the subject teacher has period 2."""
    subject = Subject(code="TOAN", name="Toán")
    session.add(subject)
    session.flush()
    for key in ("a", "b"):
        school_id = world.school_ids[key]
        for number in range(1, 5):
            session.add(
                BellPeriod(
                    school_id=school_id,
                    day_session=DaySession.MORNING,
                    number=number,
                    begins_at=time(6 + number, 0),
                    finishes_at=time(6 + number, 40),
                    starts_on=FIRST_DAY,
                )
            )
        table = Timetable(
            school_id=school_id, year_id=world.year_id, version=1, state="draft", starts_on=FIRST_DAY
        )
        session.add(table)
        session.flush()
        for relation in ("own", "other_class") if key == "a" else ("other_school",):
            _entries(session, world, table.id, relation, subject.id)
        session.flush()
        table.state = "published"


def _entries(session: Session, world: World, timetable_id: int, relation: str, subject_id: int) -> None:
    teachers = {"own": "homeroom", "other_class": "teacher", "other_school": "other"}
    for weekday in range(1, 6):
        for number in range(1, 5):
            key = "teacher" if (relation, number) == ("own", 2) else teachers[relation]
            if (relation, number) == ("other_class", 2):
                key = "homeroom"
            session.add(
                TimetableEntry(
                    timetable_id=timetable_id,
                    class_id=world.class_ids[relation],
                    weekday=weekday,
                    day_session=DaySession.MORNING,
                    number=number,
                    subject_id=subject_id,
                    staff_id=world.staff_ids[key],
                )
            )
