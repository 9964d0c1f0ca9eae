"""What comes of registers: absences of a pupil, excuses, months and years."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app import clock, db
from app.access import Route
from app.accounts.queries import actor_named
from app.claims import Claim
from app.facts import Subscriber
from app.forgetting import rows_emptied
from app.i18n import N_
from app.jobs import JobContext, JobKind, Periodic
from app.merging import rows_of
from app.wiring import Feature, HomeCard, NavGroup, NavItem, PupilPart
from attendance.absences.models import AbsenceOpening
from attendance.absences.rules import SET_OPENING
from attendance.absences.views import bp as absences_bp
from attendance.absences.views import own_day_card, own_year_card, year_part
from attendance.excuses.commands import SavedRegister, follow_saved
from attendance.excuses.commands.forgetting import PAPERS_AND_WORDS
from attendance.excuses.commands.papers import delete_old_papers
from attendance.excuses.models import Excuse
from attendance.excuses.queries import papers_on
from attendance.excuses.rules import DECIDE_EXCUSE, REQUEST_EXCUSE, VIEW_EXCUSES, VIEW_SCHOOL_EXCUSES
from attendance.excuses.views import steps as _excuse_steps  # noqa: F401 - hangs its pages on the blueprint
from attendance.excuses.views.pages import answer_card
from attendance.excuses.views.pages import bp as excuses_bp
from attendance.months.cli import months_cli
from attendance.months.commands import close_month
from attendance.months.rules import CLOSE_JOB, CLOSE_MONTH, REOPEN_MONTH, TYPE_PAPER, VIEW_MONTHS, Month
from attendance.months.views import grid as _grid_pages  # noqa: F401 - as below
from attendance.months.views import sheets as _month_pages  # noqa: F401 - hangs its pages on the blueprint
from attendance.months.views.closing import bp as months_bp
from attendance.registers.rules.states import (
    VIEW_REGISTER,
)
from attendance.years.rules.frame import COPY_ABSENCES
from attendance.years.views import bp as years_bp

if TYPE_CHECKING:
    from collections.abc import Mapping


EVERY_SIX_HOURS: Final = 6 * 60 * 60.0


def _delete_old_papers() -> None:
    delete_old_papers(clock.today())


def _close_month(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    done = close_month(actor, payload["school_id"], Month.read(payload["month"]), context.report)
    return {"registers": done.registers, "missing": done.missing}


ABSENCES = Feature(
    name="absences",
    traces=(
        rows_emptied(AbsenceOpening, N_("Số buổi nghỉ từ trường cũ: bỏ ghi chú; giữ số buổi"), {"note": ""}),
    ),
    belongings=(
        rows_of(AbsenceOpening, N_("Số buổi nghỉ từ trường cũ"), key="year_id", unique=("year_id",)),
    ),
    blueprints=(absences_bp,),
    routes=(
        Route("absences.opening", SET_OPENING, target="pupil_id"),
        Route("absences.save_opening", SET_OPENING, target="pupil_id", methods=("POST",)),
    ),
    home=(
        HomeCard("absences/day_card.html", own_day_card, order=5),
        HomeCard("absences/own_card.html", own_year_card, order=8),
    ),
    pupil_parts=(PupilPart("absences/year_part.html", year_part, order=10),),
)
MONTHS = Feature(
    name="months",
    blueprints=(months_bp,),
    routes=(
        Route("months.of_school", VIEW_MONTHS, target="school_id"),
        Route("months.of_class", VIEW_REGISTER, target="class_id"),
        Route("months.workbook", VIEW_REGISTER, target="class_id", fresh_factor=True),
        Route("months.paper", VIEW_REGISTER, target="class_id", fresh_factor=True),
        Route("months.blank_paper", VIEW_REGISTER, target="class_id", fresh_factor=True),
        Route("months.grid", TYPE_PAPER, target="class_id"),
        Route("months.type_in", TYPE_PAPER, target="class_id", methods=("POST",)),
        Route("months.close", CLOSE_MONTH, target="school_id", methods=("POST",)),
        Route("months.progress", VIEW_MONTHS, target="school_id"),
        Route("months.reopen", REOPEN_MONTH, target="school_id", methods=("POST",)),
    ),
    jobs=(JobKind(CLOSE_JOB, _close_month),),
    commands=(months_cli,),
)
EXCUSES = Feature(
    name="excuses",
    blueprints=(excuses_bp,),
    routes=(
        Route("excuses.index", VIEW_EXCUSES),
        Route("excuses.of_school", VIEW_SCHOOL_EXCUSES, target="school_id"),
        Route("excuses.of_pupil", VIEW_EXCUSES, target="pupil_id"),
        Route("excuses.ask", REQUEST_EXCUSE, target="pupil_id", methods=("POST",)),
        Route("excuses.approve", DECIDE_EXCUSE, target="excuse_id", methods=("POST",)),
        Route("excuses.reject", DECIDE_EXCUSE, target="excuse_id", methods=("POST",)),
        Route("excuses.withdraw", REQUEST_EXCUSE, target="excuse_id", methods=("POST",)),
        Route("excuses.ask_back", DECIDE_EXCUSE, target="excuse_id", methods=("POST",)),
        Route("excuses.answer_back", REQUEST_EXCUSE, target="excuse_id", methods=("POST",)),
        Route("excuses.paper", DECIDE_EXCUSE, target="excuse_file_id"),
    ),
    nav=(
        NavItem(
            N_("Đơn xin nghỉ học"), "excuses.index", "file", VIEW_EXCUSES, order=12, group=NavGroup.TODAY
        ),
    ),
    claims=(
        Claim(
            N_("Có %(count)s đơn xin nghỉ học hoặc số buổi từ trường cũ của học sinh trong lần nhập này."),
            papers_on,
        ),
    ),
    traces=(PAPERS_AND_WORDS,),
    belongings=(rows_of(Excuse, N_("Đơn xin nghỉ học")),),
    home=(HomeCard("excuses/home_card.html", answer_card, order=12),),
    periodic=(Periodic("excuses.papers", EVERY_SIX_HOURS, _delete_old_papers),),
    subscribers=(Subscriber("excuses.covers", "RegisterSaved", SavedRegister, follow_saved),),
)
YEARS = Feature(
    name="years",
    blueprints=(years_bp,),
    routes=(
        Route("years.of_class", VIEW_REGISTER, target="class_id"),
        Route("years.workbook", VIEW_REGISTER, target="class_id", fresh_factor=True),
        Route("years.paper", VIEW_REGISTER, target="class_id", fresh_factor=True),
        Route("years.copy", COPY_ABSENCES, target="class_id"),
    ),
)
