"""Forgetting a pupil in one transaction, and wiping what the database file still has of deleted rows."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, or_, select, update

from app import clock, db
from app.audit.commands import record, take_words_out
from app.audit.models import AuditEntry
from app.audit.rules import FORGOTTEN
from app.errors import ConflictError, InvalidError, NotFoundError
from app.forgetting import Fate, Leaving, Removed, Trace, traces
from app.i18n import N_, say
from app.jobs import Job, JobState
from app.school.cards.models import CardPrint
from app.school.duplicates.models import PupilMerge
from app.school.enrolment.models import EnrolmentChange
from app.school.models import Enrolment, Pupil
from app.text import clean_text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.orm import Session

    from app.access import Actor

_AT_ONCE: Final = {"synchronize_session": False}
OVER: Final = (JobState.DONE, JobState.FAILED)
NO_NAME: Final = N_("Học sinh ẩn danh")
LONGEST_REASON: Final = 300
NOT_WIPED: Final = say(
    "Đã xóa khỏi các bảng, nhưng tệp dữ liệu đang bận nên chưa được dọn. Hãy chạy lại lệnh này khi ít người dùng."
)


def forget_pupil(actor: Actor, pupil_id: int, reason: str) -> None:
    """Take out of every table what says who a pupil was; counts stay. Forgetting twice is forgetting once.

    Who asks again has the file rewritten again: it may have been cut off there. Why (a number of a request, not a name)
    is in the audit log. Raises NotFoundError for an unknown pupil, InvalidError without a reason, ConflictError while
    the pupil is enrolled (a school must keep the record of who is at it), and what `wipe` raises.
    """
    why = clean_text(reason)[:LONGEST_REASON]
    if not why:
        raise InvalidError(say("Hãy ghi lý do: số, ngày của đơn yêu cầu."))
    with db.transaction() as session:
        if not is_forgotten(session, pupil_id):
            _forget_rows(session, actor, pupil_id, why)
    wipe()


def _forget_rows(session: Session, actor: Actor, pupil_id: int, why: str) -> None:
    who = leaving(session, pupil_id)
    if any(word.casefold() in why.casefold() for word in who.words):
        raise InvalidError(say("Đừng ghi tên hay mã của học sinh trong lý do."))
    links: dict[str, set[int]] = {}
    for removed in _given_up(session, who):
        for table, numbers in removed.links.items():
            links.setdefault(table, set()).update(numbers)
    told = {table: sorted(numbers) for table, numbers in links.items() if numbers}
    record(session, actor, "pupil.forgotten", ("pupil", pupil_id), {"reason": why, **told})


def _given_up(session: Session, who: Leaving) -> Iterator[Removed]:
    for trace in traces():
        if removed := trace.forget(session, who):
            yield removed
        session.flush()


def wipe() -> None:
    """Rewrite the database file, so that no page of it holds deleted rows any more (SQLite; the log is emptied too).

    PostgreSQL does it by itself in time (autovacuum); `VACUUM FULL` does it at once. Raises ConflictError when others
    read or write for so long that the file could not be rewritten, or its log not be emptied.
    """
    session = db.session()
    session.commit()
    if session.get_bind().dialect.name != "sqlite":
        return
    session.close()
    connection = db.db.engine.raw_connection()  # SQLAlchemy begins a transaction for every statement
    try:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        ((is_busy, *_pages),) = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.OperationalError as error:
        raise ConflictError(NOT_WIPED) from error
    finally:
        connection.close()
    if is_busy:
        raise ConflictError(NOT_WIPED)


def is_forgotten(session: Session, pupil_id: int) -> bool:
    """Say whether a pupil was forgotten."""
    entry = select(AuditEntry.id).where(
        AuditEntry.action == FORGOTTEN,
        AuditEntry.subject_kind == "pupil",
        AuditEntry.subject_id == str(pupil_id),
    )
    return session.scalar(entry.limit(1)) is not None


def leaving(session: Session, pupil_id: int) -> Leaving:
    """Return whom to forget. Raises NotFoundError for an unknown pupil, ConflictError while the pupil is enrolled."""
    pupil = session.get(Pupil, pupil_id, with_for_update=True)
    if pupil is None:
        raise NotFoundError
    stays = session.scalars(select(Enrolment).where(Enrolment.pupil_id == pupil_id)).all()
    if any(one.ends_on is None or one.ends_on > clock.today() for one in stays):
        raise ConflictError(say("Học sinh còn ghi danh. Trường ghi thôi học hoặc chuyển trường trước."))
    same = select(func.count()).select_from(Pupil).where(Pupil.name_fold == pupil.name_fold)
    names = [pupil.full_name] if session.scalar(same) == 1 else []
    words = frozenset(word for word in (*names, pupil.ministry_code, pupil.temporary_key) if word)
    return Leaving(pupil_id, frozenset(one.school_id for one in stays), words)


# --- what the school itself holds -------------------------------------------------------------------------------------


def _count_one(session: Session, who: Leaving) -> int:
    return session.scalar(select(func.count()).select_from(Pupil).where(Pupil.id == who.pupil_id)) or 0


def _empty_pupil(session: Session, who: Leaving) -> None:
    """Leave the number and the sex: ethnicity and disability are sensitive data, and a day of birth finds a child."""
    pupil = session.get_one(Pupil, who.pupil_id)
    pupil.full_name = pupil.name_sort = pupil.name_fold = f"{NO_NAME} {pupil.id}"
    pupil.birth_date = pupil.ethnicity = pupil.ethnicity_code_set = pupil.ethnicity_code = None
    pupil.disability = pupil.ministry_code = pupil.temporary_key = None


def _count_prints(session: Session, who: Leaving) -> int:
    query = select(func.count()).select_from(CardPrint)
    return session.scalar(query.where(CardPrint.school_id.in_(who.school_ids))) or 0


def _drop_prints(session: Session, who: Leaving) -> None:
    query = delete(CardPrint).where(CardPrint.school_id.in_(who.school_ids))
    session.execute(query, execution_options=_AT_ONCE)


def _count_changes(session: Session, who: Leaving) -> int:
    query = select(func.count()).select_from(EnrolmentChange)
    return session.scalar(query.where(EnrolmentChange.pupil_id == who.pupil_id)) or 0


def _empty_changes(session: Session, who: Leaving) -> None:
    query = update(EnrolmentChange).where(EnrolmentChange.pupil_id == who.pupil_id)
    session.execute(query.values(destination="", reason=None, note=""), execution_options=_AT_ONCE)
    merges = update(PupilMerge).where(
        or_(PupilMerge.kept_id == who.pupil_id, PupilMerge.gone_id == who.pupil_id)
    )
    session.execute(merges.values(journal=""), execution_options=_AT_ONCE)


def _count_entries(session: Session, who: Leaving) -> int:
    query = select(func.count()).select_from(AuditEntry)
    about = (AuditEntry.subject_kind == "pupil") & (AuditEntry.subject_id == str(who.pupil_id))
    return session.scalar(query.where(about)) or 0


def _refuse_waiting_jobs(session: Session, who: Leaving) -> None:
    """Raise ConflictError while a job has yet to do something that names the pupil: emptied, it would fail."""
    for word in who.words:
        named = Job.payload.contains(word, autoescape=True)
        if session.scalar(select(Job.id).where(named, Job.state.not_in(OVER)).limit(1)):
            raise ConflictError(
                say("Còn một việc đang chờ có nêu tên em. Hãy đợi việc đó xong rồi chạy lại.")
            )


def _empty_entries(session: Session, who: Leaving) -> Removed:
    about = (AuditEntry.subject_kind == "pupil") & (AuditEntry.subject_id == str(who.pupil_id))
    naming = [AuditEntry.details.contains(word, autoescape=True) for word in who.words]
    _refuse_waiting_jobs(session, who)
    for word in who.words:
        for column in (Job.payload, Job.result, Job.error):
            query = update(Job).where(column.contains(word, autoescape=True))
            values = {"payload": "{}", "result": None, "error": None}
            session.execute(query.values(**values), execution_options=_AT_ONCE)
    return Removed({AuditEntry.__tablename__: take_words_out(session, or_(about, *naming), ())})


PUPIL_ITSELF: Final = Trace(("pupil",), Fate.EMPTIED, _count_one, _empty_pupil)
CARD_SHEETS: Final = Trace(("card_print",), Fate.GONE, _count_prints, _drop_prints)
STEPS: Final = Trace(("enrolment_change", "pupil_merge"), Fate.EMPTIED, _count_changes, _empty_changes)
LOG: Final = Trace(("audit_entry", "job"), Fate.EMPTIED, _count_entries, _empty_entries)
