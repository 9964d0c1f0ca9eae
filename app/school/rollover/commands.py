"""Deciding a year rollover, writing it in one transaction, taking it back."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app import clock, db, facts, jobs
from app.audit.commands import record
from app.claims import Ground, claims_on, rows_on
from app.errors import ConflictError, InvalidError
from app.i18n import N_, say
from app.school.commands import add_class, ensure_year
from app.school.enrolment.commands.writing import write_histories
from app.school.enrolment.queries import frame_of, histories_of
from app.school.enrolment.rules import ClassPlace, from_json, to_json
from app.school.models import PupilCard, SchoolClass, SchoolYear
from app.school.queries import classes_of_school
from app.school.rollover.models import Rollover, RolloverLine
from app.school.rollover.queries import open_rollover, preview_of, years_of
from app.school.rollover.rules import (
    Decision,
    Plan,
    RolloverState,
    YearRolledOver,
    plan_from_json,
    plan_to_json,
    rolled,
)
from app.text import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.i18n import Phrase
    from app.school.enrolment.rules import History
    from app.school.rollover.rules import ClassChoice, Preview, PupilChoice, PupilLine, TargetLine

    Report = Callable[[int, int, str], None]

APPLY_JOB: Final = "rollover.apply"
AT_ONCE: Final = 100
_NOT_POSSIBLE: Final = N_("Không hoàn tác được lần kết chuyển này vì đã có dữ liệu khác dựa vào nó.")
_STANDING_ON: Final = {
    "role_grant": N_("Có %(count)s quyền truy cập gắn với các lớp mới mở."),
    "timetable_entry": N_("Thời khóa biểu có %(count)s tiết của các lớp mới mở."),
    "homeroom_duty": N_("Đã phân công chủ nhiệm cho %(count)s lớp mới mở."),
    "class_membership": N_("Có %(count)s học sinh khác đã được xếp vào các lớp mới mở."),
}


@dataclass
class BuiltUponError(ConflictError):
    """Something else stands on a rollover by now; `reasons` say what, each a sentence."""

    reasons: tuple[Phrase, ...] = ()

    def __str__(self) -> str:
        """Return the message with its reasons, as one text."""
        return " ".join([self.message, *self.reasons])


# --- deciding -----------------------------------------------------------------------------------------------------


def begin_rollover(actor: Actor, school_id: int, years: tuple[str, str], client_key: str) -> int:
    """Begin the step from one year (code) into another and return its id; a draft that is there already is taken.

    The new year is made with the usual frame when nobody has made it. Raises InvalidError when it does not come later.
    """
    try:
        with db.transaction() as session:
            known = session.scalar(select(Rollover.id).where(Rollover.client_key == client_key))
            there = open_rollover(session, school_id)
            if known is not None or there is not None:
                return known or (there.id if there else 0)
            return _draft(session, actor, school_id, years, client_key).id
    except IntegrityError as error:
        raise ConflictError(say("Vừa có người khác bắt đầu kết chuyển. Hãy tải lại trang.")) from error


def _draft(
    session: Session, actor: Actor, school_id: int, years: tuple[str, str], client_key: str
) -> Rollover:
    old = session.scalar(select(SchoolYear).where(SchoolYear.code == years[0]))
    if old is None:
        raise InvalidError(
            say("Không có năm học %(code)s.", code=years[0]), {"from_year": say("Chọn năm học.")}
        )
    new = ensure_year(session, years[1])
    if new.starts_on < old.ends_on:
        raise InvalidError(
            say("Năm học mới phải bắt đầu sau khi năm học cũ kết thúc."),
            {"to_year": say("Chọn năm học sau.")},
        )
    row = Rollover(
        school_id=school_id,
        from_year_id=old.id,
        to_year_id=new.id,
        client_key=client_key,
        state=RolloverState.DRAFT,
        plan=plan_to_json(Plan()),
        made_by=actor.user_id or None,
        made_at=clock.now(),
    )
    session.add(row)
    session.flush()
    record(session, actor, "rollover.begun", ("school", school_id), {"from": old.code, "to": new.code})
    return row


def decide_classes(
    rollover_id: int,
    seen: int,
    classes: Mapping[int, ClassChoice],
    first_grade: Sequence[str],
    *,
    opens: bool,
) -> None:
    """Write down what the classes do. Raises ConflictError when somebody decided since the page was made (`seen`)."""
    with db.transaction() as session:
        row = _drafted(session, rollover_id, seen)
        plan = plan_from_json(row.plan)
        _keep(row, replace(plan, classes=dict(classes), first_grade=tuple(first_grade), opens=opens))


def decide_pupils(rollover_id: int, seen: int, choices: Mapping[int, PupilChoice | None]) -> None:
    """Write down what single pupils do; None: as the class does. Raises ConflictError as `decide_classes` does."""
    with db.transaction() as session:
        row = _drafted(session, rollover_id, seen)
        plan = plan_from_json(row.plan)
        kept = {key: one for key, one in {**plan.pupils, **choices}.items() if one is not None}
        _keep(row, replace(plan, pupils=kept))


def _drafted(session: Session, rollover_id: int, seen: int) -> Rollover:
    row = session.get_one(Rollover, rollover_id, with_for_update=True)
    if row.state != RolloverState.DRAFT:
        raise ConflictError(say("Lần kết chuyển này không còn là bản nháp. Hãy tải lại trang."))
    if row.row_version != seen:
        raise ConflictError(say("Bản nháp vừa được người khác sửa. Hãy tải lại trang rồi sửa tiếp."))
    return row


def _keep(row: Rollover, plan: Plan) -> None:
    row.plan, row.row_version = plan_to_json(plan), row.row_version + 1


def discard_rollover(actor: Actor, rollover_id: int) -> None:
    """Put a draft aside; nothing was written. Twice is once."""
    with db.transaction() as session:
        row = session.get_one(Rollover, rollover_id, with_for_update=True)
        if row.state == RolloverState.DRAFT:
            row.state = RolloverState.DISCARDED
            record(session, actor, "rollover.discarded", ("school", row.school_id), {"rollover": row.id})


# --- writing ------------------------------------------------------------------------------------------------------


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
    session.add_all(
        RolloverLine(
            rollover_id=row.id,
            pupil_id=line.pupil_id,
            decision=line.decision,
            from_class_id=line.class_id,
            to_class_id=to_class[line.pupil_id],
            before=to_json(before[line.pupil_id]),
            after=to_json(after[line.pupil_id]),
        )
        for line in lines
    )
    session.flush()


def _close(session: Session, actor: Actor, row: Rollover, preview: Preview, made: list[int]) -> None:
    numbers = Counter(line.decision.value for line in preview.acted)
    row.state, row.applied_at = RolloverState.APPLIED, clock.now()
    row.numbers, row.made_classes = json.dumps(numbers), json.dumps(made)
    details = {"rollover": row.id, "classes": len(made), **numbers}
    record(session, actor, "rollover.applied", ("school", row.school_id), details)
    _tell(session, row)


def _tell(session: Session, row: Rollover) -> None:
    first = session.get_one(SchoolYear, row.from_year_id).ends_on
    facts.record(session, YearRolledOver(rollover_id=row.id, school_id=row.school_id, first=first))


def _chunks(lines: Sequence[PupilLine]) -> Iterator[Sequence[PupilLine]]:
    for start in range(0, len(lines), AT_ONCE):
        yield lines[start : start + AT_ONCE]


# --- taking back --------------------------------------------------------------------------------------------------


def undo_rollover(actor: Actor, rollover_id: int) -> None:
    """Take a written rollover back, all of it or nothing. Undoing twice is undoing once.

    A year that the step made stays: other schools may use it by now. Raises BuiltUponError when something else has
    built on the step, ConflictError when it was never written.
    """
    try:
        with db.transaction() as session:
            row = session.get_one(Rollover, rollover_id, with_for_update=True)
            if row.state == RolloverState.UNDONE:
                return
            if row.state != RolloverState.APPLIED or row.applied_at is None:
                raise ConflictError(say("Lần kết chuyển này không hoàn tác được."))
            _take_back(session, row)
            row.state = RolloverState.UNDONE
            row.undone_by, row.undone_at = actor.user_id or None, clock.now()
            record(session, actor, "rollover.undone", ("school", row.school_id), {"rollover": row.id})
            _tell(session, row)
    except IntegrityError as error:  # whatever nobody counted: the database's own refusal
        raise BuiltUponError(say(_NOT_POSSIBLE)) from error


def _take_back(session: Session, row: Rollover) -> None:
    lines = session.scalars(select(RolloverLine).where(RolloverLine.rollover_id == row.id)).all()
    made: list[int] = json.loads(row.made_classes)
    reasons = [*_claimed(session, row, lines, made), *_changed(session, lines), *_cards(session, row, lines)]
    if reasons:
        raise BuiltUponError(say(_NOT_POSSIBLE), reasons=tuple(reasons))
    for start in range(0, len(lines), AT_ONCE):
        some = lines[start : start + AT_ONCE]
        now = histories_of(session, [one.pupil_id for one in some])
        write_histories(session, now, {one.pupil_id: from_json(one.before) for one in some})
    for one in lines:
        one.to_class_id = None
    session.flush()
    if hanging := rows_on(session, "school_class", made):
        known = [
            say(_STANDING_ON[name], count=count) for name, count in hanging.items() if name in _STANDING_ON
        ]
        rest = sum(count for name, count in hanging.items() if name not in _STANDING_ON)
        other = [say("Có %(count)s mục dữ liệu khác gắn với các lớp mới mở.", count=rest)] if rest else []
        raise BuiltUponError(say(_NOT_POSSIBLE), reasons=(*known, *other))
    session.execute(delete(SchoolClass).where(SchoolClass.id.in_(made)))
    session.expire_all()


def _claimed(
    session: Session, row: Rollover, lines: Sequence[RolloverLine], made: Sequence[int]
) -> list[Phrase]:
    if row.applied_at is None:
        return []
    touched = {one.to_class_id for one in lines} | {one.from_class_id for one in lines} | set(made)
    since = session.get_one(SchoolYear, row.from_year_id).ends_on
    ground = Ground(row.school_id, frozenset(one for one in touched if one), since, row.applied_at)
    return claims_on(session, ground)


def _changed(session: Session, lines: Sequence[RolloverLine]) -> list[Phrase]:
    now = histories_of(session, [one.pupil_id for one in lines])
    changed = sum(now[one.pupil_id] != from_json(one.after) for one in lines)
    if not changed:
        return []
    return [say("%(count)s học sinh đã được chuyển lớp, chuyển trường hoặc ghi danh sau đó.", count=changed)]


def _cards(session: Session, row: Rollover, lines: Sequence[RolloverLine]) -> list[Phrase]:
    issued = session.scalar(
        select(func.count())
        .select_from(PupilCard)
        .where(
            PupilCard.school_id == row.school_id,
            PupilCard.year_id == row.to_year_id,
            PupilCard.pupil_id.in_([one.pupil_id for one in lines if one.decision in _WITH_CARD]),
        )
    )
    return [say("Đã cấp %(count)s thẻ học sinh của năm học mới.", count=issued)] if issued else []


_WITH_CARD: Final = frozenset({Decision.PROMOTE, Decision.REPEAT})
