"""Counting a month from the marks of then, and which steps of the month told exactly these figures."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import timedelta
from operator import add, attrgetter
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, or_, select

from app import clock
from app.audit.models import AuditEntry
from app.i18n import Phrase, say
from app.intake.models import RosterImport
from app.school.enrolment.queries import class_members_known
from app.school.models import ClassMembership, SchoolClass
from attendance.registers.queries.then import pupils_on_rosters, session_totals_then
from classroom.lessons.models import Lesson
from classroom.lessons.rules import LessonState
from reports.cubes.queries import month_of_school
from reports.indicators.rules import Counts
from reports.submissions.queries import events_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.school.models import OrgUnit
    from attendance.registers.queries.totals import SessionTotals
    from reports.cubes.rules import Month, SchoolMonth
    from reports.submissions.models import SubmissionEvent

WORDS_OF_UNKNOWN: Final = {
    "rollover.applied": say(
        "Trường đã kết chuyển năm học sau đó: danh sách lớp theo bản sau khi kết chuyển."
    ),
    "pupil.merged": say("Có hồ sơ trùng được gộp sau đó: học sinh ấy được đếm một lần."),
    "year.changed": say("Khung thời gian năm học đã được sửa sau đó: tính theo khung hôm nay."),
    "class.renamed": say("Có lớp đổi tên sau đó: bảng ghi tên đúng theo ngày, không theo thời điểm biết."),
}
"""What the audit log tells of and nothing kept can take back, by its action."""
_SUMS: Final = ("sessions_due", "sessions_taken", "expected", "excused", "unexcused", "pending", "late")
_OF_TOTALS: Final = attrgetter("due", "taken", "expected", "excused", "unexcused", "pending", "late")


def month_then(
    session: Session, school: OrgUnit, month: Month, moment: datetime, now: SchoolMonth | None = None
) -> SchoolMonth:
    """Return a school's month as its registers and live lessons stood at an instant.

    `now` is the month as it is today, where whoever asks has it: mostly both count their pupils on one day.

    Marks, rosters of registers, states of registers, class lists, the calendar and the timetable are those of then.
    What `unknown_since` names is told as it is today.
    """
    last = month.after_last - timedelta(days=1)
    day = min(last, clock.local(moment).date())
    if now is None or day != min(last, clock.today()):
        now = month_of_school(session, school, month, day)
    members = class_members_known(
        session, school.id, day, moment, lambda: pupils_on_rosters(session, school.id, moment)
    )
    sums = _sums_of_classes(session_totals_then(session, school.id, month.first, month.after_last, moment))
    held = _lessons_held(session, school.id, month, moment)
    classes = []
    for one in now.classes:
        counts = replace(
            sums.get(one.class_id, Counts()),
            pupils=len(members.get(one.class_id, ())),
            lessons_held=held.get(one.class_id, 0),
        )
        if any(counts.as_dict().values()):
            classes.append(replace(one, counts=replace(counts, classes=1)))
    return replace(now, classes=tuple(classes))


def _sums_of_classes(rows: Sequence[SessionTotals]) -> dict[int, Counts]:
    """Return {class: what its registers add up to}; whole numbers first, since a month has a thousand rows."""
    sums: defaultdict[int, list[int]] = defaultdict(lambda: [0] * len(_SUMS))
    for row in rows:
        sums[row.class_id] = list(map(add, sums[row.class_id], _OF_TOTALS(row)))
    return {class_id: Counts(**dict(zip(_SUMS, found, strict=True))) for class_id, found in sums.items()}


def unknown_since(session: Session, school_id: int, moment: datetime) -> list[Phrase]:
    """Say what happened to a school after an instant that nothing kept can take back; empty when nothing did."""
    imports = session.scalar(
        select(func.count())
        .select_from(RosterImport)
        .where(
            RosterImport.school_id == school_id,
            or_(RosterImport.applied_at > moment, RosterImport.undone_at > moment),
        )
    )
    found = []
    if imports:
        text = say(
            "%(count)s lượt nhập danh sách sau thời điểm ấy: học sinh mới không được tính, còn chuyển lớp "
            "trong tệp thì không kể lại được.",
            count=imports,
        )
        found.append(text)
    happened: defaultdict[str, set[str]] = defaultdict(set)
    for action, subject in session.execute(
        select(AuditEntry.action, AuditEntry.subject_id).where(
            AuditEntry.action.in_(WORDS_OF_UNKNOWN), AuditEntry.at > moment
        )
    ):
        happened[action].add(subject)
    return found + [
        text
        for action, text in WORDS_OF_UNKNOWN.items()
        if action in happened and _is_of_school(session, school_id, action, happened[action])
    ]


def _is_of_school(session: Session, school_id: int, action: str, subjects: set[str]) -> bool:
    """Say whether any of these subjects of an action is of a school; a school year is every school's."""
    here = select(SchoolClass.id).where(SchoolClass.school_id == school_id)
    if action == "rollover.applied":
        return str(school_id) in subjects
    if action == "class.renamed":
        return not subjects.isdisjoint(map(str, session.scalars(here)))
    if action == "pupil.merged":
        members = select(ClassMembership.pupil_id).where(ClassMembership.class_id.in_(here)).distinct()
        return not subjects.isdisjoint(map(str, session.scalars(members)))
    return True


def _lessons_held(session: Session, school_id: int, month: Month, moment: datetime) -> dict[int, int]:
    rows = session.execute(
        select(Lesson.class_id, func.count())
        .where(
            Lesson.school_id == school_id,
            Lesson.held_on >= month.first,
            Lesson.held_on < month.after_last,
            Lesson.state == LessonState.ENDED,
            Lesson.ended_at <= moment,
        )
        .group_by(Lesson.class_id)
    )
    return {row[0]: row[1] for row in rows}


def steps_with(session: Session, then: SchoolMonth) -> list[SubmissionEvent]:
    """Return the steps of the month in which exactly these figures were submitted, approved or accepted."""
    steps = events_of(session, then.school_id, then.month)
    return [one for one in steps if one.counts_hash == then.digest]
