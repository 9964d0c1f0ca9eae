"""Reading submissions: the reports of schools with where they stand and what may be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from app import clock
from app.school.queries import school_ids_for
from reports.cubes.queries import months_of_schools
from reports.official.queries import full_forms, gaps_of
from reports.official.rules import OfficialPeriod
from reports.submissions.models import Submission, SubmissionEvent, SubmissionReminder
from reports.submissions.rules import (
    ACCEPT_MONTH,
    APPROVE_MONTH,
    RETURN_MONTH,
    SUBMIT_MONTH,
    Abilities,
    Finding,
    Flags,
    FormReport,
    MonthReport,
    Period,
    Report,
    SubmissionState,
    days_late,
    due_of,
    findings_of_state,
    flags_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import date, datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.models import OrgUnit
    from app.school.queries import UnitRow


@dataclass(frozen=True, slots=True)
class Standing:
    """A school's report as a screen shows it. `changed` names the parts that differ from what a step looked at last."""

    report: Report
    state: SubmissionState
    round: int
    changed_at: datetime | None
    changed: tuple[str, ...]
    findings: tuple[Finding, ...]
    flags: Flags
    late: int
    approved_on: date | None

    @property
    def is_in_time(self) -> bool:
        """Whether the school approved it (or the department accepted it) until the due day."""
        return self.approved_on is not None and self.approved_on <= due_of(self.report.period)


def reports_of(
    session: Session, schools: Sequence[OrgUnit | UnitRow], period: Period, today: date
) -> list[Report]:
    """Return the report of each school for a period, in the order given; eight statements, however many schools."""
    if isinstance(period, OfficialPeriod):
        gaps = gaps_of(session, [unit.id for unit in schools], period)
        forms = zip(schools, full_forms(session, schools, period), strict=True)
        return [FormReport(unit.id, form, period, gaps[unit.id]) for unit, form in forms]
    return [MonthReport(row) for row in months_of_schools(session, schools, period, today)]


def submission_of(session: Session, school_id: int, period: Period) -> Submission | None:
    """Return the submission of a school's period, None while nobody acted on it."""
    return session.scalar(
        select(Submission).where(Submission.school_id == school_id, Submission.period == str(period))
    )


def standings(session: Session, actor: Actor, reports: Sequence[Report], today: date) -> list[Standing]:
    """Return each report with its state and flags, in the order given."""
    school_ids = [one.school_id for one in reports]
    stored = session.scalars(
        select(Submission).where(
            Submission.school_id.in_(school_ids), Submission.period.in_({str(one.period) for one in reports})
        )
    )
    by_key = {(row.school_id, row.period): row for row in stored}
    able = _abilities(actor, school_ids)
    approved = first_approvals(session, [row.id for row in by_key.values()])
    return [
        _standing(
            report,
            one := by_key.get((report.school_id, str(report.period))),
            today,
            able[report.school_id],
            approved.get(one.id) if one else None,
        )
        for report in reports
    ]


def _abilities(actor: Actor, school_ids: Sequence[int]) -> dict[int, Abilities]:
    """Return what the actor may do at each school; a statement for each set of units where the actor holds a step."""
    steps = (SUBMIT_MONTH, APPROVE_MONTH, RETURN_MONTH, ACCEPT_MONTH)
    found: dict[frozenset[int], set[int]] = {frozenset(): set()}
    for step in steps:
        units = actor.unit_ids(step)
        if school_ids and units not in found:
            found[units] = school_ids_for(actor, step)
    reach = [found.get(actor.unit_ids(step), set()) for step in steps]
    return {school: Abilities(*(school in there for there in reach)) for school in school_ids}


def first_approvals(session: Session, submission_ids: Sequence[int]) -> dict[int, date]:
    """Return {submission: the day on which it was first approved, or accepted without}."""
    if not submission_ids:
        return {}
    rows = session.execute(
        select(SubmissionEvent.submission_id, func.min(SubmissionEvent.at))
        .where(
            SubmissionEvent.submission_id.in_(submission_ids),
            SubmissionEvent.action.in_(("approved", "accepted")),
        )
        .group_by(SubmissionEvent.submission_id)
    )
    return {submission: clock.local(at).date() for submission, at in rows}


def findings_against(report: Report, stored: Submission | None) -> list[Finding]:
    """Return what the report's own way says against accepting it: not approved, or changed since."""
    state = SubmissionState(stored.state) if stored else SubmissionState.COMPUTED
    changed = _changed(report, stored)
    return findings_of_state(state, report.changed_in_words(changed) if changed else None)


def _changed(report: Report, stored: Submission | None) -> tuple[str, ...]:
    if stored is None or stored.counts_hash == report.digest:
        return ()
    return report.changed_since(stored.counts)


def _standing(
    report: Report, stored: Submission | None, today: date, able: Abilities, approved_on: date | None
) -> Standing:
    state = SubmissionState(stored.state) if stored else SubmissionState.COMPUTED
    findings = report.findings(today) + (findings_against(report, stored) if able.accept else [])
    is_changed = stored is not None and stored.counts_hash != report.digest
    return Standing(
        report=report,
        state=state,
        round=stored.round if stored else 0,
        changed_at=stored.changed_at if stored else None,
        changed=_changed(report, stored),
        findings=tuple(findings),
        flags=flags_of(state, findings, able, is_changed=is_changed),
        late=days_late(due_of(report.period), state, today) if report.is_due else 0,
        approved_on=approved_on,
    )


def events_of(session: Session, school_id: int, period: Period) -> list[SubmissionEvent]:
    """Return what was done to a report, the newest first."""
    return list(
        session.scalars(
            select(SubmissionEvent)
            .join(Submission, Submission.id == SubmissionEvent.submission_id)
            .where(Submission.school_id == school_id, Submission.period == str(period))
            .order_by(SubmissionEvent.id.desc())
        )
    )


def reminders_of(
    session: Session, school_ids: Collection[int], period: Period
) -> dict[int, SubmissionReminder]:
    """Return {school: the latest reminder of the period}."""
    rows = session.scalars(
        select(SubmissionReminder)
        .where(SubmissionReminder.school_id.in_(school_ids), SubmissionReminder.period == str(period))
        .order_by(SubmissionReminder.day)
    )
    return {row.school_id: row for row in rows}
