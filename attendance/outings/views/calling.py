"""The roll call of an event, for who leads it: a session's registers of all classes that are away, on one page."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import uuid4

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _

from app import clock, db
from app.access import Role
from app.errors import InvalidError
from app.http import current_actor, translate
from app.i18n import N_
from app.school.rules import SESSION_NAMES, DaySession
from attendance.outings.commands.calling import call_roll, take_back
from attendance.outings.forms import call_of
from attendance.outings.queries import led_on, led_outing_for
from attendance.outings.queries.calling import classes_called, days_of, event_letter, sessions_of
from attendance.outings.rules import device_of
from attendance.outings.views.planning import bp
from attendance.registers.events import tell_standing
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.states import STATE_NAMES, session_at
from attendance.registers.views.island import standing_json

if TYPE_CHECKING:
    from collections.abc import Sequence

    from werkzeug.wrappers import Response

    from app.access import Actor
    from attendance.outings.commands.calling import ClassCalled
    from attendance.outings.models import Outing

TEACHERS = frozenset({Role.TEACHER, Role.HOMEROOM_TEACHER})


@bp.get("/outings/<int:outing_id>/roll")
def roll(outing_id: int) -> str:
    """Show who is called in a session of the event, with what the registers of their classes say."""
    outing = led_outing_for(current_actor(), outing_id)
    session, day = db.session(), _day(outing)
    offered = sessions_of(session, outing, day)
    chosen = _session(offered)
    known = codes(session, outing.school_id)
    return render_template(
        "outings/roll.html",
        outing=outing,
        day=day,
        days=days_of(outing),
        today=clock.today(),
        sessions=offered,
        chosen=chosen,
        classes=classes_called(session, outing, day, chosen) if chosen else [],
        codes=known.offered,
        event_letter=event_letter(known),
        session_names=SESSION_NAMES,
        state_names=STATE_NAMES,
        client_key=uuid4().hex[:12],
        back_key=uuid4().hex[:12],
    )


@bp.post("/outings/<int:outing_id>/roll")
def call(outing_id: int) -> Response:
    """Write the roll call into the registers of the classes."""
    actor = current_actor()
    outing = led_outing_for(actor, outing_id)
    day, day_session = _day(outing), _sent_session()
    done = call_roll(actor, outing_id, call_of(request.form, day, day_session))
    _tell(actor, outing_id, done)
    if any(one.saved for one in done):
        flash(_("Đã ghi điểm danh của đoàn."), "success")
    return _back(outing_id, day, day_session)


@bp.post("/outings/<int:outing_id>/roll/back")
def uncall(outing_id: int) -> Response:
    """Take the roll call out of the registers again."""
    actor = current_actor()
    outing = led_outing_for(actor, outing_id)
    day, day_session = _day(outing), _sent_session()
    key = request.form.get("client_key", "")[:12] or uuid4().hex[:12]
    done = take_back(actor, outing_id, day, day_session, key)
    _tell(actor, outing_id, done)
    if any(one.saved for one in done):
        flash(_("Đã bỏ điểm danh của đoàn. Các sổ chờ điểm danh lại."), "success")
    return _back(outing_id, day, day_session)


def led_card(actor: Actor) -> dict[str, object] | None:
    """Return the events that a teacher leads today, for the home page; None when there is none."""
    if not actor.roles & TEACHERS:
        return None
    found = led_on(db.session(), actor.user_id, clock.today())
    return {"outings": found} if found else None


def _tell(actor: Actor, outing_id: int, done: Sequence[ClassCalled]) -> None:
    """Tell open sheets what stands now, and the person what could not be written, class by class."""
    for one in done:
        if one.saved is not None:
            tell_standing(one.register_id, standing_json(one.saved), actor.name, device_of(outing_id))
        if one.problem is not None:
            why = translate(str(one.problem))
            flash(_("Lớp %(name)s: %(why)s", name=one.class_name, why=why), "error")
        elif one.saved is not None and one.saved.conflicts:
            words = _("Lớp %(name)s: người khác vừa ghi khác. Xem lại rồi gửi lại.", name=one.class_name)
            flash(words, "error")


def _back(outing_id: int, day: date, day_session: DaySession) -> Response:
    return redirect(url_for("outings.roll", outing_id=outing_id, day=day, session=day_session.value))


def _day(outing: Outing) -> date:
    """Return the day that was asked for, else today, or the first day of an event of another time."""
    days = days_of(outing)
    try:
        asked = date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        asked = clock.today()
    return asked if asked in days else days[0]


def _session(offered: Sequence[DaySession]) -> DaySession | None:
    """Return the session that was asked for, else the one that is on, else the first."""
    asked = request.args.get("session", "")
    wanted = DaySession(asked) if asked in set(DaySession) else session_at(clock.local(clock.now()).time())
    return wanted if wanted in offered else next(iter(offered), None)


def _sent_session() -> DaySession:
    asked = request.args.get("session", "")
    if asked not in set(DaySession):
        raise InvalidError(N_("Chọn một buổi."))
    return DaySession(asked)
