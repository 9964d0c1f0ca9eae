"""Writing the cube of stretches: what was touched is computed again as a whole, and only what differs is written."""

from __future__ import annotations

from dataclasses import astuple, dataclass
from datetime import date, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select, tuple_

from app import clock, db
from app.bulk import upsert_rows
from app.school.models import School
from app.school.queries import latest_year
from reports.stretches.models import ClassStretch, PupilStretch
from reports.stretches.queries import (
    CLASS_SUMS,
    PUPIL_SUMS,
    Part,
    computed_classes,
    computed_pupils,
    places_of_pupils,
    semester_starts,
    stored_classes,
    stored_pupils,
)
from reports.stretches.rules import after_stretch, stretch_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy.orm import Session


@dataclass(frozen=True, slots=True)
class SavedRegister:
    """What a stretch needs of RegisterSaved."""

    school_id: int
    class_id: int
    day: date


@dataclass(frozen=True, slots=True)
class HeldLesson:
    """What a stretch needs of LessonHeld."""

    school_id: int
    class_id: int
    date: date


@dataclass(frozen=True, slots=True)
class UndoneRoster:
    """What a stretch needs of RosterUndone."""

    school_id: int
    since: date


@dataclass(frozen=True, slots=True)
class MergedPupils:
    """What a stretch needs of PupilsMerged."""

    kept_id: int
    gone_id: int


def compute_register_again(session: Session, saved: SavedRegister) -> None:
    """Compute the class and stretch of a saved register, in the running transaction. Twice changes nothing."""
    replace_part(session, _part(session, saved.school_id, saved.day, saved.class_id))


def compute_lesson_again(session: Session, held: HeldLesson) -> None:
    """Compute the class and stretch of a live lesson that ended; likewise."""
    replace_part(session, _part(session, held.school_id, held.date, held.class_id))


def compute_school_again(session: Session, undone: UndoneRoster) -> None:
    """Compute the stretches of a school since which its rosters are others again; likewise."""
    first = stretch_of(undone.since, semester_starts(session))
    replace_part(session, Part(undone.school_id, first, clock.today() + timedelta(days=1)))


def compute_merged_again(session: Session, merged: MergedPupils) -> None:
    """Compute every class and stretch in which one of two merged records stands; both keys, at every school; likewise.

    In the order of schools: two merges at once wait for each other, never crosswise.
    """
    starts = semester_starts(session)
    for school_id, class_id, first in places_of_pupils(session, {merged.kept_id, merged.gone_id}):
        replace_part(session, Part(school_id, first, after_stretch(first, starts), class_id))


def rebuild(school_ids: Iterable[int]) -> int:
    """Compute the year so far of schools and return how many rows changed.

    Looks first, and begins to write only where something differs, a transaction for each school: mostly nothing does.
    """
    today = clock.today()
    year = latest_year(db.session(), today)
    if year is None:
        return 0
    first, changed = stretch_of(year.starts_on, []), 0
    for school_id in school_ids:
        part = Part(school_id, first, today + timedelta(days=1))
        is_current = _is_current(db.session(), part)
        db.session().rollback()
        if not is_current:
            with db.transaction() as session:
                changed += replace_part(session, part)
    return changed


def _is_current(session: Session, part: Part) -> bool:
    stored = stored_pupils(session, part)
    return (
        bool(stored)  # what was never computed is not worth a look before
        and stored == computed_pupils(session, part)
        and stored_classes(session, part) == computed_classes(session, part)
    )


def replace_part(session: Session, part: Part) -> int:
    """Bring the cube to what registers and lessons say now; return how many rows changed.

    Locks the school: an older look must not overwrite a newer one.
    """
    session.execute(select(School.id).where(School.id == part.school_id).with_for_update(key_share=True))
    computed, stored = computed_pupils(session, part), stored_pupils(session, part)
    gone = [key for key in stored if key not in computed]
    rows = [
        (*key, part.school_id, *astuple(sums)) for key, sums in computed.items() if stored.get(key) != sums
    ]
    _delete_pupils(session, gone)
    names = ("class_id", "starts_on", "pupil_id", "school_id", *PUPIL_SUMS)
    upsert_rows(session, PupilStretch, _plain(rows), names, names[:3])
    return len(gone) + len(rows) + _replace_classes(session, part)


def _replace_classes(session: Session, part: Part) -> int:
    computed, stored = computed_classes(session, part), stored_classes(session, part)
    gone = [key for key in stored if key not in computed]
    rows = [
        (*key, part.school_id, *astuple(sums)) for key, sums in computed.items() if stored.get(key) != sums
    ]
    for class_id, starts_on in gone:
        session.delete(session.get_one(ClassStretch, (class_id, starts_on)))
    session.flush()
    names = ("class_id", "starts_on", "school_id", *CLASS_SUMS)
    upsert_rows(session, ClassStretch, _plain(rows), names, names[:2])
    return len(gone) + len(rows)


def _delete_pupils(session: Session, keys: list[tuple[int, date, int]]) -> None:
    """Delete rows one by one: there are few, after a roster was undone."""
    identity = tuple_(PupilStretch.class_id, PupilStretch.starts_on, PupilStretch.pupil_id)
    for key in keys:
        session.execute(delete(PupilStretch).where(identity == tuple_(*key)))


def _plain(rows: Iterable[tuple[object, ...]]) -> list[list[object]]:
    return [[value.isoformat() if isinstance(value, date) else value for value in row] for row in rows]


def _part(session: Session, school_id: int, day: date, class_id: int) -> Part:
    starts = semester_starts(session)
    first = stretch_of(day, starts)
    return Part(school_id, first, after_stretch(first, starts), class_id)
