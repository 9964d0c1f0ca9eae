"""Writing excuses: ask, approve, reject, withdraw. What an approved one covers is linked; no mark is ever touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import InvalidError
from app.i18n import N_
from attendance.excuses.models import Excuse, ExcuseCover
from attendance.excuses.queries import absences_within, approved_for, session_slot
from attendance.excuses.rules import ExcuseState, Source, Span, Step, state_after
from attendance.registers.commands.inserting import insert_missing
from attendance.registers.models import AttendanceCode, Mark, Register

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks: for when, why, who brought it. `client_key` is made with the page."""

    client_key: str
    span: Span
    reason: str
    source: Source


def request_excuse(
    actor: Actor, pupil_id: int, school_id: int, asked: Asked, *, approve: bool = False
) -> int:
    """Store a request and return its id; the same one again has no second effect. The caller has loaded the pupil.

    `approve` decides it at once, for who may decide. Raises InvalidError without a reason or for a wrong span.
    """
    if not asked.reason:
        words = N_("Hãy ghi lý do nghỉ.")
        raise InvalidError(words, {"reason": words})
    asked.span.checked()
    try:
        with db.transaction() as session:
            found = _known(session, asked.client_key)
            return (
                found
                if found is not None
                else _store(session, actor, pupil_id, school_id, asked, approve=approve)
            )
    except IntegrityError:
        stored_meanwhile = _known(db.session(), asked.client_key)
        if stored_meanwhile is None:
            raise
        return stored_meanwhile


def _known(session: Session, client_key: str) -> int | None:
    return session.scalar(select(Excuse.id).where(Excuse.client_key == client_key))


def _store(  # noqa: PLR0917, RUF100 - a request is what these say
    session: Session, actor: Actor, pupil_id: int, school_id: int, asked: Asked, *, approve: bool
) -> int:
    span = asked.span
    row = Excuse(
        client_key=asked.client_key,
        school_id=school_id,
        pupil_id=pupil_id,
        first_day=span.first_day,
        first_slot=span.first_slot,
        last_day=span.last_day,
        last_slot=span.last_slot,
        reason=asked.reason,
        source=asked.source,
        state=ExcuseState.SUBMITTED,
        requested_by=actor.user_id,
        requested_at=clock.now(),
        decision_note="",
    )
    session.add(row)
    session.flush()
    details = {
        "from": span.first_day.isoformat(),
        "to": span.last_day.isoformat(),
        "source": asked.source.value,
    }
    record(session, actor, "excuse.requested", ("pupil", pupil_id), details)
    if approve:
        _step(session, actor, row, Step.APPROVE, "")
    return row.id


def take_step(actor: Actor, excuse_id: int, step: Step, note: str = "") -> None:
    """Approve, reject or withdraw an excuse that was loaded for the actor; the same again changes nothing.

    Approval links what it covers, withdrawal unlinks it, and neither touches a mark. Raises InvalidError for a
    rejection without a note, ConflictError when the state does not allow the step.
    """
    if step is Step.REJECT and not note:
        words = N_("Hãy ghi lý do từ chối.")
        raise InvalidError(words, {"note": words})
    with db.transaction() as session:
        row = session.get_one(Excuse, excuse_id, with_for_update=True, populate_existing=True)
        _step(session, actor, row, step, note)


def _step(session: Session, actor: Actor, row: Excuse, step: Step, note: str) -> None:
    after = state_after(ExcuseState(row.state), step)
    if after == row.state:
        return
    row.state, row.decided_by, row.decided_at, row.decision_note = after, actor.user_id, clock.now(), note
    session.flush()
    if after is ExcuseState.APPROVED:
        _link(session, [(row.id, register_id) for register_id in absences_within(session, row)])
        record(session, actor, "excuse.approved", ("pupil", row.pupil_id), {"excuse": row.id})
    elif after is ExcuseState.REJECTED:
        record(session, actor, "excuse.rejected", ("pupil", row.pupil_id), {"excuse": row.id, "note": note})
    else:
        session.execute(delete(ExcuseCover).where(ExcuseCover.excuse_id == row.id))
        record(session, actor, "excuse.withdrawn", ("pupil", row.pupil_id), {"excuse": row.id})


def _link(session: Session, pairs: Iterable[tuple[int, int]]) -> None:
    rows = [{"excuse_id": excuse_id, "register_id": register_id} for excuse_id, register_id in pairs]
    insert_missing(session, ExcuseCover, ("excuse_id", "register_id"), rows)


# --- following registers ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class SavedRegister:
    """What this slice reads of the fact that a register was saved."""

    register_id: int
    school_id: int
    day: date


def follow_saved(session: Session, saved: SavedRegister) -> None:
    """Link approved excuses to the absences of a register that was saved; unlink what is no absence any more."""
    slot = session.scalar(select(Register.slot).where(Register.id == saved.register_id))
    if slot is None:
        return
    absent = session.scalars(
        select(Mark.pupil_id)
        .join(AttendanceCode, AttendanceCode.id == Mark.code_id)
        .where(Mark.register_id == saved.register_id, AttendanceCode.is_present.is_(False))
    ).all()
    covering = approved_for(session, absent, saved.school_id, saved.day, session_slot(slot)) if absent else []
    kept = [excuse.id for excuse in covering]
    session.execute(
        delete(ExcuseCover).where(
            ExcuseCover.register_id == saved.register_id, ExcuseCover.excuse_id.not_in(kept)
        )
    )
    _link(session, [(excuse_id, saved.register_id) for excuse_id in kept])
