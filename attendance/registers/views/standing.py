"""Pages about how registers stand: called off, held after all, as they stood at a moment; the periods of a session."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING
from uuid import uuid4
from zoneinfo import ZoneInfo

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.errors import InvalidError
from app.http import current_actor
from app.i18n import N_
from app.school.queries import class_for
from app.school.rules import DaySession
from attendance.registers.commands.calling_off import Wish, call_off, hold_again
from attendance.registers.commands.periods import open_period
from attendance.registers.forms import PeriodForm, WishForm
from attendance.registers.queries.past import members_on, registers_as_they_stood
from attendance.registers.queries.sheets import register_for
from attendance.registers.rules.states import CALL_OFF_REGISTER, STATE_NAMES, TAKE_REGISTER, VIEW_REGISTER
from attendance.registers.views.sheet import bp

if TYPE_CHECKING:
    from werkzeug.wrappers import Response


@bp.post("/registers/<int:register_id>/call-off")
def called_off(register_id: int) -> Response:
    """Say that a session is not held, with the reason."""
    actor = current_actor()
    register = register_for(actor, CALL_OFF_REGISTER, register_id)
    call_off(actor, register.id, _wish())
    flash(_("Đã ghi: không học."), "success")
    return redirect(url_for("registers.sheet", register_id=register_id))


@bp.post("/registers/<int:register_id>/hold")
def held(register_id: int) -> Response:
    """Take "not held" back."""
    actor = current_actor()
    register = register_for(actor, CALL_OFF_REGISTER, register_id)
    hold_again(actor, register.id, _wish())
    flash(_("Đã bỏ ghi “không học”. Sổ trở lại như trước."), "success")
    return redirect(url_for("registers.sheet", register_id=register_id))


def _wish() -> Wish:
    form = WishForm()
    form.validate_on_submit()
    return Wish((form.client_key.data or uuid4().hex)[:40], (form.why.data or "").strip()[:200])


@bp.post("/registers/period/<int:class_id>")
def open_of_period(class_id: int) -> Response:
    """Go to a class's register of a period, making it when nobody has."""
    school_class = class_for(current_actor(), TAKE_REGISTER, class_id)
    form = PeriodForm()
    if not form.validate_on_submit() or form.day.data is None or form.number.data is None:
        raise InvalidError(N_("Yêu cầu không đủ: cần lớp, ngày, buổi và tiết."))
    day_session = DaySession(form.day_session.data or "")
    register_id = open_period(school_class, form.day.data, day_session, form.number.data)
    return redirect(url_for("registers.sheet", register_id=register_id))


@bp.get("/registers/as-of/<int:class_id>")
def as_of(class_id: int) -> str:
    """Show a class's registers of a day as they stood at a moment: ?at=2026-10-03T09:00, by the school's clock.

    The day is that of the moment, or `day`: what was known on Monday of last Friday.
    """
    school_class = class_for(current_actor(), VIEW_REGISTER, class_id)
    moment = _asked_moment()
    day = _asked_day() or clock.civil_date(moment)
    return render_template(
        "registers/as_of.html",
        school_class=school_class,
        moment=clock.local(moment),
        day=day,
        registers=registers_as_they_stood(db.session(), class_id, school_class.school_id, day, moment),
        members=members_on(db.session(), class_id, day),
        state_names=STATE_NAMES,
    )


def _asked_moment() -> datetime:
    text = request.args.get("at", "")
    if not text:
        return clock.now()
    try:
        return datetime.fromisoformat(text[:16]).replace(tzinfo=ZoneInfo(clock.SCHOOL_ZONE)).astimezone(UTC)
    except ValueError as error:
        raise InvalidError(N_("Thời điểm viết như 2026-10-03T09:00.")) from error


def _asked_day() -> date | None:
    try:
        return date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        return None
