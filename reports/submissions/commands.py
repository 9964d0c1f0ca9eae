"""The steps of a school's report: submit, approve, return, accept, reopen; and reminding a school that is late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from reports.exchange.commands import queue_slice
from reports.indicators.rules import definitions_of_classes
from reports.official.commands import freeze_form
from reports.official.rules import FORM_DATASET, FORM_SCHEMA, rows_of_form
from reports.releases.commands import freeze
from reports.releases.queries import frozen_cells
from reports.releases.rules import DATASET, RULE, SCHEMA
from reports.submissions.models import Submission, SubmissionEvent, SubmissionReminder
from reports.submissions.queries import findings_against, reports_of, submission_of
from reports.submissions.rules import (
    BEFORE_APPROVAL,
    LONGEST_REASON,
    OPEN_AT_SCHOOL,
    RETURNABLE,
    SubmissionState,
    Weight,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.cubes.rules import Month
    from reports.official.commands import PreparedForm
    from reports.official.rules import OfficialPeriod
    from reports.releases.rules import Release
    from reports.submissions.rules import Finding, Period, Report


_CHANGED: Final = say("Số liệu vừa thay đổi. Hãy xem lại rồi chốt.")
_ELSEWHERE: Final = say("Kỳ này không còn ở bước này. Hãy tải lại trang.")
_RACED: Final = say("Một người khác vừa chốt kỳ này. Hãy tải lại trang.")


def accept_month(
    actor: Actor, school: OrgUnit, month: Month, release: Release, seen_digest: str, reason: str
) -> int:
    """Accept and lock a month, and put its release into the outbox, all in one transaction; return the round.

    `release` was made from the month beforehand (it takes a while); `seen_digest` is of the figures that the person
    saw. Accepting what is accepted already changes nothing. Raises ConflictError when the figures are no longer those,
    or the month is locked with other figures; InvalidError when a finding blocks or a reason is missing.
    """

    def leave(session: Session, stored: Submission) -> None:
        frozen = frozen_cells(session, school.id, month)
        if release.source_digest != seen_digest or not frozen & _cells(release) <= release.withheld:
            raise ConflictError(_CHANGED)
        freeze(session, school.id, release)
        now = clock.now()
        queue_slice(
            session,
            school.id,
            (DATASET, school.code, str(month)),
            _content(release, stored.round, now),
            release.certificate.as_json(),
            now,
        )

    return _accept(actor, school, month, seen_digest, reason, leave)


def accept_form(
    actor: Actor,
    school: OrgUnit,
    period: OfficialPeriod,
    prepared: PreparedForm,
    seen_digest: str,
    reason: str,
) -> int:
    """Accept and lock an official form, and put what may leave of it into the outbox.

    `prepared` was guarded and attacked beforehand; what it withholds is frozen in the same transaction.
    Raises and returns as `accept_month`.
    """

    def leave(session: Session, stored: Submission) -> None:
        if prepared.counted.form.digest != stored.counts_hash:
            raise ConflictError(_CHANGED)
        freeze_form(session, prepared, period)
        now = clock.now()
        queue_slice(
            session,
            school.id,
            (FORM_DATASET, school.code, period.name),
            _content_of_form(prepared, period, stored.round, now),
            {"classes": prepared.counted.classes.certificate.as_json()}
            | {str(column): one.as_json() for column, one in prepared.certificates.items()},
            now,
        )

    return _accept(actor, school, period, seen_digest, reason, leave)


def submit_report(actor: Actor, school: OrgUnit, period: Period, seen_digest: str, reason: str) -> None:
    """Hand a report to the principal. Submitting what is submitted changes nothing; raises as `approve_report`."""
    _hand_on(actor, school, period, _Step(SubmissionState.SUBMITTED, OPEN_AT_SCHOOL), seen_digest, reason)


def approve_report(actor: Actor, school: OrgUnit, period: Period, seen_digest: str, reason: str) -> None:
    """Approve a report for the school; approving what is approved changes nothing.

    Raises ConflictError when the figures are no longer those that were seen, or the report stands elsewhere by now;
    InvalidError when a finding blocks or a reason is missing.
    """
    _hand_on(actor, school, period, _Step(SubmissionState.APPROVED, BEFORE_APPROVAL), seen_digest, reason)


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a step leads, and from where."""

    state: SubmissionState
    origins: frozenset[SubmissionState]


def _hand_on(
    actor: Actor, school: OrgUnit, period: Period, step: _Step, seen_digest: str, reason: str
) -> None:
    try:
        with db.transaction() as session:
            current = reports_of(session, [school], period, clock.today())[0]
            stored = submission_of(session, school.id, period)
            state = SubmissionState(stored.state) if stored else SubmissionState.COMPUTED
            if current.digest != seen_digest:
                raise ConflictError(_CHANGED)
            if stored is not None and state is step.state:
                if stored.counts_hash == seen_digest:
                    return
            elif state not in step.origins:
                raise ConflictError(_ELSEWHERE)
            _check_findings(current.findings(clock.today()), reason)
            stored = _stored(session, current, stored, step.state)
            session.flush()
            _note(session, actor, stored, step.state, reason)
    except IntegrityError as error:
        raise ConflictError(_RACED) from error


def return_report(actor: Actor, school: OrgUnit, period: Period, reason: str) -> None:
    """Give a report back to be put right. Returning what is returned changes nothing.

    Raises InvalidError without a reason, ConflictError when it is not on its way.
    """
    if not reason:
        raise InvalidError(say("Hãy ghi lý do trả lại."), {"reason": say("Hãy ghi lý do trả lại.")})
    with db.transaction() as session:
        stored = submission_of(session, school.id, period)
        if stored is None or stored.state not in {*RETURNABLE, SubmissionState.RETURNED}:
            raise ConflictError(_ELSEWHERE)
        if stored.state == SubmissionState.RETURNED:
            return
        stored.state, stored.changed_at = SubmissionState.RETURNED, clock.now()
        _note(session, actor, stored, SubmissionState.RETURNED, reason)


def remind_schools(actor: Actor, school_ids: Collection[int], period: Period) -> int:
    """Remind schools of a report that they have not approved; return how many were reminded now, once a day each."""
    today = clock.today()
    with db.transaction() as session:
        known = set(
            session.scalars(
                select(SubmissionReminder.school_id).where(
                    SubmissionReminder.period == str(period), SubmissionReminder.day == today
                )
            )
        )
        wanted = sorted(set(school_ids) - known)
        for school_id in wanted:
            session.add(
                SubmissionReminder(
                    school_id=school_id,
                    period=str(period),
                    day=today,
                    user_id=actor.user_id or None,
                    user_name=actor.name,
                    at=clock.now(),
                )
            )
            record(session, actor, "submission.reminded", ("school", school_id), {"period": str(period)})
    return len(wanted)


def reopen_report(actor: Actor, school: OrgUnit, period: Period, reason: str) -> None:
    """Unlock an accepted report; what the hub holds stays until it is accepted again.

    Reopening what is open already changes nothing. Raises InvalidError without a reason, ConflictError when it was
    never accepted.
    """
    if not reason:
        raise InvalidError(say("Hãy ghi lý do mở khóa."), {"reason": say("Hãy ghi lý do mở khóa.")})
    with db.transaction() as session:
        stored = submission_of(session, school.id, period)
        if stored is not None and stored.state == SubmissionState.REOPENED:
            return
        if stored is None or stored.state != SubmissionState.ACCEPTED:
            raise ConflictError(say("Kỳ này chưa được chốt."))
        stored.state, stored.changed_at = SubmissionState.REOPENED, clock.now()
        _note(session, actor, stored, "reopened", reason)


def _already_accepted(stored: Submission, seen_digest: str) -> int:
    if stored.counts_hash != seen_digest:
        raise ConflictError(say("Kỳ này đã khóa số liệu. Muốn chốt lại, hãy mở khóa trước."))
    return stored.round


def _check_findings(findings: Sequence[Finding], reason: str) -> None:
    for finding in findings:
        if finding.weight is Weight.BLOCK:
            raise InvalidError(finding.text)
    if not reason and any(finding.weight is Weight.WARN for finding in findings):
        message = say("Số liệu còn cảnh báo. Hãy ghi lý do.")
        raise InvalidError(message, {"reason": message})


def _cells(release: Release) -> frozenset[tuple[str, ...]]:
    return frozenset((row.key,) if row.key else () for row in release.rows)


def _accept(
    actor: Actor,
    school: OrgUnit,
    period: Period,
    seen_digest: str,
    reason: str,
    leave: Callable[[Session, Submission], None],
) -> int:
    """Accept a report; `leave` lets its figures out in the same transaction, or raises ConflictError."""
    try:
        with db.transaction() as session:
            current = reports_of(session, [school], period, clock.today())[0]
            stored = submission_of(session, school.id, period)
            if stored and stored.state == SubmissionState.ACCEPTED:
                return _already_accepted(stored, seen_digest)
            if current.digest != seen_digest:
                raise ConflictError(_CHANGED)
            _check_findings(current.findings(clock.today()) + findings_against(current, stored), reason)
            stored = _stored(session, current, stored, SubmissionState.ACCEPTED)
            stored.round += 1
            session.flush()
            _note(session, actor, stored, "accepted", reason)
            leave(session, stored)
            return stored.round
    except IntegrityError as error:
        raise ConflictError(_RACED) from error


def _stored(
    session: Session, current: Report, stored: Submission | None, state: SubmissionState
) -> Submission:
    """Put a report into a state with the figures that it has now."""
    if stored is None:
        stored = Submission(school_id=current.school_id, period=str(current.period), round=0)
        session.add(stored)
    stored.state, stored.changed_at = state, clock.now()
    stored.counts, stored.counts_hash = current.text, current.digest
    return stored


def _content(release: Release, acceptance: int, now: datetime) -> dict[str, object]:
    """Return what travels: protected rows, and what they mean. Nothing in it comes from anywhere but the release."""
    return {
        "schema": SCHEMA,
        "organisation_name": release.name,
        "period": str(release.month),
        "data_as_of": clock.today().isoformat(),
        "accepted_at": now.isoformat(),
        "acceptance": acceptance,
        "threshold": RULE.threshold,
        "definitions": [
            {"code": d.code, "version": d.version} for d in definitions_of_classes(release.month.first)
        ],
        "rows": [row.as_json() for row in release.rows],
    }


def _content_of_form(
    prepared: PreparedForm, period: OfficialPeriod, acceptance: int, now: datetime
) -> dict[str, object]:
    """Return what travels of an official form: the guarded lines, and what they mean. Nothing else of the school."""
    outside = prepared.counted.outside
    return {
        "schema": FORM_SCHEMA,
        "organisation_name": outside.name,
        "period": period.name,
        "as_of": period.as_of.isoformat(),
        "data_as_of": clock.today().isoformat(),
        "accepted_at": now.isoformat(),
        "acceptance": acceptance,
        "threshold": RULE.threshold,
        "rows": rows_of_form(outside),
    }


def _note(session: Session, actor: Actor, stored: Submission, action: str, reason: str) -> None:
    session.add(
        SubmissionEvent(
            submission_id=stored.id,
            action=action,
            round=stored.round,
            reason=reason[:LONGEST_REASON],
            counts_hash=stored.counts_hash,
            user_id=actor.user_id or None,
            user_name=actor.name,
            at=clock.now(),
        )
    )
    details = {"period": stored.period, "round": stored.round, "reason": reason[:LONGEST_REASON]}
    record(session, actor, f"submission.{action}", ("school", stored.school_id), details)
