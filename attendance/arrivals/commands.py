"""Marking a pupil late at the desk, through the commands with which registers are taken and corrected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from app import clock, db
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import N_, say
from app.school.queries import class_of_pupil_on
from attendance.registers.commands.correcting import Correction, correct_mark
from attendance.registers.commands.opening import open_register
from attendance.registers.commands.saving import Save, save_register
from attendance.registers.models import Register
from attendance.registers.queries.sheets import codes
from attendance.registers.rules.marks import MarkValue, Operation
from attendance.registers.rules.states import TAKEN

if TYPE_CHECKING:
    from app.access import Actor
    from app.school.rules import DaySession
    from attendance.registers.commands.saving import Saved

DEVICE: Final = "office-desk"
SOURCE: Final = "desk"


@dataclass(frozen=True, slots=True)
class Late:
    """A pupil who came late: by how many minutes, and the version of the register that the clerk was shown.

    `key` is made by the page: sent twice, it is one mark.
    """

    key: str
    pupil_id: int
    minutes: int
    base: int


def mark_late(actor: Actor, school_id: int, day_session: DaySession, late: Late) -> tuple[int, Saved]:
    """Mark a pupil late in today's register of a session; return the register's id and what stands in it.

    Before the register is taken it is a mark for the teacher to see; afterwards a correction beside the teacher's word.
    Raises NotFoundError for a pupil who is in no class of this school today, InvalidError when the class has no lesson
    in this session or the school has no letter for being late, ConflictError when somebody said something else of this
    pupil since the clerk looked, or the register is locked.
    """
    session = db.session()
    school_class = class_of_pupil_on(session, late.pupil_id, clock.today())
    if school_class is None or school_class.school_id != school_id:
        raise NotFoundError
    letter = next((code.letter for code in codes(session, school_id).offered if code.is_late), None)
    if letter is None:
        raise InvalidError(say("Trường không dùng ký hiệu nào cho đi trễ."))
    register_id = open_register(school_class, clock.today(), day_session)
    if db.session().get_one(Register, register_id, populate_existing=True).standing in TAKEN:
        return register_id, _corrected(actor, register_id, letter, late)
    return register_id, _marked(actor, register_id, letter, late)


def _marked(actor: Actor, register_id: int, letter: str, late: Late) -> Saved:
    value = MarkValue(letter, minutes_late=late.minutes)
    operation = Operation(late.key, late.pupil_id, value, late.base)
    save = Save(f"{late.key}:save", DEVICE, late.base, (operation,), source=SOURCE)
    saved = save_register(actor, register_id, save)
    for shown in saved.conflicts:
        current = shown.conflict.current.letter
        raise ConflictError(
            say("%(name)s vừa ghi “%(letter)s” cho học sinh này. Hãy xem lại.", name=shown.by, letter=current)
        )
    return saved


def _corrected(actor: Actor, register_id: int, letter: str, late: Late) -> Saved:
    why = N_("Đến trễ, ghi tại văn phòng.")
    return correct_mark(
        actor,
        register_id,
        Correction(late.key, DEVICE, late.base, late.pupil_id, letter, why, late.minutes),
    )
