"""Writing excuses: asked, asked back, answered, decided, withdrawn. An approved one is linked; no mark is touched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import InvalidError
from app.i18n import N_
from attendance.excuses.commands.papers import delete_papers, keep_papers
from attendance.excuses.models import Excuse, ExcuseCover, ExcuseFile, ExcuseStep
from attendance.excuses.queries import absences_within, approved_for, session_slot
from attendance.excuses.rules import NEEDS_NOTE, ExcuseState, Source, Span, Step, state_after
from attendance.registers.commands.inserting import insert_missing
from attendance.registers.models import AttendanceCode, Mark, Register

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.excuses.rules.papers import Paper


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks: for when, why, who brought it, with which papers. `client_key` is made with the page."""

    client_key: str
    span: Span
    reason: str
    source: Source
    papers: tuple[Paper, ...] = ()
    is_draft: bool = False


def request_excuse(
    actor: Actor, pupil_id: int, school_id: int, asked: Asked, *, approve: bool = False
) -> int:
    """Store a request and return its id; the same one again has no second effect. The caller has loaded the pupil.

    A draft is kept under its key for its writer, and changed or sent by asking again under the same key. `approve`
    decides it at once, for who may decide. Raises InvalidError without a reason or for a wrong span.
    """
    if not asked.reason:
        words = N_("Hãy ghi lý do nghỉ.")
        raise InvalidError(words, {"reason": words})
    asked.span.checked()
    try:
        with db.transaction() as session:
            row = session.scalar(
                select(Excuse).where(Excuse.client_key == asked.client_key).with_for_update()
            )
            if row is None:
                row = _begin(session, actor, pupil_id, school_id, asked)
            elif row.state != ExcuseState.DRAFT or (row.requested_by, row.pupil_id) != (
                actor.user_id,
                pupil_id,
            ):
                return row.id
            _write(session, actor, row, asked)
            if approve and not asked.is_draft:
                _step(session, actor, row, Step.APPROVE, "")
            return row.id
    except IntegrityError:
        stored_meanwhile = _known(db.session(), asked.client_key)
        if stored_meanwhile is None:
            raise
        return stored_meanwhile


def _known(session: Session, client_key: str) -> int | None:
    return session.scalar(select(Excuse.id).where(Excuse.client_key == client_key))


def _begin(session: Session, actor: Actor, pupil_id: int, school_id: int, asked: Asked) -> Excuse:
    row = Excuse(
        client_key=asked.client_key,
        school_id=school_id,
        pupil_id=pupil_id,
        source=asked.source,
        state=ExcuseState.DRAFT,
        requested_by=actor.user_id,
        decision_note="",
    )
    session.add(row)
    return row


def _write(session: Session, actor: Actor, row: Excuse, asked: Asked) -> None:
    """Put what is asked into a draft, and send it unless it is to stay one."""
    span = asked.span
    row.first_day, row.first_slot = span.first_day, span.first_slot
    row.last_day, row.last_slot = span.last_day, span.last_slot
    row.reason, row.requested_at = asked.reason, clock.now()
    session.flush()
    keep_papers(session, actor, row.id, asked.papers)
    if not asked.is_draft:
        _step(session, actor, row, Step.SUBMIT, "")


def take_step(
    actor: Actor, excuse_id: int, step: Step, note: str = "", papers: tuple[Paper, ...] = ()
) -> None:
    """Take a step with an excuse that was loaded for the actor; the same again changes nothing.

    Approval links what it covers, withdrawal unlinks it and deletes its papers, and neither touches a mark. A draft
    that is withdrawn was never sent: nothing of it is kept. An answer may bring papers. Raises InvalidError when a
    rejection, a question or an answer says nothing, ConflictError when the state does not allow the step.
    """
    if step in NEEDS_NOTE and not note and not papers:
        raise InvalidError(NEEDS_NOTE[step], {"note": NEEDS_NOTE[step]})
    with db.transaction() as session:
        row = session.get_one(Excuse, excuse_id, with_for_update=True, populate_existing=True)
        if row.state == ExcuseState.DRAFT and step is Step.WITHDRAW:
            session.execute(delete(ExcuseFile).where(ExcuseFile.excuse_id == row.id))
            session.delete(row)
        elif _step(session, actor, row, step, note):
            keep_papers(session, actor, row.id, papers)


_AUDITED: Final = {
    Step.SUBMIT: "excuse.requested",
    Step.ASK: "excuse.asked_back",
    Step.ANSWER: "excuse.answered",
    Step.APPROVE: "excuse.approved",
    Step.REJECT: "excuse.rejected",
    Step.WITHDRAW: "excuse.withdrawn",
}
_DECIDING: Final = frozenset({Step.APPROVE, Step.REJECT, Step.WITHDRAW})


def _step(session: Session, actor: Actor, row: Excuse, step: Step, note: str) -> bool:
    """Take a step and say whether it changed anything."""
    after = state_after(ExcuseState(row.state), step)
    if after == row.state:
        return False
    row.state = after
    if step in _DECIDING:
        row.decided_by, row.decided_at, row.decision_note = actor.user_id, clock.now(), note
    session.add(ExcuseStep(excuse_id=row.id, step=step, note=note, by=actor.user_id, at=clock.now()))
    session.flush()
    if after is ExcuseState.APPROVED:
        _link(session, [(row.id, register_id) for register_id in absences_within(session, row)])
    elif after is ExcuseState.WITHDRAWN:
        session.execute(delete(ExcuseCover).where(ExcuseCover.excuse_id == row.id))
        delete_papers(session, ExcuseFile.excuse_id == row.id)
    record(session, actor, _AUDITED[step], ("pupil", row.pupil_id), _told(row, step, note))
    return True


def _told(row: Excuse, step: Step, note: str) -> dict[str, object]:
    if step is Step.SUBMIT:
        return {"from": row.first_day.isoformat(), "to": row.last_day.isoformat(), "source": row.source}
    return {"excuse": row.id, "note": note} if step is Step.REJECT else {"excuse": row.id}


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
