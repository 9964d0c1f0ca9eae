"""The school's slices as features; the kernel's feature list takes them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import exists, select

from app import db
from app.access import Actor, Route
from app.accounts.queries import actor_named
from app.forgetting import rows_gone, rows_stay
from app.i18n import N_
from app.jobs import JobContext, JobKind, Periodic
from app.merging import rows_of
from app.school.bells.cli import bells_cli
from app.school.bells.rules import EDIT_BELLS
from app.school.bells.views import bp as bells_bp
from app.school.calendar.cli import calendar_cli
from app.school.calendar.rules import EDIT_CALENDAR, EDIT_YEAR, CalendarChanged
from app.school.calendar.views import bp as calendar_bp
from app.school.cards.commands import PRINT_JOB, forget_old_prints, make_print
from app.school.cards.models import CardNumber
from app.school.cards.views import bp as cards_bp
from app.school.classes.cli import classes_cli
from app.school.classes.rules import KEEP_CLASSES
from app.school.classes.views import page as _page  # noqa: F401 - importing it is what adds its route
from app.school.classes.views import teachers as _teachers  # noqa: F401 - as above
from app.school.classes.views.keeping import bp as classes_bp
from app.school.duplicates.commands import forget_journals
from app.school.duplicates.rules import MERGE_ACROSS, MERGE_PUPILS, PupilsMerged
from app.school.duplicates.views import bp as duplicates_bp
from app.school.enrolment.models import EnrolmentChange
from app.school.enrolment.rules import KEEP_ENROLMENT, EnrolmentChanged
from app.school.enrolment.views import bp as enrolment_bp
from app.school.forgetting.cli import pupil_cli
from app.school.forgetting.commands import forget_pupil
from app.school.forgetting.commands.own import CARD_SHEETS, LOG, PUPIL_ITSELF, STEPS
from app.school.forgetting.queries import FORGET_JOB
from app.school.forgetting.rules import FORGET_PUPIL
from app.school.forgetting.views import bp as forgetting_bp
from app.school.forgetting.views import done_part, way_part
from app.school.groups.models import GroupMembership
from app.school.groups.rules import VIEW_OWN_GROUPS
from app.school.groups.views import bp as groups_bp
from app.school.groups.views import home_card as own_groups_card
from app.school.models import ClassMembership, Enrolment, PupilCard, Timetable, TimetableEntry
from app.school.organisation.cli import org_cli
from app.school.organisation.rules import MANAGE_ORGANISATION
from app.school.organisation.views import bp as organisation_bp
from app.school.pupils.rules import EDIT_PUPIL, VIEW_SENSITIVE
from app.school.pupils.views import bp as pupils_bp
from app.school.rollover.commands.applying import APPLY_JOB, apply_rollover
from app.school.rollover.models import RolloverLine
from app.school.rollover.rules import ROLL_OVER, YearRolledOver
from app.school.rollover.views import bp as rollover_bp
from app.school.rollover.views import pupil_part as rollover_part
from app.school.rules import PRINT_CARDS, VIEW_CLASS, VIEW_PUPIL, VIEW_SCHOOL
from app.school.seating.models import PlanSeat
from app.school.seating.rules import ARRANGE_SEATS
from app.school.seating.views import bp as seating_bp
from app.school.setup.rules import SET_UP_SCHOOL
from app.school.setup.views import bp as setup_bp
from app.school.setup.views import home_card as setup_card
from app.school.timetables.cli import timetable_cli
from app.school.timetables.rules.days import ARRANGE_SUBSTITUTES
from app.school.timetables.rules.versions import (
    EDIT_TIMETABLES,
    OPEN_WEEKS,
    VIEW_PUPIL_WEEK,
    VIEW_TIMETABLES,
    VIEW_WEEK,
    TimetablePublished,
)
from app.school.timetables.views import bp as timetables_bp
from app.school.timetables.views.substitutions import bp as substitutions_bp
from app.school.timetables.views.substitutions import changes_card
from app.school.timetables.views.weeks import own_lessons_card, pupil_part
from app.whereabouts import Whereabouts, at_school
from app.wiring import Feature, HomeCard, NavGroup, NavItem, PupilPart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, Select


def _entry_is_at(number: ColumnElement[int], units: Select[tuple[int]]) -> ColumnElement[bool]:
    """Return the condition that a timetable's entry is at some units."""
    versions = select(Timetable.id).where(Timetable.school_id.in_(units))
    return exists().where(TimetableEntry.id == number, TimetableEntry.timetable_id.in_(versions))


def _roll_over(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    apply_rollover(Actor(context.user_id or 0, payload["by"]), payload["rollover_id"], context.report)
    return {}


def _forget(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    forget_pupil(actor, payload["pupil_id"], payload["reason"], context.report)
    return {}


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
        Route("timetables.mine", OPEN_WEEKS),
        Route("timetables.pupil_week", VIEW_PUPIL_WEEK, target="pupil_id"),
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
    nav=(
        NavItem(
            N_("Thời khóa biểu"), "timetables.mine", "table", OPEN_WEEKS, order=22, group=NavGroup.LESSONS
        ),
    ),
    home=(HomeCard("timetables/own_card.html", own_lessons_card, order=7),),
    pupil_parts=(PupilPart("timetables/pupil_part.html", pupil_part, order=2),),
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
        Route("pupils.page", VIEW_PUPIL, target="pupil_id"),
        Route("pupils.reveal", VIEW_SENSITIVE, target="pupil_id", methods=("POST",)),
        Route("pupils.edit", EDIT_PUPIL, target="pupil_id"),
        Route("pupils.save", EDIT_PUPIL, target="pupil_id", methods=("POST",)),
        Route("pupils.card", PRINT_CARDS, target="pupil_id", methods=("POST",)),
    ),
    whereabouts=(
        at_school("pupil", Enrolment, of="pupil_id"),
        Whereabouts("timetable_entry", _entry_is_at),
    ),
    nav=(
        NavItem(
            N_("Học sinh"),
            "pupils.index",
            "user",
            VIEW_PUPIL,
            order=21,
            parts=("duplicates", "enrolment", "forgetting", "guardians", "rollover"),
        ),
    ),
)
ROLLOVER = Feature(
    name="rollover",
    blueprints=(rollover_bp,),
    routes=(
        Route("rollover.index", ROLL_OVER, target="school_id"),
        Route("rollover.begin", ROLL_OVER, target="school_id", methods=("POST",)),
        Route("rollover.show", ROLL_OVER, target="rollover_id"),
        Route("rollover.progress", ROLL_OVER, target="rollover_id"),
        Route("rollover.decide", ROLL_OVER, target="rollover_id", methods=("POST",)),
        Route("rollover.pupils", ROLL_OVER, target="rollover_id"),
        Route("rollover.decide_pupils", ROLL_OVER, target="rollover_id", methods=("POST",)),
        Route("rollover.apply", ROLL_OVER, target="rollover_id", methods=("POST",)),
        Route("rollover.discard", ROLL_OVER, target="rollover_id", methods=("POST",)),
        Route("rollover.undo", ROLL_OVER, target="rollover_id", methods=("POST",)),
    ),
    pupil_parts=(PupilPart("rollover/pupil_part.html", rollover_part, order=5),),
    facts=(YearRolledOver,),
    jobs=(JobKind(APPLY_JOB, _roll_over),),
)
FORGETTING = Feature(
    name="forgetting",
    blueprints=(forgetting_bp,),
    routes=(
        Route("forgetting.page", FORGET_PUPIL, target="pupil_id", fresh_factor=True),
        Route("forgetting.order", FORGET_PUPIL, target="pupil_id", methods=("POST",), fresh_factor=True),
        Route("forgetting.wipe", FORGET_PUPIL, target="pupil_id", methods=("POST",), fresh_factor=True),
        Route("forgetting.progress", FORGET_PUPIL, target="pupil_id"),
    ),
    pupil_parts=(
        PupilPart("forgetting/done_part.html", done_part, order=0),
        PupilPart("forgetting/way_part.html", way_part, order=90),
    ),
    jobs=(JobKind(FORGET_JOB, _forget),),
    traces=(
        rows_stay(Enrolment, N_("Lần ghi danh")),
        rows_stay(ClassMembership, N_("Lần xếp lớp")),
        rows_stay(GroupMembership, N_("Nhóm học của em")),
        rows_stay(RolloverLine, N_("Lần kết chuyển năm học")),
        rows_gone(PupilCard, N_("Thẻ học sinh")),
        rows_gone(CardNumber, N_("Số thẻ trong lớp")),
        rows_gone(PlanSeat, N_("Chỗ ngồi trong lớp")),
        CARD_SHEETS,
        STEPS,
        LOG,
        PUPIL_ITSELF,
    ),
    commands=(pupil_cli,),
)
DUPLICATES = Feature(
    name="duplicates",
    blueprints=(duplicates_bp,),
    routes=(
        Route("duplicates.across", MERGE_ACROSS),
        Route("duplicates.index", MERGE_PUPILS, target="school_id"),
        Route("duplicates.compare", MERGE_PUPILS, target="pupil_id"),
        Route("duplicates.merge", MERGE_PUPILS, target="pupil_id", methods=("POST",)),
        Route("duplicates.undo", MERGE_PUPILS, target="merge_id", methods=("POST",)),
    ),
    nav=(NavItem(N_("Hồ sơ trùng"), "duplicates.across", "users", MERGE_ACROSS, order=24),),
    facts=(PupilsMerged,),
    periodic=(Periodic("duplicates.forget_journals", 6 * 3600, forget_journals),),
    belongings=(
        rows_of(PupilCard, N_("Thẻ học sinh"), unique=("year_id",)),
        rows_of(EnrolmentChange, N_("Bước ghi danh")),
        rows_of(RolloverLine, N_("Lần kết chuyển năm học"), key="rollover_id", unique=("rollover_id",)),
    ),
)
CLASSES = Feature(
    name="classes",
    blueprints=(classes_bp,),
    routes=(
        Route("classes.new", KEEP_CLASSES, target="school_id"),
        Route("classes.open_one", KEEP_CLASSES, target="school_id", methods=("POST",)),
        Route("classes.edit", KEEP_CLASSES, target="class_id"),
        Route("classes.rename", KEEP_CLASSES, target="class_id", methods=("POST",)),
        Route("classes.settle", KEEP_CLASSES, target="class_id", methods=("POST",)),
        Route("classes.close", KEEP_CLASSES, target="class_id", methods=("POST",)),
        Route("classes.reopen", KEEP_CLASSES, target="class_id", methods=("POST",)),
        Route("classes.teachers", VIEW_CLASS, target="class_id"),
        Route("classes.appoint_homeroom", KEEP_CLASSES, target="class_id", methods=("POST",)),
        Route("classes.appoint_subject", KEEP_CLASSES, target="class_id", methods=("POST",)),
        Route("classes.end_duty", KEEP_CLASSES, target="class_id", methods=("POST",)),
        Route("classes.homerooms", KEEP_CLASSES, target="school_id"),
        Route("classes.appoint_homerooms", KEEP_CLASSES, target="school_id", methods=("POST",)),
    ),
    commands=(classes_cli,),
)
SEATING = Feature(
    name="seating",
    belongings=(rows_of(PlanSeat, N_("Chỗ ngồi trong lớp"), key="plan_id", unique=("plan_id",)),),
    blueprints=(seating_bp,),
    routes=(
        Route("seating.plan", VIEW_CLASS, target="class_id"),
        Route("seating.save", ARRANGE_SEATS, target="class_id", methods=("POST",)),
    ),
)
GROUPS = Feature(
    name="groups",
    belongings=(rows_of(GroupMembership, N_("Nhóm học của em"), unique=("group_id",)),),
    blueprints=(groups_bp,),
    routes=(
        Route("groups.own", VIEW_OWN_GROUPS),
        Route("groups.of_school", KEEP_CLASSES, target="school_id"),
        Route("groups.make", KEEP_CLASSES, target="school_id", methods=("POST",)),
        Route("groups.page", KEEP_CLASSES, target="group_id"),
        Route("groups.appoint", KEEP_CLASSES, target="group_id", methods=("POST",)),
        Route("groups.add", KEEP_CLASSES, target="group_id", methods=("POST",)),
        Route("groups.end_member", KEEP_CLASSES, target="group_id", methods=("POST",)),
        Route("groups.close", KEEP_CLASSES, target="group_id", methods=("POST",)),
    ),
    home=(HomeCard("groups/home_card.html", own_groups_card, order=6),),
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
FEATURES = (
    ORGANISATION,
    CALENDAR,
    BELLS,
    TIMETABLES,
    SUBSTITUTIONS,
    ENROLMENT,
    PUPILS,
    ROLLOVER,
    DUPLICATES,
    CLASSES,
    SEATING,
    GROUPS,
    FORGETTING,
    SETUP,
    PUPIL_CARDS,
)
