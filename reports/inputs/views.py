"""Entering the few figures that no register knows: units first, then the questions of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError, NotFoundError
from app.http import current_actor
from app.i18n import say
from app.parameters import number_in
from app.school.queries import latest_year, unit_for
from reports.inputs.commands import enter_figure
from reports.inputs.forms import EnterForm
from reports.inputs.queries import figures_of, units_to_ask
from reports.inputs.rules import VIEW_INPUTS, Answer, Item, questions_for

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("inputs", __name__, template_folder="templates")


@bp.get("/reports/inputs")
def inputs() -> str | Response:
    """List the units with how much has been entered for the school year; who has one unit only goes on to it."""
    units = units_to_ask(current_actor())
    if len(units) == 1:
        return redirect(url_for("inputs.unit_inputs", unit_id=units[0].id))
    if latest_year(db.session(), clock.today()) is None:
        return _no_year()
    found = figures_of(db.session(), [unit.id for unit in units], _year())
    lines = [
        (
            unit,
            sum((unit.id, asked.item) in found for asked in questions_for(unit.kind)),
            len(questions_for(unit.kind)),
        )
        for unit in units
    ]
    return render_template("inputs/inputs.html", lines=lines, year=_year())


@bp.get("/reports/inputs/<int:unit_id>")
def unit_inputs(unit_id: int) -> str:
    """Show what is asked of a unit, with what was entered and its source."""
    unit = unit_for(current_actor(), VIEW_INPUTS, unit_id)
    if latest_year(db.session(), clock.today()) is None:
        return _no_year()
    entered = figures_of(db.session(), [unit.id], _year())
    cards = [(asked, entered.get((unit.id, asked.item))) for asked in questions_for(unit.kind)]
    return render_template("inputs/unit.html", unit=unit, cards=cards, year=_year())


@bp.post("/reports/inputs/<int:unit_id>")
def enter(unit_id: int) -> Response:
    """Store an answer with its source."""
    actor = current_actor()
    unit = unit_for(actor, VIEW_INPUTS, unit_id)
    answer, seen = _answer(unit.kind)
    enter_figure(actor, unit, _year(), answer, seen)
    flash(_("Đã lưu, kèm nguồn."), "success")
    return redirect(url_for("inputs.unit_inputs", unit_id=unit.id, _anchor=request.form.get("item", "")))


def _answer(kind: str) -> tuple[Answer, int]:
    """Read what was sent about a unit of a kind, and the revision that the person saw. Raises InvalidError."""
    form = EnterForm()
    if not form.validate() or form.item.data not in {asked.item for asked in questions_for(kind)}:
        raise InvalidError(say("Hãy nhập số và ghi nguồn."))
    seen = form.seen.data or ""
    answer = Answer(Item(form.item.data), form.part.data or 0, form.whole.data, form.source.data or "")
    return answer, number_in(seen) or 0


def _no_year() -> str:
    return render_template("reports/no_year.html", title=_("Số liệu nhập tay"))


def _year() -> str:
    """Return the school year for which is entered now. Raises NotFoundError before there is any."""
    year = latest_year(db.session(), clock.today())
    if year is None:
        raise NotFoundError
    return year.code
