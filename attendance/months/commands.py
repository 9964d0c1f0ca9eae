"""Closing a school's month, by a job, and opening it again."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.audit.rules import canonical
from app.errors import ConflictError, InvalidError
from app.i18n import N_, say
from app.jobs import JobState, enqueue
from attendance.months.models import MonthClose
from attendance.months.queries import closed, closing_jobs, snapshot
from attendance.months.rules import CLOSE_JOB
from attendance.registers.commands.events import Draft, append_of_many
from attendance.registers.models import AttendanceDay, MarkEvent, Register
from attendance.registers.rules.chain import EventKind, state_of
from attendance.registers.rules.marks import Author
from attendance.registers.rules.states import MISSING, RegisterState

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from attendance.months.rules import Month

DEVICE: Final = "page"
LOCKABLE: Final = (RegisterState.PROVISIONAL, RegisterState.SUBMITTED)


@dataclass(frozen=True, slots=True)
class Closed:
    """What a closing came to."""

    close_id: int
    registers: int
    missing: int
    sha256: str


def order_closing(actor: Actor, school_id: int, month: Month) -> None:
    """Have a job close a month; while one is at it, or when the month stands closed, asking again does nothing.

    Raises InvalidError before the month is over.
    """
    month.require_over(clock.today())
    with db.transaction() as session:
        at_it = closing_jobs(session, school_id, [month]).get(month)
        is_at_it = at_it is not None and at_it.state in {JobState.QUEUED, JobState.RUNNING}
        if is_at_it or closed(session, school_id, month) is not None:
            return
        enqueue(session, CLOSE_JOB, actor.user_id, {"school_id": school_id, "month": month.text})


def no_report(done: int, total: int, message: str) -> None:
    """Say nothing: nobody watches."""
    del done, total, message


def close_month(
    actor: Actor, school_id: int, month: Month, report: Callable[[int, int, str], None] = no_report
) -> Closed:
    """Lock a school's registers of a month and keep their fingerprint; closed twice, it is closed once.

    Registers that nobody took stay untaken, and are counted: they leave every rate. Raises InvalidError before the
    month is over. Takes some hundred milliseconds for a large school, days of which are told to `report`: in a job.
    """
    month.require_over(clock.today())
    try:
        with db.transaction() as session:
            return _close(session, actor, school_id, month, report)
    except IntegrityError:
        with db.transaction() as session:
            return _close(session, actor, school_id, month, report)  # closed meanwhile: it is found now


def _close(
    session: Session, actor: Actor, school_id: int, month: Month, report: Callable[[int, int, str], None]
) -> Closed:
    found = closed(session, school_id, month)
    if found is not None:
        return Closed(found.id, found.register_count, found.missing_count, found.sha256)
    report(0, 0, N_("Đang lấy mã kiểm tra của tháng"))
    _lock_days(session, school_id, month)
    registers = _registers(session, school_id, month, [*LOCKABLE, *MISSING])
    taken = [one for one in registers if one.standing in LOCKABLE]
    row = MonthClose(
        school_id=school_id,
        month=month.first,
        closed_by=actor.user_id,
        closed_at=clock.now(),
        register_count=len(taken),
        missing_count=len(registers) - len(taken),
        sha256=snapshot(session, school_id, month),
    )
    session.add(row)
    session.flush()
    _move(
        session,
        actor,
        taken,
        dict.fromkeys([one.id for one in taken], RegisterState.LOCKED),
        f"close:{row.id}",
        report=report,
    )
    details = {
        "month": month.text,
        "registers": len(taken),
        "missing": row.missing_count,
        "sha256": row.sha256,
    }
    record(session, actor, "month.closed", ("unit", school_id), details)
    return Closed(row.id, row.register_count, row.missing_count, row.sha256)


def reopen_month(actor: Actor, school_id: int, month: Month, why: str) -> None:
    """Open a closed month again: its registers stand as they stood before, windows hold. Raises without a reason.

    Raises ConflictError when it does not stand closed.
    """
    if not why:
        words = N_("Hãy ghi lý do mở lại tháng.")
        raise InvalidError(words, {"why": words})
    with db.transaction() as session:
        row = closed(session, school_id, month)
        if row is None:
            raise ConflictError(say("Tháng %(month)s không ở trạng thái đã chốt.", month=month.words))
        _lock_days(session, school_id, month)
        row.reopened_by, row.reopened_at, row.reopen_why = actor.user_id, clock.now(), why
        before = _states_before(session, row.id)
        registers = _registers(session, school_id, month, [RegisterState.LOCKED])
        after = {one.id: before.get(one.id, RegisterState.SUBMITTED) for one in registers}
        _move(session, actor, registers, after, f"reopen:{row.id}", why)
        details = {"month": month.text, "why": why, "sha256": row.sha256}
        record(session, actor, "month.reopened", ("unit", school_id), details)


def _lock_days(session: Session, school_id: int, month: Month) -> None:
    """Put whoever saves a register of this month behind this transaction, or before it."""
    session.execute(
        select(AttendanceDay.day)
        .where(
            AttendanceDay.school_id == school_id,
            AttendanceDay.day >= month.first,
            AttendanceDay.day < month.after_last,
        )
        .order_by(AttendanceDay.day)
        .with_for_update()
    )


def _registers(
    session: Session, school_id: int, month: Month, states: Sequence[RegisterState]
) -> list[Register]:
    return list(
        session.scalars(
            select(Register)
            .where(
                Register.school_id == school_id,
                Register.day >= month.first,
                Register.day < month.after_last,
                Register.state.in_(states),
            )
            .order_by(Register.day, Register.id)
            .execution_options(populate_existing=True)
        )
    )


def _states_before(session: Session, close_id: int) -> dict[int, RegisterState]:
    rows = session.execute(
        select(MarkEvent.register_id, MarkEvent.before).where(
            MarkEvent.op_id.startswith(f"close:{close_id}:")
        )
    )
    return {register_id: RegisterState(state_of(before)) for register_id, before in rows}


def _move(
    session: Session,
    actor: Actor,
    registers: Sequence[Register],
    after: Mapping[int, RegisterState],
    op: str,
    why: str = "",
    report: Callable[[int, int, str], None] = no_report,
) -> None:
    """Change the states of many registers, with a chained event each: one statement a day, one for all the rows."""
    author = Author(actor.user_id, DEVICE)
    days = len({one.day for one in registers})
    for done, (day, of_day) in enumerate(groupby(registers, key=lambda one: one.day)):
        report(done, days, N_("Đang khóa sổ từng ngày"))
        drafts = []
        for one in of_day:
            texts = canonical({"state": one.state}), canonical({"state": after[one.id]})
            one.row_version, one.state = one.row_version + 1, after[one.id]
            drafts.append((one, Draft(f"{op}:{one.id}", EventKind.STATE, *texts, why=why)))
        head = session.get_one(AttendanceDay, (drafts[0][0].school_id, day))
        append_of_many(session, head, author, drafts)


def note_export(actor: Actor, class_id: int, month: Month) -> None:
    """Keep in the audit log who took a class's month out of the product."""
    with db.transaction() as session:
        record(session, actor, "month.exported", ("class", class_id), {"month": month.text})
