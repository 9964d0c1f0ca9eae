"""Keeping views, and letting the figures of a pivot out of the gate."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.errors import InvalidError
from app.i18n import say
from reports.explorer.models import FigureView
from reports.explorer.queries import periods_of
from reports.explorer.rules import LONGEST_NAME, Pivot, pivot_of
from reports.extracts.commands import place_on, release_extract
from reports.extracts.queries import state_of

if TYPE_CHECKING:
    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.explorer.rules import PivotView


def pivot_for(actor: Actor, unit: OrgUnit, view: PivotView) -> Pivot:
    """Return a pivot over what may leave of a unit that was loaded for the actor. Slow: in a thread of its own.

    What it withholds is frozen and the look is logged, as for any extract. Raises NotFoundError for an unknown period.
    """
    today = clock.today()
    place = place_on(unit.code, today)
    names = periods_of(db.session(), view, today)
    state = state_of(db.session(), [one.id for one in place.schools])
    return pivot_of(view, [release_extract(actor, place, name, today, "explorer", state) for name in names])


def keep_view(actor: Actor, client_key: str, name: str, view: PivotView, *, is_pinned: bool) -> int:
    """Keep a view for the account; the same key again is the same view, by its new name. Raises InvalidError."""
    if not name:
        message = say("Hãy đặt tên cho góc nhìn.")
        raise InvalidError(message, {"name": message})
    with db.transaction() as session:
        row = session.scalar(
            select(FigureView).where(FigureView.user_id == actor.user_id, FigureView.client_key == client_key)
        )
        if row is None:
            row = FigureView(user_id=actor.user_id, client_key=client_key, made_at=clock.now())
            session.add(row)
        row.name, row.is_pinned = name[:LONGEST_NAME], is_pinned
        row.query = query_of(view)
        session.flush()
        return row.id


def query_of(view: PivotView) -> str:
    """Return a view as the query of its address."""
    return "&".join(f"{name}={value}" for name, value in view.arguments().items())


def pin_view(row: FigureView, *, is_pinned: bool) -> None:
    """Put a view on its account's dashboard, or take it off."""
    with db.transaction() as session:
        session.get_one(FigureView, row.id).is_pinned = is_pinned


def drop_view(row: FigureView) -> None:
    """Forget a view."""
    with db.transaction() as session:
        session.delete(session.get_one(FigureView, row.id))
