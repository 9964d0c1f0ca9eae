"""The page of the office desk at which late arrivals are marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import uuid4

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import ConflictError, InvalidError
from app.http import current_actor, translate
from app.school.queries import school_for, sessions_with_lessons
from app.school.rules import SESSION_NAMES
from attendance.arrivals.commands import DEVICE, mark_late
from attendance.arrivals.forms import LateForm
from attendance.arrivals.queries import arrivals_named, late_in_session
from attendance.arrivals.rules import RECORD_ARRIVALS
from attendance.evidence.rules import minutes_between
from attendance.registers.events import tell_standing
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.states import STATE_NAMES, session_at
from attendance.registers.views.island import standing_json

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit
    from app.school.rules import DaySession
    from attendance.arrivals.queries import Arrival

bp = Blueprint("arrivals", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


@bp.get("/attendance/late/<int:school_id>")
def desk(school_id: int) -> str:
    """Show the desk: look for a pupil by card or name, see who is marked late in this session."""
    return _page(school_for(current_actor(), RECORD_ARRIVALS, school_id))


@bp.post("/attendance/late/<int:school_id>")
def record(school_id: int) -> Response | tuple[str, int]:
    """Mark a pupil late in today's register, and be ready for the next one."""
    actor = current_actor()
    unit = school_for(actor, RECORD_ARRIVALS, school_id)
    form = LateForm()
    if not form.validate_on_submit():
        return _page(unit, next((one for many in form.errors.values() for one in many), "")), UNPROCESSABLE
    try:
        register_id, saved = mark_late(actor, school_id, _session_now(school_id), form.late)
    except InvalidError as error:
        return _page(unit, translate(error.message)), UNPROCESSABLE
    except ConflictError as error:
        return _page(unit, translate(error.message)), 409
    tell_standing(register_id, standing_json(saved), actor.name, DEVICE)
    flash(_("Đã ghi trễ %(count)s phút.", count=form.late.minutes), "success")
    return redirect(url_for("arrivals.desk", school_id=school_id))


def _session_now(school_id: int) -> DaySession:
    """Return the session that is on at the school, or was last: one without lessons has nobody to be late."""
    lessons = sessions_with_lessons(db.session(), school_id, clock.today())
    held = {day_session for sessions in lessons.values() for day_session in sessions}
    return session_at(clock.local(clock.now()).time(), held)


def _page(unit: OrgUnit, problem: str = "") -> str:
    session, day_session, today = db.session(), _session_now(unit.id), clock.today()
    asked = request.args.get("q", "")[:300]
    known = codes(session, unit.id)
    found = arrivals_named(session, unit.id, today, day_session, asked, known)
    return render_template(
        "arrivals/desk.html",
        unit=unit,
        day=today,
        session_name=SESSION_NAMES[day_session],
        state_names=STATE_NAMES,
        asked=asked,
        problem=problem,
        found=[(one, _minutes(one), uuid4().hex) for one in found],
        late=late_in_session(session, unit.id, today, day_session),
        local=clock.local,
    )


def _minutes(arrival: Arrival) -> int | None:
    """Return how late a pupil is: by the gate's time, or by the clock for whoever it saw in time or not at all.

    Once lessons are over the clock says nothing any more: who writes down then knows the minutes.
    """
    seen = [clock.local(arrival.seen_at).time()] if arrival.seen_at else []
    now = clock.local(clock.now()).time()
    is_over = arrival.finishes_at is not None and now > arrival.finishes_at
    found = (minutes_between(arrival.begins_at, moment) for moment in [*seen, *([] if is_over else [now])])
    return next((minutes for minutes in found if minutes is not None), None)
