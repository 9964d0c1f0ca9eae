"""A school's year as other systems are told of it, read from the school's own tables."""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import and_, or_, select

from app.accounts.models import User
from app.i18n import N_, say
from app.intake.rules.dating import Year, effective_day
from app.oneroster.rules.ids import Ids, Kind
from app.oneroster.rules.items import (
    ClassItem,
    CourseItem,
    EnrollmentItem,
    OrgItem,
    Private,
    SchoolRoster,
    SessionItem,
    UserItem,
    name_parts,
)
from app.school.models import (
    ClassMembership,
    Enrolment,
    HomeroomDuty,
    OrgUnit,
    Pupil,
    SchoolClass,
    SchoolYear,
    Staff,
    Timetable,
    TimetableEntry,
)
from app.school.queries import ancestors, classes_of_school, holds_on
from app.staff.models import StaffDetail

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.oneroster.rules.items import Item

ORG_TYPES: Final = {
    "province": "state",
    "district": "district",
    "ward": "local",
    "school": "school",
    "site": "department",
}
YEAR_TITLE: Final = N_("Năm học %(year)s")
TERM_TITLES: Final = (N_("Học kỳ I"), N_("Học kỳ II"))
COURSE_TITLE: Final = N_("Khối %(grade)s")
SECOND: Final = 2


def roster_of(
    session: Session, ids: Ids, mark_key: bytes, school_id: int, year: SchoolYear, today: date
) -> SchoolRoster:
    """Return a school's year as it stands today (on its first day before it, its last after it)."""
    day = effective_day(Year(year.starts_on, year.second_semester_on, year.ends_on), today)
    reader = _Reader(session, ids, mark_key, school_id, year, day)
    return reader.roster()


def orgs_of(session: Session, ids: Ids, unit_ids: Iterable[int]) -> list[OrgItem]:
    """Return units as items, parents before children; parents and children outside `unit_ids` are not named."""
    wanted = set(unit_ids)
    rows = session.scalars(select(OrgUnit).where(OrgUnit.id.in_(wanted)).order_by(OrgUnit.id)).all()
    children: dict[int, list[str]] = {}
    for row in rows:
        if row.parent_id in wanted:
            children.setdefault(row.parent_id or 0, []).append(ids.of(Kind.UNIT, row.id))
    return [
        OrgItem(
            sourced_id=ids.of(Kind.UNIT, row.id),
            name=row.name,
            kind=ORG_TYPES.get(row.kind, "department"),
            identifier=row.code,
            parent=ids.of(Kind.UNIT, row.parent_id) if row.parent_id in wanted and row.parent_id else "",
            children=tuple(children.get(row.id, ())),
            since=row.valid_from,
        )
        for row in rows
    ]


def sessions_of(ids: Ids, years: Sequence[SchoolYear]) -> list[SessionItem]:
    """Return school years and their two terms. The standard counts days to the last one, and years by their end."""
    found = []
    for year in years:
        own, terms = ids.of(Kind.YEAR, year.id), terms_of(ids, year)
        named = str(year.ends_on.year)
        last = year.ends_on - timedelta(days=1)
        second = year.second_semester_on
        title = str(say(YEAR_TITLE, year=year.code))
        found += [
            SessionItem(own, title, "schoolYear", year.starts_on, last, "", terms, named),
            SessionItem(
                terms[0], TERM_TITLES[0], "term", year.starts_on, second - timedelta(days=1), own, (), named
            ),
            SessionItem(terms[1], TERM_TITLES[1], "term", second, last, own, (), named),
        ]
    return found


def terms_of(ids: Ids, year: SchoolYear) -> tuple[str, str]:
    """Return the sourcedIds of a year's two terms."""
    return ids.of(Kind.TERM, year.id, 1), ids.of(Kind.TERM, year.id, SECOND)


def private_of(session: Session, ids: Ids, pupil_ids: Sequence[int]) -> dict[str, Private]:
    """Return what is only handed out when asked for, by sourcedId."""
    rows = session.execute(
        select(Pupil.id, Pupil.birth_date, Pupil.sex, Pupil.ministry_code).where(Pupil.id.in_(pupil_ids))
    )
    return {ids.of(Kind.PUPIL, row.id): Private(row.birth_date, row.sex, row.ministry_code) for row in rows}


class _Reader:
    """Reads one school and year; a handful of queries, whatever the size."""

    def __init__(
        self, session: Session, ids: Ids, mark_key: bytes, school_id: int, year: SchoolYear, day: date
    ) -> None:
        self.session, self.ids, self.mark_key = session, ids, mark_key
        self.school_id, self.year, self.day = school_id, year, day
        self.school = ids.of(Kind.UNIT, school_id)
        self.classes = classes_of_school(session, school_id, year.id)
        self.grades = {row.id: f"{row.grade:02d}" for row in self.classes}
        self.private: dict[str, Private] = {}

    def roster(self) -> SchoolRoster:
        memberships = self._memberships()
        homes = {row.pupil_id: self.grades[row.class_id] for row in memberships}
        items: list[Item] = [*self._courses(), *self._class_items(), *self._pupils(homes), *self._staff()]
        items += [*self._attending(memberships), *self._teaching()]
        orgs = orgs_of(self.session, self.ids, ancestors(self.session, self.school_id))
        return SchoolRoster(
            tuple(orgs), tuple(sessions_of(self.ids, [self.year])), tuple(items), self.private
        )

    def _courses(self) -> list[CourseItem]:
        return [
            CourseItem(
                sourced_id=self._course(grade),
                title=str(say(COURSE_TITLE, grade=grade)),
                code=f"K{grade}",
                grade=f"{grade:02d}",
                school=self.school,
                year=self.ids.of(Kind.YEAR, self.year.id),
            )
            for grade in sorted({row.grade for row in self.classes})
        ]

    def _course(self, grade: int) -> str:
        return self.ids.of(Kind.COURSE, self.school_id, self.year.id * 100 + grade)

    def _class_items(self) -> list[ClassItem]:
        terms = terms_of(self.ids, self.year)
        return [
            ClassItem(
                sourced_id=self.ids.of(Kind.CLASS, row.id),
                title=row.name,
                grade=self.grades[row.id],
                course=self._course(row.grade),
                school=self.school,
                terms=terms,
            )
            for row in self.classes
        ]

    # --- people ---------------------------------------------------------------------------------------------------

    def _pupils(self, homes: dict[int, str]) -> list[UserItem]:
        rows = self.session.scalars(
            select(Pupil)
            .join(Enrolment, Enrolment.pupil_id == Pupil.id)
            .where(
                Enrolment.school_id == self.school_id,
                Enrolment.year_id == self.year.id,
                holds_on(Enrolment, self.day),
            )
            .order_by(Pupil.name_sort, Pupil.id)
        )
        return [self._pupil(row, homes.get(row.id, "")) for row in rows]

    def _pupil(self, row: Pupil, grade: str) -> UserItem:
        sourced_id = self.ids.of(Kind.PUPIL, row.id)
        family, middle, given = name_parts(row.full_name)
        self.private[sourced_id] = Private(row.birth_date, row.sex, row.ministry_code)
        return UserItem(
            sourced_id=sourced_id,
            role="student",
            role_id=self.ids.of(Kind.PUPIL_ROLE, row.id, self.school_id),
            username=sourced_id,
            given=given,
            family=family,
            middle=middle,
            school=self.school,
            grade=grade,
            mark=self._mark(f"{row.id}|{row.birth_date}|{row.sex}|{row.ministry_code}"),
        )

    def _mark(self, text: str) -> str:
        return hmac.new(self.mark_key, text.encode(), hashlib.sha256).hexdigest()[:16]

    def _staff(self) -> list[UserItem]:
        rows = self.session.execute(
            select(Staff, User.username, User.active, StaffDetail.email)
            .outerjoin(User, User.id == Staff.user_id)
            .outerjoin(StaffDetail, StaffDetail.staff_id == Staff.id)
            .where(Staff.school_id == self.school_id)
            .order_by(Staff.name_sort, Staff.id)
        )
        return [self._teacher(*row) for row in rows]

    def _teacher(self, row: Staff, username: str | None, active: bool | None, email: str | None) -> UserItem:  # noqa: FBT001 - a column
        sourced_id = self.ids.of(Kind.STAFF, row.id)
        family, middle, given = name_parts(row.full_name)
        return UserItem(
            sourced_id=sourced_id,
            role="teacher",
            role_id=self.ids.of(Kind.STAFF_ROLE, row.id),
            username=username or sourced_id,
            given=given,
            family=family,
            middle=middle,
            school=self.school,
            email=email or "",
            enabled=active is not False,
        )

    # --- enrolments -----------------------------------------------------------------------------------------------

    def _memberships(self) -> Sequence[ClassMembership]:
        return self.session.scalars(
            select(ClassMembership)
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
            .join(
                Enrolment,
                and_(
                    Enrolment.pupil_id == ClassMembership.pupil_id,
                    Enrolment.school_id == SchoolClass.school_id,
                    Enrolment.year_id == SchoolClass.year_id,
                    holds_on(Enrolment, self.day),
                ),
            )
            .where(
                SchoolClass.school_id == self.school_id,
                SchoolClass.year_id == self.year.id,
                holds_on(ClassMembership, self.day),
            )
            .order_by(ClassMembership.id)
        ).all()

    def _attending(self, memberships: Sequence[ClassMembership]) -> list[EnrollmentItem]:
        return [
            EnrollmentItem(
                sourced_id=self.ids.of(Kind.MEMBERSHIP, row.id),
                class_id=self.ids.of(Kind.CLASS, row.class_id),
                user=self.ids.of(Kind.PUPIL, row.pupil_id),
                school=self.school,
                role="student",
                primary=False,
                begins=row.starts_on.isoformat(),
                ends=_last_day(row.ends_on),
            )
            for row in memberships
        ]

    def _teaching(self) -> list[EnrollmentItem]:
        """Return homeroom teachers as primary, and who else teaches the class by the timetable."""
        class_ids = list(self.grades)
        duties = self.session.scalars(
            select(HomeroomDuty)
            .where(
                HomeroomDuty.class_id.in_(class_ids),
                HomeroomDuty.starts_on <= self.day,
                or_(HomeroomDuty.ends_on.is_(None), HomeroomDuty.ends_on > self.day),
            )
            .order_by(HomeroomDuty.id)
        ).all()
        found = {
            (row.class_id, row.staff_id): self._teaches(
                self.ids.of(Kind.HOMEROOM, row.id), row.class_id, row.staff_id, row.starts_on, primary=True
            )
            for row in duties
        }
        lessons = self.session.execute(
            select(TimetableEntry.class_id, TimetableEntry.staff_id, Timetable.starts_on)
            .join(Timetable, Timetable.id == TimetableEntry.timetable_id)
            .where(
                Timetable.school_id == self.school_id,
                Timetable.year_id == self.year.id,
                Timetable.state == "published",
                holds_on(Timetable, self.day),
            )
            .distinct()
            .order_by(TimetableEntry.class_id, TimetableEntry.staff_id)
        )
        for class_id, staff_id, since in lessons:
            if (class_id, staff_id) not in found and class_id in self.grades:
                sourced_id = self.ids.of(Kind.LESSONS, class_id, staff_id)
                found[class_id, staff_id] = self._teaches(
                    sourced_id, class_id, staff_id, since, primary=False
                )
        return list(found.values())

    def _teaches(
        self, sourced_id: str, class_id: int, staff_id: int, since: date, *, primary: bool
    ) -> EnrollmentItem:
        return EnrollmentItem(
            sourced_id=sourced_id,
            class_id=self.ids.of(Kind.CLASS, class_id),
            user=self.ids.of(Kind.STAFF, staff_id),
            school=self.school,
            role="teacher",
            primary=primary,
            begins=since.isoformat(),
        )


def _last_day(ends_on: date | None) -> str:
    return (ends_on - timedelta(days=1)).isoformat() if ends_on else ""
