"""What imports hold of a forgotten pupil: files, previews and journals of the schools that the pupil was at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update

from app.audit.commands import take_words_out
from app.audit.models import AuditEntry
from app.forgetting import Fate, Removed, Trace
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


def _forget(session: Session, who: Leaving) -> Removed:
    """Let go all of them: a workbook cannot be searched, and what was imported can be corrected by hand.

    The log tells the files' names, and a file of one pupil has the pupil's: that an import was made, by whom and when
    stays there.
    """
    numbers = [str(one) for one in session.scalars(_imports(who))]
    for table in (RosterFile, RosterJournal):
        session.execute(delete(table).where(table.import_id.in_(_imports(who))), execution_options=_AT_ONCE)
    query = update(RosterImport).where(RosterImport.school_id.in_(who.school_ids))
    session.execute(query.values(preview=None, problem=None, file_name=""), execution_options=_AT_ONCE)
    about = (AuditEntry.subject_kind == "import") & AuditEntry.subject_id.in_(numbers)
    return Removed({AuditEntry.__tablename__: take_words_out(session, about, ())})


IMPORTS: Final = Trace(
    N_(
        "Lần nhập danh sách của cả trường: bỏ tệp, tên tệp, bản xem trước, phần hoàn tác; giữ ngày và người nhập"
    ),
    ("roster_file", "roster_journal", "roster_import"),
    Fate.EMPTIED,
    _count,
    _forget,
)
