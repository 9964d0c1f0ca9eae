"""What pupils and classes can do: a part of a pupil's page, a class's page and its workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import Blueprint, make_response, render_template

from app import clock, db
from app.http import current_actor, translate
from app.i18n import Phrase
from app.jobs import offload
from app.lists.rules.workbook import workbook
from app.school.models import SchoolYear
from app.school.queries import class_for, pupils_in_class
from app.text import file_name_safe, fold
from classroom.lessons.rules import VIEW_LESSON
from classroom.mastery.commands import note_export
from classroom.mastery.queries import questions_about, results_of_class, results_of_pupil
from classroom.mastery.rules import by_objective, by_pupil, sheet_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from app.school.models import Pupil, SchoolClass
    from app.wiring import PupilAsked
    from classroom.mastery.queries import Question
    from classroom.mastery.rules import Result

bp = Blueprint("mastery", __name__, template_folder="templates")
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return a pupil's answers by objective this year, None while no question named one."""
    found = results_of_pupil(db.session(), asked.pupil_id, asked.first, asked.after_last, asked.school_ids)
    named = by_objective(one for one in found if one.objective)
    return {"objectives": named} if named else None


@bp.get("/classes/<int:class_id>/mastery")
def of_class(class_id: int) -> str:
    """Show what a class can do by objective this year, what to ask again, and whom."""
    school_class = class_for(current_actor(), VIEW_LESSON, class_id)
    year = db.session().get_one(SchoolYear, school_class.year_id)
    results = _results(school_class, year)
    own = by_pupil(results)
    return render_template(
        "mastery/class.html",
        school_class=school_class,
        objectives=by_objective(results),
        to_ask=[
            (pupil, [one for one in own[pupil.id] if one.is_to_ask_again])
            for pupil in _pupils(school_class, year)
            if any(one.is_to_ask_again for one in own.get(pupil.id, ()))
        ],
        questions=_by_objective(questions_about(db.session(), class_id, year.starts_on, year.ends_on)),
        fold=fold,
    )


@bp.get("/classes/<int:class_id>/mastery.xlsx")
def workbook_of_class(class_id: int) -> Response:
    """Give a class's figures by objective, and each pupil's, as a workbook; taking it is in the audit log."""
    actor = current_actor()
    school_class = class_for(actor, VIEW_LESSON, class_id)
    year = db.session().get_one(SchoolYear, school_class.year_id)
    results = _results(school_class, year)
    names = {pupil.id: pupil.full_name for pupil in _pupils(school_class, year)}
    heads, rows = sheet_of(by_objective(results), by_pupil(results), names)
    note_export(actor, school_class.id)
    now = clock.local(clock.now()).replace(tzinfo=None)
    shown = [[translate(cell) if isinstance(cell, Phrase) else cell for cell in row] for row in rows]
    answer = make_response(workbook([translate(head) for head in heads], shown, now))
    name = file_name_safe(f"muc tieu {school_class.name} {year.code}")
    answer.headers["Content-Type"] = XLSX
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


def _results(school_class: SchoolClass, year: SchoolYear) -> list[Result]:
    """Return the year's results that have an objective.

    A year of a class is some twenty thousand answers: they are counted beside the event loop.
    """
    class_id, first, after_last = school_class.id, year.starts_on, year.ends_on
    counted = offload(lambda: results_of_class(db.session(), class_id, first, after_last))
    return [one for one in counted if one.objective]


def _pupils(school_class: SchoolClass, year: SchoolYear) -> list[Pupil]:
    return pupils_in_class(db.session(), school_class.id, min(clock.today(), year.ends_on))


def _by_objective(asked: Sequence[Question], most: int = 3) -> dict[str, list[Question]]:
    """Return {folded objective: its latest questions}, a question that was asked twice once."""
    found: dict[str, list[Question]] = {}
    for one in asked:
        known = found.setdefault(fold(one.objective), [])
        if len(known) < most and one.question not in {other.question for other in known}:
            known.append(one)
    return found
