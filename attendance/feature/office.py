"""What a school's office does about attendance on a day: trips, late desk, corrections, rules."""

from __future__ import annotations

from app.access import Route
from app.forgetting import rows_emptied, rows_stay
from app.i18n import N_
from app.merging import rows_of
from app.whereabouts import at_school
from app.wiring import Feature, HomeCard
from attendance.arrivals.rules import RECORD_ARRIVALS
from attendance.arrivals.views import bp as arrivals_bp
from attendance.corrections.models import MarkCorrection
from attendance.corrections.rules import CorrectionState
from attendance.corrections.views import bp as corrections_bp
from attendance.outings.models import Outing, OutingPupil
from attendance.outings.rules import LEAD_OUTING, PLAN_OUTINGS
from attendance.outings.views.calling import led_card
from attendance.outings.views.planning import bp as outings_bp
from attendance.registers.rules.states import (
    DECIDE_CORRECTION,
    REQUEST_CORRECTION,
    VIEW_ATTENDANCE_TODAY,
)
from attendance.rulebook.rules import EDIT_RULEBOOK
from attendance.rulebook.views import bp as rulebook_bp

OUTINGS = Feature(
    name="outings",
    blueprints=(outings_bp,),
    traces=(rows_stay(OutingPupil, N_("Hoạt động của trường")),),
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
    traces=(
        rows_emptied(
            MarkCorrection,
            N_("Đề nghị đính chính: bỏ lý do; giữ quyết định"),
            {"why": "", "decision_note": ""},
        ),
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
