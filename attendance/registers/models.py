"""Tables of registers. Only exceptions are stored; present is: the register was taken, in its roster, no exception.

A province writes 2.4 million registers and 4.6 million marks a year, so rows are as short as PostgreSQL can make them
(docs/adr/0086-short-rows.md): the widest columns come first and need no padding; a mark has eight columns, since with
nine the head of every row in which one is NULL is wider; what hardly any row has stands elsewhere.
"""

from __future__ import annotations

import json
from datetime import date, datetime, time
from typing import Final

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    SmallInteger,
    String,
    UniqueConstraint,
    case,
    text,
)
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column

from app.audit.rules import canonical
from app.db import ONLY_ON, Base, BigPk, Letter, Pk, ref
from attendance.registers.rules.marks import TEACHER, Code, Counters, MarkValue, clock_time
from attendance.registers.rules.states import STATE_LETTERS, TAKEN, RegisterState, SlotKind


class AttendanceCode(Base):
    """A letter and what it means. Flags decide; letters and names are the installation's. Never deleted."""

    __tablename__ = "attendance_code"
    __table_args__ = (
        UniqueConstraint("letter"),
        CheckConstraint("weight BETWEEN 0 AND 100", name="weight"),
        CheckConstraint("NOT (is_authorised AND is_pending)", name="authorised_or_pending"),
    )
    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    letter: Mapped[str] = mapped_column(String(4))
    name: Mapped[str] = mapped_column(String(80))
    position: Mapped[int] = mapped_column(SmallInteger)
    is_present: Mapped[bool]
    is_authorised: Mapped[bool]
    is_pending: Mapped[bool]
    is_late: Mapped[bool]
    is_early_leave: Mapped[bool]
    is_on_site: Mapped[bool]
    needs_reason: Mapped[bool]
    weight: Mapped[int] = mapped_column(SmallInteger)
    is_retired: Mapped[bool] = mapped_column(default=False)

    @property
    def meaning(self) -> Code:
        """The row as the rules know it."""
        return Code(
            id=self.id,
            letter=self.letter,
            name=self.name,
            is_present=self.is_present,
            is_authorised=self.is_authorised,
            is_pending=self.is_pending,
            is_late=self.is_late,
            is_early_leave=self.is_early_leave,
            is_on_site=self.is_on_site,
            needs_reason=self.needs_reason,
            weight=self.weight,
        )


class RosterVersion(Base):
    """Who was in a class, as known when a register was taken. Never changed; another roster is another row.

    `members` is the sorted JSON list of pupil ids, `sha256` its fingerprint. [starts_on, ends_on) is the period in
    which this roster held, as known when the row was made.
    """

    __tablename__ = "roster_version"
    __table_args__ = (
        UniqueConstraint("class_id", "sha256", "starts_on"),
        CheckConstraint("ends_on IS NULL OR ends_on > starts_on", name="dates"),
        CheckConstraint("member_count >= 0", name="member_count"),
    )
    id: Mapped[Pk]
    class_id: Mapped[int] = mapped_column(ref("school_class.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date | None]
    members: Mapped[str]
    member_count: Mapped[int] = mapped_column(SmallInteger)
    sha256: Mapped[str] = mapped_column(String(64))
    made_at: Mapped[datetime]


class AttendanceDay(Base):
    """A school's day: where its chain of events ends, and when its due registers were last worked out.

    Locking this row puts the writers of one school day in order.
    """

    __tablename__ = "attendance_day"
    school_id: Mapped[int] = mapped_column(ref("school.id"), primary_key=True)
    day: Mapped[date] = mapped_column(primary_key=True)
    last_sequence: Mapped[int]
    last_hash: Mapped[str] = mapped_column(String(64))
    materialised_at: Mapped[datetime | None]


PLACE: Final = "((day - DATE '2000-01-01') * 100 + slot)"
"""Day and slot of a register as one number of four bytes: slots of sessions are below 10, those of periods above."""


class Register(Base):
    """A register of a class. `slot`: 1 morning, 2 afternoon, 3 evening; of a period session * 10 + number.

    The counters are recomputed in the transaction that saves, and are zero until the register is taken. Who is present
    is what the others leave of `expected`. `day` is laid out day by day, or school by school in a demonstration: a
    summary of each page (BRIN) finds a province's day in both, in a fortieth of the space of an index of rows.
    A class has one register of a day and slot; in PostgreSQL's key both are one number (`PLACE`), which saves 8 of 28
    bytes, and whoever asks for a class's days reads all of its year.
    `row_version` holds 32,767 changes; saves are refused at 32,000, with words (`commands.windows`).
    """

    __tablename__ = "register"
    __table_args__ = (
        UniqueConstraint("class_id", "day", "slot_kind", "slot", info={ONLY_ON: "sqlite"}),
        Index(
            "uq_register_class_id_place", "class_id", text(PLACE), unique=True, info={ONLY_ON: "postgresql"}
        ),
        Index("ix_register_day", "day", postgresql_using="brin", postgresql_with={"pages_per_range": 1}),
        Index("ix_register_school_id_day", "school_id", "day"),
        CheckConstraint("slot_kind IN ('S', 'P', 'E')", name="slot_kind"),
        CheckConstraint("state IN ('D', 'O', 'P', 'S', 'L', 'N')", name="state"),
        CheckConstraint("excused + unexcused + pending <= expected", name="counters"),
        CheckConstraint("state NOT IN ('P', 'S', 'L') OR roster_version_id IS NOT NULL", name="roster"),
    )
    id: Mapped[Pk]
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    class_id: Mapped[int] = mapped_column(ref("school_class.id"))
    day: Mapped[date]
    roster_version_id: Mapped[int | None] = mapped_column(ref("roster_version.id"))
    row_version: Mapped[int] = mapped_column(SmallInteger, default=0)
    slot: Mapped[int] = mapped_column(SmallInteger)
    programme_session: Mapped[int] = mapped_column(SmallInteger)
    expected: Mapped[int] = mapped_column(SmallInteger, default=0)
    excused: Mapped[int] = mapped_column(SmallInteger, default=0)
    unexcused: Mapped[int] = mapped_column(SmallInteger, default=0)
    pending: Mapped[int] = mapped_column(SmallInteger, default=0)
    late: Mapped[int] = mapped_column(SmallInteger, default=0)
    left_early: Mapped[int] = mapped_column(SmallInteger, default=0)
    slot_kind: Mapped[str] = mapped_column(Letter({kind: kind for kind in SlotKind}))
    state: Mapped[str] = mapped_column(Letter(STATE_LETTERS))

    @hybrid_property
    def present(self) -> int:
        """Return how many of those expected were there."""
        return self.expected - self.excused - self.unexcused - self.pending

    @property
    def standing(self) -> RegisterState:
        """The state as the rules know it."""
        return RegisterState(self.state)

    @property
    def counters(self) -> Counters:
        """The counters as the rules know them."""
        return Counters(
            self.expected,
            self.present,
            self.excused,
            self.unexcused,
            self.pending,
            self.late,
            self.left_early,
        )


class CalledOff(Base):
    """Why a register is not held: there while it is not."""

    __tablename__ = "called_off"
    register_id: Mapped[int] = mapped_column(ref("register.id"), primary_key=True, autoincrement=False)
    why: Mapped[str] = mapped_column(String(200))


class Mark(Base):
    """An exception: one pupil in one register. `code_id` counts: the office's correction, or the teacher's code.

    A missing code means "present": the office may correct an absence to that, and the teacher's word stays beside it
    (`overruled_code_id`, of corrected marks only). `more`: JSON of what few marks have.
    """

    __tablename__ = "mark"
    __table_args__ = (
        CheckConstraint("code_id IS NOT NULL OR is_corrected", name="not_empty"),
        CheckConstraint("is_corrected OR overruled_code_id IS NULL", name="overruled"),
        CheckConstraint("minutes_late BETWEEN 0 AND 600", name="minutes_late"),
        Index("ix_mark_pupil_id", "pupil_id"),
    )
    register_id: Mapped[int] = mapped_column(ref("register.id"), primary_key=True)
    pupil_id: Mapped[int] = mapped_column(ref("pupil.id"), primary_key=True)
    code_id: Mapped[int | None] = mapped_column(SmallInteger, ref("attendance_code.id"))
    overruled_code_id: Mapped[int | None] = mapped_column(SmallInteger, ref("attendance_code.id"))
    minutes_late: Mapped[int | None] = mapped_column(SmallInteger)
    is_corrected: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str | None]
    more: Mapped[str | None]

    @hybrid_property
    def teacher_code_id(self) -> int | None:
        """Return what the teacher said, whatever the office said since; None is present."""
        return self.overruled_code_id if self.is_corrected else self.code_id

    @teacher_code_id.inplace.expression
    @classmethod
    def _teacher_code_id(cls) -> ColumnElement[int | None]:
        return case((cls.is_corrected, cls.overruled_code_id), else_=cls.code_id)

    @property
    def office_code_id(self) -> int | None:
        """What the office said; None is present, or no correction (`is_corrected`)."""
        return self.code_id if self.is_corrected else None

    @property
    def source(self) -> str:
        """Who made the mark first: the teacher, or the office."""
        return self._rare().get("source", TEACHER)

    @property
    def arrived_at(self) -> time | None:
        """When the pupil came, by the school's clock."""
        return clock_time(self._rare().get("arrived"))

    @property
    def left_at(self) -> time | None:
        """When the pupil went, by the school's clock."""
        return clock_time(self._rare().get("left"))

    @property
    def note(self) -> str | None:
        """What the teacher noted for the school."""
        return self._rare().get("note")

    def say(self, value: MarkValue, code_id: int | None) -> None:
        """Write the teacher's word (`code_id` of its letter); what the office corrected keeps counting as corrected."""
        if self.is_corrected:
            self.overruled_code_id = code_id
        else:
            self.code_id = code_id
        self.minutes_late, self.reason = value.minutes_late, value.reason or None
        self.more = rare_text(value, self.source)

    def correct(self, code_id: int | None) -> None:
        """Write the office's word; saying what the teacher said takes a correction back."""
        said = self.teacher_code_id
        self.is_corrected = code_id != said
        self.code_id, self.overruled_code_id = code_id, said if self.is_corrected else None

    def _rare(self) -> dict[str, str]:
        found: dict[str, str] = json.loads(self.more) if self.more else {}
        return found


def rare_text(value: MarkValue = MarkValue(), source: str = TEACHER) -> str | None:  # noqa: B008 - it is frozen
    """Return `Mark.more`: canonical JSON of the times and the note, and of the source when it is not the teacher."""
    parts = {
        "arrived": _minute(value.arrived),
        "left": _minute(value.left),
        "note": value.note,
        "source": "" if source == TEACHER else source,
    }
    said = {name: part for name, part in parts.items() if part}
    return canonical(said) if said else None


def _minute(text: str | None) -> str:
    moment = clock_time(text)
    return f"{moment:%H:%M}" if moment else ""


TAKING: Final = "kind = 'state' AND (after::json ->> 'state') IN ({})".format(
    ", ".join(f"'{state}'" for state in sorted(TAKEN))
)
"""PostgreSQL's condition that an event made a register a taken one. Who asks in these words is answered by an index."""


class MarkEvent(Base):
    """Everything that ever happened to a register, append-only, chained by hash per school day.

    `op_id` is made by the device and unique: the same tap sent twice is stored once. Triggers refuse UPDATE and DELETE.
    """

    __tablename__ = "mark_event"
    __table_args__ = (
        UniqueConstraint("op_id"),
        UniqueConstraint("school_id", "day", "sequence"),
        Index("ix_mark_event_register_id", "register_id", "register_version"),
        Index("ix_mark_event_pupil_id", "pupil_id"),
        Index(
            "ix_mark_event_takings",
            "register_id",
            postgresql_include=["at"],
            postgresql_where=text(TAKING),
            info={ONLY_ON: "postgresql"},
        ),
    )
    id: Mapped[BigPk]
    op_id: Mapped[str] = mapped_column(String(48))
    school_id: Mapped[int] = mapped_column(ref("school.id"))
    day: Mapped[date]
    sequence: Mapped[int]
    register_id: Mapped[int] = mapped_column(ref("register.id"))
    register_version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(12))
    pupil_id: Mapped[int | None] = mapped_column(ref("pupil.id"))
    before: Mapped[str]
    after: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(ref("user_account.id"))
    on_behalf_of: Mapped[int | None] = mapped_column(ref("user_account.id"))
    device: Mapped[str] = mapped_column(String(48))
    device_time: Mapped[str] = mapped_column(String(40))
    why: Mapped[str]
    at: Mapped[datetime]
    previous_hash: Mapped[str] = mapped_column(String(64))
    event_hash: Mapped[str] = mapped_column(String(64))


def value_of_mark(mark: Mark, letters: dict[int, str]) -> MarkValue:
    """Return the teacher's word of a mark as a value; `letters` maps code ids to letters."""
    letter = letters[mark.teacher_code_id] if mark.teacher_code_id is not None else ""
    return MarkValue(
        letter=letter,
        minutes_late=mark.minutes_late,
        arrived=mark.arrived_at.strftime("%H:%M") if mark.arrived_at else None,
        left=mark.left_at.strftime("%H:%M") if mark.left_at else None,
        reason=mark.reason or "",
        note=mark.note or "",
    ).tidied()
