"""A lesson afterwards: its page, its workbook, its paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from flask import Blueprint, make_response, render_template

from app import clock, db
from app.errors import NotFoundError
from app.http import current_actor, translate
from app.i18n import N_, Phrase, say
from app.jobs import offload
from app.lists.rules.workbook import workbook
from app.paper import pdf_of
from app.school.models import OrgUnit
from app.school.queries import place_of_class
from app.text import file_name_safe
from classroom.goals.queries import goal_on_screen
from classroom.ink.queries import drawn_on
from classroom.lessons.queries import class_of, lesson_for
from classroom.lessons.rules import VIEW_LESSON
from classroom.outcomes.commands import note_export
from classroom.outcomes.queries import outcome_of
from classroom.outcomes.rules import sheet_of
from classroom.outcomes.rules.paper import Heading, paper_of
from classroom.slides.queries import shown_slides
from classroom.team.queries import teachers_of

if TYPE_CHECKING:
    from datetime import datetime

    from werkzeug.wrappers import Response

    from classroom.lessons.models import Lesson

bp = Blueprint("outcomes", __name__, template_folder="templates")
PAPER: Final = Path(__file__).parent / "templates" / "outcomes" / "lesson.typ"
PDF: Final = "application/pdf"
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


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
        goal=goal_on_screen(db.session(), found),
        slides=drawn_on(db.session(), found.id, shown_slides(db.session(), found.id)),
        may_lead=actor.user_id in {one["id"] for one in teachers_of(db.session(), found)},
        may_see_class=actor.may(VIEW_LESSON, place_of_class(class_of(db.session(), found))),
    )


@bp.get("/lessons/<int:lesson_id>/workbook.xlsx")
def workbook_of_lesson(lesson_id: int) -> Response:
    """Give the lesson's answers and points as a workbook; taking it is in the audit log."""
    found = lesson_for(current_actor(), VIEW_LESSON, lesson_id)
    heads, rows = sheet_of(outcome_of(db.session(), found))
    return _file(found, workbook(said(heads), said(rows), _now()), XLSX, "xlsx")


@bp.get("/lessons/<int:lesson_id>/result.pdf")
def paper_of_lesson(lesson_id: int) -> Response:
    """Give the lesson afterwards for paper: questions, what was missed, who was absent, each pupil; audited too."""
    found = lesson_for(current_actor(), VIEW_LESSON, lesson_id)
    if found.answers_gone_at:
        raise NotFoundError
    told = said(paper_of(outcome_of(db.session(), found), _heading(found)))
    return _file(found, offload(lambda: pdf_of(PAPER, told)), PDF, "pdf")


def _heading(lesson: Lesson) -> Heading:
    session, school_class = db.session(), class_of(db.session(), lesson)
    goal = goal_on_screen(session, lesson)
    return Heading(
        school=session.get_one(OrgUnit, lesson.school_id).name,
        title=say(
            "%(subject)s, lớp %(name)s",
            subject=lesson.subject or translate(N_("Tiết học tương tác")),
            name=school_class.name,
        ),
        day=f"{lesson.held_on:%d/%m/%Y}",
        made=say("In lúc %(time)s", time=f"{_now():%H:%M %d/%m/%Y}"),
        goal=say("Mục tiêu chung: %(reached)s/%(count)s", reached=goal["reached"], count=goal["count"])
        if goal
        else "",
    )


def _file(lesson: Lesson, content: bytes, kind: str, ending: str) -> Response:
    note_export(current_actor(), lesson.id, ending)
    name = file_name_safe(
        f"tiet hoc {class_of(db.session(), lesson).name} {lesson.held_on:%Y-%m-%d} {lesson.subject}"
    )
    answer = make_response(content)
    answer.headers["Content-Type"] = kind
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{ending}"'
    return answer


def said(told: Any) -> Any:  # noqa: ANN401 - whatever is told, its phrases translated
    """Return lists and tables of plain values with every phrase in the reader's language."""
    if isinstance(told, Phrase):
        return translate(told)
    if isinstance(told, dict):
        return {key: said(value) for key, value in told.items()}
    return [said(one) for one in told] if isinstance(told, list | tuple) else told


def _now() -> datetime:
    return clock.local(clock.now()).replace(tzinfo=None)
