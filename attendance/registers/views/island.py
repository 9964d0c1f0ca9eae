"""What the island of a sheet gets: who is in the class, what stands, what is suggested, what this person may do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from flask import url_for

from app import clock, db
from app.http import translate
from app.i18n import say
from app.photos.queries import keeps_photos
from attendance.evidence.queries import sightings
from attendance.evidence.rules import EvidenceKind, first_sightings, minutes_late
from attendance.evidence.rules import suggestion as evidence_words
from attendance.excuses.queries import approved_for, covered_pupils, session_slot
from attendance.outings.queries import away_on_outings
from attendance.registers.queries.periods import absent_before, session_begins_at
from attendance.registers.queries.sheets import place_of_register
from attendance.registers.rules.states import (
    CALL_OFF_REGISTER,
    CORRECT_REGISTER,
    REQUEST_CORRECTION,
    TAKE_REGISTER,
    slot_words,
)
from attendance.registers.rules.suggestions import Suggestion, in_order
from attendance.rulebook.queries import rulebook_of
from attendance.rulebook.rules import SuggestionKind

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

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
    return {
        **kept_ahead(actor, sheet),
        "photos": _photos_url(register),
        "suggestions": _suggestions_json(sheet),
        "excused": {
            str(pupil): reason for pupil, reason in covered_pupils(db.session(), register.id).items()
        },
        "mayTake": rights.may_take and window.is_open,
        "mayCorrect": rights.may_correct and window.is_open,
        "isClosed": not window.is_open,
    }


def kept_ahead(actor: Actor, sheet: Sheet) -> dict[str, object]:
    """Return what a teacher's device keeps of a sheet ahead of its day: without a query, and so without suggestions.

    Whether a save comes too early or too late is decided when it arrives, by the server's clock.
    """
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
        "codes": [_code_json(code) for code in sheet.codes.offered],
        "standing": state_json(register, sheet.marks),
        "suggestions": {},
        "excused": {},
        "mayTake": True,
        "mayCorrect": False,
        "isClosed": False,
        "urls": {
            "state": url_for("registers.state", register_id=register.id),
            "save": url_for("registers.save", register_id=register.id),
            "correct": url_for("registers.correct", register_id=register.id),
            "signIn": url_for("accounts.sign_in", next=url_for("registers.sheet", register_id=register.id)),
        },
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


def _code_json(code: Code) -> dict[str, object]:
    return {
        "letter": code.letter,
        "name": translate(code.name),
        "isPresent": code.is_present,
        "isLate": code.is_late,
        "isEarlyLeave": code.is_early_leave,
        "needsReason": code.needs_reason,
    }


# --- suggestions --------------------------------------------------------------------------------------------------


def _suggestions_json(sheet: Sheet) -> dict[str, object]:
    order = rulebook_of(db.session(), sheet.register.school_id).order
    found = in_order(
        [*_from_excuses(sheet), *_from_before(sheet), *_from_outings(sheet), *_from_evidence(sheet)], order
    )
    return {
        str(pupil): [
            {
                "kind": one.kind.value,
                "words": translate(one.words),
                "letter": one.letter,
                "minutes": one.minutes,
            }
            for one in lines
        ]
        for pupil, lines in found.items()
    }


def _from_excuses(sheet: Sheet) -> Iterator[Suggestion]:
    register = sheet.register
    letter = next(
        (code.letter for code in sheet.codes.offered if code.is_authorised and not code.is_present), None
    )
    found = approved_for(
        db.session(),
        [pupil.id for pupil in sheet.pupils],
        register.school_id,
        register.day,
        session_slot(register.slot),
    )
    for excuse in found:
        words = say("đơn nghỉ đã duyệt: %(reason)s", reason=excuse.reason)
        yield Suggestion(excuse.pupil_id, SuggestionKind.EXCUSE, words, letter)


def _from_before(sheet: Sheet) -> Iterator[Suggestion]:
    before = absent_before(db.session(), sheet.register)
    if before is None:
        return
    letters = {code.id: code.letter for code in sheet.codes.offered}
    where = translate(slot_words(before.slot)).lower()
    for pupil in sheet.pupils:
        letter = letters.get(before.codes.get(pupil.id, 0))
        if letter is not None:
            words = say("vắng %(where)s (%(letter)s)", where=where, letter=letter)
            yield Suggestion(pupil.id, SuggestionKind.PREVIOUS, words, letter)


def _from_outings(sheet: Sheet) -> Iterator[Suggestion]:
    register = sheet.register
    letter = next((code.letter for code in sheet.codes.offered if code.is_school_event), None)
    pupils = [pupil.id for pupil in sheet.pupils]
    for pupil_id, name in away_on_outings(db.session(), pupils, register.day, session_slot(register.slot)):
        yield Suggestion(pupil_id, SuggestionKind.OUTING, say("đi hoạt động: %(name)s", name=name), letter)


def _from_evidence(sheet: Sheet) -> Iterator[Suggestion]:
    register, slot = sheet.register, session_slot(sheet.register.slot)
    found = first_sightings(sightings(db.session(), [pupil.id for pupil in sheet.pupils], register.day), slot)
    letter = next((code.letter for code in sheet.codes.offered if code.is_late), None)
    at_gate = letter is not None and any(one.kind is EvidenceKind.GATE for one in found)
    begins_at = session_begins_at(db.session(), register) if at_gate else None
    for one in found:
        kind = SuggestionKind.GATE if one.kind is EvidenceKind.GATE else SuggestionKind.LESSON
        late = minutes_late(one, begins_at)
        words = evidence_words(one, late)
        yield Suggestion(one.pupil_id, kind, words, letter if late is not None else None, late)


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
