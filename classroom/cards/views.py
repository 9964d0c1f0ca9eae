"""Printing a class's cards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_babel import ngettext

from app import clock, db
from app.http import current_actor
from app.school.cards.commands import issue_class_cards
from app.school.cards.queries import numbers_of_class
from app.school.queries import cards_of_pupils, class_for, pupils_in_class
from app.school.rules import PRINT_CARDS

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("cards", __name__, template_folder="templates")


@bp.get("/classes/<int:class_id>/cards")
def sheet(class_id: int) -> str:
    """Show a class's cards, ready to print and cut; pupils without one are named."""
    school_class = class_for(current_actor(), PRINT_CARDS, class_id)
    pupils = pupils_in_class(db.session(), class_id, clock.today())
    codes = cards_of_pupils(db.session(), [pupil.id for pupil in pupils], school_class.year_id)
    numbers = numbers_of_class(db.session(), class_id)
    return render_template(
        "cards/sheet.html",
        school_class=school_class,
        cards=[(numbers.get(pupil.id), pupil, codes.get(pupil.id)) for pupil in pupils],
        missing=sum(pupil.id not in codes or pupil.id not in numbers for pupil in pupils),
    )


@bp.post("/classes/<int:class_id>/cards")
def issue(class_id: int) -> Response:
    """Give a card to every pupil of the class who has none."""
    actor = current_actor()
    made = issue_class_cards(actor, class_for(actor, PRINT_CARDS, class_id), clock.today())
    flash(ngettext("Đã tạo %(num)s thẻ.", "Đã tạo %(num)s thẻ.", made), "success")
    return redirect(url_for("cards.sheet", class_id=class_id))
