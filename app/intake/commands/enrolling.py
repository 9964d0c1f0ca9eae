"""Writes a comparison into the school: pupils, classes, enrolments and memberships, in the caller's transaction."""

from __future__ import annotations

import secrets
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, insert, select

from app import clock
from app.i18n import N_
from app.intake.queries import chunks
from app.intake.rules.dating import Choice, Year, effective_day, end_of, leaving_status, start_of
from app.intake.rules.rows import Field
from app.school.commands import add_class
from app.school.models import ClassMembership, Enrolment, Pupil, SchoolClass, SchoolYear
from app.school.queries import classes_of_school
from app.school.rules import EnrolmentStatus
from app.text import fold, natural_key, sort_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from datetime import date

    from sqlalchemy.orm import Session

    from app.intake.rules.comparing import Arrival, Comparison, FieldChange, Kept, Leaver
    from app.intake.rules.rows import PupilRow

TEMPORARY_PREFIX: Final = "TAM-"


@dataclass(slots=True)
class Enrolling:
    """One roster being written into one school and year. Fields that only the school keeps are never touched.

    `entered` are the pupils who were enrolled, with their rows, and `made_classes` the classes that were not there.
    """

    session: Session
    school_id: int
    year: SchoolYear
    report: Callable[[int, int, str], None]
    day: date = field(init=False)
    entered: list[tuple[int, PupilRow]] = field(default_factory=list)
    made_classes: list[int] = field(default_factory=list)
    keys: dict[str, int] = field(default_factory=dict)
    """Who arrived, by the key that the file's system has for them."""
    _dates: Year = field(init=False)
    _classes: dict[str, SchoolClass] = field(init=False)
    _occupied: set[int] = field(init=False)

    def __post_init__(self) -> None:
        year = self.year
        self._dates = Year(year.starts_on, year.second_semester_on, year.ends_on)
        self.day = effective_day(self._dates, clock.today())
        classes = classes_of_school(self.session, self.school_id, year.id)
        self._classes = {natural_key(row.name): row for row in classes}
        self._occupied = set(
            self.session.scalars(
                select(ClassMembership.class_id)
                .where(ClassMembership.class_id.in_([row.id for row in classes]))
                .distinct()
            )
        )

    def write(self, comparison: Comparison, choice: Choice) -> int:
        """Write everything; return how many pupils left."""
        leavers = comparison.marked + (comparison.missing if choice.ends_missing else ())
        total = len(comparison.arrivals) + len(comparison.updated) + len(comparison.moved) + len(leavers)
        self.report(0, total, N_("Đang tạo lớp"))
        arriving = [item.row for item in comparison.arrivals]
        self._make_classes(arriving + [item.row for item in comparison.moved])
        self._update([(item.pupil_id, item.row, item.changes) for item in comparison.updated])
        self.report(len(comparison.updated), total, N_("Đang chuyển lớp"))
        self._move(comparison.moved)
        self._end(leavers, choice)
        done = total - len(comparison.arrivals)
        for some in chunks(comparison.arrivals):
            self.report(done, total, N_("Đang ghi danh học sinh"))
            self._enrol(some)
            done += len(some)
        self.report(total, total, N_("Đang hoàn tất"))
        return len(leavers)

    # --- classes ------------------------------------------------------------------------------------------------------

    def _make_classes(self, rows: Iterable[PupilRow]) -> None:
        wanted = {natural_key(row.class_name): row for row in rows}
        for key in sorted(wanted.keys() - self._classes.keys()):
            row = wanted[key]
            made = add_class(self.session, self.school_id, self.year.id, row.class_name, row.grade or 0)
            self._classes[key] = made
            self.made_classes.append(made.id)

    def _class_of(self, row: PupilRow) -> SchoolClass:
        return self._classes[natural_key(row.class_name)]

    # --- pupils -------------------------------------------------------------------------------------------------------

    def _update(self, items: Sequence[tuple[int, PupilRow, tuple[FieldChange, ...]]]) -> None:
        for some in chunks(items):
            pupils = self._pupils([pupil_id for pupil_id, _, _ in some])
            statuses = self._open_enrolments([pupil_id for pupil_id, _, _ in some])
            for pupil_id, row, changes in some:
                _rewrite(pupils[pupil_id], row, {change.field for change in changes})
                if row.status is not None and pupil_id in statuses:
                    statuses[pupil_id].status = row.status
        self.session.flush()

    def _move(self, moved: Sequence[Kept]) -> None:
        for some in chunks(moved):
            open_rows = self._open_memberships([kept.pupil_id for kept in some])
            for kept in some:
                target = self._class_of(kept.row)
                current = open_rows.get(kept.pupil_id, [])
                if any(row.starts_on >= self.day for row in current):
                    current[0].class_id = target.id  # the class was never begun: a mistake of the same day
                    continue
                for row in current:
                    row.ends_on = self.day
                self.session.add(
                    ClassMembership(pupil_id=kept.pupil_id, class_id=target.id, starts_on=self.day)
                )
        self.session.flush()

    def _end(self, leavers: Sequence[Leaver], choice: Choice) -> None:
        for some in chunks(leavers):
            ids = [leaver.pupil.id for leaver in some]
            enrolments, memberships = self._open_enrolments(ids), self._open_memberships(ids)
            for leaver in some:
                ends_on = end_of(leaver.row, self._dates, self.day)
                enrolment = enrolments[leaver.pupil.id]
                enrolment.ends_on = max(ends_on, enrolment.starts_on)
                stated = leaver.row.status if leaver.row else None
                enrolment.came_as = enrolment.came_as or enrolment.status
                enrolment.status = stated or leaving_status(choice.leaving, self._dates, ends_on)
                for membership in memberships.get(leaver.pupil.id, []):
                    membership.ends_on = max(ends_on, membership.starts_on)
        self.session.flush()

    def _enrol(self, arrivals: Sequence[Arrival]) -> None:
        known = [item.pupil_id for item in arrivals if item.pupil_id is not None]
        pupils, last_ends = self._pupils(known), self._last_ends(known)
        entering: list[tuple[Pupil, PupilRow]] = []
        for item in arrivals:
            pupil = pupils.get(item.pupil_id or 0)
            if pupil is None:
                pupil = _new_pupil(item.row)
                self.session.add(pupil)
            else:
                _rewrite(pupil, item.row, {change.field for change in item.changes})
            entering.append((pupil, item.row))
        self.session.flush()
        self.entered += [(pupil.id, row) for pupil, row in entering]
        self.keys |= {row.key: pupil.id for pupil, row in entering if row.key}
        begun = [(pupil, row, self._first_day(pupil, row, last_ends)) for pupil, row in entering]
        self.session.execute(
            insert(Enrolment),
            [
                {
                    "pupil_id": pupil.id,
                    "school_id": self.school_id,
                    "year_id": self.year.id,
                    "status": row.status or EnrolmentStatus.STUDYING,
                    "starts_on": day,
                }
                for pupil, row, day in begun
            ],
        )
        self.session.execute(
            insert(ClassMembership),
            [
                {"pupil_id": pupil.id, "class_id": self._class_of(row).id, "starts_on": day}
                for pupil, row, day in begun
            ],
        )

    def _first_day(self, pupil: Pupil, row: PupilRow, last_ends: dict[int, date]) -> date:
        """Return the day on which an arriving pupil begins, never before an earlier enrolment of the year has ended."""
        empty = self._class_of(row).id not in self._occupied
        day = start_of(row, self._dates, self.day, class_was_empty=empty)
        return max(day, last_ends.get(pupil.id, day))

    # --- what is there ------------------------------------------------------------------------------------------------

    def _pupils(self, ids: Sequence[int]) -> dict[int, Pupil]:
        found = self.session.scalars(select(Pupil).where(Pupil.id.in_(ids)))
        return {pupil.id: pupil for pupil in found}

    def _open_enrolments(self, pupil_ids: Sequence[int]) -> dict[int, Enrolment]:
        found = self.session.scalars(
            select(Enrolment).where(
                Enrolment.pupil_id.in_(pupil_ids),
                Enrolment.school_id == self.school_id,
                Enrolment.year_id == self.year.id,
                Enrolment.ends_on.is_(None),
            )
        )
        return {row.pupil_id: row for row in found}

    def _open_memberships(self, pupil_ids: Sequence[int]) -> dict[int, list[ClassMembership]]:
        found = self.session.scalars(
            select(ClassMembership)
            .join(SchoolClass, SchoolClass.id == ClassMembership.class_id)
            .where(
                ClassMembership.pupil_id.in_(pupil_ids),
                ClassMembership.ends_on.is_(None),
                SchoolClass.school_id == self.school_id,
                SchoolClass.year_id == self.year.id,
            )
        )
        by_pupil: dict[int, list[ClassMembership]] = defaultdict(list)
        for row in found:
            by_pupil[row.pupil_id].append(row)
        return by_pupil

    def _last_ends(self, pupil_ids: Sequence[int]) -> dict[int, date]:
        """Return the day on which a returner's last enrolment of the year ended: two never overlap."""
        rows = self.session.execute(
            select(Enrolment.pupil_id, func.max(Enrolment.ends_on).label("last"))
            .where(Enrolment.pupil_id.in_(pupil_ids), Enrolment.year_id == self.year.id)
            .group_by(Enrolment.pupil_id)
        )
        return {row.pupil_id: row.last for row in rows if row.last}


def _new_pupil(row: PupilRow) -> Pupil:
    pupil = Pupil(created_at=clock.now())
    _rewrite(pupil, row, set(Field))
    if (
        row.code is None
    ):  # months may pass before the ministry issues a code; the pupil is renamed then, not doubled
        pupil.temporary_key = TEMPORARY_PREFIX + secrets.token_hex(5).upper()
    return pupil


def _rewrite(pupil: Pupil, row: PupilRow, fields: set[Field]) -> None:
    """Set the fields that change, as far as the row says anything about them."""
    if Field.NAME in fields:
        pupil.full_name = row.full_name
        pupil.name_fold, pupil.name_sort = fold(row.full_name), sort_key(row.full_name)
    if Field.BIRTH_DATE in fields:
        pupil.birth_date = row.birth_date
    if Field.SEX in fields:
        pupil.sex = row.sex
    if Field.CODE in fields and row.code:
        pupil.ministry_code, pupil.temporary_key = row.code, None
    if Field.ETHNICITY in fields and row.ethnicity:
        pupil.ethnicity = row.ethnicity.name
        pupil.ethnicity_code_set, pupil.ethnicity_code = row.ethnicity.code_set, row.ethnicity.code
    if Field.DISABILITY in fields and row.disability:
        pupil.disability = row.disability
