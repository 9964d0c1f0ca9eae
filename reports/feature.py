"""The features of reports; only `wsgi.py` imports this. The hub is wired in an installation in hub mode only."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from flask_babel import force_locale

from app import db
from app.access import CAPABILITY, PUBLIC, SIGNED_IN, Route
from app.accounts.queries import actor_named
from app.facts import Subscriber
from app.forgetting import rows_stay
from app.i18n import N_
from app.jobs import JobKind, Periodic
from app.oneroster.commands.clients import accept_clients, offer_scopes
from app.openapi import describes
from app.wiring import Feature, HomeCard, NavGroup, NavItem
from reports.breakdowns.views import bp as breakdowns_bp
from reports.bulletins.cli import bulletins_cli
from reports.bulletins.commands import FILE_JOB, make_bulletins, order_scheduled
from reports.bulletins.rules import FILE_REPORT
from reports.bulletins.views import bp as bulletins_bp
from reports.catalogue.views import bp as catalogue_bp
from reports.changes.views import bp as changes_bp
from reports.checks.cli import figures_cli
from reports.checks.commands import run_nightly
from reports.checks.models import FigureDifference
from reports.checks.views import bp as checks_bp
from reports.checks.views import home_card as alarm_card
from reports.cubes.cli import cubes_cli
from reports.cubes.commands import (
    HeldLesson,
    SavedRegister,
    UndoneRoster,
    compute_lesson_again,
    compute_register_again,
    compute_school_again,
    refresh_recent,
)
from reports.delivery.cli import deliver_periodically, exchange_cli, reconcile_periodically
from reports.exchange.rules import WATCH_EXCHANGE
from reports.exchange.views import bp as exchange_bp
from reports.explorer.views import bp as explorer_bp
from reports.exports.cli import indicators_cli
from reports.exports.views import attendance_file, extract_file
from reports.exports.views import bp as exports_bp
from reports.files.commands import MAKE_JOB, make_file
from reports.files.rules import FileKind
from reports.files.views import bp as files_bp
from reports.hub.cli import hub_cli
from reports.hub.rules import VIEW_HUB
from reports.hub.views import bp as hub_bp
from reports.indicators.rules import VIEW_REPORT
from reports.indicators.views import bp as indicators_bp
from reports.inputs.rules import VIEW_INPUTS
from reports.inputs.views import bp as inputs_bp
from reports.kept.commands import KEEP_JOB, make_figures
from reports.official.views import bp as official_bp
from reports.official.views import form_file
from reports.past.views import bp as past_bp
from reports.questions.views import bp as questions_bp
from reports.readers.cli import reading_key_cli
from reports.readers.rules import OPENAPI as INDICATORS_DOCUMENT
from reports.readers.rules import SCOPES as READER_SCOPES
from reports.readers.views import bp as readers_bp
from reports.readers.views import program_with
from reports.stretches import commands as stretches
from reports.stretches.models import PupilStretch
from reports.submissions.rules import (
    ACCEPT_MONTH,
    APPROVE_MONTH,
    RETURN_MONTH,
    SUBMIT_MONTH,
    VIEW_SUBMISSIONS,
)
from reports.submissions.views import bp as submissions_bp
from reports.submissions.views import home_card

if TYPE_CHECKING:
    from collections.abc import Mapping

    from flask import Flask

    from app.jobs import JobContext

figures_bp = Blueprint("figures", __name__, template_folder="templates")
"""No page of its own: the templates that schools' pages and the hub's share."""

REPORTS = Feature(
    name="reports",
    traces=(
        rows_stay(PupilStretch, N_("Số đếm chuyên cần")),
        rows_stay(FigureDifference, N_("Chênh lệch khi kiểm tra số liệu")),
    ),
    blueprints=(
        figures_bp,
        indicators_bp,
        exports_bp,
        catalogue_bp,
        inputs_bp,
        checks_bp,
        questions_bp,
        changes_bp,
        breakdowns_bp,
        past_bp,
    ),
    routes=(
        Route("indicators.attendance", VIEW_REPORT),
        Route("indicators.school_attendance", VIEW_REPORT, target="school_id"),
        Route("questions.week", VIEW_REPORT),
        Route("changes.change", VIEW_REPORT),
        Route("breakdowns.breakdown", VIEW_REPORT),
        Route("past.month", VIEW_REPORT, target="school_id"),
        Route("catalogue.catalogue", VIEW_REPORT),
        Route("catalogue.indicator", VIEW_REPORT),
        Route("inputs.inputs", VIEW_INPUTS),
        Route("inputs.unit_inputs", VIEW_INPUTS, target="unit_id"),
        Route("inputs.enter", VIEW_INPUTS, target="unit_id", methods=("POST",)),
        Route("checks.checks", VIEW_REPORT),
        Route("exports.workbook_of_schools", VIEW_REPORT, fresh_factor=True),
        Route("exports.workbook_of_school", VIEW_REPORT, target="school_id", fresh_factor=True),
        Route("exports.extract_of_unit", VIEW_REPORT, target="unit_id", fresh_factor=True),
    ),
    nav=(
        NavItem(
            N_("Báo cáo"),
            "indicators.attendance",
            "chart",
            VIEW_REPORT,
            order=40,
            group=NavGroup.REPORTS,
            parts=("breakdowns", "files", "past"),
        ),
        NavItem(
            N_("Chuyên cần theo tuần"),
            "questions.week",
            "calendar",
            VIEW_REPORT,
            order=14,
            group=NavGroup.TODAY,
            parts=("changes",),
        ),
        NavItem(
            N_("Chỉ tiêu"),
            "catalogue.catalogue",
            "list",
            VIEW_REPORT,
            order=43,
            group=NavGroup.REPORTS,
            parts=("checks", "inputs"),
        ),
    ),
    subscribers=(
        Subscriber("cubes.register", "RegisterSaved", SavedRegister, compute_register_again),
        Subscriber("cubes.lesson", "LessonHeld", HeldLesson, compute_lesson_again),
        Subscriber("cubes.roster_undone", "RosterUndone", UndoneRoster, compute_school_again),
        Subscriber(
            "stretches.register", "RegisterSaved", stretches.SavedRegister, stretches.compute_register_again
        ),
        Subscriber("stretches.lesson", "LessonHeld", stretches.HeldLesson, stretches.compute_lesson_again),
        Subscriber(
            "stretches.roster_undone", "RosterUndone", stretches.UndoneRoster, stretches.compute_school_again
        ),
        Subscriber(
            "stretches.merged", "PupilsMerged", stretches.MergedPupils, stretches.compute_merged_again
        ),
    ),
    home=(HomeCard("checks/home_card.html", alarm_card, order=5),),
    periodic=(
        Periodic("cubes.recent", 600, refresh_recent),
        Periodic("checks.nightly", 86_400, run_nightly),
    ),
    commands=(cubes_cli, figures_cli, indicators_cli),
)


def _let_programs_ask(app: Flask) -> None:
    del app
    offer_scopes(READER_SCOPES)
    accept_clients(program_with)


READERS = Feature(
    name="readers",
    blueprints=(readers_bp,),
    routes=(Route("readers.openapi", PUBLIC), Route("readers.indicators", CAPABILITY)),
    commands=(reading_key_cli,),
    setup=(_let_programs_ask, describes(INDICATORS_DOCUMENT)),
)
SUBMISSIONS = Feature(
    name="submissions",
    blueprints=(submissions_bp, exchange_bp),
    routes=(
        Route("submissions.submissions", VIEW_SUBMISSIONS),
        Route("submissions.submission", VIEW_SUBMISSIONS, target="school_id"),
        Route("submissions.submit", SUBMIT_MONTH, target="school_id", methods=("POST",)),
        Route("submissions.approve", APPROVE_MONTH, target="school_id", methods=("POST",)),
        Route("submissions.give_back", RETURN_MONTH, target="school_id", methods=("POST",)),
        Route("submissions.remind", ACCEPT_MONTH, methods=("POST",)),
        Route("submissions.accept", ACCEPT_MONTH, target="school_id", methods=("POST",)),
        Route("submissions.reopen", ACCEPT_MONTH, target="school_id", methods=("POST",)),
        Route("exchange.exchange", WATCH_EXCHANGE),
        Route("exchange.send_slice", WATCH_EXCHANGE, target="slice_id", methods=("POST",)),
        Route("exchange.slice_file", WATCH_EXCHANGE, target="slice_id"),
    ),
    nav=(
        NavItem(
            N_("Tổng hợp số liệu"),
            "submissions.submissions",
            "calendar",
            VIEW_SUBMISSIONS,
            order=40,
            group=NavGroup.HANDING_IN,
        ),
        NavItem(
            N_("Kho dữ liệu"), "exchange.exchange", "hub", WATCH_EXCHANGE, order=42, group=NavGroup.HANDING_IN
        ),
    ),
    home=(HomeCard("submissions/home_card.html", home_card, order=30),),
    periodic=(
        Periodic("hub.deliver", 5, deliver_periodically),
        Periodic("hub.reconcile", 3600, reconcile_periodically),
    ),
    commands=(exchange_cli,),
)
HUB = Feature(
    name="hub",
    blueprints=(figures_bp, hub_bp),
    routes=(
        Route("hub.receive", CAPABILITY, methods=("POST",)),
        Route("hub.held", CAPABILITY),
        Route("hub.dashboard", VIEW_HUB),
        Route("hub.forms", VIEW_HUB),
    ),
    nav=(
        NavItem(N_("Số liệu đã tiếp nhận"), "hub.dashboard", "hub", VIEW_HUB, order=40, group=NavGroup.TODAY),
        NavItem(N_("Đầu năm, cuối năm"), "hub.forms", "list", VIEW_HUB, order=41, group=NavGroup.TODAY),
    ),
    commands=(hub_cli,),
    csrf_exempt=("hub.receive",),
    in_school=False,
    in_hub=True,
)


def _make_bulletins(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    return asdict(make_bulletins(actor, payload["order_id"], context.report))


BULLETINS = Feature(
    name="bulletins",
    blueprints=(bulletins_bp,),
    routes=(
        Route("bulletins.index", VIEW_REPORT),
        Route("bulletins.order", FILE_REPORT, methods=("POST",)),
        Route("bulletins.schedule", FILE_REPORT, methods=("POST",)),
        Route("bulletins.progress", FILE_REPORT, target="order_id"),
        Route("bulletins.paper", VIEW_REPORT, target="bulletin_id", fresh_factor=True),
        Route("bulletins.workbook", VIEW_REPORT, target="bulletin_id", fresh_factor=True),
        Route("bulletins.chart", VIEW_REPORT, target="bulletin_id", fresh_factor=True),
    ),
    nav=(
        NavItem(
            N_("Báo cáo tháng"), "bulletins.index", "file", VIEW_REPORT, order=41, group=NavGroup.REPORTS
        ),
    ),
    jobs=(JobKind(FILE_JOB, _make_bulletins),),
    periodic=(Periodic("bulletins.schedule", 300, order_scheduled),),
    commands=(bulletins_cli,),
)
OFFICIAL = Feature(
    name="official forms",
    blueprints=(official_bp,),
    routes=(
        Route("official.index", VIEW_REPORT),
        Route("official.form", VIEW_REPORT, target="unit_id"),
        Route("official.paper", VIEW_REPORT, target="unit_id", fresh_factor=True),
        Route("official.workbook", VIEW_REPORT, target="unit_id", fresh_factor=True),
    ),
    nav=(
        NavItem(
            N_("Đầu năm, cuối năm"),
            "official.index",
            "list",
            VIEW_REPORT,
            order=41,
            group=NavGroup.HANDING_IN,
        ),
    ),
)


MAKERS = {
    FileKind.ATTENDANCE: attendance_file,
    FileKind.EXTRACT: extract_file,
    FileKind.FORM: form_file,
}


def _make_file(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    with force_locale(payload["language"]):
        return make_file(actor_named(db.session(), context.user_id), payload, context.report, MAKERS)


FILES = Feature(
    name="report files",
    blueprints=(files_bp,),
    routes=(
        Route("files.files", VIEW_REPORT),
        Route("files.download", SIGNED_IN, target="report_file_id", fresh_factor=True),
    ),
    jobs=(JobKind(MAKE_JOB, _make_file),),
)


def _make_figures(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    actor = actor_named(db.session(), context.user_id)
    return {"periods": make_figures(actor, payload["unit_id"], payload["periods"], context.report)}


EXPLORER = Feature(
    name="explorer",
    blueprints=(explorer_bp,),
    jobs=(JobKind(KEEP_JOB, _make_figures),),
    routes=(
        Route("explorer.explore", VIEW_REPORT),
        Route("explorer.keep", VIEW_REPORT, methods=("POST",)),
        Route("explorer.dashboard", VIEW_REPORT),
        Route("explorer.pin", SIGNED_IN, target="view_id", methods=("POST",)),
        Route("explorer.drop", SIGNED_IN, target="view_id", methods=("POST",)),
    ),
    nav=(
        NavItem(
            N_("Bảng theo dõi"), "explorer.dashboard", "grid", VIEW_REPORT, order=39, group=NavGroup.REPORTS
        ),
    ),
)
FEATURES = (REPORTS, READERS, SUBMISSIONS, BULLETINS, OFFICIAL, EXPLORER, FILES, HUB)
