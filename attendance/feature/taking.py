"""Taking registers: their sheets, the devices that keep them, what was seen at gates, programs that read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import absences, clock
from app.access import CAPABILITY, PUBLIC, Route
from app.claims import Claim
from app.facts import Subscriber
from app.forgetting import rows_gone
from app.i18n import N_
from app.jobs import Periodic
from app.merging import rows_of
from app.oneroster.commands.clients import offer_scopes
from app.openapi import describes
from app.whereabouts import at_school
from app.wiring import ClassPart, Companion, Feature, HomeCard, NavGroup, NavItem, SchoolPart
from attendance.devices.views import bp as devices_bp
from attendance.evidence.commands import forget_old_evidence, store_lesson_evidence
from attendance.evidence.models import Evidence
from attendance.evidence.rules import PupilJoined
from attendance.gates.rules import DOCUMENT as GATES_DOCUMENT
from attendance.gates.rules import MANAGE_GATES
from attendance.gates.views import bp as gates_bp
from attendance.programs.rules.asking import SCOPES as PROGRAM_SCOPES
from attendance.programs.rules.document import REGISTERS as REGISTERS_DOCUMENT
from attendance.programs.rules.document import TOKEN as TOKEN_DOCUMENT
from attendance.programs.views import bp as programs_bp
from attendance.registers import events as _register_events  # noqa: F401 - importing it registers the events
from attendance.registers.cli import registers_cli
from attendance.registers.commands.forgetting import WORDS_OF_MARKS
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
from attendance.registers.commands.repacking import repack_on_sunday
from attendance.registers.commands.standing import RegisterSaved
from attendance.registers.models import Register
from attendance.registers.queries.claims import registers_taken_on
from attendance.registers.queries.pupil import absent_in_session
from attendance.registers.rules.states import (
    CALL_OFF_REGISTER,
    CORRECT_REGISTER,
    TAKE_REGISTER,
    VIEW_ATTENDANCE_TODAY,
    VIEW_REGISTER,
)
from attendance.registers.views import standing as _standing_pages  # noqa: F401 - hangs its pages on the blueprint
from attendance.registers.views.day import own_card, school_card
from attendance.registers.views.parts import class_part, school_part
from attendance.registers.views.sheet import bp

if TYPE_CHECKING:
    from flask import Flask

EVERY_QUARTER: Final = 15 * 60.0
EVERY_HOUR: Final = 3600.0
EVERY_DAY: Final = 24 * 60 * 60.0


def _lay_out_due() -> None:
    materialise_around(clock.today())


def _offer_scopes(app: Flask) -> None:
    del app
    offer_scopes(PROGRAM_SCOPES)


def _forget_old_evidence() -> None:
    forget_old_evidence(clock.today())


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
            parts=("arrivals", "corrections", "outings", "gates", "months", "years", "rulebook"),
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
    traces=(WORDS_OF_MARKS,),
    whereabouts=(at_school("register", Register),),
    periodic=(
        Periodic("registers.due", EVERY_QUARTER, _lay_out_due),
        Periodic("registers.repack", EVERY_HOUR, repack_on_sunday),
    ),
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
    traces=(rows_gone(Evidence, N_("Lần có mặt ghi từ tiết học hoặc ở cổng")),),
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
