"""Typing in a register that was taken on paper: by the teacher, or by the office in the name of who wrote the paper."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import select

from app import db
from app.audit.commands import record
from app.errors import ConflictError
from app.i18n import N_
from attendance.registers.commands.saving import save_register
from attendance.registers.models import MarkEvent, Register
from attendance.registers.rules.states import TAKEN

if TYPE_CHECKING:
    from app.access import Actor
    from attendance.registers.commands.saving import Save, Saved

PAPER: Final = "paper"


def type_paper(actor: Actor, register_id: int, save: Save) -> Saved:
    """Store what a teacher's paper says, as the teacher; new marks are from paper. Raises as a save does."""
    return save_register(actor, register_id, replace(save, source=PAPER))


def type_paper_for(actor: Actor, register_id: int, save: Save, teacher_id: int | None) -> Saved:
    """Store, as the office, what the paper of a teacher (an account, or None) says; it is in the audit log.

    The caller has made sure that the teacher is one of the class. The same save again changes nothing. Raises
    ConflictError for a register that was taken: the office corrects it beside the teacher's word and does not write in
    its place. Otherwise as `type_paper`.
    """
    session = db.session()
    is_again = session.scalar(select(MarkEvent.id).where(MarkEvent.op_id == save.id)) is not None
    if not is_again and session.get_one(Register, register_id, populate_existing=True).standing in TAKEN:
        raise ConflictError(
            N_("Sổ này đã điểm danh. Hãy sửa trên sổ của lớp: ghi của giáo viên được giữ bên cạnh.")
        )
    saved = save_register(actor, register_id, replace(save, source=PAPER, on_behalf_of=teacher_id))
    if not is_again and not saved.conflicts:
        with db.transaction() as session:
            record(session, actor, "register.typed", ("register", register_id), {"on_behalf_of": teacher_id})
    return saved
