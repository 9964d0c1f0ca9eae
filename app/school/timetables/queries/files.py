"""Reading what a school knows when a timetable file comes, what a file would change, and what goes into ours."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import select

from app import clock, db
from app.errors import NotFoundError
from app.school.bells.queries import bell_plans
from app.school.bells.rules import plan_on
from app.school.classes.models import SubjectDuty
from app.school.models import HomeroomDuty, OrgUnit, SchoolClass, SchoolYear, Staff, Subject, Timetable
from app.school.queries import classes_of_school, place_of_unit
from app.school.rules import DaySession
from app.school.timetables.models import TimetableImport, TimetableWord
from app.school.timetables.queries.versions import classes_in, frame_of, grid_lessons
from app.school.timetables.rules.grid import conflicts_in, differences, rows_of
from app.school.timetables.rules.known import Known, KnownClass, Named
from app.school.timetables.rules.matching import matched
from app.school.timetables.rules.places import FileCell
from app.school.timetables.rules.subjects import usual_subjects
from app.school.timetables.rules.versions import EDIT_TIMETABLES, TimetableState
from app.school.timetables.rules.workbook import ClassSheet, SchoolSheets, texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from sqlalchemy.orm import Session

    from app.access import Actor
    from app.school.timetables.rules.grid import Conflict, Difference, GridLesson
    from app.school.timetables.rules.matching import Matched


def import_for(actor: Actor, import_id: int) -> TimetableImport:
    """Return a file that was read, or raise NotFoundError."""
    found = db.session().get(TimetableImport, import_id)
    if found is None:
        raise NotFoundError
    actor.require(EDIT_TIMETABLES, place_of_unit(found.school_id))
    return found


def import_by_key(session: Session, school_id: int, client_key: str) -> TimetableImport | None:
    """Return the file that was sent with a key."""
    return session.scalar(
        select(TimetableImport).where(
            TimetableImport.school_id == school_id, TimetableImport.client_key == client_key
        )
    )


@dataclass(frozen=True, slots=True)
class FilePreview:
    """What a file would become: `lessons` are its own and those of the classes that it does not name."""

    matched: Matched
    lessons: tuple[GridLesson, ...]
    kept_classes: tuple[str, ...]
    differences: Sequence[Difference]
    conflicts: Sequence[Conflict]


def preview_of(session: Session, row: TimetableImport) -> FilePreview:
    """Compare a file that was read with the version that the school has published last in that year."""
    before = last_published(session, row.school_id, row.year_id)
    old = grid_lessons(session, before.id) if before else []
    found = matched(cells_from_json(row.cells), known_of(session, row.school_id, row.year_id, old))
    kept = [lesson for lesson in old if lesson.class_id not in found.class_ids]
    lessons = (*found.lessons, *kept)
    return FilePreview(
        found,
        lessons,
        tuple(dict.fromkeys(lesson.class_name for lesson in kept)),
        differences(old, lessons),
        conflicts_in(lessons),
    )


def preview_by_id(import_id: int) -> FilePreview:
    """Return the preview of a file that was loaded for the actor, with a session of the thread that asks."""
    session = db.session()
    return preview_of(session, session.get_one(TimetableImport, import_id))


def last_published(session: Session, school_id: int, year_id: int) -> Timetable | None:
    """Return the version that a school published last for a year."""
    return session.scalars(
        select(Timetable)
        .where(
            Timetable.school_id == school_id,
            Timetable.year_id == year_id,
            Timetable.state == TimetableState.PUBLISHED,
        )
        .order_by(Timetable.starts_on.desc(), Timetable.version.desc())
        .limit(1)
    ).first()


def known_of(session: Session, school_id: int, year_id: int, now: Sequence[GridLesson]) -> Known:
    """Return what the reader of a file may stand on; `now` are the lessons of the version that holds."""
    classes = classes_of_school(session, school_id, year_id)
    staff = session.scalars(
        select(Staff).where(Staff.school_id == school_id).order_by(Staff.name_sort, Staff.id)
    )
    subjects = session.scalars(select(Subject).order_by(Subject.name, Subject.id)).all()
    words = session.scalars(select(TimetableWord).where(TimetableWord.school_id == school_id))
    return Known(
        [KnownClass(one.id, one.name, DaySession(one.main_session)) for one in classes],
        [Named(one.id, one.name, one.code) for one in subjects],
        [Named(one.id, one.full_name, one.staff_code) for one in staff],
        {(one.kind, one.word): one.subject_id or one.staff_id or one.class_id or 0 for one in words},
        _who_teaches(now),
        _homeroom_teachers(session, [one.id for one in classes], session.get_one(SchoolYear, year_id)),
        _duties(session, [one.id for one in classes], now),
        usual_subjects((one.id, one.name) for one in subjects),
    )


def _duties(
    session: Session, class_ids: Sequence[int], now: Sequence[GridLesson]
) -> frozenset[tuple[int, int, int]]:
    """Return (class, subject, teacher) of who is appointed to teach what, and of who teaches it by the timetable."""
    appointed = session.execute(
        select(SubjectDuty.class_id, SubjectDuty.subject_id, SubjectDuty.staff_id).where(
            SubjectDuty.class_id.in_(class_ids),
            (SubjectDuty.ends_on.is_(None)) | (SubjectDuty.ends_on > clock.today()),
        )
    )
    taught = {
        (lesson.class_id, lesson.line.subject_id, staff_id)
        for lesson in now
        for staff_id in lesson.line.staff_ids
    }
    return frozenset(taught | {(row[0], row[1], row[2]) for row in appointed})


def _who_teaches(now: Sequence[GridLesson]) -> dict[tuple[int, int], int]:
    """Return {(class, subject): teacher} where only one person leads it."""
    found: dict[tuple[int, int], set[int]] = {}
    for lesson in now:
        found.setdefault((lesson.class_id, lesson.line.subject_id), set()).add(lesson.line.staff_ids[0])
    return {key: next(iter(people)) for key, people in found.items() if len(people) == 1}


def _homeroom_teachers(session: Session, class_ids: Sequence[int], year: SchoolYear) -> dict[int, int]:
    day = min(max(clock.today(), year.starts_on), year.ends_on)
    rows = session.execute(
        select(HomeroomDuty.class_id, HomeroomDuty.staff_id)
        .where(
            HomeroomDuty.class_id.in_(class_ids),
            HomeroomDuty.starts_on <= day,
            (HomeroomDuty.ends_on.is_(None)) | (HomeroomDuty.ends_on > day),
        )
        .order_by(HomeroomDuty.starts_on, HomeroomDuty.id)
    )
    return {row[0]: row[1] for row in rows}


def class_names(session: Session, school_id: int, year_id: int) -> list[str]:
    """Return the names of a school's classes of a year."""
    which = (SchoolClass.school_id == school_id, SchoolClass.year_id == year_id)
    return list(session.scalars(select(SchoolClass.name).where(*which)))


def cells_to_json(cells: Sequence[FileCell]) -> str:
    """Return the cells of a file as a row keeps them."""
    return json.dumps(
        [
            [one.sheet, one.address, one.class_name, one.weekday, one.day_session, one.number, one.text]
            for one in cells
        ],
        ensure_ascii=False,
    )


def cells_from_json(kept: str) -> list[FileCell]:
    """Return the cells that a row keeps."""
    return [
        FileCell(sheet, address, name, weekday, DaySession(said) if said else None, number, text)
        for sheet, address, name, weekday, said, number, text in json.loads(kept)
    ]


def sheets_of(session: Session, timetable: Timetable, made_at: datetime) -> SchoolSheets:
    """Return what the workbook of a version holds; `made_at` is wall-clock time without a zone."""
    lessons = grid_lessons(session, timetable.id)
    frame = frame_of(session, timetable, lessons)
    staff = session.scalars(select(Staff).where(Staff.school_id == timetable.school_id))
    texts = texts_of(lessons, {one.id: (one.full_name, one.staff_code) for one in staff})
    plans, classes = bell_plans(session, timetable.school_id), []
    for one in classes_in(session, timetable):
        own = {slot: text for (class_id, slot), text in texts.items() if class_id == one.id}
        plan = plan_on(plans, timetable.starts_on, one.grade)
        classes.append(ClassSheet(one.name, rows_of(plan.periods if plan else (), own), own))
    unit = session.get_one(OrgUnit, timetable.school_id)
    year = session.get_one(SchoolYear, timetable.year_id)
    return SchoolSheets(
        unit.name,
        year.code,
        timetable.starts_on if timetable.state != TimetableState.DRAFT else None,
        frame.rows,
        frame.weekdays,
        classes,
        made_at,
    )
