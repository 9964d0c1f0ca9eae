"""Taking a written rollover back, unless something has built on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.claims import Ground, claims_on, rows_on
from app.errors import ConflictError
from app.i18n import N_, say
from app.school.enrolment.commands.writing import write_histories
from app.school.enrolment.queries import histories_of
from app.school.enrolment.rules import from_json
from app.school.models import PupilCard, SchoolClass, SchoolYear
from app.school.rollover.commands.applying import AT_ONCE, tell_rolled
from app.school.rollover.models import Rollover, RolloverLine
from app.school.rollover.rules import Decision, RolloverState

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.i18n import Phrase

    Report = Callable[[int, int, str], None]


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
            tell_rolled(session, row)
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
