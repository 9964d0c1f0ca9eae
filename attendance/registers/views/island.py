"""What the island of a sheet gets: who is in the class, what stands, what is suggested, what this person may do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flask import url_for

from app import clock, db
from app.http import translate
from app.photos.queries import keeps_photos
from attendance.excuses.queries import covered_in
from attendance.registers.queries.sheets import place_of_register
from attendance.registers.rules.states import (
    CALL_OFF_REGISTER,
    CORRECT_REGISTER,
    REQUEST_CORRECTION,
    TAKE_REGISTER,
    slot_words,
)
from attendance.registers.views.suggesting import suggested_on

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from app.access import Actor
    from attendance.registers.commands.saving import Saved
    from attendance.registers.models import Register
    from attendance.registers.queries.sheets import MarkLine, Sheet
    from attendance.registers.queries.windows import Window
    from attendance.registers.rules.marks import Code, MarkValue


@dataclass(frozen=True, slots=True)
class Rights:
    """What a person may do with a register that has begun, windows aside."""

    may_take: bool
    may_correct: bool
    may_call_off: bool
    may_request: bool


def rights_at(actor: Actor, register: Register) -> Rights:
    """Return what a person may do with a register; nothing with one of a day to come."""
    place, is_begun = place_of_register(register), register.day <= clock.today()
    may = [
        is_begun and actor.may(permission, place)
        for permission in (TAKE_REGISTER, CORRECT_REGISTER, CALL_OFF_REGISTER, REQUEST_CORRECTION)
    ]
    return Rights(*may)


def island(actor: Actor, sheet: Sheet, window: Window) -> dict[str, object]:
    """Return what the island needs."""
    register, rights = sheet.register, rights_at(actor, sheet.register)
    (kept,) = kept_ahead(actor, [sheet])
    return {
        **kept,
        "photos": _photos_url(register),
        "mayTake": rights.may_take and window.is_open,
        "mayCorrect": rights.may_correct and window.is_open,
        "isClosed": not window.is_open,
    }


def kept_ahead(actor: Actor, sheets: Sequence[Sheet]) -> list[dict[str, object]]:
    """Return what a teacher's device keeps of sheets ahead of their days; what is suggested is as of now.

    Whether a save comes too early or too late is decided when it arrives, by the server's clock.
    """
    suggested = suggested_on(sheets)
    excused = covered_in(db.session(), [sheet.register.id for sheet in sheets])
    return [
        {
            **_plain(actor, sheet),
            "suggestions": suggested.of(sheet.register.id),
            "excused": {str(pupil): why for pupil, why in excused.get(sheet.register.id, {}).items()},
            "order": [kind.value for kind in suggested.order(sheet.register.school_id)],
            "asOf": clock.local(clock.now()).isoformat(timespec="seconds"),
        }
        for sheet in sheets
    ]


def _plain(actor: Actor, sheet: Sheet) -> dict[str, object]:
    register = sheet.register
    return {
        "register": register.id,
        "user": actor.user_id,
        "classId": register.class_id,
        "className": sheet.school_class.name,
        "title": translate(slot_words(register.slot)),
        "day": register.day.isoformat(),
        "slot": register.slot,
        "pupils": [{"id": p.id, "number": p.number, "name": p.full_name} for p in sheet.pupils],
        "seats": _seats_json(sheet),
        "codes": [_code_json(code, is_offered=code in sheet.codes.offered) for code in sheet.codes.all],
        "standing": state_json(register, sheet.marks),
        "mayTake": True,
        "mayCorrect": False,
        "isClosed": False,
        "urls": _urls(register),
    }


def _urls(register: Register) -> dict[str, str]:
    """Return where a sheet is read and saved; nothing for the period of a device for which there is no register yet."""
    if register.id < 0:
        return {
            "state": "",
            "save": "",
            "correct": "",
            "signIn": url_for("accounts.sign_in", next="/offline"),
        }
    return {
        "state": url_for("registers.state", register_id=register.id),
        "save": url_for("registers.save", register_id=register.id),
        "correct": url_for("registers.correct", register_id=register.id),
        "signIn": url_for("accounts.sign_in", next=url_for("registers.sheet", register_id=register.id)),
    }


def _photos_url(register: Register) -> str | None:
    """Return where the sheet gets the class's photographs, None where the school keeps none."""
    if not keeps_photos(db.session(), register.school_id):
        return None
    return url_for("photos.for_sheet", class_id=register.class_id)


def _seats_json(sheet: Sheet) -> dict[str, object] | None:
    """Return how the class sits: the size of the room and [pupil, row, column] of who is in the class that day."""
    if sheet.plan is None:
        return None
    members = {pupil.id for pupil in sheet.pupils}
    places = [[one.pupil_id, one.row, one.column] for one in sheet.plan.seats if one.pupil_id in members]
    return {"rows": sheet.plan.rows, "columns": sheet.plan.columns, "places": places}


def _code_json(code: Code, *, is_offered: bool) -> dict[str, object]:
    return {
        "letter": code.letter,
        "name": translate(code.name),
        "isPresent": code.is_present,
        "isLate": code.is_late,
        "isEarlyLeave": code.is_early_leave,
        "needsReason": code.needs_reason,
        "isOffered": is_offered,
    }


# --- what stands --------------------------------------------------------------------------------------------------


def state_json(register: Register, lines: Mapping[int, MarkLine]) -> dict[str, object]:
    """Return what stands in a register."""
    return {
        "version": register.row_version,
        "state": register.state,
        "counters": asdict(register.counters),
        "marks": marks_json(lines),
        "conflicts": [],
    }


def standing_json(saved: Saved) -> dict[str, object]:
    """Return what stands after a save."""
    return {
        "version": saved.version,
        "state": saved.state.value,
        "counters": asdict(saved.counters),
        "marks": marks_json(saved.marks),
        "conflicts": [],
    }


def marks_json(lines: Mapping[int, MarkLine]) -> dict[str, object]:
    """Return the marks by pupil, the office's letter beside the teacher's word."""
    return {
        str(pupil_id): {
            **value_json(line.value),
            "office": line.office_letter if line.is_corrected else None,
        }
        for pupil_id, line in lines.items()
    }


def value_json(value: MarkValue) -> dict[str, object]:
    """Return what a teacher says of one pupil."""
    return {
        "letter": value.letter,
        "minutes_late": value.minutes_late,
        "arrived": value.arrived,
        "left": value.left,
        "reason": value.reason,
        "note": value.note,
    }
