"""What is seen: a list of schools with where their report stands, one school's report, and the first page's card."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from flask import Blueprint, render_template, request, url_for

from app import clock, db, jobs
from app.errors import NotFoundError
from app.http import current_actor
from app.school.queries import place_of_unit, school_for, school_rows_for
from app.school.rules import VIEW_CLASS
from attendance.registers.rules.states import VIEW_REGISTER
from reports.cubes.queries import month_of_school, months_with_figures
from reports.cubes.rules import Month
from reports.exchange.queries import hub_owner, latest_slice
from reports.indicators.queries import line_of
from reports.indicators.rules import VIEW_REPORT
from reports.official.commands import note_view
from reports.official.queries import official_periods
from reports.official.rules import COLUMN_NAMES, OfficialPeriod
from reports.questions.queries import on_time_by_school
from reports.releases.queries import frozen_cells, together_by_school
from reports.releases.rules import DATASET, release_month
from reports.submissions.forms import AcceptForm, HandOnForm, RemindForm, ReopenForm, ReturnForm
from reports.submissions.queries import (
    events_of,
    lines_of_wards,
    missing_registers,
    reminders_of,
    reports_of,
    standings,
    waiting_reports,
)
from reports.submissions.rules import (
    EVENT_NAMES,
    STATE_NAMES,
    VIEW_SUBMISSIONS,
    FormReport,
    MonthReport,
    Period,
    Report,
    due_of,
    parse_period,
    words_of,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from app.access import Actor
    from app.school.models import OrgUnit
    from reports.releases.rules import Release
    from reports.submissions.queries import Standing, WardLine

bp = Blueprint("submissions", __name__, template_folder="../templates")
MOST_SCHOOLS: Final = 60
"""More schools than these are listed ward by ward: a province's 430 reports took 1.3 s of processor to work out."""


@bp.get("/submissions")
def submissions() -> str:
    """List the schools with where their report stands."""
    actor, today = current_actor(), clock.today()
    schools = school_rows_for(actor, VIEW_SUBMISSIONS)
    months = months_with_figures(db.session(), [unit.id for unit in schools])
    period = _period_asked_for(months, today)
    wards = lines_of_wards(db.session(), schools, period, today)
    ward = _ward_to_list(wards, len(schools))
    shown = [unit for unit in schools if ward is None or unit.parent_id == ward.id]
    reports = [one for one in reports_of(db.session(), shown, period, today) if one.is_there]
    rows = standings(db.session(), actor, reports, today)
    return render_template(
        "submissions/submissions.html",
        period=period,
        words=words_of(period),
        choices=_choices(months, period, today),
        rows=rows,
        state_names=STATE_NAMES,
        due=due_of(period),
        reminders=reminders_of(db.session(), [row.report.school_id for row in rows], period),
        late=[row for row in rows if row.late],
        late_everywhere=sum(one.late for one in wards),
        ward=ward,
        names_of_wards=tuple((one.id, one.name) for one in wards),
        is_long=len(schools) > MOST_SCHOOLS,
        may_remind=any(row.flags.may_remind for row in rows),
        remind_form=RemindForm(formdata=None, period=str(period)),
        **_columns(period, rows, wards, today),
    )


def _ward_to_list(wards: Sequence[WardLine], schools: int) -> WardLine | None:
    """Return the ward whose schools are listed: the one asked for, or of a whole province the first; None for all."""
    asked = request.args.get("ward", type=int)
    first = wards[0] if schools > MOST_SCHOOLS and wards else None
    return next((one for one in wards if one.id == asked), first)


def _choices(months: Sequence[Month], period: Period, today: date) -> list[tuple[str, str]]:
    """Return (value, name) of the periods to choose from: the official ones first, then months, each newest first."""
    found: list[Period] = [*official_periods(db.session(), today), *months]
    if period not in found:
        found.append(period)
    return [(str(one), words_of(one)) for one in found]


def _columns(
    period: Period, rows: Sequence[Standing], wards: Sequence[WardLine], today: date
) -> dict[str, object]:
    """Return what the list shows beside the state: registers of a month, numbers of a form."""
    if isinstance(period, OfficialPeriod):
        wholes = {
            row.report.school_id: row.report.whole for row in rows if isinstance(row.report, FormReport)
        }
        return {"is_month": False, "wholes": wholes, "wards": [(ward, None) for ward in wards]}
    lines = {
        row.report.school_id: line_of(
            row.report.school_id, row.report.name, row.report.figures.counts, period
        )
        for row in rows
        if isinstance(row.report, MonthReport)
    }
    last = min(today, period.after_last - timedelta(days=1))
    ids = [one for ward in wards for one in ward.school_ids]
    on_time = on_time_by_school(db.session(), ids, period.first, last)
    sums = [sum(on_time.get(one, (0, 0))[0] for one in ward.school_ids) for ward in wards]
    return {
        "is_month": True,
        "lines": lines,
        "on_time": on_time,
        "wards": list(zip(wards, sums, strict=True)),
    }


def home_card(actor: Actor) -> dict[str, object] | None:
    """Say on the first page which reports wait for their school; None when there is none or nobody to tell."""
    if not actor.roles & frozenset(VIEW_SUBMISSIONS.reach):
        return None
    found = waiting_reports(db.session(), actor, clock.today())
    return {"waiting": [(one, words_of(one.period)) for one in found]} if found else None


@bp.get("/submissions/<int:school_id>")
def submission(school_id: int) -> str:
    """Show a school's report: what was found, what leaves, and what may be done."""
    actor, today, session = current_actor(), clock.today(), db.session()
    school = school_for(actor, VIEW_SUBMISSIONS, school_id)
    period = _period_asked_for(months_with_figures(session, [school.id]), today)
    report = reports_of(session, [school], period, today)[0]
    seen = {"period": str(period), "seen": report.digest}
    return render_template(
        "submissions/submission.html",
        school=school,
        period=period,
        words=words_of(period),
        row=standings(session, actor, [report], today)[0],
        events=events_of(session, school.id, period),
        due=due_of(period),
        reminder=reminders_of(session, [school.id], period).get(school.id),
        accept_form=AcceptForm(formdata=None, **seen),
        hand_on_form=HandOnForm(formdata=None, **seen),
        return_form=ReturnForm(formdata=None, period=str(period)),
        reopen_form=ReopenForm(formdata=None, period=str(period)),
        may_see_report=actor.may(VIEW_REPORT, place_of_unit(school.id)),
        may_see_class=actor.may(VIEW_CLASS, place_of_unit(school.id)),
        event_names=EVENT_NAMES,
        state_names=STATE_NAMES,
        **_besides(school, report),
    )


def _besides(school: OrgUnit, report: Report) -> Mapping[str, object]:
    """Return what the page shows besides the steps, which are the same for all."""
    if isinstance(report, FormReport):
        return _of_form(school, report)
    if isinstance(report, MonthReport):
        return _of_month(school, report)
    raise NotFoundError


def _of_month(school: OrgUnit, report: MonthReport) -> Mapping[str, object]:
    """Return what a month's page shows besides: figures, missing registers, what leaves and has left."""
    session, month = db.session(), report.period
    return {
        "is_month": True,
        "line": line_of(school.id, school.name, report.figures.counts, month),
        "missing": missing_registers(session, school.id, month),
        "may_open": current_actor().may(VIEW_REGISTER, place_of_unit(school.id)),
        "release": release_of(school, month) if report.is_there else None,
        "sent": latest_slice(session, school.id, DATASET, str(month)),
        "hub_owner": hub_owner(session),
    }


def _of_form(school: OrgUnit, report: FormReport) -> Mapping[str, object]:
    """Return what an official form's page shows besides; it is complete, so the look is logged."""
    note_view(current_actor(), school, report.period)
    return {"is_month": False, "form": report.figures, "columns": COLUMN_NAMES}


def release_of(school: OrgUnit, month: Month) -> Release:
    """Make the release outside the event loop: protecting and attacking it takes up to a second."""
    figures = month_of_school(db.session(), school, month, clock.today())
    frozen = frozen_cells(db.session(), school.id, month)
    together = together_by_school(db.session(), [school.id], month)[school.id]
    return jobs.offload(lambda: release_month(figures, frozen, together=together))


def _period_asked_for(months: Sequence[Month], today: date) -> Period:
    """Return the period of the address ("month" is what addresses kept from before say), or the month to accept."""
    asked = request.args.get("period", "") or request.args.get("month", "")
    return parse_period(asked) or _month_to_accept(months, today)


def _month_to_accept(months: Sequence[Month], today: date) -> Month:
    """Return the newest month that is over, or else the newest that has figures."""
    over = [month for month in months if month.after_last <= today]
    return next(iter(over or months), Month.of(today))


def address_of(school_id: int, period: Period) -> str:
    """Return the address of a school's report."""
    return url_for("submissions.submission", school_id=school_id, period=period)
