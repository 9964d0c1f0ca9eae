"""Tables of the school: organisation, time, classes, people, enrolment, timetable.

Validity is half-open: `starts_on` is the first day, `ends_on` the first day after; NULL means "until further notice".
"""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.db import Base, Pk, SortText, ref


class OrgUnit(Base):
    """A unit of the organisation tree: province-level unit, ward or commune, school, site. Names and types are data."""

    __tablename__ = "org_unit"
    __table_args__ = (
        UniqueConstraint("code_set", "code", "valid_from"),
        CheckConstraint("valid_to IS NULL OR valid_to > valid_from", name="dates"),
    )
    id: Mapped[Pk]
    kind: Mapped[str] = mapped_column(String(16))
    code_set: Mapped[str] = mapped_column(String(32))
    code: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str]
    type_name: Mapped[str] = mapped_column(default="")
    name_sort: Mapped[SortText]
    name_fold: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(ref("org_unit.id"), index=True)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]


class School(Base):
    """What a unit of kind school has besides; `id` is the unit's. Levels "12": primary and lower secondary."""

    __tablename__ = "school"
    id: Mapped[int] = mapped_column(ref("org_unit.id"), primary_key=True, autoincrement=False)
    levels: Mapped[str] = mapped_column(String(8), default="")
    teaching_weekdays: Mapped[str] = mapped_column(String(7), default="12345")


class SchoolYear(Base):
    """A school year such as 2026-2027, of a province (`unit_id`) or of all (NULL)."""

    __tablename__ = "school_year"
    __table_args__ = (UniqueConstraint("code"), CheckConstraint("ends_on > starts_on", name="dates"))
    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(String(9))
    starts_on: Mapped[date]
    second_semester_on: Mapped[date]
    ends_on: Mapped[date]


class CalendarDay(Base):
    """What a unit decided about one day. Schools inherit their province's days and may override them one by one."""

    __tablename__ = "calendar_day"
    __table_args__ = (UniqueConstraint("unit_id", "day"),)
    id: Mapped[Pk]
    unit_id: Mapped[int] = mapped_column(ref("org_unit.id"))
    day: Mapped[date] = mapped_column(index=True)
    kind: Mapped[str] = mapped_column(String(16))
    follows_weekday: Mapped[int | None]
    only_session: Mapped[str | None] = mapped_column(String(16))
    note: Mapped[str] = mapped_column(default="")
    decided_by: Mapped[int | None] = mapped_column(ref("user_account.id"))
    decided_at: Mapped[datetime]


class BellPeriod(Base):
    """A period (tiết) of a school's day: session, number within it, wall-clock times, buổi 1 or buổi 2.

    It is for the grades from `first_grade` to `last_grade`; on no day do two schedules hold for the same grade.
    """

    __tablename__ = "bell_period"
    __table_args__ = (
        UniqueConstraint("school_id", "day_session", "number", "starts_on", "first_grade"),
        CheckConstraint("programme_session IN (1, 2)", name="programme_session"),
        CheckConstraint("first_grade >= 1 AND last_grade <= 12 AND first_grade <= last_grade", name="grades"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    day_session: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    begins_at: Mapped[time]
    finishes_at: Mapped[time]
    programme_session: Mapped[int] = mapped_column(default=1)
    plan_name: Mapped[str] = mapped_column(default="")
    first_grade: Mapped[int] = mapped_column(default=1)
    last_grade: Mapped[int] = mapped_column(default=12)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class SchoolClass(Base):
    """A class of one school year. `main_session` is when it has buổi 1; `grade` 1 to 12.

    `name` is what it is called now (ClassFormerName has what it was called before); `closed_on` is the first day on
    which there is no such class any more.
    """

    __tablename__ = "school_class"
    __table_args__ = (
        UniqueConstraint("school_id", "year_id", "name_fold"),
        CheckConstraint("grade BETWEEN 1 AND 12", name="grade"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    site_id: Mapped[int | None] = mapped_column(ref("org_unit.id"), index=True)
    name: Mapped[str] = mapped_column(String(32))
    name_fold: Mapped[str] = mapped_column(String(32))
    name_sort: Mapped[SortText]
    grade: Mapped[int]
    main_session: Mapped[str] = mapped_column(String(16), default="morning")
    closed_on: Mapped[date | None]


class Pupil(Base):
    """A pupil, once for the whole installation. Dated facts (school, class) are in Enrolment and ClassMembership."""

    __tablename__ = "pupil"
    __table_args__ = (
        UniqueConstraint("ministry_code"),
        UniqueConstraint("temporary_key"),
        Index("ix_pupil_name_fold", "name_fold", "birth_date"),
    )
    id: Mapped[Pk]
    full_name: Mapped[str]
    name_sort: Mapped[SortText]
    name_fold: Mapped[str]
    birth_date: Mapped[date | None]
    sex: Mapped[str | None] = mapped_column(String(1))
    ethnicity: Mapped[str | None] = mapped_column(String(64))
    ethnicity_code_set: Mapped[str | None] = mapped_column(String(16))
    ethnicity_code: Mapped[str | None] = mapped_column(String(8))
    disability: Mapped[str | None] = mapped_column(String(64))
    ministry_code: Mapped[str | None] = mapped_column(String(10))
    temporary_key: Mapped[str | None] = mapped_column(String(40))
    created_at: Mapped[datetime]


class Enrolment(Base):
    """A pupil at a school in a year, from a day to the day before another, with the ministry's status name.

    `came_as` is the status before that of leaving. PostgreSQL also refuses two that overlap in a year (a constraint of
    the migration, since SQLite has no such thing); on SQLite the commands alone see to it.
    """

    __tablename__ = "enrolment"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        Index("ix_enrolment_school", "school_id", "year_id", "pupil_id"),
        Index(
            "uq_enrolment_open",
            "pupil_id",
            "year_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )
    id: Mapped[Pk]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"))
    status: Mapped[str] = mapped_column(String(40))
    came_as: Mapped[str | None] = mapped_column(String(40))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class ClassMembership(Base):
    """A pupil in a class, dated. A move ends one row and begins another on the same day."""

    __tablename__ = "class_membership"
    __table_args__ = (
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
        Index("ix_class_membership_class", "class_id", "starts_on"),
        Index(
            "uq_class_membership_open",
            "pupil_id",
            "class_id",
            unique=True,
            sqlite_where=text("ends_on IS NULL"),
            postgresql_where=text("ends_on IS NULL"),
        ),
    )
    id: Mapped[Pk]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), index=True)
    class_id: Mapped[int] = mapped_column(ref("school_class.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]


class PupilCard(Base):
    """The pupil's card for the year: a code of 4 characters to confirm a name with, and a number for paper cards."""

    __tablename__ = "pupil_card"
    __table_args__ = (
        UniqueConstraint("school_id", "year_id", "code"),
        Index(
            "uq_pupil_card_live",
            "pupil_id",
            "year_id",
            unique=True,
            sqlite_where=text("revoked_at IS NULL"),
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )
    id: Mapped[Pk]
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"))
    code: Mapped[str] = mapped_column(String(4))
    issued_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class Staff(Base):
    """A member of a school's staff; `user_id` once there is an account."""

    __tablename__ = "staff"
    __table_args__ = (UniqueConstraint("user_id"), UniqueConstraint("school_id", "staff_code"))
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    staff_code: Mapped[str] = mapped_column(String(32))
    full_name: Mapped[str]
    name_sort: Mapped[SortText]
    name_fold: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"))


class HomeroomDuty(Base):
    """Who is homeroom teacher of a class, dated. The access it gives is a grant, `grant_id`, which ends with it.

    Without `grant_id` the teacher has no account yet, or the access was given by hand.
    """

    __tablename__ = "homeroom_duty"
    id: Mapped[Pk]
    class_id: Mapped[int] = mapped_column(ref("school_class.id"), index=True)
    staff_id: Mapped[int] = mapped_column(ref("staff.id"), index=True)
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    grant_id: Mapped[int | None] = mapped_column(ref("role_grant.id"), index=True)


class Subject(Base):
    """A subject such as Toán; `code` is stable, `name` is what is shown."""

    __tablename__ = "subject"
    __table_args__ = (UniqueConstraint("code"),)
    id: Mapped[Pk]
    code: Mapped[str] = mapped_column(String(16))
    name: Mapped[str]


class Timetable(Base):
    """A version of a school's timetable: draft, published or superseded; a published one is never edited.

    A superseded one still says what was planned on its days, [starts_on, ends_on). `note` says why it was published
    with conflicts. Triggers refuse to change a version, or its entries, once it is no draft.
    """

    __tablename__ = "timetable"
    __table_args__ = (
        UniqueConstraint("school_id", "year_id", "version"),
        UniqueConstraint("school_id", "client_key"),
        CheckConstraint("state IN ('draft', 'published', 'superseded')", name="state"),
        CheckConstraint("ends_on IS NULL OR ends_on >= starts_on", name="dates"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    year_id: Mapped[int] = mapped_column(ref("school_year.id"), index=True)
    version: Mapped[int]
    state: Mapped[str] = mapped_column(String(16))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    client_key: Mapped[str | None] = mapped_column(String(64))
    made_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    made_at: Mapped[datetime | None]
    published_by: Mapped[int | None] = mapped_column(ref("user_account.id"), index=True)
    published_at: Mapped[datetime | None]
    note: Mapped[str] = mapped_column(default="")


class TimetableEntry(Base):
    """A lesson of the week: class, weekday (1 = Monday), session, period, weeks, subject, teacher, room.

    `weeks`: every, odd or even weeks of the school year. Co-teachers are in EntryTeacher.
    """

    __tablename__ = "timetable_entry"
    __table_args__ = (
        UniqueConstraint("timetable_id", "class_id", "weekday", "day_session", "number", "weeks"),
        CheckConstraint("weekday BETWEEN 1 AND 7", name="weekday"),
        CheckConstraint("weeks IN ('every', 'odd', 'even')", name="weeks"),
        Index("ix_timetable_entry_staff", "staff_id", "weekday"),
    )
    id: Mapped[Pk]
    timetable_id: Mapped[int] = mapped_column(ref("timetable.id"))
    class_id: Mapped[int] = mapped_column(ref("school_class.id"), index=True)
    weekday: Mapped[int]
    day_session: Mapped[str] = mapped_column(String(16))
    number: Mapped[int]
    weeks: Mapped[str] = mapped_column(String(8), default="every")
    subject_id: Mapped[int] = mapped_column(ref("subject.id"))
    staff_id: Mapped[int] = mapped_column(ref("staff.id"))
    room: Mapped[str] = mapped_column(String(32), default="")
