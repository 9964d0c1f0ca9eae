"""What the school itself holds of a pupil, and what becomes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, or_, select, update

from app.audit.commands import take_words_out
from app.audit.models import AuditEntry
from app.errors import ConflictError
from app.forgetting import Fate, Removed, Trace
from app.i18n import N_, say
from app.jobs import Job
from app.school.cards.models import CardPrint
from app.school.duplicates.models import PupilMerge
from app.school.enrolment.models import EnrolmentChange
from app.school.forgetting.queries import OVER
from app.school.models import Pupil

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.forgetting import Leaving

_AT_ONCE: Final = {"synchronize_session": False}
NO_NAME: Final = N_("Học sinh ẩn danh")


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


def refuse_waiting_jobs(session: Session, records: Sequence[Leaving]) -> None:
    """Raise ConflictError while a job has yet to do something that names the pupil: emptied, it would fail."""
    for word in {word for who in records for word in who.words}:
        named = Job.payload.contains(word, autoescape=True)
        if session.scalar(select(Job.id).where(named, Job.state.not_in(OVER)).limit(1)):
            raise ConflictError(say("Còn một việc đang chờ có nêu tên em. Hãy đợi việc đó xong rồi làm lại."))


def _empty_entries(session: Session, who: Leaving) -> Removed:
    about = (AuditEntry.subject_kind == "pupil") & (AuditEntry.subject_id == str(who.pupil_id))
    naming = [AuditEntry.details.contains(word, autoescape=True) for word in who.words]
    for word in who.words:
        for column in (Job.payload, Job.result, Job.error):
            query = update(Job).where(column.contains(word, autoescape=True))
            values = {"payload": "{}", "result": None, "error": None}
            session.execute(query.values(**values), execution_options=_AT_ONCE)
    return Removed({AuditEntry.__tablename__: take_words_out(session, or_(about, *naming), ())})


PUPIL_ITSELF: Final = Trace(
    N_("Hồ sơ: bỏ họ tên, ngày sinh, mã, dân tộc, khuyết tật; giữ giới tính"),
    ("pupil",),
    Fate.EMPTIED,
    _count_one,
    _empty_pupil,
)
CARD_SHEETS: Final = Trace(
    N_("Tệp thẻ đã tạo của cả trường"), ("card_print",), Fate.GONE, _count_prints, _drop_prints
)
STEPS: Final = Trace(
    N_("Bước ghi danh, lần gộp hồ sơ: bỏ lý do, ghi chú, nơi đến; giữ ngày"),
    ("enrolment_change", "pupil_merge"),
    Fate.EMPTIED,
    _count_changes,
    _empty_changes,
)
LOG: Final = Trace(
    N_("Nhật ký thao tác về em: bỏ lời ghi; giữ ai làm, lúc nào"),
    ("audit_entry", "job"),
    Fate.EMPTIED,
    _count_entries,
    _empty_entries,
)
