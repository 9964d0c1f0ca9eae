"""The page of the nightly second computation: when it ran, and what differed, with the keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from app import db
from app.http import current_actor
from app.school.queries import schools_for
from reports.checks.queries import differences_of, last_alarm, latest_checks, schools_that_differ
from reports.indicators.rules import VIEW_REPORT

if TYPE_CHECKING:
    from app.access import Actor

bp = Blueprint("checks", __name__, template_folder="templates")


@bp.get("/reports/checks")
def checks() -> str:
    """Show the last runs, and the differences of the newest one in the schools within reach."""
    actor = current_actor()
    actor.require_somewhere(VIEW_REPORT)
    runs = latest_checks(db.session())
    schools = [unit.id for unit in schools_for(actor, VIEW_REPORT)]
    found = differences_of(db.session(), runs[0], schools) if runs else []
    return render_template("checks/checks.html", runs=runs, differences=found)


def home_card(actor: Actor) -> dict[str, object] | None:
    """Raise the alarm on the first page of whoever answers for a school in which the newest run found differences."""
    if not actor.roles & frozenset(VIEW_REPORT.reach):
        return None
    run = last_alarm(db.session())
    if run is None:
        return None
    within = [unit.id for unit in schools_for(actor, VIEW_REPORT)]
    schools = schools_that_differ(db.session(), run, within)
    return {"run": run, "schools": schools} if schools else None
