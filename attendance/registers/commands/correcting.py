"""Correcting a register that was taken: the office's word stands beside the teacher's, and is the one that counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy.exc import IntegrityError

from app import db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import N_, say
from attendance.registers.commands.events import Draft, append_events
from attendance.registers.commands.saving import Saved
from attendance.registers.commands.standing import settle, tell_saved
from attendance.registers.commands.windows import hand_of, require_month_open, require_open
from attendance.registers.models import Mark, rare_text
from attendance.registers.queries.sheets import changes_since, codes, held_register, mark_lines, roll_of
from attendance.registers.rules.chain import EventKind
from attendance.registers.rules.marks import OFFICE, Author, MarkValue
from attendance.registers.rules.states import RegisterState

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.registers.queries.sheets import Codes, Held, Roll

CORRECTABLE: Final = frozenset({RegisterState.PROVISIONAL, RegisterState.SUBMITTED})


@dataclass(frozen=True, slots=True)
class Correction:
    """What the office says of one pupil, and why. `letter` "" is present; `base` is the version that was looked at.

    `minutes_late` goes with a letter of being late; None leaves what stands.
    """

    id: str
    device: str
    base: int
    pupil_id: int
    letter: str
    why: str
    minutes_late: int | None = None


def correct_mark(actor: Actor, register_id: int, correction: Correction) -> Saved:
    """Store a correction and return what stands after it. The caller has loaded the register for the actor.

    The teacher's mark is kept beside it; saying what the teacher said takes a correction back. The same correction
    again has no second effect. Raises InvalidError without a reason or for an unknown letter, NotFoundError for a pupil
    who is not in the class, and ConflictError when the register was not taken, is locked, or somebody else changed
    this pupil after the version that was looked at.
    """
    if not correction.why:
        why = N_("Hãy ghi lý do sửa.")
        raise InvalidError(why, {"why": why})
    try:
        return _correct(actor, register_id, correction)
    except IntegrityError:
        return _correct(actor, register_id, correction)  # stored meanwhile: it is found now


def _correct(actor: Actor, register_id: int, correction: Correction) -> Saved:
    with db.transaction() as session:
        held = held_register(session, register_id)
        known, roll = codes(session, held.register.school_id), roll_of(session, held.register)
        if not _is_stored(session, actor, held, correction):
            require_open(held, hand_of(actor, held.register))
            _require_correctable(held, roll, known, correction)
            roll = _store(session, actor, held, roll, known, correction)
        return Saved(
            version=held.register.row_version,
            state=held.register.standing,
            counters=held.register.counters,
            marks=mark_lines(roll, known),
        )


def carry_out(session: Session, actor: Actor, held: Held, correction: Correction) -> None:
    """Store a correction that was decided, after every window but not in a closed month, in the running transaction.

    Raises like `correct_mark`.
    """
    require_month_open(held)
    known, roll = codes(session, held.register.school_id), roll_of(session, held.register)
    _require_correctable(held, roll, known, correction)
    _store(session, actor, held, roll, known, correction)


def _is_stored(session: Session, actor: Actor, held: Held, correction: Correction) -> bool:
    """Say whether this correction was stored before; raise ConflictError when somebody else changed the pupil since."""
    stored = changes_since(session, held.register.id, correction.base, [correction.id])
    if any(found.op_id == correction.id for found in stored):
        return True
    author = Author(actor.user_id, correction.device)
    for found in stored:
        if found.change.pupil_id == correction.pupil_id and found.change.author != author:
            message = say("%(name)s vừa sửa học sinh này. Hãy xem lại rồi sửa.", name=found.name)
            raise ConflictError(message, {"version": held.register.row_version})
    return False


def _require_correctable(held: Held, roll: Roll, known: Codes, correction: Correction) -> None:
    state = held.register.standing
    if state not in CORRECTABLE:
        words = (
            N_("Sổ này đã khóa, không sửa trực tiếp được.")
            if state is RegisterState.LOCKED
            else N_("Lớp chưa điểm danh buổi này nên chưa có gì để sửa.")
        )
        raise ConflictError(words, {"state": state.value})
    if correction.pupil_id not in roll.members:
        raise NotFoundError
    if correction.letter and correction.letter not in known.by_letter:
        raise InvalidError(say("Không có ký hiệu điểm danh “%(letter)s”.", letter=correction.letter))


def _store(
    session: Session, actor: Actor, held: Held, roll: Roll, known: Codes, correction: Correction
) -> Roll:
    before = mark_lines(roll, known).get(correction.pupil_id)
    register = held.register
    register.row_version += 1
    roll = _with_mark(session, held, roll, known, correction)
    draft = Draft(
        op_id=correction.id,
        kind=EventKind.CORRECTION,
        before=known.told(MarkValue(before.letter if before else "")),
        after=known.told(MarkValue(correction.letter, minutes_late=correction.minutes_late)),
        pupil_id=correction.pupil_id,
        why=correction.why,
    )
    drafts = [draft, *settle(session, held, roll, known, correction.id)]
    append_events(session, held.day, register, Author(actor.user_id, correction.device), drafts)
    tell_saved(session, register)
    details = {"pupil": correction.pupil_id, "letter": correction.letter}
    record(session, actor, "register.corrected", ("register", register.id), details)
    return roll


def _with_mark(session: Session, held: Held, roll: Roll, known: Codes, correction: Correction) -> Roll:
    marks = dict(roll.marks)
    mark = marks.get(correction.pupil_id)
    code_id = known.by_letter[correction.letter].id if correction.letter else None
    if mark is None:
        mark = Mark(
            register_id=held.register.id,
            pupil_id=correction.pupil_id,
            is_corrected=False,
            more=rare_text(source=OFFICE),
        )
        marks[correction.pupil_id] = mark
    mark.correct(code_id)
    if correction.minutes_late is not None:
        mark.minutes_late = correction.minutes_late
    if mark.code_id is None and not mark.is_corrected:
        del marks[correction.pupil_id]
        if mark in session:
            session.delete(mark)
    else:
        session.add(mark)
    return type(roll)(roll.members, marks)
