"""Reading submissions: the months of schools with where they stand and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import aliased

from app.school.models import OrgUnit, SchoolClass
from app.school.queries import schools_for
from attendance.registers.models import Register
from attendance.registers.rules.states import MISSING, SlotKind
from reports.cubes.models import ClassDay
from reports.cubes.rules import classes_that_differ, read_classes
from reports.indicators.rules import total
from reports.submissions.models import Submission, SubmissionEvent
from reports.submissions.rules import ACCEPT_MONTH, Finding, Flags, SubmissionState, findings_of, flags_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.cubes.rules import Month, SchoolMonth


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
    acceptable = {unit.id for unit in schools_for(actor, ACCEPT_MONTH)} if months else set()
    return [
        _with_state(
            row, by_key.get((row.school_id, str(row.month))), today, may_act=row.school_id in acceptable
        )
        for row in months
    ]


def _with_state(
    month: SchoolMonth, stored: Submission | None, today: date, *, may_act: bool
) -> MonthOfSchool:
    state = SubmissionState(stored.state) if stored else SubmissionState.COMPUTED
    findings = findings_of(month, today)
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
        flags=flags_of(state, findings, may_act=may_act),
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
    """How far the schools of a ward are in a month: accepted of all, registers taken and taken on time of those due."""

    name: str
    schools: int
    accepted: int
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
        due=whole.sessions_due,
        taken=whole.sessions_taken,
        on_time=sum(on_time.get(row.month.school_id, (0, 0))[0] for row in rows),
    )
