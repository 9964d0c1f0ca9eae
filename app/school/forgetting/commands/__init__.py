"""Having a pupil forgotten, and doing it: the rows in one transaction, then the file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app import db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.forgetting import traces
from app.i18n import N_, say
from app.jobs import enqueue
from app.school.forgetting.commands.own import refuse_waiting_jobs
from app.school.forgetting.commands.wiping import wipe
from app.school.forgetting.queries import FORGET_JOB, forgotten, is_on_the_way, leaving
from app.school.forgetting.rules import LONGEST_REASON, is_named
from app.school.models import Pupil
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.forgetting import Leaving, Removed


def order_forgetting(actor: Actor, pupil_id: int, reason: str, typed: str) -> None:
    """Have a job forget a pupil whom the person has named by typing name or code. Ordered twice is ordered once.

    Raises InvalidError for a reason that is empty or names the pupil, or when another name was typed, ConflictError
    while a job waits that names the pupil, and what `queries.leaving` raises.
    """
    why = checked_reason(reason)
    with db.transaction() as session:
        if is_on_the_way(session, pupil_id) or forgotten(session, pupil_id):
            return
        records = leaving(session, pupil_id)
        _check_typed(session.get_one(Pupil, pupil_id), typed)
        _refuse_naming(records, why)
        refuse_waiting_jobs(session, records)
        enqueue(session, FORGET_JOB, actor.user_id, {"pupil_id": pupil_id, "reason": why})


def order_wiping(actor: Actor, pupil_id: int) -> None:
    """Have a job wipe the file again for a pupil who was forgotten. Raises ConflictError for one who was not."""
    with db.transaction() as session:
        done = forgotten(session, pupil_id)
        if done is None:
            raise ConflictError(say("Dữ liệu của em chưa được xóa."))
        if not is_on_the_way(session, pupil_id):
            enqueue(session, FORGET_JOB, actor.user_id, {"pupil_id": pupil_id, "reason": done.reason})


def _check_typed(pupil: Pupil, typed: str) -> None:
    if not is_named(typed, pupil.full_name, pupil.ministry_code, pupil.temporary_key):
        message = say("Không khớp. Gõ đúng họ và tên, hoặc mã của em.")
        raise InvalidError(message, {"typed": message})


def forget_pupil(
    actor: Actor,
    pupil_id: int,
    reason: str,
    report: Callable[[int, int, str], None] = lambda _done, _total, _message: None,
) -> None:
    """Take out of every table what says who a pupil was; counts stay. Forgetting twice is forgetting once.

    Who asks again has the file rewritten again: it may have been cut off there. Why (a number of a request, not a name)
    is in the audit log. Raises InvalidError without a reason, what `queries.leaving` raises (a school must keep the
    record of who is at it), and what `wipe` raises.
    """
    why = checked_reason(reason)
    report(0, 2, N_("Đang xóa khỏi các bảng"))
    with db.transaction() as session:
        if forgotten(session, pupil_id) is None:
            _forget_rows(session, actor, leaving(session, pupil_id), why)
    report(1, 2, N_("Đang dọn tệp dữ liệu"))
    wipe()


def checked_reason(reason: str) -> str:
    """Return the reason; raise InvalidError when there is none."""
    why = clean_text(reason)[:LONGEST_REASON]
    if not why:
        message = say("Hãy ghi lý do: số, ngày của đơn yêu cầu.")
        raise InvalidError(message, {"reason": message})
    return why


def _refuse_naming(records: Sequence[Leaving], why: str) -> None:
    if any(word.casefold() in why.casefold() for who in records for word in who.words):
        message = say("Đừng ghi tên hay mã của học sinh trong lý do.")
        raise InvalidError(message, {"reason": message})


def _forget_rows(session: Session, actor: Actor, records: Sequence[Leaving], why: str) -> None:
    _refuse_naming(records, why)
    refuse_waiting_jobs(session, records)
    for who in records:
        links: dict[str, set[int]] = {}
        for removed in _given_up(session, who):
            for table, numbers in removed.links.items():
                links.setdefault(table, set()).update(numbers)
        told: Mapping[str, Any] = {table: sorted(numbers) for table, numbers in links.items() if numbers}
        record(session, actor, "pupil.forgotten", ("pupil", who.pupil_id), {"reason": why, **told})


def _given_up(session: Session, who: Leaving) -> Iterator[Removed]:
    for trace in traces():
        if removed := trace.forget(session, who):
            yield removed
        session.flush()
