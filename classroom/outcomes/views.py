"""A lesson afterwards: its page and its workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, make_response, render_template

from app import clock, db
from app.http import current_actor, translate
from app.i18n import Phrase
from app.lists.rules.workbook import workbook
from app.school.queries import place_of_class
from app.text import file_name_safe
from classroom.ink.queries import drawn_on
from classroom.lessons.queries import class_of, lesson_for
from classroom.lessons.rules import VIEW_LESSON
from classroom.outcomes.commands import note_export
from classroom.outcomes.queries import outcome_of
from classroom.outcomes.rules import sheet_of
from classroom.slides.queries import shown_slides
from classroom.team.queries import teachers_of

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("outcomes", __name__, template_folder="templates")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@bp.get("/lessons/<int:lesson_id>")
def lesson(lesson_id: int) -> str:
    """Show a lesson afterwards: each question in both rounds, what the class missed, each pupil, who was absent."""
    actor = current_actor()
    found = lesson_for(actor, VIEW_LESSON, lesson_id)
    return render_template(
        "outcomes/lesson.html",
        lesson=found,
        school_class=class_of(db.session(), found),
        outcome=outcome_of(db.session(), found),
        slides=drawn_on(db.session(), found.id, shown_slides(db.session(), found.id)),
        may_lead=actor.user_id in {one["id"] for one in teachers_of(db.session(), found)},
        may_see_class=actor.may(VIEW_LESSON, place_of_class(class_of(db.session(), found))),
    )


@bp.get("/lessons/<int:lesson_id>/workbook.xlsx")
def workbook_of_lesson(lesson_id: int) -> Response:
    """Give the lesson's answers and points as a workbook; taking it is in the audit log."""
    actor = current_actor()
    found = lesson_for(actor, VIEW_LESSON, lesson_id)
    heads, rows = sheet_of(outcome_of(db.session(), found))
    name = file_name_safe(
        f"tiet hoc {class_of(db.session(), found).name} {found.held_on:%Y-%m-%d} {found.subject}"
    )
    note_export(actor, found.id)
    now = clock.local(clock.now()).replace(tzinfo=None)
    shown = [[translate(cell) if isinstance(cell, Phrase) else cell for cell in row] for row in rows]
    answer = make_response(workbook([translate(head) for head in heads], shown, now))
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer
