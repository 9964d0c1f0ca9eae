"""Months on their way to the hub: the one before the last is accepted, the last one waits for the officer. And forms.

The school that visitors see first has not approved it yet: its principal does that in the demonstration.
"""

from __future__ import annotations

from datetime import date, time, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.accounts.models import Grant, User
from app.accounts.queries import actor_of_user, user_by_name
from app.school.models import OrgUnit
from demo.accounts import OFFICER
from demo.founded import instant_at
from reports.cubes.queries import month_of_school
from reports.cubes.rules import Month
from reports.official.commands import prepare_form
from reports.official.queries import official_periods
from reports.releases.queries import frozen_cells
from reports.releases.rules import release_month
from reports.submissions.commands import accept_form, accept_month, approve_report
from reports.submissions.queries import reports_of, submission_of
from reports.submissions.rules import Weight

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.submissions.rules import Period

APPROVED_ON, ACCEPTED_ON = 2, 3
"""Days of the following month on which a principal and the officer look at the figures."""
REASON: Final = "Đã trao đổi với trường về các buổi chưa điểm danh."
FORM_REASON: Final = "Đã đối chiếu với danh sách lớp."


def accept_month_before_last(school_ids: Iterable[int], today: date) -> int:
    """Accept the month before last of these schools as the officer; return how many were accepted now.

    A month without registers, or one that was accepted before, is left as it is. The release goes into the outbox.
    """
    last = Month.of(today).previous
    month = last.previous
    user = user_by_name(db.session(), OFFICER.username)
    if user is None:
        return 0
    officer = actor_of_user(db.session(), user, today)
    accepted = 0
    with clock.at(instant_at(date(last.year, last.month, ACCEPTED_ON), time(9, 0))):
        for school_id in school_ids:
            session = db.session()
            school = session.get_one(OrgUnit, school_id)
            figures = month_of_school(session, school, month, clock.today())
            if figures.counts.sessions_taken and submission_of(session, school_id, month) is None:
                release = release_month(figures, frozen_cells(session, school_id, month))
                accept_month(officer, school, month, release, figures.digest, REASON)
                accepted += 1
    return accepted


def approve_last_month(school_ids: Iterable[int], today: date) -> int:
    """Approve the last month of these schools as their principals; return how many were approved now."""
    moment = instant_at(date(today.year, today.month, APPROVED_ON), time(15, 0))
    return sum(_approve(school_id, Month.of(today).previous, moment) for school_id in school_ids)


def hand_in_forms(school_ids: Sequence[int], today: date) -> int:
    """Hand in the forms of the last official day: approved by all schools but the second, accepted from the third on.

    Returns how many were approved now.
    """
    period = next(iter(official_periods(db.session(), today)), None)
    if period is None:
        return 0
    in_time = instant_at(period.due_on - timedelta(days=APPROVED_ON), time(10, 0))
    approved = [one for one in school_ids if one != school_ids[1] and _approve(one, period, in_time)]
    user = user_by_name(db.session(), OFFICER.username)
    looked_at = instant_at(period.due_on + timedelta(days=ACCEPTED_ON), time(9, 0))
    if user is None or looked_at > clock.now():
        return len(approved)
    officer = actor_of_user(db.session(), user, today)
    with clock.at(looked_at):
        for school_id in approved[1:]:
            school = db.session().get_one(OrgUnit, school_id)
            prepared = prepare_form(school, period)
            accept_form(officer, school, period, prepared, prepared.counted.form.digest, FORM_REASON)
    return len(approved)


def _approve(school_id: int, period: Period, moment: datetime) -> bool:
    """Approve a report as the school's principal at a moment that is over; say whether it was done now."""
    session = db.session()
    school, principal = session.get_one(OrgUnit, school_id), _principal_of(session, school_id, clock.today())
    if principal is None or moment > clock.now() or submission_of(session, school_id, period) is not None:
        return False
    with clock.at(moment):
        report = reports_of(session, [school], period, clock.today())[0]
        if any(one.weight is Weight.BLOCK for one in report.findings(clock.today())):
            return False
        approve_report(
            principal, school, period, report.digest, REASON if isinstance(period, Month) else FORM_REASON
        )
    return True


def _principal_of(session: Session, school_id: int, today: date) -> Actor | None:
    held = select(User).join(Grant, Grant.user_id == User.id)
    user = session.scalar(
        held.where(Grant.unit_id == school_id, Grant.role == Role.PRINCIPAL).order_by(User.id).limit(1)
    )
    return actor_of_user(session, user, today) if user else None
