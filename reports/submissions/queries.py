"""Reading submissions: the months of schools with where they stand and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from app import clock
from app.school.models import OrgUnit, SchoolClass
from app.school.queries import schools_for
from attendance.registers.models import Register
from attendance.registers.rules.states import MISSING, SlotKind
from reports.cubes.models import ClassDay
from reports.cubes.rules import Month, classes_that_differ, read_classes
from reports.indicators.rules import total
from reports.submissions.models import Submission, SubmissionEvent, SubmissionReminder
from reports.submissions.rules import (
    ACCEPT_MONTH,
    APPROVE_MONTH,
    BEFORE_APPROVAL,
    RETURN_MONTH,
    SUBMIT_MONTH,
    VIEW_SUBMISSIONS,
    Abilities,
    Finding,
    Flags,
    SubmissionState,
    days_late,
    due_on,
    findings_of,
    findings_of_state,
    flags_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.cubes.rules import SchoolMonth


@dataclass(frozen=True, slots=True)
class MonthOfSchool:
    """A school's month as a screen shows it. `changed_classes` differ from what was accepted."""

    month: SchoolMonth
    state: SubmissionState
    round: int
    changed_at: datetime | None
    changed_classes: tuple[str, ...]
    findings: tuple[Finding, ...]
    flags: Flags
    late: int
    approved_on: date | None

    @property
    def is_in_time(self) -> bool:
        """Whether the school approved it (or the department accepted it) until the due day."""
        return self.approved_on is not None and self.approved_on <= due_on(self.month.month)


def submission_of(session: Session, school_id: int, month: Month) -> Submission | None:
    """Return the submission of a school's month, None while nobody acted on it."""
    return session.scalar(
        select(Submission).where(Submission.school_id == school_id, Submission.period == str(month))
    )


def months_with_state(
    session: Session, actor: Actor, months: Sequence[SchoolMonth], today: date
) -> list[MonthOfSchool]:
    """Return each school's month with its state and flags, in the order given."""
    periods = {str(row.month) for row in months}
    stored = session.scalars(
        select(Submission).where(
            Submission.school_id.in_([row.school_id for row in months]), Submission.period.in_(periods)
        )
    )
    by_key = {(row.school_id, row.period): row for row in stored}
    able = _abilities(actor, [row.school_id for row in months])
    approved = _first_approvals(session, [row.id for row in by_key.values()])
    return [
        _with_state(
            row,
            one := by_key.get((row.school_id, str(row.month))),
            today,
            able[row.school_id],
            approved.get(one.id) if one else None,
        )
        for row in months
    ]


def _abilities(actor: Actor, school_ids: Sequence[int]) -> dict[int, Abilities]:
    """Return what the actor may do at each school; four statements, however many schools."""
    steps = (SUBMIT_MONTH, APPROVE_MONTH, RETURN_MONTH, ACCEPT_MONTH)
    reach = [{unit.id for unit in schools_for(actor, step)} if school_ids else set() for step in steps]
    return {school: Abilities(*(school in there for there in reach)) for school in school_ids}


def _first_approvals(session: Session, submission_ids: Sequence[int]) -> dict[int, date]:
    """Return {submission: the day on which it was first approved, or accepted without}."""
    rows = session.execute(
        select(SubmissionEvent.submission_id, func.min(SubmissionEvent.at))
        .where(
            SubmissionEvent.submission_id.in_(submission_ids),
            SubmissionEvent.action.in_(("approved", "accepted")),
        )
        .group_by(SubmissionEvent.submission_id)
    )
    return {submission: clock.local(at).date() for submission, at in rows}


def findings_against(month: SchoolMonth, stored: Submission | None) -> list[Finding]:
    """Return what the month's own way says against accepting it: not approved, or changed since."""
    state = SubmissionState(stored.state) if stored else SubmissionState.COMPUTED
    changed = len(classes_that_differ(read_classes(stored.counts), month.classes)) if stored else 0
    return findings_of_state(state, changed)


def _with_state(
    month: SchoolMonth, stored: Submission | None, today: date, able: Abilities, approved_on: date | None
) -> MonthOfSchool:
    state = SubmissionState(stored.state) if stored else SubmissionState.COMPUTED
    findings = findings_of(month, today) + (findings_against(month, stored) if able.accept else [])
    changed = stored is not None and stored.counts_hash != month.digest
    return MonthOfSchool(
        month=month,
        state=state,
        round=stored.round if stored else 0,
        changed_at=stored.changed_at if stored else None,
        changed_classes=tuple(classes_that_differ(read_classes(stored.counts), month.classes))
        if stored and changed
        else (),
        findings=tuple(findings),
        flags=flags_of(state, findings, able, is_changed=changed),
        late=days_late(month.month, state, today) if month.counts.sessions_due else 0,
        approved_on=approved_on,
    )


def events_of(session: Session, school_id: int, month: Month) -> list[SubmissionEvent]:
    """Return what was done to a month, the newest first."""
    return list(
        session.scalars(
            select(SubmissionEvent)
            .join(Submission, Submission.id == SubmissionEvent.submission_id)
            .where(Submission.school_id == school_id, Submission.period == str(month))
            .order_by(SubmissionEvent.id.desc())
        )
    )


def reminders_of(
    session: Session, school_ids: Collection[int], month: Month
) -> dict[int, SubmissionReminder]:
    """Return {school: the latest reminder of the month}."""
    rows = session.scalars(
        select(SubmissionReminder)
        .where(SubmissionReminder.school_id.in_(school_ids), SubmissionReminder.period == str(month))
        .order_by(SubmissionReminder.day)
    )
    return {row.school_id: row for row in rows}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A month that waits for its school: due when, late by how many days, reminded when."""

    school_id: int
    name: str
    month: Month
    due: date
    late: int
    reminded: date | None


def waiting_months(session: Session, actor: Actor, today: date) -> list[Waiting]:
    """Return last month of the schools within reach that have registers in it and did not approve it, latest first."""
    month = Month.of(today).previous
    schools = {unit.id: unit.name for unit in schools_for(actor, VIEW_SUBMISSIONS)}
    with_figures = select(ClassDay.school_id).where(
        ClassDay.school_id.in_(schools), ClassDay.day >= month.first, ClassDay.day < month.after_last
    )
    stored = session.execute(
        select(Submission.school_id, Submission.state).where(
            Submission.school_id.in_(schools), Submission.period == str(month)
        )
    )
    done = {school for school, state in stored if state not in BEFORE_APPROVAL}
    reminders = reminders_of(session, schools, month)
    late = days_late(month, SubmissionState.COMPUTED, today)
    return [
        Waiting(
            school, schools[school], month, due_on(month), late,
            reminders[school].day if school in reminders else None,
        )
        for school in sorted(set(session.scalars(with_figures.distinct())) - done, key=lambda one: schools[one])
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class MissingRegisters:
    """The days on which registers of a class are missing; `register_id` where one was opened and not handed in."""

    class_name: str
    days: tuple[tuple[date, int | None], ...]


def missing_registers(session: Session, school_id: int, month: Month) -> list[MissingRegisters]:
    """Return the classes of a school with sessions of a month that nobody took, by class and day; two statements."""
    rows = session.execute(
        select(SchoolClass.id, SchoolClass.name, ClassDay.day)
        .join(SchoolClass, SchoolClass.id == ClassDay.class_id)
        .where(
            ClassDay.school_id == school_id,
            ClassDay.day >= month.first,
            ClassDay.day < month.after_last,
            ClassDay.sessions_taken < ClassDay.sessions_due,
        )
        .order_by(SchoolClass.name_sort, SchoolClass.id, ClassDay.day)
    ).all()
    opened = _opened(session, school_id, month)
    names = {class_id: name for class_id, name, _day in rows}
    return [
        MissingRegisters(
            name, tuple((day, opened.get((class_id, day))) for found, _name, day in rows if found == class_id)
        )
        for class_id, name in names.items()
    ]


def _opened(session: Session, school_id: int, month: Month) -> dict[tuple[int, date], int]:
    """Return {(class, day): register} of registers that were opened and not handed in."""
    rows = session.execute(
        select(Register.class_id, Register.day, Register.id).where(
            Register.school_id == school_id,
            Register.day >= month.first,
            Register.day < month.after_last,
            Register.slot_kind == SlotKind.SESSION,
            Register.state.in_(MISSING),
        )
    )
    return {(class_id, day): register_id for class_id, day, register_id in rows}


@dataclass(frozen=True, slots=True)
class WardLine:
    """How far the schools of a ward are in a month: accepted, approved in time, registers taken and taken on time."""

    name: str
    schools: int
    accepted: int
    in_time: int
    due: int
    taken: int
    on_time: int


def lines_of_wards(
    session: Session, rows: Sequence[MonthOfSchool], on_time: Mapping[int, tuple[int, int]]
) -> list[WardLine]:
    """Sum the months of schools by the unit right above each; `on_time` is {school: (taken on the day, due)}."""
    above = aliased(OrgUnit)
    names = session.execute(
        select(OrgUnit.id, above.name)
        .join(above, above.id == OrgUnit.parent_id)
        .where(OrgUnit.id.in_([row.month.school_id for row in rows]))
        .order_by(above.name_sort, above.id)
    )
    ward_of = {row[0]: row[1] for row in names}
    return [
        _ward_line(name, [row for row in rows if ward_of.get(row.month.school_id) == name], on_time)
        for name in dict.fromkeys(ward_of.values())
    ]


def _ward_line(name: str, rows: Sequence[MonthOfSchool], on_time: Mapping[int, tuple[int, int]]) -> WardLine:
    whole = total(row.month.counts for row in rows)
    return WardLine(
        name,
        schools=len(rows),
        accepted=sum(row.state is SubmissionState.ACCEPTED for row in rows),
        in_time=sum(row.is_in_time for row in rows),
        due=whole.sessions_due,
        taken=whole.sessions_taken,
        on_time=sum(on_time.get(row.month.school_id, (0, 0))[0] for row in rows),
    )
