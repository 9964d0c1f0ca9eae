"""What pupils and classes can do: a part of a pupil's page, and a class's page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, render_template

from app import clock, db
from app.http import current_actor
from app.jobs import offload
from app.school.models import SchoolYear
from app.school.queries import class_for, pupils_in_class
from app.text import fold
from classroom.lessons.rules import VIEW_LESSON
from classroom.mastery.queries import questions_about, results_of_class, results_of_pupil
from classroom.mastery.rules import by_objective, by_pupil

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.wiring import PupilAsked
    from classroom.mastery.queries import Question

bp = Blueprint("mastery", __name__, template_folder="templates")


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return a pupil's answers by objective this year, None while no question named one."""
    found = results_of_pupil(db.session(), asked.pupil_id, asked.first, asked.after_last, asked.school_ids)
    named = by_objective(one for one in found if one.objective)
    return {"objectives": named} if named else None


@bp.get("/classes/<int:class_id>/mastery")
def of_class(class_id: int) -> str:
    """Show what a class can do by objective this year, what to ask again, and whom."""
    school_class = class_for(current_actor(), VIEW_LESSON, class_id)
    session, year = db.session(), db.session().get_one(SchoolYear, school_class.year_id)
    first, after_last = year.starts_on, year.ends_on
    # A year of a class is some twenty thousand answers: counted beside the event loop.
    counted = offload(lambda: results_of_class(db.session(), class_id, first, after_last))
    results = [one for one in counted if one.objective]
    own = by_pupil(results)
    pupils = pupils_in_class(session, class_id, min(clock.today(), year.ends_on))
    return render_template(
        "mastery/class.html",
        school_class=school_class,
        objectives=by_objective(results),
        to_ask=[
            (pupil, [one for one in own[pupil.id] if one.is_to_ask_again])
            for pupil in pupils
            if any(one.is_to_ask_again for one in own.get(pupil.id, ()))
        ],
        questions=_by_objective(questions_about(session, class_id, first, after_last)),
        fold=fold,
    )


def _by_objective(asked: Sequence[Question], most: int = 3) -> dict[str, list[Question]]:
    """Return {folded objective: its latest questions}, a question that was asked twice once."""
    found: dict[str, list[Question]] = {}
    for one in asked:
        known = found.setdefault(fold(one.objective), [])
        if len(known) < most and one.question not in {other.question for other in known}:
            known.append(one)
    return found
