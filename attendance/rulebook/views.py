"""The page on which a school decides about its registers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import db
from app.errors import InvalidError
from app.http import current_actor, translate
from app.school.queries import school_for
from attendance.registers.queries.sheets import codes
from attendance.rulebook import commands
from attendance.rulebook.forms import RulesForm, letters_of, order_sent
from attendance.rulebook.queries import rulebook_of
from attendance.rulebook.rules import EDIT_RULEBOOK, SUGGESTION_NAMES

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.school.models import OrgUnit

bp = Blueprint("rulebook", __name__, template_folder="templates")
UNPROCESSABLE: Final = 422


@bp.get("/attendance/rules/<int:school_id>")
def page(school_id: int) -> str:
    """Show a school's letters, windows and the order of suggestions."""
    unit = school_for(current_actor(), EDIT_RULEBOOK, school_id)
    return _page(unit, _form(school_id))


@bp.post("/attendance/rules/<int:school_id>")
def save(school_id: int) -> Response | tuple[str, int]:
    """Save the windows and the order of suggestions."""
    actor = current_actor()
    unit = school_for(actor, EDIT_RULEBOOK, school_id)
    form = _form(school_id)
    if not form.validate_on_submit():
        return _page(unit, form), UNPROCESSABLE
    try:
        commands.save_rules(actor, school_id, form.rulebook(order_sent(request.form)))
    except InvalidError as error:
        form.office_days.errors = [translate(text) for text in error.fields.values()]
        return _page(unit, form), UNPROCESSABLE
    flash(_("Đã lưu quy định điểm danh."), "success")
    return redirect(url_for("rulebook.page", school_id=school_id))


@bp.post("/attendance/rules/<int:school_id>/letters")
def save_letters(school_id: int) -> Response | tuple[str, int]:
    """Save how the school writes its codes."""
    actor = current_actor()
    unit = school_for(actor, EDIT_RULEBOOK, school_id)
    letters = letters_of(request.form, codes(db.session(), school_id).all)
    try:
        commands.save_letters(actor, school_id, letters)
    except InvalidError as error:
        return _page(unit, _form(school_id), error), UNPROCESSABLE
    flash(_("Đã lưu ký hiệu điểm danh."), "success")
    return redirect(url_for("rulebook.page", school_id=school_id))


def _form(school_id: int) -> RulesForm:
    rulebook = rulebook_of(db.session(), school_id)
    return RulesForm(
        teacher_days=rulebook.teacher_days,
        office_days=rulebook.office_days,
        paper_days=rulebook.paper_days,
        scan_days=rulebook.scan_days,
    )


def _page(unit: OrgUnit, form: RulesForm, error: InvalidError | None = None) -> str:
    known = codes(db.session(), unit.id)
    return render_template(
        "rulebook/page.html",
        unit=unit,
        form=form,
        order=order_sent(request.form) if form.is_submitted() else rulebook_of(db.session(), unit.id).order,
        suggestion_names=SUGGESTION_NAMES,
        codes=known.all,
        offered={code.id for code in known.offered},
        problem=translate(str(error)) if error else None,
        wrong={name: translate(text) for name, text in error.fields.items()} if error else {},
        sent=request.form if error else None,
    )
