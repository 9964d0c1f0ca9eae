"""Writes of timetable files: read one, say what a word means, make the draft that it is."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app import clock, db
from app.audit.commands import record
from app.errors import ConflictError, InvalidError
from app.i18n import say
from app.intake.rules.reading import refuse_size, sheets_in
from app.school.classes.commands.subjects import ensure_subject
from app.school.models import SchoolClass, Staff, Subject, TimetableEntry
from app.school.timetables.commands.versions import add_draft
from app.school.timetables.models import EntryTeacher, TimetableImport, TimetableWord
from app.school.timetables.queries.files import cells_to_json, class_names, import_by_key, preview_of
from app.school.timetables.rules.known import LONGEST_WORD, WordKind
from app.school.timetables.rules.sheets import cells_in
from app.text import clean_text, natural_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.timetables.queries.files import FilePreview
    from app.school.timetables.rules.grid import GridLesson
    from app.school.timetables.rules.places import FileCell

LONGEST_FILE_NAME: Final = 200


@dataclass(frozen=True, slots=True)
class TimetableFile:
    """A file as it arrived."""

    file_name: str
    content: bytes


def read_file(file: TimetableFile, names: Sequence[str]) -> tuple[FileCell, ...]:
    """Return the cells of a file; `names` are the school's classes. Raises UnreadableFileError.

    The file is opened by the intake's reader, in a process of its own with limits on memory and time.
    """
    refuse_size(len(file.content))
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"tkb{Path(file.file_name).suffix[:8]}"
        path.write_bytes(file.content)
        with closing(sheets_in(path)) as sheets:
            return cells_in(sheets, {natural_key(name) for name in names})


def stage_file(actor: Actor, school_id: int, year_id: int, file: TimetableFile, client_key: str) -> int:
    """Read a file and keep its cells; return the import's id, the same for the same `client_key`.

    Nothing of the timetable changes. Raises UnreadableFileError, and InvalidError for a year without classes.
    """
    if known := import_by_key(db.session(), school_id, client_key):
        return known.id
    names = class_names(db.session(), school_id, year_id)
    db.session().rollback()
    if not names:
        raise InvalidError(say("Năm học này trường chưa có lớp nào. Hãy nhập danh sách học sinh trước."))
    found = read_file(file, names)
    try:
        with db.transaction() as current:
            row = TimetableImport(
                school_id=school_id,
                year_id=year_id,
                client_key=client_key,
                file_name=clean_text(file.file_name)[:LONGEST_FILE_NAME],
                cells=cells_to_json(found),
                uploaded_by=actor.user_id or None,
                uploaded_at=clock.now(),
            )
            current.add(row)
            current.flush()
            return row.id
    except IntegrityError:
        if known := import_by_key(db.session(), school_id, client_key):
            return known.id
        raise


def explain_word(actor: Actor, school_id: int, kind: WordKind, word: str, target_id: int) -> None:
    """Remember what a word of a school's files means; a later choice replaces an earlier one.

    Raises InvalidError when the target is not the school's.
    """
    word = word[:LONGEST_WORD]
    with db.transaction() as current:
        if not word or not _is_of_school(current, school_id, kind, target_id):
            raise InvalidError(say("Chọn một mục trong danh sách của trường."))
        row = current.scalar(
            select(TimetableWord).where(
                TimetableWord.school_id == school_id, TimetableWord.kind == kind, TimetableWord.word == word
            )
        )
        if row is None:
            row = TimetableWord(school_id=school_id, kind=kind, word=word)
            current.add(row)
        row.subject_id = target_id if kind is WordKind.SUBJECT else None
        row.staff_id = target_id if kind is WordKind.TEACHER else None
        row.class_id = target_id if kind is WordKind.CLASS else None
        details = {"kind": kind, "word": word, "means": target_id}
        record(current, actor, "timetable.word_explained", ("unit", school_id), details)


def explain_new_subject(actor: Actor, school_id: int, word: str, name: str) -> None:
    """Add the subject that a word of a school's files means, and remember the word; raise InvalidError without a name.

    A subject of that name which is there already is taken.
    """
    with db.transaction() as current:
        subject_id = ensure_subject(current, name).id
    explain_word(actor, school_id, WordKind.SUBJECT, word, subject_id)


def _is_of_school(current: Session, school_id: int, kind: WordKind, target_id: int) -> bool:
    if kind is WordKind.SUBJECT:
        return current.get(Subject, target_id) is not None
    found = current.get(Staff, target_id) if kind is WordKind.TEACHER else current.get(SchoolClass, target_id)
    return found is not None and found.school_id == school_id


def apply_file(actor: Actor, import_id: int) -> int:
    """Make the draft that a file is, and return its id; again returns the same id.

    Classes that the file does not name keep what they have in the version published last. Raises InvalidError when
    nothing of the file could be used, ConflictError when it was applied in the same moment.
    """
    try:
        with db.transaction() as current:
            row = current.get_one(TimetableImport, import_id, with_for_update=True)
            if row.timetable_id is not None:
                return row.timetable_id
            preview = preview_of(current, row)
            if not preview.matched.lessons:
                raise InvalidError(say("Không đọc được tiết nào trong tệp này."))
            draft = add_draft(current, actor, row.school_id, row.year_id, f"import-{row.id}")
            _write(current, draft.id, _with_subjects(current, preview))
            row.timetable_id = draft.id
            record(current, actor, "timetable.imported", ("unit", row.school_id), _about(row, preview))
            return draft.id
    except IntegrityError as error:
        raise ConflictError(say("Vừa có người khác tạo bản nháp. Hãy tải lại trang.")) from error


def _with_subjects(current: Session, preview: FilePreview) -> list[GridLesson]:
    """Return the lessons, their new subjects added to the list of subjects first."""
    made = {number: ensure_subject(current, name).id for number, name in preview.matched.new_subjects}
    return [
        replace(one, line=replace(one.line, subject_id=made.get(one.line.subject_id, one.line.subject_id)))
        for one in preview.lessons
    ]


def _about(row: TimetableImport, preview: FilePreview) -> dict[str, object]:
    return {
        "timetable": row.timetable_id,
        "file": row.file_name,
        "lessons": len(preview.matched.lessons),
        "left_out": len(preview.matched.unmatched),
    }


def _write(current: Session, timetable_id: int, lessons: Sequence[GridLesson]) -> None:
    entries = [
        TimetableEntry(
            timetable_id=timetable_id,
            class_id=lesson.class_id,
            weekday=lesson.slot.weekday,
            day_session=lesson.slot.day_session,
            number=lesson.slot.number,
            weeks=lesson.line.weeks,
            subject_id=lesson.line.subject_id,
            staff_id=lesson.line.staff_ids[0],
            room=lesson.line.room,
        )
        for lesson in lessons
    ]
    current.add_all(entries)
    current.flush()
    current.add_all(
        [
            EntryTeacher(entry_id=entry.id, staff_id=staff_id)
            for entry, lesson in zip(entries, lessons, strict=True)
            for staff_id in lesson.line.staff_ids[1:]
        ]
    )
    current.flush()
