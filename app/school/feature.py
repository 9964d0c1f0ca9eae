"""The school's slices as features; the kernel's feature list takes them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import db
from app.access import Route
from app.accounts.queries import actor_named
from app.i18n import N_
from app.jobs import JobContext, JobKind, Periodic
from app.school.bells.rules import EDIT_BELLS
from app.school.bells.views import bp as bells_bp
from app.school.calendar.rules import EDIT_CALENDAR, EDIT_YEAR, CalendarChanged
from app.school.calendar.views import bp as calendar_bp
from app.school.cards.commands import PRINT_JOB, forget_old_prints, make_print
from app.school.cards.views import bp as cards_bp
from app.school.enrolment.rules import KEEP_ENROLMENT, EnrolmentChanged
from app.school.enrolment.views import bp as enrolment_bp
from app.school.organisation.cli import org_cli
from app.school.organisation.rules import MANAGE_ORGANISATION
from app.school.organisation.views import bp as organisation_bp
from app.school.pupils.rules import EDIT_PUPIL, VIEW_SENSITIVE
from app.school.pupils.views import bp as pupils_bp
from app.school.rules import PRINT_CARDS, VIEW_PUPIL, VIEW_SCHOOL
from app.school.timetables.rules.days import ARRANGE_SUBSTITUTES
from app.school.timetables.rules.versions import TimetablePublished
from app.school.timetables.views.substitutions import bp as substitutions_bp
from app.school.timetables.views.substitutions import changes_card
from app.wiring import Feature, HomeCard, NavItem

if TYPE_CHECKING:
    from collections.abc import Mapping

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
    facts=(TimetablePublished,),
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


def _run_print(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    return {"cards": make_print(actor, payload["print_id"], context.report)}


PUPIL_CARDS = Feature(
    name="pupil cards",
    blueprints=(cards_bp,),
    routes=(
        Route("pupil_cards.schools", PRINT_CARDS),
        Route("pupil_cards.index", PRINT_CARDS, target="school_id"),
        Route("pupil_cards.order", PRINT_CARDS, target="school_id", methods=("POST",)),
        Route("pupil_cards.progress", PRINT_CARDS, target="print_id"),
        Route("pupil_cards.download", PRINT_CARDS, target="print_id", fresh_factor=True),
    ),
    nav=(NavItem(N_("Thẻ học sinh"), "pupil_cards.schools", "card", PRINT_CARDS, order=22),),
    jobs=(JobKind(PRINT_JOB, _run_print),),
    periodic=(Periodic("cards.forget_prints", 3600, forget_old_prints),),
)
FEATURES = (ORGANISATION, CALENDAR, BELLS, SUBSTITUTIONS, ENROLMENT, PUPILS, PUPIL_CARDS)
