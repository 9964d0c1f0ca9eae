"""Pages where the months of schools are accepted: a list of schools, and one school's month."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db, jobs
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import say
from app.school.queries import place_of_unit, school_for, schools_for
from app.text import clean_text
from attendance.registers.rules.states import VIEW_REGISTER
from reports.cubes.queries import month_of_school, months_of_schools, months_with_figures
from reports.cubes.rules import Month
from reports.exchange.queries import hub_owner, latest_slice
from reports.indicators.forms import read_filters
from reports.indicators.queries import line_of
from reports.indicators.rules import VIEW_REPORT
from reports.questions.queries import on_time_by_school
from reports.releases.queries import frozen_cells
from reports.releases.rules import DATASET, release_month
from reports.submissions.commands import (
    accept_month,
    approve_month,
    remind_schools,
    reopen_month,
    return_month,
    submit_month,
)
from reports.submissions.forms import AcceptForm, HandOnForm, RemindForm, ReopenForm, ReturnForm
from reports.submissions.queries import (
    events_of,
    lines_of_wards,
    missing_registers,
    months_with_state,
    reminders_of,
    waiting_months,
)
from reports.submissions.rules import (
    ACCEPT_MONTH,
    APPROVE_MONTH,
    EVENT_NAMES,
    RETURN_MONTH,
    STATE_NAMES,
    SUBMIT_MONTH,
    VIEW_SUBMISSIONS,
    due_on,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from flask_wtf import FlaskForm
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.releases.rules import Release

bp = Blueprint("submissions", __name__, template_folder="templates")


@bp.get("/submissions")
def submissions() -> str:
    """List the schools with where their month stands."""
    actor, today = current_actor(), clock.today()
    schools = schools_for(actor, VIEW_SUBMISSIONS)
    months = months_with_figures(db.session(), [unit.id for unit in schools])
    filters = read_filters(request.args, months, _month_to_accept(months, today))
    figures = [row for row in months_of_schools(db.session(), schools, filters.month, today) if row.classes]
    rows = months_with_state(db.session(), actor, figures, today)
    on_time = on_time_by_school(
        db.session(),
        [row.month.school_id for row in rows],
        filters.month.first,
        min(today, _last_day(filters.month)),
    )
    return render_template(
        "submissions/submissions.html",
        on_time=on_time,
        wards=lines_of_wards(db.session(), rows, on_time),
        rows=[
            (row, line_of(row.month.school_id, row.month.name, row.month.counts, filters.month))
            for row in rows
        ],
        filters=filters,
        state_names=STATE_NAMES,
        due=due_on(filters.month),
        reminders=reminders_of(db.session(), [row.month.school_id for row in rows], filters.month),
        late=[row for row in rows if row.late],
        may_remind=any(row.flags.may_remind for row in rows),
        remind_form=RemindForm(formdata=None, month=str(filters.month)),
    )


def home_card(actor: Actor) -> dict[str, object] | None:
    """Say on the first page which months wait for their school; None when there is none or nobody to tell."""
    if not actor.roles & frozenset(VIEW_SUBMISSIONS.reach):
        return None
    found = waiting_months(db.session(), actor, clock.today())
    return {"waiting": found} if found else None


def _last_day(month: Month) -> date:
    return month.after_last - timedelta(days=1)


@bp.get("/submissions/<int:school_id>")
def submission(school_id: int) -> str:
    """Show a school's month: what was found, what leaves, and what may be done."""
    actor = current_actor()
    school = school_for(actor, VIEW_SUBMISSIONS, school_id)
    month = _month_asked_for(school, request.args.get("month", ""))
    return _page(school, month, AcceptForm(formdata=None), ReopenForm(formdata=None))


@bp.post("/submissions/<int:school_id>/accept")
def accept(school_id: int) -> Response:
    """Accept and lock the month; its release goes into the outbox."""
    actor = current_actor()
    school = school_for(actor, ACCEPT_MONTH, school_id)
    form = AcceptForm()
    month = _month_of_form(form)
    release = _release(school, month)
    reason = clean_text(form.reason.data or "")
    accept_month(actor, school, month, release, form.seen.data or "", reason)
    flash(_("Đã chốt và khóa số liệu. Số liệu tổng hợp được gửi lên kho dữ liệu dùng chung."), "success")
    return redirect(url_for("submissions.submission", school_id=school.id, month=month))


@bp.post("/submissions/<int:school_id>/submit")
def submit(school_id: int) -> Response:
    """Hand the month to the principal."""
    actor = current_actor()
    school = school_for(actor, SUBMIT_MONTH, school_id)
    form = HandOnForm()
    month = _month_of_form(form)
    submit_month(actor, school, month, form.seen.data or "", clean_text(form.reason.data or ""))
    flash(_("Đã trình duyệt."), "success")
    return redirect(url_for("submissions.submission", school_id=school.id, month=month))


@bp.post("/submissions/<int:school_id>/approve")
def approve(school_id: int) -> Response:
    """Approve the month for the school."""
    actor = current_actor()
    school = school_for(actor, APPROVE_MONTH, school_id)
    form = HandOnForm()
    month = _month_of_form(form)
    approve_month(actor, school, month, form.seen.data or "", clean_text(form.reason.data or ""))
    flash(_("Đã duyệt số liệu tháng. Sở sẽ thấy và chốt."), "success")
    return redirect(url_for("submissions.submission", school_id=school.id, month=month))


@bp.post("/submissions/<int:school_id>/return")
def give_back(school_id: int) -> Response:
    """Give the month back to be put right."""
    actor = current_actor()
    school = school_for(actor, RETURN_MONTH, school_id)
    form = ReturnForm()
    month = _month_of_form(form)
    return_month(actor, school, month, clean_text(form.reason.data or ""))
    flash(_("Đã trả lại để chỉnh sửa."), "info")
    return redirect(url_for("submissions.submission", school_id=school.id, month=month))


@bp.post("/submissions/remind")
def remind() -> Response:
    """Remind every school within reach that is late with the month."""
    actor = current_actor()
    month = _month_of_form(RemindForm())
    schools = schools_for(actor, ACCEPT_MONTH)
    figures = [row for row in months_of_schools(db.session(), schools, month, clock.today()) if row.classes]
    late = [
        row.month.school_id
        for row in months_with_state(db.session(), actor, figures, clock.today())
        if row.late
    ]
    count = remind_schools(actor, late, month)
    flash(_("Đã nhắc %(count)s trường; trang chính của trường hiện lời nhắc.", count=count), "success")
    return redirect(url_for("submissions.submissions", month=month))


@bp.post("/submissions/<int:school_id>/reopen")
def reopen(school_id: int) -> Response:
    """Unlock the month."""
    actor = current_actor()
    school = school_for(actor, ACCEPT_MONTH, school_id)
    form = ReopenForm()
    month = _month_of_form(form)
    reopen_month(actor, school, month, clean_text(form.reason.data or ""))
    flash(_("Đã mở khóa. Kho dữ liệu vẫn giữ bản cũ đến khi chốt lại."), "info")
    return redirect(url_for("submissions.submission", school_id=school.id, month=month))


def _page(school: OrgUnit, month: Month, accept_form: AcceptForm, reopen_form: ReopenForm) -> str:
    actor, today, session = current_actor(), clock.today(), db.session()
    figures = month_of_school(session, school, month, today)
    row = months_with_state(session, actor, [figures], today)[0]
    accept_form.month.data = reopen_form.month.data = str(month)
    accept_form.seen.data = figures.digest
    hand_on_form = HandOnForm(formdata=None, month=str(month), seen=figures.digest)
    return render_template(
        "submissions/submission.html",
        school=school,
        row=row,
        line=line_of(school.id, school.name, figures.counts, month),
        missing=missing_registers(session, school.id, month),
        may_open=actor.may(VIEW_REGISTER, place_of_unit(school.id)),
        release=_release(school, month) if figures.classes else None,
        events=events_of(session, school.id, month),
        sent=latest_slice(session, school.id, DATASET, str(month)),
        hub_owner=hub_owner(session),
        accept_form=accept_form,
        reopen_form=reopen_form,
        hand_on_form=hand_on_form,
        return_form=ReturnForm(formdata=None, month=str(month)),
        due=due_on(month),
        reminder=reminders_of(session, [school.id], month).get(school.id),
        may_see_report=actor.may(VIEW_REPORT, place_of_unit(school.id)),
        event_names=EVENT_NAMES,
        state_names=STATE_NAMES,
    )


def _release(school: OrgUnit, month: Month) -> Release:
    """Make the release outside the event loop: protecting and attacking it takes up to a second."""
    figures = month_of_school(db.session(), school, month, clock.today())
    frozen = frozen_cells(db.session(), school.id, month)
    return jobs.offload(lambda: release_month(figures, frozen))


def _month_asked_for(school: OrgUnit, text: str) -> Month:
    months = months_with_figures(db.session(), [school.id])
    return Month.parse(text) or _month_to_accept(months, clock.today())


def _month_to_accept(months: Sequence[Month], today: date) -> Month:
    """Return the newest month that is over, or else the newest that has figures."""
    over = [month for month in months if month.after_last <= today]
    return next(iter(over or months), Month.of(today))


def _month_of_form(form: FlaskForm) -> Month:
    month = Month.parse(form.month.data or "")
    if month is None or not form.validate():
        fields = {name: " ".join(map(translate, errors)) for name, errors in form.errors.items() if name}
        raise InvalidError(say("Yêu cầu không hợp lệ. Hãy tải lại trang rồi thử lại."), fields)
    return month
