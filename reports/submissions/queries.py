"""Reading submissions: the months of schools with where they stand and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app.school.queries import schools_for
from reports.cubes.rules import classes_that_differ, read_classes
from reports.submissions.models import Submission, SubmissionEvent
from reports.submissions.rules import ACCEPT_MONTH, Finding, Flags, SubmissionState, findings_of, flags_of

if TYPE_CHECKING:
    from collections.abc import Sequence
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
