"""Reading about forgetting: whom it is about, what would become of what, and how far it is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select

from app import clock
from app.audit.queries import entry_of_forgetting
from app.errors import ConflictError, NotFoundError
from app.forgetting import Fate, Leaving, traces
from app.i18n import say
from app.jobs import Job, JobState
from app.school.duplicates.models import PupilMerge
from app.school.enrolment.queries.offers import waits_for
from app.school.forgetting.rules import Forgotten, Line, Preview
from app.school.models import Enrolment, OrgUnit, Pupil

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

FORGET_JOB: Final = "pupil.forget"
OVER: Final = (JobState.DONE, JobState.FAILED)


def forgotten(session: Session, pupil_id: int) -> Forgotten | None:
    """Return when, by whom and why a pupil was forgotten, None for whom nobody has."""
    row = entry_of_forgetting(session, pupil_id)
    return Forgotten(row.at, row.user_name, json.loads(row.details)["reason"]) if row else None


def leaving(session: Session, pupil_id: int) -> list[Leaving]:
    """Return whom to forget: the record, after it those that were merged into it, each with what only it answers to.

    Raises NotFoundError for an unknown pupil; ConflictError while the pupil is enrolled, waits to be taken in by
    another school, or is a record that was merged into another one.
    """
    pupil = session.get(Pupil, pupil_id, with_for_update=True)
    if pupil is None:
        raise NotFoundError
    _refuse_merged(session, pupil_id)
    stays = session.scalars(select(Enrolment).where(Enrolment.pupil_id == pupil_id)).all()
    if any(one.ends_on is None or one.ends_on > clock.today() for one in stays):
        raise ConflictError(say("Học sinh còn ghi danh. Trường ghi thôi học hoặc chuyển trường trước."))
    if waiting := waits_for(session, pupil_id):
        raise ConflictError(
            say(
                "Em đang chờ %(school)s tiếp nhận. Trường đó tiếp nhận, hoặc trường cũ hoàn tác lần chuyển trước.",
                school=waiting[0],
            )
        )
    records = _records(session, pupil)
    schools = frozenset(one.school_id for one in stays)
    return [_told(session, one, frozenset() if one is not pupil else schools, records) for one in records]


def _refuse_merged(session: Session, pupil_id: int) -> None:
    into = select(PupilMerge.kept_id).where(PupilMerge.gone_id == pupil_id, PupilMerge.undone_at.is_(None))
    if kept := session.scalar(into):
        raise ConflictError(
            say("Hồ sơ này đã được gộp vào hồ sơ số %(kept)s. Hãy xóa dữ liệu ở hồ sơ đó.", kept=kept)
        )


def _records(session: Session, pupil: Pupil) -> list[Pupil]:
    """Return a record and those that were merged into it, also by way of another one."""
    found, looked_at = [pupil], 0
    while looked_at < len(found):
        gone = select(PupilMerge.gone_id).where(
            PupilMerge.kept_id == found[looked_at].id, PupilMerge.undone_at.is_(None)
        )
        found += session.scalars(select(Pupil).where(Pupil.id.in_(gone)).order_by(Pupil.id))
        looked_at += 1
    return found


def _told(session: Session, one: Pupil, schools: frozenset[int], records: Sequence[Pupil]) -> Leaving:
    """Say what only this pupil answers to: the codes, and the name unless somebody else has it.

    What goes as a whole for schools goes with the first record.
    """
    others = select(func.count()).select_from(Pupil).where(Pupil.id.not_in([row.id for row in records]))
    is_alone = session.scalar(others.where(Pupil.name_fold == one.name_fold)) == 0
    words = (one.full_name if is_alone else None, one.ministry_code, one.temporary_key)
    return Leaving(one.id, schools, frozenset(word for word in words if word))


def preview_of(session: Session, records: Sequence[Leaving]) -> Preview:
    """Return what would become of everything about a pupil's records. A few counts for each table that names pupils."""
    lines: dict[Fate, list[Line]] = {fate: [] for fate in Fate}
    for trace in traces():
        if count := sum(trace.count(session, who) for who in records):
            lines[trace.fate].append(Line(trace.label, count))
    names = session.scalars(
        select(OrgUnit.name).where(OrgUnit.id.in_(records[0].school_ids)).order_by(OrgUnit.name_sort)
    )
    return Preview({fate: tuple(some) for fate, some in lines.items()}, tuple(names))


def last_try(session: Session, pupil_id: int) -> Job | None:
    """Return the latest job that was to forget a pupil; there are a few such jobs a year."""
    jobs = session.scalars(select(Job).where(Job.kind == FORGET_JOB).order_by(Job.id.desc()))
    return next((job for job in jobs if json.loads(job.payload).get("pupil_id") == pupil_id), None)


def is_on_the_way(session: Session, pupil_id: int) -> bool:
    """Say whether a job that forgets a pupil waits or runs."""
    job = last_try(session, pupil_id)
    return job is not None and job.state not in OVER


def has_left(session: Session, pupil_id: int) -> bool:
    """Say whether a pupil was enrolled somewhere and is nowhere any more."""
    ends = session.scalars(select(Enrolment.ends_on).where(Enrolment.pupil_id == pupil_id)).all()
    return bool(ends) and all(day is not None and day <= clock.today() for day in ends)
