"""Storing a history: the rows that differ are written, in the caller's transaction and under the pupil's lock."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from sqlalchemy import delete, select

from app.errors import ConflictError, NotFoundError
from app.i18n import say
from app.school.enrolment.queries import histories_of
from app.school.models import ClassMembership, Enrolment, Pupil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from sqlalchemy.orm import Session

    from app.school.enrolment.rules import ClassStay, History, Row, Stay

Dated = TypeVar("Dated", Enrolment, ClassMembership)


def locked_pupil(session: Session, pupil_id: int) -> Pupil:
    """Return a pupil, locked: whoever changes the history of a pupil does so one after the other."""
    found = session.scalar(select(Pupil).where(Pupil.id == pupil_id).with_for_update())
    if found is None:
        raise NotFoundError
    return found


def write_history(session: Session, pupil_id: int, before: History, after: History) -> History:
    """Make the stored history of a pupil what `after` says and return it with its ids. See `write_histories`."""
    return write_histories(session, {pupil_id: before}, {pupil_id: after})[pupil_id]


def write_histories(
    session: Session, before: Mapping[int, History], after: Mapping[int, History]
) -> dict[int, History]:
    """Make the stored histories of pupils what `after` says and return them with their ids.

    Rows keep their ids; a row of `after` that has an id and is gone is written again with that id (an undo). Raises
    ConflictError when two enrolments of a pupil would overlap, whoever wrote the other one.
    """
    doomed_stays, doomed_classes = _missing(before, after)
    session.execute(delete(ClassMembership).where(ClassMembership.id.in_(doomed_classes)))
    session.execute(delete(Enrolment).where(Enrolment.id.in_(doomed_stays)))
    _write_changed(session, before, after)
    for pupil_id, history in after.items():
        _write_new(session, pupil_id, before[pupil_id], history)
    session.flush()
    stored = histories_of(session, list(after))
    for history in stored.values():
        refuse_overlaps(history)
    return stored


def refuse_overlaps(history: History) -> None:
    """Raise ConflictError when two enrolments of one year hold on the same day."""
    stays = sorted(
        (one for one in history.stays if one.ends_on != one.starts_on), key=lambda one: one.starts_on
    )
    for place, one in enumerate(stays):
        for other in stays[place + 1 :]:
            if other.year_id == one.year_id and (one.ends_on is None or other.starts_on < one.ends_on):
                raise ConflictError(
                    say(
                        "Em đã có một lần ghi danh khác từ ngày %(day)s. Hãy tải lại trang.",
                        day=f"{other.starts_on:%d/%m/%Y}",
                    )
                )


def _missing(before: Mapping[int, History], after: Mapping[int, History]) -> tuple[set[int], set[int]]:
    stays = _ids(one for history in before.values() for one in history.stays)
    classes = _ids(one for history in before.values() for one in history.classes)
    stays -= _ids(one for history in after.values() for one in history.stays)
    classes -= _ids(one for history in after.values() for one in history.classes)
    return stays, classes


def _ids(rows: Iterable[Stay | ClassStay]) -> set[int]:
    return {one.id for one in rows if one.id is not None}


def _write_changed(session: Session, before: Mapping[int, History], after: Mapping[int, History]) -> None:
    """Update the rows that are there and differ; ends first, so that no key is held twice on the way."""
    stays = _changed(before, after, lambda history: history.stays)
    classes = _changed(before, after, lambda history: history.classes)
    enrolments = _rows_of(session, Enrolment, [stay.id for _, stay in stays])
    memberships = _rows_of(session, ClassMembership, [one.id for _, one in classes])
    for is_open in (False, True):
        for pupil_id, stay in stays:
            if (stay.ends_on is None) is is_open:
                _fill_stay(enrolments[stay.id], pupil_id, stay)
        for pupil_id, one in classes:
            if (one.ends_on is None) is is_open:
                _fill_class(memberships[one.id], pupil_id, one)
        session.flush()


def _changed(
    before: Mapping[int, History], after: Mapping[int, History], rows: Callable[[History], Iterable[Row]]
) -> list[tuple[int, Row]]:
    found = []
    for pupil_id, history in after.items():
        known = {one.id: one for one in rows(before[pupil_id])}
        found += [(pupil_id, one) for one in rows(history) if one.id in known and known[one.id] != one]
    return found


def _rows_of(session: Session, table: type[Dated], ids: Iterable[int | None]) -> dict[int | None, Dated]:
    return {row.id: row for row in session.scalars(select(table).where(table.id.in_(list(ids))))}


def _write_new(session: Session, pupil_id: int, before: History, after: History) -> None:
    known_stays, known_classes = _ids(before.stays), _ids(before.classes)
    for stay in after.stays:
        if stay.id not in known_stays:
            session.add(_fill_stay(Enrolment(id=stay.id), pupil_id, stay))
    for one in after.classes:
        if one.id not in known_classes:
            session.add(_fill_class(ClassMembership(id=one.id), pupil_id, one))


def _fill_stay(row: Enrolment, pupil_id: int, stay: Stay) -> Enrolment:
    row.pupil_id, row.school_id, row.year_id = pupil_id, stay.school_id, stay.year_id
    row.status, row.came_as = stay.status, stay.came_as
    row.starts_on, row.ends_on = stay.starts_on, stay.ends_on
    return row


def _fill_class(row: ClassMembership, pupil_id: int, one: ClassStay) -> ClassMembership:
    row.pupil_id, row.class_id = pupil_id, one.class_id
    row.starts_on, row.ends_on = one.starts_on, one.ends_on
    return row
