"""What is done: each step of a school's report, and reminding those that are late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import flash, redirect, url_for
from flask_babel import gettext as _

from app import clock, db, jobs
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import say
from app.school.queries import school_for, schools_for
from app.text import clean_text
from reports.official.commands import prepare_form
from reports.official.rules import OfficialPeriod
from reports.submissions.commands import (
    accept_form,
    accept_month,
    approve_report,
    remind_schools,
    reopen_report,
    return_report,
    submit_report,
)
from reports.submissions.forms import AcceptForm, HandOnForm, RemindForm, ReopenForm, ReturnForm
from reports.submissions.queries import reports_of, standings
from reports.submissions.rules import (
    ACCEPT_MONTH,
    APPROVE_MONTH,
    RETURN_MONTH,
    SUBMIT_MONTH,
    Period,
    parse_period,
)
from reports.submissions.views.pages import address_of, bp, release_of

if TYPE_CHECKING:
    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response


@bp.post("/submissions/<int:school_id>/accept")
def accept(school_id: int) -> Response:
    """Accept and lock the report; a month's release goes into the outbox."""
    actor = current_actor()
    school = school_for(actor, ACCEPT_MONTH, school_id)
    form = AcceptForm()
    period, seen, reason = _period_of(form), form.seen.data or "", clean_text(form.reason.data or "")
    if isinstance(period, OfficialPeriod):
        prepared = jobs.offload(lambda: prepare_form(school, period))
        accept_form(actor, school, period, prepared, seen, reason)
    else:
        accept_month(actor, school, period, release_of(school, period), seen, reason)
    flash(_("Đã chốt và khóa số liệu. Số liệu tổng hợp được gửi lên kho dữ liệu dùng chung."), "success")
    return redirect(address_of(school.id, period))


@bp.post("/submissions/<int:school_id>/submit")
def submit(school_id: int) -> Response:
    """Hand the report to the principal."""
    actor = current_actor()
    school = school_for(actor, SUBMIT_MONTH, school_id)
    form = HandOnForm()
    period = _period_of(form)
    submit_report(actor, school, period, form.seen.data or "", clean_text(form.reason.data or ""))
    flash(_("Đã trình duyệt."), "success")
    return redirect(address_of(school.id, period))


@bp.post("/submissions/<int:school_id>/approve")
def approve(school_id: int) -> Response:
    """Approve the report for the school."""
    actor = current_actor()
    school = school_for(actor, APPROVE_MONTH, school_id)
    form = HandOnForm()
    period = _period_of(form)
    approve_report(actor, school, period, form.seen.data or "", clean_text(form.reason.data or ""))
    flash(_("Đã duyệt số liệu. Sở sẽ thấy và chốt."), "success")
    return redirect(address_of(school.id, period))


@bp.post("/submissions/<int:school_id>/return")
def give_back(school_id: int) -> Response:
    """Give the report back to be put right."""
    actor = current_actor()
    school = school_for(actor, RETURN_MONTH, school_id)
    form = ReturnForm()
    period = _period_of(form)
    return_report(actor, school, period, clean_text(form.reason.data or ""))
    flash(_("Đã trả lại để chỉnh sửa."), "info")
    return redirect(address_of(school.id, period))


@bp.post("/submissions/remind")
def remind() -> Response:
    """Remind every school within reach that is late with the period."""
    actor, today = current_actor(), clock.today()
    period = _period_of(RemindForm())
    reports = reports_of(db.session(), schools_for(actor, ACCEPT_MONTH), period, today)
    rows = standings(db.session(), actor, [one for one in reports if one.is_there], today)
    count = remind_schools(actor, [row.report.school_id for row in rows if row.late], period)
    flash(_("Đã nhắc %(count)s trường; trang chính của trường hiện lời nhắc.", count=count), "success")
    return redirect(url_for("submissions.submissions", period=period))


@bp.post("/submissions/<int:school_id>/reopen")
def reopen(school_id: int) -> Response:
    """Unlock the report."""
    actor = current_actor()
    school = school_for(actor, ACCEPT_MONTH, school_id)
    form = ReopenForm()
    period = _period_of(form)
    reopen_report(actor, school, period, clean_text(form.reason.data or ""))
    flash(_("Đã mở khóa. Kho dữ liệu vẫn giữ bản cũ đến khi chốt lại."), "info")
    return redirect(address_of(school.id, period))


def _period_of(form: FlaskForm) -> Period:
    period = parse_period(form.period.data or "")
    if period is None or not form.validate():
        fields = {name: " ".join(map(translate, errors)) for name, errors in form.errors.items() if name}
        raise InvalidError(say("Yêu cầu không hợp lệ. Hãy tải lại trang rồi thử lại."), fields)
    return period
