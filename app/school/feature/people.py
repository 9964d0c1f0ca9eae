"""The pupils of a school: records, enrolment, rollover, duplicates, cards, and forgetting them."""

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
from app.school.cards.commands import PRINT_JOB, forget_old_prints, make_print
from app.school.cards.models import CardNumber
from app.school.cards.views import bp as cards_bp
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
from app.school.models import ClassMembership, Enrolment, PupilCard, Timetable, TimetableEntry
from app.school.pupils.rules import EDIT_PUPIL, VIEW_SENSITIVE
from app.school.pupils.views import bp as pupils_bp
from app.school.rollover.commands.applying import APPLY_JOB, apply_rollover
from app.school.rollover.models import RolloverLine
from app.school.rollover.rules import ROLL_OVER, YearRolledOver
from app.school.rollover.views import bp as rollover_bp
from app.school.rollover.views import pupil_part as rollover_part
from app.school.rules import PRINT_CARDS, VIEW_PUPIL
from app.school.seating.models import PlanSeat
from app.whereabouts import Whereabouts, at_school
from app.wiring import Feature, NavItem, PupilPart

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


def _run_print(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    return {"cards": make_print(actor, payload["print_id"], context.report)}


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
