"""Coming in as a guest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from flask import Blueprint, jsonify, request

from app.cookies import read_cookie
from app.errors import NotFoundError
from app.payload import Size, build
from classroom.guests.commands import admit_guest
from classroom.guests.events import guest_state
from classroom.lessons.events import DEVICE_COOKIE
from classroom.seats.rules import device_hash
from classroom.seats.views import live_lesson

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

bp = Blueprint("guests", __name__)


@dataclass(frozen=True, slots=True)
class GuestWanted:
    """Under which nickname somebody comes in."""

    nickname: Annotated[str, Size(1, 60)]


@bp.post("/j/<code>/guest")
def admit(code: str) -> Response:
    """Let this device in as a guest of a lesson that takes guests."""
    lesson = live_lesson(code)
    token = read_cookie(DEVICE_COOKIE)
    if lesson is None or not token:
        raise NotFoundError
    wanted = build(GuestWanted, request.get_json(silent=True))
    guest_id = admit_guest(lesson.id, wanted.nickname, device_hash(token))
    return jsonify({"ok": True, "guest": wanted.nickname.strip(), **guest_state(lesson.id, guest_id)})
