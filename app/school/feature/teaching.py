"""Who teaches whom, where and when: classes, seats, groups, timetables, substitutions."""

from __future__ import annotations

from app.access import Route
from app.i18n import N_
from app.merging import rows_of
from app.school.classes.cli import classes_cli
from app.school.classes.rules import KEEP_CLASSES
from app.school.classes.views import page as _page  # noqa: F401 - importing it is what adds its route
from app.school.classes.views import teachers as _teachers  # noqa: F401 - as above
from app.school.classes.views.keeping import bp as classes_bp
from app.school.groups.models import GroupMembership
from app.school.groups.rules import VIEW_OWN_GROUPS
from app.school.groups.views import bp as groups_bp
from app.school.groups.views import home_card as own_groups_card
from app.school.rules import VIEW_CLASS
from app.school.seating.models import PlanSeat
from app.school.seating.rules import ARRANGE_SEATS
from app.school.seating.views import bp as seating_bp
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
from app.wiring import Feature, HomeCard, NavGroup, NavItem, PupilPart

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
