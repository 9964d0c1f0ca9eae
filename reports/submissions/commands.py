"""The steps of a school's month: submit, approve, return, accept, reopen; and reminding a school that is late."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from reports.cubes.queries import month_of_school
from reports.exchange.commands import queue_slice
from reports.indicators.rules import definitions_of_classes
from reports.releases.commands import freeze
from reports.releases.queries import frozen_cells
from reports.releases.rules import DATASET, RULE, SCHEMA
from reports.submissions.models import Submission, SubmissionEvent, SubmissionReminder
from reports.submissions.queries import findings_against, submission_of
from reports.submissions.rules import (
    BEFORE_APPROVAL,
    LONGEST_REASON,
    OPEN_AT_SCHOOL,
    RETURNABLE,
    SubmissionState,
    Weight,
    findings_of,
)

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.cubes.rules import Month, SchoolMonth
    from reports.releases.rules import Release
    from reports.submissions.rules import Finding


def accept_month(
    actor: Actor, school: OrgUnit, month: Month, release: Release, seen_digest: str, reason: str
) -> int:
    """Accept and lock a month, and put its release into the outbox, all in one transaction; return the round.

    `release` was made from the month beforehand (it takes a while); `seen_digest` is of the figures that the person
    saw. Accepting what is accepted already changes nothing. Raises ConflictError when the figures are no longer those,
    or the month is locked with other figures; InvalidError when a finding blocks or a reason is missing.
    """
    try:
        with db.transaction() as session:
            current = month_of_school(session, school, month, clock.today())
            stored = submission_of(session, school.id, month)
            if stored and stored.state == SubmissionState.ACCEPTED:
                return _already_accepted(stored, seen_digest)
            _check(session, current, stored, release, seen_digest, reason)
            return _accept(session, actor, current, stored, release, reason)
    except IntegrityError as error:
        raise ConflictError(say("Một người khác vừa chốt tháng này. Hãy tải lại trang.")) from error


def submit_month(actor: Actor, school: OrgUnit, month: Month, seen_digest: str, reason: str) -> None:
    """Hand a month to the principal. Submitting what is submitted changes nothing; raises as `approve_month`."""
    _hand_on(actor, school, month, _Step(SubmissionState.SUBMITTED, OPEN_AT_SCHOOL), seen_digest, reason)


def approve_month(actor: Actor, school: OrgUnit, month: Month, seen_digest: str, reason: str) -> None:
    """Approve a month for the school; approving what is approved changes nothing.

    Raises ConflictError when the figures are no longer those that were seen, or the month stands elsewhere by now;
    InvalidError when a finding blocks or a reason is missing.
    """
    _hand_on(actor, school, month, _Step(SubmissionState.APPROVED, BEFORE_APPROVAL), seen_digest, reason)


@dataclass(frozen=True, slots=True)
class _Step:
    """Where a step leads, and from where."""

    state: SubmissionState
    origins: frozenset[SubmissionState]


def _hand_on(actor: Actor, school: OrgUnit, month: Month, step: _Step, seen_digest: str, reason: str) -> None:
    try:
        with db.transaction() as session:
            current = month_of_school(session, school, month, clock.today())
            stored = submission_of(session, school.id, month)
            state = SubmissionState(stored.state) if stored else SubmissionState.COMPUTED
            if current.digest != seen_digest:
                raise ConflictError(say("Số liệu vừa thay đổi. Hãy xem lại rồi chốt."))
            if stored is not None and state is step.state:
                if stored.counts_hash == seen_digest:
                    return
            elif state not in step.origins:
                raise ConflictError(say("Tháng này không còn ở bước này. Hãy tải lại trang."))
            _check_findings(findings_of(current, clock.today()), reason)
            stored = _stored(session, current, stored, step.state)
            session.flush()
            _note(session, actor, stored, step.state, reason)
    except IntegrityError as error:
        raise ConflictError(say("Một người khác vừa chốt tháng này. Hãy tải lại trang.")) from error


def return_month(actor: Actor, school: OrgUnit, month: Month, reason: str) -> None:
    """Give a month back to be put right. Returning what is returned changes nothing.

    Raises InvalidError without a reason, ConflictError when it is not on its way.
    """
    if not reason:
        raise InvalidError(say("Hãy ghi lý do trả lại."), {"reason": say("Hãy ghi lý do trả lại.")})
    with db.transaction() as session:
        stored = submission_of(session, school.id, month)
        if stored is None or stored.state not in {*RETURNABLE, SubmissionState.RETURNED}:
            raise ConflictError(say("Tháng này không còn ở bước này. Hãy tải lại trang."))
        if stored.state == SubmissionState.RETURNED:
            return
        stored.state, stored.changed_at = SubmissionState.RETURNED, clock.now()
        _note(session, actor, stored, SubmissionState.RETURNED, reason)


def remind_schools(actor: Actor, school_ids: Collection[int], month: Month) -> int:
    """Remind schools of a month that they have not approved; return how many were reminded now, once a day each."""
    today = clock.today()
    with db.transaction() as session:
        known = set(
            session.scalars(
                select(SubmissionReminder.school_id).where(
                    SubmissionReminder.period == str(month), SubmissionReminder.day == today
                )
            )
        )
        wanted = sorted(set(school_ids) - known)
        for school_id in wanted:
            session.add(
                SubmissionReminder(
                    school_id=school_id,
                    period=str(month),
                    day=today,
                    user_id=actor.user_id or None,
                    user_name=actor.name,
                    at=clock.now(),
                )
            )
            record(session, actor, "submission.reminded", ("school", school_id), {"period": str(month)})
    return len(wanted)


def reopen_month(actor: Actor, school: OrgUnit, month: Month, reason: str) -> None:
    """Unlock an accepted month; what the hub holds stays until the month is accepted again.

    Reopening what is open already changes nothing. Raises InvalidError without a reason, ConflictError when the month
    was never accepted.
    """
    if not reason:
        raise InvalidError(say("Hãy ghi lý do mở khóa."), {"reason": say("Hãy ghi lý do mở khóa.")})
    with db.transaction() as session:
        stored = submission_of(session, school.id, month)
        if stored is not None and stored.state == SubmissionState.REOPENED:
            return
        if stored is None or stored.state != SubmissionState.ACCEPTED:
            raise ConflictError(say("Tháng này chưa được chốt."))
        stored.state, stored.changed_at = SubmissionState.REOPENED, clock.now()
        _note(session, actor, stored, "reopened", reason)


def _already_accepted(stored: Submission, seen_digest: str) -> int:
    if stored.counts_hash != seen_digest:
        raise ConflictError(say("Tháng này đã khóa số liệu. Muốn chốt lại, hãy mở khóa trước."))
    return stored.round


def _check(
    session: Session,
    current: SchoolMonth,
    stored: Submission | None,
    release: Release,
    seen_digest: str,
    reason: str,
) -> None:
    frozen = frozen_cells(session, current.school_id, current.month)
    is_as_seen = current.digest == seen_digest == release.source_digest
    if not is_as_seen or not frozen & _cells(release) <= release.withheld:
        raise ConflictError(say("Số liệu vừa thay đổi. Hãy xem lại rồi chốt."))
    _check_findings(findings_of(current, clock.today()) + findings_against(current, stored), reason)


def _check_findings(findings: Sequence[Finding], reason: str) -> None:
    for finding in findings:
        if finding.weight is Weight.BLOCK:
            raise InvalidError(finding.text)
    if not reason and any(finding.weight is Weight.WARN for finding in findings):
        message = say("Số liệu còn cảnh báo. Hãy ghi lý do chốt.")
        raise InvalidError(message, {"reason": message})


def _cells(release: Release) -> frozenset[tuple[str, ...]]:
    return frozenset((row.key,) if row.key else () for row in release.rows)


def _accept(
    session: Session,
    actor: Actor,
    current: SchoolMonth,
    stored: Submission | None,
    release: Release,
    reason: str,
) -> int:
    now = clock.now()
    stored = _stored(session, current, stored, SubmissionState.ACCEPTED)
    stored.round += 1
    session.flush()
    _note(session, actor, stored, "accepted", reason)
    freeze(session, current.school_id, release)
    queue_slice(
        session,
        current.school_id,
        (DATASET, current.code, str(current.month)),
        _content(release, stored.round, now),
        release.certificate.as_json(),
        now,
    )
    return stored.round


def _stored(
    session: Session, current: SchoolMonth, stored: Submission | None, state: SubmissionState
) -> Submission:
    """Put a month into a state with the figures that it has now."""
    if stored is None:
        stored = Submission(school_id=current.school_id, period=str(current.month), round=0)
        session.add(stored)
    stored.state, stored.changed_at = state, clock.now()
    stored.counts, stored.counts_hash = current.as_text(), current.digest
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
