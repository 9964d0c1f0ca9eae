"""The features of live lessons; only `wsgi.py` imports this."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from flask import current_app

import classroom.activities.events
import classroom.answers.events
import classroom.bank.events
import classroom.confidence.events
import classroom.goals.events
import classroom.groups.events
import classroom.guests.events
import classroom.hands.events
import classroom.ink.events
import classroom.inquiries.events
import classroom.lessons.events
import classroom.meter.events
import classroom.seats.events
import classroom.team.events  # noqa: F401 - importing them is what registers the events
from app import doorbell
from app.access import CAPABILITY, PUBLIC, Route
from app.claims import Claim
from app.forgetting import rows_gone, rows_stay
from app.i18n import N_
from app.jobs import JobKind, Periodic
from app.merging import rows_of
from app.school.rules import PRINT_CARDS, VIEW_PUPIL
from app.whereabouts import at_school
from app.wiring import Feature, HomeCard, NavGroup, NavItem, PupilPart, SchoolPart
from classroom.activities.commands.moving import ActivityClosed
from classroom.answers.models import Attempt, AttemptChange
from classroom.bank.rules import USE_BANK
from classroom.bank.views import bp as bank_bp
from classroom.cards.views import bp as cards_bp
from classroom.confidence.models import Confidence
from classroom.groups.models import GroupPlace, KeptApart
from classroom.guests.views import bp as guests_bp
from classroom.hands.models import Hand
from classroom.inquiries.models import Inquiry, InquiryVote
from classroom.ledger.commands import ANSWERS_BELL, BELL
from classroom.ledger.events import answer_later, answer_now
from classroom.lessons.commands import LessonHeld
from classroom.lessons.models import Lesson, Pick
from classroom.lessons.queries import lessons_standing_on
from classroom.lessons.rules import LEAD_LESSON, VIEW_LESSON
from classroom.lessons.views import bp as lessons_bp
from classroom.lessons.views import home_card
from classroom.mastery.views import bp as mastery_bp
from classroom.mastery.views import pupil_part as mastery_of_pupil
from classroom.meter.models import MeterTap
from classroom.outcomes.views import bp as outcomes_bp
from classroom.retention.commands import ANSWERS_OF_PUPIL, forget_old_answers
from classroom.retention.rules import SET_RETENTION
from classroom.retention.views import bp as retention_bp
from classroom.retention.views import school_part as retention_of_school
from classroom.seats.commands import PupilJoinedLesson
from classroom.seats.models import Seat, WrongTry
from classroom.seats.views import bp as seats_bp
from classroom.seats.views import join_card, pupil_part
from classroom.sheets.views import bp as sheets_bp
from classroom.slides.commands import DRAW_JOB
from classroom.slides.commands.filling import fill_plans
from classroom.slides.commands.rendering import draw_file
from classroom.slides.commands.sweeping import sweep_files
from classroom.slides.views import bp as slides_bp
from classroom.slides.views import pupil_part as slides_of_pupil

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from app.jobs import JobContext


NIGHTLY: Final = 24 * 3600
"""Seconds."""


def _answer_bells(app: Flask) -> None:
    doorbell.answer(BELL, answer_now(app))
    doorbell.answer(ANSWERS_BELL, answer_later(app))


def _draw_slides(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    root = current_app.extensions["bangxanh.settings"].instance
    drawn = draw_file(root, payload["file"], context.report)
    fill_plans(payload["file"])
    return drawn


def _sweep_slides() -> None:
    sweep_files(current_app.extensions["bangxanh.settings"].instance)


LESSONS = Feature(
    name="lessons",
    blueprints=(lessons_bp, seats_bp, guests_bp),
    routes=(
        Route("lessons.index", LEAD_LESSON),
        Route("lessons.start", LEAD_LESSON, methods=("POST",)),
        Route("lessons.console", LEAD_LESSON, target="lesson_id"),
        Route("lessons.of_class", VIEW_LESSON, target="class_id"),
        Route("lessons.screen", CAPABILITY, target="token"),
        Route("lessons.send_event", CAPABILITY, methods=("POST",)),
        Route("seats.enter", PUBLIC),
        Route("seats.join", CAPABILITY, target="code"),
        Route("seats.take", CAPABILITY, target="code", methods=("POST",)),
        Route("guests.admit", CAPABILITY, target="code", methods=("POST",)),
    ),
    nav=(
        NavItem(
            N_("Tiết học tương tác"),
            "lessons.index",
            "lesson",
            LEAD_LESSON,
            order=20,
            group=NavGroup.LESSONS,
            parts=("bank", "guests", "mastery", "outcomes", "slides"),
        ),
    ),
    home=(
        HomeCard("seats/join_card.html", join_card, order=4),
        HomeCard("lessons/home_card.html", home_card, order=20),
    ),
    pupil_parts=(PupilPart("seats/pupil_part.html", pupil_part, order=20),),
    facts=(PupilJoinedLesson, LessonHeld, ActivityClosed),
    claims=(Claim(N_("Có %(count)s tiết học tương tác của các lớp này sau đó."), lessons_standing_on),),
    belongings=(
        rows_of(Seat, N_("Tiết học tương tác đã vào"), unique=("lesson_id",)),
        rows_of(Pick, N_("Lần được gọi trong tiết học")),
        rows_of(Attempt, N_("Câu trả lời"), unique=("lesson_id", "activity_id", "round")),
        rows_of(AttemptChange, N_("Lần gửi câu trả lời"), unique=("activity_id", "uuid")),
        rows_of(WrongTry, N_("Lần gõ sai mã thẻ")),
        rows_of(Confidence, N_("Mức chắc chắn của câu trả lời"), unique=("activity_id", "round")),
        rows_of(Hand, N_("Lần giơ tay"), unique=("lesson_id", "uuid")),
        rows_of(MeterTap, N_("Lần báo hiểu bài"), unique=("lesson_id", "uuid")),
        rows_of(Inquiry, N_("Câu hỏi của em"), unique=("lesson_id", "uuid")),
        rows_of(InquiryVote, N_("Lượt bình chọn câu hỏi"), unique=("inquiry_id",)),
        rows_of(GroupPlace, N_("Chỗ trong nhóm"), unique=("grouping_id",)),
        rows_of(KeptApart, N_("Cặp không xếp cùng nhóm"), unique=("pair",)),
    ),
    traces=(
        ANSWERS_OF_PUPIL,
        rows_gone(WrongTry, N_("Lần gõ sai mã thẻ")),
        rows_gone(KeptApart, N_("Cặp không xếp cùng nhóm")),
        rows_stay(Seat, N_("Tiết học tương tác đã vào")),
        rows_stay(Pick, N_("Lần được gọi trong tiết học")),
        rows_stay(Confidence, N_("Mức chắc chắn của câu trả lời")),
        rows_stay(Hand, N_("Lần giơ tay")),
        rows_stay(MeterTap, N_("Lần báo hiểu bài")),
        rows_stay(InquiryVote, N_("Lượt bình chọn câu hỏi")),
        rows_stay(GroupPlace, N_("Chỗ trong nhóm")),
    ),
    whereabouts=(at_school("lesson", Lesson),),
    setup=(_answer_bells,),
)
CARDS = Feature(
    name="cards",
    blueprints=(cards_bp,),
    routes=(
        Route("cards.sheet", PRINT_CARDS, target="class_id", fresh_factor=True),
        Route("cards.issue", PRINT_CARDS, target="class_id", methods=("POST",)),
    ),
)
BANK = Feature(
    name="bank",
    blueprints=(bank_bp, sheets_bp),
    routes=(
        Route("bank.index", USE_BANK),
        Route("bank.new", USE_BANK),
        Route("bank.create", USE_BANK, methods=("POST",)),
        Route("bank.preview", USE_BANK, methods=("POST",)),
        Route("sheets.read", USE_BANK, methods=("POST",)),
        Route("bank.plan", USE_BANK, target="plan_id"),
        Route("bank.save", USE_BANK, target="plan_id", methods=("POST",)),
        Route("bank.try_out", USE_BANK, target="plan_id"),
        Route("bank.try_answer", USE_BANK, target="plan_id", methods=("POST",)),
        Route("bank.share", USE_BANK, target="plan_id", methods=("POST",)),
        Route("bank.copy", USE_BANK, target="plan_id", methods=("POST",)),
        Route("bank.restore", USE_BANK, target="plan_id", methods=("POST",)),
        Route("bank.archive", USE_BANK, target="plan_id", methods=("POST",)),
    ),
)
SLIDES = Feature(
    name="slides",
    blueprints=(slides_bp,),
    routes=(
        Route("slides.add", USE_BANK, target="plan_id", methods=("POST",)),
        Route("slides.begin", USE_BANK, methods=("POST",)),
        Route("slides.take_out", USE_BANK, target="deck_id", methods=("POST",)),
        Route("slides.put_back", USE_BANK, target="deck_id", methods=("POST",)),
        Route("slides.progress", USE_BANK, target="deck_id"),
        Route("slides.of_deck", USE_BANK, target="deck_id"),
        Route("slides.of_lesson", VIEW_LESSON, target="slide_id"),
        Route("slides.on_screen", CAPABILITY, target="token"),
        Route("slides.on_device", CAPABILITY),
        Route("slides.handed", VIEW_PUPIL, target="pupil_id"),
        Route("slides.of_pupil", VIEW_PUPIL, target="pupil_id"),
    ),
    pupil_parts=(PupilPart("slides/pupil_part.html", slides_of_pupil, order=22),),
    jobs=(JobKind(DRAW_JOB, _draw_slides),),
    periodic=(Periodic("slides.sweep", NIGHTLY, _sweep_slides),),
)
OUTCOMES = Feature(
    name="outcomes",
    blueprints=(outcomes_bp, mastery_bp, retention_bp),
    routes=(
        Route("mastery.of_class", VIEW_LESSON, target="class_id"),
        Route("mastery.workbook_of_class", VIEW_LESSON, target="class_id", fresh_factor=True),
        Route("retention.page", SET_RETENTION, target="school_id"),
        Route("retention.save", SET_RETENTION, target="school_id", methods=("POST",)),
        Route("outcomes.lesson", VIEW_LESSON, target="lesson_id"),
        Route("outcomes.workbook_of_lesson", VIEW_LESSON, target="lesson_id", fresh_factor=True),
        Route("outcomes.paper_of_lesson", VIEW_LESSON, target="lesson_id", fresh_factor=True),
    ),
    pupil_parts=(PupilPart("mastery/pupil_part.html", mastery_of_pupil, order=25),),
    school_parts=(SchoolPart("retention/school_part.html", retention_of_school, order=60),),
    periodic=(Periodic("answers.forget", NIGHTLY, forget_old_answers),),
)
FEATURES = (LESSONS, BANK, SLIDES, OUTCOMES, CARDS)
