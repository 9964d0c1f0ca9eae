"""The sheet of a register: its page, and the JSON that its island sends and gets."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from app import clock, db
from app.errors import ConflictError, InvalidError, SignedOutError
from app.http import current_actor
from app.i18n import N_
from app.payload import build
from app.school.queries import class_for
from app.school.rules import DaySession
from attendance.registers.commands.correcting import correct_mark
from attendance.registers.commands.opening import open_register
from attendance.registers.commands.saving import save_register
from attendance.registers.commands.windows import hand_of
from attendance.registers.events import tell_standing
from attendance.registers.forms import CorrectionForm, OpenForm, SaveForm
from attendance.registers.queries.periods import periods_of_session, skipped_periods
from attendance.registers.queries.sheets import (
    allowed_register,
    history,
    mark_lines,
    register_at,
    register_for,
    roll_of,
    sheet_of,
)
from attendance.registers.queries.sheets import codes as known_codes
from attendance.registers.queries.windows import window_of
from attendance.registers.rules.chain import letter_of, state_of
from attendance.registers.rules.states import (
    CORRECT_REGISTER,
    STATE_NAMES,
    TAKE_REGISTER,
    VIEW_REGISTER,
    session_of,
    slot_words,
)
from attendance.registers.views.island import island, rights_at, standing_json, state_json, value_json

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from app.access import Actor
    from attendance.registers.commands.saving import Saved, ShownConflict

bp = Blueprint("registers", __name__, template_folder="../templates")


@bp.post("/registers/open/<int:class_id>")
def open_sheet(class_id: int) -> Response:
    """Go to a class's register of a session, making it when it is due and nobody has laid it out."""
    school_class = class_for(current_actor(), TAKE_REGISTER, class_id)
    form = OpenForm()
    if not form.validate_on_submit() or form.day.data is None:
        raise InvalidError(N_("Yêu cầu không đủ: cần lớp, ngày và buổi."))
    register_id = open_register(school_class, form.day.data, DaySession(form.day_session.data or ""))
    return redirect(url_for("registers.sheet", register_id=register_id))


@bp.get("/registers/<int:register_id>")
def sheet(register_id: int) -> str:
    """Show the sheet on which a register is taken, read or corrected."""
    actor = current_actor()
    register = register_for(actor, VIEW_REGISTER, register_id)
    found = sheet_of(db.session(), register)
    window = window_of(db.session(), register, hand_of(actor, register))
    return render_template(
        "registers/sheet.html",
        sheet=found,
        slot=slot_words(register.slot),
        state_names=STATE_NAMES,
        island=island(actor, found, window),
        window=window,
        rights=rights_at(actor, register),
        periods=periods_of_session(db.session(), register),
        session_register=register_at(
            db.session(), register.class_id, register.day, session_of(register.slot)
        ),
        skipped=skipped_periods(db.session(), register.day, class_id=register.class_id),
        client_key=uuid4().hex,
    )


@bp.get("/registers/<int:register_id>/state")
def state(register_id: int) -> tuple[Response, int] | tuple[str, int]:
    """Say what stands in a register now; nothing (204) when the asker has seen this version."""
    register = register_for(current_actor(), VIEW_REGISTER, register_id)
    if request.args.get("since", type=int) == register.row_version:
        return "", 204
    lines = mark_lines(roll_of(db.session(), register), known_codes(db.session(), register.school_id))
    return jsonify(state_json(register, lines)), 200


@bp.post("/registers/<int:register_id>/save")
def save(register_id: int) -> Response:
    """Store what a device sends; 409 with what stands beside what was wished when somebody must decide."""
    actor = current_actor()
    register_id = allowed_register(actor, TAKE_REGISTER, register_id)
    sent = build(SaveForm, request.get_json(silent=True))
    if sent.author not in {None, actor.user_id}:
        raise SignedOutError  # the taps of somebody else, who has to sign in again on this device
    wanted = sent.read()
    return _told(actor, register_id, wanted.device, save_register(actor, register_id, wanted))


@bp.post("/registers/<int:register_id>/correct")
def correct(register_id: int) -> Response:
    """Store a correction by the office."""
    actor = current_actor()
    register = register_for(actor, CORRECT_REGISTER, register_id)
    wanted = build(CorrectionForm, request.get_json(silent=True)).read()
    return _told(actor, register.id, wanted.device, correct_mark(actor, register.id, wanted))


@bp.get("/registers/<int:register_id>/history")
def register_history(register_id: int) -> str:
    """Show everything that happened to a register, the latest first."""
    register = register_for(current_actor(), VIEW_REGISTER, register_id)
    return render_template(
        "registers/history.html",
        sheet=sheet_of(db.session(), register),
        slot=slot_words(register.slot),
        events=history(db.session(), register.id),
        letter_of=letter_of,
        state_of=state_of,
        local=clock.local,
        state_names=STATE_NAMES,
    )


# --- JSON ---------------------------------------------------------------------------------------------------------


def _told(actor: Actor, register_id: int, device: str, saved: Saved) -> Response:
    """Answer, and tell those who have the register open what stands now."""
    tell_standing(register_id, standing_json(saved), actor.name, device)
    return _answer(saved)


def _answer(saved: Saved) -> Response:
    standing = standing_json(saved) | {"conflicts": [_conflict_json(one) for one in saved.conflicts]}
    if saved.conflicts:
        raise ConflictError(N_("Có học sinh vừa được người khác ghi khác bạn. Hãy chọn."), standing)
    return jsonify(standing)


def _conflict_json(shown: ShownConflict) -> dict[str, object]:
    conflict = shown.conflict
    return {
        "operation": conflict.operation.id,
        "pupil": conflict.operation.pupil_id,
        "refusal": conflict.refusal.value,
        "yours": value_json(conflict.operation.value),
        "current": value_json(conflict.current),
        "by": shown.by,
        "at": shown.at.isoformat() if shown.at else None,
    }
