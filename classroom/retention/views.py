"""The page on which a school decides how long answers are kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import gettext as _

from app import db
from app.http import current_actor
from app.school.queries import place_of_unit, school_for
from classroom.retention.commands import set_retention
from classroom.retention.forms import RetentionForm
from classroom.retention.queries import months_of
from classroom.retention.rules import SET_RETENTION

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.access import Actor

bp = Blueprint("retention", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


@bp.get("/schools/<int:school_id>/answers")
def page(school_id: int) -> str:
    """Show for how long a school keeps answers."""
    unit = school_for(current_actor(), SET_RETENTION, school_id)
    form = RetentionForm(months=months_of(db.session(), unit.id))
    return render_template("retention/page.html", unit=unit, form=form)


@bp.post("/schools/<int:school_id>/answers")
def save(school_id: int) -> Response | tuple[str, int]:
    """Save what a school decided."""
    actor = current_actor()
    unit = school_for(actor, SET_RETENTION, school_id)
    form = RetentionForm()
    if not form.validate_on_submit():
        return render_template("retention/page.html", unit=unit, form=form), UNPROCESSABLE
    set_retention(actor, unit.id, form.months.data)
    flash(_("Đã lưu thời hạn giữ câu trả lời."), "success")
    return redirect(url_for("retention.page", school_id=unit.id))


def school_part(actor: Actor, school_id: int) -> dict[str, object] | None:
    """Return the part of a school's home for those who decide, None for others."""
    if not actor.may(SET_RETENTION, place_of_unit(school_id)):
        return None
    return {"school_id": school_id, "months": months_of(db.session(), school_id)}
