"""The views of an account, and the months that a pivot spreads out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import db
from app.errors import NotFoundError
from reports.explorer.models import FigureView
from reports.explorer.rules import MOST_PERIODS, Axis
from reports.tallies.queries import periods_until
from reports.tallies.rules import PeriodKind

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from reports.explorer.rules import PivotView
    from reports.tallies.rules import Period


def views_of(actor: Actor) -> list[FigureView]:
    """Return the views that the account keeps, the pinned ones first, by age."""
    query = select(FigureView).where(FigureView.user_id == actor.user_id)
    return list(db.session().scalars(query.order_by(FigureView.is_pinned.desc(), FigureView.id)))


def view_for(actor: Actor, view_id: int) -> FigureView:
    """Return one's own view; anybody else's is not found."""
    query = select(FigureView).where(FigureView.id == view_id, FigureView.user_id == actor.user_id)
    found = db.session().scalar(query)
    if found is None:
        raise NotFoundError
    return found


def periods_of(session: Session, view: PivotView, today: date) -> list[Period]:
    """Return the period of a view; where months are spread out, those of its school year until it, oldest first.

    Raises NotFoundError for a period that there is not.
    """
    known = periods_until(session, today)
    chosen = next((one for one in known if one.name == view.period), None)
    if chosen is None:
        raise NotFoundError
    if Axis.PERIOD not in view.axes:
        return [chosen]
    months = sorted(
        (one for one in known if one.kind is PeriodKind.MONTH and one.year_code == chosen.year_code),
        key=lambda one: one.first,
    )
    return [one for one in months if one.first < chosen.after_last][-MOST_PERIODS:]
