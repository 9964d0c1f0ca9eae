"""Requests for corrections: the authorised loader, those of a register, those of a school."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import case, func, select
from sqlalchemy.orm import aliased

from app import db
from app.accounts.models import User
from app.errors import NotFoundError
from app.school.models import Pupil, SchoolClass
from attendance.corrections.models import MarkCorrection
from attendance.corrections.rules import CorrectionState
from attendance.registers.models import Register
from attendance.registers.queries.sheets import place_of_register
from attendance.registers.rules.states import slot_words

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor, Permission
    from app.i18n import Phrase

MOST_SHOWN: Final = 2_000


def correction_for(actor: Actor, permission: Permission, correction_id: int) -> MarkCorrection:
    """Return the request, or raise NotFoundError when there is none or the actor may not do this with it."""
    found = db.session().get(MarkCorrection, correction_id)
    if found is None:
        raise NotFoundError
    actor.require(permission, place_of_register(db.session().get_one(Register, found.register_id)))
    return found


@dataclass(frozen=True, slots=True)
class CorrectionLine:
    """A request for people: of which register and pupil, by whom, what was decided by whom."""

    row: MarkCorrection
    class_name: str
    day: date
    slot: Phrase
    pupil: str
    pupil_sort: str
    by: str
    decided_by: str

    @property
    def state(self) -> CorrectionState:
        """Where it stands."""
        return CorrectionState(self.row.state)


def corrections(
    session: Session, *, register_id: int | None = None, school_id: int | None = None
) -> list[CorrectionLine]:
    """Return the requests of a register or of a school: those that wait first, then the latest. One query."""
    decider = aliased(User)
    query = (
        select(
            MarkCorrection, SchoolClass.name, Register.day, Register.slot, Pupil.full_name, Pupil.name_sort
        )
        .add_columns(User.full_name, decider.full_name)
        .join(Register, Register.id == MarkCorrection.register_id)
        .join(SchoolClass, SchoolClass.id == Register.class_id)
        .join(Pupil, Pupil.id == MarkCorrection.pupil_id)
        .join(User, User.id == MarkCorrection.requested_by)
        .outerjoin(decider, decider.id == MarkCorrection.decided_by)
        .order_by(
            case((MarkCorrection.state == CorrectionState.WAITING, 0), else_=1), MarkCorrection.id.desc()
        )
        .limit(MOST_SHOWN)
    )
    if register_id is not None:
        query = query.where(MarkCorrection.register_id == register_id)
    if school_id is not None:
        query = query.where(Register.school_id == school_id)
    return [
        CorrectionLine(row, class_name, day, slot_words(slot), pupil, pupil_sort, by, decided_by or "")
        for row, class_name, day, slot, pupil, pupil_sort, by, decided_by in session.execute(query)
    ]


def count_waiting(session: Session, school_id: int) -> int:
    """Count the requests of a school that wait for the principal."""
    query = (
        select(func.count())
        .select_from(MarkCorrection)
        .join(Register, Register.id == MarkCorrection.register_id)
        .where(Register.school_id == school_id, MarkCorrection.state == CorrectionState.WAITING)
    )
    return session.scalar(query) or 0
