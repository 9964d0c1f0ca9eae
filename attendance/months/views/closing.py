"""The months of a school: how far each is taken, closing it, opening it again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app import clock, db
from app.http import current_actor
from app.jobs import offload
from app.school.queries import latest_year, place_of_unit, school_for
from attendance.months.commands import close_month, reopen_month
from attendance.months.forms import ReopenForm
from attendance.months.queries import months_of_school
from attendance.months.rules import CLOSE_MONTH, REOPEN_MONTH, VIEW_MONTHS, Month

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("months", __name__, template_folder="../templates")


@bp.get("/attendance/months/<int:school_id>")
def of_school(school_id: int) -> str:
    """Show the months of the school year with what is taken, closed, opened again."""
    actor, today = current_actor(), clock.today()
    unit = school_for(actor, VIEW_MONTHS, school_id)
    year, place = latest_year(db.session(), today), place_of_unit(school_id)
    last = min(today, year.ends_on) if year else today
    return render_template(
        "months/school.html",
        unit=unit,
        lines=months_of_school(db.session(), school_id, year.starts_on, last) if year else [],
        this_month=Month.of(today),
        may_close=actor.may(CLOSE_MONTH, place),
        may_reopen=actor.may(REOPEN_MONTH, place),
        local=clock.local,
    )


@bp.post("/attendance/months/<int:school_id>/<month>/close")
def close(school_id: int, month: str) -> Response:
    """Close a month."""
    actor = current_actor()
    school_for(actor, CLOSE_MONTH, school_id)
    wanted = Month.read(month)
    done = offload(lambda: close_month(actor, school_id, wanted))
    flash(_("Đã chốt tháng %(month)s: %(count)s sổ.", month=wanted.words, count=done.registers), "success")
    return redirect(url_for("months.of_school", school_id=school_id))


@bp.post("/attendance/months/<int:school_id>/<month>/reopen")
def reopen(school_id: int, month: str) -> Response:
    """Open a closed month again, with the reason."""
    actor = current_actor()
    school_for(actor, REOPEN_MONTH, school_id)
    form, wanted = ReopenForm(), Month.read(month)
    form.validate_on_submit()
    why = (form.why.data or "").strip()[:200]
    offload(lambda: reopen_month(actor, school_id, wanted, why))
    flash(_("Đã mở lại tháng %(month)s.", month=wanted.words), "success")
    return redirect(url_for("months.of_school", school_id=school_id))
