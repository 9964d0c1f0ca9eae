"""Where and when a school is: organisation, calendar, bells, and the steps of setting one up."""

from __future__ import annotations

from app.access import Route
from app.i18n import N_
from app.school.bells.cli import bells_cli
from app.school.bells.rules import EDIT_BELLS
from app.school.bells.views import bp as bells_bp
from app.school.calendar.cli import calendar_cli
from app.school.calendar.rules import EDIT_CALENDAR, EDIT_YEAR, CalendarChanged
from app.school.calendar.views import bp as calendar_bp
from app.school.organisation.cli import org_cli
from app.school.organisation.rules import MANAGE_ORGANISATION
from app.school.organisation.views import bp as organisation_bp
from app.school.rules import PRINT_CARDS, VIEW_SCHOOL
from app.school.setup.rules import SET_UP_SCHOOL
from app.school.setup.views import bp as setup_bp
from app.school.setup.views import home_card as setup_card
from app.wiring import Feature, HomeCard, NavItem

ORGANISATION = Feature(
    name="organisation",
    blueprints=(organisation_bp,),
    routes=(
        Route("organisation.tree", VIEW_SCHOOL),
        Route("organisation.units", VIEW_SCHOOL),
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
    commands=(calendar_cli,),
)
BELLS = Feature(
    name="bells",
    blueprints=(bells_bp,),
    routes=(
        Route("bells.plans", VIEW_SCHOOL, target="school_id"),
        Route("bells.save", EDIT_BELLS, target="school_id", methods=("POST",)),
        Route("bells.drop", EDIT_BELLS, target="school_id", methods=("POST",)),
    ),
    commands=(bells_cli,),
)
SETUP = Feature(
    name="setup",
    blueprints=(setup_bp,),
    routes=(
        Route("setup.index", SET_UP_SCHOOL),
        Route("setup.guide", SET_UP_SCHOOL, target="school_id"),
        Route("setup.open_year", SET_UP_SCHOOL, target="school_id", methods=("POST",)),
        Route("setup.issue_cards", PRINT_CARDS, target="school_id", methods=("POST",)),
    ),
    home=(HomeCard("setup/home_card.html", setup_card, order=3),),
)
