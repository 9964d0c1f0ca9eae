"""A OneRoster package on its way in: pupils go the way of every roster, teachers and homerooms follow them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from sqlalchemy import or_, select

from app import clock
from app.accounts.commands.managing import staff_row
from app.audit.commands import record
from app.intake.commands.sources import Found
from app.intake.rules.dating import Year, effective_day
from app.oneroster.models import OneRosterLink
from app.oneroster.queries.links import known_at
from app.oneroster.rules.binding import File
from app.oneroster.rules.checking import check_references, check_rows
from app.oneroster.rules.package import Package, is_package, open_package
from app.oneroster.rules.resolving import Resolved, resolve
from app.school.models import HomeroomDuty, SchoolYear, Staff
from app.school.queries import classes_of_school
from app.staff.models import StaffDetail
from app.staff.queries import known_staff
from app.staff.rules.roster import EMAIL, Kind, Person, compared
from app.text import natural_key

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.oneroster.rules.checking import Entries
    from app.oneroster.rules.resolving import Homeroom, Teacher
    from app.school.models import SchoolClass

LONGEST_EMAIL: Final = 120
LONGEST_STAFF_CODE: Final = 32


def read_package(content: bytes, first_year: int) -> OneRosterFile | None:
    """Return a OneRoster package, None for any other file; raise UnreadableFileError and nothing else."""
    if not is_package(content):
        return None
    package = open_package(content)
    found = check_rows(package)
    check_references(package, found)
    return OneRosterFile(package, found, first_year)


@dataclass(slots=True)
class OneRosterFile:
    """A checked package, as the intake handles it (`app.intake.commands.sources.OtherFile`)."""

    package: Package
    entries: Mapping[File, Entries]
    first_year: int
    resolved: Resolved | None = None

    def found_for(self, session: Session, school_id: int, year_id: int | None) -> Found:
        """Return the pupils of the school in the package, and whom its sourcedIds meant before."""
        year = session.get(SchoolYear, year_id) if year_id else None
        first, after = (date(self.first_year, 9, 1), date(self.first_year + 1, 6, 1))
        days = (year.starts_on, year.ends_on) if year else (first, after)
        keys = [key for file in self.entries.values() for key in file]
        keys += [entry["userSourcedId"] for entry in self.entries[File.ENROLLMENTS].values()]
        keys += [entry["classSourcedId"] for entry in self.entries[File.ENROLLMENTS].values()]
        faults = list(self.package.faults)
        known = known_at(session, school_id, year_id, days, dict.fromkeys(keys))
        self.resolved = resolve(self.package, self.entries, known)
        self.package.faults = (
            faults  # holding the package against a school again must not tell its faults twice
        )
        return Found(self.resolved.roster, self.resolved.by_key)

    def write(
        self, session: Session, actor: Actor, school_id: int, year: SchoolYear, pupils: Mapping[str, int]
    ) -> None:
        """Write teachers, homerooms and what every sourcedId means from now on."""
        if self.resolved is None:
            message = "write() comes after found_for()"
            raise RuntimeError(message)
        staff = _write_teachers(session, school_id, self.resolved.teachers)
        classes = {natural_key(row.name): row for row in classes_of_school(session, school_id, year.id)}
        duties = _write_homerooms(
            session, self.resolved.homerooms, classes, staff | _linked_staff(session, school_id), year
        )
        links = _Links(session, school_id)
        links.keep("pupil", pupils)
        links.keep("staff", staff)
        links.keep(
            "class",
            {
                key: classes[natural_key(title)].id
                for key, title in self.resolved.classes.items()
                if natural_key(title) in classes
            },
        )
        details = {"version": self.package.version, "teachers": len(staff), "homerooms": duties}
        record(session, actor, "oneroster.imported", ("school", school_id), details)


# --- teachers -----------------------------------------------------------------------------------------------------


def _write_teachers(session: Session, school_id: int, teachers: Sequence[Teacher]) -> dict[str, int]:
    """Find or make the staff of a package; return {sourcedId: staff id}. Nobody gets an account by this."""
    linked = _linked_staff(session, school_id)
    people = [_person(one) for one in teachers if one.key not in linked]
    matched = {one.row: one for one in compared(people, known_staff(session, school_id))}
    found: dict[str, int] = {}
    taken = set(linked.values())
    for teacher in teachers:
        person = matched.get(teacher.row)
        staff_id = linked.get(teacher.key) or (person.staff_id if person else None)
        if teacher.key not in linked and staff_id in taken:
            staff_id = None
        row = session.get(Staff, staff_id) if staff_id else None
        if row is None:
            row = _new_staff(session, school_id, teacher)
        taken.add(row.id)
        _write_email(session, row, teacher)
        found[teacher.key] = row.id
    return found


def _person(teacher: Teacher) -> Person:
    return Person(
        teacher.row, teacher.full_name, email=_email(teacher), code=_staff_code(teacher), kind=Kind.NEW
    )


def _email(teacher: Teacher) -> str:
    fits = len(teacher.email) <= LONGEST_EMAIL and EMAIL.fullmatch(teacher.email)
    return teacher.email if fits else ""


def _staff_code(teacher: Teacher) -> str:
    return teacher.code if len(teacher.code) <= LONGEST_STAFF_CODE else ""


def _new_staff(session: Session, school_id: int, teacher: Teacher) -> Staff:
    """Make a member of staff; without a code of their own they get one made of the sourcedId."""
    made = "OR-" + hashlib.sha256(teacher.key.encode()).hexdigest()[:16].upper()
    code = _staff_code(teacher) or made
    taken = session.scalar(select(Staff.id).where(Staff.school_id == school_id, Staff.staff_code == code))
    row = staff_row(school_id, made if taken else code, teacher.full_name, None)
    session.add(row)
    session.flush()
    return row


def _write_email(session: Session, row: Staff, teacher: Teacher) -> None:
    email = _email(teacher)
    detail = session.get(StaffDetail, row.id)
    if email and detail is None:
        session.add(StaffDetail(staff_id=row.id, email=email, position="", duty_group="", subjects=""))
    elif email and detail is not None:
        detail.email = email
    session.flush()


def _linked_staff(session: Session, school_id: int) -> dict[str, int]:
    rows = session.execute(
        select(OneRosterLink.sourced_id, OneRosterLink.staff_id).where(
            OneRosterLink.school_id == school_id, OneRosterLink.staff_id.is_not(None)
        )
    )
    return {row.sourced_id: row.staff_id for row in rows if row.staff_id}


# --- homerooms ----------------------------------------------------------------------------------------------------


def _write_homerooms(
    session: Session,
    homerooms: Sequence[Homeroom],
    classes: Mapping[str, SchoolClass],
    staff: Mapping[str, int],
    year: SchoolYear,
) -> int:
    """Bring homeroom duties up to date; return how many changed. The access that goes with one is granted by hand."""
    day = effective_day(Year(year.starts_on, year.second_semester_on, year.ends_on), clock.today())
    changed = 0
    for homeroom in homerooms:
        school_class = classes.get(natural_key(homeroom.class_name))
        staff_id = staff.get(homeroom.teacher or "")
        if school_class is None or (homeroom.teacher and staff_id is None):
            continue
        changed += _set_duty(session, school_class.id, staff_id, day, year.starts_on)
    session.flush()
    return changed


def _set_duty(session: Session, class_id: int, staff_id: int | None, day: date, year_begins: date) -> bool:
    held = session.scalars(
        select(HomeroomDuty).where(
            HomeroomDuty.class_id == class_id,
            or_(HomeroomDuty.ends_on.is_(None), HomeroomDuty.ends_on > day),
        )
    ).all()
    if [row.staff_id for row in held] == ([staff_id] if staff_id else []):
        return False
    ever = session.scalar(select(HomeroomDuty.id).where(HomeroomDuty.class_id == class_id).limit(1))
    for row in held:
        row.ends_on = max(day, row.starts_on)
    if staff_id:
        starts_on = day if ever else year_begins
        session.add(HomeroomDuty(class_id=class_id, staff_id=staff_id, starts_on=starts_on))
    return True


# --- links --------------------------------------------------------------------------------------------------------


class _Links:
    """Keeps what sourcedIds mean; a meaning that changed is written over."""

    def __init__(self, session: Session, school_id: int) -> None:
        self.session = session
        self.school_id = school_id
        rows = session.scalars(select(OneRosterLink).where(OneRosterLink.school_id == school_id))
        self.rows = {(row.kind, row.sourced_id): row for row in rows}

    def keep(self, kind: str, meanings: Mapping[str, int]) -> None:
        """Note {sourcedId: row id} of one kind."""
        column = f"{kind}_id"
        for sourced_id, number in meanings.items():
            row = self.rows.get((kind, sourced_id))
            if row is None:
                row = OneRosterLink(school_id=self.school_id, kind=kind, sourced_id=sourced_id)
                self.session.add(row)
            setattr(row, column, number)
        self.session.flush()
