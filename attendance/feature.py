"""What attendance hands to wsgi.py; nothing else imports this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from app import absences, clock
from app.access import Route
from app.claims import Claim
from app.facts import Subscriber
from app.i18n import N_
from app.jobs import Periodic
from app.wiring import Feature, HomeCard, NavItem, PupilPart
from attendance.evidence.commands import store_lesson_evidence
from attendance.evidence.rules import PupilJoined
from attendance.registers.cli import registers_cli
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
from attendance.registers.queries.claims import registers_taken_on
from attendance.registers.queries.pupil import absent_in_session
from attendance.registers.rules.states import (
    CORRECT_REGISTER,
    TAKE_REGISTER,
    VIEW_ATTENDANCE_TODAY,
    VIEW_REGISTER,
)
from attendance.registers.views.day import own_card, school_card
from attendance.registers.views.pupil import pupil_part
from attendance.registers.views.sheet import bp

if TYPE_CHECKING:
    from flask import Flask

EVERY_QUARTER: Final = 15 * 60.0


def _lay_out_due() -> None:
    materialise_around(clock.today())


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
    ),
    nav=(NavItem(N_("Điểm danh"), "registers.index", "register", VIEW_REGISTER, order=10),),
    home=(
        HomeCard("registers/home_own.html", own_card, order=10),
        HomeCard("registers/home_school.html", school_card, order=11),
    ),
    pupil_parts=(PupilPart("registers/pupil_part.html", pupil_part, order=10),),
    facts=(RegisterSaved,),
    subscribers=(
        Subscriber("registers.enrolment", "EnrolmentChanged", EnrolmentMoved, follow_enrolment),
        Subscriber("registers.calendar", "CalendarChanged", CalendarMoved, follow_calendar),
        Subscriber("registers.timetable", "TimetablePublished", TimetableMoved, follow_timetable),
        Subscriber("registers.roster_undone", "RosterUndone", UndoneRoster, follow_undone_roster),
    ),
    claims=(Claim(N_("Đã điểm danh %(count)s buổi với danh sách của lần nhập này."), registers_taken_on),),
    periodic=(Periodic("registers.due", EVERY_QUARTER, _lay_out_due),),
    commands=(registers_cli,),
    setup=(_tell_who_is_away,),
)
EVIDENCE = Feature(
    name="evidence",
    subscribers=(
        Subscriber("evidence.lesson_joined", "PupilJoinedLesson", PupilJoined, store_lesson_evidence),
    ),
)
FEATURES = (REGISTERS, EVIDENCE)
