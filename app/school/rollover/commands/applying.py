"""Writing a reviewed rollover in one transaction."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Final

from sqlalchemy import insert

from app import clock, db, facts, jobs
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import N_, say
from app.school.commands import add_class
from app.school.enrolment.commands.writing import write_histories
from app.school.enrolment.queries import frame_of
from app.school.enrolment.rules import ClassPlace, to_json
from app.school.models import SchoolYear
from app.school.queries import classes_of_school
from app.school.rollover.models import Rollover, RolloverLine
from app.school.rollover.queries import preview_of, years_of
from app.school.rollover.rules import RolloverState, YearRolledOver, plan_from_json, rolled
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.enrolment.rules import History
    from app.school.rollover.rules.previews import Preview, PupilLine, TargetLine

    Report = Callable[[int, int, str], None]

APPLY_JOB: Final = "rollover.apply"
AT_ONCE: Final = 100


def confirm_rollover(actor: Actor, rollover_id: int, fingerprint: str, *, is_queued: bool = True) -> None:
    """Have a reviewed rollover written by a job (the command line writes it itself). Asking twice is asking once.

    `fingerprint` is that of the preview which the person saw: what has changed since is not written unseen.
    """
    with db.transaction() as session:
        row = session.get_one(Rollover, rollover_id, with_for_update=True)
        if row.state in {RolloverState.APPLYING, RolloverState.APPLIED}:
            return
        if row.state != RolloverState.DRAFT:
            raise ConflictError(say("Lần kết chuyển này không còn là bản nháp. Hãy tải lại trang."))
        row.state, row.fingerprint = RolloverState.APPLYING, fingerprint
        row.applied_by = actor.user_id or None
        if is_queued:
            payload = {"rollover_id": row.id, "by": actor.name}
            row.job_id = jobs.enqueue(session, APPLY_JOB, actor.user_id, payload).id


def apply_rollover(actor: Actor, rollover_id: int, report: Report) -> None:
    """Write a confirmed rollover, all of it or nothing; what was written before is not written again.

    Raises ConflictError, and leaves a draft, when the school is no longer as the preview showed it.
    """
    try:
        with db.transaction() as session:
            row = session.get_one(Rollover, rollover_id, with_for_update=True)
            if row.state == RolloverState.APPLYING:
                _apply(session, actor, row, report)
    except BaseException:
        db.session().rollback()
        reopen_rollover(rollover_id)
        raise


def reopen_rollover(rollover_id: int) -> None:
    """Make a rollover that could not be written a draft again."""
    with db.transaction() as session:
        row = session.get_one(Rollover, rollover_id, with_for_update=True)
        if row.state == RolloverState.APPLYING:
            row.state, row.fingerprint = RolloverState.DRAFT, None


def _apply(session: Session, actor: Actor, row: Rollover, report: Report) -> None:
    old, new = years_of(session, row)
    report(0, 0, N_("Đang đối chiếu với hiện trạng"))
    preview, histories = preview_of(session, row.school_id, old, new, plan_from_json(row.plan))
    if preview.fingerprint != row.fingerprint:
        raise ConflictError(
            say("Danh sách của trường đã thay đổi sau khi xem trước. Chưa ghi gì; hãy xem lại rồi xác nhận.")
        )
    if not preview.acted:
        raise InvalidError(say("Không có học sinh nào để kết chuyển."))
    report(0, len(preview.acted), N_("Đang mở lớp"))
    made = _open_classes(session, row.school_id, new, preview.opened)
    places = {fold(one.name): one.id for one in classes_of_school(session, row.school_id, new.id)}
    done = 0
    for some in _chunks(preview.acted):
        report(done, len(preview.acted), N_("Đang chuyển học sinh sang năm học mới"))
        _write(session, row, some, histories, (old, new), places)
        done += len(some)
    report(done, len(preview.acted), N_("Đang hoàn tất"))
    _close(session, actor, row, preview, made)


def _open_classes(
    session: Session, school_id: int, new: SchoolYear, wanted: Sequence[TargetLine]
) -> list[int]:
    made = []
    for line in wanted:
        one = add_class(session, school_id, new.id, line.name, line.grade)
        if line.source is not None:
            one.main_session, one.site_id = line.source.main_session, line.source.site_id
        made.append(one.id)
    return made


def _write(
    session: Session,
    row: Rollover,
    lines: Sequence[PupilLine],
    histories: Mapping[int, History],
    years: tuple[SchoolYear, SchoolYear],
    places: Mapping[str, int],
) -> None:
    old, new = frame_of(years[0]), frame_of(years[1])
    before = {line.pupil_id: histories[line.pupil_id] for line in lines}
    to_class = {line.pupil_id: places[fold(line.target)] if line.target else None for line in lines}
    wanted = {
        line.pupil_id: rolled(before[line.pupil_id], row.school_id, old, line.decision, place)
        for line in lines
        for class_id in [to_class[line.pupil_id]]
        for place in [ClassPlace(class_id, row.school_id, new) if class_id else None]
    }
    after = write_histories(session, before, wanted)
    told = [
        {
            "rollover_id": row.id,
            "pupil_id": line.pupil_id,
            "decision": line.decision,
            "from_class_id": line.class_id,
            "to_class_id": to_class[line.pupil_id],
            "before": to_json(before[line.pupil_id]),
            "after": to_json(after[line.pupil_id]),
        }
        for line in lines
    ]
    session.execute(insert(RolloverLine), told)


def _close(session: Session, actor: Actor, row: Rollover, preview: Preview, made: list[int]) -> None:
    numbers = Counter(line.decision.value for line in preview.acted)
    row.state, row.applied_at = RolloverState.APPLIED, clock.now()
    row.numbers, row.made_classes = json.dumps(numbers), json.dumps(made)
    details = {"rollover": row.id, "classes": len(made), **numbers}
    record(session, actor, "rollover.applied", ("school", row.school_id), details)
    tell_rolled(session, row)


def tell_rolled(session: Session, row: Rollover) -> None:
    """Record in the running transaction that the school's rosters differ, or are again what they were."""
    first = session.get_one(SchoolYear, row.from_year_id).ends_on
    facts.record(session, YearRolledOver(rollover_id=row.id, school_id=row.school_id, first=first))


def _chunks(lines: Sequence[PupilLine]) -> Iterator[Sequence[PupilLine]]:
    for start in range(0, len(lines), AT_ONCE):
        yield lines[start : start + AT_ONCE]
