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
from reports.questions.queries import on_time_by_school
from reports.releases.queries import frozen_cells
from reports.releases.rules import DATASET, release_month
from reports.submissions.commands import accept_month, reopen_month
from reports.submissions.forms import AcceptForm, ReopenForm
from reports.submissions.queries import events_of, lines_of_wards, missing_registers, months_with_state
from reports.submissions.rules import ACCEPT_MONTH, STATE_NAMES, VIEW_SUBMISSIONS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from werkzeug.wrappers import Response

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
    )


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


def _month_of_form(form: AcceptForm | ReopenForm) -> Month:
    month = Month.parse(form.month.data or "")
    if month is None or not form.validate():
        fields = {name: " ".join(map(translate, errors)) for name, errors in form.errors.items() if name}
        raise InvalidError(say("Yêu cầu không hợp lệ. Hãy tải lại trang rồi thử lại."), fields)
    return month
