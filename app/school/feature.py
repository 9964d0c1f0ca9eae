"""The school's slices as features; the kernel's feature list takes them in."""

from __future__ import annotations

from app.access import Route
from app.i18n import N_
from app.school.bells.rules import EDIT_BELLS
from app.school.bells.views import bp as bells_bp
from app.school.calendar.rules import EDIT_CALENDAR, EDIT_YEAR, CalendarChanged
from app.school.calendar.views import bp as calendar_bp
from app.school.enrolment.rules import KEEP_ENROLMENT, EnrolmentChanged
from app.school.enrolment.views import bp as enrolment_bp
from app.school.organisation.cli import org_cli
from app.school.organisation.rules import MANAGE_ORGANISATION
from app.school.organisation.views import bp as organisation_bp
from app.school.pupils.rules import EDIT_PUPIL, VIEW_SENSITIVE
from app.school.pupils.views import bp as pupils_bp
from app.school.rules import PRINT_CARDS, VIEW_PUPIL, VIEW_SCHOOL
from app.school.timetables.cli import timetable_cli
from app.school.timetables.rules.days import ARRANGE_SUBSTITUTES
from app.school.timetables.rules.versions import (
    EDIT_TIMETABLES,
    VIEW_TIMETABLES,
    VIEW_WEEK,
    TimetablePublished,
)
from app.school.timetables.views import bp as timetables_bp
from app.school.timetables.views.substitutions import bp as substitutions_bp
from app.school.timetables.views.substitutions import changes_card
from app.wiring import Feature, HomeCard, NavItem

ORGANISATION = Feature(
    name="organisation",
    blueprints=(organisation_bp,),
    routes=(
        Route("organisation.tree", VIEW_SCHOOL),
        Route("organisation.unit", VIEW_SCHOOL, target="unit_id"),
        Route("organisation.add", MANAGE_ORGANISATION, target="unit_id", methods=("POST",)),
        Route("organisation.move", MANAGE_ORGANISATION, target="unit_id", methods=("POST",)),
        Route("organisation.merge", MANAGE_ORGANISATION, target="unit_id", methods=("POST",)),
    ),
    nav=(NavItem(N_("Tổ chức"), "organisation.tree", "building", VIEW_SCHOOL, order=26),),
    commands=(org_cli,),
)
CALENDAR = Feature(
    name="calendar",
    blueprints=(calendar_bp,),
    routes=(
        Route("calendar.index", VIEW_SCHOOL),
        Route("calendar.year", VIEW_SCHOOL, target="unit_id"),
        Route("calendar.decide", EDIT_CALENDAR, target="unit_id", methods=("POST",)),
        Route("calendar.undo", EDIT_CALENDAR, target="change_id", methods=("POST",)),
        Route("calendar.export", VIEW_SCHOOL, target="unit_id"),
        Route("calendar.years", EDIT_YEAR),
        Route("calendar.add_year", EDIT_YEAR, methods=("POST",)),
        Route("calendar.change_year", EDIT_YEAR, methods=("POST",)),
    ),
    nav=(NavItem(N_("Lịch năm học"), "calendar.index", "calendar", VIEW_SCHOOL, order=25),),
    facts=(CalendarChanged,),
)
BELLS = Feature(
    name="bells",
    blueprints=(bells_bp,),
    routes=(
        Route("bells.plans", VIEW_SCHOOL, target="school_id"),
        Route("bells.save", EDIT_BELLS, target="school_id", methods=("POST",)),
        Route("bells.drop", EDIT_BELLS, target="school_id", methods=("POST",)),
    ),
)
SUBSTITUTIONS = Feature(
    name="substitutions",
    blueprints=(substitutions_bp,),
    routes=(
        Route("substitutions.day", ARRANGE_SUBSTITUTES, target="school_id"),
        Route("substitutions.arrange", ARRANGE_SUBSTITUTES, target="school_id", methods=("POST",)),
        Route("substitutions.withdraw", ARRANGE_SUBSTITUTES, target="school_id", methods=("POST",)),
    ),
    home=(HomeCard("timetables/home_card.html", changes_card, order=5),),
)
TIMETABLES = Feature(
    name="timetables",
    blueprints=(timetables_bp,),
    routes=(
        Route("timetables.mine", VIEW_WEEK),
        Route("timetables.class_week", VIEW_WEEK, target="class_id"),
        Route("timetables.versions", VIEW_TIMETABLES, target="school_id"),
        Route("timetables.draft", EDIT_TIMETABLES, target="school_id", methods=("POST",)),
        Route("timetables.version", VIEW_TIMETABLES, target="timetable_id"),
        Route("timetables.set_cell", EDIT_TIMETABLES, target="timetable_id", methods=("POST",)),
        Route("timetables.undo", EDIT_TIMETABLES, target="timetable_id", methods=("POST",)),
        Route("timetables.changes", VIEW_TIMETABLES, target="timetable_id"),
        Route("timetables.publish", EDIT_TIMETABLES, target="timetable_id", methods=("POST",)),
        Route("timetables.discard", EDIT_TIMETABLES, target="timetable_id", methods=("POST",)),
        Route("timetables.paper", VIEW_TIMETABLES, target="timetable_id"),
        Route("timetables.export", VIEW_TIMETABLES, target="timetable_id"),
        Route("timetables.choose", EDIT_TIMETABLES, target="school_id"),
        Route("timetables.upload", EDIT_TIMETABLES, target="school_id", methods=("POST",)),
        Route("timetables.preview", EDIT_TIMETABLES, target="timetable_import_id"),
        Route("timetables.explain", EDIT_TIMETABLES, target="timetable_import_id", methods=("POST",)),
        Route("timetables.apply", EDIT_TIMETABLES, target="timetable_import_id", methods=("POST",)),
    ),
    nav=(NavItem(N_("Thời khóa biểu"), "timetables.mine", "table", VIEW_WEEK, order=22),),
    facts=(TimetablePublished,),
    commands=(timetable_cli,),
)
ENROLMENT = Feature(
    name="enrolment",
    blueprints=(enrolment_bp,),
    routes=(
        Route("enrolment.ask", KEEP_ENROLMENT, target="pupil_id"),
        Route("enrolment.take", KEEP_ENROLMENT, target="pupil_id", methods=("POST",)),
        Route("enrolment.undo", KEEP_ENROLMENT, target="step_id", methods=("POST",)),
        Route("enrolment.new", KEEP_ENROLMENT, target="school_id"),
        Route("enrolment.enrol", KEEP_ENROLMENT, target="school_id", methods=("POST",)),
        Route("enrolment.arrivals", KEEP_ENROLMENT, target="school_id"),
        Route("enrolment.arrival", KEEP_ENROLMENT, target="offer_id"),
        Route("enrolment.accept", KEEP_ENROLMENT, target="offer_id", methods=("POST",)),
    ),
    facts=(EnrolmentChanged,),
)
PUPILS = Feature(
    name="pupils",
    blueprints=(pupils_bp,),
    routes=(
        Route("pupils.index", VIEW_PUPIL),
        Route("pupils.of_school", VIEW_PUPIL, target="school_id"),
        Route("pupils.export", VIEW_PUPIL, target="school_id", fresh_factor=True),
        Route("pupils.page", VIEW_PUPIL, target="pupil_id"),
        Route("pupils.reveal", VIEW_SENSITIVE, target="pupil_id", methods=("POST",)),
        Route("pupils.edit", EDIT_PUPIL, target="pupil_id"),
        Route("pupils.save", EDIT_PUPIL, target="pupil_id", methods=("POST",)),
        Route("pupils.card", PRINT_CARDS, target="pupil_id", methods=("POST",)),
    ),
    nav=(NavItem(N_("Học sinh"), "pupils.index", "user", VIEW_PUPIL, order=21),),
)
FEATURES = (ORGANISATION, CALENDAR, BELLS, TIMETABLES, SUBSTITUTIONS, ENROLMENT, PUPILS)
