"""What excuses hold of a forgotten pupil: that there was one, its days and its end stay; words and papers go."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, update

from app import clock
from app.forgetting import Fate, Trace
from app.i18n import N_
from attendance.excuses.models import Excuse, ExcuseFile, ExcuseStep

if TYPE_CHECKING:
    from sqlalchemy import Update
    from sqlalchemy.orm import Session

    from app.forgetting import Leaving


def _count(session: Session, who: Leaving) -> int:
    query = select(func.count()).select_from(Excuse)
    return session.scalar(query.where(Excuse.pupil_id == who.pupil_id)) or 0


def _forget(session: Session, who: Leaving) -> None:
    for statement in _statements(who):
        session.execute(statement, execution_options={"synchronize_session": False})


def _statements(who: Leaving) -> tuple[Update, ...]:
    mine = select(Excuse.id).where(Excuse.pupil_id == who.pupil_id)
    papers = update(ExcuseFile).where(ExcuseFile.excuse_id.in_(mine))
    gone_at = func.coalesce(ExcuseFile.deleted_at, clock.now())
    return (
        update(ExcuseStep).where(ExcuseStep.excuse_id.in_(mine)).values(note=""),
        papers.values(name="", sealed=None, deleted_at=gone_at),
        update(Excuse).where(Excuse.pupil_id == who.pupil_id).values(reason="", decision_note=""),
    )


PAPERS_AND_WORDS: Final = Trace(
    N_("Đơn xin nghỉ học: bỏ lý do, giấy tờ; giữ ngày và kết quả"),
    ("excuse", "excuse_step", "excuse_file"),
    Fate.EMPTIED,
    _count,
    _forget,
)
