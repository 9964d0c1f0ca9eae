"""Keeping views, and letting the figures of a pivot out of the gate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.errors import InvalidError
from app.i18n import say
from reports.explorer.models import FigureView
from reports.explorer.queries import periods_of
from reports.explorer.rules import LONGEST_NAME, Axis, Pivot, pivot_of
from reports.kept.commands import note_look, want_figures
from reports.kept.queries import Standing, due_periods, kept_rows, schools_below, standing_of, withheld_since

if TYPE_CHECKING:
    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.explorer.rules import PivotView


@dataclass(frozen=True, slots=True)
class Told:
    """A pivot, and where its figures stand: when they were made, what is being made."""

    pivot: Pivot
    standing: Standing


def pivot_for(actor: Actor, unit: OrgUnit, view: PivotView, *, is_poll: bool = False) -> Told:
    """Return a pivot over what may leave of a unit that was loaded for the actor; the look is logged.

    Answers at once with what is kept. What is missing or no longer fresh is made by a job meanwhile.
    `is_poll`: the page asks by itself whether the job is done.
    """
    session, today = db.session(), clock.today()
    periods = periods_of(session, view, today)
    names = [one.name for one in periods]
    standing = standing_of(session, unit.id, names)
    due = set(due_periods(session, unit.id, schools_below(session, unit.id), periods, standing))
    due |= withheld_since(session, unit.id, standing) - standing.waiting - standing.failed
    if due:
        want_figures(actor, unit.id, sorted(due))
        standing = standing_of(session, unit.id, names)
    hidden = withheld_since(session, unit.id, standing)
    shown = [one for one in periods if one.name in standing.made and one.name not in hidden]
    indicator = None if Axis.INDICATOR in view.axes else view.measure
    own = None if Axis.PLACE in view.axes else (unit.kind, unit.code)
    pivot = pivot_of(view, kept_rows(session, unit.id, shown, indicator, own))
    if not (is_poll and standing.waiting):
        note_look(actor, unit.id, {one.name: standing.digests[one.name] for one in shown}, "explorer")
    return Told(pivot, standing)


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
