"""Pages of the calendar: a unit's year, a decision, undo, the year's frame, the calendar as a workbook."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from flask import Blueprint, flash, make_response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import BangXanhError, InvalidError, NotFoundError
from app.http import current_actor, translate
from app.lists.rules import in_memory
from app.lists.views import answer
from app.school.calendar import commands, queries, rules
from app.school.calendar.forms import INHERIT, DecisionForm, NewYearForm, YearForm
from app.school.calendar.rules import EDIT_CALENDAR, EDIT_YEAR, Decision
from app.school.calendar.views.lists import units_list
from app.school.models import OrgUnit, SchoolYear
from app.school.queries import latest_year, place_of_unit, schools_for, unit_for, year_on
from app.school.rules import SESSION_NAMES, VIEW_SCHOOL, DayKind, DaySession
from app.text import file_name_safe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from werkzeug.wrappers import Response

bp = Blueprint("calendar", __name__, template_folder="../templates")
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
UNPROCESSABLE: Final = 422
ONE_DAY: Final = timedelta(days=1)
SHOWN_CHANGES: Final = 40


@bp.get("/calendar")
def index() -> Response | str:
    """Go to the calendar of the one unit where the person works, or let them choose."""
    actor = current_actor()
    session = db.session()
    units = [session.get_one(OrgUnit, unit_id) for unit_id in sorted(actor.unit_ids(VIEW_SCHOOL))]
    schools = schools_for(actor, VIEW_SCHOOL)
    found = list({unit.id: unit for unit in [*units, *schools]}.values())
    if len(found) == 1:
        return redirect(url_for("calendar.year", unit_id=found[0].id))
    spec = units_list(found)
    may_edit = actor.may_somewhere(EDIT_YEAR)
    return answer("calendar/index.html", spec, in_memory(spec, found), may_edit_years=may_edit)


@bp.get("/calendar/<int:unit_id>")
def year(unit_id: int) -> str:
    """Show twelve months of a unit, with the form for a decision."""
    unit = unit_for(current_actor(), VIEW_SCHOOL, unit_id)
    form = DecisionForm(first=_asked_day("first"), last=_asked_day("last"))
    form.client_key.data = secrets.token_urlsafe(24)
    return _year_page(unit, form)


@bp.post("/calendar/<int:unit_id>")
def decide(unit_id: int) -> Response | tuple[str, int]:
    """Write a decision about a day or a range."""
    actor = current_actor()
    unit = unit_for(actor, EDIT_CALENDAR, unit_id)
    form = DecisionForm()
    if not form.validate_on_submit():
        return _year_page(unit, form), UNPROCESSABLE
    try:
        commands.decide_days(actor, unit_id, _decision(form), form.client_key.data or "")
    except InvalidError as error:
        for name, why in error.fields.items():
            form[name].errors = [translate(why)]
        return _year_page(unit, form), UNPROCESSABLE
    flash(_("Đã ghi vào lịch. Có thể hoàn tác ở mục “Các quyết định”."), "success")
    return redirect(url_for("calendar.year", unit_id=unit_id, year=request.args.get("year")))


@bp.post("/calendar/changes/<int:change_id>/undo")
def undo(change_id: int) -> Response:
    """Take a decision back."""
    actor = current_actor()
    change = queries.change_for(actor, change_id)
    unit_id, day = change.unit_id, change.first
    commands.undo_change(actor, change_id)
    flash(_("Đã hoàn tác. Lịch như trước quyết định đó."), "success")
    found = year_on(db.session(), day)
    return redirect(url_for("calendar.year", unit_id=unit_id, year=found.id if found else None))


@bp.get("/calendar/<int:unit_id>.xlsx")
def export(unit_id: int) -> Response:
    """Give the decided days of a year as a workbook."""
    unit = unit_for(current_actor(), VIEW_SCHOOL, unit_id)
    found = _asked_year()
    titles = (
        _("Ngày"),
        _("Thứ"),
        _("Loại ngày"),
        _("Có học"),
        _("Theo TKB"),
        _("Lý do"),
        _("Quyết định của"),
        _("Người quyết định"),
        _("Lúc"),
    )
    calendar = queries.unit_calendar(db.session(), unit_id, found)
    deciders = queries.deciders(queries.changes_of(db.session(), calendar, found))
    answer = make_response(rules.workbook_of(titles, _rows(calendar, deciders)))
    answer.headers["Content-Type"] = XLSX
    name = file_name_safe(f"lich {found.code} {unit.name}")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    return answer


@bp.get("/years")
def years() -> str:
    """List the school years with their frames."""
    return _years_page(NewYearForm())


@bp.post("/years")
def add_year() -> Response | tuple[str, int]:
    """Make a school year with the usual frame."""
    form = NewYearForm()
    if not form.validate_on_submit():
        return _years_page(form), UNPROCESSABLE
    try:
        commands.add_year(current_actor(), form.code.data or "")
    except InvalidError as error:
        form.code.errors = [translate(error.message)]
        return _years_page(form), UNPROCESSABLE
    return redirect(url_for("calendar.years"))


@bp.post("/years/<int:year_id>")
def change_year(year_id: int) -> Response | tuple[str, int]:
    """Move the frame of a school year."""
    if db.session().get(SchoolYear, year_id) is None:
        raise NotFoundError
    form = YearForm()
    if not form.validate_on_submit():
        return _years_page(NewYearForm(formdata=None), _("Nhập đủ ba ngày của năm học.")), UNPROCESSABLE
    last = form.last.data or clock.today()
    try:
        commands.change_year(
            current_actor(),
            year_id,
            form.starts_on.data or last,
            form.second_semester_on.data or last,
            last + ONE_DAY,
        )
    except BangXanhError as error:
        return _years_page(NewYearForm(formdata=None), translate(str(error))), UNPROCESSABLE
    flash(_("Đã lưu khung năm học."), "success")
    return redirect(url_for("calendar.years"))


# --- what the pages show ------------------------------------------------------------------------------------------


def _decision(form: DecisionForm) -> Decision:
    kind = None if form.kind.data == INHERIT else DayKind(form.kind.data)
    follows = int(form.follows_weekday.data) if form.follows_weekday.data else None
    today = clock.today()
    return Decision(
        form.first.data or today,
        (form.last.data or today) + ONE_DAY,
        kind,
        follows if kind is DayKind.MAKE_UP else None,
        (form.note.data or "").strip(),
        DaySession(form.only_session.data) if form.only_session.data and kind is DayKind.PARTIAL else None,
    )


def _rows(
    calendar: queries.UnitCalendar, deciders: Mapping[tuple[int, date], queries.Change]
) -> list[tuple[str, ...]]:
    """Return a line for each day of the year on which something was decided."""
    rows: list[tuple[str, ...]] = []
    for what in calendar.days:
        if found := calendar.decided.get(what.day):
            follows, only = found.entry.follows_weekday, found.entry.only_session
            by = deciders.get((found.unit_id, what.day))
            rows.append(
                (
                    what.day.strftime("%d/%m/%Y"),
                    translate(rules.WEEKDAY_NAMES[what.day.isoweekday()]),
                    translate(rules.KIND_NAMES[found.entry.kind])
                    + (
                        _(", chỉ học %(session)s", session=translate(SESSION_NAMES[only]).lower())
                        if only
                        else ""
                    ),
                    _("Có") if what.is_teaching else _("Không"),
                    translate(rules.WEEKDAY_NAMES[follows]) if follows else "",
                    found.entry.note,
                    calendar.unit_names[found.unit_id],
                    (by.decided_by or _("Dòng lệnh")) if by else "",
                    clock.local(by.decided_at).strftime("%d/%m/%Y %H:%M") if by else "",
                )
            )
    return rows


def _asked_day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _asked_year() -> SchoolYear:
    """Return the school year in the address, else the present one; raise NotFoundError when there is none at all."""
    asked = request.args.get("year", type=int)
    session = db.session()
    found = session.get(SchoolYear, asked) if asked else latest_year(session, clock.today())
    if found is None:
        raise NotFoundError
    return found


def _year_page(unit: OrgUnit, form: DecisionForm) -> str:
    session, actor = db.session(), current_actor()
    known = queries.years(session)
    if not known:
        return render_template(
            "calendar/no_year.html", unit=unit, may_edit_years=actor.may_somewhere(EDIT_YEAR)
        )
    found = _asked_year()
    calendar = queries.unit_calendar(session, unit.id, found)
    changes = queries.changes_of(session, calendar, found)
    return render_template(
        "calendar/year.html",
        unit=unit,
        year=found,
        years=known,
        calendar=calendar,
        months=rules.months_of(
            (found.starts_on, found.ends_on), calendar.weekdays, calendar.decided, unit.id
        ),
        weeks=rules.taught_weeks(calendar.days, found.second_semester_on, calendar.weekdays),
        changes=changes[:SHOWN_CHANGES],
        deciders=queries.deciders(changes),
        kinds=rules.KIND_NAMES,
        session_names=SESSION_NAMES,
        letters=rules.KIND_LETTERS,
        weekdays=rules.WEEKDAY_NAMES,
        form=form,
        may_edit=actor.may(EDIT_CALENDAR, place_of_unit(unit.id)),
    )


def _years_page(form: NewYearForm, problem: str | None = None) -> str:
    found = queries.years(db.session())
    forms = {
        row.id: YearForm(
            formdata=None,
            prefix="",
            starts_on=row.starts_on,
            second_semester_on=row.second_semester_on,
            last=row.ends_on - ONE_DAY,
        )
        for row in found
    }
    return render_template("calendar/years.html", years=found, forms=forms, form=form, problem=problem)
