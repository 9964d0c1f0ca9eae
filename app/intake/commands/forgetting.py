"""What imports hold of a forgotten pupil: files, previews and journals of the schools that the pupil was at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from app.forgetting import Fate, Trace
from app.i18n import N_
from app.intake.models import RosterFile, RosterImport, RosterJournal

if TYPE_CHECKING:
    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.forgetting import Leaving

_AT_ONCE: Final = {"synchronize_session": False}


def _imports(who: Leaving) -> Select[int]:
    return select(RosterImport.id).where(RosterImport.school_id.in_(who.school_ids))


def _count(session: Session, who: Leaving) -> int:
    return session.scalar(select(func.count()).select_from(_imports(who).subquery())) or 0


def _forget(session: Session, who: Leaving) -> None:
    """Let go all of them: a workbook cannot be searched, and what was imported can be corrected by hand."""
    for table in (RosterFile, RosterJournal):
        session.execute(delete(table).where(table.import_id.in_(_imports(who))), execution_options=_AT_ONCE)
    query = update(RosterImport).where(RosterImport.school_id.in_(who.school_ids))
    session.execute(query.values(preview=None, problem=None, file_name=""), execution_options=_AT_ONCE)


IMPORTS: Final = Trace(
    N_("Lần nhập danh sách của cả trường: bỏ tệp, bản xem trước, phần hoàn tác; giữ ngày và số đếm"),
    ("roster_file", "roster_journal", "roster_import"),
    Fate.EMPTIED,
    _count,
    _forget,
)
