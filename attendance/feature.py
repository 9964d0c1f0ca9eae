"""What attendance hands to wsgi.py; nothing else imports this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from app import absences, clock, db
from app.access import CAPABILITY, PUBLIC, Route
from app.accounts.queries import actor_named
from app.claims import Claim
from app.facts import Subscriber
from app.i18n import N_
from app.jobs import JobContext, JobKind, Periodic
from app.merging import rows_of
from app.oneroster.commands.clients import offer_scopes
from app.openapi import describes
from app.whereabouts import at_school
from app.wiring import ClassPart, Companion, Feature, HomeCard, NavGroup, NavItem, PupilPart, SchoolPart
from attendance.absences.models import AbsenceOpening
from attendance.absences.rules import SET_OPENING
from attendance.absences.views import bp as absences_bp
from attendance.absences.views import own_day_card, own_year_card, year_part
from attendance.arrivals.rules import RECORD_ARRIVALS
from attendance.arrivals.views import bp as arrivals_bp
from attendance.corrections.models import MarkCorrection
from attendance.corrections.rules import CorrectionState
from attendance.corrections.views import bp as corrections_bp
from attendance.devices.views import bp as devices_bp
from attendance.evidence.commands import forget_old_evidence, store_lesson_evidence
from attendance.evidence.models import Evidence
from attendance.evidence.rules import PupilJoined
from attendance.excuses.commands import SavedRegister, follow_saved
from attendance.excuses.commands.papers import delete_old_papers
from attendance.excuses.models import Excuse
from attendance.excuses.queries import papers_on
from attendance.excuses.rules import DECIDE_EXCUSE, REQUEST_EXCUSE, VIEW_EXCUSES, VIEW_SCHOOL_EXCUSES
from attendance.excuses.views import steps as _excuse_steps  # noqa: F401 - hangs its pages on the blueprint
from attendance.excuses.views.pages import answer_card
from attendance.excuses.views.pages import bp as excuses_bp
from attendance.gates.rules import DOCUMENT as GATES_DOCUMENT
from attendance.gates.rules import MANAGE_GATES
from attendance.gates.views import bp as gates_bp
from attendance.months.cli import months_cli
from attendance.months.commands import close_month
from attendance.months.rules import CLOSE_JOB, CLOSE_MONTH, REOPEN_MONTH, TYPE_PAPER, VIEW_MONTHS, Month
from attendance.months.views import grid as _grid_pages  # noqa: F401 - as below
from attendance.months.views import sheets as _month_pages  # noqa: F401 - hangs its pages on the blueprint
from attendance.months.views.closing import bp as months_bp
from attendance.outings.models import Outing, OutingPupil
from attendance.outings.rules import LEAD_OUTING, PLAN_OUTINGS
from attendance.outings.views.calling import led_card
from attendance.outings.views.planning import bp as outings_bp
from attendance.programs.rules.asking import SCOPES as PROGRAM_SCOPES
from attendance.programs.rules.document import REGISTERS as REGISTERS_DOCUMENT
from attendance.programs.rules.document import TOKEN as TOKEN_DOCUMENT
from attendance.programs.views import bp as programs_bp
from attendance.registers import events as _register_events  # noqa: F401 - importing it registers the events
from attendance.registers.cli import registers_cli
from attendance.registers.commands.merging import MARKS
from attendance.registers.commands.opening import (
    CalendarMoved,
    EnrolmentMoved,
    TimetableMoved,
    UndoneRoster,
    follow_calendar,
    follow_enrolment,
    follow_timetable,
    follow_undone_roster,
    materialise_around,
)
from attendance.registers.commands.standing import RegisterSaved
from attendance.registers.models import Register
from attendance.registers.queries.claims import registers_taken_on
from attendance.registers.queries.pupil import absent_in_session
from attendance.registers.rules.states import (
    CALL_OFF_REGISTER,
    CORRECT_REGISTER,
    DECIDE_CORRECTION,
    REQUEST_CORRECTION,
    TAKE_REGISTER,
    VIEW_ATTENDANCE_TODAY,
    VIEW_REGISTER,
)
from attendance.registers.views import standing as _standing_pages  # noqa: F401 - hangs its pages on the blueprint
from attendance.registers.views.day import own_card, school_card
from attendance.registers.views.parts import class_part, school_part
from attendance.registers.views.sheet import bp
from attendance.rulebook.rules import EDIT_RULEBOOK
from attendance.rulebook.views import bp as rulebook_bp
from attendance.years.rules.frame import COPY_ABSENCES
from attendance.years.views import bp as years_bp

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

EVERY_QUARTER: Final = 15 * 60.0
EVERY_SIX_HOURS: Final = 6 * 60 * 60.0
EVERY_DAY: Final = 24 * 60 * 60.0


def _lay_out_due() -> None:
    materialise_around(clock.today())


def _offer_scopes(app: Flask) -> None:
    del app
    offer_scopes(PROGRAM_SCOPES)


def _delete_old_papers() -> None:
    delete_old_papers(clock.today())


def _forget_old_evidence() -> None:
    forget_old_evidence(clock.today())


def _close_month(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    done = close_month(actor, payload["school_id"], Month.read(payload["month"]), context.report)
    return {"registers": done.registers, "missing": done.missing}


def _tell_who_is_away(app: Flask) -> None:
    del app
    absences.answer(absent_in_session)


REGISTERS = Feature(
    name="registers",
    blueprints=(bp,),
    routes=(
        Route("registers.index", VIEW_REGISTER),
        Route("registers.open_sheet", TAKE_REGISTER, target="class_id", methods=("POST",)),
        Route("registers.sheet", VIEW_REGISTER, target="register_id"),
        Route("registers.state", VIEW_REGISTER, target="register_id"),
        Route("registers.save", TAKE_REGISTER, target="register_id", methods=("POST",)),
        Route("registers.correct", CORRECT_REGISTER, target="register_id", methods=("POST",)),
        Route("registers.register_history", VIEW_REGISTER, target="register_id"),
        Route("registers.today", VIEW_ATTENDANCE_TODAY, target="school_id"),
        Route("registers.called_off", CALL_OFF_REGISTER, target="register_id", methods=("POST",)),
        Route("registers.held", CALL_OFF_REGISTER, target="register_id", methods=("POST",)),
        Route("registers.open_of_period", TAKE_REGISTER, target="class_id", methods=("POST",)),
        Route("registers.as_of", VIEW_REGISTER, target="class_id"),
    ),
    nav=(
        NavItem(
            N_("Điểm danh"),
            "registers.index",
            "register",
            VIEW_REGISTER,
            order=10,
            group=NavGroup.TODAY,
            parts=("arrivals", "corrections", "gates", "months", "outings", "rulebook", "years"),
        ),
    ),
    home=(
        HomeCard("registers/home_own.html", own_card, order=10),
        HomeCard("registers/home_school.html", school_card, order=11),
    ),
    class_parts=(ClassPart("registers/class_part.html", class_part, order=10),),
    school_parts=(SchoolPart("registers/school_part.html", school_part, order=10),),
    facts=(RegisterSaved,),
    subscribers=(
        Subscriber("registers.enrolment", "EnrolmentChanged", EnrolmentMoved, follow_enrolment),
        Subscriber("registers.rolled_over", "YearRolledOver", EnrolmentMoved, follow_enrolment),
        Subscriber("registers.calendar", "CalendarChanged", CalendarMoved, follow_calendar),
        Subscriber("registers.timetable", "TimetablePublished", TimetableMoved, follow_timetable),
        Subscriber("registers.roster_undone", "RosterUndone", UndoneRoster, follow_undone_roster),
    ),
    claims=(Claim(N_("Đã điểm danh %(count)s buổi với các danh sách này."), registers_taken_on),),
    belongings=(MARKS,),
    whereabouts=(at_school("register", Register),),
    periodic=(Periodic("registers.due", EVERY_QUARTER, _lay_out_due),),
    commands=(registers_cli,),
    setup=(_tell_who_is_away,),
)
DEVICES = Feature(
    name="devices",
    blueprints=(devices_bp,),
    routes=(
        Route("devices.worker", PUBLIC),
        Route("devices.shell", PUBLIC),
        Route("devices.period_shell", PUBLIC),
        Route("devices.sheets", TAKE_REGISTER),
        Route("devices.open_kept_period", TAKE_REGISTER, methods=("POST",)),
    ),
    companions=(Companion("attendance/devices/frontend/companion.entry.tsx", TAKE_REGISTER),),
)
EVIDENCE = Feature(
    name="evidence",
    belongings=(rows_of(Evidence, N_("Lần có mặt ghi từ tiết học hoặc ở cổng")),),
    subscribers=(
        Subscriber("evidence.lesson_joined", "PupilJoinedLesson", PupilJoined, store_lesson_evidence),
    ),
    periodic=(Periodic("evidence.forget", EVERY_DAY, _forget_old_evidence),),
)
GATES = Feature(
    name="gates",
    blueprints=(gates_bp,),
    routes=(
        Route("gates.receive", CAPABILITY, methods=("POST",)),
        Route("gates.index", MANAGE_GATES, target="school_id"),
        Route("gates.add", MANAGE_GATES, target="school_id", methods=("POST",), fresh_factor=True),
        Route("gates.revoke", MANAGE_GATES, target="gate_id", methods=("POST",)),
    ),
    csrf_exempt=("gates.receive",),
    setup=(describes(GATES_DOCUMENT),),
)
OUTINGS = Feature(
    name="outings",
    blueprints=(outings_bp,),
    belongings=(rows_of(OutingPupil, N_("Hoạt động của trường"), unique=("outing_id",)),),
    routes=(
        Route("outings.of_school", PLAN_OUTINGS, target="school_id"),
        Route("outings.plan", PLAN_OUTINGS, target="school_id", methods=("POST",)),
        Route("outings.page", PLAN_OUTINGS, target="outing_id"),
        Route("outings.choose", PLAN_OUTINGS, target="outing_id", methods=("POST",)),
        Route("outings.choose_classes", PLAN_OUTINGS, target="outing_id", methods=("POST",)),
        Route("outings.choose_leader", PLAN_OUTINGS, target="outing_id", methods=("POST",)),
        Route("outings.roll", LEAD_OUTING, target="outing_id"),
        Route("outings.call", LEAD_OUTING, target="outing_id", methods=("POST",)),
        Route("outings.uncall", LEAD_OUTING, target="outing_id", methods=("POST",)),
        Route("outings.call_off", PLAN_OUTINGS, target="outing_id", methods=("POST",)),
        Route("outings.put_back", PLAN_OUTINGS, target="outing_id", methods=("POST",)),
    ),
    home=(HomeCard("outings/home_led.html", led_card, order=9),),
    whereabouts=(at_school("outing", Outing),),
)
ARRIVALS = Feature(
    name="arrivals",
    blueprints=(arrivals_bp,),
    routes=(
        Route("arrivals.desk", RECORD_ARRIVALS, target="school_id"),
        Route("arrivals.record", RECORD_ARRIVALS, target="school_id", methods=("POST",)),
    ),
)
PROGRAMS = Feature(
    name="programs",
    blueprints=(programs_bp,),
    routes=(
        Route("programs.registers", CAPABILITY),
        Route("programs.register", CAPABILITY),
        Route("programs.write", CAPABILITY, methods=("POST",)),
    ),
    csrf_exempt=("programs.write",),
    setup=(_offer_scopes, describes(REGISTERS_DOCUMENT), describes(TOKEN_DOCUMENT)),
)
ABSENCES = Feature(
    name="absences",
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
CORRECTIONS = Feature(
    name="corrections",
    blueprints=(corrections_bp,),
    routes=(
        Route("corrections.of_register", REQUEST_CORRECTION, target="register_id"),
        Route("corrections.ask", REQUEST_CORRECTION, target="register_id", methods=("POST",)),
        Route("corrections.of_school", VIEW_ATTENDANCE_TODAY, target="school_id"),
        Route("corrections.approve", DECIDE_CORRECTION, target="correction_id", methods=("POST",)),
        Route("corrections.reject", DECIDE_CORRECTION, target="correction_id", methods=("POST",)),
    ),
    belongings=(
        rows_of(
            MarkCorrection,
            N_("Đề nghị đính chính đang chờ duyệt"),
            unique=("register_id",),
            only=lambda table: table.state == CorrectionState.WAITING,
        ),
    ),
)
RULEBOOK = Feature(
    name="rulebook",
    blueprints=(rulebook_bp,),
    routes=(
        Route("rulebook.page", EDIT_RULEBOOK, target="school_id"),
        Route("rulebook.save", EDIT_RULEBOOK, target="school_id", methods=("POST",)),
        Route("rulebook.save_letters", EDIT_RULEBOOK, target="school_id", methods=("POST",)),
    ),
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
FEATURES = (
    REGISTERS,
    DEVICES,
    EVIDENCE,
    GATES,
    OUTINGS,
    ARRIVALS,
    PROGRAMS,
    CORRECTIONS,
    RULEBOOK,
    MONTHS,
    YEARS,
    EXCUSES,
    ABSENCES,
)
