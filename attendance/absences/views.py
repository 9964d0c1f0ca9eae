"""The part of a pupil's page that draws the year, and the form of what the count begins with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor
from app.school.pupils.queries import pupils_named
from app.school.queries import latest_year, own_pupil_ids, places_of_pupil, pupil_for
from app.wiring import PupilAsked
from attendance.absences.commands import set_opening
from attendance.absences.forms import OpeningForm
from attendance.absences.queries import day_of_pupil, is_counted, opening_of, sessions_of_pupil
from attendance.absences.rules import (
    MOST_SESSIONS,
    SET_OPENING,
    counted_sessions,
    letters_by_day,
    rows_by_month,
    sums_of,
)
from attendance.excuses.rules import REQUEST_EXCUSE, VIEW_EXCUSES
from attendance.registers.queries.pupil import attendance_of_pupil

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.access import Actor

bp = Blueprint("absences", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


def year_part(asked: PupilAsked) -> dict[str, object]:
    """Return a pupil's year of attendance, for the page that has loaded the pupil.

    The drawing shows the schools that the reader may see; the count toward 45 follows the pupil through all of them.
    """
    current = db.session()
    shown = sessions_of_pupil(current, asked.pupil_id, asked.first, asked.after_last, asked.school_ids)
    places = places_of_pupil(asked.pupil_id, clock.today())
    actor, year = current_actor(), _year_of(asked)
    return {
        **year,
        "rows": rows_by_month(letters_by_day(shown)),
        "sums": sums_of(shown),
        "most": MOST_SESSIONS,
        "may_set": year["counted"] is not None and any(actor.may(SET_OPENING, place) for place in places),
        "may_see_excuses": any(actor.may(VIEW_EXCUSES, place) for place in places),
    }


def own_day_card(actor: Actor) -> dict[str, object] | None:
    """Return what today's registers say of a pupil, or of each child of a guardian, for the home page; None for others.

    A guardian also gets the way to hand in an excuse.
    """
    pupil_ids, today = own_pupil_ids(actor), clock.today()
    children = [
        {
            "pupil": one,
            "sessions": day_of_pupil(db.session(), one.id, today),
            "may_excuse": any(actor.may(REQUEST_EXCUSE, place) for place in places_of_pupil(one.id, today)),
        }
        for one in (pupils_named(db.session(), pupil_ids) if pupil_ids else [])
    ]
    return {"children": children} if children else None


def own_year_card(actor: Actor) -> dict[str, object] | None:
    """Return this year's attendance of a pupil, or of each child of a guardian, for the home page; None for others."""
    pupil_ids, current = own_pupil_ids(actor), db.session()
    year = latest_year(current, clock.today()) if pupil_ids else None
    if year is None:
        return None
    children = [
        {"name": one.full_name, **_year_of(PupilAsked(one.id, year.starts_on, year.ends_on, None))}
        for one in pupils_named(current, pupil_ids)
    ]
    return {"children": children, "most": MOST_SESSIONS}


def _year_of(asked: PupilAsked) -> dict[str, object]:
    current = db.session()
    opening = opening_of(current, asked.pupil_id, asked.first)
    counts = is_counted(current, asked.pupil_id, asked.first, asked.after_last)
    everywhere = sessions_of_pupil(current, asked.pupil_id, asked.first, asked.after_last) if counts else []
    return {
        "pupil_id": asked.pupil_id,
        "attendance": attendance_of_pupil(
            current, asked.pupil_id, asked.first, asked.after_last, asked.school_ids
        ),
        "counted": counted_sessions(everywhere, opening.sessions if opening else 0) if counts else None,
    }


@bp.get("/pupils/<int:pupil_id>/absence-opening")
def opening(pupil_id: int) -> str:
    """Show the form of what a pupil's count begins with."""
    pupil = pupil_for(current_actor(), SET_OPENING, pupil_id, clock.today())
    year = latest_year(db.session(), clock.today())
    row = opening_of(db.session(), pupil_id, year.starts_on) if year else None
    form = OpeningForm(sessions=row.sessions if row else 0, note=row.note if row else "")
    return render_template("absences/opening.html", pupil=pupil, form=form, year=year)


@bp.post("/pupils/<int:pupil_id>/absence-opening")
def save_opening(pupil_id: int) -> Response | tuple[str, int]:
    """Set what a pupil's count begins with."""
    actor = current_actor()
    pupil = pupil_for(actor, SET_OPENING, pupil_id, clock.today())
    year, form = latest_year(db.session(), clock.today()), OpeningForm()
    if year is None:
        raise NotFoundError
    if not form.validate_on_submit():
        return render_template("absences/opening.html", pupil=pupil, form=form, year=year), UNPROCESSABLE
    set_opening(actor, pupil_id, year.id, form.sessions.data or 0, (form.note.data or "").strip())
    flash(_("Đã lưu số buổi nghỉ từ trường cũ."), "success")
    return redirect(url_for("pupils.page", pupil_id=pupil_id))
