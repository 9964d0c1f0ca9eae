"""Writes of versions: make a draft, publish it from a day on, discard it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import IntegrityError

from app import clock, db, facts
from app.accounts.models import Grant
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.school.models import SchoolYear, Timetable, TimetableEntry
from app.school.timetables.models import EntryTeacher, LessonChange, TimetableEdit, TimetableImport
from app.school.timetables.queries.versions import grid_lessons, spans_of
from app.school.timetables.rules.grid import ConflictKind, conflicts_in
from app.school.timetables.rules.versions import TimetablePublished, TimetableState, check_start, cut_by

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from sqlalchemy import Select
    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.timetables.rules.grid import Conflict

ONE_DAY: Final = timedelta(days=1)


def make_draft(
    actor: Actor, school_id: int, year_id: int, client_key: str, source_id: int | None = None
) -> int:
    """Make a draft, a copy of another version or empty, and return its id; the same key again returns the same id."""
    try:
        with db.transaction() as current:
            known = _draft_by_key(current, school_id, client_key)
            if known is not None:
                return known
            return add_draft(current, actor, school_id, year_id, client_key, source_id).id
    except IntegrityError as error:
        known = _draft_by_key(db.session(), school_id, client_key)
        if known is None:
            raise ConflictError(say("Vừa có người khác tạo bản nháp. Hãy tải lại trang.")) from error
        return known


def _draft_by_key(current: Session, school_id: int, client_key: str) -> int | None:
    return current.scalar(
        select(Timetable.id).where(Timetable.school_id == school_id, Timetable.client_key == client_key)
    )


def add_draft(
    current: Session,
    actor: Actor,
    school_id: int,
    year_id: int,
    client_key: str | None,
    source_id: int | None = None,
) -> Timetable:
    """Add a draft in a running transaction and return it with its id."""
    last = current.scalar(
        select(func.max(Timetable.version)).where(
            Timetable.school_id == school_id, Timetable.year_id == year_id
        )
    )
    year = current.get_one(SchoolYear, year_id)
    draft = Timetable(
        school_id=school_id,
        year_id=year_id,
        version=(last or 0) + 1,
        state=TimetableState.DRAFT,
        starts_on=min(max(clock.today() + ONE_DAY, year.starts_on), year.ends_on - ONE_DAY),
        client_key=client_key,
        made_by=actor.user_id or None,
        made_at=clock.now(),
    )
    current.add(draft)
    current.flush()
    if source_id is not None:
        _copy_entries(current, source_id, draft.id)
    details = {"timetable": draft.id, "copy_of": source_id}
    record(current, actor, "timetable.drafted", ("unit", school_id), details)
    return draft


def _copy_entries(current: Session, source_id: int, draft_id: int) -> None:
    entries = current.scalars(select(TimetableEntry).where(TimetableEntry.timetable_id == source_id)).all()
    copies = {entry.id: _copy(entry, draft_id) for entry in entries}
    current.add_all(copies.values())
    current.flush()
    others = current.scalars(select(EntryTeacher).where(EntryTeacher.entry_id.in_(_entry_ids(source_id))))
    current.add_all([EntryTeacher(entry_id=copies[row.entry_id].id, staff_id=row.staff_id) for row in others])
    current.flush()


def _copy(entry: TimetableEntry, draft_id: int) -> TimetableEntry:
    return TimetableEntry(
        timetable_id=draft_id,
        class_id=entry.class_id,
        weekday=entry.weekday,
        day_session=entry.day_session,
        number=entry.number,
        weeks=entry.weeks,
        subject_id=entry.subject_id,
        staff_id=entry.staff_id,
        room=entry.room,
    )


def discard_draft(actor: Actor, timetable_id: int) -> None:
    """Throw a draft away; raise ConflictError when it is no draft any more."""
    with db.transaction() as current:
        draft = locked_draft(current, timetable_id)
        current.execute(
            update(TimetableImport)
            .where(TimetableImport.timetable_id == timetable_id)
            .values(timetable_id=None)
        )
        current.execute(
            delete(TimetableEdit).where(
                TimetableEdit.timetable_id == timetable_id, TimetableEdit.undoes_id.is_not(None)
            )
        )
        current.execute(delete(TimetableEdit).where(TimetableEdit.timetable_id == timetable_id))
        clear_entries(current, timetable_id)
        current.delete(draft)
        details = {"timetable": timetable_id, "version": draft.version}
        record(current, actor, "timetable.discarded", ("unit", draft.school_id), details)


def locked_draft(current: Session, timetable_id: int) -> Timetable:
    """Return a draft, held until the transaction ends; raise ConflictError when it is published meanwhile."""
    found = current.get(Timetable, timetable_id, with_for_update=True)
    if found is None or found.state != TimetableState.DRAFT:
        raise ConflictError(
            say("Thời khóa biểu đã công bố thì không sửa nữa. Hãy tạo bản nháp mới từ phiên bản này.")
        )
    return found


def clear_entries(current: Session, timetable_id: int) -> None:
    """Delete all lessons of a draft in a running transaction."""
    current.execute(
        delete(EntryTeacher)
        .where(EntryTeacher.entry_id.in_(_entry_ids(timetable_id)))
        .execution_options(synchronize_session=False)
    )
    current.execute(
        delete(TimetableEntry)
        .where(TimetableEntry.timetable_id == timetable_id)
        .execution_options(synchronize_session=False)
    )


def _entry_ids(timetable_id: int) -> Select[int]:
    return select(TimetableEntry.id).where(TimetableEntry.timetable_id == timetable_id)


# --- publish ------------------------------------------------------------------------------------------------------


def publish(actor: Actor, timetable_id: int, starts_on: date, reason: str = "") -> None:
    """Let a draft hold from a day on, in place of what held before; the days before keep what they had.

    A draft in which a teacher or a room is needed twice wants a reason (two classes in one hall); one in which a class
    is needed twice is refused. Raises InvalidError, or ConflictError when it is no draft any more.
    """
    with db.transaction() as current:
        draft = locked_draft(current, timetable_id)
        _publish(current, actor, draft, starts_on, reason)


def _publish(current: Session, actor: Actor, draft: Timetable, starts_on: date, reason: str) -> None:
    year = current.get_one(SchoolYear, draft.year_id)
    others = spans_of(current, draft.school_id)
    check_start(starts_on, (year.starts_on, year.ends_on), clock.today(), others)
    lessons = grid_lessons(current, draft.id)
    if not lessons:
        raise InvalidError(say("Bản nháp chưa có tiết nào nên chưa công bố được."))
    _check_conflicts(conflicts_in(lessons), reason)
    for superseded_id, ends_on in cut_by(starts_on, others).items():
        old = current.get_one(Timetable, superseded_id)
        old.state, old.ends_on = TimetableState.SUPERSEDED, ends_on
    draft.state, draft.starts_on, draft.note = TimetableState.PUBLISHED, starts_on, reason
    draft.published_by, draft.published_at = actor.user_id or None, clock.now()
    current.flush()
    lost = _carry_changes(current, actor, draft, starts_on)
    details = {
        "timetable": draft.id,
        "version": draft.version,
        "starts_on": starts_on.isoformat(),
        "reason": reason,
        "substitutions_lost": lost,
    }
    record(current, actor, "timetable.published", ("unit", draft.school_id), details)
    facts.record(current, TimetablePublished(draft.school_id, draft.id, starts_on, year.ends_on))


def _check_conflicts(conflicts: Sequence[Conflict], reason: str) -> None:
    if any(conflict.kind is ConflictKind.CLASS for conflict in conflicts):
        raise InvalidError(say("Có lớp bị xếp hai tiết cùng lúc. Hãy sửa trước khi công bố."))
    if conflicts and not reason:
        raise InvalidError(
            say("Còn %(count)s chỗ trùng giáo viên hoặc phòng.", count=len(conflicts)),
            {"reason": say("Sửa các chỗ trùng, hoặc ghi lý do, ví dụ: hai lớp học chung.")},
        )


def _carry_changes(current: Session, actor: Actor, published: Timetable, starts_on: date) -> int:
    """Move what was decided for coming days to the same lessons of the new version; return how many were lost.

    A lesson is the same when class, slot, weeks and teacher are. The grant of one that is gone goes with it.
    """
    new = {
        _same(entry): entry.id
        for entry in current.scalars(
            select(TimetableEntry).where(TimetableEntry.timetable_id == published.id)
        )
    }
    rows = current.execute(
        select(LessonChange, TimetableEntry)
        .join(TimetableEntry, TimetableEntry.id == LessonChange.entry_id)
        .join(Timetable, Timetable.id == TimetableEntry.timetable_id)
        .where(Timetable.school_id == published.school_id, LessonChange.day >= starts_on)
    ).all()
    lost = 0
    for change, entry in rows:
        if (entry_id := new.get(_same(entry))) is not None:
            change.entry_id = entry_id
        else:
            _drop_change(current, actor, change)
            lost += 1
    return lost


def _same(entry: TimetableEntry) -> tuple[int, int, str, int, str, int]:
    return entry.class_id, entry.weekday, entry.day_session, entry.number, entry.weeks, entry.staff_id


def _drop_change(current: Session, actor: Actor, change: LessonChange) -> None:
    grant = current.get(Grant, change.grant_id) if change.grant_id else None
    current.delete(change)
    current.flush()
    if grant is not None:
        current.delete(grant)
        details = {"grant": grant.id, "class": grant.class_id}
        record(current, actor, "grant.taken_back", ("user", grant.user_id), details)
