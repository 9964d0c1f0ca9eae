"""Months on their way to the hub: the one before the last is accepted, the last one waits for the officer.

The school that visitors see first has not approved it yet: its principal does that in the demonstration.
"""

from __future__ import annotations

from datetime import date, time
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import clock, db
from app.access import Role
from app.accounts.models import Grant, User
from app.accounts.queries import actor_of_user, user_by_name
from app.school.models import OrgUnit
from demo.accounts import OFFICER
from demo.founding import instant_at
from reports.cubes.queries import month_of_school
from reports.cubes.rules import Month
from reports.releases.queries import frozen_cells
from reports.releases.rules import release_month
from reports.submissions.commands import accept_month, approve_month
from reports.submissions.queries import submission_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session

    from app.access import Actor

APPROVED_ON, ACCEPTED_ON = 2, 3
"""Days of the following month on which a principal and the officer look at the figures."""
REASON: Final = "Đã trao đổi với trường về các buổi chưa điểm danh."


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
    month = Month.of(today).previous
    moment = instant_at(date(today.year, today.month, APPROVED_ON), time(15, 0))
    if moment > clock.now():
        return 0
    approved = 0
    with clock.at(moment):
        for school_id in school_ids:
            session = db.session()
            principal = _principal_of(session, school_id, today)
            figures = month_of_school(session, session.get_one(OrgUnit, school_id), month, clock.today())
            if (
                principal
                and figures.counts.sessions_taken
                and submission_of(session, school_id, month) is None
            ):
                school = session.get_one(OrgUnit, school_id)
                approve_month(principal, school, month, figures.digest, REASON)
                approved += 1
    return approved


def _principal_of(session: Session, school_id: int, today: date) -> Actor | None:
    held = select(User).join(Grant, Grant.user_id == User.id)
    user = session.scalar(
        held.where(Grant.unit_id == school_id, Grant.role == Role.PRINCIPAL).order_by(User.id).limit(1)
    )
    return actor_of_user(session, user, today) if user else None
