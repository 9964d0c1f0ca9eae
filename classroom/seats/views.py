"""Joining a lesson: type the code or scan it, tap one's name, confirm with the card."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, Final

from flask import Blueprint, current_app, jsonify, make_response, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeSerializer
from limits import parse

from app import clock, db
from app.access import Role
from app.accounts.views.tries import hit, is_spent
from app.cookies import read_cookie, set_cookie
from app.errors import NotFoundError, RateLimitedError
from app.i18n import say
from app.payload import Range, Size, build
from app.school.queries import own_pupil_ids
from classroom.guests.events import guest_state
from classroom.guests.queries import guest_of_device
from classroom.lessons import queries
from classroom.lessons.events import DEVICE_COOKIE, pupil_state
from classroom.lessons.rules import typed_code
from classroom.seats import commands
from classroom.seats.events import drop_devices
from classroom.seats.queries import lessons_of_pupil, seat_of_device
from classroom.seats.rules import device_hash

if TYPE_CHECKING:
    from limits import RateLimitItem
    from werkzeug.wrappers import Response

    from app.access import Actor
    from app.wiring import PupilAsked
    from classroom.guests.models import Guest
    from classroom.lessons.models import Lesson
    from classroom.seats.models import Seat

bp = Blueprint("seats", __name__, template_folder="templates")
YEAR: Final = 365 * 24 * 3600
PROVED_COOKIE: Final = "bx_proved"
"""Signed: the pupil whose card was proved on this device last."""
PER_PUPIL: Final = parse("20 per 5 minutes")
PER_ADDRESS: Final = parse("600 per 5 minutes")  # a whole school is one address


def pupil_part(asked: PupilAsked) -> dict[str, object] | None:
    """Return the live lessons that a pupil joined this year, for the page that has loaded the pupil."""
    found = lessons_of_pupil(db.session(), asked.pupil_id, asked.first, asked.after_last, asked.school_ids)
    return {"lessons": found}


def join_card(actor: Actor) -> dict[str, object] | None:
    """Ask a pupil for the join code on the home page, naming the lesson that goes on in the own class; None for others.

    The code itself is not told: it is read off the class's screen by who is there.
    """
    if Role.PUPIL not in actor.roles:
        return None
    return {"running": queries.running_in_classes_of(db.session(), own_pupil_ids(actor), clock.today())}


@bp.get("/j")
def enter() -> str | Response:
    """Ask for the join code; a typed one leads to its lesson."""
    code = typed_code(request.args.get("code", ""))
    if code:
        return redirect(url_for("seats.join", code=code))
    return render_template("seats/enter.html", code="", wrong=False)


@bp.get("/j/<code>")
def join(code: str) -> Response:
    """Show the pupil's page of the lesson that goes on under this code."""
    lesson = live_lesson(code)
    if lesson is None:
        page = render_template("seats/enter.html", code=code[:16], wrong=True)
        return _with_device(make_response(page, 404))
    token = read_cookie(DEVICE_COOKIE)
    seat = seat_of_device(db.session(), lesson.id, device_hash(token)) if token else None
    guest = guest_of_device(db.session(), lesson.id, device_hash(token)) if token and not seat else None
    island: dict[str, Any] = {
        "code": lesson.code,
        "lesson": lesson.id,
        "takesGuests": lesson.takes_guests,
        "guest": guest.nickname if guest else None,
        "pupil": seat.pupil_id if seat else None,
        "state": _state(lesson.id, seat, guest),
        "tiles": queries.tiles(db.session(), lesson),
    }
    class_name = queries.class_of(db.session(), lesson).name
    page = render_template("seats/join.html", lesson=lesson, class_name=class_name, island=island)
    return _with_device(make_response(page))


def _state(lesson_id: int, seat: Seat | None, guest: Guest | None) -> dict[str, Any] | None:
    """Return what the page begins with, None while nobody has said who they are."""
    if seat is not None:
        return pupil_state(lesson_id, seat.pupil_id)
    return guest_state(lesson_id, guest.id) if guest else None


@dataclass(frozen=True, slots=True)
class SeatWanted:
    """Who somebody is, and the code on the card that proves it."""

    pupil: Annotated[int, Range(1, 2**31 - 1)]
    card: Annotated[str, Size(1, 16)]


@bp.post("/j/<code>/seat")
def take(code: str) -> Response:
    """Seat this device; the pupil's former device is cut off."""
    lesson = live_lesson(code)
    token = read_cookie(DEVICE_COOKIE)
    if lesson is None or not token:
        raise NotFoundError
    wanted = build(SeatWanted, request.get_json(silent=True))
    device = device_hash(token)
    taken = commands.take_seat(lesson.id, wanted.pupil, wanted.card, device)
    if taken.replaced:
        drop_devices(lesson.id, taken.pupil_id, but=device)
    answer = jsonify({"ok": True, "pupil": taken.pupil_id, **pupil_state(lesson.id, taken.pupil_id)})
    set_cookie(answer, PROVED_COOKIE, str(_signer().dumps(taken.pupil_id)), YEAR)
    return answer


def live_lesson(code: str) -> Lesson | None:
    """Return the lesson under a code, None for a wrong one; after too many wrong ones a right one is refused as well.

    Otherwise whoever goes on guessing learns which code is right. Wrong codes are counted by the pupil whose card this
    device proved last, whatever it calls itself now; devices that proved nothing share their address's count, which a
    whole school may need in its first week (ADR 96).
    """
    limit, who = _counted_by()
    lesson = None if is_spent(limit, *who) else queries.live_lesson(db.session(), code)
    if lesson is None and not hit(limit, *who):
        raise RateLimitedError(say("Đã nhập sai mã nhiều lần. Hãy đợi 5 phút rồi thử lại."), 300)
    return lesson


def _counted_by() -> tuple[RateLimitItem, tuple[str, ...]]:
    try:
        pupil_id = int(_signer().loads(read_cookie(PROVED_COOKIE) or ""))
    except (BadSignature, ValueError):
        return PER_ADDRESS, ("join", request.remote_addr or "")
    return PER_PUPIL, ("join-as", str(pupil_id))


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.config["SECRET_KEY"]), salt="bangxanh.proved")


def _with_device(response: Response) -> Response:
    if not read_cookie(DEVICE_COOKIE):
        set_cookie(response, DEVICE_COOKIE, secrets.token_urlsafe(32), YEAR)
    return response
