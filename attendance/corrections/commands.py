"""Asking for a correction after the window, and deciding it: what was approved becomes the office's word."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import N_, say
from attendance.corrections.models import MarkCorrection
from attendance.corrections.rules import CorrectionState
from attendance.registers.commands.correcting import Correction, carry_out
from attendance.registers.commands.windows import hand_of, require_month_open
from attendance.registers.queries.sheets import codes, held_register, roll_of

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.registers.queries.sheets import Held


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for; `letter` "" is present. `client_key` is made with the page."""

    client_key: str
    pupil_id: int
    letter: str
    why: str


def request_correction(actor: Actor, register_id: int, asked: Asked) -> None:
    """Store a request; the same one again has no second effect. The caller has loaded the register for the actor.

    Raises InvalidError without a reason, for an unknown letter, or while the register can still be changed directly;
    NotFoundError for a pupil who is not in the class; ConflictError when the month is closed or one waits already.
    """
    if not asked.why:
        why = N_("Hãy ghi lý do đính chính.")
        raise InvalidError(why, {"why": why})
    try:
        with db.transaction() as session:
            if _known(session, asked.client_key) is None:
                _store(session, actor, held_register(session, register_id), asked)
    except IntegrityError as error:
        if _known(db.session(), asked.client_key) is None:
            raise ConflictError(N_("Học sinh này đang có một đề nghị đính chính chờ duyệt.")) from error


def _known(session: Session, client_key: str) -> int | None:
    return session.scalar(select(MarkCorrection.id).where(MarkCorrection.client_key == client_key))


def _store(session: Session, actor: Actor, held: Held, asked: Asked) -> None:
    register = held.register
    require_month_open(held)
    if held.rulebook.is_open(hand_of(actor, register), register.day, clock.today()):
        raise InvalidError(N_("Sổ còn trong hạn sửa. Hãy sửa trực tiếp trên sổ điểm danh."))
    if asked.pupil_id not in roll_of(session, register).members:
        raise NotFoundError
    if asked.letter and asked.letter not in codes(session, register.school_id).by_letter:
        raise InvalidError(say("Không có ký hiệu điểm danh “%(letter)s”.", letter=asked.letter))
    session.add(
        MarkCorrection(
            client_key=asked.client_key,
            register_id=register.id,
            pupil_id=asked.pupil_id,
            letter=asked.letter,
            why=asked.why,
            state=CorrectionState.WAITING,
            requested_by=actor.user_id,
            requested_at=clock.now(),
            decision_note="",
        )
    )
    session.flush()
    details = {"pupil": asked.pupil_id, "letter": asked.letter, "why": asked.why}
    record(session, actor, "correction.requested", ("register", register.id), details)


def decide_correction(actor: Actor, correction_id: int, note: str, *, approve: bool) -> None:
    """Approve a request, which corrects the register, or reject it with a note. The same again changes nothing.

    Raises InvalidError for a rejection without a note, ConflictError when it was decided otherwise, when the month is
    closed, or when the register was never taken.
    """
    if not approve and not note:
        words = N_("Hãy ghi lý do từ chối.")
        raise InvalidError(words, {"note": words})
    wanted = CorrectionState.APPROVED if approve else CorrectionState.REJECTED
    with db.transaction() as session:
        register_id = session.get_one(MarkCorrection, correction_id).register_id
        held = held_register(session, register_id)  # its lock puts two deciders one behind the other
        row = session.get_one(MarkCorrection, correction_id, populate_existing=True)
        if row.state == wanted:
            return
        if row.state != CorrectionState.WAITING:
            raise ConflictError(N_("Đề nghị này đã được người khác quyết định. Hãy tải lại trang."))
        row.state, row.decided_by, row.decided_at, row.decision_note = (
            wanted,
            actor.user_id,
            clock.now(),
            note,
        )
        details = {"pupil": row.pupil_id, "note": note}
        if approve:
            _carry_out(session, actor, held, row)
            record(session, actor, "correction.approved", ("register", register_id), details)
        else:
            record(session, actor, "correction.rejected", ("register", register_id), details)


def _carry_out(session: Session, actor: Actor, held: Held, row: MarkCorrection) -> None:
    correction = Correction(
        f"correction:{row.id}", "page", held.register.row_version, row.pupil_id, row.letter, row.why
    )
    carry_out(session, actor, held, correction)
