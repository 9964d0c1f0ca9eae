"""Writes of single cells of a draft. Each is kept with what stood there before, so that it can be taken back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.errors import ConflictError, InvalidError, NotFoundError
from app.i18n import say
from app.school.models import SchoolClass, Staff, Subject, Timetable, TimetableEntry
from app.school.rules import DaySession
from app.school.timetables.commands.versions import locked_draft
from app.school.timetables.models import EntryTeacher, TimetableEdit
from app.school.timetables.queries.versions import cell_version
from app.school.timetables.rules.grid import MOST_PERIODS, Line, Slot
from app.school.timetables.rules.weeks import WeekPattern, is_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor


@dataclass(frozen=True, slots=True)
class CellEdit:
    """What a cell is to hold: no line empties it. `seen` is the version of the cell that the person saw."""

    class_id: int
    slot: Slot
    lines: tuple[Line, ...]
    seen: int
    client_key: str


def set_cell(actor: Actor, timetable_id: int, edit: CellEdit) -> int:
    """Write a cell of a draft and return the edit's id; the same key again returns the same id.

    Raises ConflictError when somebody else changed the cell meanwhile, or the draft is published, and InvalidError when
    the lines do not fit into one cell.
    """
    if not is_cell([line.weeks for line in edit.lines]):
        raise InvalidError(
            say("Một tuần chỉ có một tiết trong ô này. Chọn tuần lẻ cho một tiết và tuần chẵn cho tiết kia.")
        )
    try:
        with db.transaction() as current:
            if (known := _edit_by_key(current, timetable_id, edit.client_key)) is not None:
                return known
            draft = locked_draft(current, timetable_id)
            _check_place(current, draft, edit)
            _check_lines(current, draft, edit.lines)
            if cell_version(current, timetable_id, edit.class_id, edit.slot) != edit.seen:
                raise _changed_meanwhile()
            return _write(current, actor, draft, edit)
    except IntegrityError as error:
        known = _edit_by_key(db.session(), timetable_id, edit.client_key)
        if known is None:
            raise _changed_meanwhile() from error
        return known


def _edit_by_key(current: Session, timetable_id: int, client_key: str) -> int | None:
    return current.scalar(
        select(TimetableEdit.id).where(
            TimetableEdit.timetable_id == timetable_id, TimetableEdit.client_key == client_key
        )
    )


def _changed_meanwhile() -> ConflictError:
    return ConflictError(
        say("Vừa có người khác sửa ô này. Ô hiện có nội dung mới nhất; hãy xem rồi sửa lại.")
    )


def _check_place(current: Session, draft: Timetable, edit: CellEdit) -> None:
    school_class = current.get(SchoolClass, edit.class_id)
    if (
        school_class is None
        or (school_class.school_id, school_class.year_id) != (draft.school_id, draft.year_id)
        or not 1 <= edit.slot.weekday <= 7  # noqa: PLR2004 - days of the week
        or not 1 <= edit.slot.number <= MOST_PERIODS
    ):
        raise NotFoundError


def _check_lines(current: Session, draft: Timetable, lines: Sequence[Line]) -> None:
    for line in lines:
        if current.get(Subject, line.subject_id) is None:
            raise InvalidError(say("Chọn môn học."), {"subject": say("Chọn môn học.")})
        if not line.staff_ids or len(set(line.staff_ids)) != len(line.staff_ids):
            raise InvalidError(say("Chọn giáo viên; mỗi người một lần."), {"staff": say("Chọn giáo viên.")})
        for staff_id in line.staff_ids:
            found = current.get(Staff, staff_id)
            if found is None or found.school_id != draft.school_id:
                raise InvalidError(say("Giáo viên phải thuộc trường này."), {"staff": say("Chọn giáo viên.")})


def undo_edit(actor: Actor, timetable_id: int, edit_id: int) -> None:
    """Put back what a cell held before an edit; again changes nothing. Raises ConflictError if it changed since."""
    with db.transaction() as current:
        found = current.get(TimetableEdit, edit_id)
        if found is None or found.timetable_id != timetable_id:
            raise NotFoundError
        if current.scalar(select(TimetableEdit.id).where(TimetableEdit.undoes_id == edit_id)) is not None:
            return
        draft = locked_draft(current, timetable_id)
        slot = Slot(found.weekday, DaySession(found.day_session), found.number)
        if cell_version(current, timetable_id, found.class_id, slot) != edit_id:
            raise _changed_meanwhile()
        lines = lines_from_json(found.before)
        back = CellEdit(found.class_id, slot, lines, edit_id, f"undo-{edit_id}")
        _write(current, actor, draft, back, undoes_id=edit_id)


def _write(
    current: Session, actor: Actor, draft: Timetable, edit: CellEdit, undoes_id: int | None = None
) -> int:
    before = _take_out(current, draft.id, edit)
    put_lines(current, draft.id, edit.class_id, edit.slot, edit.lines)
    row = TimetableEdit(
        timetable_id=draft.id,
        client_key=edit.client_key,
        class_id=edit.class_id,
        weekday=edit.slot.weekday,
        day_session=edit.slot.day_session,
        number=edit.slot.number,
        before=lines_to_json(before),
        after=lines_to_json(edit.lines),
        made_by=actor.user_id or None,
        made_at=clock.now(),
        undoes_id=undoes_id,
    )
    current.add(row)
    current.flush()
    return row.id


def _take_out(current: Session, timetable_id: int, edit: CellEdit) -> list[Line]:
    """Delete the lessons of a cell and return them as they were."""
    rows = current.scalars(
        select(TimetableEntry)
        .where(
            TimetableEntry.timetable_id == timetable_id,
            TimetableEntry.class_id == edit.class_id,
            TimetableEntry.weekday == edit.slot.weekday,
            TimetableEntry.day_session == edit.slot.day_session,
            TimetableEntry.number == edit.slot.number,
        )
        .order_by(TimetableEntry.id)
    ).all()
    lines = []
    for row in rows:
        others = current.scalars(
            select(EntryTeacher.staff_id)
            .where(EntryTeacher.entry_id == row.id)
            .order_by(EntryTeacher.staff_id)
        )
        lines.append(Line(WeekPattern(row.weeks), row.subject_id, (row.staff_id, *others), row.room))
        current.execute(delete(EntryTeacher).where(EntryTeacher.entry_id == row.id))
        current.delete(row)
    current.flush()
    return lines


def put_lines(current: Session, timetable_id: int, class_id: int, slot: Slot, lines: Sequence[Line]) -> None:
    """Add lessons to an empty cell of a draft in a running transaction."""
    for line in lines:
        entry = TimetableEntry(
            timetable_id=timetable_id,
            class_id=class_id,
            weekday=slot.weekday,
            day_session=slot.day_session,
            number=slot.number,
            weeks=line.weeks,
            subject_id=line.subject_id,
            staff_id=line.staff_ids[0],
            room=line.room,
        )
        current.add(entry)
        current.flush()
        current.add_all([EntryTeacher(entry_id=entry.id, staff_id=one) for one in line.staff_ids[1:]])
    current.flush()


def lines_to_json(lines: Sequence[Line]) -> str:
    """Return the lines of a cell as an edit keeps them."""
    return json.dumps(
        [
            {
                "weeks": line.weeks,
                "subject": line.subject_id,
                "staff": list(line.staff_ids),
                "room": line.room,
            }
            for line in lines
        ],
        ensure_ascii=False,
    )


def lines_from_json(saved: str) -> tuple[Line, ...]:
    """Return the lines that an edit kept."""
    found: list[dict[str, Any]] = json.loads(saved)
    return tuple(
        Line(WeekPattern(one["weeks"]), one["subject"], tuple(one["staff"]), one["room"]) for one in found
    )
